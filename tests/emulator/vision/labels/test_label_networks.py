"""Labels of photographs: names, boxes against boxes that were read off the images, and odd images."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import numpy as np
import pytest
from PIL import Image

from rekog.emulator.vision.boxes import Box
from rekog.emulator.vision.decoding import decode
from rekog.emulator.vision.efficientnet import Classified, EfficientNet
from rekog.emulator.vision.images import DecodedImage
from rekog.emulator.vision.labels import DetectedLabel
from rekog.emulator.vision.labels.label_networks import LabelNetworks
from rekog.emulator.vision.labels.ssd import DetectedObject, SsdMobileNet
from rekog.emulator.vision.labels.vocabulary import label_names
from tests.kit.photographs import photograph
from tests.kit.wire import exif_orientation, image_file

Seen: TypeAlias = Callable[[str], list[DetectedLabel]]

NOTHING: set[str] = set()
LIKELY = 0.55
"""The service's default of MinConfidence for images."""


@pytest.fixture(scope="module")
def detector() -> LabelNetworks:
    return LabelNetworks(EfficientNet())


@pytest.fixture(scope="module")
def seen(detector: LabelNetworks) -> Callable[[str], list[DetectedLabel]]:
    """Return the labels of a photograph, which are detected once."""

    @cache
    def labels(name: str) -> list[DetectedLabel]:
        return detector.detect(decode(photograph(name)))

    return labels


@pytest.fixture(scope="module")
def cat() -> Image.Image:
    return opened("cat")


def opened(name: str) -> Image.Image:
    with Image.open(io.BytesIO(photograph(name))) as image:
        return image.convert("RGB")


def likely(labels: list[DetectedLabel]) -> dict[str, DetectedLabel]:
    return {label.name: label for label in labels if label.confidence >= LIKELY}


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("astronaut", {"Person"}),
        ("camera", {"Person", "Tripod"}),
        ("cat", {"Cat", "Pet", "Mammal", "Animal"}),
        ("coffee", {"Coffee", "Espresso", "Beverage", "Cup", "Dining Table"}),
        ("grass", NOTHING),
        ("hubble", NOTHING),
        ("motorcycle", {"Motorcycle", "Vehicle", "Transportation"}),
        ("officer", {"Person", "Tie"}),
        ("palace", {"Architecture", "Building"}),
    ],
)
def test_a_photograph_has_these_labels_and_no_others(seen: Seen, name: str, labels: set[str]) -> None:
    assert set(likely(seen(name))) == labels


@pytest.mark.parametrize(
    ("name", "label", "corners"),
    [
        ("astronaut", "Person", (20, 15, 370, 512)),
        ("camera", "Person", (0, 60, 330, 512)),
        ("cat", "Cat", (0, 0, 400, 300)),
        ("coffee", "Cup", (170, 15, 405, 305)),
        ("motorcycle", "Motorcycle", (90, 70, 685, 450)),
        ("officer", "Person", (10, 20, 512, 600)),
        ("officer", "Tie", (215, 400, 290, 540)),
    ],
)
def test_the_box_of_an_object_is_where_the_image_shows_it(
    seen: Seen, name: str, label: str, corners: tuple[int, int, int, int]
) -> None:
    left, top, right, bottom = corners
    (found,) = [each for each in likely(seen(name))[label].boxes if each.confidence >= LIKELY]
    assert found.box.overlap(Box(left, top, right - left, bottom - top)) >= 0.5


def test_only_labels_with_boxes_in_the_service_have_boxes(seen: Seen) -> None:
    labels = [label for name in ("cat", "coffee", "coins") for label in seen(name)]
    assert {label.name for label in labels if label.boxes} == {"Bed", "Cat", "Cup", "Dining Table"}
    assert {"Bowl", "Clock", "Espresso"} <= {label.name for label in labels}


def test_a_rotated_jpeg_is_seen_upright(detector: LabelNetworks, seen: Seen, cat: Image.Image) -> None:
    turned = cat.transpose(Image.Transpose.ROTATE_90)  # turned back by orientation 6
    image = decode(image_file(turned, "JPEG", exif=exif_orientation(6), quality=95))
    (box,) = likely(detector.detect(image))["Cat"].boxes
    assert (image.width, image.height) == cat.size
    assert box.box.overlap(likely(seen("cat"))["Cat"].boxes[0].box) > 0.9


