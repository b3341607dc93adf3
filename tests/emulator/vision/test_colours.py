"""Measured colours and light of an image: laws, and known images."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor, ImageDraw, ImageFilter

from rekog.emulator import DecodedImage
from rekog.emulator.vision.colours import MIN_SHARE, SIMPLIFIED, dominant_colours, measure_properties, palette
from tests.kit.wire import ASTRONAUT

laws = settings(derandomize=True, max_examples=50, deadline=None)
colours = st.tuples(*(st.integers(0, 255),) * 3)
RECORDED = {
    "black": "black", "darkolivegreen": "green", "darkslategrey": "grey", "dimgrey": "grey", "gray": "grey",
}  # fmt: skip
"""CSS colours of a recorded response of the service, with their simplified names."""


def flat(colour: str | tuple[int, ...], side: int = 100) -> Image.Image:
    return Image.new("RGB", (side, side), colour)


def names(image: Image.Image) -> list[str]:
    return [colour.name for colour in dominant_colours(DecodedImage(image))]


def test_every_css_colour_is_in_the_palette_once() -> None:
    expected = {ImageColor.getrgb(name) for name in ImageColor.colormap}
    rows, _ = palette()
    colours = [(int(red), int(green), int(blue)) for red, green, blue in rows]
    assert set(colours) == expected
    assert len(colours) == len(expected)


def test_there_are_twelve_simplified_names_as_in_recorded_responses() -> None:
    assert len(SIMPLIFIED) == 12
    known = dict(palette()[1])
    assert {name: known[name] for name in RECORDED} == RECORDED


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(name for name, _ in palette()[1]))
def test_an_image_of_a_css_colour_is_that_colour(name: str) -> None:
    (dominant,) = dominant_colours(DecodedImage(flat(name)))
    red, green, blue = ImageColor.getrgb(name)[:3]
    assert (dominant.name, dominant.red, dominant.green, dominant.blue, dominant.share) == (name, red, green, blue, 1.0)
    assert dominant.code == f"#{red:02x}{green:02x}{blue:02x}"


@pytest.mark.slow
@laws
@given(colours)
def test_another_colour_becomes_the_nearest_css_colour(colour: tuple[int, int, int]) -> None:
    (dominant,) = dominant_colours(DecodedImage(flat(colour)))

    def distance(other: tuple[int, ...]) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, other, strict=True))

    assert distance((dominant.red, dominant.green, dominant.blue)) == min(
        distance(ImageColor.getrgb(name)[:3]) for name, _ in palette()[1]
    )


@pytest.mark.slow
@laws
@given(st.integers(0, 64))
def test_shares_are_those_of_the_pixels_and_small_ones_are_not_dominant(width: int) -> None:
    image = flat("red", 64)
    image.paste("blue", (0, 0, width, 64))
    dominant = {colour.name: colour.share for colour in dominant_colours(DecodedImage(image))}
    shares = {"blue": width / 64, "red": 1 - width / 64}
    assert dominant == {name: share for name, share in shares.items() if share >= MIN_SHARE}


def test_the_most_frequent_colour_comes_first() -> None:
    image = flat("red", 64)
    image.paste("blue", (0, 0, 40, 64))
    assert names(image) == ["blue", "red"]


def test_rotating_a_photograph_keeps_its_dominant_colours() -> None:
    photograph = Image.open(ASTRONAUT).convert("RGB")
    turned = photograph.transpose(Image.Transpose.ROTATE_180)
    assert names(turned) == names(photograph)
    one, other = (measure_properties(DecodedImage(image)).whole for image in (photograph, turned))
    assert one.brightness == pytest.approx(other.brightness, abs=0.1)


def test_the_centre_is_foreground_and_the_rest_background() -> None:
    image = flat("white")
    ImageDraw.Draw(image).ellipse((30, 30, 70, 70), fill="red")
    measured = measure_properties(DecodedImage(image))
    assert measured.foreground is not None
    assert measured.background is not None
    assert [colour.name for colour in measured.foreground.colours] == ["red"]
    assert [colour.name for colour in measured.background.colours] == ["white"]
    assert measured.background.brightness > 99 > 60 > measured.foreground.brightness


def test_an_image_of_one_colour_is_background() -> None:
    measured = measure_properties(DecodedImage(flat("teal")))
    assert measured.foreground is None
    assert measured.background == measured.whole


@pytest.mark.parametrize(("colour", "brightness"), [("black", 0), ("white", 100), ("gray", 100 * 128 / 255)])
def test_brightness_goes_from_black_to_white(colour: str, brightness: float) -> None:
    whole = measure_properties(DecodedImage(flat(colour))).whole
    assert whole.brightness == pytest.approx(brightness)
    assert whole.contrast == pytest.approx(0)
    assert whole.sharpness == 0


def test_black_beside_white_has_the_highest_contrast_and_blending_with_grey_lowers_it() -> None:
    image = flat("white")
    image.paste("black", (0, 0, 50, 100))
    veiled = Image.blend(image, flat("gray"), 0.5)
    assert measure_properties(DecodedImage(image)).whole.contrast == pytest.approx(100)
    assert measure_properties(DecodedImage(veiled)).whole.contrast == pytest.approx(50, abs=1)


def test_a_blurred_photograph_is_less_sharp_the_more_it_is_blurred() -> None:
    photograph = Image.open(ASTRONAUT).convert("RGB")
    blurred = [photograph, *(photograph.filter(ImageFilter.GaussianBlur(radius)) for radius in (1, 2, 4))]
    sharpness = [measure_properties(DecodedImage(image)).whole.sharpness for image in blurred]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 90 > 25 > sharpness[-1]


@pytest.mark.slow
@laws
@given(st.integers(1, 40), st.integers(1, 40), colours, colours)
def test_measurements_are_percents_for_any_image_size(
    width: int, height: int, one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    image = Image.new("RGB", (width, height), one)
    image.paste(other, (0, 0, width // 2, height))
    measured = measure_properties(DecodedImage(image))
    for part in (measured.whole, measured.foreground, measured.background):
        if part is not None:
            assert all(0 <= value <= 100.001 for value in (part.brightness, part.sharpness, part.contrast))
            assert sum(colour.share for colour in part.colours) <= 1 + 1e-9
