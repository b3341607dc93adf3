"""What the emulator's fronts hand to the application, and what they get back and have to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..._core.flow import HttpResponse


class Request(NamedTuple):
    """One whole HTTP request, path and query as they were sent. Header names are lower-case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path}, {len(self.body)} bytes>"


class Reply(NamedTuple):
    """An answer and what happens to it on its way: it is late, is cut off behind so many bytes, or never arrives."""

    response: HttpResponse
    delay: float = 0.0
    kept_bytes: int | None = None
    lost: bool = False
