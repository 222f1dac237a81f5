"""The audit log as moderators see it: every act by rank with its subject, and nothing of what people do to their own."""

from typing import Any

import pytest

from chatgraph.operations import accounts, members
from tests.cast import Actor, Cast, Refused, in_hours
from tests.conftest import Server
from tests.schema.crowd import viewer_of
from tests.schema.nodes import database_id

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENTRY = "id act subjectId detail reason time actor { username } subject { __typename id }"


async def read_log(actor: Actor, house: str) -> list[dict[str, Any]]:
    """Give a house's log, oldest first."""
    document = f"query($id: ID!) {{ house(id: $id) {{ auditLog(first: 100) {{ nodes {{ {ENTRY} }} }} }} }}"
    return (await actor.ask(document, id=house))["house"]["auditLog"]["nodes"][::-1]


async def test_every_act_by_rank_is_told_with_its_subject_and_reason(company: Cast) -> None:
    ada, ben, dora = company.ada, company.ben, await company.newcomer()
    house = await ada.create_house("Attic", "PRIVATE", acceptsJoinRequests=True)
    asked = await dora.ask_to_join(house)
    invite, code = await ada.invite(house)
    await ben.accept(code)
    room = await ben.create_room(house)
    talk = await ben.post_talk(room)
    to_ben = {"houseId": house, "userId": ben.id}
    end = in_hours(1)
    until = f"until {end[:16].replace('T', ' ')} UTC"
    made = [("INVITE_CREATED", invite, "", "")]
    steps: list[tuple[str, dict[str, Any], tuple[str, str, str]]] = [
        ("revokeInvite", {"inviteId": invite}, ("INVITE_REVOKED", invite, "")),
        ("updateHouse", {"houseId": house, "name": "Roof"}, ("HOUSE_UPDATED", house, "name")),
        ("updateRoom", {"roomId": room, "title": "Beam"}, ("ROOM_UPDATED", room, "Hall")),
        ("archiveRoom", {"roomId": room}, ("ROOM_ARCHIVED", room, "Beam")),
        ("archiveRoom", {"roomId": room, "archived": False}, ("ROOM_REOPENED", room, "Beam")),
        ("lockRoom", {"roomId": room, "reason": "Night"}, ("ROOM_LOCKED", room, "Beam")),
        ("lockRoom", {"roomId": room, "locked": False}, ("ROOM_UNLOCKED", room, "Beam")),
        ("removeTalk", {"talkId": talk, "reason": "Rude"}, ("TALK_REMOVED", talk, "")),
        ("muteMember", {**to_ben, "endTime": end, "reason": "Loud"}, ("MEMBER_MUTED", ben.id, until)),
        ("unmuteMember", {**to_ben, "reason": "Calm"}, ("MEMBER_UNMUTED", ben.id, "")),
        ("setRole", {**to_ben, "role": "MODERATOR", "reason": "Help"}, ("ROLE_SET", ben.id, "MODERATOR")),
        ("setRole", {**to_ben, "role": "MEMBER"}, ("ROLE_SET", ben.id, "MEMBER")),
        ("removeMember", {**to_ben, "reason": "Rude"}, ("MEMBER_REMOVED", ben.id, "")),
        ("banUser", {**to_ben, "reason": "Rude"}, ("USER_BANNED", ben.id, "for ever")),
        ("unbanUser", {**to_ben, "reason": "Sorry"}, ("USER_UNBANNED", ben.id, "")),
        ("declineJoinRequest", {"joinRequestId": asked, "reason": "No"}, ("JOIN_REQUEST_DECLINED", dora.id, "")),
        ("deleteRoom", {"roomId": room}, ("ROOM_DELETED", room, "Beam")),
    ]  # fmt: skip
    for mutation, given, told in steps:
        await ada.do(mutation, "__typename", **given)
        made.append((*told, given.get("reason", "")))
    await ada.do("approveJoinRequest", "__typename", joinRequestId=await dora.ask_to_join(house))
    await ada.do("transferHouse", "__typename", houseId=house, userId=dora.id, reason="Tired")
    made += [("JOIN_REQUEST_APPROVED", dora.id, "", ""), ("HOUSE_TRANSFERRED", dora.id, "", "Tired")]
    log = await read_log(ada, house)
    told = [(entry["act"], entry["subjectId"], entry["detail"], entry["reason"]) for entry in log]
    assert told == made
    assert {entry["actor"]["username"] for entry in log} == {"ada"}
    assert [entry["time"] for entry in log] == sorted(entry["time"] for entry in log)
    for entry in log:
        gone = entry["subjectId"] in (room, talk)  # with its room
        assert entry["subject"] is None if gone else entry["subject"]["id"] == entry["subjectId"], entry
    assert (await dora.ask(f'{{ node(id: "{log[0]["id"]}") {{ ... on AuditEntry {{ act }} }} }}'))[
        "node"
    ] == {"act": "INVITE_CREATED"}


