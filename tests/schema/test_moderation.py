"""Roles, bans, mutes and locks as a client sees them: what is answered, what is refused and in which words."""

from typing import Any

import pytest

from tests.cast import Actor, Cast, Refused, in_hours

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def furnished(cast: Cast, *members: Actor, visibility: str = "PUBLIC") -> str:
    """Give a house of Ada's in which these are members."""
    house = await cast.ada.create_house("Engine", visibility, description="Steam")
    for actor in members:
        await actor.accept((await cast.ada.invite(house))[1])
    return house


async def refusal(call: Any) -> tuple[str, str | None, str]:
    """Give the code, the field and the words of what must be refused."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.code, refused.value.field, refused.value.errors[0]["message"]


MEMBERS = "query($id: ID!) { house(id: $id) { memberCount members { nodes { role user { username } } } } }"


async def roles(actor: Actor, house: str) -> dict[str, str]:
    found = (await actor.ask(MEMBERS, id=house))["house"]
    assert found["memberCount"] == len(found["members"]["nodes"])
    return {node["user"]["username"]: node["role"] for node in found["members"]["nodes"]}


async def test_a_role_is_given_and_taken(company: Cast) -> None:
    house = await furnished(company, company.ben)
    given = {"houseId": house, "userId": company.ben.id}
    for role in ("MODERATOR", "MODERATOR", "MEMBER"):
        done = await company.ada.do("setRole", "member { role user { id } house { id } }", **given, role=role)
        assert done["member"] == {"role": role, "user": {"id": company.ben.id}, "house": {"id": house}}
        assert await roles(company.cleo, house) == {"ada": "OWNER", "ben": role}
    code, field, said = await refusal(company.ada.do("setRole", "member { id }", **given, role="OWNER"))
    assert (code, field) == ("BAD_USER_INPUT", "role")
    assert "`transferHouse`" in said


async def test_a_house_is_handed_over_and_then_left(company: Cast) -> None:
    house = await furnished(company, company.ben)
    code, _, said = await refusal(company.ada.do("leaveHouse", "house { id }", houseId=house))
    assert (code, "transfer" in said) == ("FORBIDDEN", True)
    given = {"houseId": house, "userId": company.ben.id}
    done = await company.ada.do("transferHouse", "house { viewerRole viewerCan }", **given)
    assert done["house"]["viewerRole"] == "MODERATOR"
    assert "TRANSFER_HOUSE" not in done["house"]["viewerCan"]
    assert await roles(company.ada, house) == {"ada": "MODERATOR", "ben": "OWNER"}
    left = await company.ada.do("leaveHouse", "house { viewerRole memberCount }", houseId=house)
    assert left["house"] == {"viewerRole": None, "memberCount": 1}


async def test_who_is_removed_may_come_back(company: Cast) -> None:
    house = await furnished(company, company.ben)
    given = {"houseId": house, "userId": company.ben.id, "reason": "Too loud"}
    done = await company.ada.do("removeMember", "house { memberCount viewerRole }", **given)
    assert done["house"] == {"memberCount": 1, "viewerRole": "OWNER"}
    assert (await refusal(company.ada.do("removeMember", "house { id }", **given)))[0] == "NOT_FOUND"
    await company.ben.join(house)
    assert await roles(company.ada, house) == {"ada": "OWNER", "ben": "MEMBER"}


BAN = "ban { id databaseId reason createTime endTime house { id } user { id } creator { username } }"


async def test_a_ban_is_for_ever_and_without_a_reason_if_nothing_is_said(company: Cast) -> None:
    house = await furnished(company, company.ben)
    made = (await company.ada.do("banUser", BAN, houseId=house, userId=company.ben.id))["ban"]
    assert (made["reason"], made["endTime"], made["house"]["id"]) == ("", None, house)
    assert (made["user"]["id"], made["creator"]["username"]) == (company.ben.id, "ada")
    listed = f"query($id: ID!) {{ house(id: $id) {{ bans {{ nodes {{ {BAN[6:-2]} }} }} }} }}"
    assert (await company.ada.ask(listed, id=house))["house"]["bans"]["nodes"] == [made]
    end = in_hours(1)
    given = {"houseId": house, "userId": company.ben.id, "reason": "Again", "endTime": end}
    again = (await company.ada.do("banUser", BAN, **given))["ban"]
    assert (again["reason"], again["endTime"][:19]) == ("Again", end[:19])
    assert (await company.ada.ask(listed, id=house))["house"]["bans"]["nodes"] == [again]


async def test_a_ban_takes_as_many_hours_of_talks_with_it_as_are_named(company: Cast) -> None:
    house = await furnished(company, company.ben)
    room = await company.ada.create_room(house)
    said = [await company.ben.post_talk(room, "Spam") for _ in range(2)]
    kept = await company.ada.post_talk(room, "Ahem")
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Talk { content } } }"
    for hours, contents in ((0, ["Spam", "Spam", "Ahem"]), (168, [None, None, "Ahem"])):
        await company.ada.ban(company.ben, house, removeTalksOfHours=hours)
        found = await company.ada.ask(document, ids=[*said, kept])
        assert [node["content"] for node in found["nodes"]] == contents


async def test_nobody_comes_back_before_they_are_unbanned(company: Cast) -> None:
    house = await furnished(company, company.ben)
    _, code = await company.ada.invite(house)
    await company.ada.ban(company.ben, house)
    for call in (company.ben.join(house), company.ben.accept(code)):
        refused, _, said = await refusal(call)
        assert refused == "FORBIDDEN"
        assert said == "You may not join this house: a ban from this house is in force."
    given = {"houseId": house, "userId": company.ben.id}
    done = await company.ada.do("unbanUser", "house { memberCount }", **given)
    assert done["house"]["memberCount"] == 1
    assert await refusal(company.ada.do("unbanUser", "house { id }", **given)) == (
        "NOT_FOUND", None, "There is no such ban.",
    )  # fmt: skip
    await company.ben.accept(code)


NOTHING = dict.fromkeys(("description", "createTime", "memberCount", "cursor", "acceptsJoinRequests"))


async def test_of_a_public_house_the_banned_see_that_it_exists(company: Cast) -> None:
    house = await furnished(company, company.ben)
    room = await company.ada.create_room(house)
    talk = await company.ada.post_talk(room)
    await company.ada.ban(company.ben, house, reason="Secret")
    gives = f"id name visibility viewerRole viewerCan {' '.join(NOTHING)}"
    shown = NOTHING | {
        "id": house,
        "name": "Engine",
        "visibility": "PUBLIC",
        "viewerRole": None,
        "viewerCan": [],
    }
    found = await company.ben.ask(f'{{ house(id: "{house}") {{ {gives} }} node(id: "{house}") {{ id }} }}')
    assert found == {"house": shown, "node": {"id": house}}
    listed = await company.ben.ask(f"{{ houses(last: 100) {{ nodes {{ {gives} }} }} }}")
    assert shown in listed["houses"]["nodes"]
    lists = ("rooms", "members", "bans", "invites", "joinRequests", "auditLog")
    inside = [f'house(id: "{house}") {{ {name} {{ nodes {{ id }} }} }}' for name in lists]
    inside += [
        f'{kind}(id: "{node}") {{ id }}' for kind, node in (("room", room), ("talk", talk), ("node", talk))
    ]
    inside += [
        f'rooms(houseId: "{house}") {{ nodes {{ id }} }}',
        f'talks(roomId: "{room}") {{ nodes {{ id }} }}',
    ]
    inside += [
        f'house(id: "{house}") {{ explain(userId: "{company.ben.id}", permission: READ) {{ reason }} }}'
    ]
    for field in inside:
        code, _, said = await refusal(company.ben.ask(f"{{ {field} }}"))
        assert (code, "Secret" in said) == ("FORBIDDEN", False), field


async def test_a_private_house_is_gone_for_the_banned(company: Cast) -> None:
    house = await furnished(company, company.ben, visibility="PRIVATE")
    await company.ada.ban(company.ben, house)
    assert (await refusal(company.ben.ask(f'{{ house(id: "{house}") {{ name }} }}')))[0] == "NOT_FOUND"
    listed = await company.ben.ask("{ houses(last: 100) { nodes { id } } }")
    assert house not in [node["id"] for node in listed["houses"]["nodes"]]


async def test_who_is_muted_reads_on_and_speaks_again_once_that_is_taken_back(company: Cast) -> None:
    house = await furnished(company, company.ben)
    room = await company.ada.create_room(house)
    talk = await company.ben.post_talk(room)
    given = {"houseId": house, "userId": company.ben.id}
    end = in_hours(1)
    muted = await company.ada.do("muteMember", "member { muteEndTime }", **given, endTime=end)
    assert muted["member"]["muteEndTime"][:19] == end[:19]
    for call in (
        company.ben.post_talk(room),
        company.ben.create_room(house),
        company.ben.do("editTalk", "talk { id }", talkId=talk, content="Hi"),
    ):
        code, _, said = await refusal(call)
        assert code == "FORBIDDEN"
        assert f"a mute is in force until {end[:16].replace('T', ' ')} UTC" in said
    found = await company.ben.ask(f'{{ room(id: "{room}") {{ viewerCan talks {{ nodes {{ id }} }} }} }}')
    assert found["room"] == {"viewerCan": [], "talks": {"nodes": [{"id": talk}]}}
    assert (await company.ada.do("unmuteMember", "member { muteEndTime }", **given))["member"] == {
        "muteEndTime": None
    }
    assert await company.ben.post_talk(room)


async def test_leaving_and_coming_back_ends_no_mute(company: Cast) -> None:
    house = await furnished(company, company.ben)
    room = await company.ada.create_room(house)
    await company.ada.mute(company.ben, house)
    await company.ben.do("leaveHouse", "house { id }", houseId=house)
    await company.ben.join(house)
    assert (await refusal(company.ben.post_talk(room)))[0] == "FORBIDDEN"


async def test_in_a_locked_room_moderators_speak(company: Cast) -> None:
    house = await furnished(company, company.ben, company.cleo)
    room = await company.ada.create_room(house)
    await company.ada.set_role(company.ben, house)
    locked = (await company.ben.do("lockRoom", "room { lockTime }", roomId=room))["room"]["lockTime"]
    assert locked is not None
    again = (await company.ben.do("lockRoom", "room { lockTime }", roomId=room))["room"]["lockTime"]
    assert again == locked
    assert await company.ben.post_talk(room)
    code, _, said = await refusal(company.cleo.post_talk(room))
    assert (code, "the room is locked" in said) == ("FORBIDDEN", True)
    opened = await company.ben.do("lockRoom", "room { lockTime }", roomId=room, locked=False)
    assert opened["room"]["lockTime"] is None
    assert await company.cleo.post_talk(room)


@pytest.mark.parametrize(
    ("mutation", "given", "field"),
    [
        ("banUser", {"reason": "a" * 513}, "reason"),
        ("banUser", {"endTime": "2001-01-01T00:00:00Z"}, "endTime"),
        ("banUser", {"endTime": "tomorrow"}, "endTime"),
        ("banUser", {"removeTalksOfHours": 169}, "removeTalksOfHours"),
        ("banUser", {"removeTalksOfHours": -1}, "removeTalksOfHours"),
        ("banUser", {"userId": "garbage"}, "userId"),
        ("banUser", {"houseId": "garbage"}, "houseId"),
        ("unbanUser", {"reason": "a\0b"}, "reason"),
        ("muteMember", {"endTime": "2001-01-01T00:00:00Z"}, "endTime"),
        ("muteMember", {}, "endTime"),
        ("muteMember", {"endTime": "2999-01-01T00:00:00Z", "reason": "a" * 513}, "reason"),
        ("unmuteMember", {"reason": "a" * 513}, "reason"),
        ("removeMember", {"reason": "a" * 513}, "reason"),
        ("setRole", {"role": "KING"}, "role"),
        ("setRole", {"role": "MEMBER", "reason": "a" * 513}, "reason"),
        ("transferHouse", {"reason": "a" * 513}, "reason"),
    ],
)
async def test_what_can_not_be_taken_is_named_and_changes_nothing(
    company: Cast, mutation: str, given: dict[str, Any], field: str
) -> None:
    house = await furnished(company, company.ben)
    given = {"houseId": house, "userId": company.ben.id} | given
    code, named, said = await refusal(company.ada.do(mutation, "__typename", **given))
    assert (code, named) == ("BAD_USER_INPUT", field), said
    assert await roles(company.ada, house) == {"ada": "OWNER", "ben": "MEMBER"}
