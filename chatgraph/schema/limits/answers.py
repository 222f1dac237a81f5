"""How large an answer may be: few objects can hold much text, and the same talk may be asked for at many places."""

from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError

from chatgraph.executor import Executed

MOST_CHARACTERS = 4 * 1024 * 1024
# Answers of fewer values aren't measured: a page of fifty talks with their authors has about 550.
FEW_VALUES = 1000


def within_bounds(result: ExecutionResult) -> ExecutionResult:
    """Give a result, or one that says that it is too large; it can't be found out before it is there."""
    if not exceeds(result, MOST_CHARACTERS, FEW_VALUES):
        return result
    return too_large(
        f"This answer is too large: it has more than {MOST_CHARACTERS} characters of text. Ask for smaller pages."
    )


def exceeds(result: ExecutionResult, most: int, few: int) -> bool:
    """Tell whether a result has more than so many characters of text, names counted; one of *few* values isn't measured."""
    if isinstance(result, Executed) and result.values <= few:
        return False
    return _is_larger(result.data, most)


def too_large(told: str) -> ExecutionResult:
    """Make what stands in place of a result that is too large."""
    return ExecutionResult(None, [GraphQLError(told, extensions={"code": "BAD_USER_INPUT"})])


def _is_larger(data: Any, most: int) -> bool:
    """
    Tell whether there are more than so many characters in the names and strings of a response.

    What stands in it as JSON has no more characters than bytes: only where these are too many is it read.
    """
    waiting: list[Any] = [data]
    unread: list[bytes] = []
    unread_bytes = 0
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            most -= len(value)
        elif isinstance(value, dict):
            most -= sum(map(len, value))
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, orjson.Fragment):
            unread.append(written := orjson.dumps(value))
            unread_bytes += len(written)
        if most < 0:
            return True
        if not waiting and unread_bytes > most:
            written = unread.pop()
            unread_bytes -= len(written)
            waiting.append(orjson.loads(written))
    return False
