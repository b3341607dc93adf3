"""Retries: the loop of attempts, the pauses between them, and its end.

The modes are those of the AWS SDKs. `standard` uses exponential backoff with full jitter. It takes the cost of each
retry from a quota that all calls of a client share, so that callers do not make an outage worse. `adaptive` also limits
the send rate: after the first throttling error, each attempt needs a token of a token bucket, whose rate drops with
each throttling error and grows back along a cubic curve. `off` sends once. The functions of a policy replace the mode's
choice of failures and its pauses. tenacity computes the pauses of the modes; importing it takes longer than a small
call, so it is imported only when another attempt follows a failed one. Nothing here sleeps or blocks: pauses are
effects of the Flow.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ..._settings.values import FailedAttempt
from ..._values.clocks import monotonic, real_time
from ..._values.errors import (
    CallError,
    CallTimeoutError,
    ConfigError,
    PoolTimeoutError,
    ServiceError,
    StaleConnectionError,
)
from ..flow import Flow, sleep
from .rate import RateLimiter, RetryQuota
from .rules import FIRST_PAUSE, LONGEST_PAUSE, cost_of, is_retryable, is_throttling, retry_after
from .waiting_clock import WaitingClock

if TYPE_CHECKING:
    from ..._settings.values import RetryPolicy
    from ..._values.errors import RekogError
    from ..deadline import Deadline

T = TypeVar("T")
Failed: TypeAlias = Callable[[int, CallError, float | None], None]
"""Called after a failed attempt: its number, its error, and the seconds until the next one, None after the last."""


class RetryState:
    """State that the calls of one client share between threads and tasks: quota, send rate and clocks."""

    def __init__(self, clock: Callable[[], float] | None = None, wall_clock: Callable[[], float] = real_time) -> None:
        self.clock = clock
        self.waiting_clock = WaitingClock(clock or monotonic)
        self.wall_clock = wall_clock
        self.quota = RetryQuota()
        self.limiter = RateLimiter(self.waiting_clock)


def retrying(
    attempt: Callable[[int], Flow[T]],
    *,
    policy: RetryPolicy,
    state: RetryState,
    deadline: Deadline,
    operation: str = "",
    before: Callable[[int], Flow[None]] | None = None,
    failed: Failed | None = None,
) -> Flow[T]:
    """Run attempt 1, 2 … until one returns; else raise the error of the last attempt, with the number of attempts.

    An attempt raises `CallError`; any other exception propagates. When the next pause would pass the deadline, the
    error of the last attempt is raised at once. `before` runs before each attempt, with the number of attempts made;
    its errors end the call. So do those of `failed`, which is called after each failed attempt.
    """
    limiter = state.limiter if policy.mode == "adaptive" else None
    started, attempt_number = (state.clock or time.monotonic)(), 1
    refund = 1  # that a success returns to the quota
    failure: CallError | None = None
    try:
        while True:
            try:
                if limiter is not None:
                    yield from _wait_for_token(limiter, state.waiting_clock, deadline, operation, attempt_number)
                if before is not None:
                    yield from before(attempt_number - 1)
            except CallError as error:
                if failure is not None:
                    raise error from failure
                raise
            try:
                result = yield from attempt(attempt_number)
            except CallError as error:
                # With the error of a given transport's own pool, nothing was sent.
                error.attempts = attempt_number - isinstance(error, PoolTimeoutError)
                error.operation = error.operation or operation
                if limiter is not None:
                    limiter.record(throttled=is_throttling(error))
                elapsed = (state.clock or time.monotonic)() - started
                refund, pause = cost_of(error), None
                try:
                    pause = _allowed_pause(error, attempt_number, policy, state, elapsed, deadline)
                finally:  # also when a function of the policy raises an error
                    _report(failed, attempt_number, error, pause)
                if pause is None:
                    raise
                failure = error
            else:
                if limiter is not None:
                    limiter.record(throttled=False)
                state.quota.release(refund)
                return result
            _log(operation, attempt_number, str(failure), pause)
            yield from sleep(pause)
            attempt_number += 1
    finally:
        failure = None  # an error refers to this frame: a reference back would keep both until a garbage collection


def _wait_for_token(
    limiter: RateLimiter, clock: WaitingClock, deadline: Deadline, operation: str, attempt_number: int
) -> Flow[None]:
    while pause := limiter.reserve():
        if pause >= deadline.left():
            text = (
                f"{deadline} would run out before the next request may be sent, in {pause:.2g} s, because the service"
                " throttles; increase Timeout(total=...)"
            )
            raise CallTimeoutError(text, operation=operation, attempts=attempt_number - 1)
        yield from clock.pause(pause)


def _report(failed: Failed | None, number: int, error: CallError, pause: float | None) -> None:
    if failed is not None:
        failed(number, error, pause)


def _allowed_pause(
    error: CallError, number: int, policy: RetryPolicy, state: RetryState, elapsed: float, deadline: Deadline
) -> float | None:
    """Return the seconds until the next attempt, or None when this error ends the call."""
    pause = _pause_before_retry(error, number, policy, state, elapsed)
    return pause if pause is not None and _is_allowed(error, pause, cost_of(error), state, deadline) else None


def _is_allowed(error: CallError, pause: float, cost: int, state: RetryState, deadline: Deadline) -> bool:
    """Return whether time and quota are left for another attempt, and take its cost; the error notes the reason."""
    if pause >= deadline.left():
        error.add_note(f"Not retried: the next attempt would start in {pause:.2g} s, but {deadline} ends before that.")
        return False
    if not state.quota.acquire(cost):
        error.add_note("Not retried: the client's retry quota is exhausted for now.")
        return False
    return True


def _log(operation: str, attempt_number: int, failed: str, pause: float) -> None:
    import logging  # few calls are retried

    logging.getLogger("rekog").info(
        "%s: attempt %d ended in %s; the next begins in %.2g s", operation, attempt_number, failed, pause
    )


def _pause_before_retry(
    error: CallError, number: int, policy: RetryPolicy, state: RetryState, elapsed: float
) -> float | None:
    """Return the seconds that the policy sets before the next attempt, or None if it wants none."""
    if policy.mode == "off" or number >= policy.max_attempts:
        return None
    failed = FailedAttempt(number=number, error=error, elapsed=elapsed)
    wanted = None if policy.retry_if is None else policy.retry_if(failed)
    if not (is_retryable(error) if wanted is None else wanted):
        return None
    if isinstance(error, StaleConnectionError):
        return 0.0
    headers = error.headers if isinstance(error, ServiceError) else {}
    return retry_after(headers, _backoff(failed, policy), state.wall_clock())


def _backoff(failed: FailedAttempt, policy: RetryPolicy) -> float:
    """Return the pause of the policy's function, or of its mode."""
    if policy.pause is None:
        import tenacity

        call = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
        call.attempt_number = failed.number
        return float(tenacity.wait_random_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE)(call))
    return _checked(policy.pause(failed), failed.error)


def _checked(pause: object, error: RekogError) -> float:
    """Return the result of a policy's function, which may have no types, if it is a number of seconds."""
    if isinstance(pause, bool) or not isinstance(pause, int | float) or not 0 <= pause < math.inf:
        rule = "must return a number of seconds, 0 or more"
        raise ConfigError(f"RetryPolicy.pause {rule}, not {pause!r} ({type(pause).__name__})") from error
    return pause
