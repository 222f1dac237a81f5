"""Operations: a document's operation as it is held by whoever serves it, and executed as often as is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    default_field_resolver,
    default_type_resolver,
    get_operation_ast,
)
from graphql.execution import Executor, create_source_event_stream, execute_subscription_event
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from chatgraph.executor.plans import Document, Plan
from chatgraph.executor.variables import Variables

# The reason that is counted where somebody wanted it so.
TURNED_OFF = "compilation is off"


class Operation:
    """
    An operation of a validated document.

    *fallbacks* counts the executions that graphql-core did instead, by reason.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        parts: Document,
        compiled: bool = True,
        hide_suggestions: bool = False,
    ) -> None:
        self.schema = schema
        self.document = document
        self.kind: OperationType = parts.operation.operation
        self._parts = parts
        self._hide_suggestions = hide_suggestions
        self._plan = Plan(schema, parts, hide_suggestions=hide_suggestions)
        self._variables = Variables(schema, parts.operation.variable_definitions or (), hide_suggestions)
        if not compiled:
            self._plan.unfit = TURNED_OFF
        self.fallbacks = self._plan.fallbacks
        backed = hasattr(schema, "_strawberry_schema")
        self._executor_class = StrawberryGraphQLCoreExecutionContext if backed else Executor

    def execute(
        self,
        context: Any = None,
        variables: Mapping[str, Any] | VariableValues | None = None,
        root: Any = None,
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """
        Execute a query or mutation. What resolvers do not await is executed and given at once.

        The *variables* are as they were sent, or as `coerce` gave them.
        """
        coerced = variables if isinstance(variables, VariableValues) else self.coerce(variables)
        if isinstance(coerced, list):
            return ExecutionResult(None, coerced)
        return self._execute(context, coerced, root)

    def subscribe(
        self, context: Any = None, variables: Mapping[str, Any] | None = None, root: Any = None
    ) -> Any:
        """Begin a subscription: give the source that its root field gave, or an `ExecutionResult` that refuses it."""
        coerced = self.coerce(variables)
        if isinstance(coerced, list):
            return ExecutionResult(None, coerced)
        return create_source_event_stream(self._executor(context, coerced, root))

    def execute_event(
        self, event: Any, context: Any = None, variables: Mapping[str, Any] | None = None
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Execute a subscription for one event of its source."""
        return self.execute(context, variables, event)

    def coerce(self, variables: Mapping[str, Any] | None) -> VariableValues | list[GraphQLError]:
        """Coerce variables, for executions that have them in common; or give their errors."""
        return self._variables.coerce(variables)

    def _execute(
        self, context: Any, variables: VariableValues, root: Any
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        subscribed = self.kind is OperationType.SUBSCRIPTION

        def make_executor() -> Executor:
            return self._executor(context, variables, root)

        result = self._plan.run(variables, root, context, make_executor)
        if result is not None:
            return result
        executor = make_executor()
        if subscribed:
            return execute_subscription_event(executor)
        return cast("ExecutionResult | Awaitable[ExecutionResult]", executor.execute_operation())

    def _executor(self, context: Any, variables: VariableValues, root: Any) -> Executor:
        operation, fragment_definitions, fragments = self._parts
        return self._executor_class(
            self.schema,
            fragment_definitions,
            fragments,
            root,
            context,
            operation,
            variables,
            default_field_resolver,
            default_type_resolver,  # pyright: ignore[reportArgumentType] -- as graphql-core itself hands it over
            default_field_resolver,
            hide_suggestions=self._hide_suggestions,
        )


def compile_operation(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None = None,
    compiled: bool = True,
    *,
    hide_suggestions: bool = False,
) -> Operation:
    """
    Make an operation of a validated document ready to be executed. Its parts are compiled when they are first met.

    *compiled* False leaves it to graphql-core. *hide_suggestions* has errors name nothing of the schema that
    wasn't sent. Raises `LookupError` if the document has no such operation.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        raise LookupError(f"The document has no operation {operation_name!r}, or more than one.")
    definitions = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    fragments = {name: FragmentDetails(one, _signatures(schema, one)) for name, one in definitions.items()}
    return Operation(
        schema, document, Document(operation, definitions, fragments), compiled, hide_suggestions
    )


def _signatures(schema: GraphQLSchema, fragment: FragmentDefinitionNode) -> dict[str, Any] | None:
    if not fragment.variable_definitions:
        return None
    found = [get_variable_signature(schema, one) for one in fragment.variable_definitions]
    return {one.name: one for one in found if not isinstance(one, GraphQLError)}
