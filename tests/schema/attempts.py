"""For each permission, the call that needs it: what somebody does who takes `viewerCan` at its word."""

from collections.abc import Awaitable, Callable
from typing import Any

from chatgraph.operations.rules import ON_HOUSES, ON_ROOMS, ON_TALKS
from tests.cast import Actor, Refused, in_hours
from tests.schema.stage import Stage

Attempt = Callable[[Actor, Stage], Awaitable[Any]]


def on_house(mutation: str, gives: str, **given: Any) -> Attempt:
    return lambda actor, stage: actor.do(mutation, gives, houseId=stage.house, **given)


def on_fellow(mutation: str, gives: str, **given: Any) -> Attempt:
    return lambda actor, stage: actor.do(mutation, gives, houseId=stage.house, userId=stage.fellow, **given)


def on_room(mutation: str, gives: str, **given: Any) -> Attempt:
    return lambda actor, stage: actor.do(mutation, gives, roomId=stage.room, **given)


def on_talk(mutation: str, gives: str, **given: Any) -> Attempt:
    return lambda actor, stage: actor.do(mutation, gives, talkId=stage.talk, **given)


def asking(field: str) -> Attempt:
    """Ask for something of the house; `%s` stands for the fellow's id."""
    document = f"query($id: ID!) {{ house(id: $id) {{ {field} }} }}"
    return lambda actor, stage: actor.ask(document.replace("%s", stage.fellow), id=stage.house)


async def decide(actor: Actor, stage: Stage) -> Any:
    return await actor.do("approveJoinRequest", "joinRequest { state }", joinRequestId=stage.request)


async def see_presence(actor: Actor, stage: Stage) -> Any:
    """Ask who is there; whoever may not know is told null, or not let in at all."""
    found = await asking("members { nodes { online } }")(actor, stage)
    if any(node["online"] is None for node in found["house"]["members"]["nodes"]):
        raise Refused([{"extensions": {"code": "FORBIDDEN"}}], 200)


HOUSE: dict[str, Attempt] = {
    "READ": asking("rooms { nodes { title } } members { nodes { role } }"),
    "JOIN_HOUSE": on_house("joinHouse", "house { id }"),
    "LEAVE_HOUSE": on_house("leaveHouse", "house { id }"),
    "SEE_PRESENCE": see_presence,
    "CREATE_ROOM": on_house("createRoom", "room { id }", title="Attic"),
    "INVITE": on_house("createInvite", "code"),
    "DECIDE_JOIN_REQUESTS": decide,
    "MUTE_MEMBER": on_fellow("muteMember", "member { id }", endTime=in_hours(1)),
    "REMOVE_MEMBER": on_fellow("removeMember", "house { id }"),
    "BAN_USER": on_fellow("banUser", "ban { id }"),
    "READ_AUDIT_LOG": asking("auditLog { nodes { act } }"),
    "EXPLAIN_RIGHTS": asking('explain(userId: "%s", permission: READ) { allowed }'),
    "SET_ROLE": on_fellow("setRole", "member { role }", role="MODERATOR"),
    "TRANSFER_HOUSE": on_fellow("transferHouse", "house { viewerRole }"),
    "UPDATE_HOUSE": on_house("updateHouse", "house { name }", name="Machine"),
    "DELETE_HOUSE": on_house("deleteHouse", "houseId"),
}
ROOM: dict[str, Attempt] = {
    "POST_TALK": on_room("postTalk", "talk { id }", content="Hi"),
    "UPDATE_ROOM": on_room("updateRoom", "room { title }", title="Cellar"),
    "ARCHIVE_ROOM": on_room("archiveRoom", "room { archiveTime }"),
    "LOCK_ROOM": on_room("lockRoom", "room { lockTime }"),
    "DELETE_ROOM": on_room("deleteRoom", "roomId"),
}
TALK: dict[str, Attempt] = {
    "EDIT_TALK": on_talk("editTalk", "talk { content }", content="Hi"),
    "REMOVE_TALK": on_talk("removeTalk", "talk { content }"),
}
ATTEMPTS = HOUSE | ROOM | TALK

# What can be read by the same right.
MORE: dict[str, Attempt] = {
    "BAN_USER": asking("bans { nodes { id } }"),
    "INVITE": asking("invites { nodes { id } }"),
    "DECIDE_JOIN_REQUESTS": asking("joinRequests { nodes { id } }"),
}

# What changes nothing that others depend on.
HARMLESS = {"READ", "SEE_PRESENCE", "INVITE", "READ_AUDIT_LOG", "EXPLAIN_RIGHTS"}

assert [list(group) for group in (HOUSE, ROOM, TALK)] == [
    [action.name for action in group] for group in (ON_HOUSES, ON_ROOMS, ON_TALKS)
]
