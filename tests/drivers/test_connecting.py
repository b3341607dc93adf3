"""Connections of a pool, opened without a network: the addresses in order, their times, and the arguments passed on."""

from __future__ import annotations

import asyncio
import errno
import math
import os
import socket
import ssl
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from rekog._core.flow import HttpRequest, HttpResponse
from rekog._drivers.blocking import run_inline
from rekog._drivers.pools import pool
from rekog._drivers.pools.asyncio_pool import AsyncioShare
from rekog._drivers.pools.pool import Address, Pool, Share
from rekog._drivers.pools.thread_pool import ProcessShare
from rekog._settings.urls import Target, parse_target
from rekog._values.errors import CallTimeoutError, ConnectError, ConnectTimeoutError, RekogError
from rekog.config import Timeout
from tests.drivers.calls import request

if TYPE_CHECKING:
    from rekog._core.deadline import Deadline

TARGET = Target(tls=False, host="host.test", port=8680, path="/")
OK = HttpResponse(200, {}, b"{}")


def address(number: int) -> Address:
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (f"10.0.0.{number}", 8680)


class FakeConnection:
    """A connection that returns a response, or raises an error."""

    def __init__(self, result: HttpResponse | BaseException = OK, *, reusable: bool = True) -> None:
        self.result, self.reusable, self.closed, self.idle_since = result, reusable, False, 0.0
        self.got: list[tuple[HttpRequest, float]] = []

    async def exchange(self, request: HttpRequest, deadline: Deadline) -> HttpResponse:
        self.got.append((request, deadline.left()))
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result

    def prepare_for_reuse(self) -> bool:
        return self.reusable

    def is_usable(self) -> bool:
        return not self.closed

    def close(self) -> None:
        self.closed = True


class FakeShare(Share[FakeConnection]):
    """A share whose addresses accept connections, or raise errors."""

    def __init__(self, *results: FakeConnection | BaseException, number: int | None = None) -> None:
        super().__init__(None)
        self.results = list(results)
        self.number = len(results) if number is None else number
        self.opened: list[tuple[object, object, Address, float]] = []
        self.resolved: list[tuple[Target, float]] = []

    async def resolve(self, target: Target, seconds: float) -> Sequence[Address]:
        self.resolved.append((target, seconds))
        return [address(number) for number in range(self.number)]

    async def open(self, target: Target, tls: object, address: Address, seconds: float) -> FakeConnection:
        self.opened.append((target, tls, address, seconds))
        result = self.results.pop(0)
        if isinstance(result, BaseException):
            raise result
        return result


class FakePool(Pool[str, FakeConnection]):
    """A pool with one share."""

    def __init__(self, share: FakeShare, tls: Any = None, *, closed: bool = False) -> None:
        super().__init__(tls)
        self.share, self.owner = share, "this"
        self._current_owner = self.find_owner
        self._closed = closed

    def find_owner(self) -> str:
        if not self.owner:
            raise RuntimeError("no running event loop")
        return self.owner

    async def _add_share(self, owner: str) -> Share[FakeConnection]:
        self._shares[owner] = self.share
        return self.share


def sent(pool: FakePool, timeout: Timeout | None = None, url: str = "https://host.test:8680/") -> HttpResponse:
    return run_inline(pool.send(request(url, b"{}", timeout=timeout)))


def raised(pool: FakePool, timeout: Timeout | None = None, url: str = "https://host.test:8680/") -> RekogError:
    with pytest.raises(RekogError) as caught:
        sent(pool, timeout, url)
    return caught.value


def test_the_addresses_of_a_host_are_tried_in_order_each_with_half_of_the_time_left() -> None:
    connection = FakeConnection()
    share = FakeShare(OSError("first"), TimeoutError("second"), connection)
    tls: Any = object()

    assert run_inline(share.connect(TARGET, tls, 8000.0)) is connection
    assert share.resolved == [(TARGET, 8000.0)]
    assert [opened[:3] for opened in share.opened] == [(TARGET, tls, address(number)) for number in range(3)]
    assert [opened[3] for opened in share.opened] == pytest.approx([4000, 4000, 8000], abs=100)


def test_the_first_address_that_accepts_ends_the_search_and_the_last_error_is_raised() -> None:
    first = FakeConnection()
    assert run_inline(FakeShare(first, number=3).connect(TARGET, None, 1.0)) is first
    with pytest.raises(ConnectionRefusedError, match=r"^last$"):
        run_inline(FakeShare(OSError("first"), ConnectionRefusedError("last")).connect(TARGET, None, 1.0))
    with pytest.raises(ValueError, match=r"^no error of the network$"):
        run_inline(FakeShare(ValueError("no error of the network"), number=2).connect(TARGET, None, 1.0))


def test_a_numeric_address_needs_no_name_server() -> None:
    share = FakeShare(FakeConnection())
    run_inline(share.connect(parse_target("http://127.0.0.1:8680/"), None, 1.0))

    assert share.resolved == []
    assert share.opened[0][2] == (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 8680))


def test_a_look_up_asks_for_addresses_of_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def find(*arguments: object, **named: object) -> list[Address]:
        asked.append((*arguments, named))
        return [address(1)]

    monkeypatch.setattr(socket, "getaddrinfo", find)
    assert run_inline(ProcessShare(None).resolve(TARGET, 5.0)) == [address(1)]
    assert asked == [("host.test", 8680, {"type": socket.SOCK_STREAM})]


