"""Join requests as a client sees them: asked, taken back, approved, declined."""

from typing import Any

import pytest

from tests.cast import Actor, Cast, Refused
from tests.schema.test_ids import made_up

pytestmark = pytest.mark.asyncio(loop_scope="module")

REQUEST = "id databaseId message state createTime decideTime house { id } user { id }"
UNKNOWN = ("NOT_FOUND", None, "There is no such house.")


async def refusal(call: Any) -> tuple[str, str | None, str]:
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.code, refused.value.field, refused.value.errors[0]["message"]


async def attic(cast: Cast, visibility: str = "PRIVATE") -> str:
    """Give a house of Ada's that takes requests."""
    return await cast.ada.create_house("Attic", visibility, acceptsJoinRequests=True)


async def waiting(actor: Actor, house: str) -> list[dict[str, Any]]:
    document = f"query($id: ID!) {{ house(id: $id) {{ joinRequests {{ nodes {{ {REQUEST} }} }} }} }}"
    return (await actor.ask(document, id=house))["house"]["joinRequests"]["nodes"]


async def own(actor: Actor) -> list[dict[str, Any]]:
    return (await actor.ask(f"{{ joinRequests {{ nodes {{ {REQUEST} }} }} }}"))["joinRequests"]["nodes"]


async def test_who_asks_sees_what_they_asked_but_not_the_house(company: Cast) -> None:
    house, dora = await attic(company), await company.newcomer()
    made = await dora.do("requestToJoin", f"joinRequest {{ {REQUEST} }}", houseId=house)
    request = made["joinRequest"]
    assert (request["message"], request["state"], request["decideTime"]) == ("", "PENDING", None)
    assert (request["house"], request["user"]["id"]) == (None, dora.id)
    assert await own(dora) == [request]
    assert (await dora.ask(f'{{ node(id: "{request["id"]}") {{ id }} }}'))["node"] == {"id": request["id"]}
    again = await dora.do("requestToJoin", f"joinRequest {{ {REQUEST} }}", houseId=house, message="Please!")
    assert again["joinRequest"] == request  # while one waits, that one
    assert await waiting(company.ada, house) == [request | {"house": {"id": house}}]


async def test_who_is_approved_is_a_member(company: Cast) -> None:
    house, dora = await attic(company), await company.newcomer()
    asked = await dora.ask_to_join(house, message="I know the stairs")
    decided = await company.ada.do(
        "approveJoinRequest", f"joinRequest {{ {REQUEST} }}", joinRequestId=asked, reason="Known"
    )
    request = decided["joinRequest"]
    assert (request["state"], request["message"]) == ("APPROVED", "I know the stairs")
    assert request["decideTime"] is not None
    assert await waiting(company.ada, house) == []
    assert await own(dora) == [request]
    found = await dora.ask(f'{{ house(id: "{house}") {{ viewerRole memberCount }} }}')
    assert found["house"] == {"viewerRole": "MEMBER", "memberCount": 2}
    for mutation in ("approveJoinRequest", "declineJoinRequest"):
        again = company.ada.do(mutation, "joinRequest { id }", joinRequestId=asked)
        assert await refusal(again) == ("CONFLICT", "joinRequestId", "This request was approved already.")


async def test_who_is_declined_may_ask_again(company: Cast) -> None:
    house, dora = await attic(company), await company.newcomer()
    asked = await dora.ask_to_join(house)
    decided = await company.ada.do("declineJoinRequest", "joinRequest { state }", joinRequestId=asked)
    assert decided["joinRequest"] == {"state": "DECLINED"}
    assert [one["state"] for one in await own(dora)] == ["DECLINED"]
    assert (await refusal(dora.ask(f'{{ house(id: "{house}") {{ name }} }}')))[0] == "NOT_FOUND"
    again = await dora.ask_to_join(house, message="Please!")
    assert [(one["id"], one["state"]) for one in await own(dora)] == [(again, "PENDING")]
    assert [one["message"] for one in await waiting(company.ada, house)] == ["Please!"]


