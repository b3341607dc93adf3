"""HTTP/1.1 on one connection, without I/O: whole requests out, whole answers in.

A request's head is written here, because it is always the same few lines: the headers come from the signer and from
`CallOptions`, which refuse line ends and control characters. An answer is nearly always a plain one: a status of 200 or
more, a Content-Length, nothing else that changes how it is read. Such a one is read here, strictly. Any other, and
anything that may be wrong, goes to h11 from its first byte, which knows all forms of an answer and what can be wrong
with one; it is not even loaded before that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..._core.flow import HttpResponse
from ..._settings.urls import parse_target
from ..._values.errors import ConnectionLostError
from ..failures import CUT_SHORT, NO_ANSWER, failure

if TYPE_CHECKING:
    import h11

    from ..._core.flow import HttpRequest

SMALL = 64 * 1024  # bytes: a request up to here is joined and goes out in one piece
CHUNK = 256 * 1024  # bytes of a larger one that are sent at a time
BUFFER = 64 * 1024  # bytes of an answer that are asked for at a time; to allocate more takes longer than a small read
LONGEST_HEAD = 16 * 1024  # bytes of an answer's head that are waited for before h11 has its say

# A head whose lines are all well formed. Values may hold what RFC 9110, section 5.5, allows: no control characters.
_PLAIN_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?"
    rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)*"
)
_NO_BODY = frozenset((204, 304))


class Http11:
    """The protocol of one connection: `begin` a request, `receive` bytes until they are an answer."""

    __slots__ = ("_buffer", "_content_at", "_end", "_headers", "_other", "_status", "began_answer", "request")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._headers: dict[str, str] | None = None
        self._status = self._content_at = self._end = 0
        self._other: _AnyAnswer | None = None
        self.request: HttpRequest
        self.began_answer = False
        """Whether any byte of an answer to the current request has come."""

    def begin(self, request: HttpRequest, piece: int = CHUNK) -> list[bytes | memoryview[int]]:
        """Start a request and return what to send, in pieces of at most so many bytes."""
        self.request = request
        self.began_answer = False
        lines = [b"%s: %s\r\n" % header for header in request.headers]
        start = f"{request.method} {parse_target(request.url).path} HTTP/1.1\r\n".encode("ascii")
        parts = (start, *lines, b"\r\n", *request.content)
        if sum(map(len, request.content)) <= SMALL:
            return [b"".join(parts)]
        views = [memoryview(part) for part in (b"".join(parts[: -len(request.content)]), *request.content)]
        return [view[at : at + piece] for view in views for at in range(0, len(view), piece)]

    def receive(self, data: bytes | memoryview[int]) -> HttpResponse | None:
        """Take bytes in (none: the peer has closed) and return the answer once it is whole."""
        if data:
            self.began_answer = True
        if self._other is not None:
            return self._other.receive(data)
        self._buffer += data
        if self._headers is None and not self._read_head():
            ended = b"\r\n\r\n" in self._buffer or b"\n\n" in self._buffer  # h11 takes bare line feeds as well
            if data and not ended and len(self._buffer) < LONGEST_HEAD:
                return None
            return self._hand_over(closed=not data)
        if self._headers is None or len(self._buffer) < self._end:
            return None if data else self._hand_over(closed=True)
        return self._whole(self._headers)

    def reuse(self) -> bool:
        """Get ready for another request; False when this connection can't have one."""
        # An idle connection must not keep a picture and an answer in memory.
        plain = self._other is None and self._headers is not None and len(self._buffer) == self._end
        again = plain or (self._other is not None and self._other.ended_well())
        self._buffer, self._headers, self._other = bytearray(), None, None
        del self.request
        return again

    def _read_head(self) -> bool:
        """Read a plain answer's head; tell whether there is one."""
        at = self._buffer.find(b"\r\n\r\n")
        match = _PLAIN_HEAD.fullmatch(self._buffer, 0, at) if at >= 0 else None
        if match is None or self.request.method == "HEAD":
            return False
        lines = self._buffer[:at].decode("latin-1").split("\r\n")
        pairs = [line.split(":", 1) for line in lines[1:]]
        headers = {name.lower(): value.strip(" \t") for name, value in pairs}
        length = headers.get("content-length", "")
        status = int(match[1])
        if (
            len(headers) < len(pairs)  # a repeated one
            or not (length.isascii() and length.isdigit() and len(length) < 16)
            or "transfer-encoding" in headers
            or headers.get("connection", "keep-alive").lower() != "keep-alive"
            or status in _NO_BODY
        ):
            return False
        self._status, self._headers = status, headers
        self._content_at = at + 4
        self._end = self._content_at + int(length)
        return True

    def _whole(self, headers: dict[str, str]) -> HttpResponse:
        with memoryview(self._buffer) as view:
            content = bytes(view[self._content_at : self._end])
        return whole_answer(self._status, headers, content, self.request)

    def _hand_over(self, *, closed: bool) -> HttpResponse | None:
        if closed and not self._buffer:
            raise failure(ConnectionLostError, self.request, text=NO_ANSWER)
        self._other = _AnyAnswer(self.request)
        answer = self._other.receive(bytes(self._buffer)) if self._buffer else None
        self._buffer = bytearray()
        return self._other.receive(b"") if closed and answer is None else answer


class _AnyAnswer:
    """An answer of whatever form, read by h11, which is told of a request so that it expects one."""

    def __init__(self, request: HttpRequest) -> None:
        import h11

        self._request = request
        self._chunks: list[bytes | bytearray] = []
        self._head: h11.Response
        self._machine = h11.Connection(h11.CLIENT)
        headers = [("host", "any"), ("content-length", "0")]
        self._machine.send(h11.Request(method=request.method, target="/", headers=headers))
        self._machine.send(h11.EndOfMessage())

    def receive(self, data: bytes | memoryview[int]) -> HttpResponse | None:
        import h11

        try:
            self._machine.receive_data(bytes(data))
            while True:
                event = self._machine.next_event()
                if event is h11.NEED_DATA:
                    return None
                if isinstance(event, h11.Data):
                    self._chunks.append(event.data)
                elif isinstance(event, h11.Response):
                    self._head = event
                elif not isinstance(event, h11.InformationalResponse):
                    return self._whole(self._head)
        except h11.RemoteProtocolError as error:
            raise failure(ConnectionLostError, self._request, error, CUT_SHORT) from error

    def ended_well(self) -> bool:
        """Tell whether the connection may have another request."""
        import h11

        done = self._machine.our_state is h11.DONE and self._machine.their_state is h11.DONE
        return done and not self._machine.trailing_data[0]

    def _whole(self, head: h11.Response) -> HttpResponse:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        return whole_answer(head.status_code, headers, b"".join(self._chunks), self._request)


def whole_answer(status: int, headers: Mapping[str, str], content: bytes, request: HttpRequest) -> HttpResponse:
    """Return an answer with its content decoded; `ConnectionLostError` when it does not have its encoding."""
    if "content-encoding" in headers:
        import httpx  # knows the encodings; a client does not ask for any, so this is rare

        try:
            content = httpx.Response(status, headers=headers, content=content).content
        except httpx.DecodingError as error:
            text = "the answer of {origin} does not have its Content-Encoding"
            raise failure(ConnectionLostError, request, error, text) from error
    return HttpResponse(status, headers, content)
