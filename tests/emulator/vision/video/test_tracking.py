"""Tracking of persons: one number for each as long as it is seen."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from rekog.emulator.vision.boxes import Box
from rekog.emulator.vision.images import DecodedImage
from rekog.emulator.vision.video.tracking import KEPT_MILLIS, Sighting, Tracker, colours_in

STEP = 80
RED, GREEN, BLUE = np.eye(3, dtype=np.float32)


def sighting(left: float, colours: object = RED, top: float = 0.2) -> Sighting:
    return Sighting(Box(left, top, 0.2, 0.6), np.asarray(colours, np.float32))


def test_persons_are_numbered_in_order_of_appearance() -> None:
    tracker = Tracker()
    assert tracker.numbers(0, [sighting(0.1)]) == [0]
    assert tracker.numbers(STEP, [sighting(0.6, GREEN), sighting(0.1)]) == [1, 0]
    assert tracker.numbers(2 * STEP, []) == []
    assert tracker.numbers(3 * STEP, [sighting(0.1), sighting(0.6, GREEN), sighting(0.4, BLUE)]) == [0, 1, 2]


def test_a_person_who_moves_keeps_the_number() -> None:
    tracker = Tracker()
    assert [tracker.numbers(STEP * number, [sighting(number / 50)]) for number in range(40)] == [[0]] * 40


def test_persons_who_pass_each_other_keep_their_numbers() -> None:
    tracker = Tracker()
    for number in range(41):
        share = number / 50
        assert tracker.numbers(STEP * number, [sighting(share), sighting(0.8 - share, GREEN)]) == [0, 1]


def test_a_person_of_other_colours_in_the_same_place_is_another_one() -> None:
    tracker = Tracker()
    assert [tracker.numbers(0, [sighting(0.1)]), tracker.numbers(STEP, [sighting(0.1, GREEN)])] == [[0], [1]]


@pytest.mark.parametrize(("pause", "number"), [(500, 0), (501, 1)])
def test_a_person_who_jumps_is_known_by_the_colours_for_half_a_second(pause: int, number: int) -> None:
    tracker = Tracker()
    assert [tracker.numbers(0, [sighting(0.1)]), tracker.numbers(pause, [sighting(0.7)])] == [[0], [number]]


@pytest.mark.parametrize(("pause", "number"), [(KEPT_MILLIS, 0), (KEPT_MILLIS + 1, 1)])
def test_a_person_is_remembered_for_two_seconds(pause: int, number: int) -> None:
    tracker = Tracker()
    tracker.numbers(0, [sighting(0.1)])
    assert tracker.numbers(pause, [sighting(0.1)]) == [number]


def test_a_person_of_another_scene_is_another_one() -> None:
    tracker = Tracker()
    tracker.numbers(0, [sighting(0.1)])
    tracker.forget()
    assert tracker.numbers(STEP, [sighting(0.1)]) == [1]


def test_two_persons_in_one_place_are_two() -> None:
    tracker = Tracker()
    assert tracker.numbers(0, [sighting(0.1), sighting(0.12)]) == [0, 1]
    assert sorted(tracker.numbers(STEP, [sighting(0.12), sighting(0.1)])) == [0, 1]


def test_a_tracker_forgets_persons_of_the_past() -> None:
    tracker = Tracker()
    for number in range(1000):
        chance = np.random.default_rng(number).random(8).astype(np.float32) ** 8
        tracker.numbers(number * 500, [sighting(0.1 * (number % 9), chance / np.linalg.norm(chance), 0.01 * number)])
    assert len(vars(tracker)["_tracks"]) < 10


def test_colours_are_those_in_the_box() -> None:
    image = Image.new("RGB", (100, 50), (200, 10, 10))
    image.paste((10, 10, 200), (50, 0, 100, 50))
    decoded = DecodedImage(image)
    left, right, both = (
        colours_in(decoded, box) for box in (Box(0, 0, 45, 50), Box(55, 0, 45, 50), Box(0, 0, 100, 50))
    )
    assert np.linalg.norm(both) == pytest.approx(1)
    assert float(left @ right) == pytest.approx(0)
    assert float(left @ both) == pytest.approx(0.5**0.5, abs=0.05)


@pytest.mark.parametrize("box", [Box(-50, -50, 20, 20), Box(99, 49, 500, 500), Box(3, 3, 0, 0)])
def test_a_box_beyond_the_frame_has_colours_too(box: Box) -> None:
    assert np.isfinite(colours_in(DecodedImage(Image.new("RGB", (100, 50), "red")), box)).all()
