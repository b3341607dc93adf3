"""Persons that MoveNet detects on photographs, against boxes and places that were read from the images by eye."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PIL import Image

from rekog.emulator.vision.boxes import Box
from rekog.emulator.vision.decoding import decode
from rekog.emulator.vision.images import DecodedImage
from rekog.emulator.vision.persons.movenet import MoveNet, confidence
from tests.kit.photographs import photograph, photograph_path

PERSONS = {
    "astronaut": Box(20, 15, 345, 497),
    "camera": Box(0, 62, 330, 450),
    "officer": Box(15, 24, 497, 576),
}
FACES = {"astronaut": (215, 125), "camera": (240, 150), "officer": (265, 225)}
"""The middle of each face."""
WITHOUT = ["cat", "coffee", "coins", "clock", "flower", "grass", "hubble", "motorcycle", "page", "palace", "rocket"]


@pytest.fixture(scope="module")
def detector() -> MoveNet:
    return MoveNet()


@pytest.mark.parametrize("name", PERSONS)
def test_a_person_has_the_stated_box(detector: MoveNet, name: str) -> None:
    (person,) = detector.detect(decode(photograph(name)))
    assert person.box.overlap(PERSONS[name]) > 0.8
    assert person.confidence > 0.98


@pytest.mark.slow
@pytest.mark.parametrize("name", FACES)
def test_the_points_of_the_head_are_on_the_face(detector: MoveNet, name: str) -> None:
    (person,) = detector.detect(decode(photograph(name)))
    points = person.key_points
    x, y = FACES[name]
    for point in (points.nose, points.left_eye, points.right_eye):
        assert (point.x, point.y) == pytest.approx((x, y), abs=60)
        assert point.confidence > 0.5


@pytest.mark.slow
def test_left_and_right_are_the_persons_own(detector: MoveNet) -> None:
    (person,) = detector.detect(decode(photograph("officer")))  # she faces the camera
    points = person.key_points
    assert points.left_eye.x > points.right_eye.x + 60
    assert points.left_shoulder.x > points.right_shoulder.x + 200


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHOUT)
def test_an_image_without_a_person_has_none(detector: MoveNet, name: str) -> None:
    assert detector.detect(decode(photograph(name))) == []


@pytest.mark.slow
def test_noise_and_plain_images_of_any_shape_have_no_person(detector: MoveNet) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    images = [Image.fromarray(noise), *(Image.new("RGB", size, "gray") for size in ((64, 64), (80, 5000), (1, 1)))]
    assert [detector.detect(DecodedImage(image)) for image in images] == [[]] * 4


@pytest.mark.slow
def test_several_persons_are_found_and_small_ones_too(detector: MoveNet) -> None:
    wide = Image.new("RGB", (2000, 1000), (110, 120, 110))
    tall = Image.open(photograph_path("camera")).convert("RGB")
    for left, top, side in ((0, 400, 512), (700, 500, 450), (1700, 650, 200)):
        wide.paste(tall.resize((side, side)), (left, top))
    persons = sorted(detector.detect(DecodedImage(wide)), key=lambda person: person.box.left)
    middles = [person.box.left + person.box.width / 2 for person in persons]
    assert middles == pytest.approx([165, 845, 1764], abs=60)  # 165 pixels of 512 from the left of each photograph


@pytest.mark.slow
def test_a_person_in_a_large_image_has_a_box_in_its_own_pixels(detector: MoveNet) -> None:
    image = Image.open(photograph_path("astronaut")).convert("RGB").resize((4096, 4096))
    (person,) = detector.detect(DecodedImage(image))
    assert person.box.scaled(1 / 8, 1 / 8).overlap(PERSONS["astronaut"]) > 0.8


@pytest.mark.slow
def test_several_threads_get_the_same_persons(detector: MoveNet) -> None:
    image = decode(photograph("camera"))
    alone, results = detector.detect(image), list[object]()
    threads = [threading.Thread(target=lambda: results.append(detector.detect(image))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [alone] * 3


def test_the_confidence_grows_with_the_score() -> None:
    values = [confidence(score / 100) for score in range(101)]
    assert values == sorted(values)
    assert (confidence(0.28), confidence(0.4)) == pytest.approx((0.72, 0.95), abs=0.01)
    assert values[-1] < 1
