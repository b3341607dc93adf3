"""Quick steps before a request: an error of the storage ends the request, and any other one postpones the step."""

from __future__ import annotations

from contextlib import closing

import attrs
import pytest

from rekog.emulator import ManualClock
from rekog.emulator.background.due import hand_over, run_quick_steps
from rekog.emulator.state import State, StorageError, schedule
from rekog.emulator.state.schedule import RETRY_SECONDS, Priority, Step, StepKind
from tests.kit.contexts import SCOPE, context_and_worker

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
