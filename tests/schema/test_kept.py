"""A page of talks that is kept is what would be read afresh, for whoever may see it and for nobody else."""

import os
import random
from typing import Any

import orjson
import pytest

from chatgraph.operations import accounts
from chatgraph.operations.memory import Memory
from chatgraph.schema.graph import Graph, Question
from chatgraph.schema.ids import cursor, split_id
from chatgraph.schema.kept import Kept
from tests.cast import Actor, Cast, Refused
from tests.conftest import Server
from tests.schema.crowd import viewer_of
from tests.statements import noted

pytestmark = pytest.mark.asyncio(loop_scope="module")

WINDOW = "$first: Int, $after: String, $last: Int, $before: String"
ASKED = "first: $first, after: $after, last: $last, before: $before"
# What is selected here of talks lasts as long as they stay as they are.
TALKS = f"""query($room: ID!, {WINDOW}) {{ room(id: $room) {{ talks({ASKED}) {{
    edges {{ cursor node {{ id seq content editTime removeTime creator {{ username }} }} }}
    pageInfo {{ hasPreviousPage hasNextPage startCursor endCursor }}
}} }} }}"""
PAGE = """query($room: ID!, $last: Int) { room(id: $room) { talks(last: $last) {
    edges { cursor node { id seq content editTime removeTime creator { username } room { title topic lastSeq } } }
    pageInfo { hasPreviousPage startCursor }
} } }"""
STEPS = 120
compiled = pytest.mark.skipif(
    os.environ.get("CHATGRAPH_COMPILED_EXECUTION") == "off", reason="graphql-core keeps nothing"
)


async def afresh(server: Server, actor: Actor, document: str, **variables: Any) -> dict[str, Any]:
    """Ask as somebody for whom nothing was worked out before."""
    server.chat.memory, remembered = Memory(), server.chat.memory
    async with server.chat.visit(viewer_of(actor)) as visit:
        answer = await Graph().ask(visit, Question(document, None, variables))
    server.chat.memory = remembered
    assert answer.errors == []
    return answer.data or {}


async def make_room(actor: Actor, visibility: str = "PUBLIC") -> tuple[str, str]:
    house = await actor.create_house(visibility=visibility)
    return house, await actor.create_room(house)


def reads_talks(statements: list[Any]) -> bool:
    return any("FROM talks" in statement.text for statement in statements)


@compiled
async def test_a_page_that_was_read_is_not_read_again(standing: Server, company: Cast) -> None:
    _, room = await make_room(company.ada)
    await company.ada.post_talk(room)
    first = [await company.ada.ask(PAGE, room=room, last=5) for _ in range(2)]
    with noted() as statements:
        second = await company.ben.ask(PAGE, room=room, last=5)
    assert first == [second, second]
    assert not reads_talks(statements)


async def test_after_any_change_a_page_is_as_it_would_be_read_afresh(standing: Server, company: Cast) -> None:
    house, room = await make_room(company.ada)
    await company.ben.join(house)
    other = await company.newcomer("finn")
    chance, talks, titles = random.Random(7), [], 0

    async def change() -> None:
        nonlocal titles
        what = chance.choice(["post", "post", "post", "edit", "remove", "rename", "join", "role"])
        actor = chance.choice([company.ada, company.ben])
        if what == "post" or (what in ("edit", "remove") and not talks):
            talks.append((actor, await actor.post_talk(room, f"Hello {len(talks)}")))
        elif what == "edit":
            author, talk = chance.choice(talks)
            await author.do("editTalk", "talk { id }", talkId=talk, content=f"Well {titles}")
        elif what == "remove":
            author, talk = talks.pop(chance.randrange(len(talks)))
            await author.do("removeTalk", "talk { id }", talkId=talk)
        elif what == "rename":
            titles += 1
            await company.ada.do("updateRoom", "room { id }", roomId=room, title=f"Hall {titles}")
        elif what == "join":
            await other.join(house)
            await other.do("leaveHouse", "house { id }", houseId=house)
        else:
            await company.ada.set_role(company.ben, house, chance.choice(["MODERATOR", "MEMBER"]))

    for _ in range(STEPS):
        await change()
        for last in (1, 5):
            told = await chance.choice([company.ada, company.ben]).ask(PAGE, room=room, last=last)
            assert told == await afresh(standing, company.ada, PAGE, room=room, last=last)
        size, place = (
            chance.choice([2, 7]),
            cursor(f"talks/{split_id(room, 'room')[1]}", chance.randint(1, 60)),
        )
        elsewhere = chance.choice([{"first": size, "after": place}, {"last": size, "before": place}])
        for window in (elsewhere, {"last": size}):
            told = await chance.choice([company.ada, company.ben]).ask(TALKS, room=room, **window)
            assert told == await afresh(standing, company.ada, TALKS, room=room, **window)


