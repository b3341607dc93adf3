"""Injection of faults: the combined effect of all faults on one call."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ..refusals import RefusalError
from .faults import Fault, Faults, Reset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..scope import Scope

_MESSAGES = {
    "AccessDeniedException": "User is not authorized to perform this operation.",  # our wording
    "InternalServerError": "Internal server error",  # our wording
    "ProvisionedThroughputExceededException": "Provisioned rate exceeded",
    "ThrottlingException": "Slow down; sudden increase in rate of requests.",
}
_OTHER_MESSAGE = "An injected fault."  # our wording


class InjectedError(RefusalError):
    """An error that a fault injects; it may have a status of its own."""

    def __init__(self, code: str, message: str, status: int | None) -> None:
        super().__init__(code, message)
        self._status = status

    @property
    def status(self) -> int:
        """The HTTP status of the response."""
        return self._status or super().status


class InjectedFault(NamedTuple):
    """The combined effect of all faults on one call: the first error, the sum of the delays."""

    error: Callable[[], RefusalError] | None = None
    """Makes the error: a kept one would be in a cycle with the frames of its traceback, and with the request."""
    delay: float = 0.0
    reset: Reset = False
    kept_bytes: int | None = None


class FaultInjector(Faults):
    """The faults, for the application that injects them."""

    def inject(self, operation: str, scope: Scope, now: float) -> InjectedFault:
        """Count a call, and return the combined effect of the faults on it."""
        with self._lock:
            selected = list(self._selected(operation, scope))
            throttled = [throttle.refuses(operation, scope, now) for throttle in self._throttles]
        with_error = [fault for fault, _ in selected if fault.error is not None]
        error = with_error[0] if with_error else None
        if error is None and any(throttled):
            error = Fault(error="ProvisionedThroughputExceededException")
        resets: list[Reset] = [fault.reset for fault, _ in selected if fault.reset]
        return InjectedFault(
            None if error is None else partial(_error, error),
            sum(_delay(fault, draw) for fault, draw in selected),
            resets[0] if resets else False,
            min((fault.truncate for fault, _ in selected if fault.truncate is not None), default=None),
        )

    def _selected(self, operation: str, scope: Scope) -> Sequence[tuple[Fault, random.Random]]:
        selected: list[tuple[Fault, random.Random]] = []
        for index, (fault, count) in enumerate(self._counted):
            if fault.operation in (None, operation) and fault.region in (None, scope.region):
                count[0] += 1
                draw = random.Random(f"{fault.seed} {index} {count[0]}")  # noqa: S311 (it is no secret)
                if _selects(fault, count[0], draw):
                    selected.append((fault, draw))
        return selected


def _selects(fault: Fault, number: int, draw: random.Random) -> bool:
    """Tell whether a fault is injected into the call with this number."""
    if fault.calls is not None:
        return number in fault.calls
    if fault.every is not None:
        return number % fault.every == 0
    return fault.probability is None or draw.random() < fault.probability


def _delay(fault: Fault, draw: random.Random) -> float:
    """Return the seconds by which a fault delays the response."""
    low, high = fault.latency if isinstance(fault.latency, tuple) else (fault.latency or 0.0,) * 2
    return draw.uniform(low, high)


def _error(fault: Fault) -> InjectedError:
    code = fault.error or ""
    message = fault.message if fault.message is not None else _MESSAGES.get(code, _OTHER_MESSAGE)
    return InjectedError(code, message, fault.status)
