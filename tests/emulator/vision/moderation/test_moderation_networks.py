"""Moderation labels by networks: what ordinary photographs get, and which number becomes which label."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from PIL import Image

from rekog.emulator.answers.moderation import PARENTS
from rekog.emulator.vision.decoding import decode
from rekog.emulator.vision.efficientnet import Classified, EfficientNet
from rekog.emulator.vision.images import DecodedImage
from rekog.emulator.vision.moderation.moderation_networks import CLASSES, EXPLICIT, ModerationNetworks
from rekog.emulator.vision.moderation.open_nsfw import OpenNsfw
from rekog.emulator.vision.networks import Network
from tests.kit.photographs import FILES, photograph

if TYPE_CHECKING:
    from collections.abc import Callable

    from rekog.emulator.vision.networks import Floats

PHOTOGRAPHS = [name for name, path in FILES.items() if not path.endswith(".mp4")]


@pytest.fixture(scope="module")
def detector() -> ModerationNetworks:
    return ModerationNetworks(EfficientNet())


@pytest.mark.slow
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_an_ordinary_photograph_has_no_moderation_label(detector: ModerationNetworks, name: str) -> None:
    assert detector.detect(decode(photograph(name))) == []


def test_images_of_any_shape_have_no_label(detector: ModerationNetworks) -> None:
    images = [Image.new("RGB", size, "gray") for size in ((80, 80), (10_000, 80), (1, 1))]
    assert [detector.detect(DecodedImage(image)) for image in images] == [[]] * 3


def test_each_label_is_in_the_taxonomy() -> None:
    assert {EXPLICIT, *CLASSES} <= set(PARENTS)
    assert PARENTS[EXPLICIT] == "Explicit"


class Classifier:
    """A classifier with given probabilities."""

    def __init__(self, **probabilities: float) -> None:
        self._probabilities = np.zeros(1000, np.float32)
        for index, probability in probabilities.items():
            self._probabilities[int(index.removeprefix("class"))] = probability

    def classify(self, image: DecodedImage) -> Classified:
        return Classified(self._probabilities, np.zeros((1280,), np.float32))


def detected(classifier: Classifier) -> dict[str, float]:
    networks = ModerationNetworks(cast("EfficientNet", classifier))  # cast: it has the one method that is called
    return {label.name: label.confidence for label in networks.detect(decode(photograph("coffee")))}


def test_the_probabilities_of_the_classes_of_a_label_are_added() -> None:
    glass_and_bottle = detected(Classifier(class441=0.25, class907=0.375))
    assert glass_and_bottle == {"Alcoholic Beverages": 0.625}


@pytest.mark.parametrize(
    ("index", "name"),
    [
        ("class413", "Weapons"),  # assault rifle
        ("class445", "Female Swimwear or Underwear"),  # bikini
        ("class764", "Weapons"),  # rifle
        ("class800", "Gambling"),  # slot machine
        ("class842", "Male Swimwear or Underwear"),  # swimming trunks
        ("class966", "Alcoholic Beverages"),  # red wine
    ],
)
def test_a_class_is_its_label_from_half_on(index: str, name: str) -> None:
    assert detected(Classifier(**{index: 0.5})) == {name: 0.5}
    assert detected(Classifier(**{index: 0.4375})) == {}


@pytest.mark.slow
@pytest.mark.parametrize("index", ["class503", "class504", "class657", "class720"])
def test_a_shaker_a_mug_a_missile_and_a_pill_bottle_are_no_labels(index: str) -> None:
    assert detected(Classifier(**{index: 0.9375})) == {}


def test_open_nsfw_gets_blue_first_and_the_middle_of_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Floats] = []

    def run(_network: Network, image: Floats) -> tuple[Floats, ...]:
        given.append(image)
        return (np.array([[0.25, 0.75]], np.float32),)

    monkeypatch.setattr(Network, "run", run)
    image = Image.new("RGB", (512, 1024), (10, 20, 30))
    image.paste((250, 250, 250), (0, 0, 16, 1024))  # 8 of 256 columns, outside the middle
    assert OpenNsfw().estimate(DecodedImage(image)) == 0.75
    (blob,) = given
    assert blob.shape == (1, 3, 224, 224)
    assert np.allclose(blob[0].reshape(3, -1).T, [30 - 104, 20 - 117, 10 - 123], atol=1)


@pytest.mark.parametrize(("probability", "expected"), [(0.75, {EXPLICIT: 0.75}), (0.4375, {})])
def test_a_pornographic_image_is_explicit_nudity(
    monkeypatch: pytest.MonkeyPatch, probability: float, expected: dict[str, float]
) -> None:
    def prepared(_network: OpenNsfw, _image: DecodedImage) -> Callable[[], float]:
        return lambda: probability

    monkeypatch.setattr(OpenNsfw, "prepared", prepared)
    assert detected(Classifier()) == expected
