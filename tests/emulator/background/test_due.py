"""Quick steps before a request: an error of the storage ends the request, and any other one postpones the step."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import attrs
import pytest

from rekog.emulator import ManualClock
from rekog.emulator.background.due import hand_over, run_quick_steps
from rekog.emulator.scope import Scope
from rekog.emulator.state import State, StorageError, schedule
from rekog.emulator.state.schedule import RETRY_SECONDS, Priority, Step, StepKind, WorkerSteps
from tests.kit.contexts import SCOPE, context_and_worker

if TYPE_CHECKING:
    from rekog.emulator.context import Context

NOW = 1_700_000_000.0
LONG_AGO = NOW - 3.5 * RETRY_SECONDS
"""Time at which the step was due: another try in the past would follow at once."""


def due(state: State) -> list[float]:
    with state.read() as connection:
        return [time for (time,) in connection.execute("SELECT due FROM event")]


def run_failing_step(state: State, error: Exception) -> int:
    """Run a quick step that is due and raises an error, and return how often it ran."""
    runs = 0

    def fail(_context: object, _step: Step) -> None:
        nonlocal runs
        runs += 1
        raise error

    context, worker = context_and_worker(state, ManualClock(NOW))
    with state.write() as connection:
        schedule.add(connection, SCOPE, LONG_AGO, StepKind.FREE_STREAM_NAME, {"key": 1})
    try:
        run_quick_steps(attrs.evolve(context, perform=fail))
    finally:
        worker.close()
    return runs


def test_an_error_of_the_storage_ends_the_request_and_leaves_the_step_due() -> None:
    with closing(State()) as state:
        with pytest.raises(StorageError, match="full"):
            run_failing_step(state, StorageError("the disk is full"))
        assert due(state) == [LONG_AGO]


def test_a_step_that_a_request_adds_is_not_handed_over_by_it() -> None:
    def add(name: str) -> None:
        with state.write() as connection:
            schedule.add(
                connection, SCOPE, NOW, StepKind.SEND_NOTIFICATION, {}, priority=Priority.JOB_END, subject=name
            )

    with closing(State()) as state:
        context, worker = context_and_worker(state, ManualClock(NOW))
        add("before")
        steps = run_quick_steps(context)
        add("during")
        worker.close()  # so that it takes no step
        hand_over(context, steps)
        with state.read() as connection:
            assert list(connection.execute("SELECT subject, stage FROM event")) == [("before", 1), ("during", 0)]


def test_a_step_that_fails_is_due_again_later() -> None:
    with closing(State()) as state:
        assert run_failing_step(state, RuntimeError("no such row")) == 1
        assert due(state) == [NOW + RETRY_SECONDS]


class Wakes:
    """A worker that counts its calls."""

    def __init__(self) -> None:
        self.count = 0

    def wake(self) -> None:
        self.count += 1

    def wait(self, *job_ids: str) -> None:
        raise NotImplementedError

    def raise_if_closed(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("due", "stages", "wakes"),
    [
        (WorkerSteps(0, handed_over=False), [0, 0, 0, 0], 0),
        (WorkerSteps(0, handed_over=True), [0, 0, 0, 0], 1),
        (WorkerSteps(2, handed_over=False), [1, 0, 0, 0], 1),
        (WorkerSteps(4, handed_over=True), [1, 0, 1, 0], 1),
    ],
)
def test_the_worker_is_woken_up_if_there_are_steps_for_it(due: WorkerSteps, stages: list[int], wakes: int) -> None:
    worker = Wakes()
    with closing(State()) as state:
        context, _ = context_and_worker(state, ManualClock(NOW))
        with state.write() as connection:
            for time, priority in (
                (NOW, Priority.JOB_END), (NOW + 1, Priority.JOB_END), (NOW, Priority.ANALYSIS), (NOW, Priority.REQUEST),
            ):  # fmt: skip
                schedule.add(connection, SCOPE, time, StepKind.FINISH_VIDEO_JOB, {}, priority=priority)
        hand_over(attrs.evolve(context, worker=worker), due)
        with state.read() as connection:
            stored = [stage for (stage,) in connection.execute("SELECT stage FROM event ORDER BY key")]
    assert (stored, worker.count) == (stages, wakes)


def test_quick_steps_run_in_their_own_scope_until_none_is_due_and_steps_of_the_worker_are_returned() -> None:
    other = Scope("210987654321", "eu-west-1")
    runs: list[tuple[Scope, float, object]] = []

    def run(context: Context, step: Step) -> None:
        runs.append((context.scope, step.due, step.detail["name"]))
        if step.detail["name"] == "late":  # a step may schedule another one that is due
            with context.state.write() as connection:
                schedule.add(connection, SCOPE, NOW, StepKind.FREE_STREAM_NAME, {"name": "follows"})

    with closing(State()) as state:
        context, _ = context_and_worker(state, ManualClock(NOW))
        with state.write() as connection:
            for scope, time, name in ((SCOPE, NOW, "late"), (other, NOW - 1, "early"), (SCOPE, NOW + 1, "not due")):
                schedule.add(connection, scope, time, StepKind.FREE_STREAM_NAME, {"name": name})
            schedule.add(connection, SCOPE, 0, StepKind.FINISH_VIDEO_JOB, {}, priority=Priority.JOB_END)
        assert run_quick_steps(attrs.evolve(context, perform=run)) == (4, False)
        assert due(state) == [NOW + 1, 0]
    assert runs == [(other, NOW - 1, "early"), (SCOPE, NOW, "late"), (SCOPE, NOW, "follows")]


def test_a_step_that_fails_is_logged_with_its_kind_and_the_error(caplog: pytest.LogCaptureFixture) -> None:
    with closing(State()) as state:
        run_failing_step(state, RuntimeError("no such row"))
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("ERROR", "streams.free_name failed; it runs again later")
    assert "RuntimeError: no such row" in caplog.text
