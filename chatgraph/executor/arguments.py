"""Arguments: coerced once where they never change, and otherwise once for each execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLNonNull, NonNullTypeNode, Undefined, VariableNode, Visitor, visit
from graphql.execution.values import get_argument_values
from graphql.utilities.coerce_input_value import coerce_input_literal
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from chatgraph.executor.infos import LazyInfo
from chatgraph.executor.inputs import Make, find_maker, is_plain
from chatgraph.executor.variables import SHAREABLE

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.layers import Layer
    from chatgraph.executor.running import Run

Plain = tuple[str | None, str, Make | None, Any]


class Arguments:
    """
    The arguments of a field of an operation.

    Those that are written out in the document and can't be changed by whoever gets them are coerced once. *converts*
    says that they are turned into Strawberry's types and Python's names. Where all are written out, or variables whose
    values stay as they are or make an input object at once, *plain* holds for each the variable's name, or none and
    what is written out, and the name that it is given by.
    """

    def __init__(self, field: Field, converts: StrawberryField | None) -> None:
        self.field = field
        self.converts = converts
        self.constant: dict[str, Any] | None = None
        self.varies = _uses_variables(field)
        self.plain = _find_plain(field, converts)
        node = field.nodes[0]
        if not field.definition.args and not node.arguments:
            self.constant = {}
        elif self.plain is not None and all(name is None for name, *_ in self.plain):
            self.constant = {out: written for _, out, _, written in self.plain}

    def of(self, run: Run, layer: Layer) -> dict[str, Any]:
        """Give the arguments in one execution. Raises what coercing them raises, for every object."""
        if self.constant is not None:
            return self.constant
        if self.plain is not None:
            variables = run.variables.coerced
            return {
                out: written if name is None else variables[name] if make is None else make(variables[name])
                for name, out, make, written in self.plain
                if name is None or name in variables
            }
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


def _find_plain(field: Field, converts: StrawberryField | None) -> list[Plain] | None:
    """Say where each argument comes from, if all need no more than to be handed on."""
    definitions, nodes = field.definition.args, field.nodes[0].arguments or ()
    given = {node.name.value: node.value for node in nodes}
    signatures = {
        node.variable.name.value: node.type for node in field.variant.operation.variable_definitions or ()
    }
    names = {name: definition.out_name or name for name, definition in definitions.items()}
    makers: dict[str, Make | None] = {}
    if converts is not None:
        converter = field.variant.converter
        for argument in converts.arguments:
            name = converter.config.name_converter.from_argument(argument)
            names[name] = argument.python_name
            if not is_plain(argument.type, converter):
                make = makers[name] = find_maker(argument.type, converter)
                if make is None:
                    return None
    plain: list[Plain] = []
    for name, definition in definitions.items():
        if definition.default is not None or definition.default_value is not Undefined:
            return None
        value, required = given.get(name), isinstance(definition.type, GraphQLNonNull)
        if value is None:
            if required:
                return None
            continue
        if not isinstance(value, VariableNode):
            written = coerce_input_literal(value, definition.type)
            if written.__class__ not in SHAREABLE:
                return None
            plain.append((None, names[name], None, written))
            continue
        signature = signatures.get(value.name.value)
        if signature is None or (required and not isinstance(signature, NonNullTypeNode)):
            return None
        plain.append((value.name.value, names[name], makers.get(name), None))
    return plain


def _uses_variables(field: Field) -> bool:
    class Seen(Visitor):
        any = False

        def enter_variable(self, _node: VariableNode, *_: Any) -> None:
            self.any = True

    seen = Seen()
    for argument in field.nodes[0].arguments or ():
        visit(argument, seen)
    return seen.any
