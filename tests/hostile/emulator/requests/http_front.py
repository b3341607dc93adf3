"""Broken HTTP: each request gets at most one response of a status below 500, or a closed connection, within seconds.

Requests are malformed, pipelined, chunked, of other versions and methods, and hide a second request in their body. No
hidden request is executed, and the server serves the next client as before. Each kind is sent at once and in pieces.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from tests.hostile.emulator.calls import call
from tests.hostile.emulator.servers import Attacked, attacked_server

if TYPE_CHECKING:
    from tests.hostile.attack import Report

LIMIT = 15.0  # seconds until a connection has ended, less than the timeout of the server for a head
HIDDEN = "smuggled"
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
HOST = b"Host: 127.0.0.1\r\n"
TARGET = b"X-Amz-Target: RekognitionService.ListCollections\r\nContent-Type: application/x-amz-json-1.1\r\n"


class Kind(NamedTuple):
    """Bytes, and the maximum number of responses to them."""

    name: str
    data: bytes
    responses: int = 1


def attack(count: int, report: Report) -> None:
    """Send each kind at once and in pieces, on a connection of its own."""
    kinds = all_kinds()
    with attacked_server() as server:
        for number in range(count):
            kind = kinds[number // 2 % len(kinds)]
            _send(server, kind, report, in_pieces=number % 2 == 1)
        caller = server.caller()
        listed = call(caller, "ListCollections", {}).json["CollectionIds"]
        caller.close()
        report.check(listed == [], f"a hidden request was executed: {listed}")
        server.check_alive(report)
        server.check_errors(report)


def _send(server: Attacked, kind: Kind, report: Report, *, in_pieces: bool) -> None:
    report.attempt()
    step = len(kind.data) // 6 if in_pieces else len(kind.data)
    received = bytearray()
    end = time.monotonic() + LIMIT
    with server.connect(LIMIT) as connection:
        with suppress(OSError):  # the server has refused the request and closed the connection
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for start in range(0, len(kind.data), max(step, 1)):
                connection.sendall(kind.data[start : start + step])
                time.sleep(0.003 if in_pieces else 0)
            connection.shutdown(socket.SHUT_WR)
        try:
            while piece := connection.recv(65536):
                received += piece
        except TimeoutError:
            report.fault(f"the connection stays open after {kind.name}")
        except ConnectionError:
            report.figure("connections reset")
    statuses = [int(text) for text in STATUS.findall(bytes(received))]
    report.figure("responses", len(statuses))
    report.check(len(statuses) <= kind.responses, f"{len(statuses)} responses to {kind.name}")
    report.check(all(status < 500 or status == 501 for status in statuses), f"{statuses} for {kind.name}")
    report.check(time.monotonic() < end, f"{kind.name} took more than {LIMIT:g} s")


def _post(body: bytes, *lines: bytes, start: bytes = b"POST / HTTP/1.1") -> bytes:
    """Return a request to list collections; without lines, it has its length."""
    chosen = lines or (b"Content-Length: %d" % len(body),)
    return start + b"\r\n" + HOST + TARGET + b"".join(line + b"\r\n" for line in chosen) + b"\r\n" + body


def _hidden() -> bytes:
    """Return a request that creates a collection."""
    body = b'{"CollectionId": "%s"}' % HIDDEN.encode()
    create = b"X-Amz-Target: RekognitionService.CreateCollection\r\nContent-Type: application/x-amz-json-1.1\r\n"
    return b"POST / HTTP/1.1\r\n" + HOST + create + b"Content-Length: %d\r\n\r\n" % len(body) + body


def all_kinds() -> list[Kind]:
    """Return all kinds of broken requests."""
    hidden, plain = _hidden(), _post(b"{}")
    inside = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
    length, chunked = b"Content-Length: %d", b"Transfer-Encoding: chunked"
    return [
        Kind("an ordinary request", plain),
        Kind("two pipelined requests", plain * 2, 2),
        Kind("fifty pipelined requests", plain * 50, 50),
        Kind("a request after garbage", b"\r\n\r\ngarbage\r\n\r\n" + plain),
        Kind("empty lines before a request", b"\r\n\r\n" + plain),
        Kind("a request in a body", _post(hidden)),
        Kind("a request in chunks", _post(inside, chunked)),
        Kind("chunks and a length, a request in the chunks", _post(inside, length % 2, chunked)),
        Kind("a length and chunks, a request in the chunks", _post(inside, chunked, length % 2)),
        Kind(
            "chunks and a length, a request behind", _post(b"0\r\n\r\n" + hidden, length % (5 + len(hidden)), chunked)
        ),
        Kind("two equal lengths", _post(b"{}", length % 2, length % 2)),
        Kind("two lengths, a request behind", _post(b"{}" + hidden, length % 2, length % (2 + len(hidden)))),
        Kind("a list of lengths", _post(b"{}" + hidden, b"Content-Length: 2, %d" % (2 + len(hidden)))),
        Kind("a length with a sign", _post(b"{}" + hidden, b"Content-Length: +2")),
        Kind("a negative length", _post(b"{}" + hidden, b"Content-Length: -2")),
        Kind("a hexadecimal length", _post(b"{}" + hidden, b"Content-Length: 0x2")),
        Kind("a length of 40 digits", _post(b"{}" + hidden, b"Content-Length: " + b"9" * 40)),
        Kind("a length of letters", _post(b"{}" + hidden, b"Content-Length: two")),
        Kind("an empty length", _post(b"{}" + hidden, b"Content-Length:")),
        Kind("a space before the colon", _post(b"{}" + hidden, b"Content-Length : 2")),
        Kind("a folded header", _post(b"{}" + hidden, b"X-A: b\r\n Content-Length: 2"), 2),
        Kind("a header without a colon", _post(b"{}" + hidden, b"Content-Length 2")),
        Kind("a header without a name", _post(b"{}" + hidden, b": 2")),
        Kind("a null byte in a header", _post(b"{}" + hidden, b"X-A: \0", length % 2)),
        Kind("bytes above 127 in a header", _post(b"{}", b"X-A: \xff\xfe", length % 2)),
        Kind("bare line feeds", plain.replace(b"\r", b"")),
        Kind("a bare line feed in a header", _post(b"{}", b"X-A: b\nContent-Length: 2")),
        Kind("a bare carriage return", _post(b"{}" + hidden, b"X-A: b\rContent-Length: 2")),
        Kind("the coding identity", _post(hidden, b"Transfer-Encoding: identity")),
        Kind("two codings", _post(inside, b"Transfer-Encoding: gzip, chunked")),
        Kind("the coding xchunked", _post(inside, b"Transfer-Encoding: xchunked")),
        Kind("the coding with a tab", _post(inside, b"Transfer-Encoding:\tchunked")),
        Kind("a chunk size that is too small", _post(b"1\r\n" + hidden + b"\r\n0\r\n\r\n", chunked)),
        Kind("a chunk size that is too large", _post(b"fff\r\n" + hidden + b"\r\n0\r\n\r\n", chunked)),
        Kind("a chunk size of 40 digits", _post(b"f" * 40 + b"\r\n" + hidden + b"\r\n0\r\n\r\n", chunked)),
        Kind("a negative chunk size", _post(b"-1\r\n" + hidden + b"\r\n0\r\n\r\n", chunked)),
        Kind("a chunk with an extension", _post(b"2;a=b\r\n{}\r\n0\r\n\r\n", chunked)),
        Kind("a chunk with 100 kB of extension", _post(b"2;" + b"a" * 100_000 + b"\r\n{}\r\n0\r\n\r\n", chunked)),
        Kind("trailers", _post(b"2\r\n{}\r\n0\r\nX-A: b\r\n\r\n", chunked)),
        Kind("a trailer with a length", _post(b"2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n", chunked)),
        Kind("no host", plain.replace(HOST, b"")),
        Kind("two hosts", plain.replace(HOST, HOST * 2)),
        Kind("HTTP/1.0", _post(b"{}", length % 2, start=b"POST / HTTP/1.0")),
        Kind("HTTP/1.0 with chunks", _post(inside, chunked, start=b"POST / HTTP/1.0")),
        Kind("HTTP/0.9", b"GET /_rekog/health\r\n\r\n"),
        Kind("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 2),
        Kind("HTTP/9.9", _post(b"{}", length % 2, start=b"POST / HTTP/9.9")),
        Kind("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)),
        Kind("a method of 10 kB", b"A" * 10_000 + plain),
        Kind("an unknown method", plain.replace(b"POST", b"BREW", 1)),
        Kind("CONNECT", plain.replace(b"POST / ", b"CONNECT example.com:80 ", 1)),
        Kind("TRACE", plain.replace(b"POST", b"TRACE", 1)),
        Kind("a target of 100 kB", plain.replace(b" / ", b" /" + b"a" * 100_000 + b" ", 1)),
        Kind("a target with a null byte", plain.replace(b" / ", b" /\0 ", 1)),
        Kind("a target with a wrong escape", plain.replace(b" / ", b" /_rekog/objects/b/%zz%ff%00 ", 1)),
        Kind("a target that is a URL", plain.replace(b" / ", b" http://example.com/ ", 1)),
        Kind("a target with a fragment", plain.replace(b" / ", b" /#a ", 1)),
        Kind("a star as target", plain.replace(b" / ", b" * ", 1)),
        Kind("ten thousand headers", _post(b"{}", *[b"X-A%d: b" % each for each in range(10_000)], length % 2)),
        Kind("a header of 1 MB", _post(b"{}", b"X-A: " + b"b" * 1_000_000, length % 2)),
        Kind("expect 100", _post(b"{}", b"Expect: 100-continue", length % 2), 2),
        Kind("another expectation", _post(b"{}", b"Expect: a miracle", length % 2)),
        Kind("an upgrade", _post(b"{}", b"Connection: Upgrade", b"Upgrade: websocket", length % 2)),
        Kind("an upgrade to HTTP/2", _post(b"{}", b"Connection: Upgrade", b"Upgrade: h2c", length % 2)),
        Kind("half a head", plain[:40]),
        Kind("half a body", _post(b"{", length % 100)),
        Kind("half a chunk", _post(b"ff\r\n{", chunked)),
        Kind("nothing", b""),
    ]
