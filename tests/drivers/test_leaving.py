"""Callers that leave: cancelled tasks, Ctrl-C, and a client that is closed while calls are on their way."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple, cast

import anyio
import anyio.to_thread
import pytest

from rekog._core.flow import send
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver
from rekog.config import Timeout
from tests.drivers.calls import fetch, outcome, request
from tests.kit.servers import Answer, ScriptedServer, head, ok, silence, slow, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rekog._core.flow import Flow, HttpResponse
    from tests.kit.backends import Backend


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


def leave(backend: Backend, driver: object, url: str, when: Callable[[], bool], size: int = 0) -> None:
    """Begin a call, and a little after something is true leave it by Ctrl-C or by cancelling it."""
    if isinstance(driver, SyncDriver):
        main = threading.main_thread().ident
        assert main is not None

        def interrupt() -> None:
            assert caught.wait(5)  # outside of what catches it, an interrupt would end the test run
            assert until(when)
            time.sleep(0.03)
            signal.pthread_kill(main, signal.SIGINT)

        def begun() -> Flow[HttpResponse]:
            caught.set()
            return (yield from send(request(url, bytes(size))))

        caught = threading.Event()
        thread = threading.Thread(target=interrupt, daemon=True)
        usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        try:
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                driver.run(begun())
        finally:
            signal.signal(signal.SIGINT, usual)
        thread.join()
        return
    tasks = cast(AsyncDriver, driver)  # cast: there are two kinds
    left: list[bool] = []

    async def cancel(scope: anyio.CancelScope) -> None:
        assert await anyio.to_thread.run_sync(until, when)
        await anyio.sleep(0.03)
        scope.cancel()

    async def cancelled() -> None:
        async with anyio.create_task_group() as group:
            with anyio.CancelScope() as scope:
                group.start_soon(cancel, scope)
                await tasks.run(send(request(url, bytes(size))))
            left.append(scope.cancelled_caught)

    call: Callable[[], Awaitable[None] | None] = cancelled
    backend.run(call)
    assert left == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to a thread")
def test_a_call_that_is_left_gives_its_slot_back_and_closes_its_connection(backend: Backend, stage: Stage) -> None:
    with ScriptedServer(stage.answer, ok(b"next"), takes=stage.takes) as server:
        driver = backend.driver(max_connections=1)
        leave(backend, driver, server.url, lambda: len(server.requests) == 1, stage.size)
        assert fetch(backend, server.url, driver=driver, timeout=Timeout(read=10)).content == b"next"
        assert [received.connection for received in server.requests] == [0, 1]


def test_a_call_that_is_left_while_it_connects_closes_the_connection(backend: Backend) -> None:
    ended: list[bool] = []
    begun: list[bool] = []

    def serve(mute: socket.socket) -> None:
        """Take connections, and whatever a handshake begins with, until they end."""
        for _ in range(2):
            connection, _ = mute.accept()
            with connection:
                begun.append(True)
                while connection.recv(10_000):
                    pass
                ended.append(True)

    with socket.create_server(("127.0.0.1", 0)) as mute:
        thread = threading.Thread(target=serve, args=(mute,), daemon=True)
        thread.start()
        driver = backend.driver(max_connections=1)
        for count in (1, 2):  # the second finds the slot free again
            url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
            leave(backend, driver, url, lambda count=count: len(begun) == count)  # type: ignore[misc]  # it is an int
            assert until(lambda count=count: len(ended) == count)  # type: ignore[misc]  # it is an int
        thread.join(5)


def test_a_call_that_is_left_while_it_waits_takes_no_slot(backend: Backend) -> None:
    with ScriptedServer(ok(b"warm"), (0.6, *ok(b"first")), ok(b"next")) as server:
        driver = backend.driver(max_connections=1)
        fetch(backend, server.url, driver=driver)

        def wait_in_line() -> None:
            assert until(lambda: len(server.requests) == 2)
            leave(backend, driver, server.url, lambda: True)

        first: list[HttpResponse] = []
        thread = threading.Thread(target=lambda: first.append(fetch(backend, server.url, driver=driver)), daemon=True)
        thread.start()
        wait_in_line()
        thread.join()
        assert first[0].content == b"first"
        assert fetch(backend, server.url, driver=driver, timeout=Timeout(read=10)).content == b"next"
        assert len(server.requests) == 3


# --- Closing while calls are on their way ------------------------------------------------------------------------


def test_a_call_on_its_way_is_finished_after_close_and_its_connection_closed(backend: Backend) -> None:
    with ScriptedServer(slow(b"whole", pause=0.04)) as server:
        driver = backend.driver()
        contents: list[bytes] = []
        threads = [
            threading.Thread(
                target=lambda: contents.append(fetch(backend, server.url, driver=driver).content), daemon=True
            )
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
