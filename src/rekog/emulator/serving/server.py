"""The HTTP server of the emulator: uvicorn, with timeouts for requests and with connections that faults can break.

uvicorn waits for a request, and for the reader of a response, without limit. This server closes the connection if the
head of a request does not arrive within seconds, or its body within minutes, or if the client stops reading.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..background.worker import JOB_WAIT_SECONDS
from .access import is_loopback
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
    from types import FrameType

    from .asgi import AsgiApp, Event, Receive, Send

IDLE_SECONDS = 60
GRACE_SECONDS = 2 * JOB_WAIT_SECONDS
"""Time for requests in progress when the server stops: longer than any request takes without a fault."""

_ORIGIN = re.compile(rb"\Ahttps?://[^/?#]*", re.IGNORECASE)
_RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_BACKLOG = 1024
_MAX_HEAD_BYTES = 64 * 1024
_POLL_SECONDS = 0.01
_LEAVING_SECONDS = 0.5
_MIN_READ_BYTES = 64 * 1024
_SEND_BUFFER_BYTES = 256 * 1024
"""Size of a socket's buffer for sending. Linux would let it grow to 4 MB, and hide the progress of a slow reader."""
_LOG = logging.getLogger("rekog.emulator")


class Timeouts(NamedTuple):
    """Limits in seconds.

    `head` limits the head of a request, from the start of the connection or the first byte of a further request, and
    `body` its body. In each period of `reading` a client has to read 64 KiB of a response, or the rest of it. When the
    server stops, `grace` limits the requests in progress, and `unsent` those whose body has not arrived completely. The
    process ends in any case `closing` later, in which the emulator closes its state.
    """

    head: float = 20.0
    body: float = 300.0
    reading: float = 30.0
    grace: float = GRACE_SECONDS
    unsent: float = 2.0
    closing: float = 3.0


_TIMEOUTS = Timeouts()


def run(app: AsgiApp, host: str, port: int, ready: Callable[[str], object], *, timeouts: Timeouts = _TIMEOUTS) -> None:
    """Serve in the main thread until SIGTERM or SIGINT; call `ready` with the URL when requests are accepted.

    A second signal ends the requests in progress at once. The process ends soon after the grace period even if the
    caller can't close the emulator, because a thread is held up.
    """
    with _listener(host, port) as listener:
        if not is_loopback(address := listener.getsockname()[0]):
            _LOG.warning(
                "listening on %s: the control API has no authentication, so every client that can connect may read and"
                " change all state",
                address,
            )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _end)  # uvicorn raises the signal again after it has stopped
        server = _Server(app, lambda: ready(_url(listener)), _address(listener), timeouts, ends_process=True)
        server.run(sockets=[listener])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_now)  # while the caller closes the emulator


def check_address(host: str, port: int) -> None:
    """Raise an error if a server could not listen on an address."""
    _listener(host, port).close()


def leave() -> None:
    """End the process now if a worker thread is held up: the interpreter would wait for that thread."""
    until = time.monotonic() + _LEAVING_SECONDS
    others = [each for each in threading.enumerate() if each is not threading.current_thread() and not each.daemon]
    for thread in others:
        thread.join(max(0.0, until - time.monotonic()))  # those of finished requests end at once
    if any(thread.is_alive() for thread in others):
        _end_process()


