"""An event is written once for all who asked the same; what is a viewer's own is written for them alone."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument

from chatgraph.chat import Chat
from chatgraph.models import Rank
from chatgraph.operations import houses, members, moderation, rooms, talks
from chatgraph.schema.graph import Question
from chatgraph.schema.ids import cursor
from chatgraph.schema.live.operations import VIEWERS_OWN, Subscribed
from chatgraph.schema.live.telling import Live
from chatgraph.schema.schema import SCHEMA
from chatgraph.schema.types.events import EVENTS, dress_event
from chatgraph.viewer import Viewer
from tests.conftest import Server
from tests.live.guests import Guest, Place, make_guests, make_past, make_place, read_journal, say
from tests.live.listeners import HOUSE, ROOM, Listener, until

OWN = HOUSE.replace("seq content", "seq content viewerCan room { viewerCan house { viewerRole viewerCan } }")
ON = HOUSE.replace("$after: String", "$after: String, $first: Int").replace(
    "content removeTime", "content removeTime room { talks(first: $first) { nodes { seq } } }"
)
TYPES = SCHEMA._schema.type_map


class Counted:
    """Counts the events that are written."""

    def __init__(self, live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        write = live.write

        async def counted(visit, subscribed, events):
            self.count += len(events)
            return await write(visit, subscribed, events)

        monkeypatch.setattr(live, "write", counted)


async def listen_all(server: Server, listeners: list[Listener]) -> None:
    """Let all of them listen, until all follow a feed."""
    await asyncio.gather(*(listener.connect() for listener in listeners))
    feeds = server.app.state.live.feeds
    await until(lambda: sum(len(feed.followers) for feed in feeds.values()) == len(listeners))


async def say_and_wait(server: Server, guest: Guest, place: Place, listeners: list[Listener]) -> None:
    for number in range(20):
        await say(server.chat, guest.viewer, place.room, f"{number}")
    last = (await read_journal(server.chat, place.house))[-1].seq
    await asyncio.gather(*(listener.until_seq(last) for listener in listeners))
    await asyncio.gather(*(listener.drop() for listener in listeners))


async def company(server: Server, count: int = 10) -> tuple[list[Guest], Place]:
    """Give the owner of a house and its members, and the house."""
    guests = await make_guests(server.chat, count)
    return guests, await make_place(server.chat, guests[0].viewer, [guest.viewer for guest in guests[1:]])


async def test_an_event_is_written_once_for_all_who_asked_the_same_wherever_they_began(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests, place = await company(server)
    cursors = [None, *await cursors_of(server, guests[0])] * 5
    listeners = [
        Listener(server.url, guest.token, place.house_id, after)
        for guest, after in zip(guests, cursors, strict=False)
    ]
    await listen_all(server, listeners)
    counted = Counted(server.app.state.live, monkeypatch)
    assert len(server.app.state.live.feeds) == 1
    await say_and_wait(server, guests[0], place, listeners)
    assert counted.count == 20
    assert all([one.kind for one in listener.told[-20:]] == ["TalkPosted"] * 20 for listener in listeners)


async def test_the_past_is_written_once_for_all_who_catch_up_together(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests, place = await company(server)
    begun = cursor(f"journal/{place.house}", (await read_journal(server.chat, place.house))[-1].seq + 1)
    await make_past(server.chat, place, guests[0].viewer, 250)
    listeners = [Listener(server.url, guest.token, place.house_id, begun) for guest in guests]
    counted = Counted(server.app.state.live, monkeypatch)
    await listen_all(server, listeners)
    last = (await read_journal(server.chat, place.house))[-1].seq
    await asyncio.gather(*(listener.until_seq(last) for listener in listeners))
    assert counted.count == 250
    assert all(listener.in_order and len(listener.told) == 250 for listener in listeners)
    await asyncio.gather(*(listener.drop() for listener in listeners))


async def test_who_catches_up_after_a_removal_is_told_the_tombstone(server: Server) -> None:
    guests, place = await company(server, 2)
    begun = cursor(f"journal/{place.house}", (await read_journal(server.chat, place.house))[-1].seq + 1)
    await make_past(server.chat, place, guests[0].viewer, 20)
    async with Listener(server.url, guests[0].token, place.house_id, begun) as before:
        posted = (await read_journal(server.chat, place.house))[-1]
        await before.until_seq(posted.seq)
        async with server.chat.visit(guests[0].viewer) as visit:
            await visit.perform(talks.remove_talk, posted.subject_id)
        async with Listener(server.url, guests[1].token, place.house_id, begun) as after:
            await after.until_seq(posted.seq)
    said = [next(one.data["talk"] for one in each.told if one.seq == posted.seq) for each in (before, after)]
    assert [talk["content"] for talk in said] == ["Hello 20", None]


async def cursors_of(server: Server, guest: Guest) -> list[str]:
    """Give the cursors of what happened in the only house until now."""
    async with server.chat.visit(guest.viewer) as visit:
        answer = await server.app.state.live.graph.ask(visit, Question("{ houses { nodes { cursor } } }"))
    assert answer.data is not None
    return [answer.data["houses"]["nodes"][0]["cursor"]]


@pytest.mark.parametrize(
    ("documents", "feeds"),
    [
        ([HOUSE, HOUSE], 1),
        ([HOUSE, ROOM], 2),
        ([HOUSE, HOUSE + " "], 2),
        ([ON, ON], 2),
        ([OWN, OWN], 2),
    ],
    ids=["the same", "a house and a room", "another text", "another variable", "the viewer's own"],
)
async def test_only_what_is_the_same_for_both_is_shared(
    server: Server, documents: list[str], feeds: int
) -> None:
    guests, place = await company(server, 2)
    listeners = []
    for number, (guest, document) in enumerate(zip(guests, documents, strict=True)):
        wanted = place.room_id if document is ROOM else place.house_id
        listener = Listener(server.url, guest.token, wanted, document=document)
        if document is ON:
            listener.variables["first"] = number + 1
        listeners.append(listener)
    await listen_all(server, listeners)
    assert len(server.app.state.live.feeds) == feeds
    await say_and_wait(server, guests[0], place, listeners)


async def test_two_devices_of_one_viewer_share_what_is_their_own(server: Server) -> None:
    guests, place = await company(server, 1)
    listeners = [Listener(server.url, guests[0].token, place.house_id, document=OWN) for _ in range(2)]
    await listen_all(server, listeners)
    assert len(server.app.state.live.feeds) == 1
    await say_and_wait(server, guests[0], place, listeners)


async def test_nobody_is_told_what_is_another_viewers_own(server: Server) -> None:
    guests, place = await company(server, 6)
    await set_ranks(server.chat, guests, place)
    listeners = [Listener(server.url, guest.token, place.house_id, document=OWN) for guest in guests]
    await listen_all(server, listeners)
    await say_and_wait(server, guests[2], place, listeners)
    roles = ["OWNER", "MODERATOR", "MEMBER", "MEMBER", "MEMBER", "MEMBER"]
    for listener, guest, role in zip(listeners, guests, roles, strict=True):
        asked = "query ($id: ID!) { room(id: $id) { viewerCan house { viewerRole viewerCan } } }"
        async with server.chat.visit(guest.viewer) as visit:
            question = Question(asked, None, {"id": place.room_id})
            answer = await server.app.state.live.graph.ask(visit, question)
        assert answer.data is not None
        assert {one.data["talk"]["room"]["house"]["viewerRole"] for one in listener.told} == {role}
        assert all(one.data["talk"]["room"] == answer.data["room"] for one in listener.told)
        mine = guest is guests[2]
        assert all(("EDIT_TALK" in one.data["talk"]["viewerCan"]) is mine for one in listener.told)


async def set_ranks(chat: Chat, guests: list[Guest], place: Place) -> None:
    async with chat.visit(guests[0].viewer) as visit:
        await visit.perform(members.set_role, place.house, guests[1].viewer.known(), Rank.MODERATOR)


# Whatever an event leads to, and isn't named as a viewer's own, is the same for everybody: asked of the schema itself.


def paths() -> Iterator[tuple[str, str, Callable[[str], str]]]:
    """Give each field that an event leads to, and the selection that reaches it; what is a viewer's own isn't passed."""
    events = [TYPES[event.__name__] for event in {*EVENTS.values()}]
    ways: dict[str, Callable[[str], str]] = {
        event.name: lambda inner, name=event.name: f"... on {name} {{ {inner} }}" for event in events
    }
    queue = list(ways)
    while queue:
        name = queue.pop(0)
        kind = TYPES[name]
        if not isinstance(kind, GraphQLObjectType):
            continue
        for field, definition in kind.fields.items():
            if any(is_required_argument(argument) for argument in definition.args.values()):
                assert field in VIEWERS_OWN, f"{name}.{field} takes arguments: choose some here"
            returned = get_named_type(definition.type)
            yield name, field, ways[name]
            if field in VIEWERS_OWN or is_leaf_type(returned) or returned.name in ways:
                continue
            outer = ways[name]
            ways[returned.name] = lambda inner, outer=outer, field=field: outer(f"{field} {{ {inner} }}")
            queue.append(returned.name)


FIELDS = {(name, field): way for name, field, way in paths()}


def select(name: str, field: str) -> str:
    kind = TYPES[name]
    assert isinstance(kind, GraphQLObjectType)
    returned = get_named_type(kind.fields[field].type)
    inner = field if is_leaf_type(returned) else f"{field} {{ __typename }}"
    if field == "explain":
        inner = 'explain(userId: "VXNlcjox", permission: BAN_USER) { allowed }'
    return f"subscription ($id: ID!) {{ told: houseEvents(houseId: $id) {{ {FIELDS[name, field](inner)} }} }}"


async def make_history(chat: Chat, guests: list[Guest], place: Place) -> list[Viewer]:
    """Let something of each kind happen, and give viewers of each standing."""
    owner, moderator, member, muted, gone, outsider = (guest.viewer for guest in guests)

    async def do(viewer: Viewer, operation, *given) -> object:
        async with chat.visit(viewer) as visit:
            return await visit.perform(operation, *given)

    await set_ranks(chat, guests, place)
    until = datetime.now(UTC) + timedelta(hours=1)
    await do(owner, moderation.mute_member, place.house, muted.known(), until)
    said = [await say(chat, member, place.room, f"{number}") for number in range(3)]
    await do(member, talks.edit_talk, said[0], "Well")
    await do(moderator, talks.remove_talk, said[1])
    for operation in (rooms.archive_room, rooms.delete_room):
        room = await do(owner, rooms.create_room, place.house, "Cellar", "")
        await do(owner, operation, room.id)  # type: ignore[attr-defined]
    await do(owner, rooms.update_room, place.room, "Salon", None)
    await do(owner, houses.update_house, place.house, "Loom", None, None)
    await do(moderator, moderation.ban_user, place.house, gone.known())
    await do(outsider, members.leave_house, place.house)
    return [owner, moderator, member, muted, outsider]


async def write_for_each(live: Live, viewers: list[Viewer], place: Place, document: str) -> list[list[bytes]]:
    """Write the house's whole journal out, for each of the viewers on their own."""
    told = []
    happenings = await read_journal(live.chat, place.house)
    dressed = [(one.seq, event) for one in happenings if (event := dress_event(one)) is not None]
    for viewer in viewers:
        async with live.chat.visit(viewer) as visit:
            begun = await live.begin(visit, Question(document, None, {"id": place.house_id}))
            assert isinstance(begun, Subscribed), begun
            told.append([written.payload for written in await live.write(visit, begun, dressed)])
    return told


async def test_what_is_shared_is_the_same_for_the_owner_and_everybody_else(server: Server) -> None:
    guests, place = await company(server, 6)
    viewers = await make_history(server.chat, guests, place)
    differing = set()
    for name, field in FIELDS:
        told = await write_for_each(server.app.state.live, viewers, place, select(name, field))
        if any(one != told[0] for one in told):
            differing.add(field)
    print(f"{len(FIELDS)} fields of {len({name for name, _ in FIELDS})} types; differing: {differing}")
    assert differing == VIEWERS_OWN
