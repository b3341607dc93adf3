"""Control of the worker: waits, wakes and closes, also after errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from rekog.emulator import ManualClock
from rekog.emulator.background import worker as worker_module
from rekog.emulator.background.worker import MAX_WAITING, StoppedError, Worker
from rekog.emulator.state import State, schedule
from rekog.emulator.state.schedule import Priority, StepKind
from rekog.emulator.state.worker_locks import WorkerLock
from tests.emulator.background.jobs import worker_threads
from tests.kit.clock import LIMIT_SECONDS, wait_until
from tests.kit.contexts import SCOPE, context_and_worker

NOW = 1_700_000_000.0


@pytest.fixture
def state() -> Iterator[State]:
    with closing(State()) as opened:
        yield opened


@pytest.fixture
def worker(state: State) -> Iterator[Worker]:
    _, made = context_and_worker(state, ManualClock(NOW))
    yield made
    made.close()


def add(state: State, job: str, due: float = 0.0, *, ready: bool = True) -> None:
    """Add the end of a job that does not exist, which does nothing."""
    with state.write() as connection:
        detail = {"JobId": job}
        step = (connection, SCOPE, due, StepKind.FINISH_VIDEO_JOB, detail)
        schedule.add(*step, priority=Priority.JOB_END, subject=job, ready=ready)


def steps(state: State) -> int:
    with state.read() as connection:
        row: tuple[int] = connection.execute("SELECT count(*) FROM event").fetchone()
        return row[0]


def test_a_wait_that_fails_does_not_reduce_the_number_of_requests_that_may_wait(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_job_ids: Sequence[str]) -> None:
        raise RuntimeError("no wait")

    monkeypatch.setattr(worker, "_wait", fail)
    for _ in range(MAX_WAITING + 1):
        with pytest.raises(RuntimeError, match="no wait"):
            worker.wait("job")


def test_a_wait_that_ends_does_not_reduce_the_number_of_requests_that_may_wait(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[Sequence[str]] = []
    monkeypatch.setattr(worker, "_wait", waits.append)
    for _ in range(MAX_WAITING + 1):
        worker.wait("job")
    assert len(waits) == MAX_WAITING + 1


def test_a_wait_lasts_until_the_last_of_its_jobs_has_ended(
    state: State, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for job in ("one", "two", "other"):
        add(state, job)
    polls: list[float] = []

    def end_a_job(_steps_ended: int, seconds: float) -> None:
        polls.append(seconds)
        with state.write() as connection:
            connection.execute("DELETE FROM event WHERE subject = ?", ("two" if len(polls) == 1 else "one",))

    monkeypatch.setattr(worker, "_wait_for_step", end_a_job)
    worker.wait("one", "two")
    assert len(polls) == 2
    assert steps(state) == 1


def test_a_request_beyond_the_maximum_does_not_wait(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[Sequence[str]] = []
    ended = threading.Event()

    def wait(job_ids: Sequence[str]) -> None:
        waits.append(job_ids)
        ended.wait(LIMIT_SECONDS)

    monkeypatch.setattr(worker, "_wait", wait)
    requests = [threading.Thread(target=worker.wait, args=("job",), daemon=True) for _ in range(MAX_WAITING + 1)]
    for request in requests:
        request.start()
    wait_until(lambda: sum(request.is_alive() for request in requests) == MAX_WAITING)
    ended.set()
    for request in requests:
        request.join(LIMIT_SECONDS)
    assert len(waits) == MAX_WAITING


def test_a_closed_worker_starts_no_thread(state: State, worker: Worker) -> None:
    before = worker_threads()
    add(state, "one")
    worker.close()
    worker.wake()
    assert worker_threads() <= before
    assert steps(state) == 1


def test_a_wait_for_a_job_of_a_closed_worker_returns(state: State, worker: Worker) -> None:
    add(state, "one")
    worker.close()
    waiting = threading.Thread(target=worker.wait, args=("one",), daemon=True)
    waiting.start()
    waiting.join(LIMIT_SECONDS / 6)  # an open worker makes a request wait for 20 seconds
    assert not waiting.is_alive()


def test_a_close_ends_the_waits(state: State, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    add(state, "one")
    reached = threading.Event()

    def is_ending(_job_ids: Sequence[str]) -> bool:
        reached.set()
        return True

    monkeypatch.setattr(worker, "_is_ending", is_ending)
    waiting = threading.Thread(target=worker.wait, args=("one",), daemon=True)
    waiting.start()
    assert reached.wait(LIMIT_SECONDS)
    worker.close()
    waiting.join(LIMIT_SECONDS / 6)
    assert not waiting.is_alive()


def test_a_wake_while_the_thread_finds_nothing_left_is_not_lost(
    state: State, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_steps = worker._run_steps  # pyright: ignore[reportPrivateUsage]  # to add a step after it
    runs = 0

    def run_and_add(job_id: str = "") -> None:
        nonlocal runs
        run_steps(job_id)
        runs += 1
        if runs == 1:  # a request hands a step over between the thread's last look and its end
            add(state, "late")
            worker.wake()

    monkeypatch.setattr(worker, "_run_steps", run_and_add)
    worker.wake()
    wait_until(lambda: runs > 1 and steps(state) == 0)


def test_a_wake_after_the_end_of_the_thread_starts_another(state: State, worker: Worker) -> None:
    before = worker_threads()
    for job in ("one", "two"):
        add(state, job)
        worker.wake()
        wait_until(lambda: worker_threads() <= before)
        assert steps(state) == 0


def test_a_step_that_is_due_by_a_running_clock_is_handed_over_without_a_request(state: State) -> None:
    now = NOW
    _, worker = context_and_worker(state, lambda: now)
    add(state, "one", NOW + 1, ready=False)
    add(state, "two", NOW + 3600, ready=False)
    worker.wake()
    now = NOW + 2
    worker.wake()
    wait_until(lambda: steps(state) == 1)
    worker.close()


def test_a_close_releases_the_lock_of_the_worker(state: State, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    released: list[WorkerLock] = []

    def release(lock: WorkerLock) -> None:
        released.append(lock)

    monkeypatch.setattr(WorkerLock, "release", release)
    worker.close()
    assert len(released) == 1


def test_a_request_that_waits_asks_ten_times_a_second_until_its_time_is_up(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[str]] = []

    def is_ending(job_ids: Sequence[str]) -> bool:
        asked.append(job_ids)
        return True

    _, worker = context_and_worker(state, ManualClock(NOW), job_wait_seconds=0.35)
    monkeypatch.setattr(worker, "_is_ending", is_ending)
    worker.wait("one")
    assert 1 <= len(asked) <= 5
    assert set(asked) == {("one",)}
    worker.close()


def test_an_open_worker_lets_slow_steps_go_on_and_a_closed_one_ends_them(worker: Worker) -> None:
    worker.raise_if_closed()
    worker.close()
    with pytest.raises(StoppedError):
        worker.raise_if_closed()


def test_a_request_that_waits_goes_on_when_the_step_ends_and_not_at_its_next_question(
    state: State, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_POLL_SECONDS", LIMIT_SECONDS)
    asked = threading.Event()
    is_ending = worker._is_ending  # pyright: ignore[reportPrivateUsage]  # to run the step after the first question

    def ask(job_id: str) -> bool:
        ending = is_ending(job_id)
        asked.set()
        return ending

    monkeypatch.setattr(worker, "_is_ending", ask)
    add(state, "one")
    waiting = threading.Thread(target=worker.wait, args=("one",), daemon=True)
    waiting.start()
    assert asked.wait(LIMIT_SECONDS)
    worker.wake()
    waiting.join(LIMIT_SECONDS / 6)  # an open worker makes a request wait for 20 seconds
    assert not waiting.is_alive()
    assert steps(state) == 0
