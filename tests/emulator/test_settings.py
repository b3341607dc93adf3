"""What can be set is checked when it is set, and not when it is used."""

from __future__ import annotations

import math
from typing import Any

import pytest

from rekog.emulator import Durations, Limits, ManualClock

LAST = 253_402_300_799
"""The last second of the year 9999."""


@pytest.mark.parametrize("seconds", ["5", math.nan, math.inf, -1, None, True, 10**400])
def test_a_duration_that_is_none_is_refused(seconds: Any) -> None:
    with pytest.raises(ValueError, match=r"job: a duration is a number of seconds, 0 or more, not "):
        Durations(job=seconds)


def test_durations_that_are_none_are_refused_for_all() -> None:
    with pytest.raises(ValueError, match="a duration is a number of seconds"):
        Durations.all(-1)


@pytest.mark.parametrize("number", ["5", 1.5, -1, None, True])
def test_a_limit_that_is_none_is_refused(number: Any) -> None:
    with pytest.raises(ValueError, match="projects: a limit is a whole number, 0 or more, not "):
        Limits(projects=number)


@pytest.mark.parametrize("seconds", [math.inf, math.nan, LAST, 10**400, -1, "1", True])
def test_a_clock_goes_on_by_seconds_and_stays_in_the_calendar(seconds: Any) -> None:
    clock = ManualClock(1000)
    with pytest.raises(ValueError, match=r"must be .*, not "):
        clock.advance(seconds)
    assert clock() == 1000


def test_a_clock_goes_to_the_last_second_that_has_a_date() -> None:
    clock = ManualClock(LAST - 1)
    clock.advance(1)
    assert clock() == LAST


@pytest.mark.parametrize("start", [math.inf, math.nan, LAST + 1, -1, "1", 10**400])
def test_a_clock_starts_within_the_calendar(start: Any) -> None:
    with pytest.raises(ValueError, match="start must be 0 to 253402300799 epoch seconds"):
        ManualClock(start)