@compiled
async def test_in_a_room_in_which_somebody_speaks_only_the_new_is_read(
    standing: Server, company: Cast
) -> None:
    _, room = await make_room(company.ada)
    for number in range(5):
        await company.ada.post_talk(room, f"Hello {number}")
    for _ in range(3):
        await company.ada.ask(TALKS, room=room, last=5)
    await company.ada.post_talk(room, "Hello again")
    with noted() as statements:
        told = await company.ben.ask(TALKS, room=room, last=5)
    assert [edge["node"]["content"] for edge in told["room"]["talks"]["edges"][3:]] == [
        "Hello 4",
        "Hello again",
    ]
    assert [tuple(one.given[1:3]) for one in statements if "FROM talks" in one.text] == [(6, 6)]


async def test_talks_that_go_with_a_ban_are_gone_from_the_page(standing: Server, company: Cast) -> None:
    house, room = await make_room(company.ada)
    await company.ben.post_talk(room)
    for _ in range(3):
        await company.ada.ask(PAGE, room=room, last=5)
    await company.ada.ban(company.ben, house, removeTalksOfHours=1)
    told = await company.ada.ask(PAGE, room=room, last=5)
    assert told["room"]["talks"]["edges"][0]["node"]["content"] is None
    with pytest.raises(Refused, match="FORBIDDEN"):
        await company.ben.ask(PAGE, room=room, last=5)


async def test_who_may_not_see_a_room_is_given_nothing_that_is_kept(standing: Server, company: Cast) -> None:
    house, room = await make_room(company.ada, "PRIVATE")
    await company.ada.post_talk(room)
    _, code = await company.ada.invite(house)
    await company.ben.accept(code)
    other = await company.newcomer("eve")
    for actor in (company.ada, company.ben, company.ada):
        assert (await actor.ask(PAGE, room=room, last=5))["room"]["talks"]["edges"]
    with pytest.raises(Refused, match="NOT_FOUND"):
        await other.ask(PAGE, room=room, last=5)
    await company.ada.do("removeMember", "house { id }", houseId=house, userId=company.ben.id)
    with pytest.raises(Refused, match="NOT_FOUND"):
        await company.ben.ask(PAGE, room=room, last=5)


async def test_what_depends_on_who_asks_is_worked_out_for_each(standing: Server, company: Cast) -> None:
    _, room = await make_room(company.ada)
    await company.ben.post_talk(room)
    document = "query($room: ID!) { room(id: $room) { talks(last: 1) { nodes { viewerCan } } } }"
    told = [(await actor.ask(document, room=room))["room"] for actor in (company.ada, company.ben) * 2]
    assert told[0] == told[2] != told[1] == told[3]


