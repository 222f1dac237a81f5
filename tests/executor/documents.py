"""Random documents for a schema: fragments, aliases, variables, conditions, and fields that merge."""

import re
from random import Random
from typing import Any, NamedTuple

from graphql import (
    GraphQLNamedType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_object_type,
)

ARGUMENTS = {
    "count": ["0", "1", "3", "$count"],
    "prefix": ['"b"', "$prefix"],
    "times": ["null", "4", "$count"],
    "pair": ["{left: 1}", "{left: 2, right: null, colour: RED}", "$pair", "{left: $count}"],
    "colours": ["[RED]", "[]", "null", "GREEN", "$colours"],
    "key": ["2", "5", "$count"],
}
VARIABLES = {
    "count": "Int! = 2",
    "prefix": 'String! = "p"',
    "pair": "Pair! = {left: 9}",
    "colours": "[Colour!]",
    "yes": "Boolean! = true",
    "no": "Boolean! = false",
}


class Asked(NamedTuple):
    """A document with its variables."""

    text: str
    variables: dict[str, Any]


class Author:
    """Writes documents for a schema, the same for the same *seed*."""

    def __init__(self, schema: GraphQLSchema, seed: int) -> None:
        self.schema = schema
        self.random = Random(seed)
        self.fragments: list[str] = []

    def write(self) -> Asked:
        """Write a query, or now and then a mutation."""
        mutates = self.random.random() < 0.1
        root = self.schema.mutation_type if mutates else self.schema.query_type
        assert root is not None
        body = self.selected(root, 4)
        written = "\n".join([body, *self.fragments])
        used = [f"${name}: {of}" for name, of in VARIABLES.items() if re.search(rf"\${name}\b", written)]
        head = f"({', '.join(used)})" if used else ""
        text = f"{'mutation' if mutates else 'query'} Asked{head} {written}"
        variables: dict[str, Any] = {}
        for name, values in {
            "count": [1, 3],
            "prefix": ["q"],
            "pair": [{"left": 4}, {"left": 5, "right": 6, "colour": "RED"}],
            "colours": [None, ["GREEN", "RED"]],
            "yes": [True, False],
            "no": [True, False],
        }.items():
            if self.random.random() < 0.5:
                variables[name] = self.random.choice(values)
        return Asked(text, variables)

    def selected(self, type_: GraphQLNamedType, depth: int) -> str:
        """Write what is selected of a type."""
        parts = [self.part(type_, depth) for _ in range(self.random.randint(1, 5))]
        return "{ " + " ".join(["__typename", *parts] if self.random.random() < 0.3 else parts) + " }"

    def part(self, type_: GraphQLNamedType, depth: int) -> str:
        """Write a field or a fragment."""
        chance = self.random.random()
        if depth and chance < 0.12:
            on = self.narrower(type_)
            head = f"... on {on.name}" if on is not type_ or self.random.random() < 0.5 else "..."
            return f"{head}{self.condition()} {self.selected(on, depth - 1)}"
        if depth and chance < 0.2:
            on = self.narrower(type_)
            name = f"F{len(self.fragments)}"
            self.fragments.append("")
            self.fragments[int(name[1:])] = f"fragment {name} on {on.name} {self.selected(on, depth - 1)}"
            return f"...{name}{self.condition()}" + (f" ...{name}" if chance < 0.14 else "")
        fields = getattr(type_, "fields", {})
        names = [
            name for name, one in fields.items() if depth or not is_composite_type(get_named_type(one.type))
        ]
        if not names:
            return "__typename"
        name = self.random.choice(names)
        return self.field(name, fields[name], depth)

    def field(self, name: str, field: Any, depth: int) -> str:
        """Write a field, under a name that tells of its arguments, so that those of one name merge."""
        given = [
            f"{argument}: {self.random.choice(ARGUMENTS[argument])}"
            for argument, definition in field.args.items()
            if argument == "pair" or self.random.random() < 0.5
        ]
        arguments = f"({', '.join(given)})" if given else ""
        alias = "".join(letter for letter in arguments if letter.isalnum())
        written = f"{name}{alias}: {name}{arguments}" if alias or self.random.random() < 0.1 else name
        below = get_named_type(field.type)
        rest = f" {self.selected(below, depth - 1)}" if is_composite_type(below) else ""
        return f"{written}{self.condition()}{rest}"

    def condition(self) -> str:
        """Write a directive, now and then."""
        if self.random.random() > 0.1:
            return ""
        value = self.random.choice(["true", "false", "$yes", "$no"])
        return f" @{self.random.choice(['skip', 'include'])}(if: {value})"

    def narrower(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        """Give the type, or one of those that it may be."""
        if is_abstract_type(type_) and self.random.random() < 0.8:
            return self.random.choice(list(self.schema.get_possible_types(type_)))
        if is_object_type(type_) and type_.interfaces and self.random.random() < 0.3:
            return type_.interfaces[0]
        return type_
