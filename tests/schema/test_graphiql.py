"""The GraphiQL page and its files, as far as that can be told without a browser."""

import hashlib
import json
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from graphql import OperationDefinitionNode, parse
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatgraph.schema import graphiql

ASSETS = Path(graphiql.__file__).parent / "assets"
VENDORED = json.loads((ASSETS / "VENDORED.json").read_bytes())


class Markup(HTMLParser):
    """What an HTML page holds: its tags with their attributes, and the text inside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            self.inline += data

    @property
    def addresses(self) -> list[str]:
        return [value for _, attrs in self.tags for name in ("src", "href") if (value := attrs.get(name))]

    @property
    def inline_attributes(self) -> list[str]:
        names = [name for _, attrs in self.tags for name in attrs]
        return [name for name in names if name == "style" or name.startswith("on")]


async def show(request: Request) -> Response:
    return graphiql.page()


@pytest.fixture
async def browser() -> AsyncIterator[AsyncClient]:
    app = Starlette(routes=[*graphiql.routes(), Route("/graphql", show)])
    async with AsyncClient(transport=ASGITransport(app), base_url="http://chat.test") as client:
        yield client


@pytest.fixture
def page() -> Response:
    return graphiql.page()


def markup(page: Response) -> Markup:
    return Markup(bytes(page.body).decode())


def policy(page: Response) -> dict[str, str]:
    directives = page.headers["content-security-policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


@pytest.mark.parametrize("entry", VENDORED, ids=lambda entry: entry["name"])
def test_a_vendored_file_is_the_one_that_was_published(entry: dict[str, str]) -> None:
    assert hashlib.sha256((ASSETS / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]


def test_every_vendored_file_is_listed_with_its_licence() -> None:
    found = {file.name for file in ASSETS.iterdir() if file.suffix in (".js", ".css")}
    licences = (ASSETS / "LICENSES.txt").read_text("utf-8")
    assert found == {entry["name"] for entry in VENDORED}
    assert all(entry["name"] in licences and entry["package"] in licences for entry in VENDORED)
    assert {entry["licence"] for entry in VENDORED} == {"MIT"}


def test_markup_sees_what_is_inline() -> None:
    bad = Markup("<body onload='x()'><script>alert(1)</script><p style='color: red'><style>p {}</style>")
    assert bad.inline == "alert(1)p {}"
    assert bad.inline_attributes == ["onload", "style"]


def test_the_page_holds_no_inline_script_and_no_inline_style(page: Response) -> None:
    seen = markup(page)
    assert seen.inline.strip() == ""
    assert seen.inline_attributes == []


def test_the_page_names_only_its_own_origin(page: Response) -> None:
    addresses = markup(page).addresses
    assert len(addresses) == 9
    assert all(address.startswith("/graphql/assets/") for address in addresses)
    assert b"//" not in bytes(page.body)


def test_the_policy_allows_nothing_from_outside_and_nothing_inline(page: Response) -> None:
    directives = policy(page)
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["form-action"] == "'none'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "http" not in page.headers["content-security-policy"]


def test_the_nonce_of_the_policy_is_on_the_page_and_new_each_time(page: Response) -> None:
    [nonce] = [value for _, attrs in markup(page).tags if (value := attrs.get("nonce"))]
    assert policy(page)["style-src"] == f"'self' 'nonce-{nonce}'"
    assert nonce.encode() not in bytes(graphiql.page().body)


def test_the_page_is_not_kept_framed_or_told_to_others(page: Response) -> None:
    assert page.media_type == "text/html"
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert b"<title>chatgraph</title>" in bytes(page.body)


def test_the_endpoint_is_escaped_wherever_it_stands() -> None:
    seen = Markup(bytes(graphiql.page('/"><script>alert(1)</script>').body).decode())
    assert seen.inline.strip() == ""
    assert '/"><script>alert(1)</script>' in [attrs.get("data-endpoint") for _, attrs in seen.tags]


async def test_every_file_that_the_page_names_is_served_with_its_type(browser: AsyncClient) -> None:
    types = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml", "txt": "text/plain"}
    for address in Markup((await browser.get("/graphql")).text).addresses:
        answer = await browser.get(address)
        suffix = urlsplit(address).path.rpartition(".")[2]
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == types[suffix]
        assert "immutable" in answer.headers["cache-control"]


async def test_a_file_asked_for_without_its_version_is_asked_for_again(browser: AsyncClient) -> None:
    for address in ("/graphql/assets/boot.js", "/graphql/assets/boot.js?v=old"):
        assert (await browser.get(address)).headers["cache-control"] == "no-cache"


async def test_a_file_that_the_browser_has_is_not_sent_again(browser: AsyncClient) -> None:
    first = await browser.get("/graphql/assets/boot.js")
    again = await browser.get("/graphql/assets/boot.js", headers={"If-None-Match": first.headers["etag"]})
    other = await browser.get("/graphql/assets/boot.js", headers={"If-None-Match": '"old"'})
    assert (again.status_code, again.content) == (304, b"")
    assert (other.status_code, other.content) == (200, first.content)


async def test_head_tells_the_length_without_the_file(browser: AsyncClient) -> None:
    whole = await browser.get("/graphql/assets/graphiql.min.css")
    head = await browser.head("/graphql/assets/graphiql.min.css")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "VENDORED.json",
        "page.html",
        ".gitattributes",
        "%2e%2e",
        "%2e%2e%2f__init__.py",
        "..%5c__init__.py",
        "boot.js%00",
        "%2fetc%2fpasswd",
    ],
)
async def test_only_the_files_of_the_page_are_served(browser: AsyncClient, name: str) -> None:
    assert (await browser.get(f"/graphql/assets/{name}")).status_code == 404


async def test_another_path_moves_the_page_and_its_files_together() -> None:
    app = Starlette(routes=graphiql.routes("/api/graphql"))
    page = bytes(graphiql.page("/api/graphql").body).decode()
    async with AsyncClient(transport=ASGITransport(app), base_url="http://chat.test") as client:
        for address in Markup(page).addresses:
            assert (await client.get(address)).status_code == 200


def test_the_lesson_that_the_page_opens_with_is_graphql() -> None:
    boot = (ASSETS.parent / "boot.js").read_text("utf-8")
    lesson = parse(boot.split("defaultQuery = `")[1].split("`")[0])
    operations = [node for node in lesson.definitions if isinstance(node, OperationDefinitionNode)]
    assert [node.name.value for node in operations if node.name] == ["Register", "Login", "Houses"]
