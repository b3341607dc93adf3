"""One client in several event loops and processes, and before, during and after mocking."""

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
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx
import pytest
import trio

from rekog._drivers.aio import AsyncDriver
from rekog._drivers.blocking import run_inline
from rekog._drivers.httpx_senders import HttpxProcessSender, HttpxSender
from rekog._drivers.pools import thread_pool
from rekog._drivers.pools.asyncio_connection import AsyncioConnection
from rekog._drivers.pools.asyncio_pool import AsyncioPool
from rekog._drivers.pools.socket_connection import SocketConnection
from rekog._drivers.pools.trio_pool import TrioPool
from rekog._drivers.senders import is_asyncio
from rekog._drivers.sync import SyncDriver
from rekog._values.errors import RekogError
from tests.drivers.calls import ALL_LOOPS, SyncThreadPool, outcome, request, run_in, send
from tests.kit.servers import End, ScriptedServer, ok, slow, until

if TYPE_CHECKING:
    from collections.abc import Generator

    from outcome import Outcome

    from rekog._core.flow import HttpResponse

UNREQUESTED = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 13\r\n\r\nUNREQUESTED!!"

LOOPS = pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
KINDS = pytest.mark.parametrize("kind", ["asyncio", "trio"])
POOLS: dict[str, type[AsyncioPool | TrioPool]] = {"asyncio": AsyncioPool, "trio": TrioPool}


@contextmanager
def nothing_left_open() -> Generator[None]:
    """Fail when the block leaves anything open that warns when it is collected."""
    gc.collect()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    assert [str(warning.message) for warning in seen] == []


# --- Event loops -------------------------------------------------------------------------------------------------


@ALL_LOOPS
def test_one_client_serves_several_loops_in_succession(kind: str) -> None:
    with ScriptedServer(slow(pause=0.01)) as server, nothing_left_open():
        driver = AsyncDriver()

        async def calls() -> None:
            async with anyio.create_task_group() as tasks:
                for _ in range(3):
                    tasks.start_soon(driver.run, outcome(server.url))

        for _ in range(2):
            run_in(kind, calls)
            assert until(lambda: server.live == 0)  # the end of the loop closes them, without `aclose`
        assert server.connections == 6


