"""The one argument of every mutation."""

import strawberry

GIVEN = strawberry.argument(description="What the mutation takes.")
