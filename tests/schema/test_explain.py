"""`explain` says of anybody what `viewerCan` says to themselves, and what decided it."""

from collections.abc import Sequence
from typing import Any

import pytest
import pytest_asyncio

from chatgraph.operations import accounts
from tests.cast import Actor, Cast, Refused, in_hours
from tests.conftest import Server
from tests.schema.attempts import ATTEMPTS, HOUSE, ROOM, TALK
from tests.schema.crowd import viewer_of
from tests.schema.stage import STANDINGS, People, Stage, set_stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

THINGS = ("house", "room", "talk")
GIVES = "allowed decidedBy reason role banned banEndTime muteEndTime"
ALIASES = 15  # in a document


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(company: Cast) -> People:
    """Cleo is who has the standing; Ada owns the house, Ben lives there, and Dora asks to be let in."""
    dora = await company.newcomer()
    return People(*(viewer_of(actor) for actor in (company.cleo, company.ada, company.ben, dora)))


async def explained(
    asker: Actor, stage: Stage, user: str, *permissions: str, of: Sequence[str] = THINGS
) -> dict[str, dict[str, Any]]:
    """Give what is explained of the house, the room and the talk, by permission."""
    told: dict[str, dict[str, Any]] = {thing: {} for thing in of}
    at_once = ALIASES // len(of)
    for start in range(0, len(permissions), at_once):
        some = permissions[start : start + at_once]
        asked = " ".join(f"{name}: explain(userId: $user, permission: {name}) {{ {GIVES} }}" for name in some)
        fields = " ".join(f'{thing}(id: "{getattr(stage, thing)}") {{ {asked} }}' for thing in of)
        found = await asker.ask(f"query($user: ID!) {{ {fields} }}", user=user)
        for thing in of:
            told[thing] |= found[thing]
    return told


async def rights(actor: Actor, stage: Stage) -> dict[str, list[str]]:
    """Give what somebody can do, of house, room and talk: of what they don't see, nothing."""
    fields = " ".join(f'{thing}(id: "{getattr(stage, thing)}") {{ viewerCan }}' for thing in THINGS)
    found = (await actor.post(f"{{ {fields} }}")).json()["data"]
    return {thing: [] if found[thing] is None else found[thing]["viewerCan"] for thing in THINGS}


@pytest.mark.parametrize("somebody", STANDINGS)
@pytest.mark.parametrize(
    "how",
    [{}, {"own": True, "room": "archived"}, {"own": True, "room": "locked"}, {"private": True}],
    ids=["plain", "own-archived", "own-locked", "private"],
)
async def test_what_is_explained_is_what_they_can_do(
    standing: Server, company: Cast, people: People, somebody: str, how: dict[str, Any]
) -> None:
    stage = await set_stage(standing.chat, people, somebody, **how)
    can = await rights(company.cleo, stage)
    for thing, group in zip(THINGS, (HOUSE, ROOM, TALK), strict=True):
        told = (await explained(company.ada, stage, company.cleo.id, *group, of=[thing]))[thing]
        assert [name for name in group if told[name]["allowed"]] == can[thing], thing


@pytest.mark.parametrize("somebody", STANDINGS)
async def test_of_a_talk_it_is_also_explained_what_they_can_do_around_it(
    standing: Server, company: Cast, people: People, somebody: str
) -> None:
    stage = await set_stage(standing.chat, people, somebody, own=True)
    can = await rights(company.cleo, stage)
    told = await explained(company.ada, stage, company.cleo.id, *ATTEMPTS, of=["room", "talk"])
    for thing, around in (("room", ["house"]), ("talk", ["house", "room"])):
        for of in around:
            group = {"house": HOUSE, "room": ROOM}[of]
            assert [name for name in group if told[thing][name]["allowed"]] == can[of], (thing, of)


