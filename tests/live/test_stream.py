"""Server-sent events in the distinct connections mode of graphql-sse: one request, one operation, one stream."""

import httpx
import orjson
import pytest

from chatgraph.schema.live import stream
from tests.cast import Actor, Cast
from tests.conftest import Server
from tests.live.wires import (
    PATIENCE,
    TALKS,
    VIEWER,
    Piece,
    Tape,
    listening,
    streamed,
    token_for_a_moment,
    until,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("tidy")]

STREAM = "text/event-stream"
# What urql sends with everything.
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, "
    "multipart/mixed"
)
POST = 'mutation($room: ID!) { postTalk(input: {roomId: $room, content: "By stream"}) { talk { content } } }'
OVER = Piece("complete", None)


def media_type(tape: Tape) -> str:
    return tape.response.headers["content-type"].partition(";")[0]


async def body(tape: Tape) -> dict:
    await tape.response.aread()
    return tape.response.json()


async def content(tape: Tape) -> str:
    """Give what was said, of the next event."""
    piece = await tape.event()
    assert piece is not None
    assert piece.event == "next", piece
    return piece.data["data"]["roomEvents"]["talk"]["content"]


@pytest.mark.parametrize("accept", [STREAM, URQL, f"{STREAM}, */*;q=0.1", "*/*"])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_subscription_is_told_as_a_stream(
    standing: Server, company: Cast, hall: str, accept: str, method: str
) -> None:
    async with streamed(company.ben, TALKS, accept=accept, method=method, room=hall) as tape:
        assert tape.response.status_code == 200
        assert tape.response.headers["content-type"].replace(" ", "") == f"{STREAM};charset=utf-8"
        assert "no-store" in tape.response.headers["cache-control"]
        assert "content-length" not in tape.response.headers
        await listening(standing)
        for number in range(2):
            await company.ada.post_talk(hall, f"line\n{number}\r 明")
            assert await content(tape) == f"line\n{number}\r 明"
    assert b"\r" not in tape.bytes
    assert tape.bytes.startswith(b":\n\nevent: next\ndata: {")
    assert tape.bytes.endswith(b"}\n\n")


async def test_a_client_that_takes_nothing_else_gets_every_answer_as_a_stream(
    company: Cast, hall: str
) -> None:
    async with streamed(company.ada, VIEWER) as tape:
        assert (tape.response.status_code, media_type(tape)) == (200, STREAM)
        assert "Accept" in tape.response.headers["vary"]
        assert await tape.piece() == Piece("next", {"data": {"viewer": {"username": "ada"}}})
        assert await tape.piece() == OVER
        assert await tape.piece() is None
    assert tape.bytes == (
        b'event: next\ndata: {"data":{"viewer":{"username":"ada"}}}\n\nevent: complete\ndata:\n\n'
    )
    async with streamed(company.ada, POST, room=hall) as tape:
        assert await tape.event() == Piece("next", {"data": {"postTalk": {"talk": {"content": "By stream"}}}})
        assert await tape.event() == OVER


REFUSED = {
    "not GraphQL": ("subscription {", "GRAPHQL_PARSE_FAILED"),
    "an unknown field": ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    "a variable missing": (TALKS, "BAD_USER_INPUT"),
    "what isn't there": (TALKS, "NOT_FOUND"),
}


@pytest.mark.parametrize("wrong", REFUSED)
async def test_what_is_refused_is_told_in_the_stream_or_in_json(company: Cast, wrong: str) -> None:
    query, code = REFUSED[wrong]
    variables = {"room": "Um9vbTo5OTk="} if code == "NOT_FOUND" else {}
    async with streamed(company.ben, query, **variables) as tape:
        assert (tape.response.status_code, media_type(tape)) == (200, STREAM)
        told = await tape.event()
        assert told is not None
        assert [error["extensions"]["code"] for error in told.data["errors"]] == [code]
        assert await tape.event() == OVER
        assert await tape.event() is None
    async with streamed(company.ben, query, accept=URQL, **variables) as tape:
        assert media_type(tape) == "application/json"
        assert (await body(tape))["errors"] == told.data["errors"]


async def test_a_stranger_is_told_to_sign_in(company: Cast, hall: str) -> None:
    async with streamed(company.stranger, TALKS, room=hall) as tape:
        told = await tape.event()
        assert told is not None
        assert told.data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert await tape.event() == OVER
    async with streamed(company.stranger, TALKS, accept=URQL, room=hall) as tape:
        assert (tape.response.status_code, media_type(tape)) == (401, "application/json")


@pytest.mark.parametrize("query", [VIEWER, POST])
async def test_json_is_preferred_where_it_is_welcome_too(company: Cast, hall: str, query: str) -> None:
    for accept in (URQL, f"{STREAM}, application/json", "*/*", f"{STREAM}, */*"):
        async with streamed(company.ada, query, accept=accept, room=hall) as tape:
            assert media_type(tape) == "application/json"
            assert "errors" not in await body(tape)


