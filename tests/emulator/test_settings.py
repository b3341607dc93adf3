"""Settings are checked when they are set, not when they are used."""

from __future__ import annotations

import ast
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import attrs
import pytest

import rekog
from rekog import emulator
from rekog.emulator import Durations, Emulator, Limits, ManualClock
from tests.kit.wire import WireClient

DURATIONS = "job, project, training, copying, starting, stopping, deleting, dataset, stream, user, indexing, creation"
LIMITS = ", ".join(field.name for field in attrs.fields(Limits))
LAST = 253_402_300_799
"""The last second of the year 9999."""


@pytest.mark.parametrize("seconds", ["5", math.nan, math.inf, -1, None, True, 10**400])
def test_an_invalid_duration_is_refused(seconds: Any) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        Durations(job=seconds)
    assert str(caught.value) == f"job: a duration is a number of seconds, 0 or more, not {seconds!r}"


def test_an_invalid_duration_for_all_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="a duration is a number of seconds"):
        Durations.all(-1)


def test_the_bounds_of_durations_and_limits_are_valid() -> None:
    assert Durations(job=sys.float_info.max, training=0).job == Durations.of(sys.float_info.max).job
    assert Durations.of(0) == Durations.of(0.0) == Durations()
    assert Limits(projects=0).projects == 0
    assert Limits(projects=10**30).projects == 10**30


def test_a_duration_of_all_steps_delays_no_visibility() -> None:
    seconds = attrs.asdict(Durations.all(5))
    assert {name for name, value in seconds.items() if value != 5} == {"indexing", "creation"}
    assert (seconds["indexing"], seconds["creation"]) == (0, 0)


@pytest.mark.parametrize("number", ["5", 1.5, -1, None, True])
def test_an_invalid_limit_is_refused(number: Any) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        Limits(projects=number)
    assert str(caught.value) == f"projects: a limit is a whole number, 0 or more, not {number!r}"


@pytest.mark.parametrize(
    ("given", "seconds"), [(5, (5, 5)), ({"job": 2}, (2, 0)), (Durations(training=3), (0, 3))], ids=str
)
def test_an_emulator_accepts_durations_in_each_form(given: Any, seconds: tuple[float, float]) -> None:
    with Emulator(durations=given) as emulator:
        assert (emulator.durations.job, emulator.durations.training) == seconds


def test_durations_can_be_set_by_name() -> None:
    with Emulator() as emulator:
        emulator.durations = {"job": 2}
        assert emulator.durations == Durations(job=2)


@pytest.mark.parametrize("given", [{"concurrent_jobs": 2}, Limits(concurrent_jobs=2)], ids=str)
def test_limits_are_accepted_in_each_form(given: Any) -> None:
    assert Limits.of(given) == Limits(concurrent_jobs=2)


def test_an_emulator_applies_limits_given_by_name() -> None:
    with Emulator(limits={"collections": 0}) as emulator:
        assert (
            WireClient(emulator)("CreateCollection", CollectionId="people").refusal[0]
            == "ServiceQuotaExceededException"
        )


class HalfReader:
    """A reader of videos that lacks a method, and a detector as a class."""

    frames = None

    def __repr__(self) -> str:
        return "half a reader"

    def facts(self) -> None:
        """Return nothing."""

    def detect(self) -> None:
        """Detect nothing."""


