"""Heads at any tilt: found, known again, and with the right roll."""

from __future__ import annotations

import pytest
from PIL import Image

from benchmarks.tilted import ANGLES, example_portraits, measure
from rekog.emulator import DecodedImage
from rekog.emulator.vision.faces.pose import estimate_pose
from rekog.emulator.vision.faces.yunet import YuNet, confidence
from tests.kit.wire import ASTRONAUT, plain_image


@pytest.fixture(scope="module")
def detector() -> YuNet:
    return YuNet()


@pytest.mark.slow
def test_tilted_heads_are_found_and_known_again() -> None:
    outcome = measure(example_portraits(), ANGLES[::2])
    assert (outcome.found, outcome.known) == (outcome.heads, outcome.heads), outcome.missed
    assert outcome.stranger < 50
    assert max(outcome.roll_errors) < 20


@pytest.mark.slow
def test_heads_at_any_angle_are_found_and_known_again() -> None:
    outcome = measure(example_portraits(), range(-180, 180, 5))
    assert outcome.found >= 0.95 * outcome.heads, outcome.missed
    assert outcome.known >= 0.9 * outcome.heads
    assert outcome.stranger < 50


@pytest.mark.slow
@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270])
def test_the_box_of_a_turned_image_is_turned_with_it(detector: YuNet, turn: Image.Transpose) -> None:
    image = Image.open(ASTRONAUT).convert("RGB")
    (upright,) = detector.detect(DecodedImage(image))
    (face,) = detector.detect(DecodedImage(image.transpose(turn)))
    x, y = upright.box.left + upright.box.width / 2, upright.box.top + upright.box.height / 2
    middle = {
        Image.Transpose.ROTATE_90: (y, 512 - x),
        Image.Transpose.ROTATE_180: (512 - x, 512 - y),
        Image.Transpose.ROTATE_270: (512 - y, x),
    }[turn]
    assert (face.box.left + face.box.width / 2, face.box.top + face.box.height / 2) == pytest.approx(middle, abs=15)
    roll = {Image.Transpose.ROTATE_90: -90, Image.Transpose.ROTATE_180: 180, Image.Transpose.ROTATE_270: 90}[turn]
    assert abs((estimate_pose(face.landmarks).roll - roll + 180) % 360 - 180) < 12


@pytest.mark.slow
@pytest.mark.parametrize("tilt", [-40, -20, 20, 40])
def test_the_roll_of_a_tilted_head_is_its_tilt(detector: YuNet, tilt: int) -> None:
    image = Image.open(ASTRONAUT).convert("RGB").rotate(-tilt, Image.Resampling.BICUBIC, expand=True)
    (face,) = detector.detect(DecodedImage(image))
    assert estimate_pose(face.landmarks).roll == pytest.approx(tilt, abs=15)


def test_an_image_without_a_face_has_none_in_any_turn(detector: YuNet) -> None:
    images = [
        plain_image(400, 300),
        Image.effect_noise((300, 300), 64).convert("RGB"),
        Image.open(ASTRONAUT).convert("RGB").crop((280, 340, 512, 512)),
    ]
    assert [detector.detect(DecodedImage(image)) for image in images] == [[], [], []]


def test_the_confidence_grows_with_the_score() -> None:
    values = [confidence(score / 100) for score in range(50, 101)]
    assert values == sorted(values)
    assert (confidence(0.75), confidence(0.9)) == pytest.approx((0.9, 0.999))
    assert values[-1] < 1
