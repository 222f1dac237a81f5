"""What the tables say of themselves: which chatgraph works with them."""

from sqlmodel import Field

from chatgraph.store.tables.columns import Kept


class Compatibility(Kept, table=True):
    """One row: the *oldest* revision whose code works with the tables as they are."""

    oldest: str = Field(primary_key=True, max_length=32)
