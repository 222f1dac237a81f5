"""The compiled executor gives what graphql-core gives, whatever is asked and whatever goes wrong."""

import inspect
import json
import os
from collections import defaultdict
from typing import Any

import pytest
from graphql import ExecutionResult, parse, validate

from chatgraph.executor import compile_operation
from tests.executor.documents import Author
from tests.executor.zoo import ZOO, Fate

DOCUMENTS = int(os.environ.get("CHATGRAPH_EXECUTOR_DOCUMENTS", "120"))
FIRST = int(os.environ.get("CHATGRAPH_EXECUTOR_FIRST", "0"))
SCHEMA = ZOO._schema


async def _result(given: Any) -> ExecutionResult:
    return await given if inspect.isawaitable(given) else given


def _told(result: ExecutionResult) -> list[Any]:
    return [(error.message, error.path, error.locations) for error in result.errors or ()]


def _grouped(result: ExecutionResult) -> tuple[set[str], set[str]]:
    """Part the errors into those of their own place, and the places that others took with them."""
    own, taken = set(), defaultdict(set)
    for message, path, locations in _told(result):
        value: Any = result.data
        depth = 0
        while value is not None:
            value = value[path[depth]]
            depth += 1
        if depth == len(path):
            own.add(repr((message, path, locations)))
        else:
            taken[repr(path[:depth])].add(message)
    return own, set(taken)


async def _compare(seed: int, sync: bool) -> str | None:
    asked = Author(SCHEMA, seed).write()
    document = parse(asked.text)
    if validate(SCHEMA, document):
        return None
    operation = compile_operation(SCHEMA, document)
    expected = await _result(
        compile_operation(SCHEMA, document, compiled=False).execute(Fate(seed, sync), asked.variables)
    )
    given = operation.execute(Fate(seed, sync), asked.variables)
    assert not sync or isinstance(given, ExecutionResult) or "later" in asked.text or "replace" in asked.text
    given = await _result(given)
    assert json.dumps(given.data) == json.dumps(expected.data), (seed, asked)
    if sync and "later" not in asked.text and "replace" not in asked.text:
        assert _told(given) == _told(expected), (seed, asked)
    else:
        # Which of several errors takes a place with it, and what is told of what was taken, is a matter of who was first.
        own, taken = _grouped(given)
        expected_own, expected_taken = _grouped(expected)
        assert own == expected_own, (seed, asked)
        assert taken == expected_taken, (seed, asked)
    assert not operation.fallbacks, operation.fallbacks
    return json.dumps(given.data)


async def test_what_is_executed_at_once_is_equal_to_the_letter() -> None:
    answers = [await _compare(seed, sync=True) for seed in range(FIRST, FIRST + DOCUMENTS)]
    assert sum(answer is not None for answer in answers) > DOCUMENTS * 0.8
    assert sum(len(answer or "") > 100 for answer in answers) > DOCUMENTS * 0.3


# Where an error takes a list with it, nobody awaits what else was in it, with either executor.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_what_is_awaited_is_equal_but_for_who_was_first() -> None:
    answers = [await _compare(seed, sync=False) for seed in range(FIRST, FIRST + DOCUMENTS)]
    assert sum(answer is not None for answer in answers) > DOCUMENTS * 0.8
