"""Retries: which errors earn another attempt, how long to pause before it, and when to stop asking.

The modes are those of the AWS SDKs. `standard` pauses for a random time below an exponentially growing bound and pays
for each retry from a quota that all calls of a client share, so that an outage is not made worse by its callers.
`adaptive` also holds back the attempts themselves: after the first throttle a token bucket lets them through at a rate
that drops with each throttle and grows back along a cubic curve. `off` sends once. Decisions are made by tenacity's
policy objects, which take longer to import than a small call takes, so that happens only when an attempt has failed.
Nothing here sleeps or blocks: pauses are effects of the Flow.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from .._values import errors
from .._values.errors import CallError, ServiceError
from .flow import Flow, Sleep, sleep

if TYPE_CHECKING:
    from ..config import RetryPolicy
    from .deadline import Deadline

T = TypeVar("T")

# The service model marks no error as retryable, hence tables of our own. The throttling codes are those that botocore
# knows, without LimitExceededException: in this service it means that a limit on resources or running jobs is reached,
# which a few seconds do not change.
THROTTLING_CODES = frozenset({
    "BandwidthLimitExceeded", "EC2ThrottledException", "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
    "SlowDown", "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException",
    "TransactionInProgressException",
})  # fmt: skip
TRANSIENT_CODES = frozenset({
    "InternalFailure", "InternalServerError", "RequestTimeout", "RequestTimeoutException", "ServiceUnavailable",
    "ServiceUnavailableException",
})  # fmt: skip
FINAL_CODES = frozenset({"LimitExceededException"})
TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})
TOO_MANY_REQUESTS = 429

SLOW_ERRORS = (errors.PoolTimeoutError, errors.ReadTimeoutError, errors.WriteTimeoutError)
TRANSIENT_ERRORS = (errors.ConnectError, errors.ConnectionLostError, *SLOW_ERRORS)
TIMEOUT_ERRORS = (errors.ConnectTimeoutError, *SLOW_ERRORS)

# Costs and pauses are those of the AWS SDKs' standard mode as it was until its revision of 2026; since then botocore
# takes 14 tokens for any retry that is not after a throttle, and bounds the first pause before it by 50 ms.
FIRST_PAUSE = 1.0  # seconds: the bound of the first random pause, doubled with each further one
LONGEST_PAUSE = 20.0  # seconds, for the backoff and for a Retry-After header
LONGEST_ADDITION = 5.0  # seconds that an x-amz-retry-after header may add to the backoff
QUOTA = 500  # tokens that a client has for retries
RETRY_COST = 5
TIMEOUT_COST = 10


class Classification(NamedTuple):
    """What the retry tables say of an error."""

    retryable: bool
    throttling: bool


def classify(code: str, status: int) -> Classification:
    """Look up an error by the service's code (without a `namespace#` prefix) and the HTTP status."""
    if code in FINAL_CODES:
        return Classification(retryable=False, throttling=False)
    throttling = code in THROTTLING_CODES or status == TOO_MANY_REQUESTS
    return Classification(throttling or code in TRANSIENT_CODES or status in TRANSIENT_STATUSES, throttling)


def is_retryable(error: BaseException) -> bool:
    """Say whether another attempt may end otherwise than in this error."""
    return error.retryable if isinstance(error, ServiceError) else isinstance(error, TRANSIENT_ERRORS)


def is_throttling(error: BaseException) -> bool:
    """Say whether the service asked for fewer requests."""
    return isinstance(error, ServiceError) and error.throttling


def retry_after(headers: Mapping[str, str], pause: float, now: float) -> float:
    """Return the pause that an answer asks for, at least the given one.

    `now` is in seconds since the epoch, for a `Retry-After` that is a date. What can't be read is ignored.
    """
    wish = headers.get("retry-after")
    if wish is not None:
        seconds = _number(wish)
        return max(pause, min(LONGEST_PAUSE, _seconds_until(wish, now) if seconds is None else seconds))
    milliseconds = _number(headers.get("x-amz-retry-after", ""))
    return pause if milliseconds is None else max(pause, min(pause + LONGEST_ADDITION, milliseconds / 1000))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number >= 0 else None


def _seconds_until(http_date: str, now: float) -> float:
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(http_date)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, OverflowError):
        return 0.0


class RetryQuota:
    """Tokens that all calls of a client share: a retry takes some, a success gives them back."""

    def __init__(self, capacity: int = QUOTA) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self.available = capacity

    def acquire(self, tokens: int) -> bool:
        """Take tokens, or none and say False when there are too few."""
        with self._lock:
            if tokens > self.available:
                return False
            self.available -= tokens
            return True

    def release(self, tokens: int) -> None:
        """Give tokens back, up to the capacity."""
        if self.available < self._capacity:  # a full quota needs no lock: the common case, at every success
            with self._lock:
                self.available = min(self._capacity, self.available + tokens)


