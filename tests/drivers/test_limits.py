"""Limits: the number of connections, the time of each wait, and the time that an idle connection is kept."""

from __future__ import annotations

import re
import select
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from rekog._core.deadline import Deadline
from rekog._drivers.pools.asyncio_pool import AsyncioPool
from rekog._drivers.pools.idle import IDLE_LIMIT
from rekog._drivers.pools.socket_connection import is_ready
from rekog._drivers.pools.trio_pool import TrioPool
from rekog._drivers.sync import SyncDriver
from rekog._drivers.transport_errors import timeout_error
from rekog._values.errors import CallTimeoutError, ConnectError, ConnectTimeoutError, ReadTimeoutError
from rekog.config import Timeout
from tests.drivers.calls import SHORT, SyncThreadPool, after, fetch, outcome, request, resolve_to, send
from tests.kit.servers import ScriptedServer, head, ok, refusing_port, silence, slow, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from rekog._core.flow import Flow, HttpRequest, HttpResponse
    from tests.kit.backends import Backend


PATIENT = Timeout(read=10)
AFTER_PAUSE = (0.2, *ok())  # a response after a pause in which other requests arrive


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Pool:
    """The pool of the backend, with plain methods."""

    def __init__(self, backend: Backend, clock: Clock) -> None:
        self._backend = backend
        loop_pool = TrioPool if backend.name == "trio" else AsyncioPool
        self._pool = backend.choose(SyncThreadPool, loop_pool)(None, clock)
        backend.closing(self._pool)

    def send(self, outgoing: HttpRequest) -> HttpResponse:
        return self._backend.run(lambda: self._pool.send(outgoing))

    def close(self) -> None:
        self._backend.close(self._pool)

    def send_together(self, *outgoing: HttpRequest) -> list[HttpResponse]:
        return self._backend.together(*[lambda sent=sent: self._pool.send(sent) for sent in outgoing])


# --- Idle connections --------------------------------------------------------------------------------------------


def test_an_idle_connection_is_used_until_it_expires(backend: Backend) -> None:
    clock = Clock()
    pool = Pool(backend, clock)
    with ScriptedServer() as server:
        pool.send(request(server.url))
        clock.now += IDLE_LIMIT
        pool.send(request(server.url))
        assert server.connections == 1
        clock.now += IDLE_LIMIT + 0.1
        pool.send(request(server.url))
        assert server.connections == 2
        assert until(lambda: server.live == 1)


def test_unused_connections_expire_while_another_one_is_in_use(backend: Backend) -> None:
    clock = Clock()
    pool = Pool(backend, clock)
    with ScriptedServer(*[AFTER_PAUSE] * 4, ok()) as server:
        pool.send_together(*[request(server.url)] * 4)
        assert server.live == 4
        clock.now += IDLE_LIMIT - 1
        pool.send(request(server.url))
        clock.now += 2
        pool.send(request(server.url))
        assert until(lambda: server.live == 1)
        assert server.connections == 4


def test_the_connection_used_last_is_used_next(backend: Backend) -> None:
    pool = Pool(backend, Clock())
    with ScriptedServer(*[AFTER_PAUSE] * 3, ok()) as server:
        pool.send_together(*[request(server.url)] * 3)
        assert server.connections == 3
        for _ in range(4):
            pool.send(request(server.url))
        assert len({received.connection for received in server.requests[3:]}) == 1


def test_a_pool_that_was_closed_before_its_first_request_keeps_no_connection(backend: Backend) -> None:
    pool = Pool(backend, Clock())
    with ScriptedServer() as server:
        pool.close()
        assert pool.send(request(server.url)).status == 200
        assert until(lambda: server.live == 0)


def test_a_connection_with_unrequested_bytes_is_not_used(backend: Backend) -> None:
    pool = Pool(backend, Clock())
    with ScriptedServer((*ok(b"this"), 0.02, *ok(b"unrequested")), ok(b"next")) as server:
        pool.send(request(server.url))
        time.sleep(0.25)
        assert pool.send(request(server.url)).content == b"next"
        assert server.connections == 2


# --- The number of connections -----------------------------------------------------------------------------------


def test_a_connection_that_becomes_free_serves_a_waiting_call(backend: Backend) -> None:
    with ScriptedServer(slow(b"{}", pause=0.02)) as server:
        driver = backend.driver(max_connections=1)
        outcomes = backend.together(*[lambda: driver.run(outcome(server.url, timeout=Timeout(read=2)))] * 4)
        assert outcomes == ["{}"] * 4
        assert server.connections == 1


