"""Rules of retries: which errors lead to another attempt, at which cost, and which pause a response requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..._values import errors
from ..._values.errors import ServiceError

# The service model marks no error as retryable, so these tables are ours. The throttling codes are those of botocore,
# without LimitExceededException: in this service it reports that a limit on resources or running jobs is reached, which
# a few seconds do not change.
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
FINAL_CODES = frozenset({"LimitExceededException", "NotServedByEmulator"})
TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})
TOO_MANY_REQUESTS = 429

SLOW_ERRORS = (errors.ReadTimeoutError, errors.WriteTimeoutError)
TRANSIENT_ERRORS = (errors.ConnectError, errors.ConnectionLostError, *SLOW_ERRORS)
TIMEOUT_ERRORS = (errors.ConnectTimeoutError, *SLOW_ERRORS)

# Costs and pauses are those of the AWS SDKs' standard mode as it was until its revision of 2026; since then botocore
# takes 14 tokens for a retry that does not follow a throttle, and limits the first pause before it to 50 ms.
FIRST_PAUSE = 1.0  # seconds: maximum of the first random pause; it doubles with each further one
LONGEST_PAUSE = 20.0  # seconds, for the backoff and for a Retry-After header
LONGEST_ADDITION = 5.0  # seconds that an x-amz-retry-after header may add to the backoff
RETRY_COST = 5
TIMEOUT_COST = 10


class Classification(NamedTuple):
    """Classes of an error in the retry tables."""

    retryable: bool
    throttling: bool


def classify(code: str, status: int) -> Classification:
    """Return the classes of an error, by the service's code (without a `namespace#` prefix) and the HTTP status."""
    if code in FINAL_CODES:
        return Classification(retryable=False, throttling=False)
    throttling = code in THROTTLING_CODES or status == TOO_MANY_REQUESTS
    return Classification(throttling or code in TRANSIENT_CODES or status in TRANSIENT_STATUSES, throttling)


def is_retryable(error: BaseException) -> bool:
    """Tell whether another attempt may avoid this error."""
    return error.retryable if isinstance(error, ServiceError) else isinstance(error, TRANSIENT_ERRORS)


def is_throttling(error: BaseException) -> bool:
    """Tell whether the service requested a lower rate."""
    return isinstance(error, ServiceError) and error.throttling


def cost_of(error: BaseException) -> int:
    """Return the tokens that a retry after this error takes from the quota."""
    # No sign of trouble at the service.
    if isinstance(error, errors.StaleConnectionError | errors.PoolTimeoutError):
        return 0
    return TIMEOUT_COST if isinstance(error, TIMEOUT_ERRORS) else RETRY_COST


def retry_after(headers: Mapping[str, str], pause: float, now: float) -> float:
    """Return the pause that a response requests, but no less than the given one.

    `now` is in seconds since the epoch, for a `Retry-After` that is a date. A malformed header is ignored.
    """
    requested = headers.get("retry-after")
    if requested is not None:
        seconds = _number(requested)
        if seconds is None:
            seconds = (epoch_seconds(requested) or now) - now
        return max(pause, min(LONGEST_PAUSE, seconds))
    milliseconds = _number(headers.get("x-amz-retry-after", ""))
    return pause if milliseconds is None else max(pause, min(pause + LONGEST_ADDITION, milliseconds / 1000))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number >= 0 else None


def epoch_seconds(http_date: str) -> float | None:
    """Return the time of an HTTP date in seconds since the epoch; None when it is malformed.

    A date without a time zone is in UTC, as all dates of HTTP.
    """
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(http_date)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
