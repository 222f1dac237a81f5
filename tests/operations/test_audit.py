"""The audit log: each act by rank has one row in it, written with the act, and nothing else has."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from sqlalchemy.exc import IntegrityError

from chatgraph.chat import Chat
from chatgraph.errors import ChatError, Forbidden
from chatgraph.models import Act, House, JoinRequest, Rank, Room, Talk, Visibility
from chatgraph.operations import (
    accounts,
    audit,
    houses,
    invites,
    join_requests,
    members,
    moderation,
    rooms,
    talks,
)
from chatgraph.operations.work import Work
from tests.cast import PASSWORD
from tests.operations.people import ALL, Caller, Logged, Person, read_journal, read_log, soon

PRIVATE = Visibility.PRIVATE
WHY = "Because"


class Scene(NamedTuple):
    """Ada's Club: Ben is a moderator, Cleo a member who opened and said something, Dora waits to be let in."""

    operator: Caller
    ada: Person
    ben: Person
    cleo: Person
    dora: Person
    club: House
    hall: Room
    cleos: Room
    talk: Talk
    bens: Talk
    request: JoinRequest

    @property
    def moderate(self) -> tuple[int, int]:
        return self.club.id, self.cleo.id


@pytest.fixture
async def scene(operator: Caller, ada: Person, ben: Person, cleo: Person, dora: Person) -> Scene:
    club = await ada.perform(houses.create_house, "Club", "", PRIVATE, True)
    for person in (ben, cleo):
        await person.enter(club)
    await ada.make(ben, Rank.MODERATOR, club)
    hall, cleos = await ada.open(club), await cleo.open(club, "Attic")
    request = await dora.perform(join_requests.request_to_join, club.id)
    said = await cleo.say(hall), await ben.say(hall)
    return Scene(operator, ada, ben, cleo, dora, club, hall, cleos, *said, request)


Step = Callable[[Scene], Awaitable[Any]]


class Case(NamedTuple):
    """Something that is done by rank, what it needs *before*, and what the log tells of it."""

    do: Step
    actor: Callable[[Scene], Person | None]
    subject: Callable[[Scene, Any], int]
    detail: str = ""
    reason: str = ""
    before: Step | None = None
    elsewhere: bool = False


def ada(scene: Scene) -> Person:
    return scene.ada


def ben(scene: Scene) -> Person:
    return scene.ben


def nobody(_: Scene) -> None:
    return None


def club(scene: Scene, _: Any) -> int:
    return scene.club.id


def cleo(scene: Scene, _: Any) -> int:
    return scene.cleo.id


def dora(scene: Scene, _: Any) -> int:
    return scene.dora.id


def hall(scene: Scene, _: Any) -> int:
    return scene.hall.id