def test_the_time_for_a_connection_is_the_least_of_its_limits() -> None:
    limits = {
        Timeout(connect=3000): 3000,
        Timeout(2000, connect=3000): 2000,
        Timeout(9000, connect=3000): 3000,
        Timeout(9000): 5,
    }
    for timeout, seconds in limits.items():
        share = FakeShare(FakeConnection())
        tls: Any = object()
        sent(FakePool(share, tls), timeout)
        ((target, given, _, limit),) = share.opened
        assert (target, given) == (parse_target("https://host.test:8680/"), tls)
        assert limit == seconds or seconds - 100 < limit < seconds  # some time has passed


def test_an_error_while_connecting_is_ours_with_its_cause() -> None:
    refused, late, name = ConnectionRefusedError("refused"), TimeoutError(), UnicodeError("label too long")
    for cause, kind in ((refused, ConnectError), (late, ConnectTimeoutError), (name, ConnectError)):
        error = raised(FakePool(FakeShare(cause)))
        assert (type(error), error.__cause__) == (kind, cause)
    ended = raised(FakePool(FakeShare(late)), Timeout(1e-9))
    assert (type(ended), ended.__cause__) == (CallTimeoutError, late)
    bug = ValueError()
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the identity is compared)
        sent(FakePool(FakeShare(bug)))
    assert caught.value is bug


def test_a_request_has_what_is_left_of_its_total_time() -> None:
    connection = FakeConnection()
    sent(FakePool(FakeShare(connection)), Timeout(2000))
    sent(FakePool(FakeShare(other := FakeConnection())))
    assert connection.got[0][0].content == (b"{}",)
    assert 1900 < connection.got[0][1] < 2000
    assert other.got[0][1] == math.inf


def test_a_connection_is_kept_only_if_it_can_be_used_again_and_the_pool_is_open() -> None:
    kept, used_up, late = FakeConnection(), FakeConnection(reusable=False), FakeConnection()
    pool = FakePool(FakeShare(used_up, kept))
    assert sent(pool) is OK
    assert used_up.closed
    assert [sent(pool), sent(pool)] == [OK, OK]
    assert (len(kept.got), kept.closed) == (2, False)
    assert sent(FakePool(FakeShare(late), closed=True)) is OK
    assert late.closed


@pytest.mark.parametrize("error", [OSError("lost"), KeyboardInterrupt()], ids=repr)
def test_a_connection_whose_exchange_fails_is_closed(error: BaseException) -> None:
    connection = FakeConnection(error)
    with pytest.raises(type(error)):
        sent(FakePool(FakeShare(connection)))
    assert connection.closed


def test_each_owner_has_connections_of_its_own() -> None:
    first, second = FakeConnection(), FakeConnection()
    pool = FakePool(FakeShare(first, first))
    sent(pool)
    pool.owner, pool.share = "other", FakeShare(second)
    sent(pool)
    pool.owner = "this"
    sent(pool)
    assert (len(first.got), len(second.got)) == (2, 1)


def test_an_event_loop_of_the_other_library_is_an_error_with_the_remedy() -> None:
    unowned = FakePool(FakeShare())
    unowned.owner = ""
    error = raised(unowned)
    assert (str(error), type(error.__cause__)) == (pool.OTHER_LIBRARY, RuntimeError)


@pytest.mark.parametrize("tls", [None, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)], ids=["plain", "TLS"])
@pytest.mark.parametrize(("seconds", "handshake"), [(2.5, 2.5), (0.0, 0.001), (-1.0, 0.001)])
def test_asyncio_gets_the_address_the_name_and_the_time_of_a_connection(
    tls: ssl.SSLContext | None, seconds: float, handshake: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, ...]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        async def create_connection(make: Any, *place: object, **named: object) -> None:
            calls.append((make(), place, named))

        monkeypatch.setattr(loop, "create_connection", create_connection)
        target = parse_target("https://host.test.:8680/")
        connection = await AsyncioShare(loop, None).open(target, tls, address(1), seconds)
        assert connection is calls[0][0]

    asyncio.run(main())
    ((connection, place, named),) = calls
    assert type(connection).__name__ == ("PlainConnection" if tls is None else "AsyncioConnection")
    assert place == ("10.0.0.1", 8680)
    assert named == {
        "ssl": tls,
        "server_hostname": "host.test" if tls else None,
        "ssl_handshake_timeout": handshake if tls else None,
    }


def test_a_socket_sends_small_packets_at_once_and_does_not_block() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = server.getsockname()
        found: Address = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)
        connection = run_inline(ProcessShare(None).open(TARGET, None, found, 1.0))
        opened: socket.socket = connection._socket  # pyright: ignore[reportPrivateUsage]  # options have no other trace
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert opened.getblocking() is False
        assert opened.getpeername() == place
        connection.close()


def test_a_refused_connection_has_the_error_of_the_system() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = server.getsockname()
    closed: Address = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)
    with pytest.raises(ConnectionRefusedError) as caught:
        run_inline(ProcessShare(None).open(TARGET, None, closed, 1.0))
    assert (caught.value.errno, caught.value.strerror) == (errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
