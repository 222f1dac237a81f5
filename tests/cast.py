"""The cast of the tests: Ada owns houses, Ben lives in them, Cleo is a stranger."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx

PASSWORD = "nine violet teapots"


def in_hours(hours: float) -> str:
    """Give the time in so many hours, as a client writes it."""
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


class Refused(Exception):
    """Raised when an answer has errors; *code* is the first one's, *errors* are all."""

    def __init__(self, errors: list[dict[str, Any]], status: int) -> None:
        super().__init__(errors)
        self.errors, self.status = errors, status
        self.code = errors[0]["extensions"]["code"]
        self.field = errors[0]["extensions"].get("field")


class Actor:
    """Somebody who calls the server over HTTP, with a token once they have signed in."""

    def __init__(self, http: httpx.AsyncClient, username: str) -> None:
        self.http = http
        self.username = username
        self.token: str | None = None
        self.refresh_token: str = ""
        self.id: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}

    async def post(
        self, query: str, variables: dict[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        """Send a document and give the response as it is."""
        body = {"query": query, "variables": variables or {}}
        return await self.http.post("/graphql", json=body, headers=self.headers | headers)

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send a document and give its data. Raises `Refused` when there are errors."""
        response = await self.post(query, variables)
        body = response.json()
        if body.get("errors"):
            raise Refused(body["errors"], response.status_code)
        return body["data"]

    async def do(self, mutation: str, gives: str, **given: Any) -> Any:
        """Call a mutation with its input and give its payload."""
        kind = mutation[0].upper() + mutation[1:] + "Input"
        document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {gives} }} }}"
        return (await self.ask(document, input=given))[mutation]

    async def rest(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call a path of the REST contract, such as `house/list`."""
        headers = self.headers | options.pop("headers", {})
        return await self.http.request(method, f"/api/v1/{path}", headers=headers, **options)

    async def register(self) -> None:
        user = (await self.do("register", "user { id }", username=self.username, password=PASSWORD))["user"]
        self.id = user["id"]

    async def sign_in(self) -> None:
        tokens = await self.do("login", "accessToken refreshToken", username=self.username, password=PASSWORD)
        self.token, self.refresh_token = tokens["accessToken"], tokens["refreshToken"]

    # What the tests do all the time.

    async def create_house(self, name: str = "Engine", visibility: str = "PUBLIC", **given: Any) -> str:
        given |= {"name": name, "visibility": visibility}
        return (await self.do("createHouse", "house { id }", **given))["house"]["id"]

    async def create_room(self, house_id: str, title: str = "Hall") -> str:
        return (await self.do("createRoom", "room { id }", houseId=house_id, title=title))["room"]["id"]

    async def post_talk(self, room_id: str, content: str = "Hello", **given: Any) -> str:
        return (await self.do("postTalk", "talk { id }", roomId=room_id, content=content, **given))["talk"][
            "id"
        ]

    async def join(self, house_id: str) -> None:
        await self.do("joinHouse", "house { id }", houseId=house_id)

    async def set_role(self, actor: "Actor", house_id: str, role: str = "MODERATOR") -> None:
        await self.do("setRole", "member { id }", houseId=house_id, userId=actor.id, role=role)

    async def ban(self, actor: "Actor", house_id: str, **given: Any) -> str:
        given |= {"houseId": house_id, "userId": actor.id}
        return (await self.do("banUser", "ban { id }", **given))["ban"]["id"]

    async def mute(self, actor: "Actor", house_id: str) -> None:
        given = {"houseId": house_id, "userId": actor.id, "endTime": in_hours(1)}
        await self.do("muteMember", "member { id }", **given)

    async def invite(self, house_id: str, **given: Any) -> tuple[str, str]:
        """Make an invite and give its id and its code."""
        made = await self.do("createInvite", "invite { id } code", houseId=house_id, **given)
        return made["invite"]["id"], made["code"]

    async def accept(self, code: str) -> None:
        await self.do("acceptInvite", "house { id }", code=code)

    async def ask_to_join(self, house_id: str, **given: Any) -> str:
        asked = await self.do("requestToJoin", "joinRequest { id }", houseId=house_id, **given)
        return asked["joinRequest"]["id"]


class Cast:
    """Everybody, and nobody in particular (`stranger`, who isn't signed in)."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=30, verify=False)
        self.ada, self.ben, self.cleo = (Actor(self.http, name) for name in ("ada", "ben", "cleo"))
        self.stranger = Actor(self.http, "")

    async def enter(self) -> None:
        """Register everybody and sign them in."""
        everybody = (self.ada, self.ben, self.cleo)
        for actor in everybody:
            await actor.register()
        await asyncio.gather(*(actor.sign_in() for actor in everybody))

    async def newcomer(self, name: str = "dora") -> Actor:
        """Register somebody under a name that nobody had and sign them in."""
        actor = Actor(self.http, f"{name}{secrets.token_hex(4)}")
        await actor.register()
        await actor.sign_in()
        return actor

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
