"""Runs over many sources: their order of work, limits, errors, progress and ends, with both clients."""

from __future__ import annotations

import inspect
import pickle
import sys
import threading
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest

import rekog.bulk
from rekog import AsyncRekognitionClient, RekognitionClient
from rekog._drivers.blocking import run_inline
from rekog.bulk import AsyncBulkRun, BulkProgress, BulkRun, CheckpointError, Outcome, TooManyFailuresError
from rekog.bulk._runs import Settings
from rekog.errors import (
    ConfigError,
    CredentialsError,
    ParamValidationError,
    RekogError,
    ResourceNotFoundException,
    ResourceNotReadyException,
)
from tests.bulk.runs import SYNC, asynchronously, function_of, image, labelled, outcomes, walk
from tests.kit.backends import KEYS, Backend, Scripted, Unused, error_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rekog._generated.bulk import Bulk


def bulk_of(backend: Backend, **settings: Any) -> Bulk:
    return backend.client(Unused(), **settings).bulk


def mapped(backend: Backend, function: Callable[[Any], Any], sources: Any, **settings: Any) -> Callable[[], object]:
    """Return a function that makes a run of `map`."""
    return partial(bulk_of(backend).map, function_of(backend, function), sources, **settings)


def failing(source: object) -> object:
    raise RekogError(f"no {source}")


def odd_fails(source: int) -> int:
    return source if source % 2 == 0 else int(str(failing(source)))


# --- Outcomes ----------------------------------------------------------------------------------------------------


def test_each_source_has_an_outcome_with_its_answer(backend: Backend) -> None:
    found = outcomes(backend, mapped(backend, lambda source: source * 2, range(100), key="{:03}".format))
    assert [(outcome.key, outcome.source, outcome.answer, outcome.ok) for outcome in found] == [
        (f"{n:03}", n, 2 * n, True) for n in range(100)
    ]


def test_an_error_is_kept_beside_the_answers_and_raised_by_answer(backend: Backend) -> None:
    even, odd = outcomes(backend, mapped(backend, odd_fails, [0, 1]))
    assert (even.answer, even.error, odd.ok) == (0, None, False)
    with pytest.raises(RekogError, match="no 1") as caught:
        _ = odd.answer
    assert caught.value is odd.error


def test_an_outcome_prints_its_key_and_its_state_and_pickles() -> None:
    outcome: Outcome[str, int] = Outcome("a.jpg", "a.jpg", error=ConfigError("x"))
    recorded = pickle.loads(pickle.dumps(Outcome("a.jpg", "a.jpg", answer=1, from_checkpoint=True)))
    assert repr(outcome) == "<Outcome 'a.jpg': ConfigError>"
    assert repr(recorded) == "<Outcome 'a.jpg': ok, from the checkpoint>"
    assert (recorded.source, recorded.answer) == ("a.jpg", 1)


def test_none_is_an_answer(backend: Backend) -> None:
    (outcome,) = outcomes(backend, mapped(backend, lambda _source: None, ["a"]))
    assert (outcome.ok, outcome.answer) == (True, None)


def test_a_run_without_sources_ends_at_once(backend: Backend) -> None:
    assert outcomes(backend, mapped(backend, failing, iter(()))) == []


def test_an_async_client_takes_asynchronous_sources() -> None:
    async def main() -> list[str]:
        client = AsyncRekognitionClient("eu-west-1", credentials=KEYS, transport=Scripted(labelled))
        async with client, client.bulk.detect_labels(asynchronously([image("a"), image("b")])) as run:
            return sorted([outcome.answer.labels[0].name async for outcome in aiter(run)])

    assert anyio.run(main) == ["a", "b"]


# --- Bounds ------------------------------------------------------------------------------------------------------


def test_no_more_sources_are_pulled_than_twice_the_concurrency(backend: Backend) -> None:
    pulled: list[int] = []
    handed: list[int] = []
    ahead: list[int] = []

    def sources() -> Iterator[int]:
        for number in range(40):
            pulled.append(number)
            yield number

    def each(outcome: Any) -> None:
        handed.append(outcome.source)
        ahead.append(len(pulled) - len(handed))

    walk(backend, mapped(backend, lambda source: source, sources(), concurrency=3), each)
    assert sorted(handed) == list(range(40))
    assert max(ahead) < 6


