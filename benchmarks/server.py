"""The local server, in a process of its own: a minimal HTTP implementation that is faster than the clients.

`python -m benchmarks.server DIRECTORY [CORE]` writes its CA certificate to the directory, prints its URLs as one line
of JSON, and exits at the end of its standard input, so it never outlives the process that started it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
import sys
from functools import partial
from typing import cast

from . import responses

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
TARGET = re.compile(rb"x-amz-target: *\w+\.(\w+)", re.IGNORECASE)
TOKEN = re.compile(rb'"NextToken": ?"(\d+)"')
LAST_PAGE = responses.LISTED_FACES // responses.FACES_PER_PAGE

BODIES = {
    b"DeleteCollection": responses.tiny(),
    b"DetectLabels": responses.detected_labels(),
    b"DetectFaces": responses.detected_faces(),
    b"GetFaceDetection": responses.face_detection_page(),
}
LISTED = responses.listed_faces()


def respond(target: bytes, body: bytes) -> bytes:
    """Return the whole response to a request."""
    return _RESPONSES[target] if target in _RESPONSES else framed(listed(body))


def listed(body: bytes) -> bytes:
    """Return the requested page of ListFaces; a page token is the number of its page."""
    token = TOKEN.search(body)
    following = int(token[1]) + 1 if token else 1
    return LISTED + (b',"NextToken":"%d"}' % following if following < LAST_PAGE else b"}")


def framed(body: bytes) -> bytes:
    """Return a body with a response head like that of the service."""
    head = (
        "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 7d1c8d6e-52b2-4a5f-8e0e-5b6a7c7d1f10\r\n"
        f"Content-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n"
        "Date: Sat, 01 Jan 2022 00:00:00 GMT\r\n\r\n"
    )
    return head.encode() + body


_RESPONSES = {target: framed(body) for target, body in BODIES.items()}


class Connection(asyncio.Protocol):
    """A connection of a client; `delay` is the number of seconds between a request and its response."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._buffer = bytearray()
        self._end = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # cast: TCP and TLS have both directions

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._end == 0:
            head = self._buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            length = LENGTH.search(self._buffer, 0, head)
            self._end = head + 4 + (int(length[1]) if length else 0)
        if len(self._buffer) >= self._end:
            self._respond()

    def _respond(self) -> None:
        head = self._buffer.find(b"\r\n\r\n")
        target = TARGET.search(self._buffer, 0, head)
        response = respond(target[1] if target else b"", bytes(self._buffer[head : head + 2000]))
        del self._buffer[: self._end]
        self._end = 0
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, response)
        else:
            self._transport.write(response)


async def serve(directory: str) -> None:
    """Serve until the end of standard input."""
    loop = asyncio.get_running_loop()
    tls = _tls(directory)
    urls: dict[str, str] = {}
    for name, context, delay in (("http", None, 0.0), ("https", tls, 0.0), ("slow", None, responses.LATENCY)):
        server = await loop.create_server(partial(Connection, delay), "127.0.0.1", 0, ssl=context, backlog=2048)
        urls[name] = f"http{'s' if context else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(json.dumps(urls), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def _tls(directory: str) -> ssl.SSLContext:
    import certifi
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = authority.issue_cert("127.0.0.1")
    leaf.configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # it accepts pyOpenSSL's contexts too
    with open(os.path.join(directory, "authorities.pem"), "wb") as file, open(certifi.where(), "rb") as public:
        # Appended to the public certificates: reading a real bundle is a large part of the cold start over https.
        file.write(public.read() + authority.cert_pem.bytes())
    return context


if __name__ == "__main__":
    if len(sys.argv) > 2:
        os.sched_setaffinity(0, {int(sys.argv[2])})
    asyncio.run(serve(sys.argv[1]))
