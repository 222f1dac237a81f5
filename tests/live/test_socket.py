"""`graphql-transport-ws` (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md): what is said and heard."""

import asyncio
from typing import Any

import pytest

from tests.cast import Cast
from tests.conftest import Server
from tests.live.wires import TALKS, VIEWER, listening, plugged, until, wired

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("tidy")]

POST = """
mutation Post($room: ID!, $content: String!) {
  postTalk(input: {roomId: $room, content: $content}) { talk { content } }
}
"""


def content(message: dict[str, Any]) -> str:
    """Give what was said, of a `next` about a talk."""
    assert message["type"] == "next", message
    return message["payload"]["data"]["roomEvents"]["talk"]["content"]


def codes(message: dict[str, Any]) -> list[str]:
    """Give the machine codes of an `error`, whose payload is a list of errors."""
    assert set(message) == {"id", "type", "payload"}
    assert message["type"] == "error", message
    return [error["extensions"]["code"] for error in message["payload"]]


async def test_a_socket_is_acknowledged_with_a_payload_or_without(standing: Server) -> None:
    payloads: list[dict[str, Any]] = [{"payload": {"app": "web", "Authorization": None}}, {"payload": {}}]
    for more in ({}, {"payload": None}, *payloads):
        async with plugged(standing) as wire:
            assert wire.connection.subprotocol == "graphql-transport-ws"
            await wire.say("connection_init", **more)
            assert await wire.hear() == {"type": "connection_ack"}


@pytest.mark.parametrize("key", ["Authorization", "authorization", "AUTHORIZATION", "accessToken"])
async def test_a_token_in_the_payload_says_who_asks(standing: Server, company: Cast, key: str) -> None:
    token = company.ada.token
    for value in (f"Bearer {token}", f"bearer {token}", token):
        async with plugged(standing) as wire:
            await wire.say("connection_init", payload={"headers": 1, key: value})
            assert await wire.hear() == {"type": "connection_ack"}
            assert await wire.ask("1", VIEWER) == {"data": {"viewer": {"username": "ada"}}}


async def test_a_token_in_the_handshake_says_who_asks_unless_the_payload_has_one(
    standing: Server, company: Cast
) -> None:
    for payload, username in (({}, "ada"), ({"accessToken": company.ben.token}, "ben")):
        async with plugged(standing, headers=company.ada.headers) as wire:
            await wire.say("connection_init", payload=payload)
            assert await wire.hear() == {"type": "connection_ack"}
            assert await wire.ask("1", VIEWER) == {"data": {"viewer": {"username": username}}}


async def test_without_a_token_nobody_asks(standing: Server, hall: str) -> None:
    async with wired(standing) as wire:
        assert await wire.ask("1", VIEWER) == {"data": {"viewer": None}}
        await wire.subscribe("2", TALKS, room=hall)
        assert codes(await wire.hear()) == ["UNAUTHENTICATED"]
        assert await wire.ask("3", VIEWER) == {"data": {"viewer": None}}


async def test_an_empty_token_in_the_payload_is_none(standing: Server) -> None:
    for value in ("", "Bearer ", None):
        async with plugged(standing) as wire:
            await wire.say("connection_init", payload={"Authorization": value})
            assert await wire.hear() == {"type": "connection_ack"}
            assert await wire.ask("1", VIEWER) == {"data": {"viewer": None}}


async def test_a_ping_is_answered_with_its_payload_before_and_after_the_acknowledgement(
    standing: Server,
) -> None:
    async with plugged(standing) as wire:
        payloads: list[dict[str, Any]] = [
            {},
            {"payload": {}},
            {"payload": {"at": [1, "明"]}},
            {"payload": None},
        ]
        for payload in payloads:
            await wire.say("ping", **payload)
            assert await wire.hear() == {"type": "pong", **payload}
        await wire.say("pong")
        await wire.say("pong", payload={"unasked": True})
        await wire.say("connection_init")
        assert await wire.hear() == {"type": "connection_ack"}
        await wire.settled()


