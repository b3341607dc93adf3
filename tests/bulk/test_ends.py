"""Ends of runs: `break`, exceptions, cancellation and Ctrl-C leave no thread and no task, on every event loop."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import suppress
from importlib.util import find_spec
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
import trio

from rekog import AsyncRekognitionClient, RekognitionClient
from tests.bulk.runs import image, labelled
from tests.kit.backends import KEYS, Scripted, Unused
from tests.kit.servers import until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

    from rekog.bulk import AsyncBulkRun
    from tests.kit.backends import Reply, Sent

LOOPS = ["asyncio", *(["uvloop"] if find_spec("uvloop") else []), "trio"]


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Set the usual handler of Ctrl-C: a background job of a shell ignores it."""
    found = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, found)


def run_in(loop: str, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine function as a program does, with the loop's own answer to Ctrl-C."""
    if loop == "trio":
        trio.run(main)
    elif loop == "uvloop":
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
    else:
        asyncio.run(main())


def tasks_run() -> AsyncBulkRun[int, int]:
    """Return a run over many sources, of which most wait for ever."""

    async def function(source: int) -> int:
        await (anyio.lowlevel.checkpoint() if source < 3 else anyio.sleep_forever())
        return source

    client = AsyncRekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    return client.bulk.map(function, range(100), concurrency=4)


def brief_run() -> AsyncBulkRun[int, int]:
    """Return a run over many sources, whose calls end."""

    async def function(source: int) -> int:
        await anyio.lowlevel.checkpoint()
        return source

    client = AsyncRekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    return client.bulk.map(function, range(10_000), concurrency=4)


async def leave_by_break() -> None:
    taken = 0
    run = brief_run()
    async with run:
        async for _outcome in run:
            taken += 1
            if taken == 5:
                break
    assert run.progress.done == 5


async def leave_by_exception() -> None:
    run = brief_run()
    with suppress(ZeroDivisionError):
        async with run:
            async for _outcome in run:
                raise ZeroDivisionError
        pytest.fail("no exception")
    assert run.progress.done == 1


async def leave_by_cancellation() -> None:
    run = tasks_run()
    with anyio.CancelScope() as scope:
        async with run:
            async for _outcome in run:
                if run.progress.done == 3:
                    scope.cancel()
    assert scope.cancelled_caught
    assert run.progress.done == 3


WAYS = [leave_by_break, leave_by_exception, leave_by_cancellation]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("leave", WAYS, ids=lambda way: way.__name__)
def test_no_task_is_left(loop: str, leave: Callable[[], Coroutine[Any, Any, None]]) -> None:
    tasks: list[set[int]] = []

    async def main() -> None:
        tasks.append({task.id for task in anyio.get_running_tasks()})
        await leave()
        tasks.append({task.id for task in anyio.get_running_tasks()})

    run_in(loop, main)
    assert tasks[1] == tasks[0]


@pytest.mark.parametrize("loop", LOOPS)
def test_ctrl_c_ends_a_program_with_tasks(loop: str) -> None:
    ended: list[str] = []

    async def main() -> None:
        run = tasks_run()
        try:
            async with run:
                async for _outcome in run:
                    if run.progress.done == 3:
                        signal.raise_signal(signal.SIGINT)
        finally:
            ended.append(repr(run))

    with pytest.raises(KeyboardInterrupt):
        run_in(loop, main)
    assert ended == ["<AsyncBulkRun closed: 3 of 100 done, 0 failed>"]


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "rekog-bulk"]


@pytest.mark.parametrize("starts", [True, False])
def test_ctrl_c_during_the_start_of_a_thread_is_raised_as_it_is(monkeypatch: pytest.MonkeyPatch, starts: bool) -> None:
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        if thread.name != "rekog-bulk":
            start(thread)
            return
        if starts:  # after the interrupt
            threading.Timer(0.02, start, [thread]).start()
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    monkeypatch.setattr("rekog.bulk._threads.START_SECONDS", 60 if starts else 0)
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    with pytest.raises(KeyboardInterrupt), client.bulk.map(str, range(9)) as run:
        list(run)
    assert workers() == []


def test_ctrl_c_before_the_wake_up_of_an_idle_thread_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    class Queue(SimpleQueue[None]):
        interrupts = True

        def put(self, item: None, block: bool = True, timeout: float | None = None) -> None:
            if self.interrupts:
                self.interrupts = False
                raise KeyboardInterrupt
            super().put(item, block, timeout)

    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())

    def sources() -> Iterator[int]:
        yield 0
        assert until(lambda: run._idle == 1)  # pyright: ignore[reportPrivateUsage]  # an idle thread
        yield 1

    run = client.bulk.map(str, sources(), concurrency=2)
    monkeypatch.setattr(run, "_work_there", Queue())
    with pytest.raises(KeyboardInterrupt), run:
        list(run)
    assert workers() == []


def test_ctrl_c_ends_a_program_with_threads_and_the_calls_under_way_are_recorded(tmp_path: Path) -> None:
    images = [image(str(number)) for number in range(10_000)]
    file = tmp_path / "done.jsonl"

    def interrupt(sent: Sent) -> Reply:
        if len(transport.sent) == 20:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return labelled(sent)

    transport = Scripted(interrupt)
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=transport)
    run = client.bulk.detect_labels(images, checkpoint=file, key=lambda source: source[8:].decode(), concurrency=4)
    with pytest.raises(KeyboardInterrupt), run:
        for _outcome in run:
            pass
    assert workers() == []
    assert 20 <= len(transport.sent) < len(images)
    assert len(file.read_bytes().splitlines()) == len(transport.sent) + 1
