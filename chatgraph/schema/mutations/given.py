"""What mutations take in the same way: their one argument, and the fields that several inputs have."""

import strawberry

from chatgraph.schema.ids import read_id

GIVEN = strawberry.argument(description="What the mutation takes.")


@strawberry.input
class Reasoned:
    reason: str = strawberry.field(
        description="Why, up to 512 characters, for the audit log that moderators read.", default=""
    )


@strawberry.input
class UserInHouse(Reasoned):
    house_id: strawberry.ID = strawberry.field(description="The `id` of the house.")
    user_id: strawberry.ID = strawberry.field(
        description="The `id` of the User it is done to, not of a Member; `user(username:)` gives it."
    )

    def keys(self) -> tuple[int, int]:
        """Give the database ids of the house and the user. Raises `Invalid`."""
        return read_id(self.house_id, "House", "houseId"), read_id(self.user_id, "User", "userId")