async def test_a_query_and_a_mutation_give_one_result_and_end(
    standing: Server, company: Cast, hall: str
) -> None:
    async with wired(standing, company.ada) as wire:
        assert await wire.ask("a query", VIEWER) == {"data": {"viewer": {"username": "ada"}}}
        told = await wire.ask("明", POST, room=hall, content="By socket")
        assert told == {"data": {"postTalk": {"talk": {"content": "By socket"}}}}
        failed = await wire.ask("3", POST, room=hall, content="")
        assert failed["data"] is None
        assert failed["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "content"}


async def test_a_subscription_tells_what_happens_until_the_client_completes_it(
    standing: Server, company: Cast, hall: str
) -> None:
    async with wired(standing, company.ben) as wire:
        await wire.subscribe("1", TALKS, room=hall)
        await listening(standing)
        for number in range(3):
            await company.ada.post_talk(hall, f"talk {number}")
            assert content(await wire.hear()) == f"talk {number}"
        await wire.say("complete", "1")
        await until(lambda: not standing.app.state.live.listeners)
        await company.ada.post_talk(hall, "unheard")
        await wire.settled()


async def test_an_id_can_be_used_again_once_its_operation_is_complete(
    standing: Server, company: Cast, hall: str
) -> None:
    async with wired(standing, company.ben) as wire:
        for number in range(3):
            assert await wire.ask("1", VIEWER) == {"data": {"viewer": {"username": "ben"}}}
            await wire.subscribe("1", TALKS, room=hall)
            await listening(standing)
            await company.ada.post_talk(hall, f"again {number}")
            assert content(await wire.hear()) == f"again {number}"
            await wire.say("complete", "1")


async def test_an_id_can_be_used_again_while_what_it_stood_for_is_still_under_way(
    standing: Server, company: Cast, hall: str
) -> None:
    async with wired(standing, company.ben) as wire:
        for _ in range(5):
            await wire.subscribe("1", VIEWER)
            await wire.say("complete", "1")
            await wire.subscribe("1", TALKS, room=hall)
            await wire.say("complete", "1")
        assert await wire.ask("1", VIEWER) == {"data": {"viewer": {"username": "ben"}}}
        await wire.subscribe("1", TALKS, room=hall)
        await listening(standing)
        await company.ada.post_talk(hall, "the last one")
        assert content(await wire.hear()) == "the last one"
        await wire.settled()


async def test_completing_what_is_unknown_or_over_says_nothing(standing: Server, company: Cast) -> None:
    async with wired(standing, company.ada) as wire:
        await wire.say("complete", "never begun")
        await wire.ask("1", VIEWER)
        await wire.say("complete", "1")
        await wire.settled()


REFUSED = {
    "not GraphQL": ({"query": "{ viewer"}, "GRAPHQL_PARSE_FAILED"),
    "an unknown field": ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    "an unknown field of a subscription": (
        {"query": "subscription { nothing }"},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "two root fields": (
        {"query": 'subscription { a: houseEvents(houseId: "1") { time } b: houseEvents(houseId: "1") { time } }'},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "an unknown operation": ({"query": "query A { __typename }", "operationName": "B"}, "BAD_USER_INPUT"),
    "an unknown subscription": ({"query": TALKS, "operationName": "Walks"}, "BAD_USER_INPUT"),
    "no operation chosen": ({"query": "query A { __typename } query B { __typename }"}, "BAD_USER_INPUT"),
    "a variable missing": ({"query": TALKS}, "BAD_USER_INPUT"),
    "a variable of another type": ({"query": TALKS, "variables": {"room": ["1"]}}, "BAD_USER_INPUT"),
    "no id of ours": ({"query": TALKS, "variables": {"room": "hall"}}, "BAD_USER_INPUT"),
    "an id that nothing has": ({"query": TALKS, "variables": {"room": "Um9vbTo5OTk="}}, "NOT_FOUND"),
    "no cursor of ours": ({"query": TALKS, "variables": {"room": "HALL", "after": "?"}}, "BAD_USER_INPUT"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", REFUSED)
async def test_what_is_refused_is_told_as_an_error_and_the_others_go_on(
    standing: Server, company: Cast, hall: str, wrong: str
) -> None:
    payload, code = REFUSED[wrong]
    if (payload.get("variables") or {}).get("room") == "HALL":
        payload = payload | {"variables": payload["variables"] | {"room": hall}}
    async with wired(standing, company.ben) as wire:
        await wire.subscribe("kept", TALKS, room=hall)
        await listening(standing)
        await wire.say("subscribe", "wrong", payload=payload)
        told = await wire.hear()
        assert told["id"] == "wrong"
        assert codes(told) == [code]
        assert await wire.ask("wrong", VIEWER) == {"data": {"viewer": {"username": "ben"}}}
        await company.ada.post_talk(hall, "still here")
        assert content(await wire.hear()) == "still here"


async def test_operations_run_at_once_and_answer_by_their_ids(
    standing: Server, company: Cast, hall: str
) -> None:
    async with wired(standing, company.ben) as wire:
        await wire.subscribe("a", TALKS, room=hall)
        await wire.subscribe("b", TALKS, room=hall)
        await listening(standing, 2)
        names = [str(number) for number in range(20)]
        await asyncio.gather(*(wire.subscribe(name, VIEWER) for name in names))
        answered = await wire.hear_all(*names)
        assert {tuple(message["type"] for message in told) for told in answered.values()} == {
            ("next", "complete")
        }
        await company.ada.post_talk(hall, "to both")
        heard = [await wire.hear(), await wire.hear()]
        assert {(message["id"], content(message)) for message in heard} == {
            ("a", "to both"), ("b", "to both"),
        }  # fmt: skip


async def test_an_operation_is_chosen_by_its_name(standing: Server, company: Cast) -> None:
    async with wired(standing, company.ada) as wire:
        query = f"query A {VIEWER} query B {{ __typename }}"
        payload = {"query": query, "operationName": "B", "variables": None, "extensions": {"trace": "1"}}
        await wire.say("subscribe", "1", payload=payload)
        assert await wire.hear() == {"id": "1", "type": "next", "payload": {"data": {"__typename": "Query"}}}
        assert await wire.hear() == {"id": "1", "type": "complete"}
