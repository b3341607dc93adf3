"""The slots of the drivers: their number, their order, and none lost by interrupts, cancellation or a fork."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import httpx
import pytest

from rekog import AsyncRekognitionClient, RekognitionClient, RetryPolicy, Timeout
from rekog._core.flow import Flow, Release, Sleep
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.blocking import run_inline
from rekog._drivers.slots import AsyncioSlots, ProcessSlots, ThreadSlots
from rekog._drivers.sync import SyncDriver
from rekog.emulator import Emulator
from rekog.emulator.front.app import App
from rekog.errors import ClientClosedError, PoolTimeoutError, ReadTimeoutError
from tests.drivers.calls import ALL_LOOPS, run_in
from tests.kit.backends import Backend, Transport
from tests.kit.flows import take_slot
from tests.kit.servers import ScriptedServer, ok, silence, until

if TYPE_CHECKING:
    from types import FrameType

    from rekog.emulator.front.exchange import Reply, Request
    from tests.kit.backends import Driver

OFF = RetryPolicy(mode="off")


def held(seconds: float = 0.0, wait: float = 60.0, log: list[str] | None = None, name: str = "") -> Flow[str]:
    """Keep a slot for some time."""
    try:
        release = yield from take_slot(wait)
    except TimeoutError:
        return "timeout"
    try:
        if log is not None:
            log.append(name)
        yield Sleep(seconds)
    finally:
        release()
    return "held"


def late_by(delay: float, wait: float) -> Flow[str]:
    """Keep a slot, taken after a delay."""
    yield Sleep(delay)
    return (yield from held(0.0, wait))


def free_slots(driver: SyncDriver, limit: int) -> int:
    """Return the number of slots that nothing holds, up to a limit."""

    def all_taken() -> Flow[int]:
        releases: list[Release] = []
        try:
            for _ in range(limit):
                releases.append((yield from take_slot(0)))
        except TimeoutError:
            pass
        count = len(releases)
        for release in releases:
            release()
        return count

    return driver.run(all_taken())


# --- The number of calls -----------------------------------------------------------------------------------------


class Counting(Transport):
    """Counts the requests that it serves at the same time."""

    def __init__(self) -> None:
        self.highest = self._present = 0
        self._lock = threading.Lock()

    def _enter(self) -> None:
        with self._lock:
            self._present += 1
            self.highest = max(self.highest, self._present)

    def _leave(self) -> httpx.Response:
        with self._lock:
            self._present -= 1
        return httpx.Response(200, content=b'{"CollectionIds": []}')

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._enter()
        time.sleep(0.01)
        return self._leave()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._enter()
        await anyio.sleep(0.01)
        return self._leave()


def test_a_given_transport_serves_as_many_calls_at_once_as_the_client_has_slots(backend: Backend) -> None:
    transport = Counting()
    client = backend.client(transport, max_connections=3)
    backend.together(*[client.list_collections] * 12)
    assert transport.highest == 3


def test_an_embedded_emulator_serves_as_many_calls_at_once_as_the_client_has_slots(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = backend.choose(RekognitionClient, AsyncRekognitionClient)
    counting = Counting()
    handle = App.handle

    def counted(app: App, request: Request) -> Reply:
        counting.handle_request(httpx.Request("POST", "http://emulator/"))
        return handle(app, request)

    monkeypatch.setattr(App, "handle", counted)
    with Emulator() as emulator:
        client = backend.closing(kind.local(emulator, max_connections=2))
        backend.together(*[client.list_collections] * 8)
    assert counting.highest == 2


def test_a_failed_call_through_a_proxy_releases_its_slot(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(silence(), ok(b'{"CollectionIds": []}')) as server:
        for name in ("no_proxy", "NO_PROXY", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", server.url)
        client = backend.client(
            endpoint_url="http://rekognition.test", max_connections=1, retry=OFF, timeout=Timeout(read=0.3)
        )
        with pytest.raises(ReadTimeoutError):
            backend.run(client.list_collections)
        assert backend.run(client.list_collections).collection_ids == []


def test_a_call_that_gets_no_slot_in_time_sends_nothing_and_is_no_attempt(backend: Backend) -> None:
    with ScriptedServer(silence()) as server:
        client = backend.client(endpoint_url=server.url, max_connections=1, timeout=Timeout(read=1))
        errors: list[PoolTimeoutError] = []

        def wait() -> object:
            assert until(lambda: bool(server.requests))
            return None

        async def wait_in_task() -> object:
            return await anyio.to_thread.run_sync(wait)

        first = client.with_options(retry=OFF)

        def second() -> object:
            options = {"timeout": Timeout(pool=0.1), "retry": RetryPolicy(max_attempts=5)}
            return client.list_collections(options=options)  # type: ignore[arg-type]  # a dict of the options

        def threads() -> None:
            wait()
            with pytest.raises(PoolTimeoutError) as caught:
                second()
            errors.append(caught.value)

        async def tasks() -> None:
            await wait_in_task()
            with pytest.raises(PoolTimeoutError) as caught:
                await second()  # type: ignore[misc]  # the async client's
            errors.append(caught.value)

        def run_first() -> object:
            return first.list_collections()

        def failing() -> None:
            with pytest.raises(ReadTimeoutError):
                run_first()

        async def failing_task() -> None:
            with pytest.raises(ReadTimeoutError):
                await run_first()  # type: ignore[misc]  # the async client's

        backend.together(backend.choose(failing, failing_task), backend.choose(threads, tasks))
        assert [(error.attempts, error.operation) for error in errors] == [(0, "ListCollections")]
        assert "were busy for 0.1 s" in str(errors[0])
        assert len(server.requests) == 1
        assert client._caller._retry_state.quota.available == 500  # pyright: ignore[reportPrivateUsage]


def test_a_closed_driver_gives_no_slot(backend: Backend) -> None:
    driver: Driver = backend.driver()
    backend.close(driver)
    with pytest.raises(ClientClosedError):
        backend.run(lambda: driver.run(held()))


def test_a_wait_may_have_any_length(backend: Backend) -> None:
    driver = backend.driver(max_connections=1)
    waits = [float("inf"), 1e12, 1e308]
    outcomes = backend.together(*[lambda wait=wait: driver.run(held(0.02, wait)) for wait in waits])
    assert outcomes == ["held"] * 3


def test_a_wait_ends_when_its_time_is_over(backend: Backend) -> None:
    driver = backend.driver(max_connections=1)
    outcomes = backend.together(*[lambda: driver.run(held(0.5, 0.05))] * 3)
    assert sorted(outcomes) == ["held", "timeout", "timeout"]
    assert backend.run(lambda: driver.run(held(0, 0.05))) == "held"


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_without_time_left_no_call_waits(backend: Backend, seconds: float) -> None:
    driver = backend.driver(max_connections=1)
    outcomes = backend.together(lambda: driver.run(held(0.5)), lambda: driver.run(late_by(0.1, seconds)))
    assert outcomes == ["held", "timeout"]


# --- Threads -----------------------------------------------------------------------------------------------------


class Interruption(BaseException):
    """The exception of a signal handler."""


def interrupted_at(number: int, driver: SyncDriver) -> bool:
    """Run a Flow that takes a slot, and raise at this bytecode of our code; return whether it came so far."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> object:
        nonlocal count
        if "rekog" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            count += 1
            if count == number:
                raise Interruption
        return trace

    def run() -> None:
        sys.settrace(trace)  # type: ignore[arg-type]  # typeshed's type of the result is narrower
        try:
            driver.run(held())
        except Interruption:
            interrupted.append(True)
        finally:
            sys.settrace(None)

    # In a thread of its own: interrupted as it leaves an `except` block, CPython keeps the handled exception, which
    # would be the context of each later exception of the thread.
    interrupted: list[bool] = []
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return bool(interrupted)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")  # the interrupt came before
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("waits", [False, True], ids=["unused slots", "released slots"])
def test_an_exception_at_any_bytecode_loses_no_slot(waits: bool) -> None:
    number, reached = 0, True
    while reached:
        number += 1
        driver = SyncDriver(max_connections=2, sleep=lambda _: None)
        if waits:
            free_slots(driver, 2)
        reached = interrupted_at(number, driver)
        assert free_slots(driver, 3) == 2, number
    assert number > 50


