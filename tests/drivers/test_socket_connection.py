"""A connection over a non-blocking socket: what it sends, how long it waits and for what, and how it ends."""

from __future__ import annotations

import math
import select
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from rekog._core.deadline import Deadline
from rekog._drivers.blocking import run_inline
from rekog._drivers.pools import socket_connection
from rekog._drivers.pools.http11 import BUFFER_SIZE, CHUNK_SIZE
from rekog._drivers.pools.socket_connection import SocketConnection, SocketShare, is_ready
from rekog._settings.urls import Target
from rekog._values.errors import (
    CallTimeoutError,
    ConnectionLostError,
    ReadTimeoutError,
    RekogError,
    StaleConnectionError,
    WriteTimeoutError,
)
from rekog.config import Timeout
from tests.drivers.calls import request
from tests.kit.servers import head

if TYPE_CHECKING:
    from rekog._core.flow import HttpResponse
    from rekog._drivers.pools.pool import Address

URL = "http://host.test/"
LIMITS = Timeout(read=3000)
RESPONSE = head(200, {"Content-Length": "2"}) + b"{}"
LATER = BlockingIOError()


class FakeSocket:
    """A socket that takes so many bytes at each `send`, returns these bytes at each `recv`, or raises errors."""

    def __init__(self, received: Sequence[bytes | OSError], taken: Sequence[int | OSError] = ()) -> None:
        self.received, self.taken = list(received), list(taken)
        self.sent = bytearray()
        self.sizes: list[int] = []
        self.closed = False

    def send(self, data: memoryview[int]) -> int:
        taken = self.taken.pop(0) if self.taken else len(data)
        if isinstance(taken, OSError):
            raise taken
        self.sent += data[:taken]
        return min(taken, len(data))

    def recv(self, size: int) -> bytes:
        self.sizes.append(size)
        received = self.received.pop(0) if self.received else LATER
        if isinstance(received, OSError):
            raise received
        return received

    def close(self) -> None:
        self.closed = True


class Waits:
    """The waits for a socket; `ready` says how each of them ends."""

    def __init__(self, ready: Sequence[bool] = ()) -> None:
        self.ready = list(ready)
        self.got: list[tuple[Any, float, bool]] = []

    async def __call__(self, sock: Any, seconds: float, *, writing: bool) -> bool:
        self.got.append((sock, seconds, writing))
        return self.ready.pop(0) if self.ready else True


def connected(sock: FakeSocket, waits: Waits | None = None) -> SocketConnection:
    plain: Any = sock
    return SocketConnection(plain, waits or Waits(), (BlockingIOError,))


def exchange(
    connection: SocketConnection, *parts: bytes, timeout: Timeout = LIMITS, deadline: Deadline | None = None
) -> HttpResponse:
    sent = request(URL, *parts, timeout=timeout)
    return run_inline(connection.exchange(sent, deadline or Deadline(None)))


def failure(connection: SocketConnection, *parts: bytes, **more: Any) -> RekogError:
    with pytest.raises(RekogError) as caught:
        exchange(connection, *parts, **more)
    return caught.value


def test_a_connection_waits_until_the_response_can_be_read() -> None:
    waits, sock = Waits(), FakeSocket([RESPONSE[:5], LATER, RESPONSE[5:]])
    connection = connected(sock, waits)
    assert exchange(connection, b"{}").content == b"{}"
    assert waits.got == [(sock, 3000, False)] * 3
    assert set(sock.sizes) == {BUFFER_SIZE}
    assert bytes(sock.sent) == b"POST / HTTP/1.1\r\nHost: host.test\r\nContent-Length: 2\r\n\r\n{}"
    assert connection.prepare_for_reuse() is True


def test_a_connection_waits_until_the_rest_of_the_request_can_be_sent() -> None:
    waits, sock = Waits(), FakeSocket([LATER, LATER, LATER, RESPONSE], [10, LATER, 7])
    connection = connected(sock, waits)
    assert exchange(connection, b"{}").content == b"{}"
    assert waits.got == [(sock, 3000, True), (sock, 3000, False)]
    assert sock.sent.endswith(b"\r\n\r\n{}")
    assert connection.prepare_for_reuse() is True


def test_a_wait_takes_what_is_left_of_the_call_at_most() -> None:
    waits = Waits()
    exchange(connected(FakeSocket([LATER, RESPONSE], [LATER]), waits), deadline=Deadline(2000))
    assert [1900 < seconds < 2000 for _, seconds, _ in waits.got] == [True] * 2