async def test_a_request_is_taken_back_by_who_made_it_alone(company: Cast) -> None:
    house, dora = await attic(company), await company.newcomer()
    asked = await dora.ask_to_join(house)
    for actor in (company.ada, company.cleo):
        call = actor.do("withdrawJoinRequest", "joinRequestId", joinRequestId=asked)
        assert await refusal(call) == ("NOT_FOUND", None, "There is no such join request.")
    done = await dora.do("withdrawJoinRequest", "joinRequestId", joinRequestId=asked)
    assert done == {"joinRequestId": asked}
    assert (await own(dora), await waiting(company.ada, house)) == ([], [])
    late = company.ada.do("approveJoinRequest", "joinRequest { id }", joinRequestId=asked)
    assert (await refusal(late))[0] == "NOT_FOUND"


async def test_a_house_that_takes_no_requests_is_like_one_that_never_was(company: Cast) -> None:
    closed = await company.ada.create_house("Attic", "PRIVATE")
    shut = await attic(company)
    await company.ada.ban(company.cleo, shut)
    for house in (closed, shut, made_up("House")):
        for message in ("", "Please!"):
            assert await refusal(company.cleo.ask_to_join(house, message=message)) == UNKNOWN


async def test_where_nobody_needs_to_ask_that_is_said(company: Cast) -> None:
    house, public = await attic(company), await attic(company, "PUBLIC")
    code, field, said = await refusal(company.cleo.ask_to_join(public))
    assert (code, field, "`joinHouse`" in said) == ("CONFLICT", "houseId", True)
    code, field, said = await refusal(company.ada.ask_to_join(house))
    assert (code, field, said) == ("CONFLICT", "houseId", "You are a member of this house already.")
    await company.ada.ban(company.cleo, public)
    assert (await refusal(company.cleo.ask_to_join(public)))[0] == "FORBIDDEN"


async def test_a_message_has_at_most_512_characters(company: Cast) -> None:
    house, dora = await attic(company), await company.newcomer()
    for message in ("a" * 513, "a\0b"):
        code, field, _ = await refusal(dora.ask_to_join(house, message=message))
        assert (code, field) == ("BAD_USER_INPUT", "message")
    assert await own(dora) == []
    assert await dora.ask_to_join(house, message="a" * 512)


async def test_a_reason_has_at_most_512_characters_and_nothing_is_decided_by_a_longer_one(
    company: Cast,
) -> None:
    house, dora = await attic(company), await company.newcomer()
    asked = await dora.ask_to_join(house)
    for mutation in ("approveJoinRequest", "declineJoinRequest"):
        given = {"joinRequestId": asked, "reason": "a" * 513}
        code, field, _ = await refusal(company.ada.do(mutation, "joinRequest { id }", **given))
        assert (code, field) == ("BAD_USER_INPUT", "reason")
    assert [one["state"] for one in await waiting(company.ada, house)] == ["PENDING"]


async def test_members_neither_see_nor_decide_requests(company: Cast) -> None:
    house, dora = await attic(company), await company.newcomer()
    asked = await dora.ask_to_join(house)
    await company.ben.accept((await company.ada.invite(house))[1])
    for call in (
        waiting(company.ben, house),
        company.ben.ask(f'{{ node(id: "{asked}") {{ id }} }}'),
        company.ben.do("approveJoinRequest", "joinRequest { id }", joinRequestId=asked),
        company.ben.do("declineJoinRequest", "joinRequest { id }", joinRequestId=asked),
    ):
        code, _, said = await refusal(call)
        assert code == "FORBIDDEN"
        assert said.startswith("You may not decide on join requests: only moderators ")


async def test_a_ban_takes_the_request_with_it_and_joining_otherwise_settles_it(company: Cast) -> None:
    house, dora = await attic(company), await company.newcomer()
    await dora.ask_to_join(house)
    await company.ada.ban(dora, house)
    assert (await own(dora), await waiting(company.ada, house)) == ([], [])
    emil = await company.newcomer("emil")
    await emil.ask_to_join(house)
    await emil.accept((await company.ada.invite(house))[1])
    assert await waiting(company.ada, house) == []
    assert [one["state"] for one in await own(emil)] == ["APPROVED"]
