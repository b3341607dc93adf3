"""What goes wrong on purpose: errors, slowness, connections that break, throttling by the published rates.

A fault counts the calls that it is about, from one, since it was added, and strikes at some of them. What is left to
chance is drawn from the seed and the call's number, so that the same calls meet the same fate in every run.
"""

from __future__ import annotations

import math
import random
import re
import threading
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, TypeGuard

import attrs

from ..._generated.operations import OPERATIONS
from ..refusals import RefusalError
from .rates import Throttle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..scope import Scope

LATE: Literal["after"] = "after"
Reset: TypeAlias = 'bool | Literal["after"]'

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*")
NO_OPERATION = "operation must be one of the service's, like 'DetectFaces', not {!r}"
_CALLS = "calls must be a list of numbers of calls, 1 for the first, not {!r}"
_TEXTS = ("operation", "region", "error", "message")
_MESSAGES = {
    "AccessDeniedException": "User is not authorized to perform this operation.",  # ours
    "InternalServerError": "Internal server error",  # ours
    "ProvisionedThroughputExceededException": "Provisioned rate exceeded",
    "ThrottlingException": "Slow down; sudden increase in rate of requests.",
}


class InjectedError(RefusalError):
    """An error that somebody asked for, perhaps with a status of its own."""

    def __init__(self, code: str, message: str, status: int | None) -> None:
        super().__init__(code, message)
        self._status = status

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self._status or super().status


def _numbers(said: Iterable[int] | None) -> tuple[int, ...] | None:
    try:
        return None if said is None else tuple(said)
    except TypeError as error:  # JSON may have said anything
        raise ValueError(_CALLS.format(said)) from error


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong, and when.

    It is about the calls of an `operation` in a `region` (None: of all). Of these it strikes those numbered in `calls`
    (1 is the first), or one in `every`, or each with a `probability`; without these all of them.

    `error` is the service's name of an error, with `message` and `status` if its own will not do. `latency` is how many
    real seconds an answer comes late, or the least and the most of them. `reset=True` breaks the connection before
    anything is done, `reset="after"` when it is done. `truncate` sends so many bytes of the answer and breaks off.
    """

    operation: str | None = None
    region: str | None = None
    calls: tuple[int, ...] | None = attrs.field(default=None, converter=_numbers)
    every: int | None = None
    probability: float | None = None
    seed: int = 0
    error: str | None = None
    message: str | None = None
    status: int | None = None
    latency: float | tuple[float, float] | None = None
    reset: Reset = False
    truncate: int | None = None

    def __attrs_post_init__(self) -> None:
        for problem in _problems(self):
            raise ValueError(problem)

    def concerns(self, operation: str, scope: Scope) -> bool:
        """Tell whether a call counts."""
        return self.operation in (None, operation) and self.region in (None, scope.region)

    def strikes(self, number: int, draw: random.Random) -> bool:
        """Tell whether the call of a number is struck."""
        if self.calls is not None:
            return number in self.calls
        if self.every is not None:
            return number % self.every == 0
        return self.probability is None or draw.random() < self.probability

    def seconds(self, draw: random.Random) -> float:
        """Return how late an answer comes."""
        low, high = self.latency if isinstance(self.latency, tuple) else (self.latency or 0.0,) * 2
        return draw.uniform(low, high)


class Mishap(NamedTuple):
    """What happens to one call, all faults together: the first error, the sum of the latencies."""

    error: RefusalError | None = None
    delay: float = 0.0
    reset: Reset = False
    kept_bytes: int | None = None


class Faults:
    """The faults of one emulator.

    >>> from rekog import RekognitionClient, RetryPolicy
    >>> from rekog.emulator import Emulator
    >>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
    ...     fault = emulator.faults.add("ListCollections", calls=[1], error="InternalServerError")
    ...     client.list_collections().response_metadata.attempts
    2
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: list[tuple[Fault, list[int]]] = []
        self._throttles: list[Throttle] = []

    def __len__(self) -> int:
        return len(self.listed)

    @property
    def listed(self) -> Sequence[Fault]:
        """The faults, in the order in which they were added; throttling is none of them."""
        with self._lock:
            return tuple(fault for fault, _ in self._counted)

    def add(
        self,
        operation: str | None = None,
        *,
        region: str | None = None,
        calls: Sequence[int] | None = None,
        every: int | None = None,
        probability: float | None = None,
        seed: int = 0,
        error: str | None = None,
        message: str | None = None,
        status: int | None = None,
        latency: float | tuple[float, float] | None = None,
        reset: Reset = False,
        truncate: int | None = None,
    ) -> Fault:
        """Add a fault; `Fault` says what the arguments mean. `ValueError` when they make no sense."""
        fault = Fault(**{name: value for name, value in locals().items() if name != "self"})
        with self._lock:
            self._counted.append((fault, [0]))
        return fault

    def throttle_by_tps(self, region: str | None = None) -> None:
        """Let each operation be called in a region (None: in each) as often as the service's defaults allow.

        A bucket of one second's calls is filled by the emulator's clock, for each account, region and operation.
        """
        with self._lock:
            self._throttles.append(Throttle(region))

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._counted.clear()
            self._throttles.clear()

    def meet(self, operation: str, scope: Scope, now: float) -> Mishap:
        """Count a call, and return what happens to it."""
        with self._lock:
            struck = list(self._struck(operation, scope))
            throttled = [throttle.refuses(operation, scope, now) for throttle in self._throttles]
        codes = [fault for fault, _ in struck if fault.error is not None]
        error = _error(codes[0]) if codes else None
        if error is None and any(throttled):
            error = _error(Fault(error="ProvisionedThroughputExceededException"))
        resets: list[Reset] = [fault.reset for fault, _ in struck if fault.reset]
        return Mishap(
            error,
            sum(fault.seconds(draw) for fault, draw in struck),
            resets[0] if resets else False,
            min((fault.truncate for fault, _ in struck if fault.truncate is not None), default=None),
        )

    def _struck(self, operation: str, scope: Scope) -> Sequence[tuple[Fault, random.Random]]:
        struck: list[tuple[Fault, random.Random]] = []
        for place, (fault, count) in enumerate(self._counted):
            if fault.concerns(operation, scope):
                count[0] += 1
                draw = random.Random(f"{fault.seed} {place} {count[0]}")  # noqa: S311 (it is no secret)
                if fault.strikes(count[0], draw):
                    struck.append((fault, draw))
        return struck


