"""What nobody foresaw ends one operation, with an error that its client is told, and is logged once."""

from collections.abc import Callable
from typing import Any

import pytest

from chatgraph.schema.ids import split_id
from chatgraph.schema.live import hearing, listening
from tests.cast import Cast
from tests.conftest import Server
from tests.live import wires
from tests.live.listeners import ROOM, Listener
from tests.live.wires import TALKS, VIEWER, Piece, Wire, streamed, until, wired

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("tidy")]

TYPING = "subscription ($room: ID!) { typing(roomId: $room) { typing } }"
INSIDE = "the inside"
DEFECTS = [KeyError(INSIDE), RuntimeError(INSIDE)]
each_defect = pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: type(defect).__name__)


@pytest.fixture
def fails_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str, Exception], None]:
    """Have a function fail when it is called the next time, and do then what it does."""

    def spoil(owner: Any, name: str, defect: Exception) -> None:
        real, left = getattr(owner, name), [defect]

        def spoiled(*given: Any, **named: Any) -> Any:
            if left:
                raise left.pop()
            return real(*given, **named)

        monkeypatch.setattr(owner, name, spoiled)

    return spoil


def assert_masked(errors: list[dict[str, Any]], complaints: list[str]) -> None:
    """See that a client was told an id, and nothing from inside, of what was logged once under that id."""
    [error], [logged] = errors, complaints
    incident = error["extensions"]["id"]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "id": incident}
    assert incident in error["message"]
    assert INSIDE not in str(error)
    assert incident in logged
    assert INSIDE in logged
    complaints.clear()


async def assert_ends(wire: Wire, complaints: list[str]) -> None:
    """Hear that operation 1 ended by a defect."""
    ended = await wire.hear()
    assert (ended["id"], ended["type"]) == ("1", "error")
    assert_masked(ended["payload"], complaints)


@each_defect
async def test_a_subscription_that_fails_ends_with_an_error_and_may_be_asked_again(
    standing: Server, company: Cast, hall: str, complaints: list[str], fails_once: Callable, defect: Exception
) -> None:
    fails_once(listening, "read_on", defect)
    async with wired(standing, company.ben) as wire:
        await wire.subscribe("1", TALKS, room=hall)
        await assert_ends(wire, complaints)
        await wire.subscribe("1", TALKS, room=hall)
        await wires.listening(standing)
        await company.ada.post_talk(hall)
        assert (await wire.hear())["type"] == "next"


@each_defect
async def test_a_subscription_that_fails_after_a_rest_ends_alone(
    standing: Server, company: Cast, complaints: list[str], fails_once: Callable, defect: Exception
) -> None:
    house = await company.ada.create_house()
    room = await company.ada.create_room(house)
    async with wired(standing, company.ben) as wire, wired(standing, company.ada) as other:
        await wire.subscribe("1", TALKS, room=room)
        await other.subscribe("1", TALKS, room=room)
        await wires.listening(standing, 2)
        fails_once(listening, "follow", defect)
        standing.chat.hub.doubt(split_id(house, "id")[1], split_id(company.ben.id, "id")[1])
        await assert_ends(wire, complaints)
        await company.ada.post_talk(room)
        assert (await other.hear())["type"] == "next"
        await wire.settled()


@each_defect
async def test_hearing_that_fails_ends_with_an_error(
    standing: Server, company: Cast, hall: str, complaints: list[str], fails_once: Callable, defect: Exception
) -> None:
    fails_once(hearing, "dress_whisper", defect)
    async with wired(standing, company.ben) as wire:
        await wire.subscribe("1", TYPING, room=hall)
        await until(lambda: standing.chat.hub.whispers._hearers)
        await company.ada.do("setTyping", "until", roomId=hall, typing=True)
        await assert_ends(wire, complaints)


@each_defect
async def test_a_query_that_fails_before_it_is_executed_ends_with_an_error(
    standing: Server, company: Cast, complaints: list[str], fails_once: Callable, defect: Exception
) -> None:
    async with wired(standing, company.ben) as wire:
        fails_once(standing.chat.rates, "spend_query", defect)
        await wire.subscribe("1", VIEWER)
        await assert_ends(wire, complaints)
        assert await wire.ask("1", VIEWER) == {"data": {"viewer": {"username": "ben"}}}


@each_defect
async def test_a_stream_that_fails_ends_with_an_error(
    company: Cast, hall: str, complaints: list[str], fails_once: Callable, defect: Exception
) -> None:
    fails_once(listening, "read_on", defect)
    async with streamed(company.ben, TALKS, room=hall) as tape:
        told = await tape.event()
        assert told is not None
        assert list(told.data) == ["errors"]
        assert_masked(told.data["errors"], complaints)
        assert [await tape.event(), await tape.event()] == [Piece("complete", None), None]


async def test_what_cannot_be_sent_to_a_client_that_is_gone_is_no_failure(
    standing: Server, company: Cast, hall: str, complaints: list[str]
) -> None:
    listener = Listener(standing.url, company.ben.token, hall, document=ROOM, reads=False)
    await listener.connect()
    await wires.listening(standing)
    [kept] = standing.app.state.live.listeners
    while not kept._queue:  # its socket takes no more, and what is sent waits for it
        await company.ada.post_talk(hall, "\N{GRINNING FACE}" * 3900)
    await listener.drop()
    await until(lambda: not wires.left_behind(standing))
    assert complaints == []
