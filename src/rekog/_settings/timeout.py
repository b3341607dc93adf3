"""Limits of time: the public class `Timeout`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from . import rules
from .rules import POSITIVE_SECONDS, Checked, Rule, optional

if TYPE_CHECKING:
    from typing import Self


class Timeout(Checked, kw_only=True, public="rekog.config"):
    """Limit the time of a call, in seconds.

    `total` limits the whole call with all attempts, the pauses between them and all waits; `connect` making a
    connection, TLS included; `read` the longest silence of the peer, in either direction; `pool` the wait while the
    client's `max_connections` calls are under way. That wait is no attempt: `PoolTimeoutError` is not retried and
    leaves the retry quota as it is. None is no limit. A number in place of a `Timeout` is its `total`.

    A field that is left out of a call's `Timeout` is the client's; on a client it has the default below. Two timeouts
    are equal if their four limits are.

    >>> Timeout(10, read=5.0)
    Timeout(total=10, read=5.0)
    >>> Timeout(10).connect
    5.0
    """

    _positional = ("total",)
    _rules: ClassVar[Mapping[str, Rule]] = {
        "total": optional(POSITIVE_SECONDS),
        "connect": POSITIVE_SECONDS,
        "read": POSITIVE_SECONDS,
        "pool": optional(POSITIVE_SECONDS),
    }

    total: float | None = None
    connect: float = 5.0
    read: float = 60.0
    pool: float | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            total: float | None = None,
            *,
            connect: float = 5.0,
            read: float = 60.0,
            pool: float | None = None,
        ) -> None: ...

    else:

        def __init__(self, *positional: object, **named: object) -> None:
            super().__init__(*positional, **named)
            self.__dict__["_given"] = frozenset(self._positional[: len(positional)]).union(named)

    def __replace__(self, /, **changes: Any) -> Self:
        build: Callable[..., Self] = type(self)
        return build(**given_fields(self) | changes)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return _fields(self) == _fields(other)

    def __hash__(self) -> int:
        return hash((type(self), *_fields(self).values()))

    def _shown(self) -> Mapping[str, object]:
        return given_fields(self)


def _fields(timeout: object) -> dict[str, Any]:
    return {name: value for name, value in timeout.__dict__.items() if name != "_given"}


def given_fields(timeout: Timeout) -> dict[str, Any]:
    """Return the fields that were given to a timeout, without the defaults of the others."""
    return {name: value for name, value in _fields(timeout).items() if name in timeout.__dict__["_given"]}


def over(timeout: Timeout, other: Timeout) -> Timeout:
    """Return the second timeout with the given fields of the first in place of its own.

    >>> over(Timeout(read=30), Timeout(10, connect=1))
    Timeout(total=10, connect=1, read=30)
    """
    return other.__replace__(**given_fields(timeout))


def as_timeout(value: object, name: str = "timeout") -> Timeout | None:
    """Return a number as the limit of the whole call, other valid values as they are.

    >>> as_timeout(2.0)
    Timeout(total=2.0)
    """
    if value is None or isinstance(value, Timeout):
        return value
    if isinstance(value, int | float):
        return Timeout(value)  # names `Timeout.total` in its error
    from .remedies import for_timeout  # few programs pass another object

    raise rules.rule_error(name, "a Timeout or a number of seconds", value, for_timeout(value))
