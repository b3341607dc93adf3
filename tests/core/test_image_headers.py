"""Headers of image files, built part by part: sizes, ends, and the parts that stay without metadata."""

from __future__ import annotations

import struct
import zlib

import pytest

from rekog._core.image_files.header import is_complete, other_format, size_of, without_metadata

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n"


def segment(marker: int, content: bytes = b"") -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def frame(width: int, height: int, marker: int = 0xC0) -> bytes:
    return segment(marker, b"\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00")


def chunk(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


JFIF = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
SCAN = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd7\x78"
JPEG = SOI + JFIF + frame(300, 200) + SCAN + EOI
HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 300, 200, 8, 2, 0, 0, 0))
DATA, END = chunk(b"IDAT", b"\x01\x02"), chunk(b"IEND")
IMAGE = PNG + HEADER + DATA + END
HAS_SIZE = [*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)]


def test_the_size_of_a_jpeg_is_that_of_its_frame_of_any_kind() -> None:
    for marker in range(0xC0, 0xD0):
        size = size_of(SOI + JFIF + frame(300, 200, marker) + SCAN + EOI)
        assert size == ((300, 200) if marker in HAS_SIZE else None), hex(marker)
    for width, height in ((0, 200), (300, 0)):
        assert size_of(SOI + frame(width, height) + SCAN) is None
    assert size_of(SOI + frame(1, 2) + frame(65_535, 65_534) + SCAN) == (65_535, 65_534)
    assert size_of(SOI + SCAN + frame(1, 2)) is None  # the header ends with the first scan
    assert size_of(SOI + EOI + frame(1, 2)) is None


def test_fill_bytes_and_markers_without_a_length_precede_a_frame() -> None:
    for marker in (0x01, *range(0xD0, 0xD9)):
        assert size_of(SOI + bytes([0xFF, marker]) + frame(300, 200) + SCAN) == (300, 200)
    assert size_of(SOI + b"\xff\xff" + frame(300, 200) + SCAN) == (300, 200)
    assert size_of(SOI + b"\x00" + frame(300, 200) + SCAN) is None


def test_a_part_of_a_jpeg_has_its_size_from_the_frame_on_and_its_end_at_the_end() -> None:
    known = len(SOI + JFIF) + 9
    for length in range(len(JPEG) + 1):
        part = JPEG[:length]
        assert size_of(part) == ((300, 200) if length >= known else None), length
        assert is_complete(part) == (length == len(JPEG)), length
        assert (without_metadata(part) is None) == (length < len(JPEG)), length


def test_the_end_of_an_image_in_a_segment_is_not_that_of_the_file() -> None:
    thumbnail = segment(0xE1, JPEG)
    assert not is_complete(SOI + thumbnail + frame(3, 2) + SCAN)
    assert is_complete(SOI + thumbnail + frame(3, 2) + SCAN + EOI + b"more")


@pytest.mark.parametrize("marker", [*range(0xE0, 0xF0), 0xFE, 0xDB, 0xC4, 0xDD])
def test_of_the_segments_only_those_that_a_decoder_needs_stay(marker: int) -> None:
    contents = {
        b"JFIF\0" + bytes(9): [0xE0],
        b"JFIF\0" + bytes(10): [],
        b"JFIF\0" + bytes(8): [],
        b"JFXX\0" + bytes(9): [],
        b"ICC_PROFILE\0\x01\x01profile": [0xE2],
        b"ICC_PROFILE": [],
        b"MPF\0": [],
        b"Adobe\0d": [0xEE],
        b"Exif\0\0": [],
        b"": [],
    }
    for content, kept in contents.items():
        part = segment(marker, content)
        stays = marker in kept or marker in (0xDB, 0xC4, 0xDD)
        plain = without_metadata(SOI + part + frame(3, 2) + SCAN + EOI + b"appended")
        assert plain == SOI + (part if stays else b"") + frame(3, 2) + SCAN + EOI, content