@pytest.mark.parametrize(("taken", "kind"), [((LATER,), WriteTimeoutError), ((), ReadTimeoutError)])
def test_a_wait_without_result_is_a_timeout(taken: Sequence[OSError], kind: type[RekogError]) -> None:
    text: dict[type[RekogError], str] = {
        ReadTimeoutError: f"{URL[:-1]} sent nothing for 3e+03 s: it may",
        WriteTimeoutError: f"{URL[:-1]} accepted",
    }
    connection = connected(FakeSocket([], taken), Waits([False]))
    error = failure(connection)
    assert type(error) is kind
    assert str(error).startswith(text[kind])
    late = Waits()
    ended = failure(connected(FakeSocket([], taken), late), timeout=Timeout(5), deadline=Deadline(-1.0))
    assert type(ended) is CallTimeoutError
    assert late.got == []


def test_a_connection_with_half_a_request_is_not_used_again() -> None:
    sock = FakeSocket([LATER, RESPONSE])
    connection = connected(sock)
    assert exchange(connection, bytes(3 * CHUNK_SIZE)).status == 200
    assert CHUNK_SIZE < len(sock.sent) < 3 * CHUNK_SIZE
    assert connection.prepare_for_reuse() is False


def test_nothing_is_read_before_the_first_bytes_are_sent() -> None:
    sock = FakeSocket([RESPONSE])
    connection = connected(sock)
    assert exchange(connection, b"{}").status == 200
    assert sock.sent.endswith(b"\r\n\r\n{}")
    assert connection.prepare_for_reuse() is True


def test_a_response_is_read_after_the_peer_has_refused_the_request() -> None:
    broken = BrokenPipeError("broken pipe")
    assert exchange(connected(FakeSocket([RESPONSE], [broken]))).status == 200
    lost = failure(connected(FakeSocket([b""], [broken])))
    assert (type(lost), lost.__cause__) == (ConnectionLostError, broken)
    text = "the connection to http://host.test broke: the server may have processed the request"
    assert str(lost) == f"{text} (broken pipe)"
    reset = ConnectionResetError("reset by peer")
    received: list[list[bytes | OSError]] = [[reset], [b"H", reset]]
    for pieces in received:
        error = failure(connected(FakeSocket(pieces)))
        assert (type(error), error.__cause__, str(error)) == (ConnectionLostError, reset, f"{text} (reset by peer)")
    both = failure(connected(FakeSocket([reset], [broken])))
    assert (both.__cause__, str(both)) == (broken, f"{text} (broken pipe)")
    ended = failure(connected(FakeSocket([b""])))
    assert str(ended) == "http://host.test closed the connection without a response: it may have processed the request"


def test_only_a_used_connection_without_a_byte_of_the_response_is_stale() -> None:
    ends: list[tuple[list[bytes | OSError], list[int | OSError]]] = [
        ([b""], []), ([ConnectionResetError()], []), ([b""], [BrokenPipeError()])
    ]  # fmt: skip
    for received, taken in ends:
        for first in ([], [b"H"]):
            sock = FakeSocket([RESPONSE])
            connection = connected(sock)
            exchange(connection)
            assert connection.prepare_for_reuse()
            sock.received, sock.taken = [*first, *received], list(taken)
            error = failure(connection)
            assert type(error) is (ConnectionLostError if first else StaleConnectionError)
            if not first:
                assert str(error) == (
                    "a connection to http://host.test, kept from an earlier call, broke: the server may have processed"
                    " the request"
                )


def test_a_timeout_of_a_used_connection_is_no_stale_connection() -> None:
    waits, sock = Waits(), FakeSocket([RESPONSE])
    connection = connected(sock, waits)
    exchange(connection)
    connection.prepare_for_reuse()
    waits.ready = [False]
    assert type(failure(connection)) is ReadTimeoutError


def test_an_idle_connection_is_usable_until_there_is_something_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def ready(sock: object, seconds: float, *, writing: bool) -> bool:
        asked.append((sock, seconds, writing))
        return len(asked) > 1

    sock = FakeSocket([])
    connection = connected(sock)
    monkeypatch.setattr(socket_connection, "is_ready", ready)
    assert (connection.is_usable(), connection.is_usable()) == (True, False)
    assert asked == [(sock, 0, False)] * 2
    connection.close()
    assert sock.closed


def test_a_connection_that_a_signal_interrupted_at_its_birth_is_forgotten() -> None:
    SocketConnection.__new__(SocketConnection).__del__()


# --- Waiting -----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["poll", "select"])
def pair(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[socket.socket, Any]]:
    """Return two connected sockets, with the functions of Unix and of Windows that wait for them."""
    if request.param == "select":
        monkeypatch.delattr(select, "poll")
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        yield near, far


