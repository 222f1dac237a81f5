"""The door itself: one path, what answers there by which method, and what is told when nothing does."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from rest_compat import problems

Answer = Callable[[Scope, Receive], Awaitable[ASGIApp]]


class Door:
    """
    An ASGI application for one path below `/api/v1`: whatever is asked of it, the answer is JSON.

    *answers* are by method; where there are none, there is nothing at that path.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            try:
                response = await self._find(scope["method"])(scope, receive)
            except ClientDisconnect:
                raise
            except Exception as error:
                response = problems.tell(error)
            await response(scope, receive, send)
        except ClientDisconnect:
            pass  # nobody is there to read it

    def _find(self, method: str) -> Answer:
        if answer := self._answers.get("GET" if method == "HEAD" else method):
            return answer
        if not self._answers:
            raise HTTPException(404, "There is no such path; /api/v1/openapi.json tells which there are.")
        allowed = ", ".join(sorted([*self._answers, "HEAD"] if "GET" in self._answers else self._answers))
        raise HTTPException(405, f"This path takes {allowed} and nothing else.", {"Allow": allowed})
