"""A house owner's day, by hand in GraphiQL: who comes in, who keeps order, who is banned, and what goes wrong."""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import pytest

from tests.browser.conftest import RESULT, Visit
from tests.cast import Actor, Cast

pytestmark = pytest.mark.tools

EXPLORER = ".graphiql-doc-explorer-content"
PANE_SHOWS = f"text => document.querySelector('{RESULT} .CodeMirror').CodeMirror.getValue() === text"

FOUND = """
mutation Found {
  createHouse(input: {name: "The Study", description: "Where the notes are written", visibility: PRIVATE}) {
    house { id viewerRole viewerCan }
  }
}
"""
INVITE = """
mutation Invite {
  createInvite(input: {houseId: $house, expiresIn: 86400, mostUses: 1}) {
    code
    invite { id expireTime mostUses uses }
  }
}
"""
INVITES = """
query Invites {
  house(id: $house) {
    invites(first: 20) { nodes { creator { username } uses mostUses expireTime revokeTime } }
  }
}
"""
CODE_AGAIN = """
query CodeAgain {
  house(id: $house) {
    invites { nodes { code } }
  }
}
"""
LOOK = """
query Look {
  house(id: $house) { name viewerRole viewerCan }
}
"""
LOOK_AT_INVITE = """
query LookAtInvite {
  invite(code: $code) { houseName houseDescription memberCount expireTime inviter { username } }
}
"""
ACCEPT = """
mutation Accept {
  acceptInvite(input: {code: $code}) {
    house { name viewerRole memberCount }
  }
}
"""
FIND = """
query Find {
  user(username: $name) { id }
}
"""
APPOINT = """
mutation Appoint {
  setRole(input: {houseId: $house, userId: $ben, role: MODERATOR, reason: "Is here every day"}) {
    member { role user { username } }
  }
}
"""
BAN = """
mutation Ban {
  banUser(input: {houseId: $house, userId: $cleo, reason: "Advertises", removeTalksOfHours: 24}) {
    ban { endTime reason user { username } creator { username } }
  }
}
"""
UNBAN = """
mutation Unban {
  unbanUser(input: {houseId: $house, userId: $cleo, reason: "Apologised"}) {
    house { memberCount bans { nodes { id } } }
  }
}
"""
TALKS = """
query Talks {
  room(id: $room) {
    talks(last: 20) { nodes { seq content removeTime creator { username } } }
  }
}
"""
POST = """
mutation Post {
  postTalk(input: {roomId: $room, content: "I am back"}) {
    talk { seq }
  }
}
"""
BANS_AND_LOG = """
query BansAndLog {
  house(id: $house) {
    bans(first: 20) { nodes { user { username } reason creator { username } endTime } }
    auditLog(first: 50) {
      nodes { act actor { username } subject { __typename ... on User { username } } detail reason }
    }
  }
}
"""
EXPLAIN = """
query Explain {
  house(id: $house) {
    explain(userId: $cleo, permission: READ) { allowed decidedBy reason banned banEndTime }
  }
}
"""
TAKE_REQUESTS = """
mutation TakeRequests {
  updateHouse(input: {houseId: $house, acceptsJoinRequests: true}) {
    house { visibility acceptsJoinRequests }
  }
}
"""
REQUEST = """
mutation Request {
  requestToJoin(input: {houseId: $house, message: "Ada told me of you"}) {
    joinRequest { state house { name } }
  }
}
"""
WAITING = """
query Waiting {
  house(id: $house) {
    joinRequests { nodes { id message user { username } } }
  }
}
"""
APPROVE = """
mutation Approve {
  approveJoinRequest(input: {joinRequestId: $request}) {
    joinRequest { state user { username } }
  }
}
"""
TRANSFER = """
mutation Transfer {
  transferHouse(input: {houseId: $house, userId: $ben, reason: "Moves away"}) {
    house { viewerRole }
  }
}
"""
LEAVE = """
mutation Leave {
  leaveHouse(input: {houseId: $house}) {
    house { memberCount }
  }
}
"""


