"""Invites: who makes them, whom they let in, and what ends them."""

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from chatgraph.chat import Chat
from chatgraph.credentials.codes import code_digest
from chatgraph.errors import ChatError, Forbidden, Invalid, NotFound, Unauthenticated
from chatgraph.models import House, Invite, Rank
from chatgraph.operations import accounts, houses, invites, members, moderation
from chatgraph.store import tables
from tests.operations.people import Caller, Person, count, lately, set_all
from tests.outside import Outside

DAY = 24 * 3600


async def accept(person: Caller, code: str) -> House:
    return await person.perform(invites.accept_invite, code)


async def is_good(person: Person, code: str) -> bool:
    """Tell whether an invite would let somebody in."""
    try:
        await person.ask(invites.look_at_invite, code)
    except NotFound:
        return False
    return True


async def uses(person: Person, invite: Invite) -> int:
    return (await person.see(invites.load_invites, invite.id)).uses


async def test_an_invite_lets_its_holder_into_a_private_house(
    ada: Person, cleo: Person, study: House
) -> None:
    invite, code = await ada.invite(study)
    joined = await accept(cleo, code)
    assert (joined.id, joined.standing.rank, joined.member_count) == (study.id, Rank.MEMBER, 3)
    seen = await cleo.see(houses.load_houses, study.id)
    assert seen == joined
    assert await uses(ada, invite) == 1


async def test_a_code_has_128_random_bits_or_more_and_is_kept_as_its_digest_alone(
    chat: Chat, ada: Person, engine: House
) -> None:
    codes = [(await ada.invite(engine))[1] for _ in range(20)]
    assert len(set(codes)) == 20
    assert all(len(base64.urlsafe_b64decode(code)) * 8 >= 128 for code in codes)
    content = Outside(chat.database).everything()
    assert all(code_digest(code) in content for code in codes)
    assert not any(code.encode() in content for code in codes)


async def test_who_looks_at_an_invite_sees_where_it_leads_and_uses_nothing(
    ada: Person, cleo: Person, study: House
) -> None:
    invite, code = await ada.invite(study, most_uses=1)
    for _ in range(3):
        shown, house = await cleo.ask(invites.look_at_invite, code)
        assert (shown, house.id, house.name, house.standing.rank) == (invite, study.id, "Study", None)
    assert await cleo.ask(houses.load_houses, [study.id]) == {}
    assert await uses(ada, invite) == 0


async def test_who_is_a_member_already_uses_nothing_up_and_stays_what_they_are(
    ada: Person, ben: Person, study: House
) -> None:
    invite, code = await ada.invite(study, most_uses=1)
    for person, rank in ((ada, Rank.OWNER), (ben, Rank.MEMBER)):
        assert (await accept(person, code)).standing.rank == rank
    assert await uses(ada, invite) == 0
    assert (await ada.see(houses.load_houses, study.id)).member_count == 2


async def test_an_invite_is_good_for_so_many_uses(
    ada: Person, ben: Person, cleo: Person, dora: Person, study: House
) -> None:
    await ben.leave(study)
    invite, code = await ada.invite(study, most_uses=2)
    for person in (ben, cleo):
        await accept(person, code)
    with pytest.raises(NotFound):
        await accept(dora, code)
    assert await uses(ada, invite) == 2
    unlimited, code = await ada.invite(study)
    await accept(dora, code)
    assert (unlimited.most_uses, await uses(ada, unlimited)) == (None, 1)


async def test_an_invite_expires(chat: Chat, ada: Person, cleo: Person, study: House) -> None:
    invite, code = await ada.perform(invites.create_invite, study.id, 60)
    assert invite.expire_time - invite.create_time == timedelta(seconds=60)
    assert await is_good(cleo, code)
    await set_all(chat, tables.invites, expire_time=lately())
    assert not await is_good(cleo, code)


