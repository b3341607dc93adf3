"""The emulator as an ASGI application: the service at `/`, the control API under `/_rekog/`.

A fault that breaks a connection needs more than ASGI has. Our own server puts a `Wire` into the scope's extensions;
under another server, an answer that is to be lost ends in an exception, and what the client sees is that server's way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

import anyio
import anyio.to_thread

from .. import refusals
from ..front.exchange import Reply, Request
from .control import control
from .routes import PREFIX

if TYPE_CHECKING:
    from ..._core.flow import HttpResponse
    from ..emulator import Emulator
    from ..front.app import App

    Event: TypeAlias = Mapping[str, object]
    Receive: TypeAlias = Callable[[], Awaitable[Event]]
    Send: TypeAlias = Callable[[Event], Awaitable[None]]

CONTROL_BYTES = 1024**3
"""Of a request to the control API: objects and snapshots come that way, and are held in memory."""
WIRE = "rekog.wire"


class Wire(Protocol):
    """The connection of a request, to be broken."""

    def reset(self) -> None:
        """End it at once, in a way that the other side sees as an error."""
        ...

    def end(self) -> None:
        """End it when what was sent so far is out."""
        ...


class Asgi:
    """Answers HTTP requests in worker threads."""

    def __init__(self, emulator: Emulator, app: App) -> None:
        self._emulator = emulator
        self._app = app

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Serve one connection of the server, as ASGI has it."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            raise ValueError(f"only HTTP is served here, not {scope['type']}")

    async def _serve(self, scope: Event, receive: Receive, send: Send) -> None:
        head = _head(scope)
        under_control = head.path.startswith(PREFIX)
        limit = CONTROL_BYTES if under_control else self._app.context.limits.request_bytes
        try:
            request = head._replace(body=await _body(head, receive, limit))
        except _TooLargeError:
            reply = self._app.refuse(refusals.request_bytes(limit))
            await _send(send, reply.response, close=True)
            return
        except ConnectionError:
            return
        if under_control:
            await _send(send, await anyio.to_thread.run_sync(partial(control, self._emulator, request)))
        else:
            reply = await anyio.to_thread.run_sync(partial(self._app.answer, request))
            await anyio.sleep(reply.delay)
            await _deliver(scope, receive, send, reply)


class _TooLargeError(Exception):
    """A body is larger than it may be."""


def _head(scope: Event) -> Request:
    """Return a request without its body; a header that was sent more than once is one with all values."""
    headers: dict[str, str] = {}
    # casts: what ASGI promises of an HTTP scope
    for raw_name, raw_value in cast("list[tuple[bytes, bytes]]", scope["headers"]):
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    path = cast("bytes", scope.get("raw_path") or str(scope["path"]).encode()).decode("latin-1").partition("?")[0]
    query = cast("bytes", scope.get("query_string") or b"").decode("latin-1")
    return Request(str(scope["method"]), path, headers, b"", query)


async def _body(head: Request, receive: Receive, limit: int) -> bytes:
    announced = head.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _TooLargeError
    parts: list[bytes] = []
    left = limit
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ConnectionError("the client went away")
        parts.append(cast("bytes", event.get("body", b"")))  # cast: ASGI
        left -= len(parts[-1])
        if left < 0:
            raise _TooLargeError
        if not event.get("more_body", False):
            return b"".join(parts)


async def _deliver(scope: Event, receive: Receive, send: Send, reply: Reply) -> None:
    cut = reply.kept_bytes is not None and reply.kept_bytes < len(reply.response.content)
    if not (reply.lost or cut):
        await _send(send, reply.response)
        return
    wire = cast("Mapping[str, Wire]", scope.get("extensions") or {}).get(WIRE)  # cast: it is ours
    if not reply.lost:
        await send(_start(reply.response))
        await send(
            {"type": "http.response.body", "body": reply.response.content[: reply.kept_bytes], "more_body": True}
        )
    if wire is None:
        raise ConnectionAbortedError("a fault that was asked for")
    if reply.lost:
        wire.reset()
    else:
        wire.end()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, response: HttpResponse, *, close: bool = False) -> None:
    await send(_start(response, close=close))
    await send({"type": "http.response.body", "body": response.content})


def _start(response: HttpResponse, *, close: bool = False) -> Event:
    headers = {**response.headers, "content-length": str(len(response.content))}
    if close:
        headers["connection"] = "close"
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": response.status, "headers": raw}


async def _live(receive: Receive, send: Send) -> None:
    """Answer the server's two questions about start and end; there is nothing to do at either."""
    while True:
        kind = str((await receive())["type"])
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
