"""Input objects that are built in one step are those that Strawberry would have built."""

from typing import Any

import pytest
import strawberry
from graphql import GraphQLInputObjectType, is_non_null_type
from strawberry.types.arguments import convert_argument

from chatgraph.executor.inputs import find_maker
from chatgraph.schema.schema import SCHEMA

CONVERTER = SCHEMA.schema_converter
INPUTS = {
    name: type_
    for name, type_ in SCHEMA._schema.type_map.items()
    if isinstance(type_, GraphQLInputObjectType)
}
VALUES: dict[str, Any] = {"ID": "VGFsazox", "String": "Hello", "Int": 3, "Boolean": True, "Float": 0.5}
ORIGINS: dict[str, Any] = {
    name: getattr(CONVERTER.type_map[name].definition, "origin", None) for name in INPUTS
}
MADE = [name for name in INPUTS if find_maker(ORIGINS[name], CONVERTER)]


@strawberry.input
class Note:
    title: str
    body: str | None
    pinned: bool = True


@strawberry.input
class Notes:
    several: list[Note]


def value_of(name: str, *, whole: bool) -> dict[str, Any]:
    """Fill all fields of an input, or those that it can't do without."""
    fields = INPUTS[name].fields.items()
    told = {field: str(one.type).rstrip("!") for field, one in fields if whole or is_non_null_type(one.type)}
    return {field: VALUES.get(type_) for field, type_ in told.items()}


def test_most_inputs_are_made_in_one_step() -> None:
    assert {"PostTalkInput", "EditTalkInput", "LoginInput", "CreateRoomInput"} <= set(MADE)
    assert len(MADE) > len(INPUTS) / 2


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("whole", [True, False])
def test_an_input_is_what_strawberry_would_have_made(name: str, whole: bool) -> None:
    type_, value = ORIGINS[name], value_of(name, whole=whole)
    make = find_maker(type_, CONVERTER)
    assert make is not None
    assert make(value) == convert_argument(value, type_, CONVERTER.scalar_registry, CONVERTER.config)
    assert make(None) is None


def test_what_is_left_out_is_none_or_the_default() -> None:
    make = find_maker(Note, CONVERTER)
    assert make is not None
    assert make({"title": "Tea"}) == Note(title="Tea", body=None, pinned=True)


def test_an_input_that_holds_others_is_left_to_strawberry() -> None:
    assert find_maker(Notes, CONVERTER) is None
