"""Who joins or changes is told as the member they are by now, as many at once as there are."""

from typing import Any

import orjson

from chatgraph.models import Membership, Rank, Visibility
from chatgraph.operations import members
from chatgraph.schema.graph import Question
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.types.events import dress_event
from chatgraph.viewer import Viewer
from tests.conftest import Server
from tests.live.guests import Place, make_guests, make_place, read_journal
from tests.live.test_sharing import company
from tests.plans import plans, scans
from tests.statements import noted

MEMBERS = """subscription ($id: ID!) { told: houseEvents(houseId: $id) { __typename
  ... on MemberJoined { user { username } member { role user { username } } }
  ... on MemberChanged { user { username } member { role user { username } } }
  ... on MemberLeft { user { username } }
} }"""


async def told_of(server: Server, viewer: Viewer, place: Place, most: int = 1000) -> list[dict[str, Any]]:
    """Give the first of what happened in a house as it is told to a viewer, read at once."""
    live = server.app.state.live
    happenings = (await read_journal(server.chat, place.house))[:most]
    async with server.chat.visit(viewer) as visit:
        begun = await live.begin(visit, Question(MEMBERS, None, {"id": place.house_id}))
        assert isinstance(begun, Subscribed)
        written = await live.write(visit, begun, [(one.seq, dress_event(one)) for one in happenings])
    bodies = [orjson.loads(one.payload) for one in written]
    assert not any("errors" in body for body in bodies)
    return [body["data"]["told"] for body in bodies]


async def test_who_joined_or_changed_is_told_as_the_member_they_are_by_now(server: Server) -> None:
    [owner, guest, gone], place = await company(server, 3)
    async with server.chat.visit(owner.viewer) as visit:
        await visit.perform(members.set_role, place.house, guest.viewer.known(), Rank.MODERATOR)
        await visit.perform(members.remove_member, place.house, gone.viewer.known())
    told = await told_of(server, owner.viewer, place)
    kinds = ["MemberJoined", "RoomCreated", "MemberJoined", "MemberJoined", "MemberChanged", "MemberLeft"]
    assert [event["__typename"] for event in told] == kinds
    founded, _, joined, left_since, changed, left = told
    assert founded["member"] == {"role": "OWNER", "user": founded["user"]}
    assert joined["member"] == changed["member"] == {"role": "MODERATOR", "user": joined["user"]}
    assert left_since["member"] is None
    assert left_since["user"] == left["user"] != joined["user"]


async def test_many_members_are_told_with_as_many_statements_as_one(server: Server) -> None:
    [owner, *guests] = await make_guests(server.chat, 8)
    place = await make_place(server.chat, owner.viewer, [guest.viewer for guest in guests])
    taken = []
    for most in (1, 9):  # what is read together
        with noted() as statements:
            told = await told_of(server, owner.viewer, place, most)
        assert len([event for event in told if event.get("member")]) == max(1, most - 1)
        taken.append(len(statements))
    assert taken[0] == taken[1]


async def test_a_membership_is_looked_up_by_an_index(server: Server) -> None:
    guests = await make_guests(server.chat, 3)
    place = await make_place(server.chat, guests[0].viewer, [], Visibility.PRIVATE)
    async with server.chat.visit(guests[0].viewer) as visit:
        with noted() as statements:
            wanted = [Membership(place.house, guest.viewer.known()) for guest in guests]
            await visit.ask(members.load_memberships, wanted)
    steps = plans(server.chat.database, statements[-1:])
    assert "members_" in " ".join(steps)
    assert scans(steps) == []