async def test_a_revoked_invite_lets_nobody_in_and_who_came_by_it_stays(
    ada: Person, moderator: Person, cleo: Person, dora: Person, engine: House
) -> None:
    invite, code = await ada.invite(engine)
    await accept(cleo, code)
    revoked = await moderator.perform(invites.revoke_invite, invite.id)
    assert revoked.revoke_time is not None
    assert await ada.perform(invites.revoke_invite, invite.id) == revoked
    with pytest.raises(NotFound):
        await accept(dora, code)
    assert (await cleo.standing(engine)).rank == Rank.MEMBER


async def test_nobody_can_tell_why_a_code_is_no_good(
    chat: Chat, ada: Person, ben: Person, cleo: Person, study: House
) -> None:
    codes = {"unknown": "A" * 24, "empty": "", "a surrogate": "\ud800"}
    _, codes["expired"] = await ada.invite(study)
    await set_all(chat, tables.invites, expire_time=lately())
    revoked, codes["revoked"] = await ada.invite(study)
    await ada.perform(invites.revoke_invite, revoked.id)
    _, codes["used up"] = await ada.invite(study, most_uses=1)
    await ben.leave(study)
    await accept(ben, codes["used up"])
    await ada.make(ben, Rank.MODERATOR, study)
    _, codes["its maker left"] = await ben.invite(study)
    await ben.leave(study)
    ruin = await ada.found("Ruin")
    _, codes["its house is deleted"] = await ada.invite(ruin)
    await ada.perform(houses.delete_house, ruin.id)
    told: dict[str, ChatError] = {}
    for why, code in codes.items():
        for call in (cleo.perform(invites.accept_invite, code), cleo.ask(invites.look_at_invite, code)):
            with pytest.raises(ChatError) as refused:
                await call
            told[why] = refused.value
    assert {(type(error), error.message) for error in told.values()} == {
        (NotFound, "There is no such invite.")
    }


async def leave(ada: Person, ben: Person, _: Caller, house: House) -> None:
    await ben.leave(house)


async def remove(ada: Person, ben: Person, _: Caller, house: House) -> None:
    await ada.perform(members.remove_member, house.id, ben.id)


async def demote(ada: Person, ben: Person, _: Caller, house: House) -> None:
    await ada.make(ben, Rank.MEMBER, house)


async def ban_and_unban(ada: Person, ben: Person, _: Caller, house: House) -> None:
    await ada.ban(ben, house)
    await ada.perform(moderation.unban_user, house.id, ben.id)


async def deactivate_and_reactivate(ada: Person, ben: Person, operator: Caller, house: House) -> None:
    await operator.perform(accounts.deactivate, "ben")
    await operator.perform(accounts.reactivate, "ben")


@pytest.mark.parametrize("lose", [leave, remove, demote, ban_and_unban, deactivate_and_reactivate])
async def test_an_invite_ends_for_ever_when_its_maker_loses_the_right_to_invite(
    lose: Callable[..., Awaitable[None]],
    operator: Caller, ada: Person, moderator: Person, cleo: Person, engine: House
) -> None:  # fmt: skip
    invite, code = await moderator.invite(engine)
    _, adas = await ada.invite(engine)
    assert await is_good(cleo, code)
    await lose(ada, moderator, operator, engine)
    assert not await is_good(cleo, code)
    await moderator.perform(members.join_house, engine.id)
    await ada.perform(members.set_role, engine.id, moderator.id, Rank.MODERATOR)
    assert not await is_good(cleo, code)
    assert (await ada.see(invites.load_invites, invite.id)).revoke_time is not None
    assert await is_good(cleo, adas)
    assert await is_good(cleo, (await moderator.invite(engine))[1])


async def test_an_invite_to_another_house_goes_on(
    ada: Person, ben: Person, cleo: Person, engine: House, study: House
) -> None:
    codes = []
    for house in (engine, study):
        await ada.make(ben, Rank.MODERATOR, house)
        codes.append((await ben.invite(house))[1])
    await ada.make(ben, Rank.MEMBER, engine)
    assert [await is_good(cleo, code) for code in codes] == [False, True]


