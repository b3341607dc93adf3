"""A server with seeded faults: it draws a behaviour for each request, and its responses echo the request's body.

It runs in its own thread, on asyncio streams, which no driver uses.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections import Counter
from typing import Self

from tests.kit.servers import chunked, head, http10, ok

# The behaviours and their weights. Those from `reset` on end in an error or a second attempt.
BEHAVIOURS = {
    "whole": 40,
    "pieces": 8,
    "chunked": 6,
    "continue": 4,
    "last": 6,
    "closed after": 6,
    "http10": 3,
    "behind": 3,
    "late": 6,
    "reset": 4,
    "reset in head": 3,
    "reset in body": 3,
    "closed": 3,
    "closed in head": 2,
    "closed in body": 2,
    "silence": 2,
}


class FaultServer:
    """Serves on 127.0.0.1; `live` counts the open connections, `seen` the behaviours drawn."""

    def __init__(self, seed: int, *, without: str | None = None) -> None:
        weights = {name: weight for name, weight in BEHAVIOURS.items() if name != without}
        self._names, self._weights = list(weights), list(weights.values())
        self._random = random.Random(seed)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._end: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._faultless = False
        self._missing = 0
        self._complete = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self.live = 0
        self.maximum = 0
        self.seen: Counter[str] = Counter()
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(5)

    def stop_faults(self, together: int) -> None:
        """Respond correctly from now on, but to none of this number of requests before all of them have arrived."""
        self._missing, self._faultless = together, True

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve_connection, "127.0.0.1", 0, backlog=1024)
        self.url = "http://{}:{}/".format(*server.sockets[0].getsockname())
        self._ready.set()
        await self._end.wait()
        server.close()
        while self._writers:  # a cancelled handler would be logged as an error
            for writer in self._writers:
                writer.transport.abort()
            await asyncio.sleep(0.001)

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.live += 1
        self.maximum = max(self.maximum, self.live)
        self._writers.add(writer)
        # The client may close the connection at any time, also in the middle of a request.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while await self._serve_request(reader, writer):
                pass
        writer.close()
        self._writers.remove(writer)
        self.live -= 1

    async def _serve_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request, and return whether the connection stays open."""
        lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
        body = await reader.readexactly(length)
        if self._faultless:
            self._missing -= 1
            if self._missing == 0:
                self._complete.set()
            await self._complete.wait()
            writer.write(ok(body)[0])  # type: ignore[arg-type]  # the only step of `ok` is bytes
            return True
        behaviour = self._random.choices(self._names, self._weights)[0]
        self.seen[behaviour] += 1
        return await self._respond(behaviour, body, reader, writer)

    async def _respond(
        self, behaviour: str, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        start = head(200, {"Content-Length": str(len(body))})
        whole = start + body
        if behaviour == "pieces":
            for at in range(0, len(whole), 16):
                writer.write(whole[at : at + 16])
                await asyncio.sleep(self._random.uniform(0, 0.004))
            return True
        if behaviour == "late":  # perhaps after its caller has left: the next caller must not get it
            await asyncio.sleep(self._random.uniform(0, 0.08))
        elif behaviour == "continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        elif behaviour == "silence":
            await reader.read()
            return False
        sent = {
            "chunked": chunked(body)[0],
            "last": head(200, {"Content-Length": str(len(body)), "Connection": "close"}) + body,
            "http10": http10(body)[0],
            "behind": whole + whole.replace(body, b"-" * len(body)),
            "reset": b"",
            "closed": b"",
            "reset in head": start[:20],
            "closed in head": start[:20],
            "reset in body": whole[:-3],
            "closed in body": whole[:-3],
        }.get(behaviour, whole)
        assert isinstance(sent, bytes)
        writer.write(sent)
        if behaviour.startswith("reset"):
            await asyncio.sleep(self._random.choice((0, 0.002)))
            connection: socket.socket = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        return behaviour not in ("last", "http10") and not behaviour.startswith("closed")
