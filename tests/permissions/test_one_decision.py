"""There is one decision: nothing but `operations.rights` refuses, and nothing but `store.houses` says who sees what."""

import ast

import pytest

from tests.permissions.sources import (
    STANDS_ON,
    Sources,
    below,
    callers,
    comparisons,
    functions_with_a_look,
    only_dresses,
    reach,
    read_sources,
    readers,
    with_more_than_null,
)

SOURCES = read_sources()
DOORS = ("chatgraph/schema/", "rest_compat/")
STORE = "chatgraph/store/"
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def ranks_asked_at_doors(sources: Sources) -> list[str]:
    """Name where a door asks for somebody's rank, or whether they are banned, to do more than to show it."""
    return [
        f"{path}: {ast.unparse(node)}"
        for path, function, node in comparisons(below(sources, *DOORS), "rank", "Rank", "banned")
        if function != "dress_role" and not only_dresses(sources[path], node)
    ]


def looks_without_sight(sources: Sources) -> list[str]:
    """Name the functions of the store that are told who looks, and yet aren't built on who sees what."""
    store = below(sources, STORE)
    return [
        f"{path}: {name}"
        for path, tree in store.items()
        for name in functions_with_a_look(tree)
        if STANDS_ON not in reach(store, path, name)
    ]


def test_nothing_but_rights_refuses() -> None:
    assert callers(SOURCES, "Forbidden") == {"chatgraph/operations/rights.py"}


def test_no_door_decides_by_rank() -> None:
    assert ranks_asked_at_doors(SOURCES) == []


def test_the_doors_look_at_bans_to_mask_a_house_and_to_explain_and_for_nothing_else() -> None:
    asked = readers(below(SOURCES, *DOORS), "banned")
    assert asked == {"chatgraph/schema/types/houses.py", "chatgraph/schema/permissions.py"}


def test_ranks_are_weighed_against_each_other_in_rights_alone() -> None:
    weighed = {
        path
        for path, _, node in comparisons(below(SOURCES, "chatgraph/", "rest_compat/"), "rank", "Rank")
        if any(isinstance(operator, ORDER) for operator in node.ops)
    }
    assert weighed == {"chatgraph/operations/rights.py", "chatgraph/schema/enums.py"}


def test_what_is_done_by_its_table_of_rights_is_asked_in_operations_alone() -> None:
    deciding = {*callers(SOURCES, "decide"), *callers(SOURCES, "require")}
    assert all(path.startswith("chatgraph/operations/") for path in deciding)


def asking_for_visibility(sources: Sources) -> set[str]:
    """Name the modules that ask whether a house is public."""
    found = comparisons(sources, "visibility", "Visibility")
    return {path for path, _, node in found if with_more_than_null(node)}


def test_the_store_says_in_one_place_who_sees_a_house() -> None:
    asked = asking_for_visibility(below(SOURCES, STORE))
    assert asked == {"chatgraph/store/houses.py"}


def test_operations_ask_for_visibility_where_an_invite_or_a_request_leads_past_it_and_nowhere_else() -> None:
    asked = asking_for_visibility(SOURCES)
    assert asked - {"chatgraph/store/houses.py"} == {
        f"chatgraph/operations/{name}.py" for name in ("rights", "invites", "join_requests")
    }


def test_whoever_is_told_who_looks_is_built_on_who_sees_what() -> None:
    looking = [name for tree in below(SOURCES, STORE).values() for name in functions_with_a_look(tree)]
    assert len(looking) >= 12, "the functions that take a Look are no longer found"
    assert looks_without_sight(SOURCES) == []


def with_source(path: str, source: str) -> Sources:
    """Give all sources, one of them replaced or added."""
    return {**SOURCES, path: ast.parse(source)}


@pytest.mark.parametrize(
    "source",
    ["if member.rank >= 50: pass", "if house.standing.rank == Rank.OWNER: pass", "x = rank in (10, 50)"],
)
def test_a_door_that_decides_by_rank_is_noticed(source: str) -> None:
    assert ranks_asked_at_doors(with_source("chatgraph/schema/bold.py", source))


def test_a_null_that_hides_more_than_a_role_is_noticed() -> None:
    shows = "x = None if standing.rank is None else dress_role(standing.rank)"
    hides = "x = None if standing.rank is None else house.description"
    assert not ranks_asked_at_doors(with_source("rest_compat/bold.py", shows))
    assert ranks_asked_at_doors(with_source("rest_compat/bold.py", hides))


def test_a_second_place_that_refuses_is_noticed() -> None:
    source = "from chatgraph import errors\nasync def f(): raise errors.Forbidden('No.')"
    assert "chatgraph/schema/bold.py" in callers(with_source("chatgraph/schema/bold.py", source), "Forbidden")


@pytest.mark.parametrize(
    ("source", "noticed"),
    [
        ("async def find(db, look: Look, ids):\n    return select(rooms)", True),
        ("from chatgraph.store.houses import seen\nFIND = seen(1)\nasync def find(db, look: Look):\n    return FIND", False),
        ("from chatgraph.store import houses as kept\ndef _in(a):\n    return kept.seen(a)\ndef f(look: Look):\n    return _in(look)", False),
        ("from chatgraph.store.tables import houses\ndef find(look: Look):\n    return houses.seen", True),
    ],
)  # fmt: skip
def test_a_look_that_nothing_is_made_of_is_noticed(source: str, noticed: bool) -> None:
    found = looks_without_sight(with_source("chatgraph/store/bold.py", source))
    assert bool(found) is noticed