class RateLimiter:
    """The send rate of a client in adaptive mode: unlimited until the first throttle.

    Constants and arithmetic are those of the AWS SDKs (CUBIC, RFC 9438, over requests a second in place of a window).
    """

    RECOVERY = 0.4  # how steeply the rate grows back
    CUT = 0.7  # what a throttle leaves of the rate
    LEAST_RATE = 0.5  # requests a second
    SMOOTHING = 0.8  # weight of the newest half-second in the measured rate

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        now = clock()
        self._clock = clock
        self._lock = threading.Lock()
        self._limited = False
        self._measured_until = float(math.floor(now))
        self._answers = 0
        self._peak = 0.0  # the rate at the last throttle
        self._throttled_at = now
        self._recovery_time = 0.0  # seconds from a throttle until the rate is at its peak again
        self._filled_at = now
        self.measured_rate = 0.0
        self.rate = 1.0
        self.capacity = 1.0
        self.tokens = 0.0

    def reserve(self) -> float:
        """Take a token and return 0, or return the seconds after which to ask again."""
        with self._lock:
            if not self._limited:
                return 0.0
            self._fill(self._clock())
            if self.tokens >= 1:
                self.tokens -= 1
                return 0.0
            # A wait below the clock's step would be asked for again and again.
            return max((1 - self.tokens) / self.rate, 0.001)

    def record(self, *, throttled: bool) -> None:
        """Count the end of an attempt and set the rate anew."""
        with self._lock:
            now = self._clock()
            self._measure(now)
            if throttled:
                self._peak = min(self.measured_rate, self.rate) if self._limited else self.measured_rate
                self._throttled_at = now
                self._recovery_time = math.cbrt(self._peak * (1 - self.CUT) / self.RECOVERY)
                self._limited = True
                rate = self._peak * self.CUT
            else:
                rate = self.RECOVERY * (now - self._throttled_at - self._recovery_time) ** 3 + self._peak
            self._fill(now)
            rate = min(rate, 2 * self.measured_rate)
            self.rate = max(rate, self.LEAST_RATE)
            self.capacity = max(rate, 1.0)
            self.tokens = min(self.tokens, self.capacity)

    def _fill(self, now: float) -> None:
        self.tokens = min(self.capacity, self.tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now

    def _measure(self, now: float) -> None:
        self._answers += 1
        half_second = math.floor(now * 2) / 2
        if half_second > self._measured_until:
            rate = self._answers / (half_second - self._measured_until)
            self.measured_rate = rate * self.SMOOTHING + self.measured_rate * (1 - self.SMOOTHING)
            self._answers = 0
            self._measured_until = half_second


class RetryState:
    """What the calls of one client share between threads and tasks: quota, send rate and clocks."""

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
    """Run attempt 1, 2 … until one returns, or raise the last one's error with the number of attempts in it.

    An attempt raises `CallError`; any other exception goes through. A pause that would pass the deadline is not begun:
    what the last attempt ended in is raised at once.
    """
    limiter = state.limiter if policy.mode == "adaptive" else None
    started, slept, number, paid = state.clock(), 0.0, 1, 1
    while True:
        if limiter is not None:
            yield from _admission(limiter, deadline, operation, number)
        try:
            answer = yield from attempt(number)
        except CallError as error:
            error.attempts = number
            error.operation = error.operation or operation
            if limiter is not None:
                limiter.record(throttled=is_throttling(error))
            pause = _pause(error, policy, state, started, slept)
            if pause is None:
                raise
            if pause >= deadline.left():
                error.add_note(f"There is no other attempt: it would begin in {pause:.2g} s, after {deadline}.")
                raise
            paid = _cost(error)
            if not state.quota.acquire(paid):
                error.add_note("There is no other attempt: what the client has for retries is used up for now.")
                raise
            failed = str(error)
        else:
            if limiter is not None:
                limiter.record(throttled=False)
            state.quota.release(paid)
            return answer
        _log(operation, number, failed, pause)
        yield from sleep(pause)
        slept += pause
        number += 1


def _admission(limiter: RateLimiter, deadline: Deadline, operation: str, number: int) -> Flow[None]:
    while pause := limiter.reserve():
        if pause >= deadline.left():
            reason = f"after throttles the next request may be sent in {pause:.2g} s"
            raise deadline.error(reason, operation=operation, attempts=number - 1)
        yield Sleep(pause)


def _log(operation: str, number: int, failed: str, pause: float) -> None:
    import logging  # few calls are tried again

    logging.getLogger("rekog").info(
        "%s: attempt %d ended in %s; the next begins in %.2g s", operation, number, failed, pause
    )


def _cost(error: CallError) -> int:
    if isinstance(error, errors.StaleConnectionError):  # it says nothing of the service
        return 0
    return TIMEOUT_COST if isinstance(error, TIMEOUT_ERRORS) else RETRY_COST


def _pause(error: CallError, policy: RetryPolicy, state: RetryState, started: float, slept: float) -> float | None:
    """Return the seconds until the next attempt, or None when there shall be none."""
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
    if isinstance(error, errors.StaleConnectionError):
        return 0.0
    headers = error.headers if isinstance(error, ServiceError) else {}
    return retry_after(headers, float(rules.wait(call)), state.wall_clock())
