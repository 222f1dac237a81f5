"""What an answer gives, as the codes of the table."""

from collections.abc import Iterable
from typing import Any

import httpx

from chatgraph.schema.statuses import STATUSES
from tests.permissions.calls import Call, Listed

CODES = {"UNAUTHENTICATED": "401", "NOT_FOUND": "0", "FORBIDDEN": "-", "CONFLICT": "c"}

# From the least to the most that is told or done.
OPENNESS = ("401", "0", "x", "-", "~", "c", "=", "y", "j")


def is_more(got: str, expected: str) -> bool:
    """Tell whether an actor got more than they should have: that is a leak; less is over-blocked."""
    if got.endswith("too few") or got.startswith("!"):
        return False
    return got.endswith("too many") or OPENNESS.index(got) > OPENNESS.index(expected)


def read_graph(response: httpx.Response, call: Call) -> list[str]:
    """
    Give the codes of what is looked at in an answer of `/graphql`: one for each node of `nodes`, else one.

    Where some of the values are there and others null, that is yes: not everything has everything.
    """
    body = response.json()
    root, *way = call.field
    data = (body.get("data") or {}).get(root)
    many = root == "nodes"
    values: list[Any] = list(data or []) if many else [data]
    errors = {_index(error, many): error["extensions"]["code"] for error in body.get("errors", ())}
    if None in errors or not values:
        errors = dict.fromkeys(range(max(1, len(values))), errors.get(None, errors.get(0, "")))
        values = values or [None]
    codes = []
    for index, value in enumerate(values):
        if code := errors.get(index):
            codes.append(_refused(code, response.status_code, alone=data is None))
        else:
            listed = call.lists[index] if call.lists else None
            codes.append(_given(_follow(value, way), listed))
    if set(codes) == {"y", "~"}:
        return ["y"]
    return sorted(set(codes))


def _index(error: dict[str, Any], many: bool) -> int | None:
    """Tell which of the values an error belongs to; None for all."""
    path = error.get("path", [])
    if not many:
        return 0
    return next((step for step in path if isinstance(step, int)), None)


def _refused(code: str, status: int, alone: bool) -> str:
    """Give the code of a refusal; it is wrong where the status doesn't go with it."""
    due = STATUSES[code] if code == "UNAUTHENTICATED" and alone else 200
    return CODES.get(code, f"!{code}") if status == due else f"!{code} with {status}"


def _follow(value: Any, way: Iterable[str]) -> Any:
    for step in way:
        value = None if value is None else value[step]
    return value


def _given(value: Any, listed: Listed | None) -> str:
    if value is None or value == []:
        return "~"
    if listed is None:
        return "y"
    nodes = [node["databaseId"] for node in value["nodes"]]
    edges = [edge["node"]["databaseId"] for edge in value["edges"]]
    return "! edges and nodes differ" if nodes != edges else of_list(nodes, listed)


def of_list(numbers: list[int], listed: Listed) -> str:
    """Compare the numbers in a list with those that should be there."""
    found = frozenset(numbers)
    if listed.exact and found - listed.numbers:
        return f"y, {len(found - listed.numbers)} too many"
    if not found & listed.numbers and not listed.exact:
        return "x"
    missing = listed.numbers - found
    return f"y, {len(missing)} too few" if missing else "y"


def read_rest(response: httpx.Response, call: Call) -> list[str]:
    """Give the code of an answer of the REST API."""
    body = response.json()
    if not response.is_success:
        code = body["code"]
        fits = STATUSES[code] == response.status_code == body["status"]
        return [CODES.get(code, f"!{code}") if fits else f"!{code} with {response.status_code}"]
    if not call.lists:
        return ["y"]
    [member] = [member for name in call.field if (member := body[name]) is not None]
    return [of_list([node["id"] for node in member], call.lists[0])]