@contextmanager
def serving(app: AsgiApp, host: str = "127.0.0.1", port: int = 0, *, timeouts: Timeouts = _TIMEOUTS) -> Generator[str]:
    """Serve in a thread until the end of the context, whose value is the URL.

    An exception that ends the context, such as a failed assertion or Ctrl-C, ends the requests in progress at once.
    """
    with _listener(host, port) as listener:
        started = threading.Event()
        server = _Server(app, started.set, _address(listener), timeouts)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="rekog-emulator", daemon=True)
        thread.start()
        while not started.wait(_POLL_SECONDS):
            if not thread.is_alive():
                raise RuntimeError("the server did not start; the log has the cause")
        try:
            yield _url(listener)
        except BaseException:
            server.force_exit = True
            raise
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """uvicorn's server, which a second signal stops at once, and which can end a process whose threads are held up."""

    def __init__(
        self,
        app: AsgiApp,
        ready: Callable[[], object],
        address: tuple[str, int],
        timeouts: Timeouts,
        *,
        ends_process: bool = False,
    ) -> None:
        config = uvicorn.Config(
            app,
            http=_connection_class(timeouts, address),
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
        self._timeouts = timeouts
        self._ends_process = ends_process

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn lets only a second SIGINT stop the server at once. This runs in a signal handler, so it takes no lock.
        self.force_exit = self.should_exit
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_process_after(self._timeouts.grace + self._timeouts.closing)
        forced = asyncio.create_task(self._abort_when_forced())
        try:
            await super().shutdown(sockets)
        finally:
            forced.cancel()

    async def _abort_when_forced(self) -> None:
        """Break all connections and cancel all requests after a second signal."""
        while not self.force_exit:  # noqa: ASYNC110 (a signal handler can't set an asyncio.Event)
            await asyncio.sleep(_POLL_SECONDS)
        self._end_process_after(self._timeouts.closing)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()

    def _end_process_after(self, seconds: float) -> None:
        if self._ends_process:
            timer = threading.Timer(seconds, _end_process)
            timer.daemon = True
            timer.start()


def _end_process() -> None:
    """End the process without waiting for its threads. No acknowledged write is lost: each is a transaction."""
    os._exit(0)


def _connection_class(limits: Timeouts, address: tuple[str, int]) -> type[H11Protocol]:
    """Return a class of connections. uvicorn creates the instances, so their settings are attributes of the class."""

    class Connection(_Connection):
        timeouts = limits
        listening = address

    return Connection


class _Connection(H11Protocol):
    """A connection that closes when its client is too slow, and that a fault can break."""

    timeouts = _TIMEOUTS
    listening = ("127.0.0.1", 0)

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        serve = self.app

        async def with_connection(scope: Event, receive: Receive, send: Send) -> None:
            extensions: Mapping[str, object] = {CONNECTION: self}
            scope = {
                **scope,
                "raw_path": _path(cast("bytes", scope["raw_path"])),  # cast: ASGI
                "server": self.listening,  # uvicorn has the address of the connection instead
                "extensions": extensions,
            }
            try:
                await serve(scope, receive, send)
            except asyncio.CancelledError:  # the server stops, and the request exceeded the grace period
                self.transport.abort()
                self.cycle.disconnected = True  # so that uvicorn sends no response and logs no error

        self.app = with_connection
        self._timer: asyncio.TimerHandle | None = None
        self._timer_is_for_body = False
        self._reading: asyncio.TimerHandle | None = None
        self._resumptions = 0
        """How often the client has read so much that the buffer was almost empty again."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # a TCP server's is always an asyncio.Transport
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self._update_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._update_timer()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        self._stop_reading_timer()
        self._resumptions += 1
        super().resume_writing()

    def on_response_complete(self) -> None:
        self._watch_reading()
        super().on_response_complete()
        if self.conn.trailing_data[0]:  # the start of a further request, which arrived with the previous one
            self._update_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._stop_reading_timer()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()
        # A request whose body never arrives has not begun, and a client that reads nothing gets no response.
        unread = self.transport.get_write_buffer_size()
        self.loop.call_later(self.timeouts.unsent, self._abort_if_stalled, unread, self._resumptions)

    def reset(self) -> None:
        if self.transport.is_closing() and not self.transport.get_write_buffer_size():
            return  # its socket may be closed
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)  # a linger time of 0 makes the close a reset
        self.transport.abort()

    def end(self) -> None:
        self._watch_reading()
        self.transport.close()

    def _abort_if_stalled(self, unread: int, resumptions: int) -> None:
        reads = self._resumptions > resumptions or self.transport.get_write_buffer_size() < unread
        if self.conn.their_state is h11.SEND_BODY or (unread and not reads):
            self.reset()

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

    def _watch_reading(self) -> None:
        """Start a timer if the client has to read."""
        self._stop_reading_timer()
        if unread := self.transport.get_write_buffer_size():
            self._reading = self.loop.call_later(self.timeouts.reading, self._check_reading, unread)

    def _check_reading(self, unread: int) -> None:
        """Break the connection if the client has read too little since there were `unread` bytes."""
        self._reading = None
        left = self.transport.get_write_buffer_size()
        if left and left > unread - _MIN_READ_BYTES:
            self.reset()  # so that the socket's buffer is freed, too
        else:
            self._watch_reading()

    def _stop_reading_timer(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None


def _path(target: bytes) -> bytes:
    """Return the path of a request's target, which may begin with a scheme and a host, as requests to a proxy do."""
    return _ORIGIN.sub(b"", target) or b"/"


def _end(_number: int, _frame: object) -> None:
    """Ignore a signal that uvicorn has handled already."""


def _end_now(_number: int, _frame: object) -> None:
    _end_process()


def _listener(host: str, port: int) -> socket.socket:
    if not host:  # a socket would listen on all addresses
        raise ValueError("host must be an address or a name, like 127.0.0.1, not ''; 0.0.0.0 means all addresses")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]  # socket adds the address as a tuple
        raise OSError(f"can't listen on {host} port {port}: {reason}") from error


def _address(listener: socket.socket) -> tuple[str, int]:
    host, port = listener.getsockname()[:2]
    return str(host), int(port)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