def _error(fault: Fault) -> InjectedError:
    code = fault.error or ""
    text = fault.message if fault.message is not None else _MESSAGES.get(code, "A fault that was asked for.")
    return InjectedError(code, text, fault.status)


def _problems(fault: Fault) -> Sequence[str]:
    problems = _strange_kinds(fault)
    if problems:
        return problems
    if fault.operation is not None and fault.operation not in OPERATIONS:
        problems.append(NO_OPERATION.format(fault.operation))
    if sum(choice is not None for choice in (fault.calls, fault.every, fault.probability)) > 1:
        problems.append("only one of calls, every and probability can say which calls are struck")
    if fault.error is None and fault.latency is None and not fault.reset and fault.truncate is None:
        problems.append("a fault has an error, a latency, a reset or a truncate")
    if fault.error is not None and not _CODE.fullmatch(fault.error):
        problems.append(f"error must be an error's name, like 'ThrottlingException', not {fault.error!r}")
    if fault.calls is not None and not all(_whole(number, 1) for number in fault.calls):
        problems.append(_CALLS.format(list(fault.calls)))
    if fault.every is not None and not _whole(fault.every, 1):
        problems.append(f"every must be a whole number, 1 or more, not {fault.every!r}")
    if fault.probability is not None and not (_number(fault.probability) and 0 <= fault.probability <= 1):
        problems.append(f"probability must be 0 to 1, not {fault.probability!r}")
    if fault.truncate is not None and not _whole(fault.truncate, 0):
        problems.append(f"truncate must be a number of bytes, 0 or more, not {fault.truncate!r}")
    if fault.status is not None and not (_whole(fault.status, 400) and fault.status <= 599):
        problems.append(f"status must be 400 to 599, not {fault.status!r}")
    said_latency: tuple[object, ...] = fault.latency if isinstance(fault.latency, tuple) else (fault.latency or 0,) * 2
    latency = [value for value in said_latency if _number(value)]
    if not (len(said_latency) == len(latency) == 2 and 0 <= latency[0] <= latency[1] < math.inf):
        problems.append(f"latency must be seconds, or the least and the most of them, not {fault.latency!r}")
    return problems


def _strange_kinds(fault: Fault) -> list[str]:
    said: dict[str, object] = attrs.asdict(fault, recurse=False)
    texts = {name: value for name, value in said.items() if name in _TEXTS and value is not None}
    problems = [f"{name} must be text, not {value!r}" for name, value in texts.items() if not isinstance(value, str)]
    if type(said["seed"]) is not int:
        problems.append(f"seed must be a whole number, not {fault.seed!r}")
    if said["reset"] is not True and said["reset"] is not False and said["reset"] != LATE:
        problems.append(f"reset must be True or 'after', not {fault.reset!r}")
    return problems


def _whole(value: object, least: int) -> bool:
    return type(value) is int and value >= least


def _number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