def test_waiting_for_a_connection_counts_against_the_total(backend: Backend) -> None:
    with ScriptedServer(silence()) as server:
        driver = backend.driver(max_connections=1)
        first = outcome(server.url, timeout=Timeout(read=0.5))
        second = after(lambda: server.requests, outcome(server.url, timeout=Timeout(read=30, total=0.1)))
        before = time.monotonic()
        outcomes = backend.together(lambda: driver.run(first), lambda: driver.run(second))

    assert outcomes == ["ReadTimeoutError", "CallTimeoutError"]
    assert time.monotonic() - before < 15


def test_the_error_of_a_call_that_waited_for_a_connection_names_the_wait(backend: Backend) -> None:
    def error_text(url: str) -> Flow[str]:
        with pytest.raises(CallTimeoutError) as caught:
            yield from send(request(url, timeout=Timeout(read=5, total=0.1)))
        return str(caught.value)

    with ScriptedServer(silence()) as server:
        driver = backend.driver(max_connections=1)
        first = outcome(server.url, timeout=Timeout(read=0.8))
        second = after(lambda: server.requests, error_text(server.url))
        _, text = backend.together(lambda: driver.run(first), lambda: driver.run(second))
    assert re.search(r"were busy, and nothing was sent, within the 0\.[01]\d* s", text), text


@pytest.mark.parametrize("first", [(0.8,), (b"garbage\r\n\r\n",)], ids=["timeout", "garbage"])
def test_a_failed_call_releases_its_slot(backend: Backend, first: Any) -> None:
    with ScriptedServer(first, ok(b"free")) as server:
        driver = backend.driver(max_connections=1)
        assert backend.run(lambda: driver.run(outcome(server.url, timeout=SHORT))).endswith("Error")
        assert fetch(backend, server.url, driver=driver, timeout=PATIENT).content == b"free"
        assert until(lambda: server.live == 1)


def test_a_refused_connection_releases_its_slot(backend: Backend) -> None:
    driver = backend.driver(max_connections=1)
    with refusing_port() as port:
        for _ in range(3):
            with pytest.raises(ConnectError):
                fetch(backend, f"http://127.0.0.1:{port}/", driver=driver, timeout=SHORT)


# --- Times -------------------------------------------------------------------------------------------------------

TRICKLED_HEAD = tuple(
    step for byte in head(200, {"Content-Length": "1", "X-Padding": "." * 500}) for step in (0.02, bytes([byte]))
)


@pytest.mark.parametrize("response", [TRICKLED_HEAD, slow(bytes(500), pause=0.02)], ids=["head", "body"])
def test_the_total_timeout_ends_a_trickled_response(backend: Backend, response: Any) -> None:
    with ScriptedServer(response) as server:
        before = time.monotonic()
        with pytest.raises(CallTimeoutError):
            fetch(backend, server.url, timeout=Timeout(read=5, total=0.15))
        assert 0.12 <= time.monotonic() - before < 5  # the response takes 10 s


@pytest.mark.parametrize(("left", "kind"), [(0.01, CallTimeoutError), (0.5, ReadTimeoutError)])
def test_a_timer_that_fires_just_before_the_deadline_is_that_of_the_whole_call(left: float, kind: type[Any]) -> None:
    deadline = Deadline(left, clock=lambda: 0.0)
    error = timeout_error(ReadTimeoutError, request("http://host.test/", timeout=Timeout(left)), deadline)
    assert type(error) is kind


def test_a_trickled_response_is_no_read_timeout(backend: Backend) -> None:
    with ScriptedServer(slow(b"12345", pause=0.2)) as server:
        assert fetch(backend, server.url, timeout=Timeout(read=0.8)).content == b"12345"


def test_silence_within_a_body_is_a_read_timeout(backend: Backend) -> None:
    with ScriptedServer((head(200, {"Content-Length": "2"}) + b"{", 60.0)) as server, pytest.raises(ReadTimeoutError):
        fetch(backend, server.url, timeout=SHORT)


