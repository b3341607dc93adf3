"""The HTTP server of the emulator: uvicorn, with timeouts for requests and with connections that faults can break.

uvicorn waits for a request without limit. This server closes the connection if the head of a request does not arrive
within seconds, or its body within minutes.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import struct
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..background.worker import JOB_WAIT_SECONDS
from .asgi import CONNECTION

try:
    import h11
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        f"the server needs {_missing.name}, which is not installed: pip install '.[emulator]' in a clone of rekog",
        name=_missing.name,
    ) from _missing

if TYPE_CHECKING:
    from .asgi import AsgiApp, Event, Receive, Send

IDLE_SECONDS = 60
GRACE_SECONDS = 2 * JOB_WAIT_SECONDS
"""Time for requests in progress when the server stops: longer than any request takes without a fault."""

_ORIGIN = re.compile(rb"\Ahttps?://[^/?#]*", re.IGNORECASE)
_RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_BACKLOG = 1024
_MAX_HEAD_BYTES = 64 * 1024
_POLL_SECONDS = 0.01


class Timeouts(NamedTuple):
    """Limits in seconds.

    `head` limits the head of a request, from the start of the connection or the first byte of a further request, `body`
    its body, and `grace` the requests in progress when the server stops.
    """

    head: float = 20.0
    body: float = 300.0
    grace: float = GRACE_SECONDS


_TIMEOUTS = Timeouts()


def run(app: AsgiApp, host: str, port: int, ready: Callable[[str], object]) -> None:
    """Serve in the main thread until SIGTERM or SIGINT; call `ready` with the URL when requests are accepted."""
    with _listener(host, port) as listener:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _end)  # uvicorn raises the signal again after it has stopped
        _Server(app, lambda: ready(_url(listener))).run(sockets=[listener])


@contextmanager
def serving(app: AsgiApp, host: str = "127.0.0.1", port: int = 0, *, timeouts: Timeouts = _TIMEOUTS) -> Generator[str]:
    """Serve in a thread until the end of the context, whose value is the URL."""
    with _listener(host, port) as listener:
        started = threading.Event()
        server = _Server(app, started.set, timeouts)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="rekog-emulator", daemon=True)
        thread.start()
        while not started.wait(_POLL_SECONDS):
            if not thread.is_alive():
                raise RuntimeError("the server did not start; the log has the cause")
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    def __init__(self, app: AsgiApp, ready: Callable[[], object], timeouts: Timeouts = _TIMEOUTS) -> None:
        config = uvicorn.Config(
            app,
            http=_connection_class(timeouts),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=timeouts.grace,  # type: ignore[arg-type]  # passed to asyncio.wait_for
            backlog=_BACKLOG,
            h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _connection_class(limits: Timeouts) -> type[H11Protocol]:
    """Return a class of connections. uvicorn creates the instances, so the timeouts are an attribute of the class."""

    class Connection(_Connection):
        timeouts = limits

    return Connection


class _Connection(H11Protocol):
    """A connection that closes when its client is too slow, and that a fault can break."""

    timeouts = _TIMEOUTS

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        serve = self.app

        async def with_connection(scope: Event, receive: Receive, send: Send) -> None:
            extensions: Mapping[str, object] = {CONNECTION: self}
            scope = {
                **scope,
                "raw_path": _path(cast("bytes", scope["raw_path"])),
                "extensions": extensions,
            }  # cast: ASGI
            try:
                await serve(scope, receive, send)
            except asyncio.CancelledError:  # the server stops, and the request exceeded the grace period
                self.transport.abort()
                self.cycle.disconnected = True  # so that uvicorn sends no response and logs no error

        self.app = with_connection
        self._timer: asyncio.TimerHandle | None = None
        self._timer_is_for_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # a TCP server's is always an asyncio.Transport
        self._update_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._update_timer()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.trailing_data[0]:  # the start of a further request, which arrived with the previous one
            self._update_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def reset(self) -> None:
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)  # a linger time of 0 makes the close a reset
        self.transport.abort()

    def end(self) -> None:
        self.transport.close()

    def _update_timer(self) -> None:
        """Run a timer while the client has to send: one for the head, another one for the body."""
        state = self.conn.their_state
        is_body = state is h11.SEND_BODY
        if state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_timer()
        elif self._timer is None or is_body != self._timer_is_for_body:
            self._stop_timer()
            seconds = self.timeouts.body if is_body else self.timeouts.head
            self._timer = self.loop.call_later(seconds, self.end)
            self._timer_is_for_body = is_body

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _path(target: bytes) -> bytes:
    """Return the path of a request's target, which may begin with a scheme and a host, as requests to a proxy do."""
    return _ORIGIN.sub(b"", target) or b"/"


def _end(_number: int, _frame: object) -> None:
    """Ignore a signal that uvicorn has handled already."""


def _listener(host: str, port: int) -> socket.socket:
    if not host:  # a socket would listen on all addresses
        raise ValueError("host must be an address or a name, like 127.0.0.1, not ''; 0.0.0.0 means all addresses")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]  # socket adds the address as a tuple
        raise OSError(f"can't listen on {host} port {port}: {reason}") from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
