"""Callers that leave: cancelled tasks, Ctrl-C, and a client that is closed while calls are on their way."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple, cast

import anyio
import pytest

from rekog._core.http import send
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver
from rekog.config import Timeout
from tests.servers import Answer, ScriptedServer, head, ok, silence, slow, until

from .calls import fetch, needs_our_pool, outcome, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rekog._core.http import HttpResponse
    from tests.client.conftest import Backend


class Stage(NamedTuple):
    """Where in a call its caller leaves: what the server does, how much it takes, and what is sent to it."""

    answer: Answer
    takes: int | None = None
    size: int = 0


STAGES = {
    "waiting for the answer": Stage(silence()),
    "within the head": Stage((b"HTTP/1.1 200", 60.0)),
    "within the body": Stage((head(200, {"Content-Length": "9"}) + b"part", 60.0)),
    "writing": Stage((60.0,), takes=10, size=20_000_000),
}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    return STAGES[request.param]


def leave(backend: Backend, driver: object, url: str, size: int = 0) -> None:
    """Begin a call, and leave it by Ctrl-C or by cancelling it."""
    if isinstance(driver, SyncDriver):
        main = threading.main_thread().ident
        assert main is not None
        timer = threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            driver.run(send(request(url, bytes(size))))
        timer.join()
        return
    tasks = cast(AsyncDriver, driver)  # cast: there are two kinds

    async def cancelled() -> bool:
        with anyio.move_on_after(0.1) as scope:
            await tasks.run(send(request(url, bytes(size))))
        return scope.cancelled_caught

    assert backend.run(cancelled)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to a thread")
def test_a_call_that_is_left_gives_its_slot_back_and_closes_its_connection(backend: Backend, stage: Stage) -> None:
    with ScriptedServer(stage.answer, ok(b"next"), takes=stage.takes) as server:
        driver = backend.driver(max_connections=1)
        leave(backend, driver, server.url, stage.size)
        assert fetch(backend, server.url, driver=driver, timeout=Timeout(read=1)).content == b"next"
        assert [received.connection for received in server.requests] == [0, 1]


@pytest.fixture
def mute() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_a_call_that_is_left_while_it_connects_closes_the_connection(backend: Backend, mute: socket.socket) -> None:
    needs_our_pool(backend, "httpcore, which trio has, leaves such a socket to the garbage collector")
    driver = backend.driver(max_connections=1)
    url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
    for _ in range(2):  # the second finds the slot free again
        leave(backend, driver, url)
        connection, _ = mute.accept()
        with connection:
            connection.settimeout(5)
            while connection.recv(10_000):  # what there is of a handshake, and the end
                pass


def test_a_call_that_is_left_while_it_waits_takes_no_slot(backend: Backend) -> None:
    with ScriptedServer(ok(b"warm"), (0.4, *ok(b"first")), ok(b"next")) as server:
        driver = backend.driver(max_connections=1)
        fetch(backend, server.url, driver=driver)

        def wait_in_line() -> None:
            assert until(lambda: len(server.requests) == 2)
            leave(backend, driver, server.url)

        first: list[HttpResponse] = []
        thread = threading.Thread(target=lambda: first.append(fetch(backend, server.url, driver=driver)))
        thread.start()
        wait_in_line()
        thread.join()
        assert first[0].content == b"first"
        assert fetch(backend, server.url, driver=driver, timeout=Timeout(read=1)).content == b"next"
        assert len(server.requests) == 3


# --- Closing while calls are on their way ------------------------------------------------------------------------


def test_a_call_on_its_way_is_finished_after_close_and_its_connection_closed(backend: Backend) -> None:
    if backend.name == "trio":
        pytest.skip("httpx's transport, which trio has, ends such calls")
    with ScriptedServer(slow(b"whole", pause=0.04)) as server:
        driver = backend.driver()
        contents: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: contents.append(fetch(backend, server.url, driver=driver).content))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        assert until(lambda: len(server.requests) == 3)
        backend.close(driver)
        for thread in threads:
            thread.join()
        assert contents == [b"whole"] * 3
        assert until(lambda: server.live == 0)


def test_closing_leaves_no_connection(backend: Backend) -> None:
    with ScriptedServer(slow(b"whole", pause=0.01)) as server:
        driver = backend.driver()
        backend.together(*[lambda: driver.run(outcome(server.url))] * 4)
        assert server.live == 4
        backend.close(driver)
        assert until(lambda: server.live == 0)
