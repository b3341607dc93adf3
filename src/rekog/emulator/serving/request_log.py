"""The log of requests: a line for each request, at the level INFO of the logger `rekog.emulator.requests`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..front.exchange import Reply, Request

REQUEST_LOGGER = "rekog.emulator.requests"
_LOG = logging.getLogger(REQUEST_LOGGER)


def log_request(request: Request, reply: Reply, seconds: float) -> None:
    """Log a request and its response. Query and content are left out: they may have images and signatures."""
    if not _LOG.isEnabledFor(logging.INFO):
        return
    response = reply.response
    words = [
        request.method,
        (request.prefix + request.path).encode("unicode_escape").decode("ascii"),  # without line ends
        reply.operation,
        "no response" if reply.lost else str(response.status),
        reply.error or "",
        f"{seconds * 1000:.1f} ms",
        f"{len(response.content)} bytes",
        response.headers.get("x-amzn-requestid", ""),
    ]
    _LOG.info("%s", " ".join(filter(None, words)))
