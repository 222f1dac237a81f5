"""What somebody would write who needed these three routes and nothing else: Starlette, SQL by hand, sqlite3, orjson."""

import sqlite3
from base64 import b64decode, b64encode
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.benchmarks.peers.commits import Commits
from tests.benchmarks.peers.serving import database, serve
from tests.benchmarks.peers.sight import Bearer, read_token, see_room, write_time

TALK_POSTED = 30
LARGEST = 2**63 - 1
TALKS = """
SELECT talks.id, seq, content, talks.create_time, users.id, username, display_name
FROM talks JOIN users ON users.id = talks.creator_id
WHERE room_id = ? AND
"""
BACKWARDS = f"{TALKS} seq < ? ORDER BY seq DESC LIMIT ?"
FORWARDS = f"{TALKS} seq > ? ORDER BY seq LIMIT ?"
LIST = """
SELECT id, content, creator_id, create_time FROM talks
WHERE room_id = ? AND remove_time IS NULL ORDER BY seq
"""
POSTED = """
SELECT id, seq, create_time FROM talks WHERE room_id = ? AND creator_id = ? AND client_key = ?
"""
POST = """
INSERT INTO talks (room_id, seq, content, creator_id, create_time, client_key) VALUES (?, ?, ?, ?, ?, ?) RETURNING id
"""
ENTER = "INSERT INTO journal (house_id, seq, room_id, kind, subject_id, actor_id, time) VALUES (?, ?, ?, ?, ?, ?, ?)"
RAISE_TALKS = "UPDATE rooms SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq"
RAISE_JOURNAL = "UPDATE houses SET journal_seq = journal_seq + 1 WHERE id = ? RETURNING journal_seq"


def handwritten(path: Path) -> Starlette:
    """Make the application, on a database that it alone writes to."""
    commits = Commits(path)
    # Read in the loop: nothing that is read here takes longer than a hop to another thread and back.
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA query_only = ON")

    async def page(request: Request) -> Response:
        bearer = read_token(request.headers.get("authorization"))
        given = orjson.loads(await request.body())
        room_id = _read_id(given["room"], "Room")
        see_room(db, bearer, room_id)
        return _answer(_page(db, room_id, given))

    async def talk_list(request: Request) -> Response:
        bearer = read_token(request.headers.get("authorization"))
        room_id = int(request.query_params["room"])
        see_room(db, bearer, room_id)
        talks = [
            {"id": id_, "content": content, "creator_id": creator_id, "create_time": _rfc3339(created)}
            for id_, content, creator_id, created in db.execute(LIST, (room_id,))
        ]
        return _answer({"talk_list": talks})

    async def post(request: Request) -> Response:
        bearer = read_token(request.headers.get("authorization"))
        given = orjson.loads(await request.body())
        room_id, content = _read_id(given["roomId"], "Room"), given["content"]
        if not isinstance(content, str) or not 1 <= len(content) <= 4000:
            raise HTTPException(400)
        posted = await commits.write(partial(_post, bearer, room_id, content, given.get("clientKey")))
        return _answer(posted)

    return Starlette(
        routes=[
            Route("/page", page, methods=["POST"]),
            Route("/talk/list", talk_list),
            Route("/post", post, methods=["POST"]),
        ]
    )


def _page(db: sqlite3.Connection, room_id: int, given: dict[str, Any]) -> dict[str, Any]:
    if last := given.get("last"):
        rows = db.execute(BACKWARDS, (room_id, LARGEST, last + 1)).fetchall()
        previous, following = len(rows) > last, False
        rows = rows[last - 1 :: -1] if previous else rows[::-1]
    else:
        first, after = given["first"], given.get("after")
        seq = 0 if after is None else _read_id(after, f"talks/{room_id}")
        rows = db.execute(FORWARDS, (room_id, seq, first + 1)).fetchall()
        previous, following = seq > 0, len(rows) > first
        del rows[first:]
    creators: dict[int, dict[str, Any]] = {}
    edges = []
    for id_, seq, content, created, creator_id, username, display_name in rows:
        creator = creators.get(creator_id)
        if creator is None:
            creator = {"id": _id("User", creator_id), "username": username, "displayName": display_name}
            creators[creator_id] = creator
        node = {
            "id": _id("Talk", id_),
            "databaseId": id_,
            "seq": seq,
            "content": content,
            "createTime": _rfc3339(created),
            "creator": creator,
        }
        edges.append({"cursor": _id(f"talks/{room_id}", seq), "node": node})
    info = {
        "hasPreviousPage": previous,
        "hasNextPage": following,
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }
    return {"data": {"room": {"talks": {"edges": edges, "pageInfo": info}}}}


def _post(
    bearer: Bearer, room_id: int, content: str, client_key: str | None, db: sqlite3.Connection
) -> dict[str, Any]:
    sight = see_room(db, bearer, room_id)
    if client_key is not None:
        row = db.execute(POSTED, (room_id, bearer.user_id, client_key)).fetchone()
        if row is not None:
            return _posted(*row, replayed=True)
    if sight.rank is None or sight.mute or sight.archive_time or (sight.lock_time and sight.rank < 50):
        raise HTTPException(403)
    now = write_time()
    seq = db.execute(RAISE_TALKS, (room_id,)).fetchone()[0]
    talk_id = db.execute(POST, (room_id, seq, content, bearer.user_id, now, client_key)).fetchone()[0]
    position = db.execute(RAISE_JOURNAL, (sight.house_id,)).fetchone()[0]
    entry = (sight.house_id, position, room_id, TALK_POSTED, talk_id, bearer.user_id, now)
    db.execute(ENTER, entry)
    return _posted(talk_id, seq, now, replayed=False)


def _posted(talk_id: int, seq: int, created: str, *, replayed: bool) -> dict[str, Any]:
    talk = {"id": _id("Talk", talk_id), "databaseId": talk_id, "seq": seq, "createTime": _rfc3339(created)}
    return {"data": {"postTalk": {"talk": talk, "replayed": replayed}}}


def _answer(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


def _id(noun: str, database_id: int) -> str:
    return b64encode(f"{noun}:{database_id}".encode()).decode()


def _read_id(text: str, noun: str) -> int:
    named, _, database_id = b64decode(text, validate=True).decode("ascii").partition(":")
    if named != noun:
        raise HTTPException(400)
    return int(database_id)


def _rfc3339(kept: str) -> str:
    return f"{kept[:10]}T{kept[11:]}Z"


if __name__ == "__main__":
    serve(handwritten(database()))
