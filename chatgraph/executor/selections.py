"""Selections: what is selected of the objects of one type, compiled to the Python that builds their maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from graphql import (
    FragmentDefinitionNode,
    GraphQLFieldResolver,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLTypeResolver,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from chatgraph.executor.columns import comes_as_column
from chatgraph.executor.fields import Field
from chatgraph.executor.keeping import Keeping
from chatgraph.executor.resolving import Batched
from chatgraph.executor.source import build_function


class Selection(NamedTuple):
    """
    What is selected of a type: *build* makes the maps with all that is only read and with *columns*; *steps* are the
    rest.

    Where it is *shareable*, all that is selected are leaves that are the same wherever the object stands.
    """

    type: GraphQLObjectType
    build: Callable[..., list[dict[str, Any]]]
    columns: list[Field]
    steps: list[Field]
    shareable: bool
    fields: list[Field]


class Variant:
    """
    An operation with its `@skip` and `@include` decided.

    *plain* are the classes that were met and whose objects are neither null nor exceptions, awaitables or callables.
    *kept* is its root field and who keeps it, where there is no other and somebody does.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragment_definitions: dict[str, FragmentDefinitionNode],
        fragments: dict[str, FragmentDetails],
        variables: VariableValues,
        field_resolver: GraphQLFieldResolver,
        type_resolver: GraphQLTypeResolver,
        hide_suggestions: bool,
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.fragment_definitions = fragment_definitions
        self.fragments = fragments
        self.variables = variables
        self.field_resolver = field_resolver
        self.type_resolver = type_resolver
        self.hide_suggestions = hide_suggestions
        backing = getattr(schema, "_strawberry_schema", None)
        self.converter: Any = getattr(backing, "schema_converter", None)
        self.plain: set[type] = set()
        root_type = schema.get_root_type(operation.operation)
        if root_type is None:
            raise LookupError("the schema has no such root type")
        collected = collect_fields(schema, fragments, variables, root_type, operation, hide_suggestions)
        self.root = self._compile(root_type, collected.grouped_field_set, is_root=True)
        self.kept = _find_kept_alone(self.root)

    def select(self, runtime_type: GraphQLObjectType, details: FieldDetailsList) -> Selection:
        """Compile what a field selects of a type."""
        collected = collect_subfields(
            self.schema,
            self.fragments,
            self.variables,
            self.operation,
            runtime_type,
            details,
            self.hide_suggestions,
        )
        return self._compile(runtime_type, collected.grouped_field_set)

    def _compile(
        self, type_: GraphQLObjectType, grouped: GroupedFieldSet, *, is_root: bool = False
    ) -> Selection:
        fields: list[Field] = []
        for key, details in grouped.items():
            definition = self.schema.get_field(type_, details[0].node.name.value)
            if definition is not None:
                fields.append(Field(self, type_, key, len(fields), details, definition))
        # The resolvers of a root may have to wait for one another, and there is but one object.
        columns = [] if is_root else [field for field in fields if comes_as_column(field)]
        serially = is_root and self.operation.operation is OperationType.MUTATION
        build, steps = build_function(fields, columns, self.plain, calls=not is_root, reads=not serially)
        shareable = all(field.leaf is not None for field in (*columns, *steps)) and all(
            isinstance(step.resolving, Batched) for step in steps
        )
        return Selection(type_, build, columns, steps, shareable, fields)


def _find_kept_alone(root: Selection) -> tuple[Field, Keeping] | None:
    keeping = root.fields[0].keeping if len(root.fields) == 1 else None
    return None if keeping is None else (root.fields[0], keeping)
