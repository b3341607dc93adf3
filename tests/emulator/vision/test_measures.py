"""Pose, quality and boxes: laws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from rekog.emulator import Box, DecodedImage, Landmarks, Point
from rekog.emulator.vision.faces.pose import HEAD, Angles, estimate_pose
from rekog.emulator.vision.quality import Quality, measure_quality
from tests.kit.wire import ASTRONAUT

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE = Box(0, 0, 100, 100)


def turned(roll: float, yaw: float, pitch: float) -> NDArray[np.float64]:
    """Return the points of the average head, turned, nodded and tilted by angles in degrees."""
    r, y, p = (math.radians(angle) for angle in (roll, yaw, pitch))
    turn = np.array([[math.cos(y), 0, -math.sin(y)], [0, 1, 0], [math.sin(y), 0, math.cos(y)]])
    nod = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    tilt = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    points: NDArray[np.float64] = np.array(HEAD) @ (tilt @ nod @ turn).T
    return points


def landmarks(points: NDArray[np.float64], scale: float = 40, x: float = 200, y: float = 100) -> Landmarks:
    return Landmarks(*(Point(x + scale * point[0], y + scale * point[1]) for point in points.tolist()))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.floats(-179, 179), st.floats(-85, 85), st.floats(-80, 80), st.floats(0.5, 5000), st.floats(-9e3, 9e3))
def test_the_angles_of_a_turned_average_head_are_recovered(
    roll: float, yaw: float, pitch: float, scale: float, x: float
) -> None:
    assert estimate_pose(landmarks(turned(roll, yaw, pitch), scale, x)) == pytest.approx((roll, yaw, pitch), abs=1e-3)


@pytest.mark.parametrize(
    ("angles", "x", "y"), [((0, 30, 0), 1, 0), ((0, -30, 0), -1, 0), ((0, 0, 30), 0, -1), ((0, 0, -30), 0, 1)]
)
def test_the_nose_goes_right_with_yaw_and_up_with_pitch(angles: tuple[int, int, int], x: int, y: int) -> None:
    nose, straight = turned(*angles)[2], turned(0, 0, 0)[2]
    moved = nose - straight
    assert (np.sign(moved[0]) if x else 0, np.sign(moved[1]) if y else 0) == (x, y)


def test_the_right_eye_goes_down_with_roll() -> None:
    left, right = turned(20, 0, 0)[:2]
    assert right[1] > left[1]


@pytest.mark.parametrize("points", [[(5, 5)] * 5, [(x, 2 * x) for x in range(5)]])
def test_landmarks_on_one_line_have_no_angles(points: list[tuple[float, float]]) -> None:
    assert estimate_pose(Landmarks(*(Point(*point) for point in points))) == Angles(0, 0, 0)


@pytest.mark.parametrize(("colour", "brightness"), [("black", 0), ("white", 100), ((128, 128, 128), 84.2)])
def test_brightness_is_the_fourth_root_of_the_mean_luma(colour: str | tuple[int, int, int], brightness: float) -> None:
    quality = measure_quality(DecodedImage(Image.new("RGB", (100, 100), colour)), WHOLE)
    assert quality == pytest.approx(Quality(brightness, 0), abs=0.1)


def test_only_the_box_is_measured() -> None:
    image = Image.new("RGB", (100, 100), "black")
    image.paste(Image.new("RGB", (50, 50), "white"), (50, 50))
    assert measure_quality(DecodedImage(image), Box(50, 50, 100, 100)).brightness == pytest.approx(100)


def test_sharpness_falls_with_blur_and_stays_within_bounds() -> None:
    face = Image.open(ASTRONAUT).crop((178, 63, 268, 176))
    whole = Box(0, 0, face.width, face.height)
    sharpness = [
        measure_quality(DecodedImage(face.filter(ImageFilter.GaussianBlur(radius))), whole).sharpness
        for radius in (0, 0.5, 1, 2, 4)
    ]
    assert sharpness == sorted(sharpness, reverse=True)
    assert 100 >= sharpness[0] > 95
    assert 0 <= sharpness[-1] < 15


def test_a_small_face_is_less_sharp_than_a_large_one() -> None:
    head = Image.open(ASTRONAUT).crop((178, 63, 268, 176))
    sharpness: list[float] = []
    for height in (112, 60, 30, 15):
        face = head.resize((round(height * 0.8), height))
        sharpness.append(measure_quality(DecodedImage(face), Box(0, 0, face.width, face.height)).sharpness)
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 95
    assert 3 < sharpness[2] < 20  # about 8 in recorded responses for faces of 17 to 50 pixels


@pytest.mark.parametrize(("luma", "recorded"), [(0.43, 76), (0.62, 93), (0.49, 86)])
def test_brightness_is_close_to_recorded_responses(luma: float, recorded: float) -> None:
    grey = Image.new("RGB", (100, 100), (round(255 * luma),) * 3)
    assert measure_quality(DecodedImage(grey), WHOLE).brightness == pytest.approx(recorded, abs=6)


def test_sharpness_does_not_depend_on_the_light() -> None:
    face = Image.open(ASTRONAUT).crop((178, 63, 268, 176))
    dim = face.point([round(value * 0.4) for value in range(256)] * 3)
    whole = Box(0, 0, face.width, face.height)
    light, dark = (measure_quality(DecodedImage(image), whole).sharpness for image in (face, dim))
    assert dark == pytest.approx(light, abs=3)


def test_disjoint_boxes_do_not_overlap() -> None:
    assert Box(0, 0, 10, 10).overlap(Box(10, 0, 10, 10)) == 0


def test_a_box_overlaps_itself_by_1_and_its_half_by_a_half() -> None:
    box = Box(3, 4, 10, 10)
    assert (box.overlap(box), box.overlap(Box(3, 4, 5, 10))) == (1, 0.5)