FORMS: dict[str, Callable[[Image.Image], bytes]] = {
    "grey": lambda image: image_file(image.convert("L")),
    "CMYK JPEG": lambda image: image_file(image.convert("CMYK"), "JPEG"),
    "PNG of 16 bits": lambda image: image_file(Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)),
    "100 x 80": lambda image: image_file(image.resize((100, 80))),
    "3000 x 2000": lambda image: image_file(image.resize((3000, 2000)), "JPEG"),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_cat_is_a_cat_in_each_form_of_file(detector: LabelNetworks, cat: Image.Image, form: str) -> None:
    assert "Cat" in likely(detector.detect(decode(FORMS[form](cat))))


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 80), (80, 4000), (4000, 80), (1, 1)])
def test_boxes_stay_inside_an_image_of_any_shape(
    detector: LabelNetworks, cat: Image.Image, size: tuple[int, int]
) -> None:
    image = DecodedImage(cat.resize(size))
    for label in detector.detect(image):
        assert 0.0 <= label.confidence <= 1.0
        for each in label.boxes:
            assert 0.0 <= each.box.left < each.box.right <= image.width + 1e-3
            assert 0.0 <= each.box.top < each.box.bottom <= image.height + 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (90, 110, 130)])
def test_a_plain_image_has_no_likely_label(detector: LabelNetworks, colour: tuple[int, int, int]) -> None:
    assert likely(detector.detect(DecodedImage(Image.new("RGB", (200, 150), colour)))) == {}


@pytest.mark.slow
def test_all_labels_of_all_images_are_names_of_the_vocabulary(detector: LabelNetworks, seen: Seen) -> None:
    labels = [label for name in ("cat", "coins", "officer", "palace", "rocket") for label in seen(name)]
    random = np.random.default_rng(7)
    for side in (2, 8, 80):
        labels += detector.detect(
            DecodedImage(Image.fromarray(random.integers(0, 256, (side, side, 3), dtype=np.uint8)))
        )
    assert {label.name for label in labels} <= set(label_names())


# --- objects and classes of one image


def test_the_classifier_names_the_animal_of_a_box_that_it_is_certain_of(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = labels_of(monkeypatch, objects=[(16, 0.97)], classes={293: 0.9})  # a bird, and a cheetah
    assert labels["Cheetah"] == (0.9, [0.9])
    assert "Bird" not in labels


def test_an_animal_that_the_classifier_explains_by_another_object_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = labels_of(monkeypatch, objects=[(18, 0.9), (17, 0.8)], classes={207: 0.9})  # a dog and a cat; a retriever
    assert (labels["Dog"], labels["Cat"]) == ((0.9, [0.9]), (0.8, [0.8]))


def test_a_large_animal_is_left_out_if_the_classifier_sees_no_animal(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = labels_of(monkeypatch, objects=[(16, 0.75)], classes={698: 0.9})  # a bird, and a palace
    assert "Bird" not in labels
    assert labels["Palace"] == (0.9, [])


def test_the_probability_of_a_label_is_the_sum_over_its_descendants(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = labels_of(monkeypatch, objects=[], classes={162: 0.3, 207: 0.2, 281: 0.25})  # beagle, retriever, tabby
    confidences = {name: round(confidence, 6) for name, (confidence, _) in labels.items()}
    assert {name: confidences[name] for name in ("Beagle", "Hound", "Dog", "Cat", "Pet")} == {
        "Beagle": 0.3,
        "Hound": 0.3,
        "Dog": 0.5,
        "Cat": 0.25,
        "Pet": 0.75,
    }


def test_the_boxes_of_a_label_without_boxes_are_those_of_its_nearest_ancestor(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = labels_of(monkeypatch, objects=[(72, 0.9)], classes={})  # a television
    assert labels == {"TV": (0.9, []), "Monitor": (0.9, [0.9])}


def labels_of(
    monkeypatch: pytest.MonkeyPatch, objects: list[tuple[int, float]], classes: dict[int, float]
) -> dict[str, tuple[float, list[float]]]:
    """Return confidences and the boxes' confidences for objects that cover half of an image, and classes of it."""
    box = Box(0.0, 0.0, 100.0, 50.0)
    found = [DetectedObject(number, score, box) for number, score in objects]
    probabilities = np.zeros(1000, np.float32)
    for number, value in classes.items():
        probabilities[number] = value
    classified = Classified(probabilities, np.zeros(1280, np.float32))
    networks = LabelNetworks(EfficientNet())
    monkeypatch.setattr(SsdMobileNet, "detect", constant(found))
    monkeypatch.setattr(EfficientNet, "prepared", constant(constant(classified)))
    return {
        label.name: (round(label.confidence, 6), [round(each.confidence, 6) for each in label.boxes])
        for label in networks.detect(DecodedImage(Image.new("RGB", (100, 100))))
    }


def constant(value: object) -> Callable[..., object]:
    """Return a method that returns a value."""

    def method(*_: object) -> object:
        return value

    return method