def test_calls_at_once_are_limited_by_the_concurrency(backend: Backend) -> None:
    lock = threading.Lock()
    running = 0
    highest = 0
    full = threading.Event()

    def begin() -> None:
        nonlocal running, highest
        with lock:
            running += 1
            highest = max(highest, running)
            if running == 4:
                full.set()

    def end() -> None:
        nonlocal running
        with lock:
            running -= 1

    def sync(_source: int) -> None:
        begin()
        assert full.wait(60)
        end()

    async def asynchronous(_source: int) -> None:
        begin()
        assert await anyio.to_thread.run_sync(full.wait, 60)
        end()

    function: Any = backend.choose(sync, asynchronous)
    walk(backend, partial(bulk_of(backend).map, function, range(20), concurrency=4))
    assert highest == 4


@pytest.mark.parametrize(("connections", "expected"), [(5, 5), (64, 16)])
def test_the_default_concurrency_is_the_number_of_connections_at_most_16(connections: int, expected: int) -> None:
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused(), max_connections=connections)
    barrier = threading.Barrier(expected)
    with client, client.bulk.map(lambda _source: barrier.wait(60), range(expected)) as run:
        assert sum(outcome.ok for outcome in run) == expected
    assert barrier.n_waiting == 0


def test_a_slow_source_does_not_hold_back_an_outcome_that_has_arrived() -> None:
    order: list[str] = []
    arrived = threading.Event()

    def sources() -> Iterator[int]:
        yield 0
        assert arrived.wait(60)
        for number in range(1, 9):
            order.append(f"pulled {number}")
            yield number

    def function(source: int) -> int:
        if source == 0:
            arrived.set()
        return source

    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    with client, client.bulk.map(function, sources(), concurrency=8) as run:
        for outcome in run:
            if not outcome.source:
                order.append("handed out 0")
                break
    assert "pulled 8" not in order
    assert order[-1] == "handed out 0"


# --- Ends --------------------------------------------------------------------------------------------------------


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "rekog-bulk"]


def test_break_starts_no_further_call_and_leaves_no_thread(backend: Backend) -> None:
    called: list[int] = []
    run = walk(backend, mapped(backend, called.append, range(1000), concurrency=2), lambda _outcome: True)
    assert workers() == []
    assert run.progress.done == 1
    assert len(called) <= 5


