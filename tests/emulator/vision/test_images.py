"""Decoding of images: formats, orientation, limits."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from rekog.emulator.refusals import RefusalError
from rekog.emulator.vision.boxes import Box
from rekog.emulator.vision.images import DecodedImage, decode
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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_turned_by_its_orientation_tag(orientation: int) -> None:
    data = image_file(corners(), "JPEG", quality=95, exif=exif_orientation(orientation))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    image = decode(data)
    assert (image.width, image.height) == upright.size
    assert np.array_equal(image.pixels(), np.asarray(upright))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_undefined_orientation_turns_nothing(orientation: int) -> None:
    image = decode(image_file(corners(), "JPEG", exif=exif_orientation(orientation)))
    assert (image.width, image.height) == (120, 90)


@pytest.mark.parametrize(
    "broken", [b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\x01"]
)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
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
    import zlib

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