ACTS: dict[Act, Case] = {
    Act.HOUSE_UPDATED: Case(
        lambda s: s.ada.perform(houses.update_house, s.club.id, "Loom", "New", None), ada, club, "description, name"
    ),
    Act.HOUSE_TRANSFERRED: Case(
        lambda s: s.ada.perform(members.transfer_house, s.club.id, s.cleo.id, WHY), ada, cleo, "", WHY
    ),
    Act.HOUSE_FOUNDED: Case(
        lambda s: s.operator.perform(houses.found_house, s.ada.id, "Loom", "", PRIVATE), nobody,
        lambda _, house_id: house_id, elsewhere=True,
    ),
    Act.ROLE_SET: Case(
        lambda s: s.ada.perform(members.set_role, *s.moderate, Rank.MODERATOR, WHY), ada, cleo, "MODERATOR", WHY
    ),
    Act.MEMBER_REMOVED: Case(
        lambda s: s.ben.perform(members.remove_member, *s.moderate, WHY), ben, cleo, "", WHY
    ),
    Act.MEMBER_MUTED: Case(
        lambda s: s.ben.perform(moderation.mute_member, *s.moderate, datetime(2999, 1, 1, tzinfo=UTC), WHY), ben, cleo,
        "until 2999-01-01 00:00 UTC", WHY,
    ),
    Act.MEMBER_UNMUTED: Case(
        lambda s: s.ben.perform(moderation.unmute_member, *s.moderate, WHY), ben, cleo, "", WHY,
        before=lambda s: s.ada.mute(s.cleo, s.club),
    ),
    Act.USER_BANNED: Case(
        lambda s: s.ben.ban(s.cleo, s.club, reason=WHY, remove_hours=1), ben, cleo, "for ever, 1 talk removed", WHY
    ),
    Act.USER_UNBANNED: Case(
        lambda s: s.ben.perform(moderation.unban_user, *s.moderate, WHY), ben, cleo, "", WHY,
        before=lambda s: s.ada.ban(s.cleo, s.club, end_time=soon()),
    ),
    Act.JOIN_REQUEST_APPROVED: Case(
        lambda s: s.ben.perform(join_requests.approve_join_request, s.request.id, WHY), ben, dora, "", WHY
    ),
    Act.JOIN_REQUEST_DECLINED: Case(
        lambda s: s.ben.perform(join_requests.decline_join_request, s.request.id, WHY), ben, dora, "", WHY
    ),
    Act.INVITE_CREATED: Case(lambda s: s.ben.invite(s.club), ben, lambda _, made: made[0].id),
    Act.INVITE_REVOKED: Case(
        lambda s: s.ben.perform(invites.revoke_invite, 1), ben, lambda *_: 1, before=lambda s: s.ada.invite(s.club)
    ),
    Act.ROOM_UPDATED: Case(
        lambda s: s.ben.perform(rooms.update_room, s.hall.id, "Attic", None), ben, hall, "Hall"
    ),
    Act.ROOM_ARCHIVED: Case(lambda s: s.ben.perform(rooms.archive_room, s.hall.id), ben, hall, "Hall"),
    Act.ROOM_REOPENED: Case(
        lambda s: s.ben.perform(rooms.archive_room, s.hall.id, archived=False), ben, hall, "Hall",
        before=lambda s: s.ada.perform(rooms.archive_room, s.hall.id),
    ),
    Act.ROOM_LOCKED: Case(
        lambda s: s.ben.perform(rooms.lock_room, s.hall.id, reason=WHY), ben, hall, "Hall", WHY
    ),
    Act.ROOM_UNLOCKED: Case(
        lambda s: s.ben.perform(rooms.lock_room, s.hall.id, locked=False, reason=WHY), ben, hall, "Hall", WHY,
        before=lambda s: s.ada.perform(rooms.lock_room, s.hall.id),
    ),
    Act.ROOM_DELETED: Case(lambda s: s.ada.perform(rooms.delete_room, s.hall.id), ada, hall, "Hall"),
    Act.TALK_REMOVED: Case(
        lambda s: s.ben.perform(talks.remove_talk, s.talk.id, WHY), ben, lambda s, _: s.talk.id, "", WHY
    ),
    Act.USER_DEACTIVATED: Case(
        lambda s: s.operator.perform(accounts.deactivate, "cleo", WHY), nobody, cleo, "", WHY, elsewhere=True
    ),
    Act.USER_REACTIVATED: Case(
        lambda s: s.operator.perform(accounts.reactivate, "cleo"), nobody, cleo, elsewhere=True,
        before=lambda s: s.operator.perform(accounts.deactivate, "cleo"),
    ),
    Act.PASSWORD_RESET: Case(
        lambda s: s.operator.carry_out(accounts.reset_password, "cleo", "six green kettles"), nobody, cleo,
        elsewhere=True,
    ),
    Act.USER_CREATED: Case(
        lambda s: s.operator.carry_out(accounts.enroll, "emil", PASSWORD), nobody, lambda _, user: user.id,
        elsewhere=True,
    ),
}  # fmt: skip


def test_every_act_is_tried() -> None:
    assert set(ACTS) == set(Act)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
async def test_an_act_has_one_row(chat: Chat, scene: Scene, act: Act) -> None:
    case = ACTS[act]
    if case.before is not None:
        await case.before(scene)
    before, start = await read_log(chat), datetime.now(UTC)
    outcome = await case.do(scene)
    [row] = (await read_log(chat))[len(before) :]
    subject_id, actor = case.subject(scene, outcome), case.actor(scene)
    house_id = None if case.elsewhere else scene.club.id
    if act is Act.HOUSE_FOUNDED:
        house_id = outcome
    actor_id = None if actor is None else actor.id
    assert row == Logged(house_id, act, actor_id, subject_id, case.detail, case.reason, row.time)
    assert start <= row.time <= datetime.now(UTC)
    if house_id is not None:
        told = [entry for entry in await read_journal(chat, house_id) if entry.time >= start]
        assert {(entry.actor_id, entry.time) for entry in told} <= {(actor_id, row.time)}


async def test_what_the_operator_hands_over_has_no_actor(chat: Chat, scene: Scene) -> None:
    await scene.operator.perform(members.hand_over, scene.club.id, scene.dora.id)
    [*_, row] = await read_log(chat)
    told = (scene.club.id, Act.HOUSE_TRANSFERRED, None, scene.dora.id)
    assert (row.house_id, row.act, row.actor_id, row.subject_id) == told


