"""HTTP/1.1 on one connection, without I/O: whole requests out, whole answers in.

Answers are read by h11, which knows what can be wrong with one. A request's head is written here, because it is always
the same few lines: the headers come from the signer and from `CallOptions`, which refuse line ends and control
characters. h11 is told of a request by one prepared event, so that it expects an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11

from .._core.errors import ConnectionLostError
from .._core.http import HttpResponse
from .failures import CUT_SHORT, failure
from .target import parse_target

if TYPE_CHECKING:
    from .._core.http import HttpRequest

SMALL = 64 * 1024  # bytes: a request up to here is joined and goes out in one piece
CHUNK = 256 * 1024  # bytes of a larger one that are sent at a time


_SOME_REQUEST = h11.Request(method="POST", target="/", headers=[("host", "any"), ("content-length", "0")])
_SOME_HEAD = h11.Request(method="HEAD", target="/", headers=[("host", "any")])  # its answer has no body
_ITS_END = h11.EndOfMessage()


class Http11:
    """The protocol of one connection: `begin` a request, `receive` bytes until they are an answer."""

    __slots__ = ("_chunks", "_head", "_machine", "began_answer", "request")

    def __init__(self) -> None:
        self._machine = h11.Connection(h11.CLIENT)
        self._chunks: list[bytes | bytearray] = []
        self._head: h11.Response
        self.request: HttpRequest
        self.began_answer = False
        """Whether any byte of an answer to the current request has come."""

    def begin(self, request: HttpRequest) -> list[bytes | memoryview[int]]:
        """Start a request and return what to send, in pieces of at most `CHUNK` bytes."""
        self.request = request
        self.began_answer = False
        self._machine.send(_SOME_HEAD if request.method == "HEAD" else _SOME_REQUEST)
        self._machine.send(_ITS_END)
        lines = [b"%s: %s\r\n" % header for header in request.headers]
        start = f"{request.method} {parse_target(request.url).path} HTTP/1.1\r\n".encode("ascii")
        parts = (start, *lines, b"\r\n", *request.content)
        if sum(map(len, request.content)) <= SMALL:
            return [b"".join(parts)]
        views = [memoryview(part) for part in (b"".join(parts[: -len(request.content)]), *request.content)]
        return [view[at : at + CHUNK] for view in views for at in range(0, len(view), CHUNK)]

    def receive(self, data: bytes) -> HttpResponse | None:
        """Take bytes in (none: the peer has closed) and return the answer once it is whole."""
        if data:
            self.began_answer = True
        try:
            self._machine.receive_data(data)
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
            raise failure(ConnectionLostError, self.request, error, CUT_SHORT) from error

    def _whole(self, head: h11.Response) -> HttpResponse:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        content = b"".join(self._chunks)
        if "content-encoding" in headers:
            content = _decoded(head, content, self.request)
        return HttpResponse(head.status_code, headers, content)

    def reuse(self) -> bool:
        """Get ready for another request; False when this connection can't have one."""
        # An idle connection must not keep a picture and an answer in memory.
        self._chunks = []
        del self.request
        if self._machine.our_state is h11.DONE and self._machine.their_state is h11.DONE:
            self._machine.start_next_cycle()
            return not self._machine.trailing_data[0]
        return False


def _decoded(head: h11.Response, content: bytes, request: HttpRequest) -> bytes:
    import httpx  # knows the encodings; a client does not ask for any, so this is rare

    try:
        return httpx.Response(head.status_code, headers=list(head.headers), content=content).content
    except httpx.DecodingError as error:
        text = "the answer of {origin} does not have its Content-Encoding"
        raise failure(ConnectionLostError, request, error, text) from error
