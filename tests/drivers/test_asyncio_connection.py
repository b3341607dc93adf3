"""The asyncio connection, with its protocol methods called by hand, in orders that real sockets rarely produce."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING

import pytest

from rekog._core.deadline import Deadline
from rekog._drivers.pools import asyncio_connection
from rekog._drivers.pools.asyncio_connection import AsyncioConnection
from rekog._drivers.pools.http11 import BUFFER_SIZE, CHUNK_SIZE, JOIN_LIMIT
from rekog._values.errors import (
    CallTimeoutError,
    ConnectionLostError,
    ReadTimeoutError,
    StaleConnectionError,
    WriteTimeoutError,
)
from rekog.config import Timeout
from tests.drivers.calls import request
from tests.kit.servers import head

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from rekog._core.flow import HttpRequest, HttpResponse

URL = "http://rekognition.test/"
TOO_LARGE = head(413, {"Content-Length": "2"}) + b"{}"


class FakeTransport(asyncio.Transport):
    """A transport without a socket, which runs a function at each write."""

    def __init__(self, on_write: Callable[[], None] = lambda: None, info: dict[str, object] | None = None) -> None:
        super().__init__(info)
        self._on_write = on_write
        self.aborted = False
        self.unsent = 0
        self.limit = 0
        self.written: list[int] = []

    def write(self, data: Sized) -> None:
        self.written.append(len(data))
        self._on_write()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.limit = high or 0

    def abort(self) -> None:
        self.aborted = True

    def get_write_buffer_size(self) -> int:
        return self.unsent


def connect(transport: FakeTransport) -> AsyncioConnection:
    connection = AsyncioConnection(asyncio.get_running_loop(), memoryview(bytearray(BUFFER_SIZE)))
    connection.connection_made(transport)
    return connection


def exchange(
    transport: FakeTransport,
    before: Callable[[AsyncioConnection], None],
    sent: HttpRequest,
    deadline: Deadline | None = None,
) -> HttpResponse:
    async def main() -> HttpResponse:
        connection = connect(transport)
        before(connection)
        return await connection.exchange(sent, deadline or Deadline(None))

    return asyncio.run(asyncio.wait_for(main(), 5))


def test_a_connection_lost_before_its_first_request_is_an_error_at_once() -> None:
    with pytest.raises(ConnectionLostError):
        exchange(FakeTransport(), lambda connection: connection.connection_lost(None), request(URL))


def test_an_exchange_that_begins_after_its_deadline_is_a_call_timeout() -> None:
    with pytest.raises(CallTimeoutError):
        exchange(FakeTransport(), lambda _: None, request(URL, timeout=Timeout(total=1)), Deadline(-1.0))


def lose(transport: FakeTransport, error: OSError, *first: bytes) -> HttpResponse:
    """Begin an upload; after its first chunk the peer sends these bytes and the connection is lost."""

    def before(connection: AsyncioConnection) -> None:
        def peer() -> None:
            for data in first:
                connection.data_received(data)
            connection.connection_lost(error)

        asyncio.get_running_loop().call_soon(peer)

    return exchange(transport, before, request(URL, bytes(3 * CHUNK_SIZE)))


def test_bytes_received_before_a_reset_are_the_response() -> None:
    near, far = socket.socketpair()
    with near, far:
        far.sendall(TOO_LARGE)
        assert lose(FakeTransport(info={"socket": near}), ConnectionResetError()).status == 413


@pytest.mark.parametrize("info", [{}, {"socket": None, "ssl_object": object()}], ids=["no socket", "neither"])
def test_a_reset_without_a_socket_to_read_from_is_a_lost_connection(info: dict[str, object]) -> None:
    with pytest.raises(ConnectionLostError, match="reset by peer"):
        lose(FakeTransport(info=info), ConnectionResetError("reset by peer"))


def test_encrypted_bytes_before_a_reset_are_not_a_response() -> None:
    near, far = socket.socketpair()
    with near, far:
        far.sendall(TOO_LARGE)
        with pytest.raises(ConnectionLostError, match="reset by peer"):
            lose(FakeTransport(info={"socket": near, "ssl_object": object()}), ConnectionResetError("reset by peer"))


def test_a_reset_with_nothing_before_it_is_a_lost_connection() -> None:
    near, far = socket.socketpair()
    with near, far, pytest.raises(ConnectionLostError, match="reset by peer"):
        lose(FakeTransport(info={"socket": near}), ConnectionResetError("reset by peer"))


def test_a_reset_does_not_complete_a_response_without_length() -> None:
    with pytest.raises(ConnectionLostError, match="reset by peer"):
        lose(FakeTransport(), ConnectionResetError("reset by peer"), head(200, {}) + b"the first half")


@pytest.mark.parametrize(
    ("status", "size", "reusable"),
    [
        (413, JOIN_LIMIT + 1, False),
        (413, JOIN_LIMIT, True),
        (200, JOIN_LIMIT + 1, True),
        (399, JOIN_LIMIT + 1, True),
        (400, JOIN_LIMIT + 1, False),
    ],
)
def test_a_connection_on_which_a_large_request_was_refused_is_not_used_again(
    status: int, size: int, reusable: bool
) -> None:
    """The TLS protocol may hold the rest of the request, which no write buffer shows."""

    async def main() -> bool:
        connection = connect(FakeTransport())
        response = head(status, {"Content-Length": "2"}) + b"{}"
        asyncio.get_running_loop().call_later(0.05, connection.data_received, response)
        await connection.exchange(request(URL, bytes(size)), Deadline(5))
        return connection.prepare_for_reuse()

    assert asyncio.run(main()) is reusable


def test_a_slow_write_is_a_timeout_only_once_it_stops() -> None:
    transport = FakeTransport()

    def write() -> None:
        transport.unsent = 100

    transport._on_write = write  # pyright: ignore[reportPrivateUsage]  # the transport and its peer refer to each other

    def before(_: AsyncioConnection) -> None:
        asyncio.get_running_loop().call_later(0.03, setattr, transport, "unsent", 50)

    begin = time.monotonic()
    with pytest.raises(WriteTimeoutError):
        exchange(transport, before, request(URL, timeout=Timeout(read=0.05)))
    assert time.monotonic() - begin > 0.09


def test_an_upload_under_tls_is_written_in_chunks_of_the_buffer_size() -> None:
    connections: list[AsyncioConnection] = []
    transport = FakeTransport(lambda: connections[0].data_received(TOO_LARGE) if len(transport.written) == 4 else None)
    assert exchange(transport, connections.append, request(URL, bytes(3 * BUFFER_SIZE))).status == 413
    assert max(transport.written) == BUFFER_SIZE == transport.limit


@pytest.mark.parametrize(("size", "unsent", "again"), [(100, 0, True), (100, 1, False), (JOIN_LIMIT + 1, 0, False)])
def test_a_connection_with_a_request_that_may_be_unsent_is_not_used_again(size: int, unsent: int, again: bool) -> None:
    connections: list[AsyncioConnection] = []

    def refuse() -> None:
        transport.unsent = unsent
        connections[0].data_received(TOO_LARGE)

    transport = FakeTransport(refuse)
    assert exchange(transport, connections.append, request(URL, bytes(size))).status == 413
    assert connections[0].prepare_for_reuse() is again


@pytest.mark.parametrize(("status", "again"), [(200, True), (413, False)])
def test_a_connection_is_not_used_again_after_a_large_request_was_refused(status: int, again: bool) -> None:
    """TLS may hold the end of the request, although all of it was written."""
    connections: list[AsyncioConnection] = []
    sent = request(URL, bytes(BUFFER_SIZE), bytes(1))

    def respond_at_the_end() -> None:
        if transport.written[-1] == 1:
            connections[0].data_received(head(status, {"Content-Length": "2"}) + b"{}")

    transport = FakeTransport(respond_at_the_end)
    assert exchange(transport, connections.append, sent).status == status
    assert connections[0].prepare_for_reuse() is again


def exchange_twice(info: dict[str, object], lose: Callable[[AsyncioConnection], None]) -> HttpResponse:
    """Use a connection a second time; meanwhile a function ends it."""

    async def main() -> HttpResponse:
        connections: list[AsyncioConnection] = []
        first = FakeTransport(lambda: connections[0].data_received(head(200, {"Content-Length": "2"}) + b"{}"), info)
        connections.append(connection := connect(first))
        await connection.exchange(request(URL), Deadline(None))
        assert connection.prepare_for_reuse()
        first._on_write = lambda: None  # pyright: ignore[reportPrivateUsage]  # of this module
        asyncio.get_running_loop().call_soon(lose, connection)
        return await connection.exchange(request(URL), Deadline(None))

    return asyncio.run(asyncio.wait_for(main(), 5))


def closed_socket() -> socket.socket:
    sock = socket.socket()
    sock.close()
    return sock


@pytest.mark.parametrize(
    "info", [{}, {"socket": closed_socket()}, {"socket": closed_socket(), "ssl_object": object()}], ids=len
)
def test_a_used_connection_that_is_lost_without_a_byte_was_stale(info: dict[str, object]) -> None:
    reset = ConnectionResetError("reset by peer")
    with pytest.raises(StaleConnectionError) as caught:
        exchange_twice(info, lambda connection: connection.connection_lost(reset))
    lost = caught.value.__cause__
    assert (type(lost), lost.__cause__ if lost else None) == (ConnectionLostError, reset)
    text = "the connection to http://rekognition.test broke: the server may have processed the request (reset by peer)"
    assert str(lost) == text
    with pytest.raises(StaleConnectionError):
        exchange_twice(info, lambda connection: connection.connection_lost(None))


@pytest.mark.parametrize("end", ["lost", "eof"])
def test_an_end_without_a_response_says_so(end: str) -> None:
    def before(connection: AsyncioConnection) -> None:
        lose = connection.eof_received if end == "eof" else lambda: connection.connection_lost(None)
        asyncio.get_running_loop().call_soon(lose)

    text = "http://rekognition.test closed the connection without a response: it may have processed the request"
    with pytest.raises(ConnectionLostError) as caught:
        exchange(FakeTransport(), before, request(URL))
    assert (type(caught.value), str(caught.value)) == (ConnectionLostError, text)


@pytest.mark.parametrize("event", ["bytes", "resumed"])
def test_the_time_to_read_begins_again_with_each_sign_of_the_peer(event: str) -> None:
    def before(connection: AsyncioConnection) -> None:
        def act() -> None:
            if event == "bytes":
                connection.data_received(b"HTTP/1.1 200 OK\r\n")
            else:
                connection.pause_writing()
                connection.resume_writing()

        asyncio.get_running_loop().call_soon(act)

    with pytest.raises(ReadTimeoutError):
        exchange(FakeTransport(), before, request(URL, timeout=Timeout(read=0.02)))


def test_an_upload_goes_on_when_the_buffer_has_drained_and_takes_no_pauses() -> None:
    connections: list[AsyncioConnection] = []
    total = 20 * BUFFER_SIZE

    def write() -> None:
        if sum(transport.written) > total:
            connections[0].data_received(head(200, {"Content-Length": "2"}) + b"{}")
        else:
            connections[0].pause_writing()
            asyncio.get_running_loop().call_soon(connections[0].resume_writing)

    transport = FakeTransport(write)
    assert exchange(transport, connections.append, request(URL, bytes(total))).status == 200
    assert connections[0].prepare_for_reuse()


@pytest.mark.parametrize("status", [200, 413])
def test_a_connection_with_half_a_request_is_not_used_again(status: int) -> None:
    connections: list[AsyncioConnection] = []
    response = head(status, {"Content-Length": "2"}) + b"{}"
    transport = FakeTransport(lambda: connections[0].data_received(response) if len(transport.written) == 2 else None)
    assert exchange(transport, connections.append, request(URL, bytes(5 * BUFFER_SIZE))).status == status
    assert sum(transport.written) < 5 * BUFFER_SIZE
    assert connections[0].prepare_for_reuse() is False


def test_an_abandoned_connection_is_closed_if_it_was_open() -> None:
    async def main() -> bool:
        transport = FakeTransport()
        connect(transport).abandon()
        AsyncioConnection(asyncio.get_running_loop(), memoryview(bytearray(1))).abandon()
        return transport.aborted

    assert asyncio.run(main())


def test_an_idle_connection_is_usable_until_there_is_something_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    sock = closed_socket()

    def ready(sock: object, seconds: float, *, writing: bool) -> bool:
        asked.append((sock, seconds, writing))
        return len(asked) > 1

    async def main() -> list[bool]:
        connection = connect(FakeTransport(info={"socket": sock}))
        usable = [connection.is_usable(), connection.is_usable(), connect(FakeTransport()).is_usable()]
        connection.eof_received()
        return [*usable, connection.is_usable()]

    monkeypatch.setattr(asyncio_connection, "is_ready", ready)
    assert asyncio.run(main()) == [True, False, False, False]
    assert asked == [(sock, 0, False)] * 2


def test_bytes_on_an_idle_connection_close_it() -> None:
    async def main() -> bool:
        transport = FakeTransport()
        connection = connect(transport)
        connection.data_received(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        return transport.aborted and not connection.is_usable()

    assert asyncio.run(main())
