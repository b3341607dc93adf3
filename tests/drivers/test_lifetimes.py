"""One client over several event loops, processes, and spells of mocking."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
import respx
import trio

from rekog._core.flow import send
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.opening import is_asyncio, is_mocked
from rekog._drivers.pools import thread_pool
from rekog._drivers.pools.asyncio_connection import Connection
from rekog._drivers.pools.asyncio_pool import TaskPool
from rekog._drivers.pools.trio_pool import TrioPool
from rekog._drivers.sync import SyncDriver
from rekog._values.errors import RekogError
from tests.drivers.calls import ALL_LOOPS, ThreadPool, fetch, outcome, request, run_in
from tests.kit.servers import End, ScriptedServer, ok, slow, until

if TYPE_CHECKING:
    from collections.abc import Generator

    from outcome import Outcome

    from rekog._core.flow import HttpResponse
    from tests.kit.backends import Backend

UNASKED = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 13\r\n\r\nNOT ASKED FOR"

LOOPS = pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
KINDS = pytest.mark.parametrize("kind", ["asyncio", "trio"])
POOLS: dict[str, type[TaskPool | TrioPool]] = {"asyncio": TaskPool, "trio": TrioPool}


@contextmanager
def nothing_left_open() -> Generator[None]:
    """Fail when anything was collected that should have been closed, or an event loop had something to complain of."""
    gc.collect()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    assert [str(warning.message) for warning in seen] == []


# --- Event loops -------------------------------------------------------------------------------------------------


@ALL_LOOPS
def test_one_client_serves_one_loop_after_another(kind: str) -> None:
    with ScriptedServer(slow(pause=0.01)) as server, nothing_left_open():
        driver = AsyncDriver()

        async def calls() -> None:
            async with anyio.create_task_group() as tasks:
                for _ in range(3):
                    tasks.start_soon(driver.run, outcome(server.url))

        for _ in range(2):
            run_in(kind, calls)
            assert until(lambda: server.live == 0)  # they end with their loop, without `aclose`
        assert server.connections == 6


@ALL_LOOPS
def test_a_client_behind_a_proxy_serves_one_loop_after_another(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        driver = AsyncDriver()
        told: list[str] = []

        async def call() -> None:
            told.append(await driver.run(outcome("http://rekognition.test/")))

        async def call_and_close() -> None:
            await call()
            await driver.aclose()

        run_in(kind, call)
        run_in(kind, call_and_close)
        assert told == ["{}", "{}"]
        assert proxy.connections == 2


@ALL_LOOPS
def test_a_client_behind_a_proxy_may_be_closed_in_another_loop(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as proxy, nothing_left_open():
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        driver = AsyncDriver()

        async def call() -> None:
            assert await driver.run(outcome("http://rekognition.test/")) == "{}"

        run_in(kind, call)
        assert until(lambda: proxy.live == 0)  # it has ended with its loop
        run_in(kind, driver.aclose)


@ALL_LOOPS
@pytest.mark.parametrize("meanwhile", [UNASKED, End.CLOSE], ids=["bytes", "end"])
def test_what_came_while_its_loop_was_kept_busy_ends_an_idle_connection(kind: str, meanwhile: bytes | End) -> None:
    with ScriptedServer((*ok(b"first"), 0.02, meanwhile), ok(b"second")) as server:
        driver = AsyncDriver()

        async def calls() -> list[bytes]:
            first = await driver.run(send(request(server.url)))
            time.sleep(0.3)  # noqa: ASYNC251 (no task can do anything meanwhile)
            return [first.content, (await driver.run(send(request(server.url)))).content]

        assert run_in(kind, calls) == [b"first", b"second"]


def connections() -> set[int]:
    """Return the ids of all that are alive, those of other tests among them."""
    return {id(it) for it in gc.get_objects() if isinstance(it, Connection | thread_pool.Connection)}


@ALL_LOOPS
def test_nothing_is_left_of_connections_that_nobody_waited_for(kind: str) -> None:
    with ScriptedServer((60.0,)) as server:
        driver = AsyncDriver()

        async def leave() -> None:
            for number in range(100):
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as tasks:
                        tasks.start_soon(driver.run, send(request(server.url)))
                        for _ in range(1 + number % 5):
                            await anyio.lowlevel.checkpoint()
                        scope.cancel()
            for _ in range(100):  # those that are closed are gone after a turn or two of the loop
                await anyio.sleep(0.05)
                gc.collect()
                if connections() <= before:
                    return
            raise AssertionError(f"{len(connections() - before)} are left")

        before = connections()
        run_in(kind, leave)


@pytest.mark.parametrize(("first", "second"), [("asyncio", "trio"), ("trio", "asyncio")])
def test_a_client_stays_with_one_library_of_event_loops(first: str, second: str) -> None:
    with ScriptedServer() as server, nothing_left_open():
        driver = AsyncDriver()

        async def call() -> str:
            return (await driver.run(send(request(server.url)))).content.decode()

        assert run_in(first, call) == "{}"
        with pytest.raises(RekogError, match="stays with asyncio or with trio"):
            run_in(second, call)
        run_in(second, driver.aclose)


def test_a_client_for_threads_that_is_forgotten_closes_quietly() -> None:
    with ScriptedServer() as server:
        with nothing_left_open():
            SyncDriver().run(send(request(server.url)))
        assert until(lambda: server.live == 0)


@ALL_LOOPS
def test_a_forgotten_client_lets_go_of_its_connections(kind: str) -> None:
    async def main() -> None:
        await AsyncDriver().run(send(request(server.url)))
        gc.collect()
        assert await anyio.to_thread.run_sync(until, lambda: server.live == 0)

    # trio wants to hear of what was left open, as it does of its own sockets.
    watched = pytest.warns(ResourceWarning) if kind == "trio" else nothing_left_open()
    with ScriptedServer() as server, watched:
        run_in(kind, main)


def test_a_loop_that_was_just_closed_is_forgotten() -> None:
    with ScriptedServer() as server:
        pool = TaskPool(None, 1)
        first = asyncio.new_event_loop()
        first.run_until_complete(pool.send(request(server.url)))
        first.close()  # without ending what is left in it
        del first

        def forget() -> None:
            asyncio.run(pool.send(request(server.url)))
            gc.collect()

        with pytest.warns(ResourceWarning):
            forget()
        assert until(lambda: server.live == 0)


@KINDS
def test_closing_in_one_loop_closes_the_connections_of_another(kind: str) -> None:
    with ScriptedServer() as server:
        pool = POOLS[kind](None, 1)
        closed = threading.Event()
        gone: list[bool] = []

        async def other() -> None:
            await pool.send(request(server.url))
            opened.set()
            assert await anyio.to_thread.run_sync(closed.wait, 5)
            gone.append(await anyio.to_thread.run_sync(until, lambda: server.live == 0))

        opened = threading.Event()
        thread = threading.Thread(target=run_in, args=(kind, other), daemon=True)
        thread.start()
        assert opened.wait(5)
        run_in(kind, pool.close)
        closed.set()
        thread.join()
        assert gone == [True]


@KINDS
def test_closing_twice_or_after_the_loop_s_end_does_nothing(kind: str) -> None:
    with ScriptedServer() as server, nothing_left_open():
        pool = POOLS[kind](None, 1)

        async def main() -> None:
            await pool.send(request(server.url))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(pool.close)
                tasks.start_soon(pool.close)

        run_in(kind, main)
        run_in(kind, pool.close)
        assert until(lambda: server.live == 0)


def test_trio_may_be_asyncio_s_guest() -> None:
    async def main() -> int:
        ended: asyncio.Future[Outcome[HttpResponse]] = asyncio.get_running_loop().create_future()
        trio.lowlevel.start_guest_run(
            driver.run,
            send(request(server.url)),
            run_sync_soon_threadsafe=asyncio.get_running_loop().call_soon_threadsafe,
            done_callback=ended.set_result,
        )
        return (await ended).unwrap().status

    with ScriptedServer() as server, nothing_left_open():
        driver = AsyncDriver()
        assert asyncio.run(main()) == 200
        assert until(lambda: server.live == 0)


@LOOPS
def test_no_loop_has_anything_to_complain_of(kind: str) -> None:
    complaints: list[dict[str, object]] = []
    script = [(b"garbage\r\n\r\n",), (0.5, *ok()), (*ok(), *ok(b"not asked for")), ok()]
    with ScriptedServer(*script) as server, nothing_left_open():

        async def main() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
            driver = AsyncDriver(max_connections=1)
            assert await driver.run(outcome(server.url)) == "ConnectionLostError"
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(driver.run(send(request(server.url))), 0.01)
            for _ in range(3):
                await driver.run(send(request(server.url)))
            await driver.aclose()
            gc.collect()

        run_in(kind, main)
    assert complaints == []


def test_a_lock_that_was_held_while_the_process_forked_locks_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server:
        driver = SyncDriver()
        driver._lock.acquire()  # pyright: ignore[reportPrivateUsage]  # by another thread, which is not in the child
        monkeypatch.setattr(os, "getpid", lambda: 1)
        assert driver.run(outcome(server.url)) == "{}"


# --- Processes ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_connections_and_slots_of_its_own() -> None:
    with ScriptedServer(ok(b"warm"), (0.3, *ok(b"parent")), ok(b"child"), ok(b"parent")) as server:
        driver = SyncDriver(max_connections=2)
        driver.run(send(request(server.url)))
        busy = threading.Thread(target=lambda: driver.run(send(request(server.url))), daemon=True)
        busy.start()
        assert until(lambda: len(server.requests) == 2)
        child = os.fork()
        if child == 0:  # nothing of pytest may run on in here
            os._exit(0 if driver.run(send(request(server.url))).content == b"child" else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        busy.join()
        assert driver.run(send(request(server.url))).content == b"parent"
        assert [received.connection for received in server.requests] == [0, 0, 1, 0]
        driver.close()


def test_a_child_closes_what_it_inherits_and_leaves_it_alone() -> None:
    process = 1
    with ScriptedServer() as server:
        pool = ThreadPool(None, 1, process=lambda: process)
        pool.send(request(server.url))
        process = 2
        pool.send(request(server.url))
        assert server.connections == 2
        assert until(lambda: server.live == 1)
        process = 1
        pool.send(request(server.url))
        assert server.connections == 3
        pool.close()


# --- Where nothing but the client has been imported -----------------------------------------------------------------

FIRST_CALLS = """
import sys
from rekog._core.flow import HttpRequest, send
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver
from rekog.config import Timeout
call = lambda: send(HttpRequest(sys.argv[1], ((b"Host", b"any"), (b"Content-Length", b"0")), (), Timeout()))
with_threads, with_tasks = SyncDriver(), AsyncDriver()
print(with_threads.run(call()).status)
with_threads.close()
import trio
print(trio.run(with_tasks.run, call()).status)
trio.run(with_tasks.aclose)
"""


def test_a_first_call_needs_neither_respx_nor_asyncio() -> None:
    with ScriptedServer() as server:
        command = [sys.executable, "-c", FIRST_CALLS, server.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.stdout.split(), done.stderr) == (["200", "200"], "")


def test_without_respx_nothing_is_mocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "respx")
    assert not is_mocked()


def test_without_asyncio_there_is_no_loop_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> bool:
        monkeypatch.delitem(sys.modules, "asyncio")
        found = is_asyncio()
        monkeypatch.undo()
        return found

    assert not asyncio.run(main())


# --- Mocking -----------------------------------------------------------------------------------------------------


def test_respx_mocks_a_client_that_is_open_and_leaves_it_as_it_was(backend: Backend) -> None:
    with ScriptedServer(ok(b"network")) as server:
        driver = backend.driver()
        assert fetch(backend, server.url, driver=driver).content == b"network"
        with respx.mock as router:
            router.post(server.url).respond(200, content=b"mocked")
            assert fetch(backend, server.url, driver=driver).content == b"mocked"
            assert fetch(backend, server.url, driver=driver).content == b"mocked"
        assert fetch(backend, server.url, driver=driver).content == b"network"
        assert [received.connection for received in server.requests] == [0, 0]


def test_respx_mocks_a_client_before_its_first_call(backend: Backend) -> None:
    with ScriptedServer(ok(b"network")) as server:
        driver = backend.driver()
        with respx.mock as router:
            router.post(server.url).respond(200, content=b"mocked")
            assert fetch(backend, server.url, driver=driver).content == b"mocked"
        assert fetch(backend, server.url, driver=driver).content == b"network"


def test_a_clients_given_transport_is_never_mocked_away(backend: Backend) -> None:
    import httpx

    driver = backend.driver(httpx.MockTransport(lambda _: httpx.Response(200, content=b"given")))
    with respx.mock(assert_all_called=False) as router:
        router.post("http://rekognition.test/").respond(200, content=b"mocked")
        assert fetch(backend, "http://rekognition.test/", driver=driver).content == b"given"
        assert fetch(backend, "http://rekognition.test/", driver=driver).content == b"given"
