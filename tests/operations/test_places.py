"""Where each operation writes is known before it begins: whoever could be in its way waits there."""

import ast
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import chatgraph
from chatgraph.credentials.codes import code_digest
from chatgraph.operations import accounts, houses, invites, presence, sessions, talks
from chatgraph.operations.places import place_of
from chatgraph.store.places import At, Place
from chatgraph.viewer import ANONYMOUS, Viewer

SOURCE = Path(chatgraph.__file__).parent
ADA = Viewer(7)
# What is in nobody's way but in its own author's, or, where that is the operator, in nobody's.
OWN = {
    houses.create_house, houses.found_house, sessions.logout_everywhere, sessions.revoke_session,
    presence.hide_presence, accounts._change_own_password, accounts._enroll,
}  # fmt: skip


def performed() -> Iterator[Callable[..., Any]]:
    """Give each operation that is performed anywhere."""
    for file in SOURCE.rglob("*.py"):
        name = ".".join(("chatgraph", *file.relative_to(SOURCE).with_suffix("").parts))
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        for call in calls:
            if (
                isinstance(call.func, ast.Attribute)
                and call.func.attr == "perform"
                and name != "chatgraph.schema.context"
            ):
                yield eval(ast.unparse(call.args[0]), vars(importlib.import_module(name)))


def test_whatever_is_performed_is_done_at_a_place_unless_it_is_its_authors_own() -> None:
    found = set(performed())
    assert len(found) > 30
    elsewhere = {one for one in found if place_of(one, ANONYMOUS, ["x"]) is None}
    assert elsewhere == OWN


@pytest.mark.parametrize(
    ("operation", "given", "place"),
    [
        (talks.post_talk, 3, Place(At.ROOM, 3, 7, abreast=True)),
        (talks.edit_talk, 3, Place(At.TALK, 3, 7)),
        (invites.accept_invite, " code ", Place(At.INVITE_DIGEST, code_digest("code"), 7)),
        (accounts._add, "code", Place(At.INVITE_DIGEST, code_digest("code"), 7)),
        (accounts.deactivate, "ADA", Place(At.USERNAME, "ada", 7)),
        (accounts._reset_password, 3, Place(At.USER, 3, 7)),
        (houses.create_house, "Engine", Place(At.USER, 7)),
    ],
)
def test_a_place_is_read_off_what_an_operation_is_given_first(
    operation: Callable[..., Any], given: Any, place: Place
) -> None:
    assert place_of(operation, ADA, [given]) == place


@pytest.mark.parametrize(("operation", "given"), [(accounts.deactivate, "a\0b"), (accounts._add, None)])
def test_what_leads_nowhere_is_no_place(operation: Callable[..., Any], given: Any) -> None:
    assert place_of(operation, ANONYMOUS, [given]) is None
