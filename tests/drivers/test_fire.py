"""The pools under fire: thousands of calls to a server that resets, stalls, closes and drips, by callers that give up.

Each request carries a number of its own, and each answer must be the one to it.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest

from rekog._core.flow import send
from rekog._drivers.aio import AsyncDriver
from rekog._drivers.sync import SyncDriver
from rekog._values.errors import TransportError
from rekog.config import Timeout
from tests.drivers.calls import request
from tests.drivers.fire import Fire
from tests.kit.servers import until

SEED = 20260401
CALLERS = 48
CONNECTIONS = 24
GUARD = 120.0  # seconds: no storm may last so long
PATIENT = Timeout(read=2)
PATIENCE = (PATIENT, Timeout(read=0.05), Timeout(read=1, total=0.03), Timeout(read=1, total=0.2))


class Storm:
    """What the callers of one storm share: the numbers still to be called, and what came of them."""

    def __init__(self, url: str, calls: int) -> None:
        self._random = random.Random(SEED)
        self._numbers: Iterator[int] = iter(range(calls))
        self._lock = threading.Lock()
        self.url = url
        self.outcomes: Counter[str] = Counter()
        self.patient: Counter[str] = Counter()

    def next(self) -> tuple[bytes, Timeout, float] | None:
        """Return a body with a number of its own, its timeout, and after how many seconds its caller leaves."""
        with self._lock:
            number = next(self._numbers, None)
            if number is None:
                return None
            padding = "." * self._random.choice((0, 0, 50, 3000))
            leaves = self._random.uniform(0, 0.03) if self._random.random() < 0.1 else GUARD
            return f"<{number}{padding}>".encode(), self._random.choice(PATIENCE), leaves

    def note(self, outcome: str, timeout: Timeout) -> None:
        with self._lock:
            self.outcomes[outcome] += 1
            if timeout is PATIENT and outcome != "cancelled":
                self.patient[outcome] += 1


def in_threads(fire: Fire, storm: Storm, driver: SyncDriver) -> None:
    def caller() -> None:
        while (drawn := storm.next()) is not None:
            body, timeout, _ = drawn
            try:
                answer = driver.run(send(request(fire.url, body, timeout=timeout)))
            except TransportError as error:
                storm.note(type(error).__name__, timeout)
            else:
                storm.note("answered" if answer.content == body else "answered wrongly", timeout)

    with ThreadPoolExecutor(CALLERS) as threads:
        for done in [threads.submit(caller) for _ in range(CALLERS)]:
            done.result(GUARD)


def all_slots_in_threads(fire: Fire, driver: SyncDriver) -> list[bytes]:
    fire.calm_down(CONNECTIONS)
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        calls = [
            threads.submit(driver.run, send(request(fire.url, b"%d" % number, timeout=Timeout(read=5))))
            for number in range(CONNECTIONS)
        ]
        return [call.result(GUARD).content for call in calls]


async def in_tasks(fire: Fire, storm: Storm, driver: AsyncDriver) -> None:
    async def caller() -> None:
        while (drawn := storm.next()) is not None:
            body, timeout, leaves = drawn
            with anyio.move_on_after(leaves) as scope:
                try:
                    answer = await driver.run(send(request(fire.url, body, timeout=timeout)))
                except TransportError as error:
                    storm.note(type(error).__name__, timeout)
                else:
                    storm.note("answered" if answer.content == body else "answered wrongly", timeout)
            if scope.cancelled_caught:
                storm.note("cancelled", timeout)

    with anyio.fail_after(GUARD):
        async with anyio.create_task_group() as tasks:
            for _ in range(CALLERS):
                tasks.start_soon(caller)


async def all_slots_in_tasks(fire: Fire, driver: AsyncDriver) -> list[bytes]:
    fire.calm_down(CONNECTIONS)
    contents = [b""] * CONNECTIONS

    async def call(number: int) -> None:
        wanted = request(fire.url, b"%d" % number, timeout=Timeout(read=5))
        contents[number] = (await driver.run(send(wanted))).content

    with anyio.fail_after(GUARD):
        async with anyio.create_task_group() as tasks:
            for number in range(CONNECTIONS):
                tasks.start_soon(call, number)
    return contents


def threads(fire: Fire, storm: Storm) -> list[bytes]:
    driver = SyncDriver(max_connections=CONNECTIONS)
    in_threads(fire, storm, driver)
    contents = all_slots_in_threads(fire, driver)
    driver.close()
    return contents


async def tasks(fire: Fire, storm: Storm) -> list[bytes]:
    driver = AsyncDriver(max_connections=CONNECTIONS)
    await in_tasks(fire, storm, driver)
    contents = await all_slots_in_tasks(fire, driver)
    await driver.aclose()
    assert await anyio.to_thread.run_sync(until, lambda: fire.live == 0)  # before the loop closes what is left
    return contents


def ride_out(kind: str, calls: int) -> None:
    with Fire(SEED) as fire:
        storm = Storm(fire.url, calls)
        before = time.monotonic()
        if kind == "threads":
            contents = threads(fire, storm)
        else:
            options = {"use_uvloop": True} if kind == "uvloop" else {}
            backend = "trio" if kind == "trio" else "asyncio"
            main: Callable[[Fire, Storm], Awaitable[list[bytes]]] = tasks
            contents = anyio.run(main, fire, storm, backend=backend, backend_options=options)

        assert storm.outcomes["answered wrongly"] == 0
        assert sum(storm.outcomes.values()) == calls
        # A busy machine keeps few of the short deadlines, but of those who wait 8 in 10 are answered, whatever else it
        # does: the server fails a fifth of the requests, and some of these go out again.
        assert storm.patient["answered"] > storm.patient.total() * 0.6
        assert {"ConnectionLostError", "ReadTimeoutError", "CallTimeoutError"} <= set(storm.outcomes)
        assert contents == [b"%d" % number for number in range(CONNECTIONS)], "a slot was lost"
        assert until(lambda: fire.live == 0), f"{fire.live} connections are left"
        assert time.monotonic() - before < GUARD


KINDS = pytest.mark.parametrize("kind", ["threads", "asyncio", "uvloop", "trio"])


def have(kind: str) -> None:
    if kind == "uvloop":
        pytest.importorskip("uvloop", reason="rekog[speed] brings uvloop where it runs")


@KINDS
def test_a_pool_rides_out_500_calls_under_fire(kind: str) -> None:
    have(kind)
    ride_out(kind, 500)


@pytest.mark.slow
@pytest.mark.alone
@KINDS
def test_a_pool_rides_out_10_000_calls_under_fire(kind: str) -> None:
    have(kind)
    ride_out(kind, 10_000)
