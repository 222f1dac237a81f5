"""Running: one execution of a compiled operation, and the awaiting of all that it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from graphql import ExecutionResult, GraphQLResolveInfo
from graphql.execution import Executor
from graphql.execution.values import VariableValues

from chatgraph.executor.faults import Fault, apply
from chatgraph.executor.layers import Indices, Layer
from chatgraph.executor.levels import execute_field, execute_kept, execute_layer
from chatgraph.executor.results import Executed
from chatgraph.executor.waiting import Places, Resume, Waiting, only
from chatgraph.executor.writing import ABANDONED

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.selections import Variant


class Run:
    """
    One execution. What is pending is kept in one list, whatever field it is of, and awaited by one coroutine:
    a single awaitable directly; several at once, so that all that load in the same tick load together. *kept* is done
    at the end, if there are no faults.
    """

    def __init__(
        self,
        variant: Variant,
        root: Any,
        context: Any,
        variables: VariableValues,
        make_executor: Callable[[], Executor],
        is_awaitable: Callable[[Any], bool],
        is_async_iterable: Callable[[Any], bool],
    ) -> None:
        self.variant = variant
        self.root = root
        self.context = context
        self.variables = variables
        self.is_awaitable = is_awaitable
        self.is_async_iterable = is_async_iterable
        self.arguments: dict[Field, dict[str, Any]] = {}
        self.faults: list[Fault] = []
        self.kept: list[Callable[[], None]] = []
        self.nulled: set[tuple[str | int, ...]] = set()
        self.values = 0
        self._make_executor = make_executor
        self._executor: Executor | None = None
        self._waiting: list[Waiting] = []

    @property
    def executor(self) -> Executor:
        """The graphql-core executor that this one stands for; it is made when somebody asks for it."""
        if self._executor is None:
            self._executor = self._make_executor()
        return self._executor

    def resolve_info(self, layer: Layer, field: Field, index: int) -> GraphQLResolveInfo:
        """Make graphql-core's info for a field of an object."""
        return self.executor.build_resolve_info(
            field.definition, field.nodes, field.parent_type, field.path(layer, index)
        )

    @staticmethod
    def resolve_info_of(run: Run, layer: Layer, field: Field, index: int) -> GraphQLResolveInfo:
        """Make graphql-core's info, called as `LazyInfo.of` is."""
        return run.resolve_info(layer, field, index)

    def execute_layer(self, layer: Layer) -> None:
        """Execute the objects of a layer."""
        execute_layer(self, layer)

    def wait(self, awaitables: Sequence[Awaitable[Any]], places: list[Places], resume: Resume) -> None:
        """
        Have *resume* called with what the awaitables give: values, or the exceptions that they raise.

        Where all objects in an awaitable's *places* have become null, it is not awaited: `ABANDONED` is given.
        """
        self._waiting.append(Waiting(awaitables, places, resume))

    def abandon(self, awaitables: list[Awaitable[Any]]) -> None:
        """Leave what nobody waits for to the background; without an event loop, close it."""
        self.executor.settle_in_background(awaitables)

    def fail(self, layer: Layer, field: Field, index: int, indices: Indices, error: Exception) -> None:
        """Note an error. What is within what becomes null by it is awaited no more."""
        fault = Fault(layer, field, index, indices, error)
        self.faults.append(fault)
        if not field.nullable[len(indices)]:
            self.nulled.add(fault.nulled())

    @property
    def unsettled(self) -> int:
        """How much is noted that belongs to one place of the response: errors, and what is awaited."""
        return len(self.faults) + len(self._waiting)

    @property
    def dead(self) -> bool:
        """Whether nothing is left of the data."""
        return () in self.nulled

    def _is_wanted(self, places: Places) -> bool:
        return not self.nulled or any(self._stands(layer, index) for layer, index in places)

    def _stands(self, layer: Layer, index: int) -> bool:
        keys = tuple(segment.key for segment in layer.segments(index))
        return not any(keys[:end] in self.nulled for end in range(len(keys) + 1))

    def _take_waiting(self) -> list[Waiting]:
        """Take what is pending, without what became null in the meantime."""
        taken, self._waiting = self._waiting, []
        if not self.nulled:
            return taken
        wanted: list[Waiting] = []
        for awaitables, places, resume in taken:
            live = [self._is_wanted(one) for one in places]
            if left := [one for one, is_live in zip(awaitables, live, strict=True) if not is_live]:
                self.abandon(left)
            if all(live):
                wanted.append(Waiting(awaitables, places, resume))
            elif any(live):
                wanted.append(only(awaitables, places, resume, live))
        return wanted

    def execute(self, serially: bool) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Execute the operation, each root field after the one before it if *serially*."""
        layer = Layer(self.variant.root, [self.root])
        if serially and len(layer.selection.steps) > 1:
            layer.outs = layer.selection.build(self, layer)
            return self._execute_serially(layer, 0)
        if (kept := self.variant.kept) is not None:
            return execute_kept(self, layer, *kept)
        self.execute_layer(layer)
        return self.conclude(layer)

    def _execute_serially(self, layer: Layer, start: int) -> ExecutionResult | Awaitable[ExecutionResult]:
        for position, field in enumerate(layer.selection.steps[start:], start):
            if self._waiting:
                return self._execute_rest(layer, position)
            if not self.dead:
                execute_field(self, layer, field)
        return self.conclude(layer)

    def conclude(self, layer: Layer) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Give what came of the root's layer, once nothing of it is awaited any more."""
        if self._waiting and self.nulled:
            self._waiting = self._take_waiting()
        return self._drive_and_finish(layer) if self._waiting else self._finish(layer)

    async def _execute_rest(self, layer: Layer, start: int) -> ExecutionResult:
        await self._drive()
        result = self._execute_serially(layer, start)
        return result if isinstance(result, ExecutionResult) else await result

    async def _drive_and_finish(self, layer: Layer) -> ExecutionResult:
        await self._drive()
        return self._finish(layer)

    def _finish(self, layer: Layer) -> ExecutionResult:
        data = layer.outs[0]
        if not self.faults:
            for keep in self.kept:
                keep()
            return Executed(data, None, self.values)
        return Executed(*apply(self.faults, data), self.values)

    async def _drive(self) -> None:
        """Await what is pending, and what comes of it, until nothing is."""
        while waiting := self._take_waiting():
            if len(waiting) > 1 or len(waiting[0].awaitables) > 1:
                await self._drive_several(waiting)
                continue
            (awaitable,), _, resume = waiting[0]
            try:
                given = await awaitable
            except Exception as error:
                given = error
            resume([given])

    async def _drive_several(self, waiting: list[Waiting]) -> None:
        pending: dict[asyncio.Future[Any], tuple[list[asyncio.Future[Any]], Waiting]] = {}
        cancelled: list[asyncio.Future[Any]] = []
        try:
            while True:
                for one in waiting:
                    futures: list[asyncio.Future[Any]] = [
                        asyncio.ensure_future(awaitable) for awaitable in one.awaitables
                    ]
                    pending[asyncio.gather(*futures, return_exceptions=True)] = futures, one
                if not pending:
                    return
                await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                known = len(self.nulled)
                for done in [future for future in pending if future.done()]:
                    _, one = pending.pop(done)
                    one.resume(self._given(done.result(), one.places))
                if len(self.nulled) > known:
                    cancelled += self._cancel_unwanted(pending)
                waiting = self._take_waiting()
        finally:
            left = [future for futures, _ in pending.values() for future in futures]
            for future in left:
                future.cancel()
            if left or cancelled:
                await asyncio.gather(*pending, *cancelled, return_exceptions=True)

    def _given(self, values: list[Any], places: list[Places]) -> list[Any]:
        """Give what was awaited. Raises what no field may keep to itself, such as a cancellation."""
        if self.nulled:
            values = [
                value if self._is_wanted(one) else ABANDONED
                for value, one in zip(values, places, strict=True)
            ]
        for value in values:
            if isinstance(value, BaseException) and not isinstance(value, Exception):
                raise value
        return values

    def _cancel_unwanted(
        self, pending: dict[asyncio.Future[Any], tuple[list[asyncio.Future[Any]], Waiting]]
    ) -> list[asyncio.Future[Any]]:
        """Cancel what is awaited only for objects that became null."""
        wanted: set[asyncio.Future[Any]] = set()
        unwanted: set[asyncio.Future[Any]] = set()
        for futures, waiting in pending.values():
            for future, places in zip(futures, waiting.places, strict=True):
                (wanted if self._is_wanted(places) else unwanted).add(future)
        cancelled = [future for future in unwanted - wanted if not future.done()]
        for future in cancelled:
            future.cancel()
        return cancelled
