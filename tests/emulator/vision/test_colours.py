"""What is measured of a picture's colours and light, by its laws and on pictures that we know."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor, ImageDraw, ImageFilter

from rekog.emulator.vision.colours import MIN_SHARE, SIMPLIFIED, dominant_colours, measure_properties, palette
from rekog.emulator.vision.images import DecodedImage
from tests.kit.wire import ASTRONAUT

laws = settings(derandomize=True, max_examples=50, deadline=None)
colours = st.tuples(*(st.integers(0, 255),) * 3)
RECORDED = {
    "black": "black", "darkolivegreen": "green", "darkslategrey": "grey", "dimgrey": "grey", "gray": "grey",
}  # fmt: skip
"""CSS colours of a recorded answer of the service, with their simplified names."""


def flat(colour: str | tuple[int, ...], side: int = 100) -> Image.Image:
    return Image.new("RGB", (side, side), colour)


def names(image: Image.Image) -> list[str]:
    return [colour.name for colour in dominant_colours(DecodedImage(image))]


def test_every_css_colour_is_in_the_palette_once() -> None:
    known = {ImageColor.getrgb(name) for name in ImageColor.colormap}
    rows, _ = palette()
    found = [(int(red), int(green), int(blue)) for red, green, blue in rows]
    assert set(found) == known
    assert len(found) == len(known)


def test_there_are_twelve_simplified_names_as_in_recorded_answers() -> None:
    assert len(SIMPLIFIED) == 12
    known = dict(palette()[1])
    assert {name: known[name] for name in RECORDED} == RECORDED


@pytest.mark.parametrize("name", sorted(name for name, _ in palette()[1]))
def test_an_image_of_a_css_colour_is_that_colour(name: str) -> None:
    (found,) = dominant_colours(DecodedImage(flat(name)))
    red, green, blue = ImageColor.getrgb(name)[:3]
    assert (found.name, found.red, found.green, found.blue, found.share) == (name, red, green, blue, 1.0)
    assert found.code == f"#{red:02x}{green:02x}{blue:02x}"


@laws
@given(colours)
def test_another_colour_is_told_as_the_nearest_css_colour(colour: tuple[int, int, int]) -> None:
    (found,) = dominant_colours(DecodedImage(flat(colour)))

    def far(other: tuple[int, ...]) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, other, strict=True))

    assert far((found.red, found.green, found.blue)) == min(
        far(ImageColor.getrgb(name)[:3]) for name, _ in palette()[1]
    )


@laws
@given(st.integers(0, 64))
def test_shares_are_those_of_the_pixels_and_small_ones_are_not_dominant(width: int) -> None:
    image = flat("red", 64)
    image.paste("blue", (0, 0, width, 64))
    found = {colour.name: colour.share for colour in dominant_colours(DecodedImage(image))}
    shares = {"blue": width / 64, "red": 1 - width / 64}
    assert found == {name: share for name, share in shares.items() if share >= MIN_SHARE}


def test_the_commonest_colour_comes_first() -> None:
    image = flat("red", 64)
    image.paste("blue", (0, 0, 40, 64))
    assert names(image) == ["blue", "red"]


def test_turning_a_photograph_changes_none_of_its_shares() -> None:
    photograph = Image.open(ASTRONAUT).convert("RGB")
    turned = photograph.transpose(Image.Transpose.ROTATE_180)
    assert names(turned) == names(photograph)
    one, other = (measure_properties(DecodedImage(image)).whole for image in (photograph, turned))
    assert one.brightness == pytest.approx(other.brightness, abs=0.1)


def test_what_is_in_the_middle_is_foreground_and_the_rest_background() -> None:
    image = flat("white")
    ImageDraw.Draw(image).ellipse((30, 30, 70, 70), fill="red")
    found = measure_properties(DecodedImage(image))
    assert found.foreground is not None
    assert found.background is not None
    assert [colour.name for colour in found.foreground.colours] == ["red"]
    assert [colour.name for colour in found.background.colours] == ["white"]
    assert found.background.brightness > 99 > 60 > found.foreground.brightness


def test_an_image_of_one_colour_is_background() -> None:
    found = measure_properties(DecodedImage(flat("teal")))
    assert found.foreground is None
    assert found.background == found.whole


@pytest.mark.parametrize(("colour", "brightness"), [("black", 0), ("white", 100), ("gray", 100 * 128 / 255)])
def test_brightness_goes_from_black_to_white(colour: str, brightness: float) -> None:
    whole = measure_properties(DecodedImage(flat(colour))).whole
    assert whole.brightness == pytest.approx(brightness)
    assert whole.contrast == pytest.approx(0)
    assert whole.sharpness == 0


def test_black_beside_white_is_the_greatest_contrast_and_a_grey_veil_makes_it_less() -> None:
    image = flat("white")
    image.paste("black", (0, 0, 50, 100))
    veiled = Image.blend(image, flat("gray"), 0.5)
    assert measure_properties(DecodedImage(image)).whole.contrast == pytest.approx(100)
    assert measure_properties(DecodedImage(veiled)).whole.contrast == pytest.approx(50, abs=1)


def test_a_blurred_photograph_is_less_sharp_the_more_it_is_blurred() -> None:
    photograph = Image.open(ASTRONAUT).convert("RGB")
    blurred = [photograph, *(photograph.filter(ImageFilter.GaussianBlur(radius)) for radius in (1, 2, 4))]
    found = [measure_properties(DecodedImage(image)).whole.sharpness for image in blurred]
    assert found == sorted(found, reverse=True)
    assert found[0] > 90 > 25 > found[-1]


@laws
@given(st.integers(1, 40), st.integers(1, 40), colours, colours)
def test_percents_stay_percents_for_any_size(
    width: int, height: int, one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    image = Image.new("RGB", (width, height), one)
    image.paste(other, (0, 0, width // 2, height))
    found = measure_properties(DecodedImage(image))
    for part in (found.whole, found.foreground, found.background):
        if part is not None:
            assert all(0 <= value <= 100.001 for value in (part.brightness, part.sharpness, part.contrast))
            assert sum(colour.share for colour in part.colours) <= 1 + 1e-9
