"""Results: what came of an execution, with about how much that is."""

from __future__ import annotations

from typing import Any

from graphql import ExecutionResult, GraphQLError


class Executed(ExecutionResult):
    """The result of a compiled form; *values* is how many values of fields stand in it, kept ones and all places counted."""

    __slots__ = ("values",)

    def __init__(self, data: dict[str, Any] | None, errors: list[GraphQLError] | None, values: int) -> None:
        super().__init__(data, errors)
        self.values = values

    def __eq__(self, other: object) -> bool:
        """Tell whether the response is the same, as of any `ExecutionResult`."""
        return ExecutionResult(self.data, self.errors, self.extensions).__eq__(other)
