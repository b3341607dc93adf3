"""The emulator behind a socket: uvicorn, with a little more patience control than it has itself.

uvicorn lets a client take for ever to send its request. Here the head has to arrive within seconds and the rest within
minutes; otherwise the connection is closed.
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

from ..background.worker import PATIENCE_SECONDS
from .asgi import WIRE

try:
    import h11
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        f'the server needs {_missing.name}, which is not installed: pip install "rekog[emulator]"', name=_missing.name
    ) from _missing

if TYPE_CHECKING:
    from .asgi import Asgi, Event, Receive, Send

IDLE_SECONDS = 60
GRACE_SECONDS = 2 * PATIENCE_SECONDS
"""That requests have to end in when the server stops: more than any waits, if no fault makes it."""

_ORIGIN = re.compile(rb"\Ahttps?://[^/?#]*", re.IGNORECASE)
_RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_BACKLOG = 1024
_MOST_HEAD_BYTES = 64 * 1024
_POLL_SECONDS = 0.01


class Patience(NamedTuple):
    """How many seconds a client has for a request's head, from its first byte or the connection's, and for the body.

    And how many requests that were begun have when the server stops.
    """

    head: float = 20.0
    body: float = 300.0
    grace: float = GRACE_SECONDS


_PATIENCE = Patience()


def run(app: Asgi, host: str, port: int, ready: Callable[[str], object]) -> None:
    """Serve in this thread, the main one, until SIGTERM or SIGINT; `ready` gets the URL once there is an answer."""
    with _listener(host, port) as listener:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _end)  # uvicorn raises the signal again when it has stopped; then this is met
        _Server(app, lambda: ready(_url(listener))).run(sockets=[listener])


@contextmanager
def serving(app: Asgi, host: str = "127.0.0.1", port: int = 0, *, patience: Patience = _PATIENCE) -> Generator[str]:
    """Serve in a thread; the context is the URL."""
    with _listener(host, port) as listener:
        started = threading.Event()
        server = _Server(app, started.set, patience)
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
    def __init__(self, app: Asgi, ready: Callable[[], object], patience: Patience = _PATIENCE) -> None:
        config = uvicorn.Config(
            app,
            http=_connection(patience),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=patience.grace,  # type: ignore[arg-type]  # it goes to asyncio.wait_for
            backlog=_BACKLOG,
            h11_max_incomplete_event_size=_MOST_HEAD_BYTES,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _connection(wanted: Patience) -> type[H11Protocol]:
    """Return a class of connections; uvicorn makes them, so what they are to know is in the class."""

    class Connection(_Connection):
        patience = wanted

    return Connection


class _Connection(H11Protocol):
    """A connection that ends when its client is too slow, and that a fault can break."""

    patience = _PATIENCE

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        serve = self.app

        async def with_wire(scope: Event, receive: Receive, send: Send) -> None:
            extensions: Mapping[str, object] = {WIRE: self}
            scope = {
                **scope,
                "raw_path": _path(cast("bytes", scope["raw_path"])),
                "extensions": extensions,
            }  # cast: ASGI
            try:
                await serve(scope, receive, send)
            except asyncio.CancelledError:  # the server stops, and the request took too long
                self.transport.abort()
                self.cycle.disconnected = True  # so that uvicorn answers nothing, and finds nothing to log

        self.app = with_wire
        self._waiting: asyncio.TimerHandle | None = None
        self._waits_for_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # a TCP server's is always an asyncio.Transport
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.trailing_data[0]:  # the beginning of another request, which came with the one before it
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        super().connection_lost(exc)

    def reset(self) -> None:
        opened = self.transport.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)  # closed without waiting is a reset
        self.transport.abort()

    def end(self) -> None:
        self.transport.close()

    def _watch(self) -> None:
        """Let the time run while the client has to send, anew when the head is there and the body begins."""
        state = self.conn.their_state
        waits_for_body = state is h11.SEND_BODY
        if state not in (h11.IDLE, h11.SEND_BODY):
            self._relax()
        elif self._waiting is None or waits_for_body != self._waits_for_body:
            self._relax()
            seconds = self.patience.body if waits_for_body else self.patience.head
            self._waiting = self.loop.call_later(seconds, self.end)
            self._waits_for_body = waits_for_body

    def _relax(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def _path(target: bytes) -> bytes:
    """Return the path of a request's target, which may have a scheme and a host in front, as if for a proxy."""
    return _ORIGIN.sub(b"", target) or b"/"


def _end(_number: int, _frame: object) -> None:
    """Take a signal that uvicorn has acted upon already."""


def _listener(host: str, port: int) -> socket.socket:
    if not host:  # for a socket that is every address there is
        raise ValueError("host must be an address or a name, like 127.0.0.1, not ''; 0.0.0.0 is every address")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]  # socket adds the address as a tuple
        raise OSError(f"can't listen on {host} port {port}: {reason}") from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
