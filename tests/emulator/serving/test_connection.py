"""A connection of the server without a socket: its timers, resets and ends, in a parser that is the real one."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Any

import h11
import pytest
import uvicorn
from uvicorn.server import ServerState

from rekog.emulator.serving import server
from rekog.emulator.serving.asgi import CONNECTION

if TYPE_CHECKING:
    from collections.abc import Callable

KIB = 1024
HEAD = b"POST /a?b HTTP/1.1\r\nHost: rekog\r\nContent-Length: 2\r\n\r\n"
TIMEOUTS = server.Timeouts(head=1.0, body=2.0, reading=3.0, unsent=4.0)


class Timer:
    """A call that a loop makes later, unless it is cancelled."""

    def __init__(self, seconds: float, call: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        self.seconds = seconds
        self._call, self._arguments = call, arguments
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True

    def run(self) -> None:
        assert not self.is_cancelled
        self.is_cancelled = True
        self._call(*self._arguments)


class Task:
    """A request that has not begun."""

    def add_done_callback(self, call: object) -> None:
        """Do nothing: it does not end."""


class Loop:
    """An event loop that keeps timers, and begins no request."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def call_later(self, seconds: float, call: Callable[..., object], *arguments: Any) -> Timer:
        self.timers.append(Timer(seconds, call, arguments))
        return self.timers[-1]

    def create_task(self, request: Any) -> Task:
        request.close()
        return Task()

    @property
    def waiting(self) -> list[float]:
        """The seconds of the timers that run, the oldest first."""
        return [timer.seconds for timer in self.timers if not timer.is_cancelled]

    def run(self) -> None:
        """Let the time of the only timer come."""
        (timer,) = [timer for timer in self.timers if not timer.is_cancelled]
        timer.run()


class Socket:
    """A socket that keeps its options."""

    def __init__(self) -> None:
        self.options: dict[tuple[int, int], Any] = {}

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 1

    getpeername = getsockname

    def setsockopt(self, level: int, option: int, value: Any) -> None:
        self.options[level, option] = value


class Transport:
    """A transport with a number of bytes that the client has not read."""

    def __init__(self) -> None:
        self.unread = 0
        self.ends: list[str] = []
        self.socket = Socket()

    def get_write_buffer_size(self) -> int:
        return self.unread

    def get_extra_info(self, name: str) -> Any:
        return self.socket if name == "socket" else None

    def is_closing(self) -> bool:
        return bool(self.ends)

    def abort(self) -> None:
        self.ends.append("abort")

    def close(self) -> None:
        self.ends.append("close")

    def pause_reading(self) -> None:
        """Do nothing: the test sends no more."""

    resume_reading = pause_reading

    def write(self, data: bytes) -> None:
        """Drop a response of uvicorn's own."""


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def transport() -> Transport:
    return Transport()


