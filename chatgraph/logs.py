"""The logs: one record an event, for people or for machines; values are escaped, and local variables never shown."""

import logging
import sys
from contextvars import ContextVar

import structlog
from structlog.typing import EventDict

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)


def _name_request(_logger: object, _method: str, record: EventDict) -> EventDict:
    """Tell of which request a record is."""
    if (request_id := REQUEST_ID.get()) is not None:
        record["request_id"] = request_id
    return record


SHARED = [
    _name_request,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(log_format: str) -> None:
    """Write our records and those of the libraries to standard error, as `text` or `json`."""
    if log_format == "json":
        shown = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback
        shown = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler()
    cleaned = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=cleaned, foreign_pre_chain=SHARED))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("alembic", "aiosqlite", "uvicorn.error", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
