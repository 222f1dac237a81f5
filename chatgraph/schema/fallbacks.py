"""What graphql-core executed instead of the compiled executor, by reason: so that whoever runs the server can see it."""

from collections import Counter

import structlog

from chatgraph.executor import TURNED_OFF, Operation

MOST_REASONS = 32
OTHER = "another reason"

log = structlog.get_logger()


class Fallbacks(Counter[str]):
    """Counts executions by reason. Each reason that nobody asked for is logged once; nothing of a document is, which a stranger wrote."""

    def take(self, operation: Operation) -> None:
        """Take over what an operation has counted so far."""
        counted = dict(operation.fallbacks)
        operation.fallbacks.clear()
        for reason, times in counted.items():
            # What comes after a colon may hold words of the document.
            known = reason.partition(":")[0]
            if known not in self and len(self) >= MOST_REASONS:
                known = OTHER
            if known not in self and known != TURNED_OFF:
                log.warning("executed by graphql-core, not compiled", reason=known)
            self[known] += times
