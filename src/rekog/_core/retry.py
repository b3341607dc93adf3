"""Retries: the loop of attempts, the pauses between them, and its end.

The modes are those of the AWS SDKs. `standard` uses exponential backoff with full jitter. It takes the cost of each
retry from a quota that all calls of a client share, so that callers do not make an outage worse. `adaptive` also limits
the send rate: after the first throttling error, each attempt needs a token of a token bucket, whose rate drops with
each throttling error and grows back along a cubic curve. `off` sends once. tenacity's policy objects decide; importing
them takes longer than a small call, so they are imported only when an attempt has failed. Nothing here sleeps or
blocks: pauses are effects of the Flow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .._values.errors import CallError, CallTimeoutError, ServiceError, StaleConnectionError
from .flow import Flow, Sleep, sleep
from .rate import RateLimiter, RetryQuota
from .retry_rules import FIRST_PAUSE, LONGEST_PAUSE, cost_of, is_retryable, is_throttling, retry_after

if TYPE_CHECKING:
    from .._settings.values import RetryPolicy
    from .deadline import Deadline

T = TypeVar("T")


class RetryState:
    """State that the calls of one client share between threads and tasks: quota, send rate and clocks."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self.clock = clock
        self.wall_clock = wall_clock
        self.quota = RetryQuota()
        self.limiter = RateLimiter(clock)


def retrying(
    attempt: Callable[[int], Flow[T]],
    *,
    policy: RetryPolicy,
    state: RetryState,
    deadline: Deadline,
    operation: str = "",
) -> Flow[T]:
    """Run attempt 1, 2 … until one returns; else raise the error of the last attempt, with the number of attempts.

    An attempt raises `CallError`; any other exception propagates. When the next pause would pass the deadline, the
    error of the last attempt is raised at once.
    """
    limiter = state.limiter if policy.mode == "adaptive" else None
    started, slept, attempt_number, refund = state.clock(), 0.0, 1, 1  # a success returns the refund to the quota
    while True:
        if limiter is not None:
            yield from _wait_for_token(limiter, deadline, operation, attempt_number)
        try:
            result = yield from attempt(attempt_number)
        except CallError as error:
            error.attempts = attempt_number
            error.operation = error.operation or operation
            if limiter is not None:
                limiter.record(throttled=is_throttling(error))
            pause = _pause_before_retry(error, policy, state, started, slept)
            if pause is None:
                raise
            if pause >= deadline.left():
                error.add_note(
                    f"Not retried: the next attempt would start in {pause:.2g} s, but {deadline} ends before that."
                )
                raise
            refund = cost_of(error)
            if not state.quota.acquire(refund):
                error.add_note("Not retried: the client's retry quota is exhausted for now.")
                raise
            failed = str(error)
        else:
            if limiter is not None:
                limiter.record(throttled=False)
            state.quota.release(refund)
            return result
        _log(operation, attempt_number, failed, pause)
        yield from sleep(pause)
        slept += pause
        attempt_number += 1


def _wait_for_token(limiter: RateLimiter, deadline: Deadline, operation: str, attempt_number: int) -> Flow[None]:
    while pause := limiter.reserve():
        if pause >= deadline.left():
            text = (
                f"{deadline} would run out before the next request may be sent, in {pause:.2g} s, because the service"
                " throttles; increase Timeout(total=...)"
            )
            raise CallTimeoutError(text, operation=operation, attempts=attempt_number - 1)
        yield Sleep(pause)


def _log(operation: str, attempt_number: int, failed: str, pause: float) -> None:
    import logging  # few calls are retried

    logging.getLogger("rekog").info(
        "%s: attempt %d ended in %s; the next begins in %.2g s", operation, attempt_number, failed, pause
    )


def _pause_before_retry(
    error: CallError, policy: RetryPolicy, state: RetryState, started: float, slept: float
) -> float | None:
    """Return the seconds until the next attempt, or None when this error ends the call."""
    if policy.mode == "off" or (policy.retry is None and not is_retryable(error)):
        return None
    import tenacity

    rules = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(policy.max_attempts),
        wait=policy.wait or tenacity.wait_random_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE),
        retry=policy.retry or tenacity.retry_if_exception(is_retryable),
    )
    call = tenacity.RetryCallState(rules, None, (), {})
    call.start_time, call.attempt_number, call.idle_for = started, error.attempts, slept
    call.set_exception((type(error), error, error.__traceback__))
    call.outcome_timestamp = state.clock()
    if not rules.retry(call) or rules.stop(call):
        return None
    if isinstance(error, StaleConnectionError):
        return 0.0
    headers = error.headers if isinstance(error, ServiceError) else {}
    return retry_after(headers, float(rules.wait(call)), state.wall_clock())
