"""Invites as a client sees them: made, looked at, accepted, revoked; and registration that takes one."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chatgraph.operations import invites
from tests.cast import PASSWORD, Actor, Cast, Refused
from tests.schema.conftest import Stand
from tests.schema.crowd import make_house, make_users

pytestmark = pytest.mark.asyncio(loop_scope="module")

INVITE = "id databaseId createTime expireTime mostUses uses revokeTime house { id } creator { username }"
PREVIEW = """query($code: String!) { invite(code: $code) {
    houseName houseDescription memberCount expireTime inviter { username } } }"""
UNKNOWN = ("NOT_FOUND", None, "There is no such invite.")


async def refusal(call: Any) -> tuple[str, str | None, str]:
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.code, refused.value.field, refused.value.errors[0]["message"]


async def listed(actor: Actor, house: str) -> list[dict[str, Any]]:
    document = f"query($id: ID!) {{ house(id: $id) {{ invites {{ nodes {{ {INVITE} }} }} }} }}"
    return (await actor.ask(document, id=house))["house"]["invites"]["nodes"]


async def test_an_invite_is_good_for_a_week_as_often_as_one_likes_if_nothing_is_said(company: Cast) -> None:
    house = await company.ada.create_house("Attic", "PRIVATE")
    made = await company.ada.do("createInvite", f"invite {{ {INVITE} }} code", houseId=house)
    invite, code = made["invite"], made["code"]
    lasts = datetime.fromisoformat(invite["expireTime"]) - datetime.fromisoformat(invite["createTime"])
    assert lasts == timedelta(days=7)
    assert (invite["mostUses"], invite["uses"], invite["revokeTime"]) == (None, 0, None)
    assert (len(code), code.isascii()) == (24, True)
    assert await listed(company.ada, house) == [invite]
    for actor in (company.ben, company.cleo, company.ben):
        joined = await actor.do("acceptInvite", "house { id viewerRole }", code=code)
        assert joined["house"] == {"id": house, "viewerRole": "MEMBER"}
    assert (await listed(company.ada, house))[0]["uses"] == 2  # who is in already uses nothing up


async def test_what_an_invite_leads_to_is_shown_before_it_is_accepted(company: Cast) -> None:
    house = await company.ada.create_house("Attic", "PRIVATE", description="Under the roof")
    made = await company.ada.do("createInvite", "invite { expireTime } code", houseId=house, expiresIn=60)
    shown = {
        "houseName": "Attic",
        "houseDescription": "Under the roof",
        "memberCount": 1,
        "expireTime": made["invite"]["expireTime"],
        "inviter": {"username": "ada"},
    }
    assert await company.cleo.ask(PREVIEW, code=made["code"]) == {"invite": shown}
    assert (await refusal(company.cleo.ask(f'{{ house(id: "{house}") {{ name }} }}')))[0] == "NOT_FOUND"
    assert (await refusal(company.stranger.ask(PREVIEW, code=made["code"])))[0] == "UNAUTHENTICATED"


async def test_an_invite_that_is_over_is_like_one_that_never_was(company: Cast) -> None:
    house = await company.ada.create_house("Attic", "PRIVATE")
    await company.ben.accept((await company.ada.invite(house))[1])
    await company.ada.set_role(company.ben, house)
    invite, revoked = await company.ada.invite(house)
    done = await company.ada.do("revokeInvite", "invite { id revokeTime }", inviteId=invite)
    assert done["invite"]["id"] == invite
    assert done["invite"]["revokeTime"] is not None
    assert await company.ada.do("revokeInvite", "invite { id revokeTime }", inviteId=invite) == done
    _, spent = await company.ada.invite(house, mostUses=1)
    await (await company.newcomer()).accept(spent)
    _, orphaned = await company.ben.invite(house)
    await company.ada.set_role(company.ben, house, "MEMBER")
    assert [one["creator"]["username"] for one in await listed(company.ada, house) if one["revokeTime"]] == [
        "ben",
        "ada",
    ]
    await company.ada.set_role(company.ben, house)  # what ended with his role doesn't come back with it
    for code in (revoked, spent, orphaned, "", "garbage", "A" * 24, "💬" * 24, "\0", "a" * 10_000):
        assert await refusal(company.cleo.ask(PREVIEW, code=code)) == UNKNOWN, code[:30]
        assert await refusal(company.cleo.accept(code)) == UNKNOWN, code[:30]


async def test_to_who_is_banned_a_private_house_is_not_found_by_an_invite_either(company: Cast) -> None:
    for visibility, told in (("PRIVATE", "NOT_FOUND"), ("PUBLIC", "FORBIDDEN")):
        house = await company.ada.create_house("Attic", visibility)
        _, code = await company.ada.invite(house)
        await company.ada.ban(company.cleo, house)
        for call in (company.cleo.ask(PREVIEW, code=code), company.cleo.accept(code)):
            refused = await refusal(call)
            assert refused[0] == told
            assert refused == UNKNOWN or told == "FORBIDDEN"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"expiresIn": 59}, "expiresIn"),
        ({"expiresIn": 31_536_001}, "expiresIn"),
        ({"expiresIn": -(2**31)}, "expiresIn"),
        ({"mostUses": 0}, "mostUses"),
        ({"mostUses": 100_001}, "mostUses"),
        ({"mostUses": "1"}, "mostUses"),
        ({"houseId": "garbage"}, "houseId"),
    ],
)
async def test_what_can_not_be_taken_is_named(company: Cast, given: dict[str, Any], field: str) -> None:
    house = await company.ada.create_house()
    code, named, said = await refusal(company.ada.do("createInvite", "code", **({"houseId": house} | given)))
    assert (code, named) == ("BAD_USER_INPUT", field)
    assert said.endswith(".")


async def test_members_make_see_and_end_no_invites(company: Cast) -> None:
    house = await company.ada.create_house()
    await company.ben.join(house)
    invite, _ = await company.ada.invite(house)
    for call in (
        company.ben.invite(house),
        listed(company.ben, house),
        company.ben.ask(f'{{ node(id: "{invite}") {{ id }} }}'),
        company.ben.do("revokeInvite", "invite { id }", inviteId=invite),
    ):
        code, _, said = await refusal(call)
        assert code == "FORBIDDEN"
        assert said.startswith("You may not invite people to this house: only moderators ")


# Registration.

REGISTERED = {"username": "dora", "password": PASSWORD}


async def test_with_an_invite_who_registers_is_a_member_at_once(company: Cast) -> None:
    house = await company.ada.create_house("Attic", "PRIVATE")
    _, code = await company.ada.invite(house)
    assert await company.stranger.ask("{ registration }") == {"registration": "OPEN"}
    await company.stranger.do("register", "user { id }", **REGISTERED, inviteCode=code)
    assert [(one["uses"]) for one in await listed(company.ada, house)] == [1]
    dora = Actor(company.http, "dora")
    await dora.sign_in()
    found = await dora.ask(f'{{ house(id: "{house}") {{ viewerRole memberCount }} }}')
    assert found["house"] == {"viewerRole": "MEMBER", "memberCount": 2}
    given = REGISTERED | {"username": "emil", "inviteCode": "garbage"}
    assert await refusal(company.stranger.do("register", "user { id }", **given)) == UNKNOWN


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("invite", "Registration takes an invite: GraphQL's `register` takes its code as `inviteCode`."),
        ("closed", "Registration is closed: whoever runs this server makes the accounts."),
    ],
)
async def test_where_not_everybody_may_register_both_doors_say_so(
    stand: Stand, setting: str, said: str
) -> None:
    async with stand(registration=setting) as server, Cast(server.url) as cast:
        [guest] = await make_users(server.chat, 1)
        house = await make_house(server.chat, guest)
        async with server.chat.visit(guest) as visit:
            _, code = await visit.perform(invites.create_invite, house)
        stranger = cast.stranger
        assert await stranger.ask("{ registration }") == {"registration": setting.upper()}
        refused = await refusal(stranger.do("register", "user { id }", **REGISTERED))
        assert refused == ("FORBIDDEN", None, said)
        answer = await stranger.rest("POST", "register", json=REGISTERED)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
        problem = {"type": "about:blank", "title": "Forbidden", "status": 403, "code": "FORBIDDEN"}
        assert answer.json() == problem | {"detail": said}
        invited = stranger.do("register", "user { username }", **REGISTERED, inviteCode=code)
        if setting == "invite":
            assert (await invited)["user"] == {"username": "dora"}
        else:
            assert await refusal(invited) == ("FORBIDDEN", None, said)
