"""The log of requests: a line for each request, at the level INFO of the logger `rekog.emulator.requests`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..front.exchange import Reply, Request

REQUEST_LOGGER = "rekog.emulator.requests"
FIELDS = "rekog_request"
"""Attribute of a log record with the parts of its line, by name."""
_LOG = logging.getLogger(REQUEST_LOGGER)


def log_request(request: Request, reply: Reply, seconds: float) -> None:
    """Log a request and its response. Query and content are left out: they may have images and signatures."""
    if not _LOG.isEnabledFor(logging.INFO):
        return
    response = reply.response
    status = None if reply.lost else response.status
    fields: dict[str, object] = {
        "method": request.method,
        "path": (request.prefix + request.path).encode("unicode_escape").decode("ascii"),  # without line ends
        "operation": reply.operation,
        "status": status,
        "error": reply.error or "",
        "ms": round(seconds * 1000, 1),
        "bytes": len(response.content),
        "request_id": response.headers.get("x-amzn-requestid", ""),
    }
    units = {"ms": f"{fields['ms']} ms", "bytes": f"{fields['bytes']} bytes", "status": str(status or "no response")}
    words = [str(units.get(name, value)) for name, value in fields.items()]
    _LOG.info("%s", " ".join(filter(None, words)), extra={FIELDS: fields})
