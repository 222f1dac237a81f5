"""Errors: the tree in `chatgraph.errors`, what a client is told of each, and what it is never told."""

import io
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from chatgraph import errors
from chatgraph.errors import ChatError
from chatgraph.schema.statuses import STATUSES, headers_for
from chatgraph.store.rows import Connection
from tests.cast import Cast, Refused
from tests.conftest import Server
from tests.logged import note_log


def descendants(kind: type[ChatError]) -> Iterator[type[ChatError]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


TREE = sorted(descendants(ChatError), key=lambda kind: kind.__name__)


def test_every_error_has_a_code_of_its_own_and_a_status() -> None:
    codes = {kind.__name__: kind.code for kind in TREE}
    assert len(TREE) >= 7
    assert len(set(codes.values())) == len(codes)
    assert set(codes.values()) <= set(STATUSES)


def test_every_status_belongs_to_an_error_or_to_graphql() -> None:
    graphql = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "INTERNAL_SERVER_ERROR"}
    assert set(STATUSES) - graphql == {kind.code for kind in TREE}
    assert all(400 <= status < 600 for status in STATUSES.values())


def test_the_drawing_shows_every_error_with_its_code_and_no_other() -> None:
    assert errors.__doc__ is not None
    drawn = dict(line.split("── ")[1].split()[:2] for line in errors.__doc__.splitlines() if "── " in line)
    assert drawn == {kind.__name__: kind.code for kind in TREE}


def test_every_error_says_when_it_is_raised() -> None:
    assert [kind for kind in TREE if not (kind.__doc__ or "").startswith("Raised ")] == []


def test_everything_that_is_not_known_yet_says_who_to_be_or_when_to_come_again() -> None:
    assert headers_for(errors.Unauthenticated().extensions) == {
        "WWW-Authenticate": 'Bearer realm="chatgraph"'
    }
    assert headers_for(errors.Unavailable(retry_after=7).extensions) == {"Retry-After": "7"}
    assert headers_for(errors.NotFound("room").extensions) == {}


# What nobody foresaw.


async def spoil(server: Server, *statements: str) -> None:
    """Do to the database what no operation would."""

    async def change(db: Connection) -> None:
        for statement in statements:
            await db.execute(text(statement))

    await server.chat.database.write(change)


SECRET_NAME = "the secret engine"


@pytest.fixture
async def corrupt(server: Server, cast: Cast) -> str:
    """The id of a house whose row holds a visibility that there isn't."""
    house = await cast.ada.create_house(SECRET_NAME)
    await spoil(server, f"UPDATE houses SET visibility = 'haunted' WHERE name = '{SECRET_NAME}'")
    return house


@pytest.fixture
def log(server: Server) -> io.StringIO:
    """What the server writes into its log from now on."""
    return note_log()


def errors_in(log: io.StringIO) -> list[str]:
    """Give the records of the log that tell of an error, as far as their first line."""
    return [line for line in log.getvalue().splitlines() if "[error" in line]


async def test_what_nobody_foresaw_is_masked_and_its_id_is_in_the_log_once(
    cast: Cast, corrupt: str, log: io.StringIO
) -> None:
    response = await cast.ada.post("query($id: ID!) { house(id: $id) { name } }", {"id": corrupt})
    [error] = response.json()["errors"]
    incident = error["extensions"]["id"]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "id": incident}
    assert (error["path"], incident in error["message"]) == (["house"], True)
    for inside in ("haunted", "ValueError", "Visibility", "Traceback", SECRET_NAME, ".py"):
        assert inside not in response.text
    [record] = errors_in(log)
    assert incident in record
    assert log.getvalue().count(incident) == 1
    assert response.headers["x-request-id"] in record
    assert "ValueError: 'haunted' is not a valid Visibility" in log.getvalue()


async def test_the_log_of_a_defect_holds_no_local_variables_and_no_secrets(
    cast: Cast, corrupt: str, log: io.StringIO
) -> None:
    with pytest.raises(Refused):
        await cast.ada.ask("query($id: ID!) { house(id: $id) { name } }", id=corrupt)
    assert "Traceback" in log.getvalue()
    for secret in (SECRET_NAME, "nine violet teapots", cast.ada.token, cast.ada.refresh_token, "locals"):
        assert str(secret) not in log.getvalue()


async def test_one_defect_leaves_the_other_fields_of_an_answer_alone(cast: Cast, corrupt: str) -> None:
    body = (
        await cast.ada.post(
            "query($id: ID!) { house(id: $id) { name } viewer { username } }", {"id": corrupt}
        )
    ).json()
    assert body["data"] == {"house": None, "viewer": {"username": "ada"}}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["INTERNAL_SERVER_ERROR"]


@pytest.mark.sqlite
async def test_a_defect_in_a_write_is_masked_too_and_nothing_of_it_is_kept(
    server: Server, cast: Cast
) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    await spoil(
        server, "CREATE TRIGGER no_talks BEFORE INSERT ON talks BEGIN SELECT RAISE(ABORT, 'the inside'); END"
    )
    with pytest.raises(Refused) as refused:
        await cast.ben.post_talk(room, "my secret words")
    assert refused.value.code == "INTERNAL_SERVER_ERROR"
    assert "the inside" not in str(refused.value.errors)
    assert "my secret words" not in str(refused.value.errors)
    found = await cast.ben.ask(f'{{ room(id: "{room}") {{ lastSeq house {{ viewerRole memberCount }} }} }}')
    assert found["room"] == {"lastSeq": 0, "house": {"viewerRole": None, "memberCount": 1}}


@pytest.mark.sqlite
async def test_what_people_say_is_not_in_the_log_when_it_cannot_be_kept(
    server: Server, cast: Cast, log: io.StringIO
) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    await spoil(server, "CREATE TRIGGER no_talks BEFORE INSERT ON talks BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(Refused):
        await cast.ada.post_talk(room, "my secret words")
    await spoil(server, "DROP TRIGGER no_talks", "ALTER TABLE talks RENAME TO gone")
    with pytest.raises(Refused):
        await cast.ada.post_talk(room, "my secret words")
    assert len(errors_in(log)) == 2
    assert "my secret words" not in log.getvalue()


@pytest.mark.sqlite
async def test_a_database_that_cannot_be_read_is_unavailable_without_a_word_of_sql(
    server: Server, cast: Cast
) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    await cast.ada.post_talk(room)
    await spoil(server, "ALTER TABLE talks RENAME TO gone")
    response = await cast.ada.post(f'{{ room(id: "{room}") {{ talks {{ nodes {{ id }} }} }} }}')
    [error] = response.json()["errors"]
    assert (response.status_code, error["extensions"]) == (503, {"code": "UNAVAILABLE", "retryAfter": 1})
    assert response.headers["retry-after"] == "1"
    assert "gone" not in response.text
    assert "talks" not in error["message"]
    await spoil(server, "ALTER TABLE gone RENAME TO talks")
    assert await cast.ada.post_talk(room)


async def test_a_record_of_the_log_is_one_line_whatever_a_client_writes(cast: Cast, log: io.StringIO) -> None:
    await cast.http.post("/graphql?a=%0Aforged%1B%5B31m", content=b"x", headers={"User-Agent": "a"})
    [record] = log.getvalue().splitlines()
    assert "forged" in record
    assert record.isprintable()
