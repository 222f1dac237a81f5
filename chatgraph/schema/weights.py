"""
What each part of a document weighs: every fragment once, whatever spreads it.

One linear pass. Sums (aliases, directives, fields, objects) count a fragment wherever it is spread; depths are of
the deepest path. Fields that merge, and fragments on types that exclude one another, are all counted: an upper bound.

Depth counts nouns: `edges`, `node`, `nodes` and `pageInfo` of a type called `…Connection` or `…Edge` are no level.

An object is what a field with a selection returns, those wrappers aside:

    a page                  has `first` or `last`, or returns a `…Connection`: the larger of the two, else 50
    a list by ids           takes a list of IDs: as many as there are ids
    any other list          10
    anything else           1
    __schema and __type     0: their lists are counted on their own
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

MOST = 10**9  # where counting stops: sums saturate here
DEEPEST = 100  # braces and spreads within one another: two frames each, so well below Python's own limit
PAGE, LARGEST_PAGE, LIST = 50, 100, 10
WRAPPERS = frozenset({"edges", "node", "nodes", "pageInfo"})
RECURSIVE = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})  # a type's ways to types

Values: TypeAlias = Mapping[str, Any] | None  # variables by name; None while they aren't known
Factor: TypeAlias = int | Callable[[Values], int]  # objects for each parent: known, or as variables tell


class Objects:
    """How many objects a selection asks for: a sum, open where a variable gives the size of a page."""

    __slots__ = ("known", "open")

    def __init__(self) -> None:
        self.known = 0
        self.open: list[tuple[Factor, Objects]] = []

    def add(self, factor: Factor, below: "Objects") -> None:
        """Add *factor* times what is *below*."""
        if isinstance(factor, int) and not below.open:
            self.known = min(MOST, self.known + factor * below.known)
        else:
            self.open.append((factor, below))

    def total(self, values: Values, memo: "dict[Objects, int] | None" = None) -> int:
        """Close the sum with *values*; what fragments share is summed once, by *memo*."""
        if not self.open:
            return self.known
        memo = {} if memo is None else memo
        if (total := memo.get(self)) is None:
            total = self.known
            for factor, below in self.open:
                times = factor if isinstance(factor, int) else factor(values)
                total = min(MOST, total + times * below.total(values, memo))
            memo[self] = total
        return total


@dataclasses.dataclass(slots=True, eq=False)
class Weight:
    """What a selection weighs. Sums are of all that it spreads; depths are of its deepest path."""

    aliases: int = 0
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
        self.aliases = min(MOST, self.aliases + below.aliases)
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
        weight.aliases += node.alias is not None
        weight.credentials += name in self.credentials and parent is self.schema.mutation_type
        definition = self.schema.get_field(parent, name) if is_composite_type(parent) else None
        returned = get_named_type(definition.type) if definition else None
        on = parent.name if parent else ""
        meta = on.startswith("__") or (returned is not None and name in ("__schema", "__type"))
        wrapper = name in WRAPPERS and on.endswith(("Connection", "Edge"))
        if node.selection_set is None:
            weight.depth = max(weight.depth, 0 if meta or wrapper else 1)
            weight.introspection_depth = max(weight.introspection_depth, 1 if meta else 0)
            return
        below = self.weigh(node.selection_set, returned, level + 1)
        if meta:
            below.introspection_lists += definition is not None and returns_list(definition)
            weight.take(below, meta=1, lists=name in RECURSIVE)
        elif wrapper:
            weight.take(below)
        else:
            below.objects.known += 1
            weight.take(below, factor_of(node, definition, returned), noun=1)


def returns_list(definition: GraphQLField) -> bool:
    """Tell whether a field returns a plain list."""
    return is_list_type(get_nullable_type(definition.type))


def factor_of(node: FieldNode, definition: GraphQLField | None, returned: GraphQLNamedType | None) -> Factor:
    """Read from its arguments how many objects a field returns for each parent."""
    if definition is None or returned is None:
        return 1
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    if returned.name.endswith("Connection") or "first" in definition.args or "last" in definition.args:
        return largest([given[name] for name in ("first", "last") if name in given], page_of, PAGE)
    if not returns_list(definition):
        return 1
    lists = [name for name, of in definition.args.items() if is_list_type(get_nullable_type(of.type))]
    ids = [name for name in lists if get_named_type(definition.args[name].type).name == "ID"]
    return largest([given[name] for name in ids if name in given], length_of, LIST)


def largest(arguments: list[ValueNode], size: Callable[[Any], int], otherwise: int) -> Factor:
    """
    Take the largest size that *arguments* give, *otherwise* where they give none (absent or null).

    While variables aren't known they count as 1, so that what is refused then is refused whatever they hold.
    """
    names = [value.name.value for value in arguments if isinstance(value, VariableNode)]
    literals = [read(value) for value in arguments if not isinstance(value, VariableNode)]
    known = max((size(value) for value in literals if value is not None), default=0)
    if not names:
        return known or otherwise

    def factor(values: Values) -> int:
        if values is None:
            return known or 1
        sizes = [size(values[name]) for name in names if values.get(name) is not None]
        return max(known, *sizes, 0) or otherwise

    return factor


def read(value: ValueNode) -> Any:
    """Read a literal as far as sizes need: an int, None, the items of a list; anything else is left as it is."""
    if isinstance(value, IntValueNode):
        return int(value.value) if len(value.value) < 10 else MOST
    if isinstance(value, ListValueNode):
        return value.values
    return None if isinstance(value, NullValueNode) else value


def page_of(value: Any) -> int:
    """The size of a page, put between 1 and the largest: the field itself refuses what isn't."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return min(max(value, 1), LARGEST_PAGE) if isinstance(value, int) else LARGEST_PAGE


def length_of(value: Any) -> int:
    """The length of a list that is given, at least 1."""
    return max(1, len(value)) if isinstance(value, list | tuple) else 1
