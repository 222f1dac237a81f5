"""Explanations: a moderator is told whether somebody may do something, and which thing decided."""

import pytest

from chatgraph.errors import Forbidden, NotFound
from chatgraph.models import House, Rank, Room, Standing
from chatgraph.operations import accounts, audit, rooms
from chatgraph.operations.rights import Because
from chatgraph.operations.rules import Action
from tests.operations.people import Caller, Person


async def explain(
    asker: Person, house: House, about: Person, action: Action, **what: int
) -> tuple[bool, Because]:
    """Give whether somebody may, and what decided."""
    told = await asker.ask(audit.explain, house.id, about.id, action, **what)
    return told.decision[:2]


async def test_a_role_decides(
    ada: Person, moderator: Person, cleo: Person, engine: House, hall: Room
) -> None:
    await cleo.enter(engine)
    for person, action, allowed in (
        (moderator, Action.BAN_USER, True), (cleo, Action.BAN_USER, False), (ada, Action.DELETE_HOUSE, True),
        (moderator, Action.DELETE_HOUSE, False), (ada, Action.LEAVE_HOUSE, False),
    ):  # fmt: skip
        assert await explain(moderator, engine, person, action) == (allowed, Because.ROLE)
    told = await ada.ask(audit.explain, engine.id, cleo.id, Action.UPDATE_ROOM, room_id=hall.id)
    assert told.standing == Standing(Rank.MEMBER)
    assert told.decision == (False, Because.ROLE, "only moderators and the owner or whoever made it may")


async def test_having_made_it_decides(
    ada: Person, ben: Person, cleo: Person, engine: House, hall: Room
) -> None:
    talk, room = await ben.say(hall), await ben.open(engine, "Attic")
    await cleo.enter(engine)
    own = (True, Because.CREATOR)
    assert await explain(ada, engine, ben, Action.EDIT_TALK, talk_id=talk.id) == own
    assert await explain(ada, engine, ben, Action.REMOVE_TALK, talk_id=talk.id) == own
    assert await explain(ada, engine, ben, Action.UPDATE_ROOM, room_id=room.id) == own
    assert await explain(ada, engine, ben, Action.UPDATE_ROOM, talk_id=talk.id) == (False, Because.ROLE)
    assert await explain(ada, engine, cleo, Action.EDIT_TALK, talk_id=talk.id) == (False, Because.ROLE)
    assert await explain(ada, engine, ada, Action.REMOVE_TALK, talk_id=talk.id) == (True, Because.ROLE)


async def test_visibility_decides(ada: Person, cleo: Person, engine: House, study: House) -> None:
    assert await explain(ada, engine, cleo, Action.POST_TALK) == (True, Because.VISIBILITY)
    assert await explain(ada, study, cleo, Action.READ) == (False, Because.VISIBILITY)


async def test_a_ban_decides(ada: Person, ben: Person, study: House) -> None:
    await ada.ban(ben, study)
    assert await explain(ada, study, ben, Action.READ) == (False, Because.BAN)
    told = await ada.ask(audit.explain, study.id, ben.id, Action.READ)
    assert told.standing == Standing(banned=True)


async def test_a_mute_decides(ada: Person, ben: Person, engine: House) -> None:
    mute_end = (await ada.mute(ben, engine)).mute_end
    assert await explain(ada, engine, ben, Action.POST_TALK) == (False, Because.MUTE)
    assert await explain(ada, engine, ben, Action.READ) == (True, Because.ROLE)
    assert (await ada.ask(audit.explain, engine.id, ben.id, Action.READ)).standing.mute_end == mute_end


async def test_a_lock_and_an_archive_decide(ada: Person, ben: Person, engine: House, hall: Room) -> None:
    talk = await ben.say(hall)
    for close, because in (
        (ada.perform(rooms.lock_room, hall.id), Because.LOCK),
        (ada.perform(rooms.archive_room, hall.id), Because.ARCHIVE),
    ):
        await close
        assert await explain(ada, engine, ben, Action.POST_TALK, room_id=hall.id) == (False, because)
        assert await explain(ada, engine, ben, Action.EDIT_TALK, talk_id=talk.id) == (False, because)
    assert await explain(ada, engine, ben, Action.POST_TALK) == (True, Because.ROLE)


async def test_a_deactivation_decides(operator: Caller, ada: Person, ben: Person, engine: House) -> None:
    await operator.perform(accounts.deactivate, "ben")
    assert await explain(ada, engine, ben, Action.READ) == (False, Because.DEACTIVATION)
    await operator.perform(accounts.reactivate, "ben")
    assert await explain(ada, engine, ben, Action.READ) == (True, Because.ROLE)


async def test_only_moderators_ask(
    ada: Person, ben: Person, cleo: Person, engine: House, study: House
) -> None:
    for person in (ben, cleo):
        with pytest.raises(
            Forbidden, match="You may not ask what others may do: only moderators and the owner may"
        ):
            await explain(person, engine, person, Action.READ)
    with pytest.raises(NotFound, match="There is no such house"):
        await explain(cleo, study, ada, Action.READ)


async def test_what_is_not_in_the_house_is_not_explained(
    ada: Person, ben: Person, engine: House, hall: Room, study: House, desk: Room
) -> None:
    talk = await ada.say(desk)
    with pytest.raises(NotFound, match="There is no such room"):
        await explain(ada, engine, ben, Action.POST_TALK, room_id=desk.id)
    with pytest.raises(NotFound, match="There is no such talk"):
        await explain(ada, engine, ben, Action.REMOVE_TALK, talk_id=talk.id)
    with pytest.raises(NotFound, match="There is no such room"):
        await explain(ada, engine, ben, Action.POST_TALK, room_id=99_999)
    with pytest.raises(NotFound, match="There is no such user"):
        await ada.ask(audit.explain, engine.id, 99_999, Action.READ)
