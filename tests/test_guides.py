"""The guides: their examples run, their tables say what the code does, and what they name is there."""

import inspect
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, parse, validate

from chatgraph.models import Rank, Standing
from chatgraph.operations.rights import Because, Thing, decide
from chatgraph.operations.rules import RULES, Action
from chatgraph.schema.live import answering, messages, socket, stream
from chatgraph.schema.schema import SCHEMA
from chatgraph.schema.types.events import ResyncReason
from chatgraph.server.running import SOCKETS
from chatgraph.settings import Settings
from tests.cast import Actor, Cast

ROOT = Path(__file__).parents[1]
MODERATION = ROOT / "docs" / "moderation.md"
LIVE = ROOT / "docs" / "live-talks.md"
BLOCK = re.compile(r"^```graphql\n(.+?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(block, id=f"{guide.name}-{n}")
    for guide in (ROOT / "README.md", MODERATION)
    for n, block in enumerate(BLOCK.findall(guide.read_text("utf-8")))
]
SOON = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("block", BLOCKS)
def test_an_example_is_valid(block: str) -> None:
    assert validate(SCHEMA._schema, parse(block)) == []


def test_an_example_that_is_not_valid_is_noticed() -> None:
    assert validate(SCHEMA._schema, parse("{ houses { nodes { colour } } }"))


def rows(guide: Path) -> dict[str, list[str]]:
    """Give the rows of a guide's tables by their first cell, where that is code."""
    lines = [line for line in guide.read_text("utf-8").splitlines() if line.startswith("| `")]
    return {
        cells[0].strip("`"): cells[1:] for cells in ([c.strip() for c in ln.split("|")[1:-1]] for ln in lines)
    }


def may(rank: Rank | None, action: Action) -> str:
    """Say whether people of a rank may, in the words of the table."""
    if not decide(Standing(rank), action, Thing()).allowed:
        return "their own" if decide(Standing(rank), action, Thing(own=True)).allowed else ""
    over_all = rank is None or decide(Standing(rank), action, Thing(rank=rank)).allowed
    return "yes" if over_all else "lower roles"


def hindrances(action: Action) -> str:
    """Say what keeps a member from it who may else."""
    member, muted = Standing(Rank.MEMBER), Standing(Rank.MEMBER, mute_end=SOON)
    tried = {
        "muted": (decide(muted, action, Thing(own=True)), Because.MUTE),
        "locked": (decide(member, action, Thing(own=True, locked=True)), Because.LOCK),
        "archived": (decide(member, action, Thing(own=True, archived=True)), Because.ARCHIVE),
    }
    return ", ".join(word for word, (decision, because) in tried.items() if decision.because is because)


def test_the_table_of_rights_is_what_the_rules_say() -> None:
    told = {name: cells for name, cells in rows(MODERATION).items() if name.isupper()}
    assert list(told) == [action.name for action in RULES]
    for action in RULES:
        ranks = [may(rank, action) for rank in (None, Rank.MEMBER, Rank.MODERATOR, Rank.OWNER)]
        assert told[action.name] == [action.value, *ranks, hindrances(action)]


def test_what_is_named_in_code_is_in_the_schema() -> None:
    names: set[str] = set()
    for kind in SCHEMA._schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            names |= set(kind.fields)
    text = MODERATION.read_text("utf-8")
    named = set(re.findall(r"`([a-z]+(?:[A-Z][a-z]+)+)\b[^`]*`", text))
    assert {"banUser", "endTime", "viewerCan"} <= named
    assert named - names == set()


def test_every_code_that_closes_a_socket_is_told() -> None:
    sources = "".join(inspect.getsource(module) for module in (answering, messages, socket))
    closing = set(re.findall(r"\b44\d\d\b", sources))
    assert {"4400", "4401", "4403"} <= closing
    table = LIVE.read_text("utf-8").split("| code |")[1].split("\n\n")[0]
    assert set(re.findall(r"\b44\d\d\b", table)) == closing


def test_the_limits_of_live_talks_are_told_as_they_are() -> None:
    text = LIVE.read_text("utf-8")
    assert (socket.MESSAGES_SECONDS, SOCKETS["ws_ping_interval"]) == (60, 20)
    for told in (
        f"| operations at a time on a socket | {answering.MOST_OPERATIONS} |",
        f"| sockets of a user | {socket.MOST_SOCKETS} |",
        f"| sockets without a token from an address | {socket.MOST_SOCKETS};",
        f"| messages from a client | {socket.MOST_MESSAGES} a minute",
        f"| one message from a client | {SOCKETS['ws_max_size'] // 1024} KiB |",
        f"| an operation's `id` | {messages.LONGEST_ID} characters |",
        f"| `connection_init` | within {socket.INIT_SECONDS} s |",
        f"| the journal | {Settings.model_fields['journal_days'].default} days, `CHATGRAPH_JOURNAL_DAYS` |",
        f"every {SOCKETS['ws_ping_interval']} s a socket is pinged, every {stream.QUIET_SECONDS} s a stream",
        *(f"`{reason.name}` (" for reason in ResyncReason),
    ):
        assert told in text


async def test_the_examples_of_the_guide_to_moderation_run_one_after_the_other(cast: Cast) -> None:
    ada, ben, cleo, dora = cast.ada, cast.ben, cast.cleo, Actor(cast.http, "dora")
    await dora.register()
    await dora.sign_in()
    house = await ada.create_house()
    room = await ben.create_room(house)
    talk = await dora.post_talk(room)
    await dora.do("leaveHouse", "house { id }", houseId=house)
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    # Ben is made a moderator; what he does is done to Cleo.
    given: dict[str, Any] = {"house": house, "room": room, "talk": talk, "user": ben.id, "until": until}
    sender = {
        "Appoint": ada, "LookAtInvite": cleo, "AcceptInvite": cleo, "TakeRequests": ada, "RequestToJoin": dora,
        "Draw": dora, "Register": cast.stranger,
    }  # fmt: skip
    told: dict[str, Any] = {}
    for block in BLOCK.findall(MODERATION.read_text("utf-8")):
        [(name, takes)] = re.findall(r"^(?:query|mutation) (\w+)\((.*?)\) \{", block)
        if name == "Register":
            given["code"] = (await ben.do("createInvite", "code", houseId=house))["code"]
        variables = {variable: given[variable] for variable in re.findall(r"\$(\w+)", takes)}
        told[name] = answer = await sender.get(name, ben).ask(block, **variables)
        if name == "Appoint":
            given["user"] = cleo.id
        if name == "Invite":
            given["code"] = answer["createInvite"]["code"]
            given["invite"] = answer["createInvite"]["invite"]["id"]
        if name == "RequestToJoin":
            given["request"] = answer["requestToJoin"]["joinRequest"]["id"]
    assert sender.keys() <= told.keys()
    assert told["AcceptInvite"]["acceptInvite"]["house"]["viewerRole"] == "MEMBER"
    assert told["Approve"]["approveJoinRequest"]["joinRequest"]["state"] == "APPROVED"
    assert told["Bans"]["house"]["bans"]["nodes"][0]["user"]["username"] == "cleo"
    assert told["AuditLog"]["house"]["auditLog"]["nodes"][0]["reason"] == "Somebody's address"
    assert told["Explain"]["room"]["explain"]["decidedBy"] == "VISIBILITY"
    assert told["Register"]["register"]["user"]["username"] == "eve"