class Shown(NamedTuple):
    """What the response pane says of a mistake."""

    code: str
    field: str | None
    sentence: str


class Mistake(NamedTuple):
    """An operation that *actor*, by name, gets wrong, and what the pane should say."""

    actor: str
    operation: str
    shown: Shown


NO_ID = "is not an id: send the `id` of a {}, not a `databaseId` or a name."
LOWER = "their role isn't lower than yours."
MISTAKES = {
    "bans herself": Mistake(
        "ada",
        "mutation { banUser(input: {houseId: $house, userId: $ada}) { ban { id } } }",
        Shown("FORBIDDEN", None, f"You may not ban somebody from this house: {LOWER}"),
    ),
    "mutes into the past": Mistake(
        "ada",
        "mutation { muteMember(input: {houseId: $house, userId: $ben, endTime: $past}) { member { id } } }",
        Shown("BAD_USER_INPUT", "endTime", "`endTime` must be in the future; the server's time is <now>."),
    ),
    "mutes until a time without an offset": Mistake(
        "ada",
        'mutation { muteMember(input: {houseId: $house, userId: $ben, endTime: "2040-01-31T12:00"}) { member { id } } }',
        Shown(
            "GRAPHQL_VALIDATION_FAILED",
            None,
            "DateTime takes an RFC 3339 time with its offset, such as 2026-01-31T12:00:00Z.",
        ),
    ),
    "invites as a plain member": Mistake(
        "ben",
        "mutation { createInvite(input: {houseId: $house}) { code } }",
        Shown(
            "FORBIDDEN", None, "You may not invite people to this house: only moderators and the owner may."
        ),
    ),
    "reads the bans as a plain member": Mistake(
        "ben",
        "{ house(id: $house) { bans { nodes { reason } } } }",
        Shown(
            "FORBIDDEN", None, "You may not ban somebody from this house: only moderators and the owner may."
        ),
    ),
    "promotes to owner": Mistake(
        "ada",
        "mutation { setRole(input: {houseId: $house, userId: $ben, role: OWNER}) { member { role } } }",
        Shown(
            "BAD_USER_INPUT",
            "role",
            "`role` must be MODERATOR or MEMBER; `transferHouse` makes another owner.",
        ),
    ),
    "promotes somebody who isn't a member": Mistake(
        "ada",
        "mutation { setRole(input: {houseId: $house, userId: $cleo, role: MODERATOR}) { member { role } } }",
        Shown("NOT_FOUND", None, "There is no such member of this house."),
    ),
    "sends a databaseId": Mistake(
        "ada",
        "mutation { createInvite(input: {houseId: $number}) { code } }",
        Shown("BAD_USER_INPUT", "houseId", f"`houseId` {NO_ID.format('House')}"),
    ),
    "sends a name": Mistake(
        "ada",
        'mutation { banUser(input: {houseId: $house, userId: "cleo"}) { ban { id } } }',
        Shown("BAD_USER_INPUT", "userId", f"`userId` {NO_ID.format('User')}"),
    ),
    "sends the id of something else": Mistake(
        "ada",
        "mutation { banUser(input: {houseId: $house, userId: $house}) { ban { id } } }",
        Shown("BAD_USER_INPUT", "userId", "`userId` is the id of a House; send the id of a User."),
    ),
    "removes the talks of a month": Mistake(
        "ada",
        "mutation { banUser(input: {houseId: $house, userId: $cleo, removeTalksOfHours: 720}) { ban { id } } }",
        Shown("BAD_USER_INPUT", "removeTalksOfHours", "`removeTalksOfHours` must be 0 to 168; this is 720."),
    ),
    "ends a ban that isn't": Mistake(
        "ada",
        "mutation { unbanUser(input: {houseId: $house, userId: $ben}) { house { id } } }",
        Shown("NOT_FOUND", None, "There is no such ban."),
    ),
    "looks at an unknown code": Mistake(
        "cleo",
        '{ invite(code: "AAAABBBBCCCCDDDDEEEEFFFF") { houseName } }',
        Shown("NOT_FOUND", None, "There is no such invite."),
    ),
    "accepts an unknown code": Mistake(
        "cleo",
        'mutation { acceptInvite(input: {code: "AAAABBBBCCCCDDDDEEEEFFFF"}) { house { name } } }',
        Shown("NOT_FOUND", None, "There is no such invite."),
    ),
    "asks to join a house that takes no requests": Mistake(
        "cleo",
        "mutation { requestToJoin(input: {houseId: $house}) { joinRequest { state } } }",
        Shown("NOT_FOUND", None, "There is no such house."),
    ),
    "leaves her own house": Mistake(
        "ada",
        "mutation { leaveHouse(input: {houseId: $house}) { house { id } } }",
        Shown(
            "FORBIDDEN",
            None,
            "You may not leave this house: the owner must transfer it first.",
        ),
    ),
}