@pytest.fixture
def mute() -> Iterator[str]:
    """The URL of a peer that accepts connections and never sends a byte of the TLS handshake."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"


def test_the_handshake_counts_against_the_connect_timeout(backend: Backend, mute: str) -> None:
    before = time.monotonic()
    with pytest.raises(ConnectTimeoutError, match=r"within 0\.1 s"):
        fetch(backend, mute, timeout=Timeout(connect=0.1))
    assert time.monotonic() - before < 30  # the read timeout is 60 s


def test_connecting_counts_against_the_total(backend: Backend, mute: str) -> None:
    with pytest.raises(CallTimeoutError):
        fetch(backend, mute, timeout=Timeout(connect=5, total=0.1))


def test_name_resolution_counts_against_the_connect_timeout(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    skip_under_uvloop(backend)

    def getaddrinfo(*arguments: object, flags: int = 0, **options: object) -> object:
        if not flags & socket.AI_NUMERICHOST:
            time.sleep(0.5)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    for seconds, expected in ((0.1, ConnectTimeoutError), (5, ConnectError)):
        with pytest.raises(ConnectError) as caught:
            fetch(backend, "http://rekognition.test/", timeout=Timeout(connect=seconds))
        assert type(caught.value) is expected


def skip_under_uvloop(backend: Backend) -> None:
    if backend.name == "uvloop":
        pytest.skip("uvloop resolves names itself, so a test cannot set the addresses")


def test_each_address_of_a_host_is_tried(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    skip_under_uvloop(backend)
    with refusing_port() as port, ScriptedServer() as server:
        resolve_to(monkeypatch, ("127.0.0.1", port), ("127.0.0.1", server.port))
        assert fetch(backend, "http://rekognition.test/").status == 200


def test_an_address_that_never_responds_leaves_time_for_the_next(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_under_uvloop(backend)
    with socket.create_server(("127.0.0.1", 0)) as mute, refusing_port() as port:
        resolve_to(monkeypatch, mute.getsockname(), ("127.0.0.1", port))
        with pytest.raises(ConnectError) as caught:  # and not a ConnectTimeoutError: the second one refused
            fetch(backend, "https://rekognition.test/", timeout=Timeout(connect=1))
        assert type(caught.value) is ConnectError


def test_a_timeout_may_be_longer_than_a_lock_can_wait(backend: Backend) -> None:
    forever = Timeout(read=1e12)
    with ScriptedServer(slow(pause=0.1)) as server:
        driver = backend.driver(max_connections=1)
        calls = [lambda: driver.run(outcome(server.url, timeout=forever))] * 2
        assert len(set(backend.together(*calls))) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="fills Linux's queue of pending connections")
def test_the_connect_timeout_is_for_all_addresses_together(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = SyncThreadPool(None)
    with socket.socket() as listener, socket.socket() as filler, socket.socket() as other:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for client in (filler, other):
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        resolve_to(monkeypatch, *[listener.getsockname()] * 50)
        before = time.monotonic()
        with pytest.raises(ConnectTimeoutError):
            pool.send(request("http://rekognition.test/", timeout=Timeout(connect=0.4)))
        # half of 0.4 s for each of 49 addresses and all of it for the last would be 10 s
        assert 0.36 <= time.monotonic() - before < 5


# --- Threads -----------------------------------------------------------------------------------------------------


def test_select_replaces_poll_on_systems_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "poll")
    pool = SyncThreadPool(None)
    with ScriptedServer(ok(b"first"), (*ok(b"second"), 0.02, b"more"), ok(b"third")) as server:
        contents: list[bytes] = []
        for _ in range(3):
            contents.append(pool.send(request(server.url, bytes(1_000_000))).content)
            time.sleep(0.25)
        assert contents == [b"first", b"second", b"third"]
        assert server.connections == 2
    pool.close()


def test_threads_never_share_an_idle_connection() -> None:
    driver = SyncDriver(max_connections=4)
    with ScriptedServer(slow(pause=0.002)) as server:
        threads = [
            threading.Thread(target=lambda: [driver.run(send(request(server.url))) for _ in range(20)], daemon=True)
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.requests) == 160
        assert server.connections <= 4
    driver.close()


@pytest.mark.parametrize("seconds", [1e7, 1e308, float("inf")])
def test_a_wait_for_a_socket_may_have_any_length(seconds: float) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"a")
        assert is_ready(ours, seconds, writing=False)


def test_a_later_request_on_a_connection_may_have_a_shorter_timeout(backend: Backend) -> None:
    with ScriptedServer(ok(), silence()) as server:
        driver = backend.driver()
        fetch(backend, server.url, driver=driver, timeout=Timeout(read=40))
        started = time.monotonic()
        with pytest.raises(ReadTimeoutError):
            fetch(backend, server.url, driver=driver, timeout=SHORT)
        assert server.connections == 1
    assert time.monotonic() - started < 20
