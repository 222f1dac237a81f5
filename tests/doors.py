"""One front for both doors, so that a rule which they share is written once and asked of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import httpx
import pytest

from chatgraph.schema.ids import global_id
from chatgraph.schema.statuses import STATUSES


class Turned(Exception):
    """Raised when a door refuses; *field* is as the schema calls it, *said* is the sentence for people."""

    def __init__(self, response: httpx.Response, code: str, field: str | None, said: str) -> None:
        super().__init__(response.status_code, code, said)
        self.response, self.code, self.field, self.said = response, code, field, said


class Pass(NamedTuple):
    """What signing in gives."""

    access: str
    refresh: str


class SeenHouse(NamedTuple):
    """A house as both doors show it."""

    id: int
    name: str


class SeenRoom(NamedTuple):
    """A room as both doors show it."""

    id: int
    title: str
    creator_id: int
    create_time: str


class SeenTalk(NamedTuple):
    """A talk that stands, as both doors show it."""

    id: int
    content: str
    creator_id: int
    create_time: str


class Door(Protocol):
    """What can be done through either door. Whatever is refused raises `Turned`; numbers are database ids."""

    def status(self, code: str) -> int:
        """Give the HTTP status that goes with a code at this door."""
        ...

    async def register(self, username: str, password: str) -> None: ...

    async def login(self, username: str, password: str) -> Pass: ...

    async def refresh(self, token: str) -> Pass: ...

    async def houses(self, token: str | None) -> list[SeenHouse]: ...

    async def rooms(self, token: str | None, house: int | None = None) -> list[SeenRoom]: ...

    async def talks(self, token: str | None, room: int | None = None) -> list[SeenTalk]: ...

    async def create_room(self, token: str | None, house: int, title: str) -> SeenRoom: ...


def _headers(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def _room(node: dict[str, Any]) -> SeenRoom:
    return SeenRoom(node["databaseId"], node["title"], node["creator"]["databaseId"], node["createTime"])


class GraphQL:
    """The door in `chatgraph.schema`."""

    ROOM = "databaseId title creator { databaseId } createTime"
    TALK = "databaseId content creator { databaseId } createTime removeTime"

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    def status(self, code: str) -> int:
        return STATUSES[code] if code in ("UNAUTHENTICATED", "RATE_LIMITED", "UNAVAILABLE") else 200

    async def _ask(self, token: str | None, query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        response = await self.http.post("/graphql", json=body, headers=_headers(token))
        answer = response.json()
        for error in answer.get("errors", ()):
            extensions = error["extensions"]
            raise Turned(response, extensions["code"], extensions.get("field"), error["message"])
        return answer["data"]

    async def _all(self, token: str | None, field: str, gives: str) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            selected = f"nodes {{ {gives} }} pageInfo {{ hasNextPage endCursor }}"
            query = (
                f"query($after: String) {{ {field.format('first: 100, after: $after')} {{ {selected} }} }}"
            )
            [page] = (await self._ask(token, query, after=after)).values()
            nodes += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return nodes
            after = page["pageInfo"]["endCursor"]

    async def register(self, username: str, password: str) -> None:
        query = "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }"
        await self._ask(None, query, input={"username": username, "password": password})

    async def login(self, username: str, password: str) -> Pass:
        query = "mutation($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }"
        data = await self._ask(None, query, input={"username": username, "password": password})
        return Pass(data["login"]["accessToken"], data["login"]["refreshToken"])

    async def refresh(self, token: str) -> Pass:
        query = "mutation($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken } }"
        data = await self._ask(None, query, input={"refreshToken": token})
        return Pass(data["refresh"]["accessToken"], data["refresh"]["refreshToken"])

    async def houses(self, token: str | None) -> list[SeenHouse]:
        nodes = await self._all(token, "houses({})", "databaseId name")
        return [SeenHouse(node["databaseId"], node["name"]) for node in nodes]

    async def rooms(self, token: str | None, house: int | None = None) -> list[SeenRoom]:
        of = "" if house is None else f'houseId: "{global_id("House", house)}", '
        return [_room(node) for node in await self._all(token, f"rooms({of}{{}})", self.ROOM)]

    async def talks(self, token: str | None, room: int | None = None) -> list[SeenTalk]:
        of = "" if room is None else f'roomId: "{global_id("Room", room)}", '
        nodes = await self._all(token, f"talks({of}{{}})", self.TALK)
        assert all((node["content"] is None) == (node["removeTime"] is not None) for node in nodes)
        return [
            SeenTalk(node["databaseId"], node["content"], node["creator"]["databaseId"], node["createTime"])
            for node in nodes
            if node["removeTime"] is None
        ]

    async def create_room(self, token: str | None, house: int, title: str) -> SeenRoom:
        query = (
            f"mutation($input: CreateRoomInput!) {{ createRoom(input: $input) {{ room {{ {self.ROOM} }} }} }}"
        )
        given = {"houseId": global_id("House", house), "title": title}
        return _room((await self._ask(token, query, input=given))["createRoom"]["room"])


# What REST calls the schema's fields.
FIELDS = {"room_title": "title", "house_id": "houseId", "room": "roomId", "refresh_token": "refreshToken"}


class Rest:
    """The door in `rest_compat`."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    def status(self, code: str) -> int:
        return STATUSES[code]

    async def _call(self, token: str | None, method: str, path: str, **options: Any) -> Any:
        response = await self.http.request(method, f"/api/v1/{path}", headers=_headers(token), **options)
        answer = response.json()
        if response.is_success:
            return answer
        field = answer.get("field")
        raise Turned(response, answer["code"], FIELDS.get(field, field), answer["detail"])

    async def register(self, username: str, password: str) -> None:
        given = {"username": username, "password": password}
        assert await self._call(None, "POST", "register", json=given) == {}

    async def login(self, username: str, password: str) -> Pass:
        given = {"username": username, "password": password}
        tokens = await self._call(None, "POST", "login", json=given)
        return Pass(tokens["access_token"], tokens["refresh_token"])

    async def refresh(self, token: str) -> Pass:
        tokens = await self._call(None, "POST", "refresh", json={"refresh_token": token})
        return Pass(tokens["access_token"], tokens["refresh_token"])

    async def houses(self, token: str | None) -> list[SeenHouse]:
        found = await self._call(token, "GET", "house/list")
        return [SeenHouse(**house) for house in found["house_list"]]

    async def rooms(self, token: str | None, house: int | None = None) -> list[SeenRoom]:
        given = {} if house is None else {"house_id": house}
        found = await self._call(token, "GET", "room/list", params=given)
        assert found["room_list"] == [room["title"] for room in found["rooms"]]
        return [SeenRoom(**room) for room in found["rooms"]]

    async def talks(self, token: str | None, room: int | None = None) -> list[SeenTalk]:
        given = {} if room is None else {"room": room}
        found = await self._call(token, "GET", "talk/list", params=given)
        return [SeenTalk(**talk) for talk in found["talk_list"]]

    async def create_room(self, token: str | None, house: int, title: str) -> SeenRoom:
        given = {"house_id": house, "room_title": title}
        return SeenRoom(**await self._call(token, "POST", "room/new", json=given))


DOORS: dict[str, type[GraphQL] | type[Rest]] = {"graphql": GraphQL, "rest": Rest}


@contextmanager
def turned(door: Door, code: str, field: str | None = None) -> Iterator[None]:
    """Expect to be refused with a code, its status at this door, and the field that was wrong."""
    with pytest.raises(Turned) as raised:
        yield
    refusal = raised.value
    assert (refusal.code, refusal.response.status_code) == (code, door.status(code)), refusal.said
    assert field is None or refusal.field == field
    assert ("www-authenticate" in refusal.response.headers) == (code == "UNAUTHENTICATED")
