"""What resolvers have at hand for the length of one request."""

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

import strawberry

from chatgraph.chat import Visit
from chatgraph.operations.work import Operation, Steps
from chatgraph.schema.kept import Kept
from chatgraph.schema.loaders import Loaders
from chatgraph.viewer import Viewer

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Context:
    """
    A visit and the loaders that read within it; after a write, everything is read afresh.

    *kept* is what was worked out before, for others too. Where all is *written* by orjson, it may stand in the data as
    the JSON that it becomes.
    """

    def __init__(self, visit: Visit, kept: Kept | None = None, *, written: bool = False) -> None:
        self.visit = visit
        self.kept = kept
        self.written = written
        self.ask = visit.ask
        self.load = Loaders(visit)

    @property
    def viewer(self) -> Viewer:
        """Who asks; nobody, once their session has ended."""
        return self.visit.viewer

    async def perform(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run a write."""
        self.load = Loaders(self.visit)
        return await self.visit.perform(operation, *given, **named)

    async def carry_out(
        self,
        operation: Callable[Concatenate[Steps, Given], Awaitable[Result]],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        """Run an operation of several transactions."""
        self.load = Loaders(self.visit)
        return await self.visit.carry_out(operation, *given, **named)


Info = strawberry.Info[Context, None]
