"""The protocol of a connection without a socket: bytes of requests, responses in any pieces, and the next request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog._core.flow import HttpRequest
from rekog._drivers.pools import http11
from rekog._drivers.pools.http11 import CHUNK_SIZE, HEAD_LIMIT, JOIN_LIMIT, MAXIMUM_SIZE, Http11
from rekog._values.errors import ConnectionLostError, ResponseTooLargeError
from rekog.config import Timeout
from tests.differential.oracle import law
from tests.drivers.calls import request

HEADERS = ((b"Host", b"a"), (b"X-Amz-Target", b"RekognitionService.DetectFaces"))
CLOSED = b""
OK = b"HTTP/1.1 200 OK\r\n"
SMALL = b'{"Labels": []}'
PLAIN = OK + b"X-A:\t b \r\nContent-Length: 14\r\n\r\n" + SMALL
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n6\r\n" + SMALL[:6] + b"\r\n8\r\n" + SMALL[6:] + b"\r\n0\r\n\r\n"


def begun(*parts: bytes, method: Any = "POST") -> Http11:
    parser = Http11()
    parser.begin(HttpRequest("http://a/", HEADERS, parts, Timeout(), method))
    return parser


def read(parser: Http11, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
    """Return the response that is complete with the last of these pieces."""
    *first, last = pieces
    for piece in first:
        assert parser.receive(piece) is None
    response = parser.receive(last)
    assert response is not None
    return response.status, dict(response.headers), response.content


@law(30)
@given(
    parts=st.lists(st.binary(max_size=40) | st.sampled_from([bytes(JOIN_LIMIT), bytes(JOIN_LIMIT - 1)]), max_size=4),
    size=st.sampled_from([7, 1000, 70_000, None]),
    method=st.sampled_from(["POST", "HEAD"]),
)
def test_the_chunks_of_a_request_are_its_bytes(parts: list[bytes], size: int | None, method: Any) -> None:
    sent = HttpRequest("http://a:8680/path", HEADERS, tuple(parts), Timeout(), method)
    chunks = Http11().begin(sent) if size is None else Http11().begin(sent, size)
    start = b"%s /path HTTP/1.1\r\nHost: a\r\n" % method.encode()

    assert b"".join(chunks) == start + b"X-Amz-Target: RekognitionService.DetectFaces\r\n\r\n" + b"".join(parts)
    if sum(map(len, parts)) <= JOIN_LIMIT:
        assert len(chunks) == 1
    else:
        assert len(chunks) > 1
        assert max(map(len, chunks)) <= (size or CHUNK_SIZE)


def test_a_request_above_the_limit_is_sent_in_views_of_its_parts() -> None:
    image = bytes(2 * CHUNK_SIZE + 1)
    chunks = Http11().begin(HttpRequest("http://a/", (), (b"{", image, b"}"), Timeout()))

    assert [len(chunk) for chunk in chunks] == [len(b"POST / HTTP/1.1\r\n\r\n"), 1, CHUNK_SIZE, CHUNK_SIZE, 1, 1]
    assert all(chunk.obj is image for chunk in chunks[2:5])
    assert [len(Http11().begin(request("http://a/", bytes(JOIN_LIMIT + more)))) for more in (0, 1)] == [1, 2]


RESPONSES: dict[str, tuple[bytes, bool]] = {
    "plain": (PLAIN, True),
    "an explicit keep-alive": (PLAIN.replace(b"X-A:\t b", b"Connection: Keep-Alive"), True),
    "a close": (PLAIN.replace(b"X-A:\t b", b"Connection: close"), False),
    "chunks": (CHUNKS, True),
    "chunks and a close": (CHUNKS.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"), False),
    "HTTP/1.0": (PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"), False),
    "an informational response": (b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, True),
    "bare line feeds": (PLAIN.replace(b"\r\n", b"\n"), True),
    "no reason": (PLAIN.replace(b" OK", b""), True),
}
"""Responses with the same status and content, and whether the connection takes another request."""


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_is_the_same_in_any_two_pieces(name: str) -> None:
    data, reusable = RESPONSES[name]
    for at in range(len(data)):
        parser = begun()
        pieces = (data[:at], data[at:]) if at else (data,)
        status, headers, content = read(parser, *pieces)
        assert (status, content) == (200, SMALL)
        assert headers.get("content-length", "14") == "14"
        assert headers.get("x-a", "b") == "b"
        assert parser.began_response
        assert parser.prepare_for_reuse() is reusable


def test_a_response_to_a_second_request_is_its_own() -> None:
    parser = begun()
    for data in (PLAIN, CHUNKS, PLAIN, PLAIN):
        assert read(parser, data)[2] == SMALL
        assert parser.prepare_for_reuse() is True
        assert not hasattr(parser, "request")  # an idle connection keeps no image
        parser.begin(request("http://a/", b"{}"))
        assert parser.began_response is False


@pytest.mark.parametrize("data", [PLAIN, CHUNKS], ids=["plain", "chunks"])
def test_a_connection_with_bytes_beyond_the_response_is_not_used_again(data: bytes) -> None:
    parser = begun()
    assert read(parser, data + b"H")[2] == SMALL
    assert parser.prepare_for_reuse() is False


def test_a_connection_without_a_complete_response_is_not_used_again() -> None:
    for data in (PLAIN[:-1], CHUNKS[:-1], PLAIN[:20], CHUNKS[:20]):
        parser = begun()
        assert parser.receive(data) is None
        assert parser.prepare_for_reuse() is False
    assert begun().prepare_for_reuse() is False


def test_an_end_of_the_connection_ends_only_a_response_without_length() -> None:
    parser = begun()
    assert read(parser, OK + b"Server: x\r\n\r\n" + SMALL, CLOSED) == (200, {"server": "x"}, SMALL)
    assert parser.prepare_for_reuse() is False
    for data in (PLAIN[:-1], CHUNKS[:-1], OK[:-3], OK, b""):
        parser = begun()
        if data:
            assert parser.receive(data) is None
        with pytest.raises(ConnectionLostError):
            parser.receive(CLOSED)
        assert parser.began_response is bool(data)


def test_a_response_whose_request_or_status_has_no_content_ends_with_its_head() -> None:
    lengths = {"content-length": "14"}
    head = OK + b"Content-Length: 14\r\n\r\n"
    parser = begun(method="HEAD")
    assert read(parser, head) == (200, lengths, b"")
    assert parser.prepare_for_reuse() is True
    for status in (204, 304):
        parser = begun()
        assert read(parser, head.replace(b"200", b"%d" % status)) == (status, lengths, b"")
        assert parser.prepare_for_reuse() is True


def test_a_head_may_be_long_but_not_endless() -> None:
    long = OK + b"X-A: " + b"a" * (HEAD_LIMIT - 100)
    assert read(begun(), long, b"\r\nContent-Length: 2\r\n\r\n{}")[1]["x-a"] == "a" * (HEAD_LIMIT - 100)
    with pytest.raises(ConnectionLostError):
        begun().receive(OK + b"X-A: " + b"a" * 2 * HEAD_LIMIT)


@pytest.mark.parametrize("form", ["length", "chunks"])
def test_a_content_may_have_the_maximum_size(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAXIMUM_SIZE == 64 << 20
    monkeypatch.setattr(http11, "MAXIMUM_SIZE", 14)
    data = {"length": PLAIN, "chunks": CHUNKS}[form]
    assert read(begun(), data)[2] == SMALL
    monkeypatch.setattr(http11, "MAXIMUM_SIZE", 13)
    with pytest.raises(ResponseTooLargeError):
        begun().receive(data)


def test_the_names_of_headers_are_lowercase_and_a_repeated_one_has_all_values() -> None:
    twice = PLAIN.replace(b"X-A:\t b ", b"X-A: b\r\nx-a: c")
    assert read(begun(), PLAIN)[1] == {"x-a": "b", "content-length": "14"}
    assert read(begun(), PLAIN.replace(b"b ", b"M\xfcller "))[1]["x-a"] == "Müller"
    assert read(begun(), CHUNKS.replace(b"OK\r\n", b"OK\r\nX-A: M\xfcller\r\n"))[1]["x-a"] == "Müller"
    assert read(begun(), twice)[1]["x-a"] in ("c", "b, c")
