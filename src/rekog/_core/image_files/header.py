"""Format and size of an image from its first bytes, and whether a file is complete; no pixel is decoded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND"
_JPEG_END = b"\xff\xd9"
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG markers of frames, which have the size of the image."""
_SCAN, _END = 0xDA, 0xD9

OTHER_FORMATS: Mapping[str, re.Pattern[bytes]] = {
    "a WebP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "a GIF": re.compile(rb"GIF8[79]a"),
    "a HEIC": re.compile(rb"....ftyp(hei[cfmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL),
    "an AVIF": re.compile(rb"....ftypavi[fs]", re.DOTALL),
    "a TIFF": re.compile(rb"II\*\0|MM\0\*"),
    "a JPEG XL": re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "),
    "a JPEG 2000": re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"),
    "a BMP": re.compile(rb"BM....\0\0\0\0", re.DOTALL),
    "a PDF": re.compile(rb"%PDF-"),
    "a Photoshop": re.compile(rb"8BPS\0\x01"),
    "an ICO": re.compile(rb"\0\0\x01\0"),
    "a Netpbm": re.compile(rb"P[1-7]\s"),
    "a ZIP": re.compile(rb"PK\x03\x04"),
    "a JSON": re.compile(rb"\s*[{[]\s*[\"{[]"),
    "an HTML": re.compile(rb"\s*<(!doctype html|html)[\s>]", re.IGNORECASE),
    "an SVG": re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg", re.DOTALL),
    "an MP4": re.compile(rb"....ftyp", re.DOTALL),
}
"""Formats that the service does not read, by their first bytes."""
READABLE = frozenset({
    "a WebP", "a GIF", "a HEIC", "an AVIF", "a TIFF", "a JPEG 2000", "a BMP", "a Photoshop", "an ICO", "a Netpbm",
})  # fmt: skip
"""Those that `rekog.images.fit` converts."""


class Size(NamedTuple):
    """Width and height in pixels, as they are stored."""

    width: int
    height: int


def other_format(data: bytes) -> str | None:
    """Return the name of a format that the service does not read, with its article; None for an unknown one."""
    return next((name for name, start in OTHER_FORMATS.items() if start.match(data)), None)


def size_of(data: bytes) -> Size | None:
    """Return the size of a JPEG or PNG image; None if the header is damaged."""
    if data.startswith(PNG):
        width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
        return Size(width, height) if data[12:16] == b"IHDR" and width and height else None
    return _walk_jpeg(data)[0]


def is_complete(data: bytes) -> bool:
    """Tell whether a JPEG or PNG file has its end marker; bytes may follow it."""
    if data.startswith(PNG):
        return data.rfind(_PNG_END) != -1
    scan = _walk_jpeg(data)[1]
    return data.find(_JPEG_END, scan) != -1


def _walk_jpeg(data: bytes) -> tuple[Size | None, int]:
    """Return the size, and the position after the header of the first scan."""
    at, size = 2, None
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _END:
            break
        if marker in _WITHOUT_LENGTH:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _FRAMES and at + 9 <= len(data):
            height, width = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
            size = Size(width, height) if width and height else None
        at += 2 + length
        if marker == _SCAN:
            break
    return size, at


def without_metadata(data: bytes) -> bytes | None:
    """Return a JPEG or PNG file without its metadata, or None if its segments are damaged.

    The pixels, the colour profile and what a decoder needs stay. EXIF, XMP, IPTC, comments, times and thumbnails go:
    they may contain the place where a photograph was taken, and names.
    """
    return _png_chunks(data) if data.startswith(PNG) else _jpeg_segments(data)


_KEPT_CHUNKS = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"pHYs", b"bKGD",
})  # fmt: skip


def _png_chunks(data: bytes) -> bytes | None:
    parts, at = [PNG], len(PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        if end > len(data):
            return None
        if name in _KEPT_CHUNKS:
            parts.append(data[at:end])
        if name == b"IEND":
            return b"".join(parts)
        at = end
    return None


_APPLICATIONS = range(0xE0, 0xF0)
_COMMENT = 0xFE
_JFIF = 14  # bytes of its segment; a longer one has a thumbnail
_KEPT_APPLICATIONS: Mapping[int, Callable[[bytes], bool]] = {
    0xE0: lambda segment: segment.startswith(b"JFIF\0") and len(segment) == _JFIF,
    0xE2: lambda segment: segment.startswith(b"ICC_PROFILE\0"),
    0xEE: lambda segment: segment.startswith(b"Adobe"),  # says how the colours are stored
}
_AFTER_SCAN = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
"""The marker that ends the data of a scan; in the data, 0 or a restart marker follows each 0xFF."""


def _jpeg_segments(data: bytes) -> bytes | None:
    """Return the first image of a file: a phone appends others, with metadata of their own, and films."""
    parts, at, has_scan = [data[:2]], 2, False
    while at + 2 <= len(data) and data[at] == 0xFF:
        marker, end = data[at + 1], at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:
            at += 1
            continue
        if marker == _END:
            return b"".join([*parts, _JPEG_END]) if has_scan else None
        if marker in _WITHOUT_LENGTH or end > len(data):
            return None
        segment = data[at + 4 : end]
        is_metadata = marker == _COMMENT or (marker in _APPLICATIONS and not _keeps(marker, segment))
        if not is_metadata:
            parts.append(data[at:end])
        at = end
        if marker == _SCAN:
            following = _AFTER_SCAN.search(data, at)
            if following is None:
                return None
            parts.append(data[at : following.start()])
            at, has_scan = following.start(), True
    return None


def _keeps(marker: int, segment: bytes) -> bool:
    keeps = _KEPT_APPLICATIONS.get(marker)
    return keeps is not None and keeps(segment)