async def test_what_people_do_to_their_own_and_what_changes_nothing_is_not_told(company: Cast) -> None:
    house = await company.ada.create_house()
    await company.ben.join(house)
    room = await company.ben.create_room(house)
    talk = await company.ben.post_talk(room)
    await company.ben.do("updateRoom", "room { id }", roomId=room, title="Mine")
    await company.ben.do("archiveRoom", "room { id }", roomId=room)
    await company.ben.do("removeTalk", "talk { id }", talkId=talk)
    await company.ada.do("updateHouse", "house { id }", houseId=house, name="Engine")
    await company.ada.do("lockRoom", "room { id }", roomId=room, locked=False)
    await company.ada.set_role(company.ben, house, "MEMBER")
    with pytest.raises(Refused):
        await company.ben.ban(company.cleo, house)
    await company.ben.do("leaveHouse", "house { id }", houseId=house)
    assert await read_log(company.ada, house) == []


async def test_how_many_talks_went_with_a_ban_is_told(company: Cast) -> None:
    house = await company.ada.create_house()
    room = await company.ada.create_room(house)
    for _ in range(3):
        await company.ben.post_talk(room)
    await company.ada.ban(company.ben, house, removeTalksOfHours=1)
    [entry] = await read_log(company.ada, house)
    assert (entry["act"], entry["detail"]) == ("USER_BANNED", "for ever, 3 talks removed")


async def test_the_operator_acts_without_a_name(standing: Server, company: Cast) -> None:
    house = await company.ada.create_house()
    async with standing.chat.visit() as visit:
        given = await database_id(company.ada, house), viewer_of(company.ben).known()
        await visit.perform(members.hand_over, *given)
    [entry] = await read_log(company.ada, house)
    assert (entry["act"], entry["actor"], entry["subject"]["id"]) == (
        "HOUSE_TRANSFERRED",
        None,
        company.ben.id,
    )


async def test_what_is_done_to_the_whole_site_stands_in_no_house(standing: Server, company: Cast) -> None:
    house, dora = await company.ada.create_house(), await company.newcomer()
    await dora.join(house)
    async with standing.chat.visit() as visit:
        await visit.perform(accounts.deactivate, dora.username)
    assert await read_log(company.ada, house) == []
    found = await company.ada.ask(f'{{ node(id: "{dora.id}") {{ ... on User {{ deactivateTime }} }} }}')
    assert found["node"]["deactivateTime"] is not None


async def test_only_moderators_read_it(company: Cast) -> None:
    house = await company.ada.create_house()
    await company.ben.join(house)
    await company.ada.invite(house)
    [entry] = await read_log(company.ada, house)
    for actor in (company.ben, company.cleo):
        for call in (read_log(actor, house), actor.ask(f'{{ node(id: "{entry["id"]}") {{ id }} }}')):
            with pytest.raises(Refused) as refused:
                await call
            assert refused.value.code == "FORBIDDEN"
            said = refused.value.errors[0]["message"]
            assert said.startswith("You may not read the audit log: only moderators ")
    await company.ada.set_role(company.ben, house)
    assert [one["act"] for one in await read_log(company.ben, house)] == ["INVITE_CREATED", "ROLE_SET"]
