"""Image properties: the members of a response for measured properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from rekog import models
from rekog._core.wire import to_wire
from rekog.emulator import DecodedImage
from rekog.emulator.answers.image_properties import add_to_instances, in_wire_form, max_colours, of_image
from rekog.emulator.vision.colours import Colour, Part, Properties, measure_properties

if TYPE_CHECKING:
    from collections.abc import Sequence

RED = Colour(255, 0, 0, "red", "red", 0.5)
NAVY = Colour(0, 0, 128, "navy", "blue", 0.25)
RED_WIRE = {
    "Red": 255, "Green": 0, "Blue": 0, "HexCode": "#ff0000", "CSSColor": "red", "SimplifiedColor": "red",
    "PixelPercent": 50.0,
}  # fmt: skip
NAVY_WIRE = {
    "Red": 0, "Green": 0, "Blue": 128, "HexCode": "#000080", "CSSColor": "navy", "SimplifiedColor": "blue",
    "PixelPercent": 25.0,
}  # fmt: skip
IMAGE = DecodedImage(Image.new("RGB", (200, 100), "red"))


def measure_as(monkeypatch: pytest.MonkeyPatch, measured: Properties) -> None:
    def measure(image: DecodedImage) -> Properties:
        return measured

    monkeypatch.setattr("rekog.emulator.vision.colours.measure_properties", measure)


def quarters() -> DecodedImage:
    """Return an image of 200 x 100 pixels with a red, a navy, a lime and a black quarter."""
    image = Image.new("RGB", (200, 100), "black")
    for colour, corner in (("red", (0, 0)), ("navy", (100, 0)), ("lime", (0, 50))):
        image.paste(colour, (*corner, corner[0] + 100, corner[1] + 50))
    return DecodedImage(image)


def test_each_part_of_an_image_has_its_own_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Properties(
        Part(1.0, 2.0, 3.0, [RED, NAVY]), Part(4.0, 5.0, 6.0, [NAVY, RED]), Part(7.0, 8.0, 9.0, [NAVY])
    )
    measure_as(monkeypatch, measured)
    assert to_wire(of_image(IMAGE, 10)) == {
        "Quality": {"Brightness": 1.0, "Sharpness": 2.0, "Contrast": 3.0},
        "DominantColors": [RED_WIRE, NAVY_WIRE],
        "Foreground": {"Quality": {"Brightness": 4.0, "Sharpness": 5.0}, "DominantColors": [NAVY_WIRE, RED_WIRE]},
        "Background": {"Quality": {"Brightness": 7.0, "Sharpness": 8.0}, "DominantColors": [NAVY_WIRE]},
    }
    limited: dict[str, Any] = to_wire(of_image(IMAGE, 1))
    assert limited["DominantColors"] == [RED_WIRE]
    assert [limited[part]["DominantColors"] for part in ("Foreground", "Background")] == [[NAVY_WIRE], [NAVY_WIRE]]


@pytest.mark.parametrize("absent", ["Foreground", "Background"])
def test_a_part_without_pixels_is_absent(absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part(1.0, 2.0, 3.0, [RED])
    measured = Properties(part, None if absent == "Foreground" else part, None if absent == "Background" else part)
    measure_as(monkeypatch, measured)
    found = to_wire(of_image(IMAGE, 10))
    assert set(found) == {"Quality", "DominantColors", "Foreground", "Background"} - {absent}


def test_the_properties_are_those_of_the_image() -> None:
    measured = measure_properties(quarters())
    found = of_image(quarters(), 10)
    assert found.quality is not None
    assert found.quality.brightness == measured.whole.brightness
    assert {colour.css_color for colour in found.dominant_colors} == {"red", "navy", "lime", "black"}


def coloured(*boxes: tuple[float, float, float, float], colours: Sequence[models.DominantColor] = ()) -> models.Label:
    return models.Label(
        name="Cat",
        confidence=90,
        instances=[
            models.Instance(
                bounding_box=models.BoundingBox(left=left, top=top, width=width, height=height),
                confidence=90,
                dominant_colors=list(colours),
            )
            for left, top, width, height in boxes
        ],
    )


def test_each_instance_gets_the_colours_in_its_box() -> None:
    labels = [
        coloured((0, 0, 0.5, 0.5), (0.5, 0, 0.5, 0.5)), coloured(), coloured((0, 0.5, 0.5, 0.5), (0, 0, 0.5, 1)),
    ]  # fmt: skip
    add_to_instances(quarters(), labels, 10)
    names = [[{each.css_color for each in one.dominant_colors} for one in label.instances] for label in labels]
    assert names == [[{"red"}, {"navy"}], [], [{"lime"}, {"red", "lime"}]]
    limited = coloured((0, 0, 0.5, 1))
    add_to_instances(quarters(), [limited], 1)
    assert len(limited.instances[0].dominant_colors) == 1


def test_declared_colours_of_an_instance_are_kept() -> None:
    declared = models.DominantColor(css_color="pink")
    label = coloured((0, 0, 1, 1), colours=[declared])
    add_to_instances(quarters(), [label], 10)
    assert label.instances[0].dominant_colors == [declared]


def test_an_instance_without_colours_has_an_empty_list_in_the_wire_form() -> None:
    labels = [coloured((0, 0, 1, 1), colours=[models.DominantColor(css_color="pink")]), coloured((0, 0, 1, 1))]
    wire: dict[str, Any] = in_wire_form(models.DetectLabelsResponse(labels=labels, label_model_version="3.0")).wire
    assert [label["Instances"][0]["DominantColors"] for label in wire["Labels"]] == [[{"CSSColor": "pink"}], []]
    assert wire["LabelModelVersion"] == "3.0"


@pytest.mark.parametrize("given", [0, 1, 5, 12])
def test_the_maximum_number_of_colours_is_10_or_the_requested_one(given: int) -> None:
    requested = models.DetectLabelsImagePropertiesSettings(max_dominant_colors=given)
    assert max_colours(models.DetectLabelsSettings(image_properties=requested)) == given
    absent = [
        None,
        models.DetectLabelsSettings(),
        models.DetectLabelsSettings(image_properties=models.DetectLabelsImagePropertiesSettings()),
    ]
    assert [max_colours(settings) for settings in absent] == [10, 10, 10]
