"""Conversion of images by its rules: the quality and the size that fit, modes, depths, profiles, and whole problems."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from rekog._core.image_files import fitting
from rekog._core.image_files.fitting import fit_bytes, fit_image, open_rgb, open_upright
from rekog.errors import ParamValidationError
from tests.kit.wire import exif_orientation, image_file

QUALITIES = (95, 92, 88, 84, 80, 75, 70)
CMS: Any = pytest.importorskip("PIL.ImageCms")


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def encoded(image: Image.Image, quality: int) -> bytes:
    return image_file(image, "JPEG", quality=quality, subsampling=0 if quality in (95, 92) else 2)


def test_an_image_has_the_highest_quality_that_fits() -> None:
    image = noise(120, 90)
    files = [encoded(image, quality) for quality in QUALITIES]
    for better, file in zip([None, *files], files, strict=False):
        fitted = fit_image(image, len(file), None)
        assert (fitted.data, fitted.width, fitted.height, fitted.media_type) == (file, 120, 90, "image/jpeg")
        if better is not None:
            assert fit_image(image, len(better) - 1, None).data == file
    samplings = [JpegImagePlugin.get_sampling(opened(file)) for file in files]
    assert samplings == [0, 0, 2, 2, 2, 2, 2]


def test_an_image_that_fits_at_no_quality_is_scaled_by_its_bytes() -> None:
    image = noise(200, 100)
    lowest = len(encoded(image, 70))
    for limit in (lowest - 1, lowest // 2, lowest // 4):
        scale = min(0.85, math.sqrt(limit / lowest))
        fitted = fit_image(image, limit, None)
        assert fitted.width <= math.floor(200 * scale)
        assert fitted.width > math.floor(200 * scale * 0.85**2)
        assert opened(fitted.data).size == (fitted.width, fitted.height)
    reduced = image.resize((170, 85), Image.Resampling.LANCZOS)
    assert fit_image(image, lowest - 1, None).data in [encoded(reduced, quality) for quality in QUALITIES]


def test_the_greater_side_is_limited_to_the_wish_and_that_of_the_service() -> None:
    for side, wish, width in ((10_001, None, 10_000), (10_001, 20_000, 10_000), (300, 100, 100), (300, 300, 300)):
        fitted = fit_image(Image.new("L", (side, 3)), 5_000_000, wish)
        assert (fitted.width, fitted.height) == (width, max(1, 3 * width // side))
    file = image_file(Image.new("L", (10_001, 3)))
    assert [fit_bytes(file, 5_000_000, wish).width for wish in (None, 20_000, 50)] == [10_000, 10_000, 50]


@pytest.mark.parametrize(("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_file_within_both_limits_stays(form: str, media_type: str) -> None:
    file = image_file(noise(60, 40), form)
    fitted = fit_bytes(file, len(file), 60)
    assert (fitted.data, fitted.width, fitted.height, fitted.media_type) == (file, 60, 40, media_type)
    smaller, narrower = fit_bytes(file, len(file) - 1, 60), fit_bytes(file, len(file), 59)
    assert (len(smaller.data) < len(file), smaller.media_type) == (True, "image/jpeg")
    assert (narrower.width, narrower.media_type) == (59, "image/jpeg")


MODES = {
    "1": "L", "L": "L", "I": "L", "F": "L", "RGB": "RGB", "P": "RGB", "LA": "RGB", "PA": "RGB", "La": "RGB",
    "RGBA": "RGB", "RGBa": "RGB", "CMYK": "RGB", "YCbCr": "RGB", "HSV": "RGB",
}  # fmt: skip


def test_grey_images_stay_grey_and_all_others_become_rgb() -> None:
    for mode, kept in MODES.items():
        fitted = fit_image(Image.new(mode, (8, 8)), 100_000, None)
        assert opened(fitted.data).mode == kept, mode
        assert open_rgb(Image.new(mode, (8, 8))).mode == "RGB", mode


def greys(values: list[float], mode: str) -> list[int]:
    """Return the grey levels of an image of one row of pixels."""
    image = Image.new(mode, (len(values), 1))
    image.putdata(values)
    shown: Any = open_rgb(image)
    return [shown.getpixel((at, 0))[0] for at in range(len(values))]


@pytest.mark.parametrize("mode", ["I", "F"])
def test_levels_above_255_are_of_sixteen_bits(mode: str) -> None:
    assert greys([0, 128, 255], mode) == [0, 128, 255]
    assert greys([0, 256, 257, 32_896, 65_535], mode) == [0, 0, 1, 128, 255]


def test_transparent_pixels_become_white_in_every_mode_with_transparency() -> None:
    for mode, colour in (("RGBA", (255, 0, 0, 0)), ("LA", (0, 0)), ("La", (0, 0)), ("RGBa", (0, 0, 0, 0))):
        shown: Any = open_rgb(Image.new(mode, (2, 2), colour))
        assert shown.getpixel((1, 1)) == (255, 255, 255)
    half: Any = open_rgb(Image.new("RGBA", (2, 2), (0, 0, 0, 128)))
    assert half.getpixel((0, 0)) == (127, 127, 127)
    plain = Image.new("L", (2, 2), 7)
    plain.info["transparency"] = 7
    keyed: Any = open_rgb(plain)
    assert keyed.getpixel((0, 0)) == (255, 255, 255)


def test_a_profile_is_converted_to_srgb_with_rgb_as_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    converted: list[tuple[str, str, str, str]] = []

    def convert(image: Image.Image, source: Any, target: Any, **options: Any) -> Image.Image:
        names = [CMS.getProfileName(each).strip() for each in (source, CMS.ImageCmsProfile(target))]
        converted.append((image.mode, *names, options["outputMode"]))
        return Image.new("RGB", image.size, (1, 2, 3))

    monkeypatch.setattr(CMS, "profileToProfile", convert)
    profile = CMS.ImageCmsProfile(CMS.createProfile("LAB"))
    for mode in ("RGB", "L", "CMYK", "RGBA", "YCbCr"):
        image = Image.new(mode, (2, 2))
        image.info["icc_profile"] = profile.tobytes()
        shown: Any = open_rgb(image)
        is_converted = mode in ("RGB", "L", "CMYK")
        assert (shown.getpixel((0, 0)) == (1, 2, 3)) == is_converted, mode
    source, target = CMS.getProfileName(profile).strip(), CMS.getProfileName(CMS.createProfile("sRGB")).strip()
    assert converted == [(mode, source, target, "RGB") for mode in ("RGB", "L", "CMYK")]


def test_an_image_is_turned_by_its_orientation_only() -> None:
    image = noise(30, 20)
    for orientation in range(1, 9):
        file = image_file(image, "JPEG", exif=exif_orientation(orientation))
        size = (20, 30) if orientation >= 5 else (30, 20)
        assert open_upright(file).size == size
        fitted = fit_bytes(file, 100_000, None)
        assert (fitted.width, fitted.height) == size
        kept = image_file(image, "JPEG")
        assert (fitted.data == kept) == (orientation == 1)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0 damaged", "a JPEG file"),
        (b"\x89PNG\r\n\x1a\n damaged", "a PNG file"),
        (b"GIF89a", "a GIF file"),
        (b"%PDF-1.7", "a PDF file"),
        (b"anything", "a file of a format"),
    ],
)
def test_a_file_that_pillow_cannot_read_is_named(data: bytes, kind: str) -> None:
    with pytest.raises(ParamValidationError) as caught:
        fit_bytes(data, 100_000, None)
    text = f"source: is {kind} that Pillow cannot read"
    (problem,) = caught.value.problems
    assert problem == text or (problem.startswith(f"{text} (") and problem.endswith(")"))
    assert str(caught.value) == f"rekog.images: {problem}"


def test_a_heic_file_is_named_with_the_extra_if_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    heic = b"\0\0\0\x18ftypheic damaged"
    for found, hint in ((None, ": pip install '.[heic]' in a clone of rekog"), (object(), "")):
        monkeypatch.setattr(fitting, "find_spec", {"pillow_heif": found}.get)
        with pytest.raises(ParamValidationError) as caught:
            fit_bytes(heic, 100_000, None)
        text = f"rekog.images: source: is a HEIC file that Pillow cannot read{hint}"
        assert str(caught.value).partition(" (")[0] == text


def test_a_limit_below_every_file_is_refused_whole() -> None:
    with pytest.raises(ParamValidationError) as caught:
        fit_image(Image.new("RGB", (9, 9)), 10, None)
    assert [*caught.value.problems] == ["source: does not fit into 10 bytes at any size"]