async def test_an_owner_who_becomes_a_moderator_keeps_their_invites(
    operator: Caller, ada: Person, ben: Person, cleo: Person, study: House
) -> None:
    _, adas = await ada.invite(study)
    await ada.perform(members.transfer_house, study.id, ben.id)
    _, bens = await ben.invite(study)
    await operator.perform(members.hand_over, study.id, ada.id)
    assert await is_good(cleo, adas)
    assert await is_good(cleo, bens)


async def test_an_invite_is_good_only_while_its_maker_may_invite_however_that_ended(
    chat: Chat, moderator: Person, cleo: Person, engine: House
) -> None:
    _, code = await moderator.invite(engine)
    theirs = tables.members.c.user_id == moderator.id
    await set_all(chat, tables.members, where=theirs, rank=Rank.MEMBER)
    assert not await is_good(cleo, code)
    with pytest.raises(NotFound):
        await accept(cleo, code)


async def test_who_is_banned_is_told_so_by_a_public_house_and_nothing_by_a_private_one(
    ada: Person, cleo: Person, engine: House, study: House
) -> None:
    for house, error, words in (
        (engine, Forbidden, "You may not join this house: a ban from this house is in force"),
        (study, NotFound, "There is no such invite"),
    ):
        invite, code = await ada.invite(house, most_uses=1)
        await ada.ban(cleo, house)
        for refused in (accept(cleo, code), cleo.ask(invites.look_at_invite, code)):
            with pytest.raises(error, match=words):
                await refused
        assert await uses(ada, invite) == 0
        await ada.perform(moderation.unban_user, house.id, cleo.id)
        assert (await accept(cleo, code)).standing.rank == Rank.MEMBER


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"expires_in": 59}, "expiresIn"), ({"expires_in": 365 * DAY + 1}, "expiresIn"),
        ({"most_uses": 0}, "mostUses"), ({"most_uses": -1}, "mostUses"), ({"most_uses": 100_001}, "mostUses"),
    ],
)  # fmt: skip
async def test_an_invite_has_bounds(
    chat: Chat, ada: Person, engine: House, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await ada.perform(invites.create_invite, engine.id, **given)
    assert refused.value.field == field
    assert await count(chat, tables.invites) == 0
    await ada.perform(invites.create_invite, engine.id, 365 * DAY, 100_000)


async def test_only_moderators_make_list_and_revoke_invites(
    ada: Person, ben: Person, cleo: Person, engine: House
) -> None:
    made = [(await ada.invite(engine))[0] for _ in range(2)]
    await ada.perform(invites.revoke_invite, made[0].id)
    for person in (ben, cleo):
        for refused in (
            person.invite(engine),
            person.listed(invites.list_invites, engine.id),
            person.see(invites.load_invites, made[1].id),
            person.perform(invites.revoke_invite, made[1].id),
        ):
            with pytest.raises(Forbidden, match="You may not invite people to this house: only moderators"):
                await refused
    await ada.make(ben, Rank.MODERATOR, engine)
    assert [invite.id for invite in await ben.listed(invites.list_invites, engine.id)] == [
        made[1].id, made[0].id,
    ]  # fmt: skip


async def test_an_invite_to_a_house_that_is_hidden_is_not_found(
    ada: Person, cleo: Person, study: House
) -> None:
    invite, _ = await ada.invite(study)
    for refused in (cleo.perform(invites.revoke_invite, invite.id), cleo.perform(invites.revoke_invite, 99)):
        with pytest.raises(NotFound, match="There is no such invite"):
            await refused
    with pytest.raises(NotFound, match="There is no such house"):
        await cleo.invite(study)


async def test_who_is_not_signed_in_is_told_to_sign_in(operator: Caller, ada: Person, study: House) -> None:
    invite, code = await ada.invite(study)
    for refused in (accept(operator, code), operator.ask(invites.look_at_invite, code)):
        with pytest.raises(Unauthenticated):
            await refused
    assert await uses(ada, invite) == 0
