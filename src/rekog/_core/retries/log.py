"""The DEBUG lines of attempts: one for each request, without headers, bodies and secrets. Loaded for a DEBUG log only.

A client writes to the logger `rekog`.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..._values.errors import ServiceError, TransportError
    from ..flow import HttpRequest, HttpResponse


class AttemptLog:
    """Measures one request and writes its line."""

    def __init__(self, operation: str, number: int, request: HttpRequest) -> None:
        self._operation = operation
        self._number = number
        self._sent = sum(map(len, request.content))
        self._started = time.perf_counter()

    def response(self, response: HttpResponse, error: ServiceError | None = None) -> None:
        """Write the line of a response, and of the error in it."""
        status = f"HTTP {response.status}" if error is None else f"HTTP {response.status} {error.code}"
        request_id = response.headers.get("x-amzn-requestid")
        self._write(f"{status}, request {request_id}" if request_id else status, len(response.content))

    def failure(self, error: TransportError) -> None:
        """Write the line of a request that got no complete response."""
        self._write(type(error).__name__, 0)

    def _write(self, result: str, received: int) -> None:
        milliseconds = (time.perf_counter() - self._started) * 1000
        logging.getLogger("rekog").debug(
            "%s: attempt %d: %s, %.1f ms, %d bytes sent, %d bytes received",
            self._operation,
            self._number,
            result,
            milliseconds,
            self._sent,
            received,
        )
