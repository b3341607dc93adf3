"""What can be set is checked when it is set, and not when it is used."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest

from rekog.emulator import Durations, Emulator, Limits, ManualClock
from tests.kit.wire import WireClient

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


@pytest.mark.parametrize(
    ("said", "seconds"), [(5, (5, 5)), ({"job": 2}, (2, 0)), (Durations(training=3), (0, 3))], ids=str
)
def test_an_emulator_takes_durations_in_each_form(said: Any, seconds: tuple[float, float]) -> None:
    with Emulator(durations=said) as emulator:
        assert (emulator.durations.job, emulator.durations.training) == seconds


def test_durations_can_be_set_by_name() -> None:
    with Emulator() as emulator:
        emulator.durations = {"job": 2}
        assert emulator.durations == Durations(job=2)


@pytest.mark.parametrize("said", [{"concurrent_jobs": 2}, Limits(concurrent_jobs=2)], ids=str)
def test_limits_come_in_each_form(said: Any) -> None:
    assert Limits.of(said) == Limits(concurrent_jobs=2)


def test_an_emulator_holds_to_limits_that_are_given_by_name() -> None:
    with Emulator(limits={"collections": 0}) as emulator:
        assert (
            WireClient(emulator)("CreateCollection", CollectionId="people").refusal[0]
            == "ServiceQuotaExceededException"
        )


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"durations": {"jobs": 1}}, "no such duration: jobs; there are job, "),
        ({"durations": {5: 1}}, "no such duration: 5; there are job, "),
        ({"durations": {"job": "long"}}, "job: a duration is a number of seconds, 0 or more, not 'long'"),
        ({"durations": "long"}, "durations must be seconds, 0 or more, for all steps or by name, not 'long'"),
        ({"durations": None}, "durations must be seconds, 0 or more, for all steps or by name, not None"),
        ({"limits": {"jobs": 1}}, "no such limit: jobs; there are request_bytes, "),
        ({"limits": {"projects": 1.5}}, "projects: a limit is a whole number, 0 or more, not 1.5"),
        ({"limits": 3}, "limits must be whole numbers by name, not 3"),
        ({"account": 123456789012}, "account must be 12 digits, as text, not 123456789012"),
        ({"region": 5}, "region must be 1 to 32 lowercase letters, digits and hyphens, like 'eu-west-1', not 5"),
        ({"s3_root": 5}, "s3_root must be the path of a folder, not 5"),
        ({"s3_endpoint": 5}, "s3_endpoint must be an http or https URL, not 5"),
        ({"s3_credentials": ("a", "secret")}, "s3_credentials must be rekog.Credentials, not tuple"),
        ({"notify": 3}, "notify must be a function, a URL or the path of a file, not 3"),
        (
            {"validation_code": "Foo"},
            "validation_code must be 'InvalidParameterException' or 'ValidationException', not",
        ),
        ({"verify_signatures": ["a"]}, "verify_signatures must be a mapping from access key ids to secrets, not list"),
        ({"verify_signatures": {"a": 5}}, "verify_signatures must have a secret for each access key id, both as text"),
        ({"face_detector": 5}, "face_detector must be an object with the method detect, not 5"),
        ({"video_reader": object}, "video_reader must be an object with the methods facts and frames, not <class"),
        ({"clock": "manual"}, "clock must be a function that returns epoch seconds, or a ManualClock(), not 'manual'"),
        ({"clock": ManualClock}, "clock must be a function that returns epoch seconds, or a ManualClock(), not <class"),
    ],
    ids=str,
)
def test_a_setting_of_a_wrong_kind_is_refused_before_there_is_a_state(
    tmp_path: Path, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        Emulator(data=tmp_path / "state", **settings)
    assert not (tmp_path / "state").exists()


def test_data_that_is_no_path_is_refused() -> None:
    folder: Any = 5
    with pytest.raises(ValueError, match="data must be the path of a folder, not 5"):
        Emulator(data=folder)


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
