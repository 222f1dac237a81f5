"""Sight: what SQL finds is what `decide` allows, for every visibility, rank, ban and mute, whichever way one asks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest
from sqlalchemy import insert

from chatgraph.chat import Chat
from chatgraph.errors import Forbidden, NotFound
from chatgraph.models import Act, Look, Membership, Page, Rank, RequestState, Standing, Visibility, Window
from chatgraph.operations import audit, houses, invites, join_requests, members, moderation, rooms, talks
from chatgraph.operations.rights import Thing, decide
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import see_house, see_room, see_talk
from chatgraph.operations.work import Work
from chatgraph.store import houses as kept_houses
from chatgraph.store import rooms as kept_rooms
from chatgraph.store import tables
from chatgraph.store.rows import Connection
from tests.operations.people import Person

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
NO_BAN = object()
EVERYTHING = Window(1000)


class Case(NamedTuple):
    """A house, what Ada is in it by now, and the id that the house and each thing in it have."""

    id: int
    visibility: Visibility
    standing: Standing

    @property
    def known(self) -> bool:
        """Members know of every house, who is banned or a stranger only of public ones."""
        member = self.standing.rank is not None and not self.standing.banned
        return member or self.visibility is Visibility.PUBLIC

    def allows(self, action: Action) -> bool:
        return decide(self.standing, action, Thing(self.visibility)).allowed


class World(NamedTuple):
    """Ada's work at one moment, in a database that has a house for every case."""

    work: Work
    cases: list[Case]

    def ids(self, action: Action = Action.READ) -> list[int]:
        """Give the ids of the houses in which *action* is allowed."""
        return [case.id for case in self.cases if case.allows(action)]

    def known(self) -> list[int]:
        return [case.id for case in self.cases if case.known]


Rows = dict[Any, list[dict[str, Any]]]


def make_rows(ada: int, ben: int) -> tuple[Rows, list[Case]]:
    """Make a house for every case, with one of each thing in it that is Ben's, all of the house's own id."""
    rows: Rows = {table: [] for table in tables.metadata.sorted_tables}
    cases = []
    bans, mutes = (NO_BAN, None, BEFORE, NOW, AFTER), (None, BEFORE, AFTER)
    every = product(Visibility, (None, *Rank), bans, mutes, (False, True))
    for number, (visibility, rank, ban, mute, deleted) in enumerate(every, 10):
        made = {"id": number, "create_time": NOW}
        here, bens, adas = {"house_id": number}, {"user_id": ben}, {"user_id": ada}
        words = {"name": "Engine", "description": "", "visibility": visibility.value}
        banned = {**here, "creator_id": ben, "reason": "", "create_time": NOW}
        limits = {"digest": str(number).encode(), "expire_time": AFTER}
        done = {
            "act": Act.ROLE_SET,
            "actor_id": ben,
            "subject_id": ben,
            "detail": "",
            "reason": "",
            "time": NOW,
        }
        for table, row in {
            tables.houses: {**made, **words, "delete_time": NOW if deleted else None},
            tables.rooms: {**made, **here, "title": "Hall", "topic": "", "creator_id": ben},
            tables.talks: {**made, "room_id": number, "seq": 1, "content": "Hello", "creator_id": ben},
            tables.members: {"id": number, **here, **bens, "rank": Rank.MEMBER, "join_time": NOW},
            tables.bans: {"id": number, **banned, **bens, "end_time": None},
            tables.invites: {**made, **here, **limits, "creator_id": ben},
            tables.join_requests: {
                **made,
                **here,
                **bens,
                "message": "",
                "state": RequestState.PENDING.value,
            },
            tables.audit_entries: {"id": number, **here, **done},
        }.items():
            rows[table].append(row)
        if rank is not None:
            row = {"id": 1000 + number, **here, **adas, "rank": rank, "join_time": NOW}
            rows[tables.members].append(row)
        if ban is not NO_BAN:
            rows[tables.bans].append({"id": 1000 + number, **banned, **adas, "end_time": ban})
        if mute is not None:
            rows[tables.mutes].append({**here, **adas, "end_time": mute})
        if not deleted:
            in_force = ban in {None, AFTER}, AFTER if ban is AFTER else None, AFTER if mute is AFTER else None
            cases.append(Case(number, visibility, Standing(rank, *in_force)))
    return rows, cases


@pytest.fixture
async def world(chat: Chat, ada: Person, ben: Person) -> AsyncIterator[World]:
    rows, cases = make_rows(ada.id, ben.id)

    async def furnish(db: Connection) -> None:
        await db.execute(tables.houses.delete())
        for table in tables.metadata.sorted_tables:
            if rows[table]:
                await db.execute(insert(table), rows[table])

    await chat.database.write(furnish)
    async with chat.database.reading() as db:
        yield World(Work(db, ada.viewer, NOW), cases)


