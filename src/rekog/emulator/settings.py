"""Settings of an emulator: limits, durations of asynchronous steps, and the manual clock.

The defaults of all limits and durations are here, also those that the service's documentation does not give.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, TypeGuard

import attrs

from .._values.clocks import real_time
from .._values.narrow import is_mapping
from .._values.public import publish

if TYPE_CHECKING:
    from collections.abc import Mapping


_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, the last that the dates of responses can have."""


class ManualClock:
    """A clock that stands still until `advance` is called, for `Emulator(clock=...)`.

    `start` is in epoch seconds and defaults to the real time. The clock covers the years 1970 to 9999.

    >>> clock = ManualClock(1_700_000_000)
    >>> clock.advance(2.5)
    >>> clock()
    1700000002.5
    """

    def __init__(self, start: float | None = None) -> None:
        self._now = real_time() if start is None else _moment("start", start)
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """Return the time in epoch seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Advance the clock by seconds, 0 or more. `ValueError`: they are negative, or lead beyond the year 9999."""
        if not is_number(seconds) or not seconds >= 0:
            raise ValueError(f"seconds must be a number, 0 or more, not {seconds!r}")
        with self._lock:
            self._now = _moment("the time", self._now + min(seconds, 2 * _LAST_SECOND))


def _moment(name: str, value: object) -> float:
    if not is_number(value) or not 0 <= value <= _LAST_SECOND:
        raise ValueError(f"{name} must be 0 to {_LAST_SECOND} epoch seconds (the year 9999), not {value!r}")
    return float(value)


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a number. True and False are not, although bool is a subclass of int."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@attrs.frozen(kw_only=True)
class Durations:
    """Durations of asynchronous steps in seconds. A step with duration 0 is due at the next request.

    - `job`: a video or media analysis job
    - `project`: creation of a project; `dataset`: creation or change of a dataset
    - `training`, `copying`, `starting`, `stopping`: steps of a project version
    - `deleting`: deletion of a project, a version, a dataset or a stream processor
    - `stream`: start, stop or update of a stream processor
    - `user`: change of a user's faces
    - `indexing`: time until searches return a face after `IndexFaces`
    - `creation`: time until a new collection is visible after `CreateCollection`
    """

    job: float = 0.0
    project: float = 0.0
    training: float = 0.0
    copying: float = 0.0
    starting: float = 0.0
    stopping: float = 0.0
    deleting: float = 0.0
    dataset: float = 0.0
    stream: float = 0.0
    user: float = 0.0
    indexing: float = 0.0
    creation: float = 0.0

    def __attrs_post_init__(self) -> None:
        for name, value in attrs.asdict(self).items():
            _seconds(value, f"{name}: ")

    @classmethod
    def all(cls, seconds: float) -> Durations:
        """Return equal durations for all steps; `indexing` and `creation`, which delay visibility, stay 0."""
        names = [field.name for field in attrs.fields(cls) if field.name not in ("indexing", "creation")]
        return cls(**dict.fromkeys(names, seconds))

    @classmethod
    def of(cls, given: object) -> Durations:
        """Convert a number of seconds for all steps, or a mapping by name; return `Durations` unchanged.

        >>> Durations.of({"job": 2}).job
        2.0
        """
        if isinstance(given, cls):
            return given
        if not is_mapping(given):
            if not _are_seconds(given):
                raise ValueError(f"durations must be seconds, 0 or more, for all steps or by name, not {given!r}")
            return cls.all(float(given))
        _check_names("duration", given, cls)
        return cls(**{name: _seconds(value, f"{name}: ") for name, value in given.items()})


def _are_seconds(value: object) -> TypeGuard[float]:
    return is_number(value) and 0 <= value <= sys.float_info.max


def _seconds(value: object, where: str) -> float:
    if not _are_seconds(value):
        raise ValueError(f"{where}a duration is a number of seconds, 0 or more, not {value!r}")
    return float(value)


@attrs.frozen(kw_only=True)
class Limits:
    """Limits of the account. Exceeding one gets the service's error.

    `request_bytes` is the size of a request, `concurrent_jobs` the number of jobs in progress. `video_bytes`,
    `video_seconds`, `manifest_bytes` and `manifest_lines` limit the inputs of jobs. Results of video jobs expire
    after `result_days`, their page tokens after `token_hours`, liveness sessions after `liveness_seconds`. All others
    limit the number of resources.
    """

    request_bytes: int = 16 * 1024**2
    concurrent_jobs: int = 20
    faces_per_collection: int = 20_000_000
    faces_per_user: int = 100
    users_per_collection: int = 10_000_000
    collections: int = 100_000
    tags_per_resource: int = 200
    projects: int = 1_000
    versions_per_project: int = 1_000
    policies_per_project: int = 5
    stream_processors: int = 1_000
    video_bytes: int = 10 * 1024**3
    video_seconds: int = 6 * 3600
    manifest_bytes: int = 50 * 1024**2
    manifest_lines: int = 10_000
    result_days: int = 7
    liveness_seconds: int = 180
    token_hours: int = 24

    def __attrs_post_init__(self) -> None:
        for name, value in attrs.asdict(self).items():
            _count(value, f"{name}: ")

    @classmethod
    def of(cls, given: object) -> Limits:
        """Convert a mapping by name; return `Limits` unchanged.

        >>> Limits.of({"concurrent_jobs": 2}).concurrent_jobs
        2
        """
        if isinstance(given, cls):
            return given
        if not is_mapping(given):
            raise ValueError(f"limits must be whole numbers by name, not {given!r}")
        _check_names("limit", given, cls)
        return cls(**{name: _count(value, f"{name}: ") for name, value in given.items()})


def _count(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{where}a limit is a whole number, 0 or more, not {value!r}")
    return value


def _check_names(kind: str, given: Mapping[str, object], cls: type[Durations | Limits]) -> None:
    names = [field.name for field in attrs.fields(cls)]
    if unknown := [name for name in given if name not in names]:
        raise ValueError(f"no such {kind}: {', '.join(map(str, unknown))}; there are {', '.join(names)}")


publish("rekog.emulator", ManualClock, Durations, Limits)
