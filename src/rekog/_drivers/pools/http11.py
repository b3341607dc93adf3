"""HTTP/1.1 on one connection, without I/O: whole requests out, whole responses in.

Theory of operation. `begin` takes a request and returns its bytes. `receive` takes the bytes that arrive, in any
pieces, and returns the response once it is complete.

A request's head is written here, because it is always the same few lines. Its headers come from the signer and from
`CallOptions`, which refuse line ends and control characters.

A response is nearly always a plain one: a status of 200 or more, a Content-Length, nothing else that changes how it is
read. A plain response is read here, strictly. Any other one, and any that may be malformed, goes to h11 from its first
byte. h11 knows all forms of a response and their errors. It is imported for the first such response, not before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..._core.flow import HttpResponse
from ..._settings.urls import parse_target
from ..._values.errors import ConnectionLostError, ResponseTooLargeError
from ..transport_errors import CUT_SHORT, NO_RESPONSE, transport_error

if TYPE_CHECKING:
    import h11

    from ..._core.flow import HttpRequest

JOIN_LIMIT = 64 * 1024  # bytes: the parts of a request up to this size are joined and sent at once
CHUNK_SIZE = 256 * 1024  # bytes of a larger request sent at a time
BUFFER_SIZE = 64 * 1024  # bytes of a response read at a time; allocating more takes longer than a small read
HEAD_LIMIT = 16 * 1024  # bytes of an incomplete head after which the response goes to h11

MAXIMUM_SIZE = 64 * 1024 * 1024
"""Bytes of a response's content. The largest page has 100 entries of a dataset with 100,000 characters each, which are
60 MB when each character is escaped."""

MAXIMUM_INFORMATIONAL = 100  # informational responses (1xx) before one response; a server sends one or two

# A head whose lines are all well formed. Values may hold the bytes that RFC 9110, section 5.5, allows: no control
# characters.
_PLAIN_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?"
    rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)*"
)
_NO_BODY = frozenset((204, 304))


class Http11:
    """The protocol of one connection: `begin` a request, then `receive` bytes until the response is complete."""

    __slots__ = ("_buffer", "_content_at", "_end", "_h11", "_headers", "_status", "began_response", "request")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._headers: dict[str, str] | None = None
        self._status: int  # this and the next two belong to `_headers`
        self._content_at: int
        self._end: int
        self._h11: _H11Response | None = None
        self.request: HttpRequest
        self.began_response: bool
        """Whether any byte of a response to the current request has arrived."""

    def begin(self, request: HttpRequest, chunk_size: int = CHUNK_SIZE) -> list[memoryview[int]]:
        """Start a request and return its bytes, in chunks of at most this size unless it is small.

        They are views, because tools show the variables of a traceback, and a view shows no content.
        """
        self.request = request
        self.began_response = False
        lines = [b"%s: %s\r\n" % header for header in request.headers]
        start = f"{request.method} {parse_target(request.url).path} HTTP/1.1\r\n".encode("ascii")
        parts = (start, *lines, b"\r\n", *request.content)
        if sum(map(len, request.content)) <= JOIN_LIMIT:
            return [memoryview(b"".join(parts))]
        views = [memoryview(part) for part in (b"".join(parts[: -len(request.content)]), *request.content)]
        return [view[at : at + chunk_size] for view in views for at in range(0, len(view), chunk_size)]

    def receive(self, data: bytes | memoryview[int]) -> HttpResponse | None:
        """Take received bytes, empty when the peer has closed; return the response once it is complete."""
        if data:
            self.began_response = True
        if self._h11 is not None:
            return self._h11.receive(data)
        self._buffer += data
        if self._headers is None and not self._read_head():
            ended = b"\r\n\r\n" in self._buffer or b"\n\n" in self._buffer  # h11 accepts bare line feeds as well
            if data and not ended and len(self._buffer) < HEAD_LIMIT:
                return None
            return self._start_h11(closed=not data)
        if self._headers is None or len(self._buffer) < self._end:
            return None if data else self._start_h11(closed=True)
        return self._response(self._headers)

    def prepare_for_reuse(self) -> bool:
        """Get ready for the next request; return False when this connection cannot take one."""
        # An idle connection must not keep an image and a response in memory.
        plain = self._h11 is None and self._headers is not None and len(self._buffer) == self._end
        reusable = plain or (self._h11 is not None and self._h11.is_reusable())
        self._buffer, self._headers, self._h11 = bytearray(), None, None
        del self.request
        return reusable

    def _read_head(self) -> bool:
        """Read the head of a plain response; return False when it is not complete or not plain."""
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
            len(headers) < len(pairs)  # a header is repeated
            or not (length.isascii() and length.isdigit() and len(length) < 16)
            or "transfer-encoding" in headers
            or headers.get("connection", "keep-alive").lower() != "keep-alive"
            or status in _NO_BODY
        ):
            return False
        check_size(int(length), self.request)
        self._status, self._headers = status, headers
        self._content_at = at + 4
        self._end = self._content_at + int(length)
        return True

    def _response(self, headers: dict[str, str]) -> HttpResponse:
        with memoryview(self._buffer) as view:
            content = bytes(view[self._content_at : self._end])
        return make_response(self._status, headers, content, self.request)

    def _start_h11(self, *, closed: bool) -> HttpResponse | None:
        """Let h11 read the response from its first byte, and its end if the peer has closed."""
        if closed and not self._buffer:
            raise transport_error(ConnectionLostError, self.request, text=NO_RESPONSE)
        self._h11 = _H11Response(self.request)
        response = self._h11.receive(bytes(self._buffer)) if self._buffer else None
        self._buffer = bytearray()
        return self._h11.receive(b"") if closed and response is None else response


class _H11Response:
    """A response of any form, read by h11. h11 gets a request of the same method first, so that it expects one."""

    def __init__(self, request: HttpRequest) -> None:
        import h11

        self._request = request
        self._content = bytearray()
        self._informational = 0
        self._head: h11.Response
        self._h11 = h11.Connection(h11.CLIENT)
        headers = [("host", "any"), ("content-length", "0")]
        self._h11.send(h11.Request(method=request.method, target="/", headers=headers))
        self._h11.send(h11.EndOfMessage())

    def receive(self, data: bytes | memoryview[int]) -> HttpResponse | None:
        import h11

        try:
            self._h11.receive_data(bytes(data))
            while True:
                event = self._h11.next_event()
                if event is h11.NEED_DATA:
                    return None
                if isinstance(event, h11.Data):
                    self._content += event.data
                    check_size(len(self._content), self._request)
                elif isinstance(event, h11.Response):
                    self._head = event
                elif isinstance(event, h11.InformationalResponse):
                    self._count_informational()
                else:
                    return self._response(self._head)
        except h11.RemoteProtocolError as error:
            # Without its traceback: h11 raises it in a frame that refers to it, and the frames have the request.
            raise transport_error(ConnectionLostError, self._request, error, CUT_SHORT) from error.with_traceback(None)

    def _count_informational(self) -> None:
        self._informational += 1
        if self._informational > MAXIMUM_INFORMATIONAL:
            text = f"{{origin}} sent more than {MAXIMUM_INFORMATIONAL} informational responses and no other"
            raise transport_error(ConnectionLostError, self._request, text=text)

    def is_reusable(self) -> bool:
        """Return whether the connection may take another request."""
        import h11

        done = self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE
        return done and self._h11.trailing_data == (b"", False)  # neither more bytes nor the end of the connection

    def _response(self, head: h11.Response) -> HttpResponse:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        return make_response(head.status_code, headers, bytes(self._content), self._request)


def make_response(status: int, headers: Mapping[str, str], content: bytes, request: HttpRequest) -> HttpResponse:
    """Return a response with its content decoded.

    Raise `ConnectionLostError` for a wrong Content-Encoding, `ResponseTooLargeError` for content above `MAXIMUM_SIZE`.
    """
    if content and "content-encoding" in headers:
        from .codings import TooLargeError, decode  # a client requests no coding, so this is rare

        try:
            content = decode(headers["content-encoding"], content, MAXIMUM_SIZE)
        except TooLargeError as error:
            raise transport_error(ResponseTooLargeError, request) from error
        except ValueError as error:
            text = "the content of the response of {origin} does not match its Content-Encoding"
            raise transport_error(ConnectionLostError, request, error, text) from error
    return HttpResponse(status, headers, content)


def check_size(size: int, request: HttpRequest) -> None:
    """Raise `ResponseTooLargeError` when a content of this size, perhaps not complete yet, is too large."""
    if size > MAXIMUM_SIZE:
        raise transport_error(ResponseTooLargeError, request)
