"""All that somebody reads of a house through both doors, so that two looks can be laid side by side."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx

from chatgraph.schema.ids import split_id
from tests.cast import Actor, Refused
from tests.doors import DOORS, Door, Turned

Look = dict[str, Any]


class World(NamedTuple):
    """A house with a room in it, in which Ada said "Hello"."""

    house: str
    room: str
    talk: str

    @property
    def numbers(self) -> list[int]:
        """The ids as REST has them."""
        return [split_id(node_id, "id")[1] for node_id in self]


async def make_world(ada: Actor, visibility: str) -> World:
    """Let Ada found a house and talk in it."""
    house = await ada.create_house("Engine", visibility)
    room = await ada.create_room(house)
    return World(house, room, await ada.post_talk(room))


NODES = """query($house: ID!, $room: ID!, $talk: ID!) {
    house(id: $house) { visibility memberCount viewerRole viewerCan }
    room(id: $room) { archiveTime viewerCan }
    talk(id: $talk) { content viewerCan }
    nodeHouse: node(id: $house) { __typename }
    nodeRoom: node(id: $room) { __typename }
    nodeTalk: node(id: $talk) { __typename }
}"""


class Looker(Actor):
    """Somebody who signs in once and keeps to one connection and one token; *ports* are those that they came from."""

    def __init__(self, url: str, username: str) -> None:
        self.ports: set[int] = set()
        limits, hooks = httpx.Limits(max_connections=1), {"response": [self._note]}
        super().__init__(httpx.AsyncClient(base_url=url, limits=limits, event_hooks=hooks), username)
        self.doors: list[Door] = [door(self.http) for door in DOORS.values()]

    async def _note(self, response: httpx.Response) -> None:
        self.ports.add(response.extensions["network_stream"].get_extra_info("client_addr")[1])

    async def look(self, world: World) -> Look:
        """Read everything through every door; of what is refused, the code is told."""
        body = (await self.post(NODES, world._asdict())).json()
        codes = {error["path"][0]: error["extensions"]["code"] for error in body.get("errors", ())}
        found = {name: node or codes[name] for name, node in body["data"].items()}
        if room := body["data"]["room"]:
            room["archiveTime"] = room["archiveTime"] is not None
        nodes = [found.pop(name) for name in ("nodeHouse", "nodeRoom", "nodeTalk")]
        found["node"] = [node if isinstance(node, str) else node["__typename"] for node in nodes]
        for door in self.doors:
            for name, told in (await self._lists(door, world)).items():
                assert found.setdefault(name, told) == told, f"the doors differ about {name}"
        return found

    async def _lists(self, door: Door, world: World) -> Look:
        house, room, talk = world.numbers
        reads: dict[str, Callable[[], Awaitable[Any]]] = {
            "houses": lambda: door.houses(self.token),
            "rooms": lambda: door.rooms(self.token, house),
            "all rooms": lambda: door.rooms(self.token),
            "talks": lambda: door.talks(self.token, room),
            "all talks": lambda: door.talks(self.token),
            "createRoom": lambda: door.create_room(self.token, house, ""),
        }
        wanted = {"houses": house, "rooms": room, "all rooms": room, "talks": talk, "all talks": talk}
        told: Look = {}
        for name, read in reads.items():
            try:
                items = await read()
                told[name] = wanted[name] in [item.id for item in items]
            except Turned as turned:
                # That a title is no good is told to those who may create a room; and nobody joins by it.
                told[name] = True if (turned.code, name) == ("BAD_USER_INPUT", "createRoom") else turned.code
        return told

    async def speak(self, world: World) -> Look:
        """Say something; in a public house that joins."""
        try:
            await self.post_talk(world.room, "Here I am")
        except Refused as refused:
            return {"postTalk": refused.code}
        return {"postTalk": True}


# What is seen by whom. Each is what another one sees, but for what is named.

GUEST: Look = {
    "house": {
        "visibility": "PUBLIC",
        "memberCount": 1,
        "viewerRole": None,
        "viewerCan": ["READ", "JOIN_HOUSE", "CREATE_ROOM"],
    },
    "room": {"archiveTime": False, "viewerCan": ["POST_TALK"]},
    "talk": {"content": "Hello", "viewerCan": []},
    "node": ["House", "Room", "Talk"],
    **dict.fromkeys(("houses", "rooms", "all rooms", "talks", "all talks", "createRoom", "postTalk"), True),
}


def but(look: Look, **changed: Any) -> Look:
    """Give a look in which some nodes have other values."""
    return look | {
        name: look[name] | value if isinstance(value, dict) else value for name, value in changed.items()
    }


MEMBER = but(
    GUEST,
    house={
        "memberCount": 2,
        "viewerRole": "MEMBER",
        "viewerCan": ["READ", "LEAVE_HOUSE", "SEE_PRESENCE", "CREATE_ROOM"],
    },
)
MODERATING = ["INVITE", "DECIDE_JOIN_REQUESTS", "MUTE_MEMBER", "REMOVE_MEMBER", "BAN_USER", "READ_AUDIT_LOG"]
MODERATOR = but(
    GUEST,
    house={
        "memberCount": 2,
        "viewerRole": "MODERATOR",
        "viewerCan": ["READ", "LEAVE_HOUSE", "SEE_PRESENCE", "CREATE_ROOM", *MODERATING, "EXPLAIN_RIGHTS"],
    },
    room={"viewerCan": ["POST_TALK", "UPDATE_ROOM", "ARCHIVE_ROOM", "LOCK_ROOM"]},
    talk={"viewerCan": ["REMOVE_TALK"]},
)
UNSEEN = dict.fromkeys(("house", "room", "talk", "rooms", "talks", "createRoom", "postTalk"), "NOT_FOUND")
HIDDEN: Look = UNSEEN | {"node": ["NOT_FOUND"] * 3, "houses": False, "all rooms": False, "all talks": False}
BANNED: Look = {
    **dict.fromkeys(UNSEEN, "FORBIDDEN"),
    "house": {"visibility": "PUBLIC", "memberCount": None, "viewerRole": None, "viewerCan": []},
    "node": ["House", "FORBIDDEN", "FORBIDDEN"],
    "houses": True,
    "all rooms": False,
    "all talks": False,
}
NOBODY: Look = dict.fromkeys(GUEST, "UNAUTHENTICATED") | {"node": ["UNAUTHENTICATED"] * 3}


def private(look: Look) -> Look:
    return but(look, house={"visibility": "PRIVATE"})


def archived(look: Look) -> Look:
    can = [name for name in look["room"]["viewerCan"] if name != "POST_TALK"]
    return but(look, room={"archiveTime": True, "viewerCan": can}, postTalk="FORBIDDEN")


def removed(look: Look) -> Look:
    return but(look, talk={"content": None, "viewerCan": []}, talks=False, **{"all talks": False})
