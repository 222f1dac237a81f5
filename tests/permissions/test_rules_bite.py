"""Every line of the table of rights bites: whichever is loosened or tightened, the matrix sees it."""

from collections.abc import Callable

import pytest

from chatgraph.models import Rank
from chatgraph.operations.rules import RULES, Action, Rule
from chatgraph.schema.schema import SCHEMA
from tests.permissions.judge import Report, judge
from tests.permissions.rights import OF_HOUSE, OF_MEMBER, OF_ROOM, OF_TALK
from tests.permissions.scene import Scene
from tests.permissions.table import TABLE

pytestmark = pytest.mark.asyncio(loop_scope="package")

ROWS = OF_HOUSE | OF_MEMBER | OF_ROOM | OF_TALK
# What everybody may who isn't banned can't be loosened any further.
WIDEST = {Action.READ, Action.JOIN_HOUSE, Action.CREATE_ROOM, Action.POST_TALK}


def loosened(rule: Rule) -> Rule:
    """Let in who was left out: the owner where ranks end below, outsiders where members may, else members."""
    if rule.most < Rank.OWNER:
        return rule._replace(most=Rank.OWNER)
    if rule.rank is Rank.MEMBER:
        return rule._replace(outsiders=True)
    return rule._replace(rank=Rank.MEMBER, to_lower=False)


def to_anybody(rule: Rule) -> Rule:
    """Forget that it is done to lower ranks alone."""
    return rule._replace(to_lower=False)


def tightened(rule: Rule) -> Rule:
    """Let nobody."""
    return rule._replace(rank=None, own=None, outsiders=False)


async def with_rule(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, action: Action, change: Callable[[Rule], Rule]
) -> Report:
    """Ask the row that an action is good for, with its rule changed."""
    monkeypatch.setitem(RULES, action, change(RULES[action]))
    row = TABLE[ROWS[action.name]]
    return await judge(scene, SCHEMA._schema, [row], actors=("NM", "ME", "MO", "OW"), worlds=["public"])


@pytest.mark.parametrize(
    "action", [action for action in Action if action not in WIDEST], ids=lambda it: it.name
)
async def test_a_rule_that_is_loosened_is_seen(
    action: Action, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await with_rule(scene, monkeypatch, action, loosened)).wrong


@pytest.mark.parametrize(
    "action", [action for action in Action if RULES[action].to_lower], ids=lambda it: it.name
)
async def test_a_rule_that_forgets_ranks_is_seen(
    action: Action, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await with_rule(scene, monkeypatch, action, to_anybody)).wrong


@pytest.mark.parametrize("action", Action, ids=lambda it: it.name)
async def test_a_rule_that_is_tightened_blocks_too_much(
    action: Action, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await with_rule(scene, monkeypatch, action, tightened)
    assert found.over_blocked
    assert not found.leaks
