"""`viewerCan` keeps its word: what it names can be done, what it doesn't is refused, and by that alone."""

from collections.abc import Awaitable, Iterable
from typing import Any

import pytest
import pytest_asyncio

from chatgraph.operations.rules import ON_MEMBERS
from tests.cast import Actor, Cast, Refused
from tests.conftest import Server
from tests.schema.attempts import ATTEMPTS, HARMLESS, HOUSE, MORE, ROOM, TALK
from tests.schema.crowd import viewer_of
from tests.schema.stage import ROOMS, STANDINGS, People, Stage, set_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

RIGHTS = """query($house: ID!, $room: ID!, $talk: ID!) {
    house(id: $house) { viewerCan } room(id: $room) { viewerCan } talk(id: $talk) { viewerCan } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(company: Cast) -> People:
    """Cleo is who has the standing; Ada owns the house, Ben lives there, and Dora asks to be let in."""
    dora = await company.newcomer()
    return People(*(viewer_of(actor) for actor in (company.cleo, company.ada, company.ben, dora)))


async def rights(actor: Actor, stage: Stage) -> dict[str, bool]:
    """Give of each permission whether it is in `viewerCan` of the house, the room or the talk."""
    given = {"house": stage.house, "room": stage.room, "talk": stage.talk}
    found = (await actor.post(RIGHTS, given)).json()["data"]
    named = {name for thing in found.values() if thing is not None for name in thing["viewerCan"]}
    assert named <= set(ATTEMPTS)
    return {name: name in named for name in ATTEMPTS}


async def check(
    server: Server, people: People, actor: Actor, permissions: Iterable[str], somebody: str, **how: Any
) -> None:
    """Try each of the permissions, in a new world once one was changed: it must be as `viewerCan` said."""
    member, stage, said = STANDINGS[somebody] is not None, None, {}
    for permission in permissions:
        if stage is None:
            stage = await set_stage(server.chat, people, somebody, **how)
            said = await rights(actor, stage)
        if permission == "JOIN_HOUSE" and member:
            assert not said[permission]  # who is a member stays one, and that is no error
            continue
        refusal = "NOT_FOUND" if how.get("private") and not member else "FORBIDDEN"
        for attempts in (MORE, ATTEMPTS):
            if permission in attempts:
                done = await is_done(attempts[permission](actor, stage), refusal)
                assert done == said[permission], (permission, somebody, how)
        if said[permission] and permission not in HARMLESS:
            stage = None


async def is_done(attempt: Awaitable[Any], refusal: str) -> bool:
    """Tell whether something can be done; what can't must be refused with this code."""
    try:
        await attempt
    except Refused as refused:
        if refused.code == refusal:
            return False
        raise
    return True


@pytest.mark.parametrize("somebody", STANDINGS)
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
async def test_what_can_be_done_in_a_house(
    standing: Server, company: Cast, people: People, somebody: str, private: bool
) -> None:
    await check(standing, people, company.cleo, HOUSE, somebody, private=private)


@pytest.mark.parametrize("somebody", STANDINGS)
@pytest.mark.parametrize(("own", "room"), [(False, "open"), *((True, room) for room in ROOMS)])
async def test_what_can_be_done_to_a_room_and_a_talk(
    standing: Server, company: Cast, people: People, somebody: str, own: bool, room: str
) -> None:
    await check(standing, people, company.cleo, ROOM | TALK, somebody, own=own, room=room)


@pytest.mark.parametrize("somebody", ["stranger", "member", "muted moderator", "owner"])
@pytest.mark.parametrize("whom", ["a member", "a moderator", "the boss", "themselves"])
async def test_what_can_be_done_to_a_member(
    standing: Server, company: Cast, people: People, somebody: str, whom: str
) -> None:
    stage, at, shown = None, "", []
    for permission in (action.name for action in ON_MEMBERS):
        if stage is None:
            stage = await set_stage(standing.chat, people, somebody)
            if whom == "a moderator":
                owner = company.cleo if somebody == "owner" else company.ada
                await owner.set_role(company.ben, stage.house)
            at = {"the boss": company.ada.id, "themselves": company.cleo.id}.get(whom, stage.fellow)
            shown = await rights_over(company.cleo, stage.house, at)
        attempt = ATTEMPTS[permission](company.cleo, stage._replace(fellow=at))
        done = await is_done(attempt, "FORBIDDEN")
        assert done == (permission in shown), permission
        stage = None if done else stage


async def rights_over(actor: Actor, house: str, user: str) -> list[str]:
    """Give what somebody can do to a user as a member of a house; to who isn't one, nothing."""
    document = "query($id: ID!) { house(id: $id) { members { nodes { user { id } viewerCan } } } }"
    nodes = (await actor.ask(document, id=house))["house"]["members"]["nodes"]
    return next((node["viewerCan"] for node in nodes if node["user"]["id"] == user), [])


async def test_a_member_who_joins_again_stays_what_they_are(
    standing: Server, company: Cast, people: People
) -> None:
    for somebody in ("member", "moderator", "owner"):
        stage = await set_stage(standing.chat, people, somebody)
        gives = "house { memberCount viewerRole viewerCan }"
        document = f"query($id: ID!) {{ {gives.replace('house', 'house(id: $id)')} }}"
        before = await company.cleo.ask(document, id=stage.house)
        assert await company.cleo.do("joinHouse", gives, houseId=stage.house) == before


async def test_to_a_tombstone_nobody_can_do_anything(standing: Server, company: Cast, people: People) -> None:
    for somebody in ("member", "owner"):
        stage = await set_stage(standing.chat, people, somebody, own=True)
        removed = await company.cleo.do("removeTalk", "talk { viewerCan removeTime }", talkId=stage.talk)
        assert removed["talk"]["viewerCan"] == []
        said = await rights(company.cleo, stage)
        assert not said["EDIT_TALK"]
        assert not said["REMOVE_TALK"]
        with pytest.raises(Refused) as refused:
            await TALK["EDIT_TALK"](company.cleo, stage)
        assert (refused.value.code, refused.value.field) == ("CONFLICT", "talkId")
        again = await company.cleo.do("removeTalk", "talk { viewerCan removeTime }", talkId=stage.talk)
        assert again == removed
