"""Asking the schema: a document, its variables and a visit go in, an answer comes out. Both doors come through here."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution.values import VariableValues

from chatgraph.chat import Visit
from chatgraph.deadlines import within
from chatgraph.errors import ChatError, Invalid, Unavailable
from chatgraph.executor import Operation
from chatgraph.schema.context import Context
from chatgraph.schema.documents import MOST_BYTES, Documents, Ready
from chatgraph.schema.fallbacks import Fallbacks
from chatgraph.schema.kept import Kept
from chatgraph.schema.limits import BOUNDS, within_bounds
from chatgraph.schema.masking import tell
from chatgraph.schema.schema import SCHEMA

SECONDS = 5


class Question(NamedTuple):
    """
    What somebody sends to be executed.

    *sha256* is the hash by which the document is persisted, or is to be; *query* is empty where that is all there is.
    *body* is the request in which it came, where another one like it would ask the same.
    """

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] | None = None
    sha256: str | None = None
    body: bytes = b""


class Answer(NamedTuple):
    """
    What execution gave. *refused* says that it never began: there is no data then, not even null.

    *errors* are as the client gets them, each with `extensions.code`.
    """

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    refused: bool = False

    @property
    def failure(self) -> dict[str, Any] | None:
        """The extensions of the first error, where nothing that was asked for was given."""
        if not self.errors or any(value is not None for value in (self.data or {}).values()):
            return None
        return self.errors[0]["extensions"]

    def body(self) -> dict[str, Any]:
        """Write the response map of the GraphQL specification (section 7)."""
        if self.refused:
            return {"errors": self.errors}
        return {"errors": self.errors, "data": self.data} if self.errors else {"data": self.data}


# In the words that clients know; they send the document then.
NOT_PERSISTED = Answer(
    None,
    [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}],
    refused=True,
)


class WrongMethod(Exception):
    """Raised when a document that writes is sent by a method that may only read."""


class Graph:
    """
    The schema with its prepared documents, about *most_bytes* of them. *introspection* False hides the schema.

    *compiled* False has them executed by graphql-core, which takes longer. *fallbacks* counts by reason what was
    executed so.
    """

    def __init__(
        self, introspection: bool = True, compiled: bool = True, most_bytes: int = MOST_BYTES
    ) -> None:
        self.introspection = introspection
        self._kept = Kept()
        self.fallbacks = Fallbacks()
        self._documents = Documents(SCHEMA._schema, introspection, compiled, most_bytes)

    def known(self, body: bytes) -> Ready | None:
        """Give the query in a request whose like was prepared before; None for what has to be read and prepared."""
        return self._documents.known(body)

    def recall(self, question: Question) -> Question:
        """Give a question with the document that it names by a hash; as it is, where that isn't known."""
        if question.query or question.sha256 is None:
            return question
        return question._replace(query=self._documents.recall(question.sha256) or "")

    def prepare(self, question: Question) -> Operation | Answer:
        """Give the operation of a question that may be executed, or the answer that refuses it."""
        if not question.query:
            return NOT_PERSISTED
        prepared = self._documents.prepare(question.query)
        if prepared.weighed is None:
            return _refuse(*prepared.errors)
        if question.sha256 is not None:
            self._documents.persist(prepared, question.sha256)
        try:
            operation = self._documents.operation(prepared, question.operation_name)
        except LookupError:
            return _refuse(_unnamed(question))
        if prepared.weighed.varies and (
            refusal := prepared.weighed.refusal(question.operation_name, question.variables)
        ):
            return _refuse(refusal)
        if question.body and operation.kind is OperationType.QUERY:
            self._documents.know(question.body, prepared, operation, question.variables)
        return operation

    def subscribes(self, question: Question) -> bool:
        """Tell whether a question is a subscription that may be begun."""
        operation = self.prepare(question)
        return isinstance(operation, Operation) and operation.kind is OperationType.SUBSCRIPTION

    async def ask(
        self, visit: Visit, question: Question, *, only_queries: bool = False, written: bool = False
    ) -> Answer:
        """
        Execute a question for the visit's viewer. Whatever goes wrong is told in the answer.

        The data of one that is *written* can't but be written by orjson: there may be JSON in it that is kept.

        Raises `WrongMethod` alone: for a mutation, where *only_queries*.
        """
        operation = self.prepare(question)
        if isinstance(operation, Answer):
            return operation
        return await self.execute(
            visit, operation, question.variables, only_queries=only_queries, written=written
        )

    async def execute(
        self,
        visit: Visit,
        operation: Operation,
        variables: Mapping[str, Any] | VariableValues | None,
        *,
        only_queries: bool = False,
        written: bool = False,
    ) -> Answer:
        """Execute an operation that `prepare` gave, as `ask` does."""
        if operation.kind is OperationType.SUBSCRIPTION:
            return _refuse(
                _wrap(
                    Invalid("A subscription is asked over a socket, or accepts text/event-stream.", "query")
                )
            )
        if only_queries and operation.kind is not OperationType.QUERY:
            raise WrongMethod
        try:
            result = operation.execute(Context(visit, self._kept, written=written), variables)
            if operation.fallbacks:
                self.fallbacks.take(operation)
            if not isinstance(result, ExecutionResult):
                result = await within(SECONDS, result)
            result = within_bounds(result)
        except TimeoutError:
            return _refuse(
                _wrap(Unavailable(f"This took longer than {SECONDS} s; it may still have been done."))
            )
        errors = [tell(error) for error in result.errors or ()]
        never_began = result.data is None and bool(errors) and all("path" not in error for error in errors)
        if never_began:
            return Answer(None, errors[: BOUNDS.errors_told], refused=True)
        return Answer(result.data, errors)


def _unnamed(question: Question) -> GraphQLError:
    if question.operation_name:
        return _wrap(
            Invalid(f"The document has no operation called {question.operation_name!r}.", "operationName")
        )
    return _wrap(
        Invalid(
            "The document has several operations, or none: say which in `operationName`.", "operationName"
        )
    )


def _wrap(error: ChatError) -> GraphQLError:
    return GraphQLError(error.message, original_error=error)


def _refuse(*errors: GraphQLError) -> Answer:
    return Answer(None, [tell(error) for error in errors], refused=True)