DECIDED = {
    # somebody, how: permission → what decides it in the house, the room and the talk
    ("stranger", "plain"): {"READ": "VISIBILITY", "POST_TALK": "VISIBILITY", "INVITE": "ROLE", "EDIT_TALK": "ROLE"},
    ("stranger", "private"): {"READ": "VISIBILITY", "JOIN_HOUSE": "VISIBILITY", "REMOVE_TALK": "VISIBILITY"},
    ("banned", "own"): dict.fromkeys(ATTEMPTS, "BAN"),
    ("member", "plain"): {"READ": "ROLE", "JOIN_HOUSE": "ROLE", "LOCK_ROOM": "ROLE", "REMOVE_TALK": "ROLE"},
    ("muted", "plain"): {"POST_TALK": "MUTE", "CREATE_ROOM": "MUTE", "READ": "ROLE", "LEAVE_HOUSE": "ROLE"},
    ("muted moderator", "plain"): {"POST_TALK": "MUTE", "UPDATE_ROOM": "MUTE", "LOCK_ROOM": "ROLE"},
    ("owner", "plain"): {"LEAVE_HOUSE": "ROLE", "DELETE_HOUSE": "ROLE", "EDIT_TALK": "ROLE"},
}  # fmt: skip
DECIDED_WITHIN = {
    # what only the room or the talk can tell
    ("member", "own"): {"UPDATE_ROOM": (False, True, True), "EDIT_TALK": (False, False, True)},
    ("owner", "own"): {"REMOVE_TALK": (False, False, True)},
}
HOW: dict[str, dict[str, Any]] = {"plain": {}, "own": {"own": True}, "private": {"private": True}}


@pytest.mark.parametrize(("somebody", "how"), DECIDED)
async def test_what_decides_is_told_of_the_house_the_room_and_the_talk(
    standing: Server, company: Cast, people: People, somebody: str, how: str
) -> None:
    stage = await set_stage(standing.chat, people, somebody, **HOW[how])
    asker = company.cleo if somebody == "owner" else company.ada
    wanted = DECIDED[somebody, how]
    told = await explained(asker, stage, company.cleo.id, *wanted)
    for thing in THINGS:
        assert {name: one["decidedBy"] for name, one in told[thing].items()} == wanted, thing


@pytest.mark.parametrize(("somebody", "how"), DECIDED_WITHIN)
async def test_having_made_it_decides_where_it_is_asked_of_the_thing_itself(
    standing: Server, company: Cast, people: People, somebody: str, how: str
) -> None:
    stage = await set_stage(standing.chat, people, somebody, **HOW[how])
    asker = company.cleo if somebody == "owner" else company.ada
    wanted = DECIDED_WITHIN[somebody, how]
    told = await explained(asker, stage, company.cleo.id, *wanted)
    for name, decided in wanted.items():
        by_creation = tuple(told[thing][name]["decidedBy"] == "CREATOR" for thing in THINGS)
        assert by_creation == decided, name


@pytest.mark.parametrize(("room", "decided"), [("archived", "ARCHIVE"), ("locked", "LOCK")])
async def test_a_setting_of_the_room_decides_over_who_speaks_in_it(
    standing: Server, company: Cast, people: People, room: str, decided: str
) -> None:
    stage = await set_stage(standing.chat, people, "member", own=True, room=room)
    told = await explained(company.ada, stage, company.cleo.id, "POST_TALK", "UPDATE_ROOM", "EDIT_TALK")
    assert [told[thing]["POST_TALK"]["decidedBy"] for thing in THINGS] == ["ROLE", decided, decided]
    assert told["talk"]["EDIT_TALK"]["decidedBy"] == decided
    assert told["room"]["UPDATE_ROOM"]["decidedBy"] == "CREATOR"
    boss = await explained(company.ada, stage, company.ada.id, "POST_TALK")
    assert boss["room"]["POST_TALK"]["allowed"] == (room == "locked")