async def test_a_deactivation_which_no_journal_tells_of_is_seen_at_once(
    company: Cast, standing: Server
) -> None:
    _, room = await make_room(company.ada)
    gone = await company.newcomer()
    await gone.post_talk(room)
    document = (
        "query($room: ID!) { room(id: $room) { talks(last: 1) { nodes { creator { deactivateTime } } } } }"
    )
    before, *_ = [await company.ada.ask(document, room=room) for _ in range(3)]
    async with standing.chat.visit() as visit:
        await visit.perform(accounts.deactivate, gone.username)
    after = await company.ada.ask(document, room=room)
    times = [told["room"]["talks"]["nodes"][0]["creator"]["deactivateTime"] for told in (before, after)]
    assert times[0] is None
    assert times[1] is not None


async def test_what_is_written_in_the_same_operation_is_in_the_page(standing: Server, company: Cast) -> None:
    _, room = await make_room(company.ada)
    gives = "{ talk { room { talks(last: 1) { nodes { seq } } } } }"
    document = f"mutation($input: PostTalkInput!) {{ a: postTalk(input: $input) {gives} b: postTalk(input: $input) {gives} }}"
    asked = "query($room: ID!) { room(id: $room) { talks(last: 1) { nodes { seq } } } }"
    for n in (1, 3, 5, 7):
        told = await company.ada.ask(document, input={"roomId": room, "content": "Hello"})
        seqs = [told[name]["talk"]["room"]["talks"]["nodes"][0]["seq"] for name in ("a", "b")]
        assert seqs == [n, n + 1]
        assert (await company.ada.ask(asked, room=room))["room"]["talks"]["nodes"] == [{"seq": n + 1}]


async def test_the_least_used_is_let_go_when_it_gets_too_much() -> None:
    value = {"nodes": [{"content": "x" * 1000}]}
    kept = Kept(most=60_000)
    for n in range(30):
        kept.keep(n, 1, value)
        kept.keep(n, 1, value)
        assert kept.find(0, 1) is value, "what is used stays"
    held = [n for n in range(30) if kept.find(n, 1)]
    assert 0 in held
    assert 29 in held
    assert 5 * len(orjson.dumps(value)) * len(held) <= 60_000


async def test_what_is_much_too_large_is_not_kept_and_moves_nothing_out() -> None:
    kept, large = Kept(most=600_000), {"nodes": ["x" * 20_000]}
    for value in ("small", large, large):
        kept.keep(str(value), 1, value)
        kept.keep(str(value), 1, value)
    assert kept.find("small", 1) == "small"
    assert kept.find(str(large), 1) is None


async def test_what_was_kept_before_a_change_does_not_hold() -> None:
    kept = Kept()
    kept.keep("page", 1, {"nodes": []})
    assert kept.find("page", 1) is None, "nobody asked twice"
    kept.keep("page", 1, {"nodes": []})
    assert kept.find("page", 1) == {"nodes": []}
    assert kept.find("page", 2) is None
    kept.keep("page", 2, {"nodes": [1]})
    assert kept.find("page", 1) is None
    assert kept.find("page", 2) == {"nodes": [1]}


@compiled
async def test_the_list_of_a_room_is_kept_too_and_refused_as_before(standing: Server, company: Cast) -> None:
    house, room = await make_room(company.ada, "PRIVATE")
    await company.ada.post_talk(room)
    asked = "query($room: ID, $after: String) { talks(roomId: $room, after: $after) { nodes { content } } }"
    first = [await company.ada.ask(asked, room=room) for _ in range(2)]
    with noted() as statements:
        assert [await company.ada.ask(asked, room=room)] * 2 == first
    assert not reads_talks(statements)
    await company.ada.post_talk(room, "Well")
    assert len((await company.ada.ask(asked, room=room))["talks"]["nodes"]) == 2
    with pytest.raises(Refused, match="NOT_FOUND"):
        await company.ben.ask(asked, room=room)
    with pytest.raises(Refused, match="send the id of a Room"):
        await company.ada.ask(asked, room=house)
    with pytest.raises(Refused, match="not a cursor"):
        await company.ada.ask(asked, room=room, after="x")
    assert (await company.ada.ask(asked))["talks"]["nodes"]
