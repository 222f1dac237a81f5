"""Documents: each text is parsed, weighed and validated once, and kept while it is used."""

from collections import OrderedDict
from typing import NamedTuple

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, specified_rules, validate
from graphql.validation import NoSchemaIntrospectionCustomRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from chatgraph.executor import Operation
from chatgraph.schema.limits import BOUNDS, Weighed, weigh
from chatgraph.schema.mutations import CREDENTIAL_MUTATIONS

RULES = [*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule]
LEAST = 40


class Prepared(NamedTuple):
    """
    A document that may be executed, or the *errors* for which it may not.

    *operations* are those of its operations that were executed, by the name they were asked by.
    """

    document: DocumentNode | None
    weighed: Weighed | None
    errors: list[GraphQLError]
    operations: dict[str | None, Operation]


class Documents:
    """
    Prepares documents for one schema. Keeps the last used ones, up to *most* characters of text.

    Refused ones are kept too: refusing the same text again costs nothing. A character weighs about 200 bytes once it
    is parsed; a short text weighs as much as one of `LEAST` characters.
    """

    def __init__(self, schema: GraphQLSchema, introspection: bool = True, most: int = 100_000) -> None:
        self._schema = schema
        self._introspection = introspection
        self._rules = RULES if introspection else [*RULES, NoSchemaIntrospectionCustomRule]
        self._most = most
        self._size = 0
        self._kept: OrderedDict[str, Prepared] = OrderedDict()

    def prepare(self, text: str) -> Prepared:
        """Parse, weigh and validate a document, or give what that gave before."""
        if (prepared := self._kept.get(text)) is not None:
            self._kept.move_to_end(text)
            return prepared
        prepared = self._kept[text] = self._prepare(text)
        self._size += max(len(text), LEAST)
        while self._size > self._most:
            self._size -= max(len(self._kept.popitem(last=False)[0]), LEAST)
        return prepared

    def _prepare(self, text: str) -> Prepared:
        try:
            document = parse(text, max_tokens=BOUNDS.tokens)
        except GraphQLError as error:
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            return Prepared(None, None, [error.with_traceback(None)], {})
        weighed = weigh(self._schema, document, credentials=CREDENTIAL_MUTATIONS)
        errors = list(weighed.errors) or validate(
            self._schema,
            document,
            self._rules,
            max_errors=BOUNDS.errors_told,
            hide_suggestions=not self._introspection,
        )
        for error in errors:
            error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"}
        if errors:
            return Prepared(None, None, errors[: BOUNDS.errors_told], {})
        return Prepared(document, weighed, [], {})
