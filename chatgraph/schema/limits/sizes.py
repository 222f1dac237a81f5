"""
How many objects a field asks for, for each parent: known from the document, or open until variables tell.

An object is what a field with a selection returns, those wrappers aside:

    a page                  has `first` or `last`, or returns a `…Connection`: the larger of the two, else 50
    a list by ids           takes a list of IDs: as many as there are ids
    any other list          10
    an explanation          50, since nothing of it is read together with others
    anything else           1
    __schema and __type     0: their lists are counted on their own
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

MOST = 10**9  # where counting stops: sums saturate here
PAGE, LARGEST_PAGE, LIST, EXPLANATION = 50, 100, 10, 50

Values: TypeAlias = Mapping[str, Any] | None  # variables by name; None while they aren't known


class Told(NamedTuple):
    """A size that variables tell: the largest of those that they *name*, and of what is *known*."""

    names: list[str]
    size: Callable[[Any], int]
    known: int
    otherwise: int

    def of(self, values: Values) -> int:
        """Give the size that they tell."""
        if values is None:
            return self.known or 1
        sizes = [self.size(values[name]) for name in self.names if values.get(name) is not None]
        return max(self.known, *sizes, 0) or self.otherwise


Factor: TypeAlias = int | Told  # objects for each parent


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
                times = factor if isinstance(factor, int) else factor.of(values)
                total = min(MOST, total + times * below.total(values, memo))
            memo[self] = total
        return total

    def names(self, seen: "set[Objects] | None" = None) -> set[str]:
        """Give the variables by which the sum is closed."""
        seen = set() if seen is None else seen
        if self in seen:
            return set()
        seen.add(self)
        told = [factor.names for factor, _ in self.open if isinstance(factor, Told)]
        return set().union(*told, *(below.names(seen) for _, below in self.open))


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
        return EXPLANATION if returned.name == "Explanation" else 1
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
    return Told(names, size, known, otherwise) if names else known or otherwise


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
