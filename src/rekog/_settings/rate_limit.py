"""Limits of the send rate: the public class `RateLimit`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from .._values.errors import ConfigError
from .._values.narrow import is_mapping
from . import rules
from .rules import Checked, Rule


def _is_rate(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


_CALLS = rules.rule("a number of calls per second above 0", _is_rate)
_SHARE = rules.rule("a number above 0", _is_rate)
_BURST = rules.rule("a number of calls, 1 or more", lambda value: _is_rate(value) and value >= 1)


def _rates(name: str, value: Any) -> dict[str, float]:
    if not is_mapping(value):
        raise rules.rule_error(name, "a mapping of operations to calls per second", value)
    rates: dict[str, float] = {}
    for operation, rate in cast("Mapping[object, Any]", value).items():  # cast: untyped callers may pass anything
        if not isinstance(operation, str):
            raise ConfigError(f"{name}: {operation!r} is no operation: write a name such as 'detect_faces'")
        _CALLS(f"{name}[{operation!r}]", rate)
        rates[operation] = rate
    return rates


def _per_second(name: str, value: Any) -> float | dict[str, float]:
    if is_mapping(value):
        return _rates(name, value)
    if not _is_rate(value):
        raise rules.rule_error(name, "a number of calls per second above 0, or a mapping of operations to it", value)
    return cast("float", value)  # cast: the line above checks it


class RateLimit(Checked, kw_only=True, public="rekog.config"):
    """Limit the requests that a client sends per second, so that the service does not refuse them.

    A number applies to each operation by itself. A mapping has the numbers of some operations, by the name of the
    method or by the service's name; the others have no limit. `burst` is the number of requests that may follow one
    another at once after a pause. All threads and tasks of a client share its limit; each process has its own.

    Retries count too. The wait for a limit is part of `Timeout.total`, and no attempt.

    >>> RateLimit(20)
    RateLimit(per_second=20, burst=1.0)
    >>> RateLimit({"detect_faces": 50, "IndexFaces": 10}, burst=5).burst
    5
    """

    _positional = ("per_second",)
    _rules: ClassVar[Mapping[str, Rule]] = {"per_second": _per_second, "burst": _BURST}

    per_second: float | Mapping[str, float]
    burst: float = 1.0

    if TYPE_CHECKING:

        def __init__(self, per_second: float | Mapping[str, float], *, burst: float = 1.0) -> None: ...

    @classmethod
    def published(cls, *, share: float = 1.0, replaced: Mapping[str, float] | None = None) -> Self:
        """Return the default quotas that the service publishes for the Region of the client.

        `replaced` has the quotas of your account that differ from them, such as raised ones. `share` is the part of all
        quotas that this client may use: 0.25 for each of four processes. Operations without a quota have no limit.

        >>> RateLimit.published(share=0.5)
        RateLimit.published(share=0.5)
        """
        _SHARE(f"{cls.__name__}.published: share", share)
        limit = cls(_rates(f"{cls.__name__}.published: replaced", {} if replaced is None else replaced))
        limit.__dict__["_share"] = share
        return limit

    def __replace__(self, /, **changes: Any) -> Self:
        limit = type(self)(**{name: value for name, value in self.__dict__.items() if name != "_share"} | changes)
        if "_share" in self.__dict__:
            limit.__dict__["_share"] = self.__dict__["_share"]
        return limit

    def __hash__(self) -> int:
        rates = self.per_second
        hashable = frozenset(rates.items()) if is_mapping(rates) else rates
        return hash((type(self), hashable, self.burst, share_of(self)))

    def _shown(self) -> Mapping[str, object]:
        share = share_of(self)
        if share is None:
            return {"per_second": self.per_second, "burst": self.burst}
        return {"share": share, **({"replaced": self.per_second} if self.per_second else {})}

    def __repr__(self) -> str:
        name = type(self).__name__ if share_of(self) is None else f"{type(self).__name__}.published"
        return f"{name}({', '.join(f'{field}={value!r}' for field, value in self._shown().items())})"


def share_of(limit: RateLimit) -> float | None:
    """Return the share of published quotas; None for a limit of its own numbers."""
    share: float | None = limit.__dict__.get("_share")
    return share


def divided(limit: RateLimit, number: int) -> RateLimit:
    """Return the limit of each of a number of processes that share a limit.

    >>> divided(RateLimit({"detect_faces": 50}, burst=5), 4)
    RateLimit(per_second={'detect_faces': 12.5}, burst=1.25)
    >>> divided(RateLimit.published(share=0.5), 2)
    RateLimit.published(share=0.25)
    """
    rates = limit.per_second
    burst = max(1.0, limit.burst / number)
    if (share := share_of(limit)) is not None:  # it applies to `rates` too
        part = limit.__replace__(burst=burst)
        part.__dict__["_share"] = share / number
        return part
    if isinstance(rates, Mapping):
        return RateLimit({operation: rate / number for operation, rate in rates.items()}, burst=burst)
    return RateLimit(rates / number, burst=burst)


def as_rate_limit(name: str, value: Any) -> RateLimit | None:
    """Rule of a rate limit: a `RateLimit`, a number of calls per second for each operation, or None.

    >>> as_rate_limit("rate_limit", 20)
    RateLimit(per_second=20, burst=1.0)
    """
    if value is None or isinstance(value, RateLimit):
        return value
    if _is_rate(value):
        return RateLimit(value)
    remedy = "RateLimit.published()" if value == "published" else "RateLimit(...)" if is_mapping(value) else ""
    raise rules.rule_error(name, "a RateLimit or a number of calls per second above 0", value, remedy)
