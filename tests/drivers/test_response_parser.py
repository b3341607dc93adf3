"""Our reading of responses against h11: whatever we accept, h11 accepts with the same status, headers and content."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog._core.flow import HttpRequest
from rekog._drivers.pools.http11 import Http11
from rekog._values.errors import TransportError
from rekog.config import Timeout
from tests.differential.oracle import law

REQUEST = HttpRequest("http://a/", (), (b"{}",), Timeout())

SEEDS = (
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"Labels": []}',
    b"HTTP/1.1 400 Bad Request\r\nx-amzn-RequestId: 1-2\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}",
    b"HTTP/1.1 503\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nServer: \t x y\t \r\nContent-Length: 2\r\n\r\n{}",
)
LINES = (
    b"Content-Length: 2\r\n", b"Content-Length: 3\r\n", b"content-length : 2\r\n", b"Content-Length: 2, 2\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n", b"Connection: close\r\n",
    b"Connection: Keep-Alive\r\n", b"Connection: upgrade\r\nUpgrade: x\r\n", b"X: \r\n y\r\n", b"X:\r\n", b": x\r\n",
    b"X\r\n", b"HTTP/1.1 200 OK\r\n", b"Server: y\r\n",
)  # fmt: skip
INSERTED = st.one_of(
    st.sampled_from([
        b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b",", b";", b"\0", b"\x7f", b"\x80", b"\xff", b"\x0b",
        b"\x1c", b"\x85", b"+", b"-", b"0", b"00", b"_", b"1", b"9" * 20, b"\xb2", b"0x", b"HTTP/2 200",
    ]),
    st.binary(min_size=1, max_size=2),
)  # fmt: skip


class Read(NamedTuple):
    """A response that a parser has accepted."""

    status: int
    headers: dict[str, str]
    content: bytes


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    """Draw a response with a few changes: lines and bytes are inserted, removed or replaced, or a part is repeated."""
    data = draw(st.sampled_from(SEEDS))
    for line in draw(st.lists(st.sampled_from(LINES), max_size=2)):
        at = draw(st.sampled_from([end.end() for end in re.finditer(b"\r\n", data)]))
        data = data[:at] + line + data[at:]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        end = at + draw(st.sampled_from([0, 0, 0, 1, 1, 2, 4, 20]))
        data = data[:at] + draw(st.one_of(INSERTED, st.just(b""), st.just(data[at:end] * 2))) + data[end:]
    return data


def read_by_us(pieces: list[bytes]) -> Read | None:
    """Return the response that our parser reads from these pieces, or from them and the end of the connection."""
    parser = Http11()
    parser.begin(REQUEST)
    try:
        for piece in (*filter(None, pieces), b""):
            response = parser.receive(piece)
            if response is not None:
                return Read(response.status, dict(response.headers), response.content)
    except TransportError:
        return None
    raise AssertionError("the end of the connection ends every response")


def read_by_h11(data: bytes) -> Read | None:
    """Return the response that h11 reads from these bytes and the end of the connection; None for an error."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="POST", target="/", headers=[("host", "a"), ("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    status, headers, content = 0, dict[str, str](), b""
    try:
        connection.receive_data(data)
        connection.receive_data(b"")
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                status = event.status_code
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
            elif isinstance(event, h11.Data):
                content += event.data
            elif not isinstance(event, h11.InformationalResponse):
                return None
    except h11.RemoteProtocolError:
        return None
    return Read(status, headers, content)


RESPONSES = given(data=responses(), cuts=st.lists(st.integers(0, 120), max_size=3))


@law(300)
@RESPONSES
def test_a_response_that_we_accept_is_what_h11_reads(data: bytes, cuts: list[int]) -> None:
    assert_read_as_by_h11(data, cuts)


@pytest.mark.slow  # five times the examples of the test above, which take five seconds
@law(1500)
@RESPONSES
def test_a_response_of_many_that_we_accept_is_what_h11_reads(data: bytes, cuts: list[int]) -> None:
    assert_read_as_by_h11(data, cuts)


def assert_read_as_by_h11(data: bytes, cuts: list[int]) -> None:
    """Assert that a response in pieces is read as h11 reads it, unless we refuse it."""
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    ours = read_by_us([data[start:end] for start, end in pairwise(places)])
    if ours is not None:
        assert ours == read_by_h11(data)
