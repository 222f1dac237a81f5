"""Plans: an operation of a validated document, compiled for each way in which its `@skip` and `@include` fall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from graphql import (
    DirectiveNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLSchema,
    GraphQLSkipDirective,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.executor import default_field_resolver, default_type_resolver
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils.is_awaitable import is_async_iterable, is_awaitable

from chatgraph.executor.running import Run
from chatgraph.executor.selections import Variant

MOST_VARIANTS = 8


class Document(NamedTuple):
    """An operation with the fragments of its document."""

    operation: OperationDefinitionNode
    fragment_definitions: dict[str, FragmentDefinitionNode]
    fragments: dict[str, FragmentDetails]


class Plan:
    """
    The compiled forms of one operation: one for each way in which its `@skip` and `@include` were met.

    *unfit* says why it can't be compiled; None if it can. *fallbacks* counts the executions that were left to
    graphql-core, by reason.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: Document,
        field_resolver: Any = default_field_resolver,
        type_resolver: Any = default_type_resolver,
        hide_suggestions: bool = False,
    ) -> None:
        self.schema = schema
        self.document = document
        self.fallbacks: Counter[str] = Counter()
        self._resolvers = field_resolver, type_resolver
        self._hide_suggestions = hide_suggestions
        self._variants: dict[tuple[Any, ...], Variant] = {}
        seen = _Directives()
        for node in (document.operation, *document.fragment_definitions.values()):
            visit(node, seen)
        self._conditions = seen.conditions
        self._deciding = sorted(seen.variables)
        self.unfit = seen.unfit
        if any(details.variable_signatures for details in document.fragments.values()):
            self.unfit = "fragments have arguments"

    def variant(self, variables: VariableValues) -> Variant | str:
        """Give the form for these variables, or the reason why there is none."""
        if self.unfit is not None:
            return self.unfit
        key = tuple(variables.coerced.get(name) for name in self._deciding)
        variant = self._variants.get(key)
        if variant is None:
            if len(self._variants) >= MOST_VARIANTS:
                return f"more than {MOST_VARIANTS} combinations of skip and include"
            try:
                for definition, node in self._conditions:
                    get_argument_values(definition, node, variables)
                variant = self._variants[key] = Variant(
                    self.schema,
                    *self.document,
                    variables,
                    *self._resolvers,
                    self._hide_suggestions,
                )
            except (GraphQLError, LookupError, RecursionError) as error:
                return f"it does not compile: {error}"
        return variant

    def run(
        self,
        variables: VariableValues,
        root: Any,
        context: Any,
        make_executor: Callable[[], Executor],
        serially: bool | None = None,
        is_awaitable: Callable[[Any], bool] = is_awaitable,
        is_async_iterable: Callable[[Any], bool] = is_async_iterable,
    ) -> Any:
        """Execute the compiled form. Gives None, and counts the reason, where there is none."""
        variant = self.variant(variables)
        if isinstance(variant, str):
            self.fallbacks[variant] += 1
            return None
        if serially is None:
            serially = self.document.operation.operation is OperationType.MUTATION
        run = Run(variant, root, context, variables, make_executor, is_awaitable, is_async_iterable)
        return run.execute(serially)


class _Directives(Visitor):
    """What the directives of a document decide, and whether there are any that only graphql-core knows."""

    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()
        self.conditions: list[tuple[Any, DirectiveNode]] = []
        self.unfit: str | None = None

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for definition in (GraphQLSkipDirective, GraphQLIncludeDirective):
            if node.name.value == definition.name:
                self.conditions.append((definition, node))
                break
        else:
            self.unfit = f"the directive @{node.name.value}"
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.variables.add(argument.value.name.value)
