"""How many SQL statements a query takes: as many for much as for little, and none where it is refused."""

import pytest

from chatgraph.schema.ids import global_id
from tests.cast import Actor, Cast, Refused
from tests.conftest import Server
from tests.schema.crowd import (
    make_busy_house,
    make_house,
    make_room,
    make_talks,
    make_users,
    room_id,
    viewer_of,
)
from tests.statements import noted

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = """query($id: ID!) { room(id: $id) { talks(first: 100) { nodes {
    content creator { username } room { title creator { username } house { name } }
} } } }"""
ALL_TALKS = "{ talks(first: 100) { nodes { creator { username } room { house { name } } } } }"
NESTED = """query($first: Int!) { houses(last: $first) { nodes { name
    rooms(first: 3) { nodes { title talks(last: 3) { nodes { content creator { username } } } } }
    members(first: 3) { nodes { user { username } house { name } } }
} } }"""
NODES = (
    "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Room { title house { name } creator { username } } } }"
)


async def test_a_page_of_talks_takes_as_many_statements_for_a_hundred_authors_as_for_one(
    standing: Server, company: Cast
) -> None:
    guests = await make_users(standing.chat, 100)
    house = await make_house(standing.chat, guests[0])
    taken = {}
    for authors, count in ((1, 1), (1, 10), (10, 10), (100, 100)):
        room = await make_room(standing.chat, guests[0], house)
        await make_talks(standing.chat, guests[:authors], room, count)
        with noted() as statements:
            found = await company.ada.ask(PAGE, id=room_id(room))
        assert len(found["room"]["talks"]["nodes"]) == count
        assert len({node["creator"]["username"] for node in found["room"]["talks"]["nodes"]}) == authors
        taken[authors, count] = len(statements)
    # whose token, the room, whether it is seen, its talks, their authors and rooms, the house
    assert set(taken.values()) == {taken[1, 1]}
    assert taken[1, 1] <= 6


async def test_a_page_of_everything_takes_as_many_statements_for_many_rooms_as_for_one(
    standing: Server, company: Cast
) -> None:
    [guest] = await make_users(standing.chat, 1, "many")
    taken = []
    for count in (1, 4, 20):
        for _ in range(count):
            house = await make_house(standing.chat, guest)
            await make_talks(standing.chat, [guest], await make_room(standing.chat, guest, house), 1)
        with noted() as statements:
            await company.ada.ask(ALL_TALKS)
        taken.append(len(statements))
    assert len(set(taken)) == 1
    assert taken[0] <= 4


async def test_lists_in_lists_take_as_many_statements_for_many_parents_as_for_one(
    standing: Server, company: Cast
) -> None:
    guests = await make_users(standing.chat, 3, "nested")
    for _ in range(20):
        house = await make_house(standing.chat, guests[0])
        for _ in range(2):
            await make_talks(standing.chat, guests, await make_room(standing.chat, guests[0], house), 3)
    taken = {}
    for first in (1, 2, 20):
        with noted() as statements:
            found = await company.ada.ask(NESTED, first=first)
        assert len(found["houses"]["nodes"]) == first
        for node in found["houses"]["nodes"]:
            assert len(node["rooms"]["nodes"]) == 2
            assert all(len(room["talks"]["nodes"]) == 3 for room in node["rooms"]["nodes"])
            assert len(node["members"]["nodes"]) == 3
        taken[first] = len(statements)
    assert set(taken.values()) == {taken[1]}
    assert taken[1] <= 9


async def test_many_nodes_of_a_type_take_as_many_statements_as_one(standing: Server, company: Cast) -> None:
    [guest] = await make_users(standing.chat, 1, "nodes")
    house = await make_house(standing.chat, guest)
    ids = [room_id(await make_room(standing.chat, guest, house)) for _ in range(20)]
    taken = []
    for count in (1, 20):
        with noted() as statements:
            await company.ada.ask(NODES, ids=ids[:count])
        taken.append(len(statements))
    assert taken[0] == taken[1] <= 3


async def test_what_is_asked_twice_is_read_once(standing: Server, company: Cast) -> None:
    house = await company.ada.create_house()
    once, twice = (
        f'a: house(id: "{house}") {{ name }}',
        f'b: house(id: "{house}") {{ rooms {{ nodes {{ id }} }} }}',
    )
    with noted() as statements:
        await company.ada.ask(f'{{ {once} c: node(id: "{house}") {{ id }} }}')
    assert len(statements) == 1
    with noted() as statements:
        await company.ada.ask(f"{{ {once} {twice} }}")
    assert len(statements) == 3


