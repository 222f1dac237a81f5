"""What becomes of an item is kept only where all that is selected of it lasts in items, and where nothing went wrong."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, NamedTuple

import pytest
import strawberry
from graphql import parse
from strawberry import Parent

from chatgraph.executor import Operation, batched_by, compile_operation, items_kept_by, lasting, of_class


class Track(NamedTuple):
    number: int


@dataclass
class Player:
    """The context: what is kept of the tracks, by name and number; which were taken; which are scratched."""

    kept: dict[tuple[Hashable, int], Any] = field(default_factory=dict)
    taken: list[int] = field(default_factory=list)
    scratched: set[int] = field(default_factory=set)


class Tracks(NamedTuple):
    """The tracks of one side."""

    player: Player
    tracks: list[Track]

    def find(self, name: Hashable) -> list[Any]:
        return [self.player.kept.get((name, track.number)) for track in self.tracks]

    def take(self, places: Sequence[int]) -> list[Track]:
        taken = [self.tracks[place] for place in places]
        self.player.taken += [track.number for track in taken]
        return taken

    def keep(self, name: Hashable, places: Sequence[int], made: Sequence[Any]) -> None:
        for place, one in zip(places, made, strict=True):
            self.player.kept[name, self.tracks[place].number] = one


class Side(NamedTuple):
    tracks: list[Track]
    lost: bool = False


Info = strawberry.Info[Player, None]


def of_side(side: Side, info: Info) -> Tracks | None:
    return None if side.lost else Tracks(info.context, side.tracks)


async def _titles(tracks: list[Any], info: Info) -> list[Any]:
    scratched = info.context.scratched
    return [RuntimeError("scratched") if one.number in scratched else f"Track {one.number}" for one in tracks]


@strawberry.type(name="Side")
class SideType:
    is_type_of = of_class(Side)

    tracks: list["TrackType"] = strawberry.field(metadata=items_kept_by(of_side))


@strawberry.type(name="Track")
class TrackType:
    is_type_of = of_class(Track)

    number: int

    @strawberry.field(metadata=batched_by(_titles) | lasting())
    async def title(self, track: Parent[Track], info: Info) -> str:
        return f"Track {track.number}"

    @strawberry.field(metadata=lasting())
    def times(self, track: Parent[Track], by: int = 2) -> int:
        return track.number * by

    @strawberry.field(metadata=lasting(in_items=False))
    def plays(self) -> int:
        return 1

    @strawberry.field
    def mine(self) -> bool:
        return True


@strawberry.type
class Query:
    @strawberry.field
    def side(self, first: int, last: int, lost: bool = False) -> SideType:
        return Side([Track(number) for number in range(first, last + 1)], lost)  # type: ignore[return-value]

    @strawberry.field
    def sides(self) -> list[SideType]:
        return [Side([Track(1)]), Side([Track(2)])]  # type: ignore[list-item]


SIDE = "side(first: $first, last: $last)"
SCHEMA = strawberry.Schema(Query)


def operation(selected: str, side: str = SIDE, more: str = "") -> Operation:
    document = f"query ($first: Int! = 1, $last: Int! = 3{more}) {{ {side} {{ tracks {{ {selected} }} }} }}"
    return compile_operation(SCHEMA._schema, parse(document))


async def met(*how: str, **variables: Any) -> Operation:
    """Give an operation that has met the classes of what it leads to: until then it keeps no items."""
    asked = operation(*how)
    await play(asked, Player(), **variables)
    return asked


async def play(asked: Operation, player: Player, **variables: Any) -> Any:
    result = asked.execute(player, variables)
    return await result if isawaitable(result) else result


async def test_each_item_is_worked_out_once_in_whichever_list_it_comes_up() -> None:
    asked, player = await met("number title again: title"), Player()
    for first, last, taken in ((1, 3, [1, 2, 3]), (2, 5, [4, 5]), (1, 5, [])):
        player.taken.clear()
        told = await play(asked, player, first=first, last=last)
        tracks = [{"number": n, "title": f"Track {n}", "again": f"Track {n}"} for n in range(first, last + 1)]
        assert told.data == {"side": {"tracks": tracks}}
        assert player.taken == taken


@pytest.mark.parametrize("selected", ["number mine", "number plays", "times(by: 3)"])
async def test_items_of_which_something_does_not_last_are_not_kept(selected: str) -> None:
    player = Player()
    assert (await play(await met(selected), player)).errors is None
    assert player.kept == {}


async def test_what_is_left_out_of_items_is_left_out_of_what_is_kept_for_others() -> None:
    more = "number title @include(if: $titled)", SIDE, ", $titled: Boolean!"
    asked, player = await met(*more, titled=True), Player()
    for titled in (False, True, False, True):
        told = await play(asked, player, titled=titled)
        assert ["title" in track for track in told.data["side"]["tracks"]] == [titled] * 3
    assert len(player.kept) == 6


async def test_what_goes_wrong_is_told_of_its_place_and_nothing_is_kept() -> None:
    asked, player = await met("number title"), Player()
    await play(asked, player, first=1, last=2)
    player.scratched.add(4)
    told = await play(asked, player, first=1, last=4)
    assert [error.path for error in told.errors] == [["side", "tracks", 3, "title"]]
    assert told.data is None
    assert len(player.kept) == 2
    player.scratched.clear()
    assert len((await play(asked, player, first=1, last=4)).data["side"]["tracks"]) == 4


@pytest.mark.parametrize("side", ["side(first: $first, last: $last, lost: true)", "sides"])
async def test_lists_of_which_nothing_is_kept_and_several_at_once_are_as_ever(side: str) -> None:
    player = Player()
    told = await play(await met("number", side), player)
    assert told.errors is None
    assert (player.kept, player.taken) == ({}, [])


async def test_the_values_of_kept_items_count_as_those_of_others() -> None:
    asked, player = await met("number title"), Player()
    for first, last in ((1, 3), (1, 3), (2, 5)):
        counted = (await play(asked, player, first=first, last=last)).values
        assert counted == 2 + 2 * (last - first + 1)
