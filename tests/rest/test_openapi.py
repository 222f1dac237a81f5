"""The OpenAPI document is right, and the server keeps to it in whatever is generated from it."""

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from openapi_spec_validator import validate
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from rest_compat.endpoints import ENDPOINTS
from tests.cast import Cast
from tests.conftest import Server

# What a schema can't say is said in words: which names are PRECIS usernames, which titles are one line.
CONFIG = """
[cache]
enabled = false

[generation]
deterministic = true
max-examples = {examples}
database = "none"

[phases.coverage]
generate-duplicate-query-parameters = true

[phases.fuzzing.error-feedback]
enabled = false

[[operations]]
include-operation-id = ["register", "openRoom"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "409"]
"""


async def test_the_document_is_valid_openapi_and_anybody_may_read_it(cast: Cast) -> None:
    answer = await cast.stranger.rest("GET", "openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    validate(answer.json())


async def test_the_document_has_the_calls_of_the_table_and_says_which_are_for_anyone(cast: Cast) -> None:
    document = (await cast.stranger.rest("GET", "openapi.json")).json()
    told = {
        (method.upper(), path.removeprefix("/api/v1/")): operation.get("security") == []
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    del told["GET", "openapi.json"]
    assert told == {(each.method, each.path): each.for_anyone for each in ENDPOINTS}


async def test_every_operation_tells_its_errors_with_problem_json(cast: Cast) -> None:
    document = (await cast.stranger.rest("GET", "openapi.json")).json()
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                while "$ref" in response:
                    response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
                wanted = "application/json" if status == "200" else "application/problem+json"
                assert list(response["content"]) == [wanted], (operation["operationId"], status)


async def test_the_server_keeps_to_the_document_whatever_is_sent(
    cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    os.mkdir(tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    await cast.ada.post_talk(await cast.ada.create_room(await cast.ada.create_house()))
    failures, cases = await asyncio.to_thread(_run, server.url, cast.ada.headers, 10)
    assert failures == []
    assert set(cases) == {f"{each.method} /api/v1/{each.path}" for each in ENDPOINTS}
    assert cases.total() >= 250
    assert not os.listdir(tmp_path / "here")


def _run(url: str, headers: dict[str, str], examples: int) -> tuple[list[Any], Counter[str]]:
    """Send what schemathesis makes of the document, and give what it found and how many cases each call got."""
    config = SchemathesisConfig.from_str(CONFIG.format(examples=examples))
    config.projects.default.update(base_url=url, headers=headers)
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json", config=config)
    failures: list[Any] = []
    cases: Counter[str] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            failures.append(event)
        elif isinstance(event, events.ScenarioFinished):
            for case_id, node in event.recorder.cases.items():
                cases[node.value.operation.label] += 1
                checks = event.recorder.checks.get(case_id, ())
                found = [check.failure_info.failure for check in checks if check.failure_info]
                failures += [(failure, node.value.as_curl_command()) for failure in found]
    return failures, cases
