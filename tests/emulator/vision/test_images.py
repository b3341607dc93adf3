"""Decoding of images: formats, orientation, limits."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from rekog.emulator.refusals import RefusalError
from rekog.emulator.vision.boxes import Box
from rekog.emulator.vision.decoding import decode
from rekog.emulator.vision.images import KEPT_PIXELS, DecodedImage, kept_size, scaled_down
from tests.kit.wire import ASTRONAUT, WireClient, exif_orientation, image_file, plain_image

FORMAT = ("InvalidImageFormatException", "Request has invalid image format")
ENCODING = ("InvalidImageFormatException", "Invalid image encoding")
WHOLE = ASTRONAUT.read_bytes()


def corners(width: int = 120, height: int = 90) -> Image.Image:
    """Return an image with three corners of different colours."""
    image = plain_image(width, height)
    for corner, colour in (((0, 0), "red"), ((width - 40, 0), "green"), ((0, height - 40), "blue")):
        image.paste(Image.new("RGB", (40, 40), colour), corner)
    return image


def refused(data: bytes) -> tuple[str, str]:
    with pytest.raises(RefusalError) as caught:
        decode(data)
    return caught.value.code, caught.value.message


def outcome(data: bytes) -> str:
    """Return the code of the refusal, or "decoded"."""
    try:
        decode(data)
    except RefusalError as refusal:
        return refusal.code
    return "decoded"


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(png: bytes, kind: bytes, data: bytes, *, last: bool = False) -> bytes:
    """Return a PNG with one more chunk, before its pixels or after them."""
    at = len(png) - 12 if last else png.index(b"IDAT") - 4
    return png[:at] + chunk(kind, data) + png[at:]


def with_exif(jpeg: bytes, tiff: bytes) -> bytes:
    """Return a JPEG with an EXIF segment in front of its other segments."""
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


DAMAGED_EXIF = b"II*\0" + struct.pack("<LH", 8, 1) + struct.pack("<HHLL", 0x010F, 2, 1000, 0x7FFF) + bytes(4)
"""EXIF with one tag, whose text would be beyond the end."""
COLOURS = Image.linear_gradient("L").convert("RGB").quantize(16)
PALETTE = image_file(COLOURS, transparency=bytes(range(0, 256, 16)))
UNUSUAL = {
    "palette with transparency": PALETTE,
    "palette with one transparent colour": image_file(COLOURS, transparency=0),
    "grey with transparency": image_file(plain_image().convert("L"), transparency=7),
    "colour with transparency": image_file(plain_image(), transparency=(1, 2, 3)),
    "animation of no frames": with_chunk(image_file(plain_image()), b"acTL", bytes(8)),
    "two animations": with_chunk(
        with_chunk(image_file(plain_image()), b"acTL", struct.pack(">2I", 1, 1)), b"acTL", struct.pack(">2I", 1, 1)
    ),
    "damaged EXIF": with_exif(image_file(plain_image(), "JPEG"), DAMAGED_EXIF),
    "cut EXIF": with_exif(image_file(plain_image(), "JPEG"), DAMAGED_EXIF[:14]),
    "EXIF of a PNG": with_chunk(image_file(plain_image()), b"eXIf", DAMAGED_EXIF),
    "90 megapixels": image_file(Image.new("1", (9_500, 9_500))),
}
"""Images that Pillow may warn about."""


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_turned_by_its_orientation_tag(orientation: int) -> None:
    data = image_file(corners(), "JPEG", quality=95, exif=exif_orientation(orientation))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    image = decode(data)
    assert (image.width, image.height) == upright.size
    assert np.array_equal(image.pixels(), np.asarray(upright))


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("part", [1, 2, 4, 8])
def test_a_jpeg_has_the_pixels_that_pillow_decodes_also_at_a_part_of_its_size(mode: str, part: int) -> None:
    width, height = 8 * 97 + 3, 8 * 89 + 5
    data = image_file(Image.open(io.BytesIO(WHOLE)).convert(mode).resize((width, height)), "JPEG")
    whole = Image.open(io.BytesIO(data))
    whole.draft(None, (width // part, height // part))
    image = decode(data, enough=height // part)
    assert (image.width, image.height) == (width, height)
    assert np.array_equal(image.pixels(*whole.size), np.asarray(whole.convert("RGB")))


@pytest.mark.slow
@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.tuples(st.integers(20, 60), st.integers(20, 60)),
    st.floats(1, 4),
    st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.1, 1), st.booleans()), min_size=1, max_size=3),
)
def test_a_crop_of_a_smaller_copy_has_only_colours_of_the_image(
    size: tuple[int, int], scale: float, crops: list[tuple[float, float, float, bool]]
) -> None:
    white = np.full((size[1], size[0], 3), 255, np.uint8)
    image = scaled_down(white, round(size[0] * scale), round(size[1] * scale))
    for left, top, share, whole in crops:
        width, height = image.width, image.height
        sides = (width, height) if whole else (width * share, height * share)
        image = image.crop(Box(width * left, height * top, *sides))
        assert (image.pixels() == 255).all()
        assert (image.pixels(5, 5) == 255).all()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["H", "L"])
@pytest.mark.parametrize("fill", [0, 1, 5])
def test_the_orientation_may_have_each_byte_order_and_type_and_fill_bytes_before_it(
    order: str, kind: str, fill: int
) -> None:
    value = struct.pack(f"{order}{kind}", 6).ljust(4, b"\0")
    entry = struct.pack(f"{order}HHL", 0x0112, {"H": 3, "L": 4}[kind], 1) + value
    tiff = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HLH", 42, 8, 1) + entry + bytes(4)
    jpeg = image_file(corners(), "JPEG", quality=95)
    turned = with_exif(jpeg, tiff)
    image = decode(turned[:2] + b"\xff" * fill + turned[2:])
    expected = Image.open(io.BytesIO(jpeg)).transpose(Image.Transpose.ROTATE_270)
    assert np.array_equal(image.pixels(), np.asarray(expected))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_undefined_orientation_turns_nothing(orientation: int) -> None:
    image = decode(image_file(corners(), "JPEG", exif=exif_orientation(orientation)))
    assert (image.width, image.height) == (120, 90)


@pytest.mark.parametrize(
    "broken", [b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\x01"]
)
@pytest.mark.parametrize("resolution", [{}, {"dpi": (72, 72)}])  # Pillow reads a missing one from EXIF
def test_broken_exif_turns_nothing(broken: bytes, resolution: dict[str, tuple[int, int]]) -> None:
    image = decode(image_file(corners(), "JPEG", exif=b"Exif\0\0" + broken, **resolution))
    assert (image.width, image.height) == (120, 90)


def test_a_png_is_never_turned() -> None:
    image = decode(image_file(corners(), exif=exif_orientation(6)))
    assert (image.width, image.height) == (120, 90)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_of_any_kind_is_read(mode: str) -> None:
    image = decode(image_file(plain_image().convert(mode)))
    assert image.pixels().shape == (100, 100, 3)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_of_any_kind_is_read(mode: str) -> None:
    image = decode(image_file(plain_image().convert(mode), "JPEG"))
    assert image.pixels().shape == (100, 100, 3)


def test_sixteen_bits_of_grey_are_scaled_to_eight() -> None:
    deep = Image.fromarray(np.full((100, 100), 0x80FF, dtype=np.uint16))
    assert decode(image_file(deep)).pixels()[0, 0].tolist() == [0x80] * 3


@pytest.mark.parametrize(
    "data",
    [
        b"not an image",
        b"\x89PNG",
        image_file(plain_image(), "GIF"),
        image_file(plain_image(), "BMP"),
        image_file(plain_image(), "WEBP"),
        image_file(plain_image(), "TIFF"),
        b"iVBORw0KGgo" + bytes(100),
    ],
    ids=["text", "too short", "gif", "bmp", "webp", "tiff", "base64 of a png"],
)
def test_other_formats_are_refused(data: bytes) -> None:
    assert refused(data) == FORMAT


@pytest.mark.parametrize(
    "data",
    [
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:300],
        image_file(corners())[:-60],
        image_file(corners())[:40],
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"\xff\xd8\xff" + bytes(50),
    ],
    ids=["half a jpeg", "head of a jpeg", "cut png", "head of a png", "no png", "no jpeg"],
)
def test_a_broken_image_is_refused(data: bytes) -> None:
    assert refused(data) == ENCODING


@pytest.mark.slow
@pytest.mark.parametrize("kind", UNUSUAL)
def test_no_warning_about_an_image_reaches_the_caller(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = decode(UNUSUAL[kind])
        assert image.crop(Box(0, 0, image.width, image.height)).pixels(8, 8).shape == (8, 8, 3)


def test_transparent_pixels_count_with_their_colour() -> None:
    clear = Image.new("RGBA", (100, 100), (200, 100, 50, 0))
    assert decode(image_file(clear)).pixels()[0, 0].tolist() == [200, 100, 50]
    assert np.array_equal(decode(PALETTE).pixels(), np.asarray(COLOURS.convert("RGB")))


def test_the_orientation_of_an_exif_with_damage_behind_it_counts() -> None:
    tags = struct.pack("<HHLHH", 0x0112, 3, 1, 6, 0) + struct.pack("<HHLL", 0x010F, 2, 1000, 0x7FFF)
    jpeg = with_exif(image_file(corners(), "JPEG"), b"II*\0" + struct.pack("<LH", 8, 2) + tags)
    image = decode(jpeg)
    assert (image.width, image.height) == (90, 120)


def test_the_second_of_two_orientations_is_ignored() -> None:
    jpeg = image_file(corners(), "JPEG", exif=exif_orientation(6))
    twice = with_exif(jpeg, exif_orientation(3).tobytes()[6:])
    image = decode(twice)
    assert (image.width, image.height) == (120, 90)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(("kind", "data"), [(b"iCCP", b"x\0"), (b"iCCP", b""), (b"tRNS", b""), (b"pHYs", b"x")])
def test_an_image_with_a_damaged_chunk_is_answered_or_refused(kind: bytes, data: bytes, last: bool) -> None:
    for mode in ("RGB", "P", "L", "LA"):
        png = with_chunk(image_file(plain_image().convert(mode)), kind, data, last=last)
        assert outcome(png) in ("decoded", "InvalidImageFormatException")


@pytest.mark.parametrize("last", [False, True])
def test_an_image_with_a_short_colour_profile_is_refused(last: bool) -> None:
    assert refused(with_chunk(image_file(plain_image()), b"iCCP", b"x\0", last=last)) == ENCODING


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.sampled_from(sorted(UNUSUAL)[1:]), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_an_image_with_damaged_bytes_is_answered_or_refused(kind: str, at: int, damage: bytes) -> None:
    data = UNUSUAL[kind]
    damaged = data[:at] + damage + data[at + len(damage) :]
    codes = ("InvalidImageFormatException", "InvalidParameterException", "ImageTooLargeException")
    assert outcome(damaged) in ("decoded", *codes)


def test_a_jpeg_without_its_end_marker_is_refused() -> None:
    assert refused(image_file(corners(), "JPEG")[:-2]) == ENCODING  # assumed: Pillow can't tell it from a cut file


@pytest.mark.parametrize(("width", "height"), [(79, 100), (100, 79), (1, 1)])
def test_an_image_of_less_than_80_pixels_is_refused(width: int, height: int) -> None:
    code, message = refused(image_file(plain_image(width, height)))
    assert code == "InvalidParameterException"
    assert f"the image is {width} x {height} pixels" in message


@pytest.mark.parametrize(("width", "height"), [(10_001, 80), (80, 10_001), (60_000, 60_000)])
def test_an_image_of_more_than_10000_pixels_is_refused(width: int, height: int) -> None:
    data = bytearray(image_file(plain_image()))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    assert refused(_with_checksum(data)) == (
        "ImageTooLargeException",
        f"Input image dimensions {width} x {height} exceed maximum dimension size of 10000 pixels",
    )


def _with_checksum(png: bytearray) -> bytes:
    png[29:33] = zlib.crc32(png[12:29]).to_bytes(4, "big")
    return bytes(png)


@pytest.mark.parametrize(("width", "height"), [(80, 80), (10_000, 80), (80, 10_000)])
def test_an_image_at_the_limits_is_read(width: int, height: int) -> None:
    image = decode(image_file(plain_image(width, height)))
    assert (image.width, image.height) == (width, height)


def test_a_client_receives_the_error_of_a_broken_image(wire: WireClient) -> None:
    assert wire("DetectFaces", Image={"Bytes": b"not an image"}).refusal == FORMAT


@pytest.mark.parametrize(
    ("box", "size"),
    [
        (Box(10, 20, 30, 40), (30, 40)),
        (Box(-10, -20, 30, 40), (20, 20)),
        (Box(90, 90, 50, 50), (10, 10)),
        (Box(500, 500, 10, 10), (1, 1)),
        (Box(50, 50, 0, 0), (1, 1)),
    ],
)
def test_a_crop_is_cut_at_the_edges_of_the_image(box: Box, size: tuple[int, int]) -> None:
    crop = DecodedImage(plain_image()).crop(box)
    assert (crop.width, crop.height) == size


# Large images


def test_the_size_of_a_large_image_is_its_own() -> None:
    image = decode(image_file(Image.new("L", (6_000, 4_000), 77)))
    assert (image.width, image.height) == (6_000, 4_000)
    assert image.pixels(60, 40)[0, 0].tolist() == [77] * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGB"), ("PNG", "L"), ("PNG", "P"), ("JPEG", "RGB"), ("JPEG", "CMYK")]
)
def test_a_crop_of_a_large_image_shows_its_box(form: str, mode: str) -> None:
    whole = Image.new("RGB", (5_000, 2_000), "white")
    whole.paste(Image.new("RGB", (500, 400), "black"), (3_000, 1_000))
    image = decode(image_file(whole.convert(mode), form))
    dark = image.crop(Box(3_000, 1_000, 500, 400))
    assert (dark.width, dark.height) == (500, 400)
    assert dark.crop(Box(20, 20, 460, 360)).pixels(50, 40).max() < 40
    assert image.crop(Box(2_400, 1_000, 590, 400)).pixels(50, 40).min() > 215


def test_a_large_image_is_turned_by_its_orientation_tag() -> None:
    whole = Image.new("RGB", (5_000, 2_000), "white")
    whole.paste(Image.new("RGB", (1_000, 2_000), "black"), (0, 0))
    image = decode(image_file(whole, "JPEG", exif=exif_orientation(6)))
    assert (image.width, image.height) == (2_000, 5_000)
    assert image.crop(Box(0, 0, 2_000, 900)).pixels(10, 10).max() < 10


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_the_kept_copy_is_at_most_as_large_as_its_limit(width: int, height: int) -> None:
    kept = kept_size(width, height)
    assert kept == (width, height) or width * height > KEPT_PIXELS
    assert kept[0] * kept[1] <= KEPT_PIXELS + 10_000
    assert min(kept) >= 1
