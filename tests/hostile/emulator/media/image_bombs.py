"""Small files that decode to large images: refused by their header, or decoded within a bound of memory.

Beyond 10,000 pixels a side, and with large compressed texts or profiles, the answer takes seconds and little memory.
Images of 10,000 x 10,000 pixels are allowed; the memory of eight at once stays below that of a few.
"""

from __future__ import annotations

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from tests.hostile.emulator.calls import Answer, call, judge
from tests.hostile.emulator.media.mutations import png_chunk
from tests.hostile.emulator.servers import Attacked, attacked_server
from tests.kit.wire import image_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hostile.attack import Report

LITTLE, LARGE, AT_ONCE = 300, 1300, 3000
"""MiB of memory in excess of a server without requests."""
SLOW, SLOW_LARGE = 10.0, 120.0
CLIENTS = 8
MIB = 1024**2


class Bomb(NamedTuple):
    """A small file, and the bounds for its decoding."""

    name: str
    make: Callable[[], bytes]
    memory: int = LITTLE
    seconds: float = SLOW


def attack(count: int, report: Report) -> None:
    """Send each bomb to a server of its own, and then several at once to another one."""
    for bomb in BOMBS[:count]:
        data = bomb.make()
        report.figure("bytes of the largest file", max(0, len(data) - report.figures["bytes of the largest file"]))
        with attacked_server() as server:
            before = _warm(server)
            judge(report, _detect(server, data), bomb.name, slow=bomb.seconds)
            _check_memory(server, before, bomb.memory, bomb.name, report)
    if count >= len(BOMBS) + CLIENTS:
        data = _png(10_000, 10_000)
        with attacked_server() as server, ThreadPoolExecutor(CLIENTS) as pool:
            before = _warm(server)
            for answer in pool.map(_detect, [server] * CLIENTS, [data] * CLIENTS):
                judge(report, answer, "an image of 100 megapixels beside others", slow=SLOW_LARGE)
            _check_memory(server, before, AT_ONCE, f"{CLIENTS} images of 100 megapixels at once", report)


def _warm(server: Attacked) -> int:
    _detect(server, image_file(Image.new("RGB", (100, 100))))
    return server.memory("VmHWM")


def _detect(server: Attacked, data: bytes) -> Answer:
    caller = server.caller()
    answer = call(caller, "DetectFaces", {"Image": {"Bytes": data}})
    caller.close()
    return answer


def _check_memory(server: Attacked, before: int, limit: int, name: str, report: Report) -> None:
    grown = server.memory("VmHWM") - before
    report.figure(f"MiB for {name}", grown)
    report.check(grown < limit, f"{name} took more than {limit} MiB")
    server.check_errors(report)


def _png(width: int, height: int, *extra: bytes, bits: int = 8, colour: int = 2, rows: int | None = None) -> bytes:
    """Return a PNG of zeros, with as many rows as its header says, or with another number."""
    samples = {0: 1, 2: 3, 6: 4}[colour]
    row = bytes(1 + (width * samples * bits + 7) // 8)
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(row) for _ in range(height if rows is None else rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = (png_chunk(b"IHDR", header), *extra, png_chunk(b"IDAT", content), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _texts(name: bytes, start: bytes) -> bytes:
    return _png(200, 200, *[png_chunk(name, start + zlib.compress(b"a" * (80 * MIB), 9))] * 3)


def _animation() -> bytes:
    frames = [Image.new("P", (1000, 1000), number % 250) for number in range(300)]
    return image_file(frames[0], save_all=True, append_images=frames[1:])


def _jpeg(**options: bool) -> bytes:
    return image_file(Image.new("RGB", (10_000, 10_000)), "JPEG", quality=1, **options)


BOMBS = (
    Bomb("a PNG of 30,000 pixels a side", lambda: _png(30_000, 30_000, rows=10)),
    Bomb("a PNG of 2^31 - 1 pixels a side", lambda: _png(2**31 - 1, 2**31 - 1, rows=0)),
    Bomb("a PNG with too many rows", lambda: _png(100, 100, rows=1_000_000)),
    Bomb("a PNG with zTXt of 80 MiB", lambda: _texts(b"zTXt", b"a\0\0")),
    Bomb("a PNG with iTXt of 80 MiB", lambda: _texts(b"iTXt", b"a\0\1\0\0\0")),
    Bomb("a PNG with iCCP of 80 MiB", lambda: _texts(b"iCCP", b"a\0\0")),
    Bomb("an animated PNG of 300 frames", _animation),
    Bomb("a PNG of 10,000 pixels a side", lambda: _png(10_000, 10_000), LARGE, SLOW_LARGE),
    Bomb("a PNG of 10,000 pixels a side with alpha", lambda: _png(10_000, 10_000, colour=6), LARGE, SLOW_LARGE),
    Bomb("a grey PNG of 16 bits", lambda: _png(10_000, 10_000, bits=16, colour=0), LARGE, SLOW_LARGE),
    Bomb("a JPEG of 10,000 pixels a side", _jpeg, LARGE, SLOW_LARGE),
    Bomb("a progressive JPEG of 10,000 pixels a side", lambda: _jpeg(progressive=True), LARGE, SLOW_LARGE),
)
