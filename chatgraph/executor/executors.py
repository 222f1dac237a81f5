"""
Executors: the compiled execution as graphql-core's `executor_class` and Strawberry's `execution_context_class`.

chatgraph itself executes operations that it keeps (`operations`). By these the rest of the world can: another schema, and
graphql-core's own tests, which say whether it is executed as graphql-core would.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Any, ClassVar

from graphql import OperationDefinitionNode
from graphql.execution import Executor
from graphql.execution.incremental import IncrementalExecutor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from chatgraph.executor.plans import Document, Plan

MOST_PLANS = 256


class Compiled(Executor):
    """
    Executes compiled operations, the last used `MOST_PLANS` of which are kept.

    A schema must not change once it was executed. *fallbacks* counts, by reason, what was left to graphql-core.
    """

    fallbacks: ClassVar[Counter[str]] = Counter()
    _plans: ClassVar[OrderedDict[Any, tuple[OperationDefinitionNode, Plan]]] = OrderedDict()

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute the operation compiled, or as graphql-core does where that can't be."""
        reason = self._unfit()
        if reason is None:
            plan = self._plan()
            before = plan.fallbacks.copy()
            result = plan.run(
                self.variable_values,
                self.root_value,
                self.context_value,
                lambda: self,
                serially,
                self.is_awaitable,
                self.is_async_iterable,
            )
            if result is not None:
                return result
            reason = next(iter(plan.fallbacks - before))
        self.fallbacks[reason] += 1
        return super().execute_operation(serially)

    def _unfit(self) -> str | None:
        if self.abort_signal is not None:
            return "an abort signal"
        if self.hooks is not None:
            return "hooks"
        if self.middleware_manager is not None and self.middleware_manager.middlewares:
            return "middleware"
        return None

    def _plan(self) -> Plan:
        key = (
            id(self.operation),
            self.schema,
            self.field_resolver,
            self.type_resolver,
            self.hide_suggestions,
            *map(id, self.fragment_definitions.values()),
        )
        plans = self._plans
        if key in plans:
            plans.move_to_end(key)
            return plans[key][1]
        document = Document(self.operation, self.fragment_definitions, self.fragments)
        plan = Plan(self.schema, document, self.field_resolver, self.type_resolver, self.hide_suggestions)
        plans[key] = self.operation, plan
        if len(plans) > MOST_PLANS:
            plans.popitem(last=False)
        return plan


class CompiledExecutor(Compiled, IncrementalExecutor):
    """For `graphql.execute(…, executor_class=CompiledExecutor)`."""


class StrawberryCompiledExecutor(Compiled, StrawberryGraphQLCoreExecutionContext):
    """For `strawberry.Schema(…, execution_context_class=StrawberryCompiledExecutor)`."""