@dataclass
class Desk:
    """The page that everybody takes their turn at. *copied* is what they took from answers, to send it again."""

    visit: Visit
    folder: Path
    copied: dict[str, Any] = field(default_factory=dict)

    async def run(self, actor: Actor, operation: str) -> dict[str, Any]:
        """Run *operation* with the token of *actor*, and give what the pane shows: what the server answered."""
        written = Template(operation.strip()).substitute({k: json.dumps(v) for k, v in self.copied.items()})
        await self.visit.write_headers(json.dumps(actor.headers))
        async with self.visit.page.expect_response(
            lambda response: written == (response.request.post_data_json or {}).get("query")
        ) as answered:
            await self.visit.run(written)
        answer = await (await answered.value).json()
        shown = json.dumps(answer, indent=2, ensure_ascii=False)
        await self.visit.page.wait_for_function(PANE_SHOWS, arg=shown)
        return answer

    async def do(self, actor: Actor, operation: str) -> Any:
        """Run an *operation* of one field that works, and give what the pane shows of that field."""
        answer = await self.run(actor, operation)
        assert "errors" not in answer, answer["errors"]
        (given,) = answer["data"].values()
        return given

    async def fail(self, actor: Actor, operation: str) -> Shown:
        """Run an *operation* that doesn't work, and give what the pane shows of why."""
        error = (await self.run(actor, operation))["errors"][0]
        sentence = re.sub(r"(?<=time is )[\dTZ:-]+", "<now>", error["message"])
        return Shown(error["extensions"]["code"], error["extensions"].get("field"), sentence)

    async def shoot(self, name: str) -> None:
        await self.visit.page.screenshot(path=self.folder / f"{name}.png")


