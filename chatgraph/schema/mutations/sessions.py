"""Sessions: login, refresh, logout, logoutEverywhere, revokeSession."""

from typing import Annotated

import strawberry

from chatgraph.operations import sessions
from chatgraph.schema.context import Info
from chatgraph.schema.ids import read_id
from chatgraph.schema.mutations.given import GIVEN
from chatgraph.schema.types import User, show


@strawberry.input(description="Who wants to sign in.")
class LoginInput:
    username: str = strawberry.field(description="Their username, in any case.")
    password: str = strawberry.field(description="Their password.")


@strawberry.type(description="What shows who the client is: `Authorization: Bearer <accessToken>`.")
class LoginPayload:
    access_token: str = strawberry.field(description="A JWT, to be sent with every request.")
    refresh_token: str = strawberry.field(
        description="To be exchanged with `refresh`, once, for the next pair."
    )
    expires_in: int = strawberry.field(description="For how many seconds the access token is good.")
    user: User = strawberry.field(description="Who signed in.")


@strawberry.input(description="What keeps somebody signed in.")
class RefreshInput:
    refresh_token: str = strawberry.field(description="The newest refresh token of the session.")


@strawberry.type(description="The next pair of tokens.")
class RefreshPayload:
    access_token: str = strawberry.field(description="A JWT, to be sent with every request.")
    refresh_token: str = strawberry.field(
        description="To be exchanged with `refresh`, once, for the next pair."
    )
    expires_in: int = strawberry.field(description="For how many seconds the access token is good.")


@strawberry.input(description="The session that shall end.")
class LogoutInput:
    refresh_token: str = strawberry.field(description="A refresh token of the session.")


@strawberry.type(description="The session has ended.")
class LogoutPayload:
    ok: bool = strawberry.field(description="Always true, also where there was no such session (RFC 7009).")


@strawberry.type(description="All of the viewer's sessions have ended.")
class LogoutEverywherePayload:
    ended: int = strawberry.field(description="How many sessions ended, this one among them.")


@strawberry.input(description="The session that shall end.")
class RevokeSessionInput:
    session_id: strawberry.ID = strawberry.field(description="The `id` of one of the viewer's own sessions.")


@strawberry.type(description="The session has ended.")
class RevokeSessionPayload:
    session_id: strawberry.ID = strawberry.field(description="The `id` of the session that ended.")


@strawberry.type
class SessionMutations:
    @strawberry.mutation(
        description="Sign in. A wrong name and a wrong password are the same UNAUTHENTICATED."
    )
    async def login(self, info: Info, input: Annotated[LoginInput, GIVEN]) -> LoginPayload:
        tokens, user = await info.context.carry_out(sessions.login, input.username, input.password)
        return LoginPayload(**tokens._asdict(), user=show(user))

    @strawberry.mutation(
        description="Exchange a refresh token. One that was exchanged before ends its session, since somebody else holds it; "
        "but for a retry within ten seconds by who never got the answer."
    )
    async def refresh(self, info: Info, input: Annotated[RefreshInput, GIVEN]) -> RefreshPayload:
        tokens = await info.context.carry_out(sessions.refresh, input.refresh_token)
        return RefreshPayload(**tokens._asdict())

    @strawberry.mutation(
        description="End the session that a refresh token belongs to; its access tokens end with it."
    )
    async def logout(self, info: Info, input: Annotated[LogoutInput, GIVEN]) -> LogoutPayload:
        await info.context.carry_out(sessions.logout, input.refresh_token)
        return LogoutPayload(ok=True)

    @strawberry.mutation(description="End all of the viewer's sessions, this one too.")
    async def logout_everywhere(self, info: Info) -> LogoutEverywherePayload:
        return LogoutEverywherePayload(ended=await info.context.perform(sessions.logout_everywhere))

    @strawberry.mutation(description="End one of the viewer's own sessions.")
    async def revoke_session(
        self, info: Info, input: Annotated[RevokeSessionInput, GIVEN]
    ) -> RevokeSessionPayload:
        key = read_id(input.session_id, "Session", "sessionId")
        await info.context.perform(sessions.revoke_session, key)
        return RevokeSessionPayload(session_id=input.session_id)
