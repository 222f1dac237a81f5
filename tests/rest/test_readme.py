"""What README.md of `rest_compat` shows is so."""

import json
import re
import shlex
from pathlib import Path
from string import Template
from typing import Any

import httpx

from chatgraph.schema.graph import Graph
from rest_compat import endpoints
from tests.conftest import Server

README = (Path(endpoints.__file__).parent / "README.md").read_text("utf-8")
EXAMPLE = re.compile(r"```sh\n(curl [^\n]+)\n```\n\n```json\n(.+?)\n```", re.DOTALL)
# What differs from run to run.
VARYING = ("access_token", "refresh_token", "create_time")


async def test_the_examples_give_what_they_say(server: Server) -> None:
    examples = EXAMPLE.findall(README)
    tried, known = set(), {"TOKEN": "", "REFRESH": ""}
    async with httpx.AsyncClient() as http:
        for command, shown in examples:
            request = _curl(_fill(command, known), server.url)
            answer = (await http.send(request)).json()
            assert _steady(answer) == _steady(json.loads(shown)), command
            if "access_token" in answer:
                known = {"TOKEN": answer["access_token"], "REFRESH": answer["refresh_token"]}
            tried.add((request.method, request.url.path.removeprefix("/api/v1/")))
    assert tried >= {(each.method, each.path) for each in endpoints.ENDPOINTS}


def test_each_stored_document_stands_under_its_call() -> None:
    parts = dict(re.findall(r"### (\S+ \S+)\n(.+?)(?=\n##)", README, re.DOTALL))
    for each in endpoints.ENDPOINTS:
        assert f"```graphql\n{each.document}```" in parts[f"{each.method} /api/v1/{each.path}"]


def test_no_document_is_stored_that_no_call_uses() -> None:
    assert {each.file for each in endpoints.ENDPOINTS} == set(endpoints.DOCUMENTS.iterdir())


def test_every_stored_document_is_valid_and_within_the_limits() -> None:
    documents = Graph()._documents
    assert [documents.prepare(each.document).errors for each in endpoints.ENDPOINTS] == [[]] * 7


def _fill(command: str, known: dict[str, str]) -> str:
    """Put what is known in the place of a shell's variables; text in single quotes is left as it is."""
    parts = re.split(r"('[^']*')", command)
    return "".join(part if part.startswith("'") else Template(part).substitute(known) for part in parts)


def _curl(command: str, url: str) -> httpx.Request:
    """Make the request that a curl command sends; only what the examples use is understood."""
    words = iter(shlex.split(command)[1:])
    address, method, body, headers = "", "GET", None, {}
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "--json":
            method, body = "POST", next(words)
            headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        else:
            address = word.replace("http://localhost:8000", url)
            assert address.startswith(url), word
    return httpx.Request(method, address, headers=headers, content=body)


def _steady(shown: Any) -> Any:
    """Put the type in the place of what differs from run to run."""
    if isinstance(shown, dict):
        return {name: type(value) if name in VARYING else _steady(value) for name, value in shown.items()}
    return [_steady(value) for value in shown] if isinstance(shown, list) else shown