def test_an_exception_in_the_block_is_raised_as_it_is_and_leaves_no_thread(backend: Backend) -> None:
    def each(_outcome: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        walk(backend, mapped(backend, lambda source: source, range(1000)), each)
    assert workers() == []


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_cancelled_task_cancels_the_calls_and_leaves_no_task(kind: str) -> None:
    begun: list[int] = []
    ended: list[int] = []

    async def forever(source: int) -> None:
        begun.append(source)
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(source)

    async def main() -> bool:
        client = AsyncRekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
        with anyio.CancelScope() as scope:
            async with client.bulk.map(forever, range(10), concurrency=3) as run:
                scope.cancel()
                async for _outcome in run:
                    pytest.fail("no call ends")
        return scope.cancelled_caught

    assert anyio.run(main, backend=kind)
    assert sorted(ended) == sorted(begun)  # a task that was cancelled before it began has not entered the function
    assert len(begun) <= 3


def test_a_native_cancellation_of_asyncio_passes_through() -> None:
    import asyncio

    started = 0

    full = asyncio.Event()

    async def forever(_source: int) -> None:
        nonlocal started
        started += 1
        if started == 3:
            full.set()
        await asyncio.Event().wait()

    async def work() -> None:
        client = AsyncRekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
        async with client.bulk.map(forever, range(10), concurrency=3) as run:
            async for _outcome in run:
                pytest.fail("no call ends")

    async def main() -> int:
        task = asyncio.create_task(work())
        await full.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return len(asyncio.all_tasks())

    assert asyncio.run(main()) == 1


def test_the_calls_under_way_end_when_the_block_is_left(backend: Backend) -> None:
    ended: list[int] = []
    begun, left = threading.Event(), threading.Event()

    def sync(source: int) -> None:
        if source == 0:
            assert begun.wait(60)
            return
        begun.set()
        assert left.wait(60)
        ended.append(source)

    async def asynchronous(source: int) -> None:
        if source == 0:
            assert await anyio.to_thread.run_sync(begun.wait, 60)
            return
        begun.set()
        assert await anyio.to_thread.run_sync(left.wait, 60)
        ended.append(source)

    def leave(_outcome: object) -> bool:
        left.set()
        return True

    function: Any = backend.choose(sync, asynchronous)
    walk(backend, partial(bulk_of(backend).map, function, range(2), concurrency=2), leave)
    assert ended == [1]


def test_another_exception_of_a_function_ends_the_run_after_the_outcomes_under_way(backend: Backend) -> None:
    def function(source: int) -> int:
        return 1 // source

    taken: list[Any] = []
    with pytest.raises(ZeroDivisionError) as caught:
        walk(backend, mapped(backend, function, [1, 0, *range(1, 1000)], concurrency=1), taken.append)
    assert caught.value.__notes__ == ["bulk: the source was '1'"]
    assert [outcome.source for outcome in taken] == [1]
    assert workers() == []


@pytest.mark.parametrize("error", [ConfigError, CredentialsError])
def test_an_error_that_is_not_the_sources_ends_the_run(backend: Backend, error: type[RekogError]) -> None:
    def function(_source: int) -> int:
        raise error("not there")

    with pytest.raises(error, match="not there"):
        walk(backend, mapped(backend, function, range(1000)))


@pytest.mark.parametrize("kind", [ResourceNotFoundException, ResourceNotReadyException])
def test_a_missing_resource_ends_a_run_of_an_operation(backend: Backend, kind: type[RekogError]) -> None:
    client = backend.client(Scripted(error_reply(kind.__name__, "no such collection")))
    with pytest.raises(kind, match="no such collection"):
        walk(backend, lambda: client.bulk.search_faces_by_image([image("a")] * 100, collection_id="staff"))


def test_sys_exit_in_a_function_ends_the_program_that_iterates() -> None:
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    with pytest.raises(SystemExit), client, client.bulk.map(lambda _source: sys.exit(3), range(9)) as run:
        list(run)
    assert workers() == []


def test_a_cancelled_future_in_a_function_ends_the_run() -> None:
    import asyncio

    async def function(_source: int) -> None:
        raise asyncio.CancelledError

    async def main() -> None:
        client = AsyncRekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
        async with client.bulk.map(function, range(9)) as run:
            with pytest.raises(asyncio.CancelledError):
                await run.finish()

    asyncio.run(main())


def test_too_many_failures_end_the_run_with_the_last_error(backend: Backend) -> None:
    taken: list[Any] = []
    with pytest.raises(TooManyFailuresError, match=r"3 sources failed, max_failures is 2; the last is '\d+': no") as c:
        walk(backend, mapped(backend, failing, range(1000), max_failures=2, concurrency=1), taken.append)
    assert str(c.value.__cause__).startswith("no ")
    assert 3 <= len(taken) <= 5


def test_the_first_of_several_errors_ends_the_run() -> None:
    begun, told = threading.Event(), threading.Event()

    def function(source: int) -> int:
        if source == 0:
            begun.wait(60)
            raise RekogError("no image")
        begun.set()
        told.wait(60)
        raise ConfigError("no region")

    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    run = client.bulk.map(function, [0, 1], max_failures=0, concurrency=2, on_progress=lambda _: told.set())
    with pytest.raises(TooManyFailuresError, match="no image"), run:
        list(run)


def test_max_failures_allows_that_many(backend: Backend) -> None:
    run = walk(backend, mapped(backend, odd_fails, range(6), max_failures=3))
    assert run.progress.failed == 3


def test_an_error_of_the_sources_is_raised_as_it_is(backend: Backend) -> None:
    def sources() -> Iterator[int]:
        yield 1
        raise OSError("the list ends early")

    with pytest.raises(OSError, match="the list ends early"):
        walk(backend, mapped(backend, lambda source: source, sources()))
    assert workers() == []


def test_without_another_thread_a_run_works_with_those_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start
    started: list[threading.Thread] = []

    def limited(thread: threading.Thread) -> None:
        if thread.name == "rekog-bulk" and len(started) == 1:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    gate = threading.Event()

    def function(source: int) -> int:
        assert gate.wait(60)
        return source

    def sources() -> Iterator[int]:
        yield 0
        yield 1
        gate.set()
        yield 2

    with client.bulk.map(function, sources(), concurrency=4) as run:
        assert sorted(outcome.source for outcome in run) == [0, 1, 2]


@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_source_that_arrives_while_a_worker_gets_idle_is_taken_without_another_thread(
    monkeypatch: pytest.MonkeyPatch, concurrency: int
) -> None:
    start = threading.Thread.start
    take: Any = inspect.getattr_static(BulkRun, "_take")
    started: list[threading.Thread] = []
    idle, refused, done = threading.Event(), threading.Event(), threading.Event()

    def limited(thread: threading.Thread) -> None:
        if thread.name == "rekog-bulk" and started:
            refused.set()
            assert concurrency == 1 or done.wait(60)
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    def taken(run: object) -> Any:
        task: Any = take(run)
        if task is None:
            idle.set()
            assert refused.wait(60)
        return task

    def sources() -> Iterator[int]:
        yield 0
        assert idle.wait(60)
        yield 1

    def function(source: int) -> int:
        if source:
            done.set()
        return source

    monkeypatch.setattr(threading.Thread, "start", limited)
    monkeypatch.setattr(BulkRun, "_take", taken)
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    with client.bulk.map(function, sources(), concurrency=concurrency) as run:
        assert [outcome.source for outcome in run] == [0, 1]


def test_without_any_thread_a_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    with client.bulk.map(str, range(3)) as run:
        monkeypatch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RekogError, match="no worker can be started: can't start new thread"):
            list(run)


