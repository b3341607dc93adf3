"""Token buckets that enforce the default quotas of the service in calls per second.

Operations without a published quota are not throttled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._core.retries.quotas import QUOTAS

if TYPE_CHECKING:
    from ..scope import Scope


class Throttle:
    """Token buckets for one region, or for all. Each holds at most the calls of one second."""

    def __init__(self, region: str | None = None) -> None:
        self.region = region
        self._buckets: dict[tuple[Scope, str], tuple[float, float]] = {}

    def refuses(self, operation: str, scope: Scope, now: float) -> bool:
        """Take a token for a call, and tell whether the bucket had none."""
        quota = QUOTAS.get(operation)
        if quota is None or self.region not in (None, scope.region):
            return False
        per_second = quota.of(scope.region)
        tokens, then = self._buckets.get((scope, operation), (per_second, now))
        tokens = min(per_second, tokens + max(0.0, now - then) * per_second)
        self._buckets[scope, operation] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens < 1
