"""The emulator as an ASGI application: the service at `/`, the control API under `/_rekog/`.

ASGI has no way to break a connection, which some faults do. Our own server puts a `FaultyConnection` into the scope's
extensions. Another server gets an exception instead, and its own handling of exceptions determines the effect.
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
"""Maximum size of a request to the control API, whose objects and snapshots are held in memory."""
CONNECTION = "rekog.connection"
"""Key of the `FaultyConnection` in the scope's extensions."""


class FaultyConnection(Protocol):
    """The connection of a request, as far as faults can break it."""

    def reset(self) -> None:
        """Reset the connection at once: the client gets an error."""
        ...

    def end(self) -> None:
        """Close the connection after the data in its buffer was sent."""
        ...


class AsgiApp:
    """The ASGI application. It serves HTTP requests in worker threads."""

    def __init__(self, emulator: Emulator, app: App) -> None:
        self._emulator = emulator
        self._app = app

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Serve one scope of the ASGI server."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            raise ValueError(f"the scope must be http or lifespan, not {scope['type']}")

    async def _serve(self, scope: Event, receive: Receive, send: Send) -> None:
        head = _head(scope)
        is_control = head.path.startswith(PREFIX)
        limit = CONTROL_BYTES if is_control else self._app.context.limits.request_bytes
        try:
            request = head._replace(body=await _body(head, receive, limit))
        except _TooLargeError:
            reply = self._app.refuse(refusals.request_bytes(limit))
            await _send(send, reply.response, close=True)
            return
        except ConnectionError:
            return
        if is_control:
            await _send(send, await anyio.to_thread.run_sync(partial(control, self._emulator, request)))
        else:
            reply = await anyio.to_thread.run_sync(partial(self._app.handle, request))
            await anyio.sleep(reply.delay)
            await _deliver(scope, receive, send, reply)


class _TooLargeError(Exception):
    """A body is larger than its limit."""


def _head(scope: Event) -> Request:
    """Return a request without its body; join the values of a repeated header."""
    headers: dict[str, str] = {}
    # casts: the types of an HTTP scope in ASGI
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
    remaining = limit
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ConnectionError("the client has disconnected")
        parts.append(cast("bytes", event.get("body", b"")))  # cast: ASGI
        remaining -= len(parts[-1])
        if remaining < 0:
            raise _TooLargeError
        if not event.get("more_body", False):
            return b"".join(parts)


async def _deliver(scope: Event, receive: Receive, send: Send, reply: Reply) -> None:
    cut = reply.kept_bytes is not None and reply.kept_bytes < len(reply.response.content)
    if not (reply.lost or cut):
        await _send(send, reply.response)
        return
    # cast: our own server puts it there
    connection = cast("Mapping[str, FaultyConnection]", scope.get("extensions") or {}).get(CONNECTION)
    if not reply.lost:
        await send(_start(reply.response))
        await send(
            {"type": "http.response.body", "body": reply.response.content[: reply.kept_bytes], "more_body": True}
        )
    if connection is None:
        raise ConnectionAbortedError("an injected fault breaks this connection")
    if reply.lost:
        connection.reset()
    else:
        connection.end()
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


async def _lifespan(receive: Receive, send: Send) -> None:
    """Confirm the server's start and shutdown; neither needs any work."""
    while True:
        kind = str((await receive())["type"])
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


AsgiApp.__module__ = "rekog.emulator"  # the public module, for pickles and tracebacks
