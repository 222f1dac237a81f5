"""
What can go wrong in words a caller can act on.

    ChatError
    ├── Invalid           BAD_USER_INPUT    the input is not what the field takes
    ├── Unauthenticated   UNAUTHENTICATED   it isn't known who is asking
    ├── Forbidden         FORBIDDEN         it is known who is asking, and they may not
    ├── NotFound          NOT_FOUND         it never was, or the viewer may not see it: the same answer
    ├── Conflict          CONFLICT          something that stands already is in the way
    ├── RateLimited       RATE_LIMITED      too much, too fast
    └── Unavailable       UNAVAILABLE       the server can't now; the same call may succeed later

Everything else that is raised is a defect: it is masked, logged once with an id, and the client gets that id.
"""

from typing import Any, ClassVar


class ChatError(Exception):
    """The root: *message* is shown to the client as it stands."""

    code: ClassVar[str]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def extensions(self) -> dict[str, Any]:
        """What a GraphQL error carries beside its message (graphql-core copies it)."""
        return {"code": self.code}


class Invalid(ChatError):
    """Raised when a value can't be taken; *field* names the argument or input field that holds it."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, "field": self.field}


class Unauthenticated(ChatError):
    """Raised when a call needs to know who asks, and no valid credential says so."""

    code = "UNAUTHENTICATED"

    def __init__(self, message: str = "Sign in first: send `Authorization: Bearer <access token>`.") -> None:
        super().__init__(message)


class Forbidden(ChatError):
    """Raised when the viewer may see the thing but not do this to it."""

    code = "FORBIDDEN"


class NotFound(ChatError):
    """Raised for what never was and for what the viewer may not see, in the same words."""

    code = "NOT_FOUND"

    def __init__(self, noun: str) -> None:
        super().__init__(f"There is no such {noun}.")


class Conflict(ChatError):
    """Raised when something that stands already is in the way; *field* names the input it collides with."""

    code = "CONFLICT"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code} if self.field is None else {"code": self.code, "field": self.field}


class RateLimited(ChatError):
    """Raised when a rate is used up: *rate* allows *limit* in *window* seconds; try again in *retry_after*."""

    code = "RATE_LIMITED"

    def __init__(self, rate: str, limit: int, window: int, retry_after: int) -> None:
        super().__init__(f"Too many attempts ({rate}). Try again in {retry_after} s.")
        self.rate, self.limit, self.window, self.retry_after = rate, limit, window, retry_after

    @property
    def extensions(self) -> dict[str, Any]:
        spent = {"rate": self.rate, "limit": self.limit, "window": self.window}
        return {"code": self.code, "retryAfter": self.retry_after, **spent}


class Unavailable(ChatError):
    """Raised when the server can't do it now; the same call may succeed in *retry_after* seconds."""

    code = "UNAVAILABLE"

    def __init__(self, message: str = "The server can't answer this now.", retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, "retryAfter": self.retry_after}
