"""
How much one document may ask for, whoever sends it.

A document is weighed once, before any other rule and before any SQL; it need not be valid for that:

    weighed = weigh(schema, document, credentials={"login", "register"})  # once per text, kept beside the document
    weighed.errors                                      # what is too much, whatever the variables hold
    weighed.refusal(operation_name, variables)          # before each execution, where weighed.varies

What counts as a level is told in `weights`, what as an object in `sizes`, what as repeated in
`repeats`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, Undefined

from chatgraph.schema.limits.repeats import count_repeats
from chatgraph.schema.limits.sizes import MOST, read
from chatgraph.schema.limits.weights import Scale, Weight


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that one operation may ask for; introspection is bounded on its own, by its standard query."""

    tokens: int = 1000  # for the parser, which alone sees them
    depth: int = 10
    aliases: int = 15
    alias_length: int = 100  # in characters: it stands in the answer for each object
    directives: int = 10
    root_fields: int = 10
    repeats: int = 100  # in the document
    fragments: int = 50  # in the document
    credentials: int = 1
    objects: int = 10_000
    introspection_depth: int = 15  # the standard query has 15
    introspection_recursion: int = 1  # lists of a type's fields or types within one another: it has 1
    introspection_lists: int = 18  # it has 9
    errors_told: int = 5  # for whoever answers


BOUNDS = Bounds()
MOST_COUNTED = 64  # answers kept for each document

SENTENCES = {
    "depth": "This operation is {} levels deep; at most {} are allowed.",
    "aliases": "This operation has {} aliases; at most {} are allowed.",
    "alias_length": "This operation has an alias of {} characters; at most {} are allowed.",
    "directives": "This operation has {} directives; at most {} are allowed.",
    "root_fields": "This operation has {} root fields; at most {} are allowed.",
    "credentials": "This operation tries credentials {} times; at most {} try is allowed.",
    "objects": "This operation may ask for {} objects; at most {} are allowed: ask for smaller pages.",
    "introspection_depth": "This operation introspects {} levels deep; at most {} are allowed.",
    "introspection_recursion": "This operation introspects types within types {} times; at most {} is allowed.",
    "introspection_lists": "This operation introspects {} lists; at most {} are allowed.",
}
OF_OPERATIONS = tuple(SENTENCES)
SENTENCES |= {
    "fragments": "This document has {} fragments; at most {} are allowed.",
    "repeats": "This document repeats fields {} times; at most {} are allowed.",
}


class Weighed:
    """
    What `weigh` found, to be kept for as long as the parsed document.

    *errors* tells each limit that an operation breaks, once, whatever its variables hold. *varies* tells whether
    variables give the size of any page or list; where they don't, `refusal` has nothing to add to *errors*.
    """

    __slots__ = ("_bounds", "_counted", "_deciding", "_operations", "errors", "varies")

    def __init__(self, bounds: Bounds, operations: list[tuple[OperationDefinitionNode, Weight]]) -> None:
        self._bounds = bounds
        self._operations = operations
        self._deciding = sorted(set().union(*(weight.objects.names() for _, weight in operations)))
        self._counted: dict[tuple[Any, ...], int] = {}
        self.errors = tuple(error for each in operations for error in _errors(bounds, *each))
        self.varies = any(weight.objects.open for _, weight in operations)

    def objects(self, operation_name: str | None = None, variables: Mapping[str, Any] | None = None) -> int:
        """
        Estimate how many objects an operation asks for, given its *variables* as they were sent.

        0 where it isn't clear which operation is meant: that is for the executor to refuse.
        """
        if (found := self._named(operation_name)) is None:
            return 0
        given = variables or {}
        sizes = tuple([given.get(name, Undefined) for name in self._deciding])
        if not all(size is None or size is Undefined or size.__class__ is int for size in sizes):
            return _count(*found, given)
        key = operation_name, sizes
        objects = self._counted.get(key)
        if objects is None:
            objects = _count(*found, given)
            if len(self._counted) < MOST_COUNTED:
                self._counted[key] = objects
        return objects

    def fields(self, operation_name: str | None = None) -> int:
        """Give how many fields an operation has at most once it is compiled; 0 where it isn't clear which one."""
        found = self._named(operation_name)
        return found[1].fields if found else 0

    def refusal(
        self, operation_name: str | None = None, variables: Mapping[str, Any] | None = None
    ) -> GraphQLError | None:
        """Say why an operation may not run with these *variables*, or None where it may."""
        objects = self.objects(operation_name, variables)
        if objects <= self._bounds.objects or (found := self._named(operation_name)) is None:
            return None
        return _too_much("objects", objects, self._bounds, found[0])

    def _named(self, name: str | None) -> tuple[OperationDefinitionNode, Weight] | None:
        if not name:
            return self._operations[0] if len(self._operations) == 1 else None
        return next(
            (found for found in self._operations if found[0].name and found[0].name.value == name), None
        )


def weigh(
    schema: GraphQLSchema, document: DocumentNode, *, credentials: Iterable[str] = (), bounds: Bounds = BOUNDS
) -> Weighed:
    """
    Weigh every operation of *document*, in one pass over its text.

    *credentials* names the root mutations that check or hand out a password or token. Nothing is raised: fields,
    types and fragments that don't exist, and fragments that spread themselves, are for the other rules to report.
    """
    scale = Scale(schema, document, credentials)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    weighed = Weighed(bounds, [(operation, scale.operation(operation)) for operation in operations])
    found = {"fragments": len(scale.fragments), "repeats": count_repeats(document, scale.fragments)}
    weighed.errors += tuple(
        _too_much(limit, found[limit], bounds) for limit in found if found[limit] > getattr(bounds, limit)
    )
    return weighed


def _count(operation: OperationDefinitionNode, weight: Weight, variables: Mapping[str, Any]) -> int:
    defaults = {
        variable.variable.name.value: read(variable.default_value)
        for variable in operation.variable_definitions or ()
        if variable.default_value
    }
    return weight.objects.total({**defaults, **variables})


def _errors(bounds: Bounds, operation: OperationDefinitionNode, weight: Weight) -> Iterator[GraphQLError]:
    for limit in OF_OPERATIONS:
        found = weight.objects.total(None) if limit == "objects" else getattr(weight, limit)
        if found > getattr(bounds, limit):
            yield _too_much(limit, found, bounds, operation)


def _too_much(
    limit: str, found: int, bounds: Bounds, operation: OperationDefinitionNode | None = None
) -> GraphQLError:
    told = str(found) if found < MOST else f"over {MOST - 1}"
    message = SENTENCES[limit].format(told, getattr(bounds, limit))
    nodes = None if operation is None else [operation]
    return GraphQLError(message, nodes, extensions={"code": "GRAPHQL_VALIDATION_FAILED"})
