"""What asyncio calls, by hand: orders of events that a socket brings about only now and then."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING

import pytest

from rekog._core.deadline import Deadline
from rekog._drivers.pools.asyncio_connection import AsyncioConnection
from rekog._drivers.pools.http11 import BUFFER_SIZE, CHUNK_SIZE, JOIN_LIMIT
from rekog._drivers.pools.idle import IdleConnections
from rekog._values.errors import CallTimeoutError, ConnectionLostError, WriteTimeoutError
from rekog.config import Timeout
from tests.drivers.calls import request
from tests.kit.servers import head

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from rekog._core.flow import HttpRequest, HttpResponse

URL = "http://rekognition.test/"
REFUSAL = head(413, {"Content-Length": "2"}) + b"{}"


class Line(asyncio.Transport):
    """A transport to nowhere, which runs a function at each write."""

    def __init__(self, peer: Callable[[], None] = lambda: None, known: dict[str, object] | None = None) -> None:
        super().__init__(known)
        self._peer = peer
        self.aborted = False
        self.unsent = 0
        self.limit = 0
        self.written: list[int] = []

    def write(self, data: Sized) -> None:
        self.written.append(len(data))
        self._peer()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.limit = high or 0

    def abort(self) -> None:
        self.aborted = True

    def get_write_buffer_size(self) -> int:
        return self.unsent


def connected(line: Line) -> AsyncioConnection:
    connection = AsyncioConnection(asyncio.get_running_loop(), memoryview(bytearray(BUFFER_SIZE)))
    connection.connection_made(line)
    return connection


def exchanged(
    line: Line, before: Callable[[AsyncioConnection], None], sent: HttpRequest, deadline: Deadline | None = None
) -> HttpResponse:
    async def exchange() -> HttpResponse:
        connection = connected(line)
        before(connection)
        return await connection.exchange(sent, deadline or Deadline(None))

    return asyncio.run(asyncio.wait_for(exchange(), 5))


def test_a_connection_that_is_lost_before_its_first_request_is_lost_at_once() -> None:
    with pytest.raises(ConnectionLostError):
        exchanged(Line(), lambda connection: connection.connection_lost(None), request(URL))


def test_an_exchange_that_begins_after_its_deadline_is_late() -> None:
    with pytest.raises(CallTimeoutError):
        exchanged(Line(), lambda _: None, request(URL, timeout=Timeout(total=1)), Deadline(-1.0))


def lose(line: Line, error: OSError, *first: bytes) -> HttpResponse:
    """Begin an upload; after its first piece come these bytes, and then the end."""

    def before(connection: AsyncioConnection) -> None:
        def peer() -> None:
            for data in first:
                connection.data_received(data)
            connection.connection_lost(error)

        asyncio.get_running_loop().call_soon(peer)

    return exchanged(line, before, request(URL, bytes(3 * CHUNK_SIZE)))


def test_what_came_before_a_reset_is_the_answer() -> None:
    near, far = socket.socketpair()
    with near, far:
        far.sendall(REFUSAL)
        assert lose(Line(known={"socket": near}), ConnectionResetError()).status == 413


@pytest.mark.parametrize("known", [{}, {"socket": None, "ssl_object": object()}], ids=["no socket", "neither"])
def test_a_reset_without_a_socket_to_read_from_is_a_lost_connection(known: dict[str, object]) -> None:
    with pytest.raises(ConnectionLostError, match="reset by peer"):
        lose(Line(known=known), ConnectionResetError("reset by peer"))


def test_bytes_under_tls_are_no_last_words() -> None:
    near, far = socket.socketpair()
    with near, far:
        far.sendall(REFUSAL)
        with pytest.raises(ConnectionLostError, match="reset by peer"):
            lose(Line(known={"socket": near, "ssl_object": object()}), ConnectionResetError("reset by peer"))


def test_a_reset_with_nothing_before_it_is_a_lost_connection() -> None:
    near, far = socket.socketpair()
    with near, far, pytest.raises(ConnectionLostError, match="reset by peer"):
        lose(Line(known={"socket": near}), ConnectionResetError("reset by peer"))


def test_a_reset_does_not_complete_an_answer_without_length() -> None:
    with pytest.raises(ConnectionLostError, match="reset by peer"):
        lose(Line(), ConnectionResetError("reset by peer"), head(200, {}) + b"the first half")


def test_a_write_that_goes_on_slowly_is_no_timeout_until_it_stops() -> None:
    line = Line()

    def write() -> None:
        line.unsent = 100

    line._peer = write  # pyright: ignore[reportPrivateUsage]  # the line and its peer know each other

    def before(_: AsyncioConnection) -> None:
        asyncio.get_running_loop().call_later(0.03, setattr, line, "unsent", 50)

    begin = time.monotonic()
    with pytest.raises(WriteTimeoutError):
        exchanged(line, before, request(URL, timeout=Timeout(read=0.05)))
    assert time.monotonic() - begin > 0.09


def test_of_an_upload_under_tls_no_more_is_handed_over_than_can_be_seen() -> None:
    connections: list[AsyncioConnection] = []
    line = Line(lambda: connections[0].data_received(REFUSAL) if len(line.written) == 4 else None)
    assert exchanged(line, connections.append, request(URL, bytes(3 * BUFFER_SIZE))).status == 413
    assert max(line.written) == BUFFER_SIZE == line.limit


@pytest.mark.parametrize(("size", "unsent", "again"), [(100, 0, True), (100, 1, False), (JOIN_LIMIT + 1, 0, False)])
def test_a_connection_on_which_a_request_may_still_be_going_out_is_not_used_again(
    size: int, unsent: int, again: bool
) -> None:
    connections: list[AsyncioConnection] = []

    def refuse() -> None:
        line.unsent = unsent
        connections[0].data_received(REFUSAL)

    line = Line(refuse)
    assert exchanged(line, connections.append, request(URL, bytes(size))).status == 413
    assert connections[0].reuse() is again


def test_bytes_that_come_while_a_connection_is_idle_end_it() -> None:
    async def main() -> bool:
        line = Line()
        connection = connected(line)
        connection.data_received(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        return line.aborted and not connection.is_usable()

    assert asyncio.run(main())


class Kept:
    """A connection that only knows whether it was closed."""

    idle_since = 0.0
    closed = False

    def is_usable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def test_a_connection_that_becomes_idle_after_close_is_closed() -> None:
    idle: IdleConnections[Kept] = IdleConnections(time.monotonic)
    late = Kept()
    idle.close()
    idle.keep(late)
    assert late.closed
    assert idle.take() is None
