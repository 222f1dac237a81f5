"""Variables are coerced as graphql-core does it, whatever is sent."""

from typing import Any

import pytest
import strawberry
from graphql import get_variable_values, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatgraph.executor.variables import Variables


@strawberry.input
class Where:
    house_id: strawberry.ID
    depth: int | None
    near: float | None


@strawberry.input
class Search:
    words: str
    exact: bool | None
    where: Where | None
    tags: list[str] | None = None


@strawberry.input
class Plain:
    words: str
    where: Where | None


@strawberry.type
class Query:
    @strawberry.field
    def search(self, search: Search | None, plain: Plain | None, id: strawberry.ID, first: int | None) -> int:  # noqa: A002
        return 1


SCHEMA = strawberry.Schema(Query)._schema
DEFINITIONS = [
    "$v: ID!", "$v: ID", "$v: Int", "$v: Int!", "$v: String", "$v: Float", "$v: Boolean!", "$v: Plain",
    "$v: Plain!", "$v: Search!", "$v: Where", "$v: [String!]", "$v: Int = 3", "$v: String! = \"x\"",
]  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**33), 2**33) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["houseId", "depth", "near", "words", "exact", "where", "tags", "other"]), inner
        )
    ),
    max_leaves=8,
)
plausible = st.fixed_dictionaries(
    {"words": st.text(max_size=3)},
    optional={
        "where": st.none()
        | st.fixed_dictionaries(
            {"houseId": st.text(max_size=3)},
            optional={"depth": st.none() | st.integers(-(2**32), 2**32), "near": st.none() | st.floats()},
        )
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    definition=st.sampled_from(DEFINITIONS),
    sent=st.just({}) | st.fixed_dictionaries({"v": values | plausible}),
)
def test_any_value_is_coerced_as_graphql_core_does_it(definition: str, sent: dict[str, Any]) -> None:
    operation: Any = parse(f"query ({definition}) {{ __typename }}").definitions[0]
    theirs: Any = get_variable_values(SCHEMA, operation.variable_definitions, sent, max_errors=50)
    ours: Any = Variables(SCHEMA, operation.variable_definitions).coerce(sent)
    if isinstance(theirs, list):
        assert [str(error) for error in ours] == [str(error) for error in theirs]
    else:
        assert repr(ours.coerced) == repr(theirs.coerced)  # NaN isn't equal to itself
        assert {name: repr(source.value) for name, source in ours.sources.items()} == {
            name: repr(source.value) for name, source in theirs.sources.items()
        }


def test_plain_values_need_no_graphql_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatgraph.executor.variables.get_variable_values", None)
    operation: Any = parse("query ($plain: Plain!, $id: ID, $first: Int) { __typename }").definitions[0]
    sent = {"plain": {"words": "x", "where": {"houseId": "1", "depth": 2}}, "first": None}
    coerced: Any = Variables(SCHEMA, operation.variable_definitions).coerce(sent)
    assert coerced.coerced == sent
