"""A worker without a step to do: what wakes it, what it waits for, and the steps that a failure of the disk leaves."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from rekog.emulator import Emulator, ManualClock
from rekog.emulator.background import worker as worker_module
from rekog.emulator.handlers.steps import STEPS
from rekog.emulator.state import State, StorageError, schedule
from rekog.emulator.state.schedule import Priority, Step, StepKind
from rekog.emulator.state.worker_locks import WorkerLock
from tests.emulator.background.jobs import worker_threads
from tests.kit.clock import LIMIT_SECONDS, wait_until
from tests.kit.contexts import SCOPE, context_and_worker
from tests.kit.videos import VIDEO, put_video
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from rekog.emulator.context import Context

NOW = 1_700_000_000.0
HOUR = 3600.0


class RunningClock:
    """A clock that starts at `NOW` and runs."""

    def __init__(self) -> None:
        self._begin = time.monotonic()

    def __call__(self) -> float:
        return NOW + time.monotonic() - self._begin


def add(state: State, job: str, due: float, *, ready: bool = False) -> None:
    """Add the end of a job that does not exist, which does nothing."""
    with state.write() as connection:
        step = (connection, SCOPE, due, StepKind.FINISH_VIDEO_JOB, {"JobId": job})
        schedule.add(*step, priority=Priority.JOB_END, subject=job, ready=ready)


def steps(state: State) -> list[str]:
    with state.read() as connection:
        return [job for (job,) in connection.execute("SELECT subject FROM event ORDER BY key")]


def test_a_worker_with_a_manual_clock_does_not_wait_for_a_later_step() -> None:
    before = worker_threads()
    with closing(State()) as state:
        _, worker = context_and_worker(state, ManualClock(NOW))
        add(state, "later", NOW + HOUR)
        worker.wake()
        wait_until(lambda: worker_threads() <= before)
        worker.close()


def test_a_job_without_a_duration_waits_for_a_request(tmp_path: Path) -> None:
    before = worker_threads()
    with Emulator(data=tmp_path, clock=lambda: NOW) as emulator:
        put_video(emulator, labels=[])
        wire = WireClient(emulator)
        job = wire("StartLabelDetection", Video=VIDEO).body
        wait_until(lambda: worker_threads() <= before)  # it found nothing to wait for
        with closing(State(tmp_path)) as state:
            assert steps(state) == [job["JobId"]]
        assert wire("GetLabelDetection", **job).body["JobStatus"] == "SUCCEEDED"


def test_a_worker_that_resumes_waits_for_a_step_that_is_due_later() -> None:
    with closing(State()) as state:
        _, worker = context_and_worker(state, RunningClock())
        add(state, "later", NOW + 0.1)
        worker.resume()
        wait_until(lambda: steps(state) == [])
        worker.close()


def test_a_worker_that_resumes_without_a_step_starts_no_thread() -> None:
    before = worker_threads()
    with closing(State()) as state:
        _, worker = context_and_worker(state, RunningClock())
        add(state, "next request", 0.0)
        worker.resume()
        assert worker_threads() <= before
        worker.close()


def test_a_step_that_the_disk_fails_is_reported_and_runs_at_the_next_wake(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[Step] = []

    def fail_once(_context: Context, step: Step) -> None:
        done.append(step)
        if len(done) == 1:
            raise StorageError("the disk is full")

    monkeypatch.setitem(STEPS, StepKind.FINISH_VIDEO_JOB, fail_once)
    before = worker_threads()
    with closing(State()) as state:
        _, worker = context_and_worker(state, ManualClock(NOW))
        add(state, "one", NOW, ready=True)
        for left in (["one"], []):
            worker.wake()
            wait_until(lambda: worker_threads() <= before)
            assert steps(state) == left
        assert [step.due for step in done] == [NOW, NOW]  # not postponed
        message = "the worker stopped, and the next request starts it again: the disk is full"
        assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("ERROR", message)]
        worker.close()


def test_a_wake_during_a_step_that_the_disk_fails_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Step] = []

    def fail_once(_context: Context, step: Step) -> None:
        done.append(step)
        if len(done) == 1:
            add(state, "two", NOW, ready=True)  # as a request that hands over its job, and waits for it
            worker.wake()
            raise StorageError("the disk is full")

    monkeypatch.setitem(STEPS, StepKind.FINISH_VIDEO_JOB, fail_once)
    before = worker_threads()
    with closing(State()) as state:
        _, worker = context_and_worker(state, ManualClock(NOW))
        add(state, "one", NOW, ready=True)
        worker.wake()
        wait_until(lambda: worker_threads() <= before)
        assert steps(state) == []
        worker.close()


def test_a_worker_that_waits_for_a_later_step_takes_over_those_of_a_worker_that_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_DEAD_WORKER_CHECK_SECONDS", 0.05)
    with closing(State(tmp_path)) as state:
        _, worker = context_and_worker(state, RunningClock())
        add(state, "later", NOW + HOUR)
        add(state, "taken", NOW, ready=True)
        other = WorkerLock(tmp_path)
        with state.write() as connection:
            assert schedule.take(connection, other.acquire()) is not None
        waits = threading.Event()
        wake_time = worker._wake_time  # pyright: ignore[reportPrivateUsage]  # until then, a release is seen at once

        def next_wake_time() -> float | None:
            time = wake_time()
            waits.set()
            return time

        monkeypatch.setattr(worker, "_wake_time", next_wake_time)
        worker.wake()
        assert waits.wait(LIMIT_SECONDS)
        assert steps(state) == ["later", "taken"]
        other.release()
        wait_until(lambda: steps(state) == ["later"])
        worker.close()


def test_a_worker_that_resumes_releases_the_steps_and_removes_the_lock_files_of_dead_workers(tmp_path: Path) -> None:
    with closing(State(tmp_path)) as state:
        _, worker = context_and_worker(state, ManualClock(NOW))
        worker.close()  # it starts no thread, so that the stages stay
        live = WorkerLock(tmp_path)
        with state.write() as connection:
            for name in ("without a file", "with a file", live.acquire()):
                schedule.add(
                    connection, SCOPE, NOW, StepKind.FINISH_VIDEO_JOB, {"JobId": name}, priority=Priority.JOB_END,
                    subject=name, ready=True,
                )  # fmt: skip
                schedule.take(connection, name)
        for name in ("with a file", "without a step"):
            (tmp_path / f"worker-{name}.lock").touch()
        worker.resume()
        with state.read() as connection:
            taken = connection.execute("SELECT subject FROM event WHERE stage = 2").fetchall()
        assert taken == [(live.name,)]
        assert [file.name for file in tmp_path.glob("worker-*")] == [f"worker-{live.name}.lock"]
        live.release()