def test_workers_see_the_context_variables_of_the_program(backend: Backend) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="none")

    def make() -> object:
        variable.set("the program's")
        return mapped(backend, lambda _source: variable.get(), ["a"])()

    (outcome,) = outcomes(backend, make)
    assert outcome.answer == "the program's"


# --- Life --------------------------------------------------------------------------------------------------------


def test_a_run_works_in_its_with_block_only(backend: Backend) -> None:
    run: Any = mapped(backend, str, [1])()
    iterate: Any = backend.choose(iter, aiter)
    with pytest.raises(RekogError, match="works in its `with` block only"):
        iterate(run)
    walk(backend, lambda: run)
    with pytest.raises(RekogError, match="is closed"):
        iterate(run)
    with pytest.raises(RekogError, match="a run works once"):
        walk(backend, lambda: run)


def test_finish_runs_to_the_end_with_and_without_a_block(backend: Backend) -> None:
    async def asynchronous() -> tuple[BulkProgress, BulkProgress]:
        make: Any = mapped(backend, odd_fails, range(5))
        async with make() as run:
            return await run.finish(), await make().finish()

    def sync() -> tuple[BulkProgress, BulkProgress]:
        make: Any = mapped(backend, odd_fails, range(5))
        with make() as run:
            return run.finish(), make().finish()

    first, second = backend.run(backend.choose(sync, asynchronous))
    assert (first.done, first.failed, second.done, second.failed) == (5, 2, 5, 2)


def test_a_run_can_be_closed_early_and_twice(backend: Backend) -> None:
    async def asynchronous() -> None:
        make: Any = mapped(backend, str, range(5))
        async with make() as run:
            await run.aclose()
            await run.aclose()

    def sync() -> None:
        make: Any = mapped(backend, str, range(5))
        with make() as run:
            run.close()
            run.close()

    backend.run(backend.choose(sync, asynchronous))


def test_a_run_that_was_closed_before_its_block_cannot_be_entered(backend: Backend) -> None:
    run: Any = mapped(backend, str, [1])()
    backend.close(run)
    with pytest.raises(RekogError, match="a run works once"):
        walk(backend, lambda: run)


def test_a_second_loop_continues_with_the_outcomes_that_are_left() -> None:
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    with client.bulk.map(str, range(5)) as run:
        first = next(iter(run))
        assert sorted([first.source, *(outcome.source for outcome in run)]) == list(range(5))


# --- Progress ----------------------------------------------------------------------------------------------------


def test_the_progress_counts_all_outcomes_and_the_errors(backend: Backend) -> None:
    seen: list[BulkProgress] = []
    run = walk(backend, mapped(backend, odd_fails, range(5), on_progress=seen.append))
    assert [progress.done for progress in seen] == [1, 2, 3, 4, 5]
    last = seen[-1]
    assert (last.total, last.failed, last.from_checkpoint) == (5, 2, 0)
    assert 0 <= last.seconds <= run.progress.seconds  # a clock of 16 ms may not have gone on
    assert last.per_second * last.seconds == pytest.approx(5 if last.seconds else 0)
    assert repr(run).endswith("Run closed: 5 of 5 done, 2 failed>")


