"""What a change holds among all servers, and that ids of any size lead nowhere rather than astray."""

import pytest

from chatgraph.store.database import Database
from chatgraph.store.places import At, Place
from chatgraph.store.postgres.holding import HOUSES, USERS, Hold, Holding, take_all
from tests.store.test_writer import founding


@pytest.fixture
def holding(database: Database) -> Holding:
    return Holding(database.reading)


@pytest.mark.parametrize(
    ("place", "holds"),
    [
        (None, []),
        (Place(At.HOUSE, 1), [Hold(HOUSES + 1)]),
        (Place(At.HOUSE, 1, 7), [Hold(HOUSES + 1), Hold(USERS + 7, shared=True)]),
        (Place(At.USER, 7), [Hold(USERS + 7)]),
        (Place(At.ROOM, 99, 7), [Hold(USERS + 7, shared=True)]),
        (Place(At.USERNAME, "nobody"), []),
        (Place(At.HOUSE, 2**63 - 1, 7), [Hold(USERS + 7, shared=True)]),
    ],
)
@pytest.mark.postgresql
async def test_a_place_holds_what_is_there_alone_and_who_does_it_with_others(
    holding: Holding, place: Place | None, holds: list[Hold]
) -> None:
    assert await holding.find(place) == holds


def test_each_hold_is_taken_once_in_one_order_alone_if_anybody_wants_it_alone() -> None:
    assert take_all([Hold(9), Hold(3, shared=True), Hold(9, shared=True), Hold(5)]) == (
        "SELECT pg_advisory_xact_lock_shared(3), pg_advisory_xact_lock(5), pg_advisory_xact_lock(9)"
    )
    assert take_all([]) == ""


@pytest.mark.postgresql
@pytest.mark.parametrize("at", [At.HOUSE, At.ROOM, At.TALK, At.INVITE, At.JOIN_REQUEST, At.USER])
async def test_an_id_that_nothing_ever_has_is_no_failure(database: Database, at: At) -> None:
    assert await database.write(founding("Engine"), None, Place(at, 2**63 - 1)) > 1
