"""Every list of the schema with a few items in it, so that a rule about lists can be asked of all of them."""

import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.cast import PASSWORD, Actor, Cast

SIZE = 3
NAMES = ("houses", "rooms", "rooms of a house", "members", "talks", "talks of a room", "sessions")


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
            dora = await _somebody_new(cast)
            for actor in (cast.ben, dora):
                await actor.do("joinHouse", "house { id }", houseId=house)
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
        case _:
            dora = await _somebody_new(cast)
            first = await dora.ask("{ sessions { nodes { id } } }")
            ids = [first["sessions"]["nodes"][0]["id"]]
            ids += [await _signed_in(dora) for _ in range(SIZE - 1)]
            return List("sessions", "", ("sessions",), ids[::-1], dora)


async def _somebody_new(cast: Cast) -> Actor:
    """Register somebody under a name that nobody had and sign them in."""
    dora = Actor(cast.http, f"dora{secrets.token_hex(4)}")
    await dora.register()
    await dora.sign_in()
    return dora


async def _signed_in(actor: Actor) -> str:
    """Sign somebody in once more and give the id of the session that this opened."""
    tokens = await actor.do("login", "accessToken", username=actor.username, password=PASSWORD)
    actor.token = tokens["accessToken"]
    found = await actor.ask("{ sessions { nodes { id current } } }")
    return next(node["id"] for node in found["sessions"]["nodes"] if node["current"])
