"""Server-sent events, as graphql-sse speaks them in its distinct connections mode: one response, one operation."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chatgraph.errors import Invalid, Unauthenticated
from chatgraph.schema.graph import Answer
from chatgraph.schema.live.batches import Slow
from chatgraph.schema.live.beginning import Hearer, Listener, listen
from chatgraph.schema.live.failures import tell_failure
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.live.telling import Live
from chatgraph.viewer import Viewer

EVENT_STREAM = "text/event-stream"
# What says that the connection stands, before proxies take it for dead.
QUIET_SECONDS = 12
MOST_STREAMS = 50

Write = Callable[..., Awaitable[None]]
COMPLETE = b"event: complete\ndata:\n\n"


class Told(Response):
    """One answer, for a client that takes nothing but a stream."""

    media_type = EVENT_STREAM

    def __init__(self, answer: Answer) -> None:
        super().__init__(_event(orjson.dumps(answer.body())) + COMPLETE, headers={"Vary": "Accept"})


class Stream(Response):
    """
    A subscription, told until its client goes, the right to listen ends, or the server stops.

    Without a `complete` at its end, clients connect again; with it, they know that it is over.
    """

    media_type = EVENT_STREAM

    def __init__(self, live: Live, viewer: Viewer, subscribed: Subscribed) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"})
        del self.headers["content-length"]
        self._live, self._viewer, self._subscribed = live, viewer, subscribed

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        async def write(chunk: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": chunk, "more_body": more})

        async def told(payload: bytes) -> None:
            await write(_event(payload))

        sink = Slow(told)
        listener = listen(self._live, self._viewer, self._subscribed, sink)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with self._live.connected("stream", self._viewer, MOST_STREAMS) as allowed:
            if allowed:
                await self._tell(listener, sink, receive, write)
            else:
                many = Invalid(f"At most {MOST_STREAMS} streams of one user are open at a time.", "query")
                await write(_refusal(many))
        await write(b"", more=False)

    async def _tell(self, listener: Listener | Hearer, sink: Slow, receive: Receive, write: Write) -> None:
        beside = [asyncio.create_task(_until_gone(receive, listener)), asyncio.create_task(_keep_up(write))]
        expiry = None
        if (expires := self._viewer.expire_time) is not None:
            beside.append(expiry := asyncio.create_task(_until(expires, listener)))
        try:
            await write(b":\n\n")
            await sink.follow(listener.go_on)
            if expiry is not None and expiry.done():
                raise Unauthenticated(
                    "The access token has expired; go on with a fresh one, after the last cursor."
                )
        except Exception as error:
            await write(_refusal(error))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def _until_gone(receive: Receive, listener: Listener | Hearer) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.stop()


async def _until(time: datetime, listener: Listener | Hearer) -> None:
    await asyncio.sleep((time - datetime.now(UTC)).total_seconds())
    listener.stop()


async def _keep_up(write: Write) -> None:
    while True:
        await asyncio.sleep(QUIET_SECONDS)
        await write(b":\n\n")


def _refusal(error: Exception) -> bytes:
    return _event(orjson.dumps({"errors": [tell_failure(error)]})) + COMPLETE


def _event(payload: bytes) -> bytes:
    return b"event: next\ndata: " + payload + b"\n\n"
