"""A server whose responses repeat the token of the request, after a random pause, with TLS or without."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import ssl
import tempfile
import threading
from typing import TYPE_CHECKING, Self, cast

import trustme

from rekog import CallOptions, Timeout
from tests.hostile.sdk.ways import outcome
from tests.kit.servers import failed, ok

if TYPE_CHECKING:
    from rekog import RekognitionClient
    from rekog.models import ListCollectionsResponse
    from tests.hostile.attack import Report

THROTTLE = "throttle"  # the beginning of a token whose requests are throttled


class EchoServer:
    """Serves ListCollections, and responds to each other operation with an empty object."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, slowest: float = 0.004) -> None:
        self._tls = tls
        self._slowest = slowest
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._writers: set[asyncio.StreamWriter] = set()
        self._end: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self.requests = 0
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(5)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda loop, context: None)  # clients break connections at any time
        server = await asyncio.start_server(self._serve_connection, "127.0.0.1", 0, backlog=1024, ssl=self._tls)
        self.url = "{}://{}:{}/".format("https" if self._tls else "http", *server.sockets[0].getsockname())
        self._ready.set()
        await self._end.wait()
        server.close()
        while self._writers:  # a cancelled handler would be logged as an error
            for writer in self._writers:
                writer.transport.abort()
            await asyncio.sleep(0.001)

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
                length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
                body = await reader.readexactly(length)
                self.requests += 1
                if self._slowest:
                    await asyncio.sleep(random.uniform(0, self._slowest))
                writer.write(_response(body))
        writer.close()
        self._writers.remove(writer)


def _response(body: bytes) -> bytes:
    if not body.startswith(b'{"NextToken"'):
        return cast("bytes", ok(b"{}")[0])  # cast: its only step
    token: str = json.loads(body)["NextToken"]
    if token.startswith(THROTTLE):
        return cast("bytes", failed(400, "ThrottlingException")[0])  # cast: as above
    response: dict[str, object] = {"CollectionIds": [], "FaceModelVersions": [], "NextToken": token}
    return cast("bytes", ok(json.dumps(response).encode())[0])  # cast: as above


class Authority:
    """A certificate authority, the bundle that trusts it, and a server's context."""

    def __init__(self) -> None:
        self._authority = trustme.CA()
        with tempfile.NamedTemporaryFile(suffix=".pem", delete=False) as file:
            self.bundle = file.name
        self._authority.cert_pem.write_to_path(self.bundle)

    def server_context(self) -> ssl.SSLContext:
        """Return a context for a server on 127.0.0.1."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # pyOpenSSL's too
        return context


async def check_call(rekognition: RekognitionClient, token: str, report: Report, *, total: float = 20.0) -> object:
    """Call, and count a fault if a response does not repeat the token; return the outcome."""
    options = CallOptions(timeout=Timeout(total=total))
    found = await outcome(report, lambda: rekognition.list_collections(next_token=token, options=options))
    report.attempt()
    report.figure("response" if hasattr(found, "next_token") else type(found).__name__)
    if hasattr(found, "next_token"):
        response = cast("ListCollectionsResponse", found)  # cast: the line above checks it
        report.check(response.next_token == token, "the response of another request")
    return found
