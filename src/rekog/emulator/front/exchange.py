"""The requests that servers and transports pass to `App`, and the replies that they get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..._core.flow import HttpResponse


class Request(NamedTuple):
    """A complete HTTP request. Path and query are still percent-encoded; header names are lowercase.

    `prefix` is the beginning of the request's path if the emulator is mounted below one; `path` follows it. A signature
    covers both.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""
    prefix: str = ""

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path}, {len(self.body)} bytes>"


class Reply(NamedTuple):
    """A response, and the faults to apply to it.

    The response is sent after `delay` seconds. With `kept_bytes`, its body is cut to this number of bytes, and the
    connection is closed. If it is `lost`, the connection is reset and nothing is sent. `operation` is the service's
    name or "", `error` the name of the error in the response.
    """

    response: HttpResponse
    delay: float = 0.0
    kept_bytes: int | None = None
    lost: bool = False
    operation: str = ""
    error: str | None = None
