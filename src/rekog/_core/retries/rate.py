"""Limits that all calls of a client share: the quota of retries, and the send rate of adaptive mode."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..._values.clocks import monotonic
from ..._values.forks import Forkable

QUOTA = 500  # tokens for the retries of a client


class RetryQuota(Forkable):
    """Tokens that all calls of a client share: a retry takes some, a success returns them."""

    def __init__(self, capacity: int = QUOTA) -> None:
        super().__init__()
        self._capacity = capacity
        self.available = capacity

    def acquire(self, tokens: int) -> bool:
        """Take tokens and return True; take none and return False when there are too few."""
        with self._lock:
            if tokens > self.available:
                return False
            self.available -= tokens
            return True

    def release(self, tokens: int) -> None:
        """Return tokens to the quota, up to its capacity."""
        if self.available < self._capacity:  # a full quota needs no lock: the common case, at every success
            with self._lock:
                self.available = min(self._capacity, self.available + tokens)


class RateLimiter(Forkable):
    """The send rate of a client in adaptive mode: unlimited until the first throttle.

    Constants and arithmetic are those of the AWS SDKs (CUBIC, RFC 9438, with requests per second in place of a window).
    """

    RECOVERY = 0.4  # steepness of the growth after a throttle
    CUT = 0.7  # factor of the rate at a throttle
    MINIMUM_RATE = 0.5  # requests per second
    SMOOTHING = 0.8  # weight of the newest half-second in the measured rate

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        now = clock()
        self._clock = clock
        self._limited = False
        self._measured_until = float(math.floor(now))
        self._responses = 0
        self._peak = 0.0  # the rate at the last throttle
        self._throttled_at = now
        self._recovery_time = 0.0  # seconds from a throttle until the rate reaches its peak again
        self._filled_at = now
        self.measured_rate = 0.0
        self.rate = 1.0
        self.capacity = 1.0
        self.tokens = 0.0

    def reserve(self) -> float:
        """Take a token and return 0, or return the seconds to wait before the next try."""
        with self._lock:
            if not self._limited:
                return 0.0
            self._fill(self._clock())
            if self.tokens >= 1:
                self.tokens -= 1
                return 0.0
            # A wait shorter than the clock's resolution would be repeated many times.
            return max((1 - self.tokens) / self.rate, 0.001)

    def record(self, *, throttled: bool) -> None:
        """Count the end of an attempt and update the rate."""
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
            self.rate = max(rate, self.MINIMUM_RATE)
            self.capacity = max(rate, 1.0)
            self.tokens = min(self.tokens, self.capacity)

    def _fill(self, now: float) -> None:
        self.tokens = min(self.capacity, self.tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now

    def _measure(self, now: float) -> None:
        self._responses += 1
        half_second = math.floor(now * 2) / 2
        if half_second > self._measured_until:
            rate = self._responses / (half_second - self._measured_until)
            self.measured_rate = rate * self.SMOOTHING + self.measured_rate * (1 - self.SMOOTHING)
            self._responses = 0
            self._measured_until = half_second