@pytest.fixture
def desk(visit: Visit, tmp_path: Path) -> Desk:
    """A desk whose screenshots go to the folder CHATGRAPH_SCREENSHOTS, if that is set."""
    folder = Path(os.environ.get("CHATGRAPH_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return Desk(visit, folder)


async def test_an_owner_invites_somebody_and_makes_them_a_moderator(desk: Desk, cast: Cast) -> None:
    founded = (await desk.do(cast.ada, FOUND))["house"]
    assert (founded["viewerRole"], "INVITE" in founded["viewerCan"]) == ("OWNER", True)
    desk.copied = {"house": founded["id"], "name": "ben"}
    assert await desk.fail(cast.ben, LOOK) == Shown("NOT_FOUND", None, "There is no such house.")

    invited = await desk.do(cast.ada, INVITE)
    await desk.shoot("1-the-code")
    desk.copied["code"] = invited["code"]
    preview = await desk.do(cast.ben, LOOK_AT_INVITE)
    await desk.shoot("2-the-preview")
    assert (preview["houseName"], preview["memberCount"]) == ("The Study", 1)
    assert preview["inviter"] == {"username": "ada"}
    accepted = (await desk.do(cast.ben, ACCEPT))["house"]
    assert accepted == {"name": "The Study", "viewerRole": "MEMBER", "memberCount": 2}

    desk.copied["ben"] = (await desk.do(cast.ada, FIND))["id"]
    appointed = (await desk.do(cast.ada, APPOINT))["member"]
    await desk.shoot("3-the-moderator")
    assert appointed == {"role": "MODERATOR", "user": {"username": "ben"}}
    assert "BAN_USER" in (await desk.do(cast.ben, LOOK))["viewerCan"]
    assert desk.visit.strays == []


async def test_the_code_of_an_invite_is_shown_once(desk: Desk, cast: Cast) -> None:
    desk.copied = {"house": await cast.ada.create_house(visibility="PRIVATE")}
    code = (await desk.do(cast.ada, INVITE))["code"]
    listed = await desk.run(cast.ada, INVITES)
    assert listed["data"]["house"]["invites"]["nodes"][0]["uses"] == 0
    assert code not in json.dumps(listed)
    again = await desk.fail(cast.ada, CODE_AGAIN)
    await desk.shoot("4-the-code-again")
    assert again == Shown("GRAPHQL_VALIDATION_FAILED", None, "Cannot query field 'code' on type 'Invite'.")


async def test_a_ban_takes_what_was_said_with_it_and_stands_in_the_log(desk: Desk, cast: Cast) -> None:
    house = await cast.ada.create_house("The Study", visibility="PRIVATE")
    room = await cast.ada.create_room(house, "Desk")
    _, code = await cast.ada.invite(house)
    await cast.cleo.accept(code)
    await cast.ada.post_talk(room, "Welcome")
    await cast.cleo.post_talk(room, "Cheap looms, this week alone")
    desk.copied = {"house": house, "room": room, "cleo": cast.cleo.id}
    assert [talk["content"] for talk in (await desk.do(cast.ada, TALKS))["talks"]["nodes"]] == [
        "Welcome",
        "Cheap looms, this week alone",
    ]

    ban = (await desk.do(cast.ada, BAN))["ban"]
    await desk.shoot("5-the-ban")
    assert (ban["endTime"], ban["user"], ban["creator"]) == (None, {"username": "cleo"}, {"username": "ada"})
    talks = (await desk.do(cast.ada, TALKS))["talks"]["nodes"]
    await desk.shoot("6-the-tombstone")
    assert [(talk["seq"], talk["content"]) for talk in talks] == [(1, "Welcome"), (2, None)]
    assert await desk.fail(cast.cleo, POST) == Shown("NOT_FOUND", None, "There is no such room.")
    await desk.shoot("7-the-banned-posts")
    explained = (await desk.do(cast.ada, EXPLAIN))["explain"]
    assert (explained["allowed"], explained["decidedBy"]) == (False, "BAN")

    kept = await desk.do(cast.ada, BANS_AND_LOG)
    await desk.shoot("8-the-bans-and-the-log")
    assert kept["bans"]["nodes"] == [
        {
            "user": {"username": "cleo"},
            "reason": "Advertises",
            "creator": {"username": "ada"},
            "endTime": None,
        }
    ]
    newest, oldest = kept["auditLog"]["nodes"]
    assert (newest["act"], newest["subject"]["username"]) == ("USER_BANNED", "cleo")
    assert (newest["actor"], newest["reason"]) == ({"username": "ada"}, "Advertises")
    assert re.fullmatch(r"for ever, 1 talks? removed", newest["detail"])
    assert oldest["act"] == "INVITE_CREATED"
    assert (await desk.do(cast.ada, UNBAN))["house"] == {"memberCount": 1, "bans": {"nodes": []}}
    assert (await desk.do(cast.ada, BANS_AND_LOG))["auditLog"]["nodes"][0]["act"] == "USER_UNBANNED"


async def test_who_is_banned_from_a_public_house_is_told_so(desk: Desk, cast: Cast) -> None:
    house = await cast.ada.create_house("The Square")
    desk.copied = {"house": house, "room": await cast.ada.create_room(house)}
    await desk.do(cast.cleo, POST)
    await cast.ada.ban(cast.cleo, house)
    told = await desk.fail(cast.cleo, POST)
    await desk.shoot("9-the-banned-posts-in-public")
    assert (told.code, told.field) == ("FORBIDDEN", None)
    assert told.sentence.endswith(": a ban from this house is in force.")


async def test_who_asks_is_let_in(desk: Desk, cast: Cast) -> None:
    desk.copied = {"house": await cast.ada.create_house("The Study", visibility="PRIVATE")}
    assert (await desk.fail(cast.ben, REQUEST)).code == "NOT_FOUND"
    await desk.do(cast.ada, TAKE_REQUESTS)
    assert (await desk.do(cast.ben, REQUEST))["joinRequest"] == {"state": "PENDING", "house": None}
    (waiting,) = (await desk.do(cast.ada, WAITING))["joinRequests"]["nodes"]
    await desk.shoot("10-who-waits")
    assert (waiting["user"], waiting["message"]) == ({"username": "ben"}, "Ada told me of you")
    desk.copied["request"] = waiting["id"]
    assert (await desk.do(cast.ada, APPROVE))["joinRequest"]["state"] == "APPROVED"
    assert (await desk.do(cast.ben, LOOK))["viewerRole"] == "MEMBER"


async def test_an_owner_leaves_once_the_house_is_somebody_elses(desk: Desk, cast: Cast) -> None:
    house = await cast.ada.create_house()
    await cast.ben.join(house)
    desk.copied = {"house": house, "ben": cast.ben.id}
    assert (await desk.fail(cast.ada, LEAVE)).code == "FORBIDDEN"
    await desk.shoot("11-the-owner-leaves")
    assert (await desk.do(cast.ada, TRANSFER))["house"] == {"viewerRole": "MODERATOR"}
    assert (await desk.do(cast.ada, LEAVE))["house"] == {"memberCount": 1}


async def test_each_mistake_is_answered_in_a_sentence(desk: Desk, cast: Cast) -> None:
    house = await cast.ada.create_house("The Study", visibility="PRIVATE")
    _, code = await cast.ada.invite(house)
    await cast.ben.accept(code)
    number = await cast.ada.ask("query($id: ID!) { house(id: $id) { databaseId } }", id=house)
    people = {name: getattr(cast, name) for name in ("ada", "ben", "cleo")}
    desk.copied = {name: actor.id for name, actor in people.items()}
    desk.copied |= {"house": house, "number": number["house"]["databaseId"], "past": "2020-01-31T12:00:00Z"}
    shown = {}
    for name, mistake in MISTAKES.items():
        shown[name] = await desk.fail(people[mistake.actor], mistake.operation)
        await desk.shoot(f"mistake-{name.replace(' ', '-')}")
    assert shown == {name: mistake.shown for name, mistake in MISTAKES.items()}


async def test_the_explorer_tells_an_owner_what_a_ban_takes(desk: Desk) -> None:
    await desk.visit.press("Show Documentation Explorer")
    explorer = desk.visit.page.locator(EXPLORER)
    await explorer.get_by_text("Mutation", exact=True).click()
    await desk.visit.see("Keep a user of a lower role out of a house", within=EXPLORER)
    await explorer.get_by_text("banUser", exact=True).scroll_into_view_if_needed()
    await desk.shoot("12-the-mutations")
    await explorer.get_by_text("BanUserInput", exact=True).click()
    await desk.visit.see("When the ban ends by itself; left out, it doesn't.", within=EXPLORER)
    await desk.visit.see("Remove also what they said here in the last so many hours", within=EXPLORER)
    await desk.shoot("13-what-a-ban-takes")
