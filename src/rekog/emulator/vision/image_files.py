"""Structure of JPEG and PNG files: the orientation in EXIF, and the parts that Pillow must not see.

Pillow warns about damaged EXIF and about odd animations. `warnings.catch_warnings` would replace the filters of the
whole process while other threads run, so these parts are cut out of the file instead. Neither changes the pixels.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"

_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
_APP1, _SCAN = 0xE1, 0xDA
_BARE_MARKERS = (0x01, *range(0xD0, 0xDA))
"""Markers without a length: TEM, RST0 to RST7, SOI and EOI."""
_EXIF = b"Exif\0\0"
_ORIENTATION_TAG = 0x0112
_INTEGERS = {3: "H", 4: "L"}
"""Formats of the TIFF types SHORT and LONG."""


class Jpeg(NamedTuple):
    """A JPEG without its EXIF, and the value of the orientation tag that the EXIF had, if it is readable."""

    data: bytes
    orientation: int | None


def split_jpeg(data: bytes) -> Jpeg:
    """Return a JPEG without its EXIF segments, and the orientation in the first of them."""
    spans = [(start, end) for start, end in _segments(data) if data[start + 4 : start + 10] == _EXIF]
    if not spans:
        return Jpeg(data, None)
    start, end = spans[0]
    orientation = _orientation(data[start + 10 : end])
    return Jpeg(_without(data, spans), orientation)


def still_png(data: bytes) -> bytes:
    """Return a PNG without the chunks of an animation."""
    spans: list[tuple[int, int]] = []
    at = len(PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] in _ANIMATION:
            spans.append((at, end))
        at = end
    return _without(data, spans) if spans else data


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each APP1 segment before the first scan; stop at the first damage."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _BARE_MARKERS:  # 0xFF: a fill byte
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _SCAN or end < at + 4 or end > len(data):
            return
        if marker == _APP1:
            yield at, end
        at = end


def _orientation(tiff: bytes) -> int | None:
    """Return the orientation tag of the first directory; None if there is none or the EXIF is damaged."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(f"{order}L", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
            if tag == _ORIENTATION_TAG and kind in _INTEGERS:
                return int(struct.unpack_from(order + _INTEGERS[kind], tiff, entry + 8)[0])
    except struct.error:  # an offset beyond the end
        pass
    return None


def _without(data: bytes, spans: list[tuple[int, int]]) -> bytes:
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(data)]
    return b"".join(data[end:start] for end, start in zip(ends, starts, strict=True))