async def test_the_houses_that_may_be_read_are_those_in_which_reading_is_allowed(world: World) -> None:
    look = Look(world.work.look.user_id, NOW)
    read = (await kept_rooms.page_of_all(world.work.db, look, EVERYTHING)).items
    assert sorted(room.house_id for room in read) == world.ids()
    for module in (kept_houses, kept_rooms):
        rows = await world.work.db.execute(module.seen(look, tables.houses.c.id))
        assert sorted(rows.scalars()) == world.known()
    assert len(world.cases) > len(world.known()) > len(world.ids()) > 0


async def test_a_house_is_listed_and_loaded_with_the_viewers_standing_in_it(world: World) -> None:
    expected = {case.id: case.standing for case in world.cases if case.known}
    listed = (await houses.list_houses(world.work, EVERYTHING)).items
    assert {house.id: house.standing for house in listed} == expected
    loaded = await houses.load_houses(world.work, range(1000))
    assert {house.id: house.standing for house in loaded.values()} == expected
    for case in world.cases:
        house = await kept_houses.get(world.work.db, world.work.look, case.id)
        assert house is not None
        assert (house.standing, house.visibility) == (case.standing, case.visibility)


async def test_what_is_listed_of_everything_is_what_may_be_read(world: World) -> None:
    listed = (await rooms.list_all_rooms(world.work, EVERYTHING)).items
    assert sorted(room.id for room in listed) == world.ids()
    assert [talk.id for talk in (await talks.list_all_talks(world.work, EVERYTHING)).items] == world.ids()


Loaded = Awaitable[dict[int, Any]]
# Each way to load things by their ids, and what must be allowed for it.
LOADS: dict[Callable[[Work, range], Loaded], Action] = {
    rooms.load_rooms: Action.READ,
    talks.load_talks: Action.READ,
    members.load_members: Action.READ,
    moderation.load_bans: Action.BAN_USER,
    invites.load_invites: Action.INVITE,
    join_requests.load_join_requests: Action.DECIDE_JOIN_REQUESTS,
    audit.load_entries: Action.READ_AUDIT_LOG,
}
LISTS: dict[Callable[[Work, range, Window], Loaded], Action] = {
    rooms.list_rooms: Action.READ,
    talks.list_talks: Action.READ,
    members.list_members: Action.READ,
    moderation.list_bans: Action.BAN_USER,
    invites.list_invites: Action.INVITE,
    join_requests.list_join_requests: Action.DECIDE_JOIN_REQUESTS,
    audit.list_entries: Action.READ_AUDIT_LOG,
}


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.__name__)
async def test_a_thing_is_loaded_refused_or_unknown_as_its_house_is(
    world: World, load: Callable[[Work, range], Loaded]
) -> None:
    found = await load(world.work, range(1000))
    assert sorted(found) == world.known()
    given = [one for one, noun in found.items() if not isinstance(noun, Forbidden)]
    assert sorted(given) == world.ids(LOADS[load])
    assert all(found[one].id == one for one in given)


async def test_a_member_is_found_by_their_membership_where_they_are_by_their_id(
    world: World, ben: Person
) -> None:
    by_id = await members.load_members(world.work, range(1000))
    memberships = [Membership(house_id, ben.id) for house_id in range(1000)]
    found = await members.load_memberships(world.work, memberships)
    assert {key.house_id: str(noun) for key, noun in found.items()} == {
        key: str(noun) for key, noun in by_id.items()
    }


@pytest.mark.parametrize("read", LISTS, ids=lambda read: read.__name__)
async def test_a_list_is_given_refused_or_unknown_as_its_house_is(
    world: World, read: Callable[[Work, range, Window], Loaded]
) -> None:
    found = await read(world.work, range(1000), EVERYTHING)
    assert sorted(found) == world.known()
    pages = {one: page for one, page in found.items() if isinstance(page, Page)}
    assert sorted(pages) == world.ids(LISTS[read])
    assert all(one in {item.id for item in page.items} for one, page in pages.items())


async def test_what_is_acted_on_is_seen_by_the_same_rule(world: World) -> None:
    for case in world.cases:
        for see in (see_house, see_room, see_talk):
            if not case.known:
                with pytest.raises(NotFound, match="There is no such"):
                    await see(world.work, case.id)
            elif see is see_house or case.allows(Action.READ):
                await see(world.work, case.id)
            else:
                with pytest.raises(Forbidden, match="You may not look into this house: a ban"):
                    await see(world.work, case.id)