NOTHING: dict[str, Step] = {
    "a member changes their own room": lambda s: s.cleo.perform(rooms.update_room, s.cleos.id, "Loft", None),
    "a member archives their own room": lambda s: s.cleo.perform(rooms.archive_room, s.cleos.id),
    "a member opens it again": lambda s: s.cleo.perform(rooms.archive_room, s.cleos.id, archived=False),
    "the owner changes their own room": lambda s: s.ada.perform(rooms.update_room, s.hall.id, "Loft", None),
    "a member edits their own talk": lambda s: s.cleo.perform(talks.edit_talk, s.talk.id, "Goodbye"),
    "a member removes their own talk": lambda s: s.cleo.perform(talks.remove_talk, s.talk.id, WHY),
    "a moderator removes their own talk": lambda s: s.ben.perform(talks.remove_talk, s.bens.id, WHY),
    "a talk that is removed already": lambda s: s.ben.perform(talks.remove_talk, s.bens.id, WHY),
    "a room that is open already": lambda s: s.ben.perform(rooms.archive_room, s.hall.id, archived=False),
    "a room that is unlocked already": lambda s: s.ben.perform(rooms.lock_room, s.hall.id, locked=False),
    "a room that is called so already": lambda s: s.ben.perform(rooms.update_room, s.hall.id, "Loft", None),
    "a role that is set already": lambda s: s.ada.make(s.ben, Rank.MODERATOR, s.club),
    "an update without a difference": lambda s: s.ada.perform(houses.update_house, s.club.id, "Club", "", PRIVATE, True),
    "who isn't muted": lambda s: s.ben.perform(moderation.unmute_member, *s.moderate),
    "who isn't deactivated": lambda s: s.operator.perform(accounts.reactivate, "cleo"),
    "who owns it already": lambda s: s.operator.perform(members.hand_over, s.club.id, s.ada.id),
    "a refused ban": lambda s: s.cleo.ban(s.ben, s.club),
    "a refused role": lambda s: s.ben.make(s.cleo, Rank.MODERATOR, s.club),
    "a refused reason": lambda s: s.ben.ban(s.cleo, s.club, reason="\0"),
    "a refused end of a ban": lambda s: s.ben.perform(moderation.unban_user, *s.moderate),
    "a refused invite": lambda s: s.ben.invite(s.club, 0),
    "a refused lock": lambda s: s.cleo.perform(rooms.lock_room, s.cleos.id),
    "a refused removal": lambda s: s.cleo.perform(talks.remove_talk, s.bens.id),
    "a refused transfer": lambda s: s.ada.perform(members.transfer_house, s.club.id, s.dora.id),
    "a refused account": lambda s: s.operator.carry_out(accounts.enroll, "cleo", PASSWORD),
}  # fmt: skip


async def test_own_things_and_what_changes_nothing_have_no_row(chat: Chat, scene: Scene) -> None:
    before = await read_log(chat)
    for name, step in NOTHING.items():
        if name.startswith("a refused"):
            with pytest.raises(ChatError):
                await step(scene)
        else:
            await step(scene)
        assert await read_log(chat) == before, name


async def test_an_act_that_fails_leaves_no_row_and_a_row_that_fails_no_act(chat: Chat, scene: Scene) -> None:
    async def ban_and_fail(work: Work) -> None:
        await moderation.ban_user(work, scene.club.id, scene.cleo.id)
        await work.keep_told()
        raise LookupError

    async def ban_and_tell_of_nowhere(work: Work) -> None:
        await moderation.ban_user(work, scene.club.id, scene.cleo.id)
        work.record(Act.USER_BANNED, 99_999, scene.cleo.id)

    before = await read_log(chat), await read_journal(chat, scene.club.id)
    for broken, error in ((ban_and_fail, LookupError), (ban_and_tell_of_nowhere, IntegrityError)):
        with pytest.raises(error):
            await scene.ben.perform(broken)
        assert (await read_log(chat), await read_journal(chat, scene.club.id)) == before
        assert not (await scene.cleo.standing(scene.club)).banned


async def test_the_log_of_a_house_is_read_newest_first_by_its_moderators(chat: Chat, scene: Scene) -> None:
    await scene.ada.found("Elsewhere")
    await scene.ben.ban(scene.dora, scene.club)
    entries = await scene.ben.listed(audit.list_entries, scene.club.id)
    assert [entry.act for entry in entries] == [Act.USER_BANNED, Act.ROLE_SET]
    assert await scene.ada.see(audit.load_entries, entries[0].id) == entries[0]
    assert entries[0].time == (await read_journal(chat, scene.club.id))[-1].time
    for refused in (
        scene.cleo.listed(audit.list_entries, scene.club.id),
        scene.cleo.see(audit.load_entries, entries[0].id),
    ):
        with pytest.raises(
            Forbidden, match="You may not read the audit log: only moderators and the owner may"
        ):
            await refused
    assert await scene.dora.ask(audit.load_entries, [entry.id for entry in entries]) == {}


async def test_what_the_operator_did_is_listed_for_the_operator(scene: Scene) -> None:
    await scene.operator.perform(accounts.deactivate, "dora")
    await scene.operator.perform(members.hand_over, scene.club.id, scene.ben.id)
    await scene.ben.ban(scene.cleo, scene.club)
    entries = (await scene.operator.ask(audit.list_operator_entries, ALL)).items
    assert [entry.act for entry in entries] == [Act.HOUSE_TRANSFERRED, Act.USER_DEACTIVATED]
    assert await scene.ada.ask(audit.load_entries, [entries[1].id]) == {}
