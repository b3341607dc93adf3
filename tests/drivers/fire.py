"""A server that does to each request what a seeded choice says, and echoes the request's body when it answers.

It runs in a thread of its own, on asyncio streams that the drivers have no part in.
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

# What may happen to a request, and how often. Everything from `reset` on ends in an error or a second try.
FATES = {
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


class Fire:
    """Serves on 127.0.0.1; `live` counts the connections that are open, `seen` what was done."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._end: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._calm = False
        self._waiting = 0
        self._together = asyncio.Event()
        self.live = 0
        self.most = 0
        self.seen: Counter[str] = Counter()
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(5)

    def calm_down(self, together: int) -> None:
        """From now on answer in order, but none of so many requests before all of them are there."""
        self._waiting, self._calm = together, True

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, backlog=1024)
        self.url = "http://{}:{}/".format(*server.sockets[0].getsockname())
        self._ready.set()
        await self._end.wait()
        server.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.live += 1
        self.most = max(self.most, self.live)
        # The client may leave at any time, within a request too.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()
        self.live -= 1

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request, and say whether the connection goes on."""
        lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
        body = await reader.readexactly(length)
        if self._calm:
            self._waiting -= 1
            if self._waiting == 0:
                self._together.set()
            await self._together.wait()
            writer.write(ok(body)[0])  # type: ignore[arg-type]  # the one step of `ok` is bytes
            return True
        fate = self._random.choices(list(FATES), list(FATES.values()))[0]
        self.seen[fate] += 1
        return await self._deal(fate, body, reader, writer)

    async def _deal(self, fate: str, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        start = head(200, {"Content-Length": str(len(body))})
        whole = start + body
        if fate == "pieces":
            for at in range(0, len(whole), 16):
                writer.write(whole[at : at + 16])
                await asyncio.sleep(self._random.uniform(0, 0.004))
            return True
        if fate == "late":  # perhaps after its caller has gone: never to be given to the next one
            await asyncio.sleep(self._random.uniform(0, 0.08))
        elif fate == "continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        elif fate == "silence":
            await reader.read()
            return False
        said = {
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
        }.get(fate, whole)
        assert isinstance(said, bytes)
        writer.write(said)
        if fate.startswith("reset"):
            await asyncio.sleep(self._random.choice((0, 0.002)))
            connection: socket.socket = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        return fate not in ("last", "http10") and not fate.startswith("closed")
