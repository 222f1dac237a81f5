"""Documents: each text is parsed, weighed and validated once, its operations compiled once, and kept while it is used."""

from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, specified_rules, validate
from graphql.execution.values import VariableValues
from graphql.validation import NoSchemaIntrospectionCustomRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from chatgraph.executor import Operation, compile_operation, is_shareable
from chatgraph.operations.asked import Asked
from chatgraph.schema.limits import BOUNDS, Weighed, weigh
from chatgraph.schema.memory import body_bytes, compiled_bytes, parsed_bytes, text_bytes
from chatgraph.schema.mutations import CREDENTIAL_MUTATIONS

RULES = [*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule]
MOST_BYTES = 32 * 1024 * 1024
# How many requests are known for each document, of how many bytes, and how many are waited for to come again.
MOST_BODIES, LONGEST_BODY, MOST_ASKED = 256, 4096, 2048


class Prepared:
    """
    A document that may be executed, or the *errors* for which it may not.

    *operations* are those of its operations that were executed, by the name they were asked by, and *bodies* the
    requests that ask for them. *weight* is about how many bytes all of it takes. *sha256* is the hash by which it is
    persisted.
    """

    __slots__ = ("bodies", "document", "errors", "operations", "sha256", "text", "weighed", "weight")

    def __init__(self, text: str) -> None:
        self.text = text
        self.document: DocumentNode | None = None
        self.weighed: Weighed | None = None
        self.errors: list[GraphQLError] = []
        self.operations: dict[str | None, Operation] = {}
        self.bodies: deque[bytes] = deque()
        self.weight = text_bytes(text)
        self.sha256: str | None = None


class Ready(NamedTuple):
    """What a request asks: an operation of a document that may be executed, with its variables coerced."""

    prepared: Prepared
    operation: Operation
    variables: VariableValues


class Documents:
    """
    Prepares documents for one schema. Keeps the last used ones, up to about *most* bytes.

    Refused ones are kept too: refusing the same text again costs nothing. *compiled* False has all operations
    executed by graphql-core.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        introspection: bool = True,
        compiled: bool = True,
        most: int = MOST_BYTES,
    ) -> None:
        self._schema = schema
        self._introspection = introspection
        self._compiled = compiled
        self._rules = RULES if introspection else [*RULES, NoSchemaIntrospectionCustomRule]
        self._most = most
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._persisted: dict[str, str] = {}
        self._known: dict[bytes, Ready] = {}
        self._asked = Asked(MOST_ASKED)
        self.weight = 0

    def prepare(self, text: str) -> Prepared:
        """Parse, weigh and validate a document, or give what that gave before."""
        if (prepared := self._kept.get(text)) is not None:
            self._kept.move_to_end(text)
            return prepared
        prepared = self._kept[text] = self._prepare(text)
        self._add(prepared.weight)
        return prepared

    def persist(self, prepared: Prepared, sha256: str) -> None:
        """Let a document be named by its hash, as long as it is kept."""
        if prepared.sha256 is None and self._kept.get(prepared.text) is prepared:
            prepared.sha256 = sha256
            self._persisted[sha256] = prepared.text

    def recall(self, sha256: str) -> str | None:
        """Give the text of a persisted document."""
        return self._persisted.get(sha256)

    def operation(self, prepared: Prepared, name: str | None) -> Operation:
        """Compile an operation of a document that may be executed, once. Raises `LookupError` if it has no such one."""
        if (operation := prepared.operations.get(name)) is not None:
            return operation
        if prepared.document is None or prepared.weighed is None:
            raise LookupError("The document was refused.")
        operation = compile_operation(
            self._schema,
            prepared.document,
            name,
            self._compiled,
            hide_suggestions=not self._introspection,
        )
        prepared.operations[name] = operation
        weight = compiled_bytes(prepared.document, prepared.weighed.fields(name))
        prepared.weight += weight
        if self._kept.get(prepared.text) is prepared:
            self._add(weight)
        return operation

    def known(self, body: bytes) -> Ready | None:
        """Give what is asked by a request that is known, byte for byte."""
        if (ready := self._known.get(body)) is not None:
            self._kept.move_to_end(ready.prepared.text)
        return ready

    def know(
        self, body: bytes, prepared: Prepared, operation: Operation, given: Mapping[str, Any] | None
    ) -> None:
        """Know a request that is sent again, as long as its document is kept; *given* are the variables in it."""
        if len(body) > LONGEST_BODY or not self._asked.again(hash(body)):
            return
        variables = operation.coerce(given)
        if isinstance(variables, list) or not is_shareable(variables):
            return
        if body in self._known or self._kept.get(prepared.text) is not prepared:
            return
        self._known[body] = Ready(prepared, operation, variables)
        prepared.bodies.append(body)
        weight = body_bytes(body)
        if len(prepared.bodies) > MOST_BODIES:
            gone = prepared.bodies.popleft()
            del self._known[gone]
            weight -= body_bytes(gone)
        prepared.weight += weight
        self._add(weight)

    def _add(self, weight: int) -> None:
        self.weight += weight
        while self.weight > self._most:
            _, gone = self._kept.popitem(last=False)
            self.weight -= gone.weight
            if gone.sha256 is not None:
                del self._persisted[gone.sha256]
            for body in gone.bodies:
                del self._known[body]

    def _prepare(self, text: str) -> Prepared:
        prepared = Prepared(text)
        try:
            document = parse(text, max_tokens=BOUNDS.tokens)
        except GraphQLError as error:
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            prepared.errors = [error.with_traceback(None)]
            return prepared
        prepared.weight += parsed_bytes(document)
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
        prepared.errors = errors[: BOUNDS.errors_told]
        if not errors:
            prepared.document, prepared.weighed = document, weighed
        return prepared