def test_all_scans_stay_and_fill_bytes_and_what_follows_the_end_go() -> None:
    between = segment(0xC4, b"table")
    assert without_metadata(SOI + SCAN + between + SCAN + EOI + JPEG) == SOI + SCAN + between + SCAN + EOI
    assert without_metadata(SOI + b"\xff\xff" + frame(3, 2) + SCAN + EOI) == SOI + frame(3, 2) + SCAN + EOI
    assert without_metadata(SOI + SCAN + segment(0xFE, b"comment") + EOI) == SOI + SCAN + EOI


def test_damaged_segments_have_no_plain_form() -> None:
    for marker in (0x01, *range(0xD0, 0xD9)):
        assert without_metadata(SOI + bytes([0xFF, marker]) + SCAN + EOI) is None
    for damaged in (
        SOI + frame(3, 2) + EOI,  # without a scan
        SOI + EOI,
        SOI + b"\x00" + SCAN + EOI,
        SOI + SCAN[:-2],
        SOI + SCAN + b"\xff\x00",
        SOI + segment(0xE1, b"a" * 8)[:-1],
        b"",
        b"\xff\xd8\xff",
    ):
        assert without_metadata(damaged) is None, damaged


def test_the_size_of_a_png_is_in_its_first_chunk() -> None:
    assert size_of(IMAGE) == (300, 200)
    large = chunk(b"IHDR", struct.pack(">II", 70_000, 80_000))
    assert size_of(PNG + large) == (70_000, 80_000)
    for damaged in (
        PNG + DATA + HEADER,
        PNG + chunk(b"IHDR", struct.pack(">II", 0, 1)),
        PNG + chunk(b"IHDR", struct.pack(">II", 1, 0)),
        PNG,
    ):
        assert size_of(damaged) is None


def test_a_part_of_a_png_is_incomplete_until_its_end() -> None:
    for length in range(len(PNG), len(IMAGE) + 1):
        part = IMAGE[:length]
        assert (without_metadata(part) is None) == (length < len(IMAGE)), length
        assert is_complete(part) == (length >= len(IMAGE) - 4), length


KEPT = "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP pHYs bKGD".split()


def test_of_the_chunks_only_those_that_a_decoder_needs_stay() -> None:
    for name in (*KEPT[1:3], *KEPT[4:], "tEXt", "zTXt", "iTXt", "eXIf", "tIME", "idat", "caBX", "spAL", "hIST"):
        part = chunk(name.encode(), b"content")
        plain = without_metadata(PNG + HEADER + part + DATA + END + b"appended" + part)
        assert plain == PNG + HEADER + (part if name in KEPT else b"") + DATA + END, name
    assert without_metadata(PNG + HEADER + DATA) is None
    assert without_metadata(PNG + HEADER + chunk(b"tEXt", b"a" * 9)[:-1]) is None


def test_other_formats_are_known_by_their_first_bytes_only() -> None:
    for start, name in [
        (b"RIFF\n\n\0\0WEBP", "a WebP"), (b"GIF87a", "a GIF"), (b"GIF89a", "a GIF"), (b"GIF88a", None),
        (b"\0\0\0\x18ftypheic", "a HEIC"), (b"\0\0\0\nftypmif1", "a HEIC"), (b"\0\0\0\x18ftypavif", "an AVIF"),
        (b"\0\0\0\x18ftypisom", "an MP4"), (b"II*\0", "a TIFF"), (b"MM\0*", "a TIFF"), (b"%PDF-1.7", "a PDF"),
        (b" \n{ \"a\"", "a JSON"), (b"[[", "a JSON"), (b"<!DOCTYPE HTML>", "an HTML"), (b"<html >", "an HTML"),
        (b"<?xml a?><!-- b\n --><svg", "an SVG"), (b"P6 ", "a Netpbm"), (b"P8 ", None), (b"PK\x03\x04", "a ZIP"),
        (b" GIF89a", None), (b"", None), (JPEG, None), (IMAGE, None),
    ]:  # fmt: skip
        assert other_format(start) == name, start
