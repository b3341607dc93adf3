"""The asyncio connection, with its protocol methods called by hand, in orders that real sockets rarely produce."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING

import pytest

from rekog._core.deadline import Deadline
from rekog._drivers.pools.asyncio_connection import AsyncioConnection
from rekog._drivers.pools.http11 import BUFFER_SIZE, CHUNK_SIZE, JOIN_LIMIT
from rekog._values.errors import CallTimeoutError, ConnectionLostError, WriteTimeoutError
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
    ("status", "size", "reusable"), [(413, JOIN_LIMIT + 1, False), (413, JOIN_LIMIT, True), (200, JOIN_LIMIT + 1, True)]
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


def test_bytes_on_an_idle_connection_close_it() -> None:
    async def main() -> bool:
        transport = FakeTransport()
        connection = connect(transport)
        connection.data_received(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        return transport.aborted and not connection.is_usable()

    assert asyncio.run(main())
