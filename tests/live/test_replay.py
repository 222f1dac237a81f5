"""A state read at a cursor, with what is told after it, is the state read afresh: however much that is."""

import asyncio
from typing import Any

import orjson
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatgraph.events.kinds import Kind
from chatgraph.schema.graph import Question
from chatgraph.schema.ids import cursor
from chatgraph.schema.live.batches import Slow
from chatgraph.schema.live.beginning import listen as listen_in_process
from chatgraph.schema.live.listening import Listener as Told
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.live.telling import Live
from chatgraph.schema.types.events import EVENTS as EVENT_TYPES
from tests.conftest import Server
from tests.live.acts import ACTS, World, build_world
from tests.live.guests import Flow, as_told, make_guests, make_past, make_place, read_journal, rounds
from tests.live.listeners import Listener, seq_of, until
from tests.live.test_slow_listeners import resident

HOUSE = "name description visibility acceptsJoinRequests"
ROOM = "id title topic archiveTime lockTime lastSeq creator { username }"
TALK = "seq content createTime editTime removeTime creator { username }"
MEMBER = "role muteEndTime user { username }"
MEMBERS = f"members(first: 20) {{ nodes {{ {MEMBER} }} }}"
STATE = f"""query ($id: ID!) {{ house(id: $id) {{ cursor {HOUSE} memberCount {MEMBERS}
  rooms(first: 20) {{ nodes {{ {ROOM} talks(last: 50) {{ nodes {{ {TALK} }} }} }} }} }} }}"""
OF_TALK = f"talk {{ {TALK} room {{ {ROOM} }} }}"
EVENTS = f"""subscription ($id: ID!, $after: String) {{ told: houseEvents(houseId: $id, after: $after) {{
  __typename cursor
  ... on TalkPosted {{ {OF_TALK} }} ... on TalkEdited {{ {OF_TALK} }} ... on TalkRemoved {{ {OF_TALK} }}
  ... on RoomCreated {{ room {{ {ROOM} }} }} ... on RoomUpdated {{ room {{ {ROOM} }} }}
  ... on RoomArchived {{ room {{ {ROOM} }} }} ... on RoomDeleted {{ roomId }}
  ... on MemberJoined {{ member {{ {MEMBER} }} }} ... on MemberChanged {{ member {{ {MEMBER} }} }}
  ... on MemberLeft {{ user {{ username }} }}
  ... on HouseUpdated {{ house {{ {HOUSE} }} }} }} }}"""


class State:
    """What a client holds of a house: its own fields, its members, its rooms and their talks."""

    def __init__(self, read: dict[str, Any]) -> None:
        self.cursor = read.pop("cursor")
        self.member_count = read.pop("memberCount")
        self.members = {one["user"]["username"]: one for one in read.pop("members")["nodes"]}
        self.talks = {
            room["id"]: {talk["seq"]: talk for talk in room.pop("talks")["nodes"]}
            for room in read["rooms"]["nodes"]
        }
        self.rooms = {room["id"]: room for room in read.pop("rooms")["nodes"]}
        self.house = read

    def apply(self, event: dict[str, Any]) -> None:
        """Take an event in."""
        match event:
            case {"talk": {"room": room} as talk}:
                talk = {key: value for key, value in talk.items() if key != "room"}
                self.rooms[room["id"]] = room
                self.talks.setdefault(room["id"], {})[talk["seq"]] = talk
            case {"room": {"id": room_id} as room}:
                self.rooms[room_id] = room
                self.talks.setdefault(room_id, {})
            case {"roomId": room_id}:
                self.rooms.pop(room_id, None)
                self.talks.pop(room_id, None)
            case {"house": dict(house)}:
                self.house = house
            case {"member": dict(member)}:
                self.members[member["user"]["username"]] = member
            case {"__typename": "MemberLeft", "user": user}:
                self.members.pop(user["username"], None)

    @property
    def known(self) -> list[Any]:
        return [self.house, self.members, self.rooms, self.talks]


async def read_state(live: Live, world: World) -> State:
    """Read everything, as the one who listens sees it."""
    async with live.chat.visit(world.listens) as visit:
        answer = await live.graph.ask(visit, Question(STATE, None, {"id": world.place.house_id}))
    assert answer.data is not None, answer.errors
    return State(answer.data["house"])


