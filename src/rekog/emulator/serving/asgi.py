"""The emulator as an ASGI application: the service at `/`, the control API under `/_rekog/`.

ASGI has no way to break a connection, which some faults do. Our own server puts a `FaultyConnection` into the scope's
extensions. Another server gets an exception instead, and its own handling of exceptions determines the effect.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol, TypeAlias, cast
from urllib.parse import unquote

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from ..._core.flow import HttpResponse
from ..._values.public import publish
from .. import refusals
from ..emulator import Emulator  # noqa: TC001 (for tools that evaluate annotations)
from ..front.app import App  # noqa: TC001 (as above)
from ..front.exchange import Reply, Request
from .access import Access, ForbiddenError
from .control import error_response, respond, route_of
from .request_log import log_request
from .routes import PREFIX

Event: TypeAlias = Mapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]

CONNECTION = "rekog.connection"
"""Key of the `FaultyConnection` in the scope's extensions."""

_PIECE_BYTES = 256 * 1024
_LENGTH_DIGITS = 20
"""Number of digits of a Content-Length, at most, as in h11."""
_NO_CONTENT = 204


class _Threads(NamedTuple):
    """The maximum number of worker threads for some requests, and their limiter in each event loop."""

    maximum: int
    limiter: RunVar[anyio.CapacityLimiter]


_SERVICE = _Threads(40, RunVar("rekog_service_threads"))
_CONTROL = _Threads(8, RunVar("rekog_control_threads"))
"""The control API has threads of its own: it must be available while requests are slow."""


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

    def __init__(
        self, emulator: Emulator, app: App, *, cors: Sequence[str] = (), allow_hosts: Sequence[str] = ()
    ) -> None:
        self._emulator = emulator
        self._app = app
        self._access = Access.of(cors=cors, allow_hosts=allow_hosts)

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Serve one scope of the ASGI server."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            raise ValueError(f"the scope must be http or lifespan, not {scope['type']}")

    async def _serve(self, scope: Event, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        head = _head(scope)
        limit, reply = self._admit(head, _listening(scope))
        close = _is_ambiguous(head) or (reply is not None and _has_body(head))
        if reply is None:
            try:
                reply = await self._reply(head._replace(body=await _body(head, receive, limit)))
            except _TooLargeError:
                reply, close = self._too_large(head, limit), True
            except ConnectionError:
                return
        if not _is_control(head):
            status, headers, content = reply.response.status, reply.response.headers, reply.response.content
            response = HttpResponse(status, {**headers, **self._access.headers(head)}, content)
            reply = reply._replace(response=response)
        await anyio.sleep(reply.delay)
        await _deliver(scope, receive, send, reply, close=close)
        log_request(head, reply, time.perf_counter() - began)

    def _admit(self, head: Request, listening: str | None) -> tuple[int, Reply | None]:
        """Return the maximum size of the body, and the reply to a request that is decided by its head alone."""
        is_control = _is_control(head)
        try:
            self._access.check(head, listening, is_control=is_control)
            if is_control:
                return route_of(head).max_bytes, None
        except ForbiddenError as error:
            if is_control:
                return 0, Reply(error_response(403, error))
            return 0, self._app.refuse(refusals.access_denied(str(error)))
        except LookupError as error:
            return 0, Reply(error_response(404, error))
        preflight = self._access.preflight(head)
        return self._app.context.limits.request_bytes, None if preflight is None else Reply(preflight)

    async def _reply(self, request: Request) -> Reply:
        if not _is_control(request):
            return await anyio.to_thread.run_sync(partial(self._app.handle, request), limiter=_limiter(_SERVICE))
        run = partial(respond, self._emulator, request)
        if route_of(request).quick:
            return run()
        return await anyio.to_thread.run_sync(run, limiter=_limiter(_CONTROL))

    def _too_large(self, head: Request, limit: int) -> Reply:
        error = refusals.request_bytes(limit)
        return Reply(error_response(413, ValueError(error.message))) if _is_control(head) else self._app.refuse(error)


class _TooLargeError(Exception):
    """A body is larger than its limit."""


def _limiter(threads: _Threads) -> anyio.CapacityLimiter:
    """Return the limiter of the event loop that runs. The default one may belong to the user's own application."""
    try:
        return threads.limiter.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(threads.maximum)
        threads.limiter.set(limiter)
        return limiter


def _is_control(head: Request) -> bool:
    return head.path.startswith(PREFIX)


def _head(scope: Event) -> Request:
    """Return a request without its body; join the values of a repeated header."""
    headers: dict[str, str] = {}
    # casts: the types of an HTTP scope in ASGI
    for raw_name, raw_value in cast("list[tuple[bytes, bytes]]", scope["headers"]):
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    path = cast("bytes", scope.get("raw_path") or str(scope["path"]).encode()).decode("latin-1").partition("?")[0]
    query = cast("bytes", scope.get("query_string") or b"").decode("latin-1")
    prefix = _prefix(path, str(scope.get("root_path") or ""))
    return Request(str(scope["method"]), path[len(prefix) :], headers, b"", query, prefix)


def _prefix(path: str, root: str) -> str:
    """Return the part of a percent-encoded path below which the application is mounted; "" if the path lacks it."""
    root = root.rstrip("/")
    prefix = "/".join(path.split("/")[: root.count("/") + 1])
    return prefix if unquote(prefix) == root else ""


def _listening(scope: Event) -> str | None:
    """Return the address on which the server listens, if it tells."""
    # cast: the types of an HTTP scope in ASGI
    server = cast("Sequence[object] | None", scope.get("server"))
    return str(server[0]) if server else None


def _is_ambiguous(head: Request) -> bool:
    """Tell whether a proxy may see another end of the body, and so another next request (RFC 9112, 6.1)."""
    return "transfer-encoding" in head.headers and "content-length" in head.headers


def _has_body(head: Request) -> bool:
    return "transfer-encoding" in head.headers or head.headers.get("content-length", "0") != "0"


async def _body(head: Request, receive: Receive, limit: int) -> bytes:
    announced = head.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[-_LENGTH_DIGITS:]) > limit:
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


async def _deliver(scope: Event, receive: Receive, send: Send, reply: Reply, *, close: bool) -> None:
    cut = reply.kept_bytes is not None and reply.kept_bytes < len(reply.response.content)
    if not (reply.lost or cut):
        await send(_start(reply.response, close=close))
        await _send(send, b"" if scope["method"] == "HEAD" else reply.response.content)
        return
    # cast: our own server puts it there
    connection = cast("Mapping[str, FaultyConnection]", scope.get("extensions") or {}).get(CONNECTION)
    if not reply.lost:
        await send(_start(reply.response))
        await _send(send, reply.response.content[: reply.kept_bytes], more=True)
    if connection is None:
        raise ConnectionAbortedError("an injected fault breaks this connection")
    if reply.lost:
        connection.reset()
    else:
        connection.end()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, content: bytes, *, more: bool = False) -> None:
    """Send a body in pieces, so that the server's buffer does not hold another copy of it."""
    for start in range(0, len(content) or 1, _PIECE_BYTES):
        end = start + _PIECE_BYTES
        await send({"type": "http.response.body", "body": content[start:end], "more_body": more or end < len(content)})


def _start(response: HttpResponse, *, close: bool = False) -> Event:
    headers = dict(response.headers)
    if response.status != _NO_CONTENT:
        headers["content-length"] = str(len(response.content))
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


publish("rekog.emulator", AsgiApp)