def test_a_slot_that_is_dropped_without_a_release_is_free() -> None:
    slots = ThreadSlots(1)
    release = run_inline(slots.take(0))
    del release
    run_inline(slots.take(0))()


def test_a_slot_that_is_released_twice_is_free_once() -> None:
    slots = ThreadSlots(1)
    release = run_inline(slots.take(0))
    release()
    release()
    kept = run_inline(slots.take(0))
    with pytest.raises(TimeoutError):
        run_inline(slots.take(0))
    kept()


def test_a_child_process_has_all_slots() -> None:
    process = 1
    slots = ThreadSlots(1, lambda: process)
    of_parent = run_inline(slots.take(0))
    process = 2
    run_inline(slots.take(0))()
    of_parent()
    process = 1
    run_inline(slots.take(0))()


def test_threads_whose_first_calls_coincide_share_the_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)

    def make_together(count: int) -> ProcessSlots:
        both.wait(20)
        return ProcessSlots(count)

    monkeypatch.setattr("rekog._drivers.slots.ProcessSlots", make_together)
    driver, results = SyncDriver(max_connections=1), list[str]()
    threads = [threading.Thread(target=lambda: results.append(driver.run(held(0.3, 0.0)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["held", "timeout"]


def test_many_threads_share_a_few_slots() -> None:
    driver = SyncDriver(max_connections=3, sleep=lambda _: None)
    threads = [
        threading.Thread(target=lambda: [driver.run(held()) for _ in range(300)], daemon=True) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert free_slots(driver, 4) == 3


# --- Tasks -------------------------------------------------------------------------------------------------------


@ALL_LOOPS
def test_waiting_tasks_get_slots_in_the_order_of_their_arrival(kind: str) -> None:
    log: list[str] = []

    async def main() -> None:
        driver = AsyncDriver(max_connections=1)
        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(driver.run, held(0.002, log=log, name=str(number)))
                await anyio.sleep(0.001)

    run_in(kind, main)
    assert log == [str(number) for number in range(8)]


@ALL_LOOPS
def test_random_cancellations_lose_no_slot_and_create_none(kind: str) -> None:
    drawn = random.Random(7)
    highest = present = 0

    def counted() -> Flow[None]:
        nonlocal highest, present
        release = yield from take_slot(drawn.choice([60.0, 0.001]))
        present += 1
        highest = max(highest, present)
        try:
            yield Sleep(drawn.random() * 0.001)
        finally:
            present -= 1
            release()

    async def main() -> str:
        driver = AsyncDriver(max_connections=2)

        async def call(seconds: float) -> None:
            with anyio.move_on_after(seconds):
                try:
                    await driver.run(counted())
                except TimeoutError:
                    return

        for _ in range(20):
            async with anyio.create_task_group() as tasks:
                for _ in range(40):
                    tasks.start_soon(call, drawn.random() * 0.01)
        outcomes: list[str] = []

        async def last() -> None:
            outcomes.append(await driver.run(held(0.05, 5)))

        with anyio.fail_after(30):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(last)
                tasks.start_soon(last)
        return ",".join(outcomes)

    assert run_in(kind, main) == "held,held"
    assert highest == 2


def test_a_task_that_is_cancelled_as_it_gets_a_slot_passes_it_on() -> None:
    async def main() -> list[str]:
        driver = AsyncDriver(max_connections=1)
        release = await driver.run(take_slot())
        second, third = (asyncio.ensure_future(driver.run(held())) for _ in range(2))
        await asyncio.sleep(0)
        release()  # the slot is the second task's now, which does not run before it is cancelled
        second.cancel()
        ends = await asyncio.gather(second, third, return_exceptions=True)
        return [type(end).__name__ if isinstance(end, BaseException) else end for end in ends]

    assert asyncio.run(main()) == ["CancelledError", "held"]


def test_a_task_cancelled_before_it_could_get_a_slot_is_passed_over() -> None:
    async def main() -> list[str]:
        driver = AsyncDriver(max_connections=1)
        release = await driver.run(take_slot())
        second, third = (asyncio.ensure_future(driver.run(held())) for _ in range(2))
        await asyncio.sleep(0)
        second.cancel()
        release()
        ends = await asyncio.gather(second, third, return_exceptions=True)
        return [type(end).__name__ if isinstance(end, BaseException) else end for end in ends]

    assert asyncio.run(main()) == ["CancelledError", "held"]


def test_a_wait_that_has_ended_leaves_nothing_in_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        slots, loop, timers = AsyncioSlots(1), asyncio.get_running_loop(), list[asyncio.TimerHandle]()
        call_later = loop.call_later

        def recorded(*arguments: Any) -> asyncio.TimerHandle:
            timers.append(call_later(*arguments))
            return timers[-1]

        monkeypatch.setattr(loop, "call_later", recorded)
        release = await slots.take(0)
        served, cancelled = (asyncio.create_task(slots.take(60)) for _ in range(2))
        await asyncio.sleep(0)
        cancelled.cancel()
        release()
        await asyncio.wait([served, cancelled])
        assert [timer.cancelled() for timer in timers] == [True, True]
        late = asyncio.create_task(slots.take(60))
        await asyncio.sleep(0)
        late.cancel()
        await asyncio.wait([late])
        assert not slots._waiting  # pyright: ignore[reportPrivateUsage]

    asyncio.run(main())


def test_each_event_loop_has_slots_of_its_own() -> None:
    driver = AsyncDriver(max_connections=1)

    async def main() -> str:
        return await driver.run(held(0.0, 1.0))

    async def outer() -> str:
        release = await driver.run(take_slot())
        try:
            return await anyio.to_thread.run_sync(lambda: run_in("trio", main))
        finally:
            release()

    assert run_in("asyncio", outer) == "held"
