"""Deadlines, under a manual clock."""

from __future__ import annotations

import math

import pytest

from rekog._core.deadline import Deadline
from rekog._values.errors import CallTimeoutError
from rekog.config import Timeout


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_without_a_total_time_never_runs_out() -> None:
    assert Deadline(None).left() == math.inf


def test_without_a_total_a_timeout_is_unchanged() -> None:
    timeout = Timeout()
    assert Deadline(None).clip(timeout) is timeout


def test_the_remaining_time_decreases_below_zero() -> None:
    clock = Clock()
    deadline = Deadline(5, clock)
    clock.now += 2
    assert deadline.left() == 3
    clock.now += 4
    assert deadline.left() == -1


def test_clipping_limits_each_part_to_the_remaining_time() -> None:
    clock = Clock()
    deadline = Deadline(5, clock)
    clock.now += 2
    assert deadline.clip(Timeout(connect=1, read=60, total=5)) == Timeout(connect=1, read=3, total=3)
    assert deadline.clip(Timeout(5, connect=1, read=2, pool=9)) == Timeout(3, connect=1, read=2, pool=3)
    clock.now += 2.5
    assert deadline.clip(Timeout(connect=1, read=60, total=5)) == Timeout(connect=0.5, read=0.5, total=0.5)


@pytest.mark.parametrize("passed", [5, 6])
def test_nothing_is_sent_when_no_time_is_left(passed: float) -> None:
    clock = Clock()
    deadline = Deadline(5, clock)
    clock.now += passed
    with pytest.raises(CallTimeoutError, match="total timeout of 5 s ran out: no time is left to send the request"):
        deadline.clip(Timeout(total=5))


def test_the_default_clock_runs() -> None:
    deadline = Deadline(5)
    assert deadline.left() <= 5
    assert deadline.left() <= deadline.left() + 1


def test_the_error_has_operation_and_attempts() -> None:
    error = Deadline(1.5).error("reason", operation="DetectFaces", attempts=2)
    assert (error.operation, error.attempts) == ("DetectFaces", 2)