@pytest.mark.parametrize("accept", ["application/json", f"application/json, {STREAM};q=0"])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_subscription_where_only_json_is_welcome_is_told_what_to_accept(
    company: Cast, hall: str, accept: str, method: str
) -> None:
    async with streamed(company.ben, TALKS, accept=accept, method=method, room=hall) as tape:
        assert media_type(tape) == "application/json"
        [error] = (await body(tape))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert STREAM in error["message"]


async def test_a_mutation_by_get_is_refused_in_a_stream_too(company: Cast, hall: str) -> None:
    async with streamed(company.ada, POST, method="GET", room=hall) as tape:
        assert tape.response.status_code == 405
        assert (await body(tape))["errors"][0]["message"]


async def test_comments_keep_a_quiet_stream_alive(
    company: Cast, hall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "QUIET_SECONDS", 0.01)
    async with streamed(company.ben, TALKS, room=hall) as tape:
        for _ in range(5):
            assert await tape.piece() == Piece("", None)
        await company.ada.post_talk(hall, "amid comments")
        assert await content(tape) == "amid comments"


async def test_a_stream_goes_on_where_another_ended(company: Cast, hall: str) -> None:
    async with streamed(company.ben, TALKS, room=hall) as tape:
        assert await tape.piece() == Piece("", None)
        await company.ada.post_talk(hall, "first")
        told = await tape.event()
        assert told is not None
        cursor = told.data["data"]["roomEvents"]["cursor"]
    for number in range(3):
        await company.ada.post_talk(hall, f"missed {number}")
    async with streamed(company.ben, TALKS, room=hall, after=cursor) as tape:
        assert [await content(tape) for _ in range(3)] == [f"missed {number}" for number in range(3)]


@pytest.mark.parametrize("how", ["closed", "aborted"])
async def test_a_client_that_goes_away_leaves_nothing_behind(
    standing: Server, company: Cast, hall: str, how: str
) -> None:
    live = standing.app.state.live
    for _ in range(3):
        async with streamed(company.ben, TALKS, room=hall) as tape, streamed(company.ada, TALKS, room=hall):
            await listening(standing, 2)
            if how == "aborted":
                tape.response.extensions["network_stream"].get_extra_info("socket").shutdown(2)
                await listening(standing, 1)
        await until(lambda: not live.listeners)


async def test_a_stream_ends_with_an_error_when_the_token_expires(
    standing: Server, company: Cast, hall: str
) -> None:
    moment = Actor(company.http, "ben")
    moment.token = token_for_a_moment(standing, company.ben)
    async with streamed(moment, TALKS, room=hall) as tape, streamed(company.ben, TALKS, room=hall) as other:
        told = await tape.event()
        assert told is not None
        assert told.event == "next"
        assert told.data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert [await tape.event(), await tape.event()] == [OVER, None]
        await company.ada.post_talk(hall, "for others")
        assert await content(other) == "for others"


async def test_a_stream_ends_with_an_error_when_its_session_does(
    standing: Server, company: Cast, hall: str
) -> None:
    dora = await company.newcomer()
    async with streamed(dora, TALKS, room=hall) as tape:
        await listening(standing)
        await dora.do("logout", "ok", refreshToken=dora.refresh_token)
        told = await tape.event()
        assert told is not None
        assert told.data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert [await tape.event(), await tape.event()] == [OVER, None]


async def test_a_stream_ends_with_what_ended_it_and_an_error(
    standing: Server, company: Cast, hall: str
) -> None:
    room = await company.ada.create_room(await company.ada.create_house())
    async with streamed(company.ben, TALKS, room=room) as tape:
        await listening(standing)
        await company.ada.do("deleteRoom", "roomId", roomId=room)
        last, error = await tape.event(), await tape.event()
        assert last is not None
        assert last.data["data"]["roomEvents"]["__typename"] == "RoomDeleted"
        assert error is not None
        assert error.data["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        assert [await tape.event(), await tape.event()] == [OVER, None]


async def test_deep_variables_are_answered(company: Cast, hall: str) -> None:
    start = orjson.dumps({"query": TALKS, "variables": {"room": hall}}).decode()
    sent = start[:-2] + ',"unused":' + "[" * 300 + "]" * 300 + "}}"
    headers = {**company.ben.headers, "Accept": STREAM, "Content-Type": "application/json"}
    async with (
        httpx.AsyncClient(base_url=company.http.base_url, timeout=PATIENCE) as http,
        http.stream("POST", "/graphql", content=sent, headers=headers) as response,
    ):
        assert response.status_code == 200
        await company.ada.post_talk(hall, "despite it")
        assert await content(Tape(response)) == "despite it"


async def test_a_user_has_so_many_streams_and_another_when_one_ends(
    standing: Server, company: Cast, hall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_STREAMS", 1)
    async with streamed(company.ben, TALKS, room=hall):
        await listening(standing)
        async with streamed(company.ben, TALKS, room=hall) as tape:
            refused = await tape.event()
            assert refused is not None
            assert refused.data["errors"][0]["message"] == "At most 1 streams of one user are open at a time."
            assert await tape.event() == OVER
        async with streamed(company.ada, TALKS, room=hall):
            await listening(standing, 2)
    await listening(standing, 0)
    async with streamed(company.ben, TALKS, room=hall):
        await listening(standing)