SUBJECT = "subjectId subject { id __typename }"
LISTS = {
    "rooms": ("viewerCan title creator { username } house { viewerCan }", 4),
    "members": ("viewerCan user { username } house { name }", 4),
    "bans": ("user { username } creator { username } house { name }", 5),
    "invites": ("creator { username } house { name }", 4),
    "joinRequests": ("user { username } house { name }", 4),
    "auditLog": (f"act actor {{ username }} {SUBJECT}", 7),
}
TALKS = "{ talks(last: %d) { nodes { viewerCan room { viewerCan house { viewerCan } } } } }"


async def test_rights_and_what_keeps_order_take_as_many_statements_for_a_hundred_as_for_five(
    standing: Server, company: Cast
) -> None:
    guests = await make_users(standing.chat, 100, "busy")
    house = global_id("House", await make_busy_house(standing.chat, viewer_of(company.ada), guests))
    for name, (gives, most) in LISTS.items():
        document = f'{{ house(id: "{house}") {{ {name}(first: %d) {{ nodes {{ {gives} }} }} }} }}'
        few, many = await statements_of(standing, company.ada, document, 5, 100)
        assert few == many <= most, name
    few, many = await statements_of(standing, company.ada, TALKS, 5, 100)
    assert few == many <= 3
    found = await company.ada.ask(f'{{ house(id: "{house}") {{ auditLog {{ nodes {{ {SUBJECT} }} }} }} }}')
    nodes = found["house"]["auditLog"]["nodes"]
    assert all(node["subject"]["id"] == node["subjectId"] for node in nodes)
    assert {node["subject"]["__typename"] for node in nodes} == {"House", "User", "Invite", "Room", "Talk"}


async def statements_of(server: Server, actor: Actor, document: str, *sizes: int) -> list[int]:
    """Give how many statements a page of each size takes; there must be as many items."""
    taken = []
    for size in sizes:
        with noted() as statements:
            found = await actor.ask(document % size)
        while "nodes" not in found:
            [found] = found.values()
        assert len(found["nodes"]) == size
        taken.append(len(statements))
    return taken


EXPLAINED = """query($user: ID!) { houses(last: 100) { nodes {
    a: explain(userId: $user, permission: READ) { allowed decidedBy reason }%s } } }"""
AGAIN = " b: explain(userId: $user, permission: INVITE) { allowed }"


async def test_an_explanation_takes_statements_of_its_own_and_weighs_so_much_that_they_stay_few(
    standing: Server, company: Cast
) -> None:
    for _ in range(4):
        await company.ben.create_house("Many")
    taken = {}
    for last in (1, 4):
        document = EXPLAINED.replace("100", str(last)) % ""
        with noted() as statements:
            await company.ben.ask(document, user=company.cleo.id)
        taken[last] = len(statements)
    assert taken[4] - taken[1] <= 3 * 4
    assert (await company.ben.post(EXPLAINED % "", {"user": company.cleo.id})).status_code == 200
    with noted() as statements, pytest.raises(Refused) as refused:
        await company.ben.ask(EXPLAINED % AGAIN, user=company.cleo.id)
    assert (refused.value.code, statements) == ("GRAPHQL_VALIDATION_FAILED", [])


WIDE = (
    "{ houses(first: 100) { nodes { rooms(first: 100) { nodes { talks(first: 100) { nodes { id } } } } } } }"
)
SIZED = """query($n: Int) { houses(first: $n) { nodes { rooms(first: $n) { nodes {
    talks(first: $n) { nodes { id } } } } } } }"""
TRIES = (
    "mutation { " + " ".join(f'a{n}: logout(input: {{refreshToken: "x"}}) {{ ok }}' for n in range(2)) + " }"
)


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (WIDE, {}),
        (SIZED, {"n": 100}),
        (SIZED.replace("$n: Int", "$n: Int = 100"), {}),
        (TRIES, {}),
        ("{ " + "viewer { id } " * 11 + "}", {}),
        ("{ nothing }", {}),
        ("{", {}),
        (NODES, {"ids": 1.5}),
    ],
)
async def test_what_is_refused_is_refused_before_any_sql(
    standing: Server, company: Cast, document: str, variables: dict[str, object]
) -> None:
    with noted() as statements, pytest.raises(Refused):
        await company.ada.ask(document, **variables)
    assert statements == []
    with noted() as statements, pytest.raises(Refused):
        await company.stranger.ask(document, **variables)
    assert statements == []


async def test_a_body_that_holds_no_question_takes_no_sql(standing: Server, company: Cast) -> None:
    with noted() as statements:
        await company.http.post("/graphql", content=b"garbage", headers={"Content-Type": "application/json"})
        await company.stranger.ask("{ viewer { username } __typename }")
    assert statements == []


async def test_a_bad_id_or_cursor_costs_no_statement(standing: Server, company: Cast) -> None:
    for document in (
        '{ room(id: "x") { id } }',
        '{ houses(after: "x") { nodes { id } } }',
        "{ houses(first: 0) { nodes { id } } }",
    ):
        with noted() as statements, pytest.raises(Refused):
            await company.ada.ask(document)
        assert statements == []
