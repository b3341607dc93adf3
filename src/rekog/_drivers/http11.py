"""HTTP/1.1 on one connection, without I/O: h11's state machine between whole requests and whole answers."""

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


class _Length:
    """Stands for a body whose bytes go past h11, which only counts them."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length


class Http11:
    """The protocol of one connection: `begin` a request, `receive` bytes until they are an answer."""

    __slots__ = ("_chunks", "_head", "_machine", "_request", "answered", "began_answer")

    def __init__(self) -> None:
        self._machine = h11.Connection(h11.CLIENT)
        self._chunks: list[bytes] = []
        self._head: h11.Response | None = None
        self._request: HttpRequest
        self.began_answer = False
        """Whether any byte of an answer to the current request has come."""
        self.answered = True

    def begin(self, request: HttpRequest) -> list[bytes | memoryview[int]]:
        """Start a request and return what to send, in pieces of at most `CHUNK` bytes."""
        self._request, self._head, self._chunks = request, None, []
        self.began_answer = self.answered = False
        length = sum(map(len, request.content))
        target = parse_target(request.url).path
        machine = self._machine
        head = machine.send(h11.Request(method=request.method, target=target, headers=list(request.headers)))
        machine.send_with_data_passthrough(h11.Data(data=_Length(length)))  # type: ignore[arg-type]  # only counted
        machine.send(h11.EndOfMessage())
        first = head or b""
        if len(first) + length <= SMALL:
            return [b"".join((first, *request.content))]
        views = [memoryview(part) for part in (first, *request.content)]
        return [view[start : start + CHUNK] for view in views for start in range(0, len(view), CHUNK)]

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
                    self._chunks.append(bytes(event.data))
                elif isinstance(event, h11.Response):
                    self._head = event
                elif isinstance(event, h11.EndOfMessage) and self._head is not None:
                    return self._whole(self._head)
                elif not isinstance(event, h11.InformationalResponse):
                    raise failure(ConnectionLostError, self._request, text=CUT_SHORT)
        except h11.RemoteProtocolError as error:
            raise failure(ConnectionLostError, self._request, error, CUT_SHORT) from error

    def _whole(self, head: h11.Response) -> HttpResponse:
        self.answered = True
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        content = b"".join(self._chunks)
        if "content-encoding" in headers:
            content = _decoded(head, content, self._request)
        return HttpResponse(head.status_code, headers, content)

    def reuse(self) -> bool:
        """Get ready for another request; False when this connection can't have one."""
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