@ALL_LOOPS
def test_a_client_behind_a_proxy_serves_several_loops_in_succession(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        driver = AsyncDriver()
        outcomes: list[str] = []

        async def call() -> None:
            outcomes.append(await driver.run(outcome("http://rekognition.test/")))

        async def call_and_close() -> None:
            await call()
            await driver.aclose()

        run_in(kind, call)
        run_in(kind, call_and_close)
        assert outcomes == ["{}", "{}"]
        assert proxy.connections == 2


@ALL_LOOPS
def test_a_client_behind_a_proxy_may_be_closed_in_another_loop(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as proxy, nothing_left_open():
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        driver = AsyncDriver()

        async def call() -> None:
            assert await driver.run(outcome("http://rekognition.test/")) == "{}"

        run_in(kind, call)
        assert until(lambda: proxy.live == 0)  # closed at the end of its loop
        run_in(kind, driver.aclose)


@ALL_LOOPS
@pytest.mark.parametrize("meanwhile", [UNREQUESTED, End.CLOSE], ids=["bytes", "end"])
def test_an_idle_connection_with_events_that_a_busy_loop_missed_is_not_used(kind: str, meanwhile: bytes | End) -> None:
    with ScriptedServer((*ok(b"first"), 0.02, meanwhile), ok(b"second")) as server:
        driver = AsyncDriver()

        async def calls() -> list[bytes]:
            first = await driver.run(send(request(server.url)))
            time.sleep(0.3)  # noqa: ASYNC251 (it blocks the loop on purpose)
            return [first.content, (await driver.run(send(request(server.url)))).content]

        assert run_in(kind, calls) == [b"first", b"second"]


def connections() -> set[int]:
    """Return the ids of all connections in memory, including those of other tests."""
    return {id(value) for value in gc.get_objects() if isinstance(value, AsyncioConnection | SocketConnection)}


@ALL_LOOPS
def test_no_connection_of_a_cancelled_call_stays_in_memory(kind: str) -> None:
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
            for _ in range(100):  # the loop drops closed connections after one or two iterations
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
        with pytest.raises(RekogError, match="made its first call under the other async library"):
            run_in(second, call)
        run_in(second, driver.aclose)


def test_an_unreferenced_sync_client_closes_its_connections_without_a_warning() -> None:
    with ScriptedServer() as server:
        with nothing_left_open():
            SyncDriver().run(send(request(server.url)))
        assert until(lambda: server.live == 0)


@ALL_LOOPS
def test_an_unreferenced_async_client_closes_its_connections(kind: str) -> None:
    async def main() -> None:
        await AsyncDriver().run(send(request(server.url)))
        gc.collect()
        assert await anyio.to_thread.run_sync(until, lambda: server.live == 0)

    # Under trio an open async generator is a ResourceWarning, as trio's own sockets are.
    watched = pytest.warns(ResourceWarning) if kind == "trio" else nothing_left_open()
    with ScriptedServer() as server, watched:
        run_in(kind, main)


def test_the_share_of_a_closed_loop_is_dropped() -> None:
    with ScriptedServer() as server:
        pool = AsyncioPool(None)
        first = asyncio.new_event_loop()
        first.run_until_complete(pool.send(request(server.url)))
        first.close()  # without closing the async generators that are open in it
        del first

        def use_another_loop() -> None:
            asyncio.run(pool.send(request(server.url)))
            gc.collect()

        with pytest.warns(ResourceWarning):
            use_another_loop()
        assert until(lambda: server.live == 0)


@KINDS
def test_closing_in_one_loop_closes_the_connections_of_another(kind: str) -> None:
    with ScriptedServer() as server:
        pool = POOLS[kind](None)
        closed = threading.Event()
        dropped: list[bool] = []

        async def other() -> None:
            await pool.send(request(server.url))
            opened.set()
            assert await anyio.to_thread.run_sync(closed.wait, 60)
            dropped.append(await anyio.to_thread.run_sync(until, lambda: server.live == 0))

        opened = threading.Event()
        thread = threading.Thread(target=run_in, args=(kind, other), daemon=True)
        thread.start()
        assert opened.wait(60)
        run_in(kind, pool.close)
        closed.set()
        thread.join()
        assert dropped == [True]


@KINDS
def test_closing_twice_or_after_the_end_of_the_loop_does_nothing(kind: str) -> None:
    with ScriptedServer() as server, nothing_left_open():
        pool = POOLS[kind](None)

        async def main() -> None:
            await pool.send(request(server.url))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(pool.close)
                tasks.start_soon(pool.close)

        run_in(kind, main)
        run_in(kind, pool.close)
        assert until(lambda: server.live == 0)


def test_trio_may_run_in_guest_mode_of_asyncio() -> None:
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
def test_no_loop_reports_an_unhandled_exception(kind: str) -> None:
    reports: list[dict[str, object]] = []
    script = [(b"garbage\r\n\r\n",), (0.5, *ok()), (*ok(), *ok(b"unrequested")), ok()]
    with ScriptedServer(*script) as server, nothing_left_open():

        async def main() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
            driver = AsyncDriver(max_connections=1)
            assert await driver.run(outcome(server.url)) == "ConnectionLostError"
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(driver.run(send(request(server.url))), 0.01)
            for _ in range(3):
                await driver.run(send(request(server.url)))
            await driver.aclose()
            gc.collect()

        run_in(kind, main)
    assert reports == []


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
        if child == 0:  # the child must not continue the test run
            os._exit(0 if driver.run(send(request(server.url))).content == b"child" else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        busy.join()
        assert driver.run(send(request(server.url))).content == b"parent"
        assert [received.connection for received in server.requests] == [0, 0, 1, 0]
        driver.close()


def test_a_child_process_closes_inherited_connections_and_opens_its_own() -> None:
    process = 1
    with ScriptedServer() as server:
        pool = SyncThreadPool(None, process=lambda: process)
        pool.send(request(server.url))
        process = 2
        pool.send(request(server.url))
        assert server.connections == 2
        assert until(lambda: server.live == 1)
        process = 1
        pool.send(request(server.url))
        assert server.connections == 3
        pool.close()


def test_threads_whose_first_calls_coincide_share_the_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)
    make = thread_pool.ProcessShare

    def make_together(*arguments: Any) -> thread_pool.ProcessShare:
        both.wait(20)
        return make(*arguments)

    monkeypatch.setattr(thread_pool, "ProcessShare", make_together)
    with ScriptedServer(*[(0.3, *ok())] * 4) as server:
        driver = SyncDriver(max_connections=2)
        for _ in range(2):
            threads = [threading.Thread(target=driver.run, args=(outcome(server.url),)) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert (len(server.requests), server.connections) == (4, 2)
        driver.close()


def test_threads_whose_first_calls_coincide_open_one_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def open_slowly(*_: object, **__: object) -> object:
        opened.append(thread_pool.ThreadPool(None))
        time.sleep(0.3)
        return opened[-1]

    monkeypatch.setattr("rekog._drivers.driver.open_sender", open_slowly)
    with ScriptedServer(ok()) as server:
        driver = SyncDriver()
        threads = [threading.Thread(target=driver.run, args=(outcome(server.url),)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        driver.close()
    assert len(opened) == 1


def test_threads_whose_first_calls_coincide_share_the_transport() -> None:
    both, used = threading.Barrier(2), list[object]()

    def open_together() -> HttpxSender:
        both.wait(20)

        def record(_: httpx.Request) -> httpx.Response:
            used.append(transport)
            return httpx.Response(200)

        transport = httpx.MockTransport(record)
        return HttpxSender(transport)

    sender = HttpxProcessSender(open_together)
    first = request("http://127.0.0.1/")
    threads = [threading.Thread(target=run_inline, args=(sender.send(first),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(used) == 2
    assert len(set(used)) == 1


def test_a_transport_that_no_request_has_opened_is_closed_without_one() -> None:
    opened: list[HttpxSender] = []

    def open_once() -> HttpxSender:
        opened.append(HttpxSender(httpx.MockTransport(lambda _: httpx.Response(200))))
        return opened[-1]

    run_inline(HttpxProcessSender(open_once).close())
    assert opened == []


# --- Other libraries that were not imported ------------------------------------------------------------------------

FIRST_CALLS = """
import sys
from rekog._core.flow import HttpRequest
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver
from rekog.config import Timeout
from tests.kit.flows import send
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


def test_without_asyncio_imported_no_asyncio_loop_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> bool:
        monkeypatch.delitem(sys.modules, "asyncio")
        result = is_asyncio()
        monkeypatch.undo()
        return result

    assert not asyncio.run(main())
