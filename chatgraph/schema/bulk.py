"""How large an answer may be: few objects can hold much text, and the same talk may be asked for at many places."""

from typing import Any

from graphql import ExecutionResult, GraphQLError

from chatgraph.executor import Executed

MOST_CHARACTERS = 4 * 1024 * 1024
# Answers of fewer values aren't measured: a page of fifty talks with their authors has about 450.
FEW_VALUES = 1000


def within_bounds(result: ExecutionResult) -> ExecutionResult:
    """Give a result, or one that says that it is too large; it can't be found out before it is there."""
    if isinstance(result, Executed) and result.values <= FEW_VALUES:
        return result
    if not _is_larger(result.data, MOST_CHARACTERS):
        return result
    told = f"This answer is too large: it has more than {MOST_CHARACTERS} characters of text. Ask for smaller pages."
    return ExecutionResult(None, [GraphQLError(told, extensions={"code": "BAD_USER_INPUT"})])


def _is_larger(data: Any, most: int) -> bool:
    """Tell whether there are more than so many characters in the strings of a response."""
    waiting: list[Any] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            most -= len(value)
            if most < 0:
                return True
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False
