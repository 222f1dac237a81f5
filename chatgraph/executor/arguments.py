"""Arguments: coerced once where they never change, and otherwise once for each execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import VariableNode, Visitor, visit
from graphql.execution.values import get_argument_values
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from chatgraph.executor.infos import LazyInfo

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.layers import Layer
    from chatgraph.executor.running import Run

SHAREABLE = (str, int, float, bool, type(None))


class Arguments:
    """
    The arguments of a field of an operation.

    Those that are written out in the document and can't be changed by whoever gets them are coerced once. *converts*
    says that they are turned into Strawberry's types and Python's names.
    """

    def __init__(self, field: Field, converts: StrawberryField | None) -> None:
        self.field = field
        self.converts = converts
        self.constant: dict[str, Any] | None = None
        self.varies = _uses_variables(field)
        node = field.nodes[0]
        if not field.definition.args and not node.arguments:
            self.constant = {}

    def of(self, run: Run, layer: Layer) -> dict[str, Any]:
        """Give the arguments in one execution. Raises what coercing them raises, for every object."""
        if self.constant is not None:
            return self.constant
        given = run.arguments.get(self.field)
        if given is None:
            given = run.arguments[self.field] = self._coerce(run, layer)
            if not self.varies and all(type(value) in SHAREABLE for value in given.values()):
                self.constant = given
        return given

    def _coerce(self, run: Run, layer: Layer) -> dict[str, Any]:
        field = self.field
        given = get_argument_values(
            field.definition, field.nodes[0], run.variables, None, run.variant.hide_suggestions
        )
        if self.converts is None:
            return given
        converter = run.variant.converter
        return convert_arguments(
            given,
            self.converts.arguments,
            scalar_registry=converter.scalar_registry,
            config=converter.config,
            info=LazyInfo.of(run, layer, field, 0),
        )


def _uses_variables(field: Field) -> bool:
    class Seen(Visitor):
        any = False

        def enter_variable(self, _node: VariableNode, *_: Any) -> None:
            self.any = True

    seen = Seen()
    for argument in field.nodes[0].arguments or ():
        visit(argument, seen)
    return seen.any
