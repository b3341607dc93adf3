"""Callers that leave: cancelled tasks, Ctrl-C, and a client that is closed during calls."""

from __future__ import annotations

import importlib
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, cast

import anyio
import anyio.to_thread
import pytest

from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver
from rekog.config import Timeout
from tests.drivers.calls import fetch, outcome, request, send
from tests.kit.servers import ScriptedResponse, ScriptedServer, head, ok, silence, slow, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rekog._core.flow import Flow, HttpResponse
    from tests.kit.backends import Backend


class Stage(NamedTuple):
    """The stage of a call at which its caller leaves: the response, the server's read limit, the request's size."""

    response: ScriptedResponse
    read_limit: int | None = None
    size: int = 0


STAGES = {
    "waiting for the response": Stage(silence()),
    "within the head": Stage((b"HTTP/1.1 200", 60.0)),
    "within the body": Stage((head(200, {"Content-Length": "9"}) + b"part", 60.0)),
    "writing": Stage((60.0,), read_limit=10, size=20_000_000),
}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    return STAGES[request.param]


def leave(backend: Backend, driver: object, url: str, condition: Callable[[], bool], size: int = 0) -> None:
    """Begin a call; 0.03 s after the condition is true, interrupt it with Ctrl-C or cancel it."""
    if isinstance(driver, SyncDriver):
        main = threading.main_thread().ident
        assert main is not None

        def interrupt() -> None:
            assert started.wait(60)  # earlier, the interrupt would end the test run
            assert until(condition)
            time.sleep(0.03)
            signal.pthread_kill(main, signal.SIGINT)

        def flow() -> Flow[HttpResponse]:
            started.set()
            return (yield from send(request(url, bytes(size))))

        started = threading.Event()
        thread = threading.Thread(target=interrupt, daemon=True)
        usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores SIGINT
        try:
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                driver.run(flow())
        finally:
            signal.signal(signal.SIGINT, usual)
        thread.join()
        return
    tasks = cast(AsyncDriver, driver)  # cast: the other kind of driver
    was_cancelled: list[bool] = []

    async def cancel(scope: anyio.CancelScope) -> None:
        assert await anyio.to_thread.run_sync(until, condition)
        await anyio.sleep(0.03)
        scope.cancel()

    async def cancelled() -> None:
        async with anyio.create_task_group() as group:
            with anyio.CancelScope() as scope:
                group.start_soon(cancel, scope)
                await tasks.run(send(request(url, bytes(size))))
            was_cancelled.append(scope.cancelled_caught)

    call: Callable[[], Awaitable[None] | None] = cancelled
    backend.run(call)
    assert was_cancelled == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to a thread")
def test_a_cancelled_call_releases_its_slot_and_closes_its_connection(backend: Backend, stage: Stage) -> None:
    with ScriptedServer(stage.response, ok(b"next"), read_limit=stage.read_limit) as server:
        driver = backend.driver(max_connections=1)
        leave(backend, driver, server.url, lambda: len(server.requests) == 1, stage.size)
        assert fetch(backend, server.url, driver=driver, timeout=Timeout(read=10)).content == b"next"
        assert [received.connection for received in server.requests] == [0, 1]


def test_a_call_cancelled_while_it_connects_closes_the_connection(backend: Backend) -> None:
    closed: list[bool] = []
    accepted: list[bool] = []

    def serve(mute: socket.socket) -> None:
        """Accept two connections, and read from each until its end."""
        for _ in range(2):
            connection, _ = mute.accept()
            with connection:
                accepted.append(True)
                while connection.recv(10_000):
                    pass
                closed.append(True)

    with socket.create_server(("127.0.0.1", 0)) as mute:
        thread = threading.Thread(target=serve, args=(mute,), daemon=True)
        thread.start()
        driver = backend.driver(max_connections=1)
        for count in (1, 2):  # the second call needs the slot of the first
            url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
            leave(backend, driver, url, lambda count=count: len(accepted) == count)  # type: ignore[misc]  # it is an int
            assert until(lambda count=count: len(closed) == count)  # type: ignore[misc]  # it is an int
        thread.join(5)


def test_a_call_cancelled_while_it_waits_takes_no_slot(backend: Backend) -> None:
    with ScriptedServer(ok(b"warm"), (0.6, *ok(b"first")), ok(b"next")) as server:
        driver = backend.driver(max_connections=1)
        fetch(backend, server.url, driver=driver)

        def wait_for_slot() -> None:
            assert until(lambda: len(server.requests) == 2)
            leave(backend, driver, server.url, lambda: True)

        first: list[HttpResponse] = []
        thread = threading.Thread(target=lambda: first.append(fetch(backend, server.url, driver=driver)), daemon=True)
        thread.start()
        wait_for_slot()
        thread.join()
        assert first[0].content == b"first"
        assert fetch(backend, server.url, driver=driver, timeout=Timeout(read=10)).content == b"next"
        assert len(server.requests) == 3


# --- Closing during calls ----------------------------------------------------------------------------------------


def test_a_call_in_progress_is_finished_after_close_and_its_connection_closed(backend: Backend) -> None:
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


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_a_call_over_a_given_transport_is_finished_after_close(backend: Backend, library: str) -> None:
    module = importlib.import_module(library)
    with ScriptedServer(slow(b"whole", pause=0.04)) as server, ThreadPoolExecutor(3) as threads:
        driver = backend.driver(backend.choose(module.HTTPTransport, module.AsyncHTTPTransport)())
        calls = [threads.submit(fetch, backend, server.url, driver=driver) for _ in range(3)]
        assert until(lambda: len(server.requests) == 3)
        backend.close(driver)
        assert [call.result(10).content for call in calls] == [b"whole"] * 3
        assert until(lambda: server.live == 0)


def test_closing_leaves_no_connection(backend: Backend) -> None:
    with ScriptedServer(slow(b"whole", pause=0.01)) as server:
        driver = backend.driver()
        backend.together(*[lambda: driver.run(outcome(server.url))] * 4)
        assert server.live == 4
        backend.close(driver)
        assert until(lambda: server.live == 0)
