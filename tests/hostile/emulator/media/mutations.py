"""Files to mutate, and mutations of files."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING

from PIL import Image

from tests.kit.wire import ASTRONAUT, exif_orientation, image_file

if TYPE_CHECKING:
    from random import Random

SIDE = 96
ODD = (b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1", b"\xff\xd8", b"\xff\xd9", b"\xff\xda")
CHUNKS = (
    "iCCP",
    "tRNS",
    "gAMA",
    "cHRM",
    "sRGB",
    "tEXt",
    "zTXt",
    "iTXt",
    "eXIf",
    "pHYs",
    "acTL",
    "fcTL",
    "fdAT",
    "PLTE",
)


@cache
def images() -> tuple[bytes, ...]:
    """Return small images of a face in many forms of JPEG and PNG."""
    with Image.open(ASTRONAUT) as opened:
        face = opened.convert("RGB").crop((100, 0, 400, 300)).resize((SIDE, SIDE))
    palette = face.quantize(16)
    frames = [face.rotate(angle) for angle in (0, 90)]
    alpha = face.copy()
    alpha.putalpha(128)
    return (
        image_file(face, "JPEG", quality=60),
        image_file(face, "JPEG", progressive=True, exif=exif_orientation(6)),
        image_file(face.convert("CMYK"), "JPEG"),
        image_file(face.convert("L"), "JPEG", optimize=True),
        image_file(face, "JPEG", subsampling=2, restart_marker_blocks=2, comment=b"a" * 50),
        image_file(face),
        image_file(alpha),
        image_file(palette, transparency=bytes(range(0, 256, 16))),
        image_file(face.convert("1")),
        image_file(face.convert("LA")),
        image_file(face.convert("I;16")),
        image_file(face, exif=exif_orientation(3), icc_profile=b"a" * 200, dpi=(72, 72)),
        image_file(frames[0], save_all=True, append_images=frames[1:]),
        _interlaced(face),
    )


def _interlaced(image: Image.Image) -> bytes:
    """Return a PNG whose header says that it is interlaced, with too few rows for that."""
    data = bytearray(image_file(image))
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def mutated_image(chance: Random) -> bytes:
    """Return a damaged image."""
    data = bytearray(chance.choice(images()))
    is_png = data.startswith(b"\x89PNG")
    if is_png and chance.random() < 0.3:
        _insert_chunk(data, chance)
    else:
        mutate(data, chance)
    if is_png and chance.random() < 0.7:
        _correct_checksums(data)
    return bytes(data)


def mutate(data: bytearray, chance: Random, *, head: int = 400) -> None:
    """Damage a file in one or several places, most of them near its start."""
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        end = min(len(data), head) if chance.random() < 0.6 else len(data)
        at = chance.randrange(end) if end else 0
        match chance.randrange(7):
            case 0 | 1:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 2:
                data[at : at + 4] = chance.choice(ODD)
            case 3:
                del data[at : at + chance.choice((1, 2, 4, 16, 300))]
            case 4:
                data[at:at] = data[at : at + chance.choice((1, 4, 16, 300))]
            case 5:
                other = chance.randrange(max(1, len(data)))
                data[at : at + 16] = data[other : other + 16]
            case _:
                if chance.random() < 0.3:
                    del data[at:]
                else:
                    data[at:at] = bytes(chance.randrange(256) for _ in range(8))


def _insert_chunk(data: bytearray, chance: Random) -> None:
    """Insert a chunk with odd content before, between or behind the others."""
    starts = [start for start, _ in _chunks(data)]
    if not starts:
        return
    at = chance.choice(starts)
    name = chance.choice(CHUNKS).encode()
    content = bytes(chance.randrange(256) for _ in range(chance.choice((0, 1, 2, 3, 6, 26, 300))))
    content = chance.choice((content, b"a\0\0" + zlib.compress(content), b"\0" * len(content), b"x\0"))
    data[at:at] = png_chunk(name, content)


def png_chunk(name: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _chunks(data: bytearray) -> list[tuple[int, int]]:
    """Return the start and the end of each chunk of a PNG, as far as they are complete."""
    found: list[tuple[int, int]] = []
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            break
        found.append((at, end))
        at = end
    return found


def _correct_checksums(data: bytearray) -> None:
    """Correct the checksums of a PNG, so that readers go on."""
    for start, end in _chunks(data):
        data[end - 4 : end] = struct.pack(">I", zlib.crc32(data[start + 4 : end - 4]))
