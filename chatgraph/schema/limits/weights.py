"""
What each part of a document weighs: every fragment once, whatever spreads it.

One linear pass. Sums (fields, aliases, directives, objects) count a fragment wherever it is spread; depths are of
the deepest path. Fields that merge, and fragments on types that exclude one another, are all counted: an upper bound.

Depth counts nouns: `edges`, `node`, `nodes` and `pageInfo` of a type called `…Connection` or `…Edge` are no level.

What an object is, and how many a field asks for, is told in `sizes`.
"""

import dataclasses
from collections.abc import Iterable

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from chatgraph.schema.limits.sizes import MOST, Factor, Objects, factor_of, returns_list

DEEPEST = 100  # braces and spreads within one another: two frames each, so well below Python's own limit
WRAPPERS = frozenset({"edges", "node", "nodes", "pageInfo"})
RECURSIVE = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})  # a type's ways to types


@dataclasses.dataclass(slots=True, eq=False)
class Weight:
    """What a selection weighs. Sums are of all that it spreads; depths are of its deepest path, a length of the longest."""

    # As they are compiled: on an interface or a union, once for each type that may stand there.
    fields: int = 0
    aliases: int = 0
    alias_length: int = 0  # of the longest
    directives: int = 0
    root_fields: int = 0
    credentials: int = 0
    depth: int = 0
    introspection_depth: int = 0
    introspection_recursion: int = 0
    introspection_lists: int = 0
    objects: Objects = dataclasses.field(default_factory=Objects)

    def take(self, below: "Weight", factor: Factor = 1, noun: int = 0, meta: int = 0, lists: int = 0) -> None:
        """Add what a part weighs; *noun*, *meta* and *lists* are the levels that the part itself adds."""
        self.fields = min(MOST, self.fields + below.fields)
        self.aliases = min(MOST, self.aliases + below.aliases)
        self.alias_length = max(self.alias_length, below.alias_length)
        self.directives = min(MOST, self.directives + below.directives)
        self.introspection_lists = min(MOST, self.introspection_lists + below.introspection_lists)
        self.depth = max(self.depth, below.depth + noun)
        self.introspection_depth = max(self.introspection_depth, below.introspection_depth + meta)
        recursion = below.introspection_recursion + lists
        self.introspection_recursion = max(self.introspection_recursion, recursion)
        self.objects.add(factor, below.objects)

    def spread(self, below: "Weight") -> None:
        """Add a fragment that stands here: its fields are fields of this selection."""
        self.root_fields = min(MOST, self.root_fields + below.root_fields)
        self.credentials = min(MOST, self.credentials + below.credentials)
        self.take(below)


class Scale:
    """Weighs selections of one document, which need not be valid: what isn't known is weighed by its shape."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, credentials: Iterable[str]) -> None:
        self.schema = schema
        self.credentials = frozenset(credentials)
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self.weighed: dict[str, Weight | None] = {}

    def weigh(self, selected: SelectionSetNode, parent: GraphQLNamedType | None, level: int = 0) -> Weight:
        """Weigh what is selected on *parent* (None: not a type of the schema)."""
        weight = Weight()
        if level > DEEPEST:
            weight.depth = DEEPEST
            return weight
        for node in selected.selections:
            weight.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                self.field(weight, node, parent, level)
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition
                inner = self.schema.get_type(on.name.value) if on else parent
                weight.spread(self.weigh(node.selection_set, inner, level + 1))
            elif isinstance(node, FragmentSpreadNode) and (below := self.fragment(node.name.value, level)):
                weight.spread(below)
        return weight

    def operation(self, operation: OperationDefinitionNode) -> Weight:
        """Weigh an operation, with the directives of its head and of its variables."""
        weight = self.weigh(operation.selection_set, self.schema.get_root_type(operation.operation))
        for holder in (operation, *(operation.variable_definitions or ())):
            weight.directives += len(holder.directives or ())
        return weight

    def fragment(self, name: str, level: int) -> Weight | None:
        """Weigh a fragment once; None where it is unknown or spreads itself, which other rules report."""
        if name not in self.weighed:
            self.weighed[name] = None
            if definition := self.fragments.get(name):
                on = self.schema.get_type(definition.type_condition.name.value)
                weight = self.weigh(definition.selection_set, on, level + 1)
                weight.directives += len(definition.directives or ())
                self.weighed[name] = weight
        return self.weighed[name]

    def field(self, weight: Weight, node: FieldNode, parent: GraphQLNamedType | None, level: int) -> None:
        """Add a field of *parent*, and what is selected below it, to *weight*."""
        name = node.name.value
        weight.root_fields += 1
        if node.alias is not None:
            weight.aliases += 1
            weight.alias_length = max(weight.alias_length, len(node.alias.value))
        weight.credentials += name in self.credentials and parent is self.schema.mutation_type
        definition = self.schema.get_field(parent, name) if is_composite_type(parent) else None
        returned = get_named_type(definition.type) if definition else None
        on = parent.name if parent else ""
        meta = on.startswith("__") or (returned is not None and name in ("__schema", "__type"))
        wrapper = name in WRAPPERS and on.endswith(("Connection", "Edge"))
        types = len(self.schema.get_possible_types(parent)) if is_abstract_type(parent) else 1
        if node.selection_set is None:
            weight.fields = min(MOST, weight.fields + types)
            weight.depth = max(weight.depth, 0 if meta or wrapper else 1)
            weight.introspection_depth = max(weight.introspection_depth, 1 if meta else 0)
            return
        below = self.weigh(node.selection_set, returned, level + 1)
        below.fields = min(MOST, types * (1 + below.fields))
        if meta:
            below.introspection_lists += definition is not None and returns_list(definition)
            weight.take(below, meta=1, lists=name in RECURSIVE)
        elif wrapper:
            weight.take(below)
        else:
            below.objects.known += 1
            weight.take(below, factor_of(node, definition, returned), noun=1)
