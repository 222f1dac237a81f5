"""Each thing that can go wrong is told by the finding that is named after it."""

from collections.abc import Callable

import pytest

from chatgraph.events.kinds import Kind
from tests.faults.findings import Findings, compare, compare_file
from tests.faults.ledger import Kept, Ledger, Sent
from tests.faults.stored import File, Stored

TALKS = [
    Stored(0, 11, 1, "ada-0-1", "ada"),
    Stored(0, 12, 2, "ben-1-1", "ben"),
    Stored(0, 13, 3, "ada-0-2", "ada"),
]
JOURNAL: list[tuple[int, int, int]] = [
    (1, Kind.ROOM_CREATED, 1),
    *((talk.seq + 1, Kind.TALK_POSTED, talk.id) for talk in TALKS),
]


def a_ledger_of(talks: list[Stored]) -> Ledger:
    ledger = Ledger()
    for talk in talks:
        sent = Sent(talk.content, int(talk.content.split("-")[1]), talk.author, talk.room)
        ledger.send(sent)
        ledger.acknowledge(sent, Kept(talk.id, talk.seq), replayed=False)
    return ledger


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert compare(a_ledger_of(TALKS), TALKS).clean
    assert compare_file(TALKS, File("ok", {1: JOURNAL}, 0)).clean


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        (TALKS[:2], Findings(lost=1)),
        ([*TALKS, Stored(0, 14, 4, "who", "ada")], Findings(phantom=1)),
        ([*TALKS, TALKS[2]._replace(id=14, seq=4)], Findings(lost=1, duplicated=1)),
        ([*TALKS[:2], TALKS[2]._replace(author="ben")], Findings(changed=1)),
        ([*TALKS[:2], TALKS[2]._replace(seq=4)], Findings(lost=1, holes=1)),
    ],
    ids=["lost", "phantom", "duplicated", "changed", "holes"],
)
def test_what_is_stored_otherwise_than_acknowledged_is_found(stored: list[Stored], found: Findings) -> None:
    assert compare(a_ledger_of(TALKS), stored) == found


def test_a_talk_that_overtook_an_earlier_one_is_found() -> None:
    swapped = [TALKS[0]._replace(content="ada-0-2"), TALKS[1], TALKS[2]._replace(content="ada-0-1")]
    ledger = a_ledger_of([swapped[2], swapped[1], swapped[0]])
    assert compare(ledger, swapped) == Findings(out_of_order=1)


@pytest.mark.parametrize(
    ("kept", "replayed", "broken"),
    [(Kept(11, 1), True, 0), (Kept(11, 1), False, 1), (Kept(14, 4), True, 1)],
    ids=["the same talk", "not said to be replayed", "another talk"],
)
def test_a_retry_must_give_the_same_talk_and_say_so(kept: Kept, replayed: bool, broken: int) -> None:
    ledger = a_ledger_of(TALKS)
    ledger.acknowledge(ledger.sent["ada-0-1"], kept, replayed)
    assert compare(ledger, TALKS) == Findings(retries_broken=broken)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda journal: journal[:3],
        lambda journal: [*journal[:3], (5, *journal[3][1:])],
        lambda journal: [*journal, (5, Kind.TALK_POSTED, 99)],
        lambda journal: [*journal, (5, Kind.TALK_POSTED, 11)],
    ],
    ids=["a talk untold", "a hole", "a talk that isn't there", "a talk told twice"],
)
def test_a_journal_that_does_not_tell_each_talk_once_is_found(spoil: Callable[[list], list]) -> None:
    assert compare_file(TALKS, File("ok", {1: spoil(JOURNAL)}, 0)) == Findings(journal=1)


def test_a_broken_file_and_a_key_used_twice_are_found() -> None:
    assert compare_file(TALKS, File("row 3 missing", {1: JOURNAL}, 1)) == Findings(integrity=1, duplicated=1)
