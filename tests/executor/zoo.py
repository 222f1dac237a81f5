"""A schema with every kind of field, whose resolvers go wrong wherever a salt says so, in the same way each time."""

import asyncio
import zlib
from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from chatgraph.executor import batched_by, written_together


def _write_days(days: list[date]) -> list[str]:
    return [_write_day(day) for day in days]


@written_together(_write_days)
def _write_day(day: date) -> str:
    if day.year < 10:
        raise ValueError(f"{day} was too long ago.")
    return day.isoformat()


@strawberry.enum
class Colour(Enum):
    RED = "red"
    GREEN = "green"


@strawberry.input
class Pair:
    left: int
    right: int | None = strawberry.UNSET
    colour: Colour = Colour.GREEN


class Fate:
    """What becomes of each field of each object, decided by *salt*; nothing is awaited if *sync*."""

    def __init__(self, salt: int, sync: bool) -> None:
        self.salt = salt
        self.sync = sync

    def dice(self, *what: object) -> int:
        """Throw dice that fall the same way for the same field of the same object."""
        return zlib.crc32(repr((self.salt, *what)).encode())

    def give(self, key: int, name: str, make: Callable[[], Any]) -> Any:
        """Give what a resolver makes: itself, null, an exception, one that is returned, now or later."""
        dice = self.dice(key, name)
        later = not self.sync and dice % 3 == 0

        def now() -> Any:
            match dice // 3 % 24:
                case 0:
                    raise ValueError(f"{name} of {key} went wrong")
                case 1:
                    return LookupError(f"{name} of {key} is lost")
                case 2:
                    return None
            return make()

        if not later:
            return now()

        async def then() -> Any:
            for _ in range(dice // 72 % 4):
                await asyncio.sleep(0)
            return now()

        return then()

    def keep(self, key: int, name: str, value: Any, wrong: Any = None) -> Any:
        """Give what an attribute holds: a value, null, an exception, or what is no value of its type."""
        match self.dice(key, name) % 30:
            case 0:
                return None
            case 1:
                return KeyError(f"{name} of {key}")
            case 2:
                return wrong
        return value


Info = strawberry.Info[Fate, None]


@strawberry.interface
class Being:
    key: strawberry.Private[int]
    id: strawberry.ID
    name: str | None
    colour: Colour | None

    @strawberry.field
    def friend(self, info: Info) -> "Being | None":
        return info.context.give(self.key, "friend", lambda: being(info.context, self.key * 3 + 1))

    @strawberry.field
    def friends(self, info: Info, count: int = 2) -> list["Being | None"] | None:
        return info.context.give(self.key, "friends", lambda: beings(info.context, self.key, count))


@strawberry.type
class Cat(Being):
    lives: int

    @strawberry.field
    def box(self, info: Info) -> "Box":
        return info.context.give(self.key, "box", lambda: box(info.context, self.key + 7))


@strawberry.type
class Dog(Being):
    bones: list[str] | None

    @strawberry.field
    def box(self, info: Info) -> "Box":
        return info.context.give(self.key, "box", lambda: box(info.context, self.key + 11))


Pet = Annotated[Cat | Dog, strawberry.union("Pet")]


def partners(boxes: "list[Box]", info: Info) -> Any:
    """Find the partners of many boxes, later at times."""

    def one(of: "Box") -> Any:
        try:
            return partner(info.context, of)
        except Exception as error:
            return error

    found = [one(of) for of in boxes]
    if info.context.sync or info.context.dice("partners") % 2:
        return found

    async def later() -> Any:
        await asyncio.sleep(0)
        return found

    return later()


def partner(fate: Fate, of: "Box") -> Any:
    """Find the partner of one box, which is never a matter of waiting."""
    return Fate(fate.salt, sync=True).give(of.key, "partner", lambda: box(fate, of.key * 2 + 1))


@strawberry.type
class Box:
    key: strawberry.Private[int]
    text: str
    number: int | None
    real: float | None
    open: bool | None
    colour: Colour
    day: date | None
    words: list[str] | None
    grid: list[list[int | None]] | None
    inner: "Box | None"
    stack: list["Box"] | None
    guest: Being | None

    @strawberry.field
    def loud(self) -> str | None:
        return self.text.upper()

    @strawberry.field
    def counted(self) -> str:
        return self.number  # type: ignore[return-value]

    @strawberry.field
    def label(self, info: Info, prefix: str = "a", times: int | None = None) -> str | None:
        return info.context.give(self.key, "label", lambda: f"{prefix}{times}{self.key}")

    @strawberry.field
    def must(self, info: Info) -> str:
        return info.context.give(self.key, "must", lambda: f"must {self.key}")

    @strawberry.field
    def echo(root, info: Info, pair: Pair, colours: list[Colour] | None = None) -> str | None:  # noqa: N805 -- Strawberry's name
        told = (pair.left, pair.right, pair.colour.name, colours and [one.name for one in colours])
        return info.context.give(root.key, "echo", lambda: f"{told} {info.path.as_list()}")

    @strawberry.field
    def boxes(self, info: Info) -> list["Box"] | None:
        return info.context.give(self.key, "boxes", lambda: boxes(info.context, self.key))

    @strawberry.field
    def nested(self, info: Info) -> list[list["Box | None"] | None]:
        made = info.context
        return made.give(
            self.key, "nested", lambda: [boxes(made, self.key), None, (), boxes(made, self.key + 1)]
        )

    @strawberry.field
    def drawn(self, info: Info) -> list["Box"]:
        return info.context.give(self.key, "drawn", lambda: drawn(info.context, self.key))

    @strawberry.field
    def pet(self, info: Info) -> Pet | None:
        return info.context.give(self.key, "pet", lambda: being(info.context, self.key))

    @strawberry.field
    def pets(self, info: Info) -> list[Pet]:
        return info.context.give(self.key, "pets", lambda: beings(info.context, self.key, 3))

    @strawberry.field(metadata=batched_by(partners))
    def partner(self, info: Info) -> "Box":
        return partner(info.context, self)


def being(fate: Fate, key: int) -> Any:
    """Make a cat or a dog, or something that is neither."""
    key %= 1000
    kept = {
        "key": key,
        "id": strawberry.ID(f"being{key}"),
        "name": fate.keep(key, "name", f"Being {key}", 5),
        "colour": fate.keep(key, "shade", Colour.RED, "mauve"),
    }
    match fate.dice(key, "kind") % 20:
        case 0:
            return object()
        case 1:
            return None
    if fate.dice(key, "kind") % 2:
        return Cat(**kept, lives=fate.keep(key, "lives", 9, 2**40))
    return Dog(**kept, bones=fate.keep(key, "bones", ["shin", "rib"], ["rib", {}]))


def beings(fate: Fate, key: int, count: int) -> Any:
    """Make several, in whatever can be iterated."""
    made = [being(fate, key * 5 + place) for place in range(count)]
    return made if fate.dice(key, "tuple") % 2 else (one for one in made)


def box(fate: Fate, key: int, inner: bool = True) -> Any:
    """Make a box, with others in it."""
    key %= 1000
    below = [box(fate, key + 300 + place, inner=False) for place in range(key % 3 if inner else 0)]
    return Box(
        key=key,
        text=fate.keep(key, "text", f"text {key}", 7),
        number=fate.keep(key, "number", key, "many"),
        real=fate.keep(key, "real", key / 2, key),
        open=fate.keep(key, "open", key % 2 == 0, 1),
        colour=fate.keep(key, "colour", Colour.GREEN, "blue"),
        day=fate.keep(key, "day", date(2000, 1, 1 + key % 28), date(1, 1, 1)),
        words=fate.keep(key, "words", ["one", "two"], ["one", None]),
        grid=fate.keep(key, "grid", [[1, None], [], (3,)], [[1], 2]),
        inner=box(fate, key + 500, inner=False) if inner else None,
        stack=fate.keep(key, "stack", below, [*below, ValueError(f"no more in {key}")]),
        guest=being(fate, key + 900),
    )


def boxes(fate: Fate, key: int) -> Any:
    """Make boxes, with now and then a null, an exception or an awaitable among them."""
    made: list[Any] = [box(fate, key * 7 + place) for place in range(fate.dice(key, "many") % 4)]
    match fate.dice(key, "odd") % 16:
        case 0:
            made.append(None)
        case 1:
            made.append(ValueError(f"no box {key}"))
        case 2 if not fate.sync:
            made.insert(0, asyncio.sleep(0, box(fate, key + 3)))
    return made


def drawn(fate: Fate, key: int) -> Any:
    """Make boxes one by one, later if one may wait."""
    made = [box(fate, key * 11 + place) for place in range(2)]
    breaks = fate.dice(key, "drawn") % 8 == 0

    def draw() -> Any:
        yield from made
        if breaks:
            raise ValueError(f"nothing more is drawn of {key}")

    async def draw_later() -> Any:
        for one in draw():
            await asyncio.sleep(0)
            yield one

    return draw() if fate.sync or fate.dice(key, "drawn later") % 2 else draw_later()


@strawberry.type
class Query:
    @strawberry.field
    def box(self, info: Info, key: int = 1) -> Box | None:
        return info.context.give(key, "root box", lambda: box(info.context, key))

    @strawberry.field
    async def later(self, info: Info) -> Box | None:
        return box(info.context, 17)

    @strawberry.field
    def boxes(self, info: Info) -> list[Box | None] | None:
        return info.context.give(0, "root boxes", lambda: boxes(info.context, info.context.salt))

    @strawberry.field
    def being(self, info: Info) -> Being | None:
        return info.context.give(0, "root being", lambda: being(info.context, info.context.salt))

    @strawberry.field
    def pets(self, info: Info) -> list[Pet | None]:
        return info.context.give(0, "root pets", lambda: beings(info.context, info.context.salt, 4))


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self, info: Info, key: int = 1) -> Box | None:
        return info.context.give(key, "change", lambda: box(info.context, key))

    @strawberry.mutation
    async def replace(self, info: Info, pair: Pair) -> Box:
        return box(info.context, pair.left)


CONFIG = StrawberryConfig(scalar_map={date: strawberry.scalar(name="Day", serialize=_write_day)})
ZOO = strawberry.Schema(Query, Mutation, types=[Cat, Dog], config=CONFIG)
