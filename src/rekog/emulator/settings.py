"""What a user of the emulator can set: limits, how long things take, and the clock.

Every number that the service's documentation does not give stands here.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, TypeGuard

import attrs

from .._values.narrow import is_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping


_LAST_SECOND = 253_402_300_799
"""The end of the year 9999: answers have dates, and there are none after it."""


class ManualClock:
    """A clock that stands still until it is told to go on. It goes from 1970, or any later `start`, to the year 9999.

    >>> clock = ManualClock(1_700_000_000)
    >>> clock.advance(2.5)
    >>> clock()
    1700000002.5
    """

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else _moment("start", start)
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """Return the time in epoch seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass; it never runs backwards."""
        if not is_number(seconds) or not seconds >= 0:
            raise ValueError(f"seconds must be a number, 0 or more, not {seconds!r}")
        with self._lock:
            self._now = _moment("the time", self._now + min(seconds, 2 * _LAST_SECOND))


def _moment(what: str, value: object) -> float:
    if not is_number(value) or not 0 <= value <= _LAST_SECOND:
        raise ValueError(f"{what} must be 0 to {_LAST_SECOND} epoch seconds (the year 9999), not {value!r}")
    return float(value)


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a number; True and False, which Python takes for numbers, are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@attrs.frozen(kw_only=True)
class Durations:
    """How many seconds each asynchronous step takes; 0 is done at the next look.

    `job` is a video or media analysis job, `user` the change of a user's faces, `indexing` the time until a face that
    was indexed is found by searches, `creation` the time until a new collection is.
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
        """Return durations that are all alike, but that stored things are found at once."""
        names = [field.name for field in attrs.fields(cls) if field.name not in ("indexing", "creation")]
        return cls(**dict.fromkeys(names, seconds))

    @classmethod
    def of(cls, said: object) -> Durations:
        """Return what somebody says: durations, a number of seconds for all, or a mapping with some of them.

        >>> Durations.of({"job": 2}).job
        2.0
        """
        if isinstance(said, cls):
            return said
        if not is_mapping(said):
            if not _are_seconds(said):
                raise ValueError(f"durations must be seconds, 0 or more, for all steps or by name, not {said!r}")
            return cls.all(float(said))
        _check_names("duration", said, cls)
        return cls(**{name: _seconds(value, f"{name}: ") for name, value in said.items()})


def _are_seconds(value: object) -> TypeGuard[float]:
    return is_number(value) and 0 <= value <= sys.float_info.max


def _seconds(value: object, where: str) -> float:
    if not _are_seconds(value):
        raise ValueError(f"{where}a duration is a number of seconds, 0 or more, not {value!r}")
    return float(value)


@attrs.frozen(kw_only=True)
class Limits:
    """How much there may be of a thing."""

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
    def of(cls, said: object) -> Limits:
        """Return what somebody says: limits, or a mapping with some of them.

        >>> Limits.of({"concurrent_jobs": 2}).concurrent_jobs
        2
        """
        if isinstance(said, cls):
            return said
        if not is_mapping(said):
            raise ValueError(f"limits must be whole numbers by name, not {said!r}")
        _check_names("limit", said, cls)
        return cls(**{name: _count(value, f"{name}: ") for name, value in said.items()})


def _count(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{where}a limit is a whole number, 0 or more, not {value!r}")
    return value


def _check_names(what: str, said: Mapping[str, object], cls: type[Durations | Limits]) -> None:
    names = [field.name for field in attrs.fields(cls)]
    if unknown := [name for name in said if name not in names]:
        raise ValueError(f"no such {what}: {', '.join(map(str, unknown))}; there are {', '.join(names)}")