async def listen(live: Live, world: World, after: str, told: list[dict[str, Any]]) -> tuple[Told, Slow]:
    """Listen in process, as a socket does."""
    question = Question(EVENTS, None, {"id": world.place.house_id, "after": after})
    async with live.chat.visit(world.listens) as visit:
        begun = await live.begin(visit, question)
    assert isinstance(begun, Subscribed), begun

    async def send(payload: bytes) -> None:
        body = orjson.loads(payload)
        assert "errors" not in body, body
        told.append(body["data"]["told"])

    sink = Slow(send)
    listener = listen_in_process(live, world.listens, begun, sink)
    assert isinstance(listener, Told)
    return listener, sink


# Who owns the house acts the most: they may the most.
actors = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4])
steps = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), actors, st.integers(0, 59)), max_size=20)

# Every act, tried by everybody: of each kind of event that leaves the house standing, at least one.
EVERYTHING = [
    ("edit", 0, 0),
    *((name, actor, number) for number in range(2) for actor in range(5) for name in sorted(ACTS)),
]


@settings(
    max_examples=rounds("EXAMPLES", 15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(before=steps, between=steps, during=steps)
@example(before=[], between=EVERYTHING, during=EVERYTHING)
async def test_a_state_with_the_events_after_its_cursor_is_the_state_read_afresh(
    server: Server, before: list, between: list, during: list
) -> None:
    live, world = server.app.state.live, await build_world(server.chat)
    await world.play(before)
    state = await read_state(live, world)
    await world.play(between)
    told: list[dict[str, Any]] = []
    listener, sink = await listen(live, world, state.cursor, told)
    running = asyncio.create_task(sink.follow(listener.go_on))
    await world.play(during)
    fresh = await read_state(live, world)
    journal = await read_journal(server.chat, world.place.house, seq_of(state.cursor))
    expected = as_told(journal)
    await until(lambda: len(told) >= len(expected) or running.done())
    listener.stop()
    await running
    assert [(seq_of(event["cursor"]), event["__typename"]) for event in told] == [
        (seq, kind) for seq, kind, _ in expected
    ]
    for event in told:
        state.apply(event)
    assert state.known == fresh.known
    assert fresh.member_count == len(state.members)


async def test_everything_that_can_happen_in_a_house_that_stands_is_among_what_was_done(
    server: Server,
) -> None:
    world = await build_world(server.chat)
    await world.play(EVERYTHING)
    happened = {one.kind for one in await read_journal(server.chat, world.place.house)}
    assert {kind for kind in EVENT_TYPES if kind not in happened} == {Kind.HOUSE_DELETED}


async def test_who_is_thousands_of_events_behind_gets_all_and_goes_on_without_a_seam(server: Server) -> None:
    count = rounds("BEHIND", 600)
    owner, *guests = await make_guests(server.chat, 6)
    viewers = [guest.viewer for guest in guests]
    place = await make_place(server.chat, owner.viewer, viewers)
    begun = (await read_journal(server.chat, place.house))[-1].seq
    await make_past(server.chat, place, owner.viewer, count)
    before = resident()
    listeners = [
        Listener(server.url, guest.token, place.house_id, cursor(f"journal/{place.house}", begun + 1))
        for guest in guests[:2]
    ]
    clock = asyncio.get_running_loop().time
    began = clock()
    async with Flow(server.chat, place, viewers[2:], rate=100) as flow:
        await asyncio.gather(*(listener.connect() for listener in listeners))
        await asyncio.gather(*(listener.until_seq(begun + count, 120) for listener in listeners))
        took = clock() - began
        await flow.until_done(20)
    expected = as_told((await read_journal(server.chat, place.house))[begun:])
    await asyncio.gather(*(listener.until_seq(expected[-1][0]) for listener in listeners))
    grown = (resident() - before) / 1024**2
    await asyncio.gather(*(listener.drop() for listener in listeners))
    for listener in listeners:
        told = [(one.seq, one.kind, one.data["talk"]["databaseId"]) for one in listener.told]
        assert told == expected
    print(f"{count} behind: caught up in {took:.1f} s, process grew by {grown:.0f} MiB with its clients")
