"""Asks every cell of the server and compares what it gives with what it should give."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import httpx
from graphql import GraphQLSchema

from tests.permissions.answers import is_more, read_graph, read_rest
from tests.permissions.calls import Call, Request, never
from tests.permissions.database import changed
from tests.permissions.reads import reads
from tests.permissions.rest import differs_from_graph, rest_calls
from tests.permissions.scene import Scene
from tests.permissions.subscriptions import subscriptions
from tests.permissions.table import ACTORS, WORLDS, Row
from tests.permissions.writes import writes

# What differs between any two answers.
PASSING = ("date", "x-request-id")

# The answers to requests that only read, by who sent them and what they are: several cells look at the same one.
Answers = dict[tuple[str, str], httpx.Response]


@dataclass(frozen=True)
class Wrong:
    """A cell that isn't as it should be: a leak gives too much, an over-block too little."""

    leak: bool
    row: str
    actor: str
    world: str
    target: str
    expected: str
    got: str

    def __str__(self) -> str:
        kind = "LEAK" if self.leak else "OVER-BLOCKED"
        where = f"{self.row} for {self.actor} in the {self.world} world ({self.target})"
        return f"{kind}: {where}: expected {self.expected}, got {self.got}"


@dataclass
class Report:
    """What came of asking: how many cells there were, how many calls they took, and what was wrong."""

    cells: int = 0
    calls: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def leaks(self) -> list[Wrong]:
        return [wrong for wrong in self.wrong if wrong.leak]

    @property
    def over_blocked(self) -> list[Wrong]:
        return [wrong for wrong in self.wrong if not wrong.leak]

    def __str__(self) -> str:
        """Give the one line."""
        return f"cells {self.cells}, leaks {len(self.leaks)}, over-blocked {len(self.over_blocked)}"

    def add(self, other: "Report") -> None:
        """Take in another report."""
        self.cells, self.calls = self.cells + other.cells, self.calls + other.calls
        self.wrong += other.wrong


async def judge(
    scene: Scene,
    schema: GraphQLSchema,
    rows: Iterable[Row],
    *,
    actors: Collection[str] = ACTORS,
    worlds: Collection[str] = WORLDS,
) -> Report:
    """Ask all cells of these rows."""
    report = Report()
    answers: Answers = {}
    for row in rows:
        for world in worlds:
            for actor in actors:
                report.cells += 1
                for call in calls_of(scene, schema, row, actor, world):
                    report.calls += 1
                    for leak, got in await _judge(scene, call, actor, world, answers):
                        report.wrong.append(
                            Wrong(leak, row.key, actor, world, call.target, call.expected, got)
                        )
    return report


def calls_of(scene: Scene, schema: GraphQLSchema, row: Row, actor: str, world: str) -> list[Call]:
    """Give the calls of a cell; there must be one."""
    if row.section in ("GET", "POST"):
        calls = list(rest_calls(scene, row, actor, world))
    elif row.section == "Mutation":
        calls = list(writes(scene, schema, row, actor, world))
    elif row.section == "Subscription":
        calls = list(subscriptions(scene, schema, row, actor, world))
    else:
        calls = list(reads(scene, schema, row, actor, world))
    assert calls, f"nobody has said how to call {row.key}"
    return calls


async def _ask(scene: Scene, request: Request, actor: str, answers: Answers | None) -> httpx.Response:
    """Send a request; one that reads and was sent by the same actor before has its answer already."""
    if answers is None:
        return await request.send(scene.actors[actor])
    key = actor, repr(request)
    if key not in answers:
        answers[key] = await request.send(scene.actors[actor])
    return answers[key]


async def _judge(
    scene: Scene, call: Call, actor: str, world: str, answers: Answers
) -> list[tuple[bool, str]]:
    """Make a call and give what is wrong with its answer: whether it is a leak, and what was got."""
    sharing = None if call.writes else answers
    ledger = scene.ledger
    if call.set_up:
        await ledger.set_up(call.set_up)
    before, version = ledger.dump() if call.set_up else ledger.kept, ledger.version()
    response = await _ask(scene, call.request, actor, sharing)
    read = read_graph if call.request.query is not None else read_rest
    codes = read(response, call)
    after = before if ledger.version() == version else ledger.dump()
    tables = changed(before, after)
    found: list[tuple[bool, str]] = []
    if call.writes and codes == ["y"]:
        codes = [_done(scene, actor, world, before["members"], after["members"], tables)]
    elif tables:
        found.append((True, f"{', '.join(codes)}, and yet {', '.join(tables)} changed"))
    found += [(is_more(code, call.expected), code) for code in codes if code != call.expected]
    opened = world if call.opens else None
    if unknown := scene.marks.unknown(response.text, actor, opened):
        found.append((True, f"an answer that shows {', '.join(unknown[:5])} and so {len(unknown)} in all"))
    if tables or call.set_up:
        await ledger.restore()
    if call.expected == "0" and (told := await _told_apart(scene, call, actor, response, sharing)):
        found.append((True, told))
    compares = call.lists and call.request.query is None and response.status_code != 401
    if compares and (told := await differs_from_graph(scene, call, actor, response.json())):
        found.append((True, told))
    return found


def _done(scene: Scene, actor: str, world: str, before: list, after: list, tables: list[str]) -> str:
    """Give the code of a write that was done: whether the actor became a member by it, and whether anything changed."""
    me, house = scene.users.get(actor), scene.worlds[world].house
    was, is_now = (any(row[1:3] == (house, me) for row in rows) for rows in (before, after))
    if is_now and not was:
        return "j"
    return "y" if tables else "="


async def _told_apart(
    scene: Scene, call: Call, actor: str, response: httpx.Response, answers: Answers | None
) -> str | None:
    """Say in what the answer about a hidden thing isn't the one about what never was."""
    other = await _ask(scene, never(scene, call.request), actor, answers)
    headers = [
        {name: value for name, value in each.headers.items() if name not in PASSING}
        for each in (response, other)
    ]
    if response.content != other.content:
        return f"{response.text[:200]!r}, but {other.text[:200]!r} for what never was"
    if response.status_code != other.status_code or headers[0] != headers[1]:
        return f"{response.status_code} {headers[0]}, but {other.status_code} {headers[1]} for what never was"
    return None