class Application:
    """An application that keeps its scope, and may be cancelled."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.is_cancelled = False

    async def __call__(self, scope: dict[str, Any], receive: object, send: object) -> None:
        assert (receive, send) == ("receive", "send")
        self.scope = scope
        if self.is_cancelled:
            raise asyncio.CancelledError


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def connection(loop: Loop, transport: Transport, application: Any) -> Any:
    config = uvicorn.Config(application, log_config=None, lifespan="off")
    kind: Any = server._connection_class(TIMEOUTS, ("192.0.2.1", 80))  # pyright: ignore[reportPrivateUsage]
    opened = kind(config=config, server_state=ServerState(), app_state={}, _loop=loop)
    opened.connection_made(transport)
    return opened


# --- A client that has to send ------------------------------------------------------------------------------------


def test_a_head_and_a_body_have_a_timer_each(connection: Any, loop: Loop) -> None:
    assert loop.waiting == [1.0]
    connection.data_received(HEAD[:20])
    assert (loop.waiting, len(loop.timers)) == ([1.0], 1)  # of the whole head
    connection.data_received(HEAD[20:])
    assert loop.waiting == [2.0]
    connection.data_received(b"{")
    assert (loop.waiting, len(loop.timers)) == ([2.0], 2)  # of the whole body
    connection.data_received(b"}")
    assert loop.waiting == []


@pytest.mark.parametrize("sent", [b"", HEAD[:20], HEAD, HEAD + b"{"])
def test_a_connection_is_closed_when_its_timer_ends(
    connection: Any, loop: Loop, transport: Transport, sent: bytes
) -> None:
    if sent:
        connection.data_received(sent)
    transport.unread = 5
    loop.run()
    assert (transport.ends, loop.waiting) == (["close"], [3.0])  # with the time to read what was sent


def test_no_timer_is_left_when_a_connection_is_lost(connection: Any, loop: Loop, transport: Transport) -> None:
    transport.unread = 5
    connection.data_received(HEAD)
    connection.pause_writing()
    assert loop.waiting == [2.0, 3.0]
    connection.connection_lost(None)
    assert loop.waiting == []


def test_a_further_request_has_a_timer_of_its_own(connection: Any, loop: Loop) -> None:
    connection.data_received(HEAD + b"{}" + HEAD[:9])
    assert loop.waiting == []
    for event in (h11.Response(status_code=200, headers=[("content-length", "0")]), h11.EndOfMessage()):
        connection.conn.send(event)
    connection.on_response_complete()
    assert 1.0 in loop.waiting


# --- A client that has to read ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "is_reset"),
    [(1000 * KIB, True), (1000 * KIB - 64 * KIB + 1, True), (1000 * KIB - 64 * KIB, False), (1, False), (0, False)],
)
def test_a_client_has_to_read_64_kib_in_each_period(
    connection: Any, loop: Loop, transport: Transport, left: int, is_reset: bool
) -> None:
    connection.data_received(HEAD + b"{}")
    transport.unread = 1000 * KIB
    connection.pause_writing()
    assert loop.waiting == [3.0]
    transport.unread = left
    loop.run()
    assert transport.ends == (["abort"] if is_reset else [])
    assert loop.waiting == ([3.0] if left and not is_reset else [])


def test_the_last_bytes_have_to_be_read_in_one_period(connection: Any, loop: Loop, transport: Transport) -> None:
    connection.data_received(HEAD + b"{}")
    transport.unread = 10
    connection.pause_writing()
    loop.run()
    assert transport.ends == ["abort"]


def test_a_client_that_has_read_has_no_timer(connection: Any, loop: Loop, transport: Transport) -> None:
    connection.data_received(HEAD + b"{}")
    connection.pause_writing()
    assert loop.waiting == []
    transport.unread = 10
    connection.pause_writing()
    connection.pause_writing()
    assert loop.waiting == [3.0]
    connection.resume_writing()
    assert loop.waiting == []


# --- The end of a connection --------------------------------------------------------------------------------------


def test_a_reset_discards_the_bytes_in_the_buffer(connection: Any, transport: Transport) -> None:
    connection.reset()
    linger = struct.pack("ii", 1, 0)  # on, for no time
    assert transport.socket.options[socket.SOL_SOCKET, socket.SO_LINGER] == linger
    assert transport.ends == ["abort"]


def test_a_connection_that_is_closed_is_not_reset(connection: Any, transport: Transport) -> None:
    transport.ends = ["close"]
    connection.reset()
    assert transport.ends == ["close"]
    transport.unread = 1  # it closes when its client has read
    connection.reset()
    assert transport.ends == ["close", "abort"]


def test_the_buffer_of_a_socket_is_a_quarter_of_a_mebibyte(connection: Any, transport: Transport) -> None:
    assert transport.socket.options == {(socket.SOL_SOCKET, socket.SO_SNDBUF): 256 * KIB}


def test_a_client_gets_the_time_of_unsent_bytes_while_the_server_stops(connection: Any, loop: Loop) -> None:
    connection.data_received(HEAD)
    connection.shutdown()
    assert loop.waiting == [2.0, 4.0]


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/a%20b", b"/a%20b"), (b"http://rekog", b"/"), (b"HTTPS://rekog:80/a", b"/a"), (b"http://rekog/", b"/"),
        (b"http:/a", b"http:/a"), (b"/http://rekog/a", b"/http://rekog/a"),
    ],
)  # fmt: skip
def test_a_scope_has_the_path_the_address_and_the_connection(
    connection: Any, application: Application, target: bytes, path: bytes
) -> None:
    given: dict[str, Any] = {
        "raw_path": target,
        "server": ("127.0.0.1", 1),
        "type": "http",
        "extensions": {"other": {}},
    }
    asyncio.run(connection.app(given, "receive", "send"))
    assert application.scope == {
        "raw_path": path, "server": ("192.0.2.1", 80), "type": "http", "extensions": {CONNECTION: connection}
    }  # fmt: skip


def test_a_request_that_is_cancelled_breaks_its_connection(
    connection: Any, application: Application, transport: Transport
) -> None:
    connection.data_received(HEAD + b"{}")
    application.is_cancelled = True
    asyncio.run(connection.app({"raw_path": b"/", "type": "http"}, "receive", "send"))
    assert (transport.ends, connection.cycle.disconnected) == (["abort"], True)
