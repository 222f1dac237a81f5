"""Every list of the schema with a few items in it, so that a rule about lists can be asked of all of them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.cast import PASSWORD, Actor, Cast

SIZE = 3

# Each list, and the field of the schema that gives it.
NAMES = {
    "houses": "Query.houses",
    "rooms": "Query.rooms",
    "rooms of a house": "House.rooms",
    "members": "House.members",
    "talks": "Query.talks",
    "talks of a room": "Room.talks",
    "sessions": "Query.sessions",
    "bans": "House.bans",
    "invites": "House.invites",
    "join requests": "Query.joinRequests",
    "join requests of a house": "House.joinRequests",
    "audit log": "House.auditLog",
}


class List(NamedTuple):
    """*opening* and *closing* stand around the list's arguments in a document; *ids* are its items in order."""

    opening: str
    closing: str
    path: tuple[str, ...]
    ids: list[str]
    actor: Actor

    def field(self, arguments: str, gives: str) -> str:
        """Write the selection that asks for a page."""
        return f"{self.opening}({arguments}) {{ {gives} }}{self.closing}"

    async def page(self, arguments: str, gives: str = "edges { cursor node { id } }") -> Any:
        """Ask for a page. Raises `Refused`."""
        return (await self.pages([arguments], gives))[0]

    async def pages(self, many: Sequence[str], gives: str) -> list[Any]:
        """Ask for several pages in one document. Raises `Refused`."""
        fields = [f"a{n}: {self.field(arguments, gives)}" for n, arguments in enumerate(many)]
        found = await self.actor.ask(f"{{ {' '.join(fields)} }}")
        return [
            found[f"a{n}"] if len(self.path) == 1 else found[f"a{n}"][self.path[1]] for n in range(len(many))
        ]

    async def cursors(self) -> list[str]:
        """Give the cursors of all items."""
        return [edge["cursor"] for edge in (await self.page("first: 100"))["edges"]]


async def furnish(cast: Cast, name: str) -> List:
    """Put `SIZE` items into the list of that name, in a world that has others around it."""
    ada, count = cast.ada, range(SIZE)
    house = await ada.create_house("Engine")
    elsewhere = await ada.create_room(await ada.create_house("Elsewhere"))
    await ada.post_talk(elsewhere)
    match name:
        case "houses":
            first = await ada.ask("{ houses { nodes { id } } }")
            found = [node["id"] for node in first["houses"]["nodes"]]
            ids = found + [await ada.create_house(f"House {n}") for n in range(SIZE - len(found))]
            return List("houses", "", ("houses",), ids, ada)
        case "rooms":
            ids = [elsewhere] + [await ada.create_room(house, f"Room {n}") for n in range(SIZE - 1)]
            return List("rooms", "", ("rooms",), ids[::-1], ada)
        case "rooms of a house":
            ids = [await ada.create_room(house, f"Room {n}") for n in count]
            return List(f'house(id: "{house}") {{ rooms', " }", ("house", "rooms"), ids[::-1], ada)
        case "members":
            dora = await cast.newcomer()
            for actor in (cast.ben, dora):
                await actor.join(house)
            asked = await ada.ask(
                f'{{ house(id: "{house}") {{ members {{ nodes {{ id user {{ username }} }} }} }} }}'
            )
            nodes = asked["house"]["members"]["nodes"]
            assert [node["user"]["username"] for node in nodes] == ["ada", "ben", dora.username]
            ids = [node["id"] for node in nodes]
            return List(f'house(id: "{house}") {{ members', " }", ("house", "members"), ids, ada)
        case "talks":
            room = await ada.create_room(house)
            first = await ada.ask(f'{{ talks(roomId: "{elsewhere}") {{ nodes {{ id }} }} }}')
            ids = [first["talks"]["nodes"][0]["id"]]
            ids += [await ada.post_talk(room, f"Talk {n}") for n in range(SIZE - 1)]
            return List("talks", "", ("talks",), ids, ada)
        case "talks of a room":
            room = await ada.create_room(house)
            ids = [await ada.post_talk(room, f"Talk {n}") for n in count]
            return List(f'room(id: "{room}") {{ talks', " }", ("room", "talks"), ids, ada)
        case "sessions":
            dora = await cast.newcomer()
            first = await dora.ask("{ sessions { nodes { id } } }")
            ids = [first["sessions"]["nodes"][0]["id"]]
            ids += [await _signed_in(dora) for _ in range(SIZE - 1)]
            return List("sessions", "", ("sessions",), ids[::-1], dora)
        case "bans":
            ids = [await ada.ban(await cast.newcomer(), house) for _ in count]
            return List(f'house(id: "{house}") {{ bans', " }", ("house", "bans"), ids[::-1], ada)
        case "invites":
            ids = [(await ada.invite(house))[0] for _ in count]
            return List(f'house(id: "{house}") {{ invites', " }", ("house", "invites"), ids[::-1], ada)
        case "join requests":
            dora = await cast.newcomer()
            asked = [await ada.create_house("Attic", "PRIVATE", acceptsJoinRequests=True) for _ in count]
            ids = [await dora.ask_to_join(attic) for attic in asked]
            return List("joinRequests", "", ("joinRequests",), ids[::-1], dora)
        case "join requests of a house":
            attic = await ada.create_house("Attic", "PRIVATE", acceptsJoinRequests=True)
            ids = [await actor.ask_to_join(attic) for actor in (cast.ben, cast.cleo, await cast.newcomer())]
            return List(f'house(id: "{attic}") {{ joinRequests', " }", ("house", "joinRequests"), ids, ada)
        case "audit log":
            ids = [await _logged(ada, house, f"House {n}") for n in count]
            return List(f'house(id: "{house}") {{ auditLog', " }", ("house", "auditLog"), ids[::-1], ada)
        case _:
            raise ValueError(name)


async def _logged(actor: Actor, house: str, name: str) -> str:
    """Rename a house and give the id of the entry that tells it."""
    await actor.do("updateHouse", "house { id }", houseId=house, name=name)
    found = await actor.ask(f'{{ house(id: "{house}") {{ auditLog(first: 1) {{ nodes {{ id }} }} }} }}')
    return found["house"]["auditLog"]["nodes"][0]["id"]


async def _signed_in(actor: Actor) -> str:
    """Sign somebody in once more and give the id of the session that this opened."""
    tokens = await actor.do("login", "accessToken", username=actor.username, password=PASSWORD)
    actor.token = tokens["accessToken"]
    found = await actor.ask("{ sessions { nodes { id current } } }")
    return next(node["id"] for node in found["sessions"]["nodes"] if node["current"])
