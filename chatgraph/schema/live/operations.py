"""A subscription that somebody asked for: what it selects, where it begins, and who else asks the same."""

from typing import Any, NamedTuple

import orjson
from graphql import FieldNode, VariableNode, Visitor, visit

from chatgraph.executor import Operation
from chatgraph.schema.graph import Question
from chatgraph.schema.subscription import Murmur, Source

# Whatever else an event leads to is the same for all who may listen.
VIEWERS_OWN = frozenset({
    "viewerRole", "viewerCan", "online", "explain", "bans", "invites", "joinRequests", "auditLog",
})  # fmt: skip


class Subscribed(NamedTuple):
    """An operation that was begun, and the *source* that its root field gave."""

    question: Question
    operation: Operation
    source: Source | Murmur

    def shared_by(self, user_id: int) -> tuple[Any, ...]:
        """Name the group of listeners for whom an event is written once, *user_id* being one of them."""
        seen = _Seen()
        visit(self.operation.document, seen)
        question = self.question
        # A position that is used for nothing else doesn't change what is told, nor does what isn't used at all.
        positions = {name for name in seen.positions if seen.variables.count(name) == 1}
        used = set(seen.variables) - positions
        variables = {key: value for key, value in (question.variables or {}).items() if key in used}
        try:
            written: object = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            written = object()  # too deep to be compared: shared with nobody
        where = (self.source.house_id, self.source.room_id) if isinstance(self.source, Source) else ()
        return (
            *where,
            question.query,
            question.operation_name,
            written,
            user_id if seen.viewers_own else None,
        )


class _Seen(Visitor):
    """What a document mentions."""

    def __init__(self) -> None:
        super().__init__()
        self.viewers_own = False
        self.variables: list[str] = []
        self.positions: list[str] = []

    def enter_variable_definition(self, *_: Any) -> Any:
        return False

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.variables.append(node.name.value)

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.viewers_own = self.viewers_own or node.name.value in VIEWERS_OWN
        if node.name.value in ("houseEvents", "roomEvents"):
            self.positions += [
                argument.value.name.value
                for argument in node.arguments or ()
                if argument.name.value == "after" and isinstance(argument.value, VariableNode)
            ]