async def test_what_somebody_is_in_the_house_is_told_with_it(
    standing: Server, company: Cast, people: People
) -> None:
    stage = await set_stage(standing.chat, people, "moderator")
    time = in_hours(2)
    end = time[:16]
    for mutation in ("muteMember", "banUser"):
        given = {"houseId": stage.house, "userId": stage.fellow, "endTime": time, "reason": "Noise"}
        await company.cleo.do(mutation, "__typename", **given)
        told = (await explained(company.cleo, stage, stage.fellow, "POST_TALK"))["room"]["POST_TALK"]
        kept = "mute" if mutation == "muteMember" else "ban from this house"
        when = f"{told['muteEndTime' if mutation == 'muteMember' else 'banEndTime'][:16]}"
        assert when == end
        assert told["reason"] == f"A {kept} is in force until {end.replace('T', ' ')} UTC."
        assert (told["allowed"], told["banned"]) == (False, mutation == "banUser")
        assert told["role"] == ("MEMBER" if mutation == "muteMember" else None)
    mine = (await explained(company.cleo, stage, company.cleo.id, "INVITE"))["house"]["INVITE"]
    nothing = {"banned": False, "banEndTime": None, "muteEndTime": None}
    assert mine.pop("reason").startswith("Moderators ")
    assert mine == nothing | {"allowed": True, "decidedBy": "ROLE", "role": "MODERATOR"}


async def test_of_a_deactivated_account_that_decides_everything(standing: Server, company: Cast) -> None:
    house = await company.ada.create_house()
    room = await company.ada.create_room(house)
    dora = await company.newcomer()
    stage = Stage(house, room, await dora.post_talk(room), "", "")
    async with standing.chat.visit() as visit:
        await visit.perform(accounts.deactivate, dora.username)
    told = await explained(company.ada, stage, dora.id, *ATTEMPTS)
    decided = {(one["allowed"], one["decidedBy"]) for thing in THINGS for one in told[thing].values()}
    assert decided == {(False, "DEACTIVATION")}
    assert told["talk"]["READ"]["reason"] == "The account is deactivated."


async def test_of_a_tombstone_it_is_explained_that_nobody_can_do_anything(
    standing: Server, company: Cast, people: People
) -> None:
    stage = await set_stage(standing.chat, people, "member", own=True)
    await company.cleo.do("removeTalk", "talk { id }", talkId=stage.talk)
    for user in (company.cleo, company.ada):
        told = (await explained(company.ada, stage, user.id, *TALK))["talk"]
        assert [one["allowed"] for one in told.values()] == [False, False]


@pytest.mark.parametrize("somebody", ["stranger", "banned", "member"])
@pytest.mark.parametrize("thing", THINGS)
async def test_only_moderators_may_ask(
    standing: Server, company: Cast, people: People, somebody: str, thing: str
) -> None:
    stage = await set_stage(standing.chat, people, somebody)
    asked = "explain(userId: $user, permission: READ) { allowed }"
    document = f"query($id: ID!, $user: ID!) {{ {thing}(id: $id) {{ {asked} }} }}"
    with pytest.raises(Refused) as refused:
        await company.cleo.ask(document, id=getattr(stage, thing), user=company.cleo.id)
    assert refused.value.code == "FORBIDDEN"


async def test_it_is_explained_of_users_alone(standing: Server, company: Cast, people: People) -> None:
    stage = await set_stage(standing.chat, people, "member")
    never = "VXNlcjo0MDAwMDAw"
    for user, told in ((never, ("NOT_FOUND", None)), (stage.house, ("BAD_USER_INPUT", "userId"))):
        for thing in THINGS:
            asked = f'explain(userId: "{user}", permission: READ) {{ allowed }}'
            with pytest.raises(Refused) as refused:
                await company.ada.ask(f'{{ {thing}(id: "{getattr(stage, thing)}") {{ {asked} }} }}')
            assert (refused.value.code, refused.value.field) == told
