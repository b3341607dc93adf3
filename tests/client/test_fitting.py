"""`rekog.images`: images of all kinds become files that the service reads; boxes and crops."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageDraw

import rekog.images
from rekog._core.image_files.header import is_complete, other_format, size_of, without_metadata
from rekog.errors import ConfigError, ParamValidationError
from rekog.images import FittedImage, crop, fit, from_array, pixel_box
from rekog.models import BoundingBox
from tests.kit.wire import ASTRONAUT

SIZE = (120, 90)
DESCRIPTION, ORIENTATION, GPS = 0x010E, 0x0112, 0x8825


def scene(mode: str = "RGB", size: tuple[int, int] = SIZE) -> PIL.Image.Image:
    """Return an image that is red at the left and blue at the right."""
    image = PIL.Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, size[0], size[1]), fill="blue")
    return image.convert(mode)


def saved(image: PIL.Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def noise(size: tuple[int, int]) -> PIL.Image.Image:
    return PIL.Image.fromarray(np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


def decoded(fitted: FittedImage) -> PIL.Image.Image:
    image = PIL.Image.open(io.BytesIO(fitted.data))
    assert (image.size, image.get_format_mimetype()) == ((fitted.width, fitted.height), fitted.media_type)
    return image.convert("RGB")


def is_near(image: PIL.Image.Image, point: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    pixel: Any = image.getpixel(point)
    return all(abs(one - other) < 12 for one, other in zip(pixel, colour, strict=True))


CMS: Any = import_module("PIL.ImageCms")  # its types are incomplete
RED, BLUE = (255, 0, 0), (0, 0, 255)


# --- What is kept ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_an_image_that_fits_is_returned_byte_by_byte(form: str) -> None:
    data = saved(scene(), form)
    assert fit(data).data == data


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_metadata_is_removed_and_pixels_stay(form: str) -> None:
    exif = PIL.Image.Exif()
    exif[GPS] = {1: "N", 2: (48.0, 8.0, 0.0)}
    image = scene()
    extra: dict[str, Any] = {"comment": b"a secret place"} if form == "JPEG" else {}
    data = saved(image, form, exif=exif, **extra)
    fitted = fit(data)
    assert b"Exif" in data or b"eXIf" in data
    assert not {b"Exif", b"eXIf", b"secret"} & {word for word in (b"Exif", b"eXIf", b"secret") if word in fitted.data}
    with PIL.Image.open(io.BytesIO(data)) as before, PIL.Image.open(io.BytesIO(fitted.data)) as after:
        assert np.array_equal(np.asarray(before), np.asarray(after))
        assert not after.getexif()


def private(**options: Any) -> bytes:
    """Return a JPEG file with the place of the photograph."""
    exif = PIL.Image.Exif()
    exif[DESCRIPTION] = "a secret place"
    return saved(scene(), "JPEG", exif=exif, **options)


@pytest.mark.parametrize("appended", [private(), b"\0\0\0\x18ftypmp42 a secret place \xff\xd9 and more"])
def test_what_a_phone_appends_to_a_photograph_is_removed(appended: bytes) -> None:
    image = saved(scene(), "JPEG")
    assert fit(image + appended).data == image


def test_of_a_file_with_several_images_the_first_is_kept() -> None:
    exif = PIL.Image.Exif()
    exif[DESCRIPTION] = "a secret place"
    several = saved(scene(), "MPO", save_all=True, append_images=[scene().rotate(180)], exif=exif)
    fitted = fit(several)
    assert b"secret" in several
    assert b"secret" not in fitted.data
    assert is_near(decoded(fitted), (10, 40), RED)


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_blocks": 2}, {"optimize": True}])
def test_every_scan_of_a_jpeg_stays(options: dict[str, Any]) -> None:
    data = private(**options)
    fitted = fit(data)
    assert b"secret" not in fitted.data
    with PIL.Image.open(io.BytesIO(data)) as before, PIL.Image.open(io.BytesIO(fitted.data)) as after:
        assert np.array_equal(np.asarray(before), np.asarray(after))


def test_the_thumbnail_in_a_jfif_header_is_removed() -> None:
    data = saved(scene(), "JPEG")
    assert data[2:11] == b"\xff\xe0\0\x10JFIF\0"
    thumbnail = data[:4] + b"\0\x13" + data[6:18] + b"\1\1RGB" + data[20:]
    assert fit(thumbnail).data == data[:2] + data[20:]
    assert decoded(fit(thumbnail)).size == SIZE


def test_the_colour_profile_of_a_kept_file_stays() -> None:
    profile = CMS.ImageCmsProfile(CMS.createProfile("sRGB")).tobytes()
    for form in ("JPEG", "PNG"):
        with PIL.Image.open(io.BytesIO(fit(saved(scene(), form, icc_profile=profile)).data)) as image:
            assert image.info["icc_profile"] == profile


# --- What is converted -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["WEBP", "BMP", "TIFF", "GIF", "JPEG2000", "PPM", "AVIF"])
def test_an_image_of_another_format_becomes_a_jpeg(form: str) -> None:
    image = decoded(fit(saved(scene(), form)))
    assert image.size == SIZE
    assert is_near(image, (10, 40), RED)
    assert is_near(image, (110, 40), BLUE)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_turned_upright(form: str) -> None:
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6  # the top of the image is at its right
    image = decoded(fit(saved(scene(), form, exif=exif)))
    assert image.size == (SIZE[1], SIZE[0])
    assert is_near(image, (40, 10), RED)
    assert is_near(image, (40, 110), BLUE)


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (2, PIL.Image.Transpose.FLIP_LEFT_RIGHT),
        (3, PIL.Image.Transpose.ROTATE_180),
        (6, PIL.Image.Transpose.ROTATE_90),
    ],
)
def test_a_heic_file_is_turned_upright_and_loses_its_place(orientation: int, stored: PIL.Image.Transpose) -> None:
    import_module("pillow_heif").register_heif_opener()
    exif = PIL.Image.Exif()
    exif[ORIENTATION], exif[DESCRIPTION] = orientation, "a secret place"
    data = saved(scene().transpose(stored), "HEIF", exif=exif.tobytes(), quality=95)
    assert other_format(data) == "a HEIC"
    assert b"secret" in data
    fitted = fit(data)
    image = decoded(fitted)
    assert b"secret" not in fitted.data
    assert image.size == SIZE
    assert is_near(image, (10, 40), RED)
    assert is_near(image, (110, 40), BLUE)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"8BPS\0\1", "a Photoshop"),
        (b"\0\0\1\0\1\0", "an ICO"),
        (b"P6 100 100 255 ", "a Netpbm"),
        (b"PK\3\4", "a ZIP"),
        (b'{"message": "Not Found"}', "a JSON"),
        (b"<!DOCTYPE html>\n<html>", "an HTML"),
        (b"<svg xmlns='...'>", "an SVG"),
        (b"hello", None),
    ],
)
def test_other_files_are_named(start: bytes, name: str | None) -> None:
    assert other_format(start) == name


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA", "RGBA", "YCbCr", "HSV", "LAB", "I", "F", "I;16"])
def test_an_image_of_every_mode_is_encoded(mode: str) -> None:
    grey = mode in ("1", "L", "LA", "I", "F", "I;16")
    source = scene("L") if grey else scene()
    image = source.convert("I").convert("I;16") if mode == "I;16" else source.convert(mode)
    result = decoded(fit(image))
    assert result.size == SIZE
    if not grey and mode != "LAB":
        assert is_near(result, (10, 40), RED)


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    deep = np.linspace(0, 65535, 120, dtype=np.uint16).reshape(1, -1).repeat(90, axis=0)
    result = decoded(fit(saved(PIL.Image.fromarray(deep), "TIFF")))
    assert is_near(result, (0, 40), (0, 0, 0))
    assert is_near(result, (60, 40), (128, 128, 128))
    assert is_near(result, (119, 40), (255, 255, 255))


def test_transparent_pixels_become_white() -> None:
    image = PIL.Image.new("RGBA", SIZE, (255, 0, 0, 0))
    assert is_near(decoded(fit(image)), (5, 5), (255, 255, 255))
    palette = image.convert("RGB").convert("P")
    assert is_near(decoded(fit(saved(palette, "GIF", transparency=palette.getpixel((0, 0))))), (5, 5), (255, 255, 255))


def test_the_colours_of_a_wide_profile_are_converted() -> None:
    swapped = CMS.ImageCmsProfile(CMS.createProfile("LAB"))
    image = scene()
    image.info["icc_profile"] = swapped.tobytes()  # a profile of another colour space is ignored
    assert is_near(decoded(fit(image)), (10, 40), RED)
    image.info["icc_profile"] = CMS.ImageCmsProfile(CMS.createProfile("sRGB")).tobytes()
    assert is_near(decoded(fit(image)), (10, 40), RED)
    image.info["icc_profile"] = b"no profile"
    assert is_near(decoded(fit(image)), (10, 40), RED)


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
def test_the_profile_of_each_mode_is_applied(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    applied: list[str] = []

    def by_profile(image: PIL.Image.Image, profile: bytes) -> PIL.Image.Image:
        applied.append(f"{image.mode} {profile.decode()}")
        return image

    monkeypatch.setattr("rekog._core.image_files.fitting._by_profile", by_profile)
    image = scene(mode)
    image.info["icc_profile"] = b"profile"
    fit(image)
    assert applied == [f"{mode} profile"]


# --- Limits ------------------------------------------------------------------------------------------------------


def test_the_greater_side_is_limited() -> None:
    fitted = fit(scene(size=(300, 200)), max_side=150)
    assert (fitted.width, fitted.height) == (150, 100)
    assert fit(saved(scene(size=(300, 200)), "PNG"), max_side=150).width == 150
    assert fit(scene(size=(10_020, 100))).width == 10_000


@pytest.mark.parametrize("limit", [200_000, 40_000, 5_000, 700])
def test_a_file_has_at_most_the_given_bytes(limit: int) -> None:
    fitted = fit(noise((400, 300)), max_bytes=limit)
    assert len(fitted.data) <= limit
    assert abs(fitted.width / fitted.height - 4 / 3) < 0.1
    assert decoded(fitted).mode == "RGB"


def test_a_side_has_one_pixel_at_least() -> None:
    assert decoded(fit(scene(size=(1000, 1)), max_side=100)).size == (100, 1)
    assert decoded(fit(scene(size=(1, 1000)), max_side=100)).size == (1, 100)


def test_quality_is_lowered_before_the_image_is_scaled_down() -> None:
    image = noise((400, 300))
    whole = len(fit(image, max_bytes=1_000_000).data)
    fitted = fit(image, max_bytes=whole - 1)
    assert (fitted.width, fitted.height) == (400, 300)
    assert len(fitted.data) < whole


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_file_that_is_too_large_is_encoded_again(form: str) -> None:
    data = saved(noise((200, 150)), form, **({"quality": 100} if form == "JPEG" else {}))
    fitted = fit(data, max_bytes=len(data) // 2)
    assert len(fitted.data) <= len(data) // 2
    assert decoded(fitted).mode == "RGB"


def test_a_limit_below_every_file_is_refused() -> None:
    with pytest.raises(ParamValidationError, match="source: does not fit into 10 bytes at any size"):
        fit(scene(), max_bytes=10)


# --- Sources -----------------------------------------------------------------------------------------------------


def test_every_form_of_a_source_is_read(tmp_path: Path) -> None:
    data = saved(scene(), "PNG")
    path = tmp_path / "scene.png"
    path.write_bytes(data)
    with path.open("rb") as file:
        results = [fit(path), fit(str(path)), fit(file), fit(data), fit(bytearray(data)), fit(memoryview(data))]
    results.append(fit(results[0]))
    assert {result.data for result in results} == {data}
    with PIL.Image.open(path) as image:
        assert fit(image).width == SIZE[0]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"no image", "source: is a file of a format that Pillow cannot read$"),
        (b"%PDF-1.7", "source: is a PDF file that Pillow cannot read$"),
        (b"", "source: is a file of a format that Pillow cannot read"),
        ("s3://bucket/key", "source: must be a local image: the object in S3 may be passed to a call as it is"),
        ("absent.jpg", "source: 'absent.jpg' cannot be read: No such file or directory"),
        ("a\0b", "cannot be read: embedded null byte"),
        (
            5,
            "source: must be bytes, a path, a file object in binary mode, an image of Pillow or a FittedImage, not int",
        ),
        (np.zeros((9, 9, 3), np.uint8), "not ndarray: from_array\\(array, channels='RGB' or 'BGR'\\) converts it"),
        (io.StringIO("text"), r"source: its read\(\) returned text: open the file in binary mode, 'rb'"),
        (io.BytesIO(), r"source: its read\(\) returned no bytes: it is empty, or was read before"),
        (saved(noise((90, 90)), "PNG")[:2000], r"source: is a PNG file that Pillow cannot read \(image file is trunc"),
        (saved(noise((90, 90)), "JPEG")[:900], r"source: is a JPEG file that Pillow cannot read \(image file is trunc"),
    ],
)
def test_another_source_is_refused(source: Any, problem: str) -> None:
    with pytest.raises(ParamValidationError, match=problem):
        fit(source)


def test_without_the_extra_the_error_for_a_heic_file_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ParamValidationError, match=r"is a HEIC file that Pillow cannot read: pip install '\.\[heic\]'"):
        fit(b"\0\0\0\x18ftypheic....")


def test_an_error_names_no_other_function() -> None:
    with pytest.raises(ParamValidationError, match=r"^rekog.images: source: 'absent.jpg' cannot be read"):
        crop("absent.jpg", BoundingBox(left=0.0, top=0.0, width=1.0, height=1.0))


@pytest.mark.parametrize("pixels", [100_000_000, 200_000_000])
def test_more_pixels_than_pillow_reads_are_an_error_even_if_warnings_are(pixels: int) -> None:
    header = saved(PIL.Image.new("1", (8, 8)), "BMP")
    width = (pixels // 8000).to_bytes(4, "little") + (8000).to_bytes(4, "little")
    with pytest.raises(ParamValidationError, match=r"is a BMP file that Pillow cannot read \(Image size"):
        fit(header[:18] + width + header[26:])


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "5"])
@pytest.mark.parametrize("name", ["max_bytes", "max_side"])
def test_limits_are_whole_numbers(name: str, value: Any) -> None:
    with pytest.raises(ParamValidationError, match=f"{name}: must be a whole number, 1 or more, not "):
        fit(b"", **{name: value})


def test_without_pillow_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(scene(), "BMP")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ConfigError, match=r"rekog.images needs Pillow: pip install '\.\[images\]' in a clone"):
        fit(data)


# --- Arrays ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", ["RGB", "BGR", "RGBA", "BGRA"])
def test_an_array_has_the_given_order_of_channels(channels: Any) -> None:
    order = {"R": 255, "G": 128, "B": 0, "A": 255}
    array = np.empty((90, 120, len(channels)), np.uint8)
    array[:] = [order[name] for name in channels]
    assert is_near(decoded(from_array(array, channels=channels)), (5, 5), (255, 128, 0))


def test_a_grey_array_is_encoded() -> None:
    assert is_near(decoded(from_array(np.full((90, 120), 77, np.uint8), channels="L")), (5, 5), (77, 77, 77))


@pytest.mark.parametrize(
    ("array", "channels", "problem"),
    [
        (
            np.zeros((9, 9, 3)),
            "RGB",
            r"must be a uint8 array of the shape \(height, width, 3\), not ndarray of float64",
        ),
        (np.zeros((9, 9), np.uint8), "RGB", r"with the shape \(9, 9\)"),
        (np.zeros((9, 9, 4), np.uint8), "BGR", r"with the shape \(9, 9, 4\)"),
        (np.zeros((9, 9, 1), np.uint8), "L", r"of the shape \(height, width\), not"),
        (np.zeros((0, 9, 3), np.uint8), "RGB", r"with the shape \(0, 9, 3\)"),
        ([[1, 2]], "L", "not list of objects"),
        (np.zeros((9, 9, 3), np.uint8), "rgb", "channels: must be one of RGB, BGR, RGBA, BGRA, L, not 'rgb'"),
    ],
)
def test_another_array_is_refused(array: Any, channels: Any, problem: str) -> None:
    with pytest.raises(ParamValidationError, match=problem):
        from_array(array, channels=channels)


# --- Boxes and crops ---------------------------------------------------------------------------------------------

RATIOS = st.floats(-0.5, 1.5)


@given(RATIOS, RATIOS, st.floats(0, 1.5), st.floats(0, 1.5), st.integers(1, 5000), st.integers(1, 5000))
def test_a_pixel_box_is_inside_the_image_and_has_a_pixel(
    left: float, top: float, across: float, down: float, width: int, height: int
) -> None:
    box = pixel_box(BoundingBox(left=left, top=top, width=across, height=down), width=width, height=height)
    assert 0 <= box.left < box.right <= width
    assert 0 <= box.top < box.bottom <= height
    if left >= 0 and left + across <= 1:
        assert box.left <= left * width + 1e-5
        assert box.right >= (left + across) * width - 1e-5


@given(st.integers(1, 3000), st.data())
def test_a_box_of_whole_pixels_is_that_box(width: int, data: st.DataObject) -> None:
    left = data.draw(st.integers(0, width - 1))
    right = data.draw(st.integers(left + 1, width))
    start, across = left / width, (right - left) / width
    box = BoundingBox(left=start, top=start, width=across, height=across)
    assert pixel_box(box, width=width, height=width) == (left, left, right, right)


def test_a_crop_has_the_pixels_of_the_box() -> None:
    box = BoundingBox(left=0.5, top=0.0, width=0.25, height=0.5)
    part = crop(scene(), box)
    assert part.size == (30, 45)
    assert part.getpixel((0, 0)) == BLUE
    assert crop(scene(), box, margin=0.5).size == (60, 68)
    assert crop(ASTRONAUT, box).size == (128, 256)


def test_a_crop_is_one_of_the_upright_image() -> None:
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6
    data = saved(scene(), "PNG", exif=exif)
    assert crop(data, BoundingBox(left=0.0, top=0.0, width=1.0, height=0.25)).size == (SIZE[1], SIZE[0] // 4)


# --- Headers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 10, "subsampling": 2}])
def test_the_size_of_a_jpeg_is_that_of_pillow(options: dict[str, Any]) -> None:
    assert size_of(saved(scene(size=(231, 77)), "JPEG", **options)) == (231, 77)


def test_the_end_of_a_thumbnail_is_not_that_of_the_file() -> None:
    exif = b"Exif\0\0" + saved(scene(size=(8, 8)), "JPEG")
    data = saved(scene(), "JPEG")
    data = data[:2] + b"\xff\xe1" + (2 + len(exif)).to_bytes(2, "big") + exif + data[2:]
    assert is_complete(data)
    assert not is_complete(data[:-2])


@given(st.binary(max_size=200), st.integers(0, 700), st.sampled_from(["JPEG", "PNG"]))
def test_damaged_headers_raise_nothing(noise: bytes, at: int, form: str) -> None:
    data = saved(scene(size=(20, 10)), form)
    damaged = data[:at] + noise + data[at + len(noise) :]
    size_of(damaged)
    is_complete(damaged)
    without_metadata(damaged)
    other_format(damaged)


def test_fill_bytes_and_markers_without_a_length_are_skipped() -> None:
    data = saved(scene(), "JPEG")
    assert size_of(data[:2] + b"\xff\xff" + data[2:]) == SIZE
    assert size_of(data[:2] + b"\xff\x01" + data[2:]) == SIZE
    assert size_of(data[:2] + b"\xff\xd9" + data[2:]) is None
    assert without_metadata(data[:2] + b"\xff" + data[2:]) == data
    assert without_metadata(data[:2] + b"\xff\xd9" + data[2:]) is None
    assert without_metadata(data[:2] + b"\xff\x01" + data[2:]) is None  # where it stands is not defined
    assert without_metadata(data[:40]) is None
    assert without_metadata(data[:-2]) is None
    assert without_metadata(saved(scene(), "PNG")[:-4]) is None
    assert without_metadata(saved(scene(), "PNG")[:60]) is None


def test_the_module_has_its_names() -> None:
    assert dir(rekog.images) == sorted(rekog.images.__all__)
    for name in ("ImageInput", "VideoInput", "LocalImage"):
        assert getattr(rekog.images, name)
    with pytest.raises(AttributeError, match="has no attribute 'Fit'"):
        getattr(rekog.images, "Fit")  # noqa: B009 (checkers know that it is absent)