def test_a_socket_is_ready_when_it_can_be_read_or_written(pair: tuple[socket.socket, Any]) -> None:
    near, far = pair
    assert [is_ready(near, 0, writing=writing) for writing in (False, True)] == [False, True]
    far.send(b"a")
    limits = [0, 5, 1e5] + ([math.inf] if hasattr(select, "poll") else [])
    assert [is_ready(near, limit, writing=False) for limit in limits] == [True] * len(limits)


def test_a_full_socket_can_be_read_but_not_written(pair: tuple[socket.socket, Any]) -> None:
    near, far = pair
    with suppress(BlockingIOError):
        while True:
            near.send(bytes(1 << 16))
    assert [is_ready(near, 0.001, writing=writing) for writing in (False, True)] == [False, False]
    far.send(b"a")
    assert [is_ready(near, 5, writing=writing) for writing in (False, True)] == [True, True]


def test_a_wait_for_a_socket_ends_when_it_becomes_ready(pair: tuple[socket.socket, Any]) -> None:
    near, far = pair
    timer = threading.Timer(0.02, far.send, (b"a",))
    timer.start()
    assert is_ready(near, 60, writing=False)
    timer.join()


# --- Opening -----------------------------------------------------------------------------------------------------


class FakeShare(SocketShare):
    """A share whose waits are recorded."""

    waits = Waits()

    @staticmethod
    async def wait(sock: socket.socket, seconds: float, *, writing: bool) -> bool:
        return await FakeShare.waits(sock, seconds, writing=writing)

    async def resolve(self, target: Target, seconds: float) -> Sequence[Address]:
        raise AssertionError


class FakeTls:
    """A TLS context whose handshake has these steps."""

    def __init__(self, *steps: BaseException | None) -> None:
        self.steps = list(steps)
        self.wrapped: list[tuple[socket.socket, dict[str, object]]] = []

    def wrap_socket(self, plain: socket.socket, **named: object) -> FakeTls:
        self.wrapped.append((plain, named))
        return self

    def do_handshake(self) -> None:
        step = self.steps.pop(0)
        if step is not None:
            raise step

    def close(self) -> None:
        self.wrapped[0][0].close()


@pytest.fixture
def listening() -> Iterator[tuple[int, int, int, str, Any]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", server.getsockname()


def opened(address: Address, tls: Any, waits: Waits, seconds: float = 1000) -> SocketConnection:
    FakeShare.waits = waits
    return run_inline(FakeShare(None).open(Target(tls is not None, "host.test.", 1, "/"), tls, address, seconds))


def test_a_connection_is_open_once_its_socket_can_be_written(listening: Address) -> None:
    waits = Waits()
    opened(listening, None, waits).close()
    assert [wait[1:] for wait in waits.got] == [(1000, True)]
    again = Waits()
    opened(listening, None, again, -1.0).close()
    assert [wait[1:] for wait in again.got] == [(0, True)]


def test_a_connection_that_takes_too_long_is_closed(listening: Address) -> None:
    waits = Waits([False])
    with pytest.raises(TimeoutError):
        opened(listening, None, waits)
    ((sock, *_),) = waits.got
    assert sock.fileno() == -1


def test_a_handshake_waits_for_what_it_needs(listening: Address) -> None:
    waits, tls = Waits(), FakeTls(ssl.SSLWantReadError(), ssl.SSLWantWriteError(), None)
    opened(listening, tls, waits).close()
    ((plain, named),) = tls.wrapped
    assert named == {"server_hostname": "host.test", "do_handshake_on_connect": False}
    assert [(sock, writing) for sock, _, writing in waits.got] == [(plain, True), (tls, False), (tls, True)]
    assert [900 < seconds < 1000 for _, seconds, _ in waits.got[1:]] == [True, True]


@pytest.mark.parametrize("step", [ssl.SSLWantReadError(), ssl.SSLError("no certificate"), KeyboardInterrupt()])
def test_a_handshake_that_fails_closes_the_socket(listening: Address, step: BaseException) -> None:
    tls = FakeTls(step)
    expected: type[BaseException] = TimeoutError if isinstance(step, ssl.SSLWantReadError) else type(step)
    with pytest.raises(expected):
        opened(listening, tls, Waits([True, False]))
    assert tls.wrapped[0][0].fileno() == -1


def test_a_connection_over_tls_waits_as_tls_says(listening: Address) -> None:
    waits, tls = Waits(), FakeTls(None)
    connection = opened(listening, tls, waits)
    sock = FakeSocket([ssl.SSLWantReadError(), ssl.SSLWantReadError(), RESPONSE], [ssl.SSLWantWriteError()])
    connection._socket = sock  # type: ignore[assignment]  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]  # a fake
    assert exchange(connection).status == 200
    tls.close()
    assert [wait[1:] for wait in waits.got[1:]] == [(3000, True), (3000, False), (3000, False)]