def test_the_total_is_unknown_for_an_iterator(backend: Backend) -> None:
    run: Any = mapped(backend, str, iter([1]))()
    assert (run.progress.total, run.progress.seconds, run.progress.per_second) == (None, 0, 0)
    assert repr(run).endswith("Run new: 0 done, 0 failed>")


def test_an_exception_of_on_progress_ends_the_run(backend: Backend) -> None:
    def stop(_progress: BulkProgress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        walk(backend, mapped(backend, str, range(5), on_progress=stop))
    assert workers() == []


# --- Arguments ---------------------------------------------------------------------------------------------------

INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "concurrency": ({"concurrency": 0}, "concurrency: must be a whole number, 1 or more, not 0"),
    "a float": ({"concurrency": 2.0}, "concurrency: must be a whole number, 1 or more, not 2.0"),
    "a flag": ({"max_failures": True}, "max_failures: must be a whole number, 0 or more, not True"),
    "max_failures": ({"max_failures": -1}, "max_failures: must be a whole number, 0 or more, not -1"),
    "key": ({"key": "name"}, "key: must be a function of a source, not 'name'"),
    "on_progress": ({"on_progress": 5}, "on_progress: must be a function, not 5"),
    "fit": ({"fit": 1}, "fit: must be True or False, not 1"),
    "an argument": ({"max_labels": "5"}, "max_labels: must be a whole number, not str"),
}


@SYNC
@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_argument_is_refused_before_anything_is_pulled(backend: Backend, name: str) -> None:
    arguments, problem = INVALID[name]

    def sources() -> Iterator[bytes]:
        yield image("a")
        pytest.fail("a source was pulled")

    with pytest.raises(ParamValidationError) as caught:
        bulk_of(backend).detect_labels(sources(), **arguments)
    assert problem in caught.value.problems


@SYNC
@pytest.mark.parametrize(
    "sources",
    ["photos", Path("photos"), b"png", {"bucket": "b", "name": "n"}, 5, open(__file__, "rb")],  # noqa: SIM115
)
def test_a_single_image_is_refused_in_place_of_many(backend: Backend, sources: Any) -> None:
    with pytest.raises(ParamValidationError, match=f"sources: .* not {type(sources).__name__}: put a single image"):
        bulk_of(backend).detect_labels(sources)


def test_the_sync_client_refuses_asynchronous_sources() -> None:
    client = RekognitionClient("eu-west-1", credentials=KEYS, transport=Unused())
    sources: Any = asynchronously([])
    with pytest.raises(ParamValidationError, match="asynchronous ones are for AsyncRekognitionClient"):
        client.bulk.detect_labels(sources)


def test_map_refuses_what_is_no_function(backend: Backend) -> None:
    function: Any = "detect_labels"
    with pytest.raises(ParamValidationError, match="function: must be a function of a source, not 'detect_labels'"):
        bulk_of(backend).map(function, [])


@SYNC
@pytest.mark.parametrize("key", ["", None, 5])
def test_a_key_must_be_a_text(backend: Backend, key: Any) -> None:
    def function(_source: object) -> Any:
        return key

    with pytest.raises(ParamValidationError, match="key: must return a text that is not empty"):
        walk(backend, mapped(backend, str, [1], key=function))


# --- Names -------------------------------------------------------------------------------------------------------


def test_the_module_lists_its_names_and_refuses_others() -> None:
    assert dir(rekog.bulk) == sorted(rekog.bulk.__all__)
    with pytest.raises(AttributeError, match=r"module 'rekog.bulk' has no attribute 'Batch'"):
        _ = rekog.bulk.Batch  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # no name
    for kind in (BulkRun, AsyncBulkRun, Outcome, CheckpointError, rekog.bulk.Bulk, rekog.bulk.AsyncBulk):
        assert kind.__module__ == "rekog.bulk"


def test_an_outcome_that_came_just_before_the_program_listens_is_not_waited_for() -> None:
    settings: Settings[str] = Settings(None, 1, None, None)
    run: Any = BulkRun(str, [], settings, workers=1)
    run._deliver([None])
    run_inline(run._listen())
    assert (len(run._arrived), run._listening, run._arrival.empty()) == (1, False, True)