HALF = HalfReader()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"durations": {"jobs": 1}}, f"no such duration: jobs; there are {DURATIONS}"),
        ({"durations": {"a": 1, "job": 1, "b": 1}}, f"no such duration: a, b; there are {DURATIONS}"),
        ({"durations": {5: 1}}, f"no such duration: 5; there are {DURATIONS}"),
        ({"durations": {"job": "long"}}, "job: a duration is a number of seconds, 0 or more, not 'long'"),
        ({"durations": "long"}, "durations must be seconds, 0 or more, for all steps or by name, not 'long'"),
        ({"durations": None}, "durations must be seconds, 0 or more, for all steps or by name, not None"),
        ({"limits": {"jobs": 1}}, f"no such limit: jobs; there are {LIMITS}"),
        ({"limits": {"projects": 1.5}}, "projects: a limit is a whole number, 0 or more, not 1.5"),
        ({"limits": 3}, "limits must be whole numbers by name, not 3"),
        ({"account": 123456789012}, "account must be 12 digits, as text, not 123456789012"),
        ({"region": 5}, "region must be 1 to 32 lowercase letters, digits and hyphens, like 'eu-west-1', not 5"),
        ({"s3_root": 5}, "s3_root must be the path of a folder, not 5"),
        ({"s3_endpoint": 5}, "s3_endpoint must be an http or https URL, not 5"),
        ({"s3_credentials": ("a", "secret")}, "s3_credentials must be rekog.Credentials, not tuple"),
        ({"vision": "yes"}, "vision must be 'on' or 'off', not 'yes'"),
        ({"notify": 3}, "notify must be a function, a URL or the path of a file, not 3"),
        (
            {"validation_code": "Foo"},
            "validation_code must be 'InvalidParameterException' or 'ValidationException', not 'Foo'",
        ),
        ({"verify_signatures": ["a"]}, "verify_signatures must be a mapping from access key ids to secrets, not list"),
        ({"verify_signatures": {"a": 5}}, "verify_signatures must have a secret for each access key id, both as text"),
        ({"face_detector": 5}, "face_detector must be an object with the method detect, not 5"),
        ({"label_detector": "ssd"}, "label_detector must be an object with the method detect, not 'ssd'"),
        ({"text_detector": 5}, "text_detector must be an object with the method detect, not 5"),
        ({"person_detector": 5}, "person_detector must be an object with the method detect, not 5"),
        ({"moderation_detector": "m"}, "moderation_detector must be an object with the method detect, not 'm'"),
        ({"face_analyser": 5}, "face_analyser must be an object with the method analyse, not 5"),
        (
            {"video_reader": object},
            "video_reader must be an object with the methods facts and frames, not <class 'object'>",
        ),
        ({"account": None}, "account must be 12 digits, as text, not None"),
        ({"account": "1" * 13}, "account must be 12 digits, as text, not '1111111111111'"),
        (
            {"region": "a" * 33},
            f"region must be 1 to 32 lowercase letters, digits and hyphens, like 'eu-west-1', not {'a' * 33!r}",
        ),
        ({"vision": None}, "vision must be 'on' or 'off', not None"),
        ({"face_embedder": 5}, "face_embedder must be an object with the method embed, not 5"),
        ({"face_detector": HalfReader}, f"face_detector must be an object with the method detect, not {HalfReader!r}"),
        ({"video_reader": HALF}, f"video_reader must be an object with the methods facts and frames, not {HALF!r}"),
        ({"clock": str}, f"clock must be a function that returns epoch seconds, or a ManualClock(), not {str!r}"),
        ({"clock": None}, "clock must be a function that returns epoch seconds, or a ManualClock(), not None"),
        ({"clock": "manual"}, "clock must be a function that returns epoch seconds, or a ManualClock(), not 'manual'"),
        (
            {"clock": ManualClock},
            f"clock must be a function that returns epoch seconds, or a ManualClock(), not {ManualClock!r}",
        ),
    ],
    ids=str,
)
def test_an_invalid_setting_is_refused_before_the_state_is_created(
    tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        Emulator(data=tmp_path / "state", **settings)
    assert str(caught.value) == message
    assert not (tmp_path / "state").exists()


def test_data_must_be_a_path() -> None:
    folder: Any = 5
    with pytest.raises(ValueError, match="data must be the path of a folder, not 5"):
        Emulator(data=folder)


MOMENT = f"must be 0 to {LAST} epoch seconds (the year 9999), not "


@pytest.mark.parametrize("seconds", [math.nan, 10**400, -1, -0.001, "1", True, None])
def test_a_clock_refuses_what_is_no_number_of_seconds_and_does_not_change(seconds: Any) -> None:
    clock = ManualClock(1000)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        clock.advance(seconds)
    is_number = seconds == 10**400
    rule = (
        f"the time {MOMENT}{float(1000 + 2 * LAST)!r}"
        if is_number
        else f"seconds must be a number, 0 or more, not {seconds!r}"
    )
    assert (str(caught.value), clock()) == (rule, 1000)


@pytest.mark.parametrize(
    ("seconds", "time"), [(math.inf, 1000 + 2 * LAST), (LAST, 1000 + LAST), (LAST - 999, LAST + 1)]
)
def test_a_clock_is_not_advanced_beyond_the_last_second(seconds: float, time: float) -> None:
    clock = ManualClock(1000)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        clock.advance(seconds)
    assert (str(caught.value), clock()) == (f"the time {MOMENT}{float(time)!r}", 1000)


def test_a_clock_begins_and_ends_at_the_bounds_of_dates() -> None:
    clock = ManualClock(0)
    clock.advance(0)
    assert (clock(), type(clock())) == (0.0, float)
    clock.advance(LAST)
    assert clock() == ManualClock(LAST)() == LAST
    assert abs(ManualClock()() - time.time()) < 600


@pytest.mark.parametrize("start", [math.inf, math.nan, LAST + 1, -1, "1", 10**400, True])
def test_a_clock_refuses_a_start_without_a_date(start: Any) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        ManualClock(start)
    assert str(caught.value) == f"start {MOMENT}{start!r}"


FROZEN = """
import {modules}
from freezegun import freeze_time
with freeze_time("2030-01-01"):
    from rekog import RekognitionClient
    with RekognitionClient.local() as client:
        client.create_collection("a")
        print(client.describe_collection("a").creation_timestamp.year)
"""


@pytest.mark.slow
@pytest.mark.parametrize("modules", ["sys", "rekog, rekog.emulator.front.app, rekog.emulator.front.signatures"])
def test_freezing_time_has_the_same_effect_in_each_order_of_imports(modules: str) -> None:
    command = [sys.executable, "-c", FROZEN.format(modules=modules)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "2030\n"


SOURCES = [Path(emulator.__file__).parent, Path(rekog.__file__).parent / "_settings"]


@pytest.mark.slow
def test_no_default_clock_keeps_the_function_of_its_import() -> None:
    paths = [path for folder in SOURCES for path in folder.rglob("*.py")]
    functions = [
        (path, node) for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]  # fmt: skip
    defaults = [
        f"{path}:{default.lineno}: {ast.unparse(default)}" for path, node in functions
        for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None
    ]  # fmt: skip
    assert [each for each in defaults if each.endswith((": time.time", ": time.monotonic"))] == []
