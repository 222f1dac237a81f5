"""Accounts: register, changePassword."""

from typing import Annotated

import strawberry

from chatgraph.operations import accounts
from chatgraph.schema.context import Info
from chatgraph.schema.mutations.given import GIVEN
from chatgraph.schema.types import User, show


@strawberry.input(description="Who wants an account.")
class RegisterInput:
    username: str = strawberry.field(
        description="1 to 32 letters, digits and marks of any script and ASCII punctuation; "
        "kept in lower case (PRECIS, RFC 8265)."
    )
    password: str = strawberry.field(description="8 to 128 characters; very common ones are refused.")
    invite_code: str | None = strawberry.field(
        description="The code of an invite: the new user is a member of its house at once.", default=None
    )


@strawberry.type(description="The account that was made.")
class RegisterPayload:
    user: User = strawberry.field(description="The new user; they aren't signed in yet.")


@strawberry.input(description="The viewer's passwords.")
class ChangePasswordInput:
    old_password: str = strawberry.field(description="The password until now.")
    new_password: str = strawberry.field(description="The password from now on: 8 to 128 characters.")


@strawberry.type(description="The account whose password was changed.")
class ChangePasswordPayload:
    user: User = strawberry.field(description="The viewer; all their other sessions have ended.")


@strawberry.type
class AccountMutations:
    @strawberry.mutation(
        description="Make an account, if `registration` allows it. CONFLICT if the name, or one that looks like it, is taken."
    )
    async def register(self, info: Info, input: Annotated[RegisterInput, GIVEN]) -> RegisterPayload:
        given = input.username, input.password, input.invite_code
        user = await info.context.carry_out(accounts.register, *given)
        return RegisterPayload(user=show(user))

    @strawberry.mutation(description="Replace the viewer's password; their other sessions end.")
    async def change_password(
        self, info: Info, input: Annotated[ChangePasswordInput, GIVEN]
    ) -> ChangePasswordPayload:
        given = input.old_password, input.new_password
        return ChangePasswordPayload(
            user=show(await info.context.carry_out(accounts.change_password, *given))
        )
