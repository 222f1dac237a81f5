"""A field is kept only where all that is selected of it lasts, and where nothing went wrong."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
import strawberry
from graphql import ExecutionResult, parse
from strawberry import Parent

from chatgraph.executor import Operation, batched_by, compile_operation, kept_by, lasting, of_class


class Shelf(NamedTuple):
    id: int
    books: list[int]


@dataclass
class Desk:
    """The context: what is kept, by what was asked; how often books were looked for; whether one is torn, or the desk closed."""

    kept: dict[Hashable, Any] = field(default_factory=dict)
    looked: int = 0
    torn: bool = False
    closed: bool = False


class Drawer(NamedTuple):
    """The place of one value."""

    kept: dict[Hashable, Any]
    key: Hashable

    def find(self) -> Any | None:
        return self.kept.get(self.key)

    def keep(self, value: Any) -> None:
        self.kept[self.key] = value


Info = strawberry.Info[Desk, None]
NOWHERE = 9
FIRST = "query ($id: Int!, $first: Int) { shelf(key: $id) { books(first: $first) { number } } }"


def at_desk(asked: Hashable, shelf: Shelf, info: Info, **_: Any) -> Drawer | None:
    return None if shelf.id == NOWHERE else Drawer(info.context.kept, (asked, shelf.id))


async def at_closing_desk(asked: Hashable, _: Any, info: Info, key: int) -> Drawer | None:
    if info.context.closed:
        raise RuntimeError("closed")
    return None if key == NOWHERE else Drawer(info.context.kept, (asked, key))


def at_open_desk(asked: Hashable, _: Any, info: Info, key: int) -> Drawer:
    return Drawer(info.context.kept, (asked, key))


def _titles(books: list[Any], info: Info) -> list[Any]:
    return [RuntimeError("torn") if info.context.torn else f"Book {book.number}" for book in books]


class Volume(NamedTuple):
    number: int
    lent: bool = False


@strawberry.interface
class Thing:
    number: int


@strawberry.type
class Book(Thing):
    is_type_of = of_class(Volume)

    lent: bool = strawberry.field(metadata=lasting(False))

    @strawberry.field(metadata=batched_by(_titles) | lasting())
    def title(self, book: Parent[Volume], info: Info) -> str:
        return f"Book {book.number}"

    @strawberry.field
    def mine(self) -> bool:
        return True


@strawberry.type(name="Shelf")
class ShelfType:
    is_type_of = of_class(Shelf)

    @strawberry.field(metadata=kept_by(at_desk))
    def books(self, shelf: Parent[Shelf], info: Info, first: int | None = None) -> list[Book]:
        info.context.looked += 1
        return [Volume(number) for number in shelf.books[:first]]  # type: ignore[misc]

    @strawberry.field(metadata=kept_by(at_desk))
    def things(self, shelf: Parent[Shelf], info: Info) -> list[Thing]:
        info.context.looked += 1
        return [Volume(number) for number in shelf.books]  # type: ignore[misc]


@strawberry.type
class Query:
    @strawberry.field
    def shelf(self, key: int) -> ShelfType:
        return Shelf(key, [key, key + 1])  # type: ignore[return-value]

    @strawberry.field(metadata=kept_by(at_closing_desk))
    def newest(self, info: Info, key: int) -> list[Book]:
        info.context.looked += 1
        return [Volume(key)]  # type: ignore[list-item]

    @strawberry.field(metadata=kept_by(at_open_desk))
    def oldest(self, info: Info, key: int) -> list[Book]:
        info.context.looked += 1
        return [Volume(-key)]  # type: ignore[list-item]

    @strawberry.field
    def shelves(self, ids: list[int]) -> list[ShelfType]:
        return [Shelf(key, [key, key + 1]) for key in ids]  # type: ignore[misc]


SCHEMA = strawberry.Schema(Query, types=[Book])


def operation(document: str) -> Operation:
    return compile_operation(SCHEMA._schema, parse(document))


def of_shelf(selected: str) -> Operation:
    return operation(f"query ($id: Int!) {{ shelf(key: $id) {{ {selected} }} }}")


def ask(asked: Operation, desk: Desk, **variables: Any) -> Any:
    return asked.execute(desk, variables)


def test_what_lasts_is_worked_out_once() -> None:
    asked, desk = of_shelf("books { number title __typename }"), Desk()
    first, second = ask(asked, desk, id=1), ask(asked, desk, id=1)
    books = [{"number": n, "title": f"Book {n}", "__typename": "Book"} for n in (1, 2)]
    assert first.data == second.data == {"shelf": {"books": books}}
    assert desk.looked == 1


@pytest.mark.parametrize("selected", ["books { mine }", "books { lent }", "things { number }"])
def test_what_does_not_last_is_worked_out_each_time(selected: str) -> None:
    asked, desk = of_shelf(selected), Desk()
    assert ask(asked, desk, id=1) == ask(asked, desk, id=1)
    assert (desk.looked, desk.kept) == (2, {})


def test_each_object_and_each_variable_has_a_place_of_its_own() -> None:
    asked, desk = operation(FIRST), Desk()
    told = [ask(asked, desk, id=key, first=first).data["shelf"] for key, first in ((1, 1), (2, 1), (1, 2))]
    assert [[book["number"] for book in shelf["books"]] for shelf in told] == [[1], [2], [1, 2]]
    assert desk.looked == 3


def test_the_same_field_of_another_operation_has_a_place_of_its_own() -> None:
    desk = Desk()
    assert ask(of_shelf("books { number }"), desk, id=1).data["shelf"]["books"][0] == {"number": 1}
    assert ask(of_shelf("books { title }"), desk, id=1).data["shelf"]["books"][0] == {"title": "Book 1"}


def test_nothing_is_kept_of_what_went_wrong() -> None:
    asked, desk = of_shelf("books { title }"), Desk(torn=True)
    assert ask(asked, desk, id=1).errors
    desk.torn = False
    assert ask(asked, desk, id=1).data["shelf"]["books"][0] == {"title": "Book 1"}
    assert desk.looked == 2


def test_what_has_no_place_is_worked_out_each_time() -> None:
    asked, desk = of_shelf("books { number }"), Desk()
    assert ask(asked, desk, id=NOWHERE) == ask(asked, desk, id=NOWHERE)
    assert (desk.looked, desk.kept) == (2, {})


def test_variables_that_cannot_be_compared_keep_nothing() -> None:
    ids = [1]
    asked, desk = operation("query ($ids: [Int!]!) { shelves(ids: $ids) { books { number } } }"), Desk()
    assert ask(asked, desk, ids=ids) == ask(asked, desk, ids=ids)
    assert (desk.looked, desk.kept) == (2, {})


def test_several_objects_keep_nothing() -> None:
    asked, desk = operation("{ shelves(ids: [1, 2]) { books { number } } }"), Desk()
    assert ask(asked, desk) == ask(asked, desk)
    assert (desk.looked, desk.kept) == (4, {})


async def ask_and_wait(asked: Operation, desk: Desk) -> Any:
    result: Any = asked.execute(desk)
    result = result if isinstance(result, ExecutionResult) else await result
    assert result.errors is None
    return result.data


async def test_the_one_field_of_a_root_is_found_where_its_keeper_says_later_or_at_once() -> None:
    for field_name, number in (("newest", 3), ("oldest", -3)):
        desk, asked = Desk(), operation(f"{{ {field_name}(key: 3) {{ number title }} }}")
        for _ in range(3):
            told = await ask_and_wait(asked, desk)
            assert told == {field_name: [{"number": number, "title": f"Book {number}"}]}
        assert desk.looked == 1


async def test_fields_of_a_root_are_found_beside_one_another() -> None:
    desk = Desk()
    asked = operation(
        "{ newest(key: 3) { number } two: newest(key: 2) { number } shelf(key: 1) { __typename } }"
    )
    for _ in range(2):
        told = await ask_and_wait(asked, desk)
        assert told == {"newest": [{"number": 3}], "two": [{"number": 2}], "shelf": {"__typename": "Shelf"}}


@pytest.mark.parametrize(("key", "closed"), [(NOWHERE, False), (3, True)])
async def test_the_one_field_of_a_root_is_worked_out_where_its_keeper_fails_or_has_no_place(
    key: int, closed: bool
) -> None:
    desk, asked = Desk(closed=closed), operation(f"{{ newest(key: {key}) {{ number }} }}")
    for _ in range(2):
        assert await ask_and_wait(asked, desk) == {"newest": [{"number": key}]}
    assert desk.looked == 2


def test_the_values_of_what_is_kept_count_as_if_it_were_not() -> None:
    asked, desk = of_shelf("books { number }"), Desk()
    assert [ask(asked, desk, id=1).values for _ in range(3)] == [4, 4, 4]
    assert desk.looked == 1
