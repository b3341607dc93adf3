"""Body parts from key points and faces, by cases."""

from __future__ import annotations

import pytest
from PIL import Image

from rekog.emulator.vision.boxes import Box, Point
from rekog.emulator.vision.faces import DetectedFace, Landmarks
from rekog.emulator.vision.images import DecodedImage
from rekog.emulator.vision.persons import DetectedPerson, KeyPoint, KeyPoints
from rekog.emulator.vision.persons.body_parts import body_parts

IMAGE = DecodedImage(Image.new("RGB", (200, 400)))
HIDDEN = KeyPoint(100, 100, 0.05)


def person(**points: KeyPoint) -> DetectedPerson:
    return DetectedPerson(
        Box(0, 0, 200, 400), 0.99, KeyPoints(**{name: points.get(name, HIDDEN) for name in KeyPoints._fields})
    )


def head(confidence: float, *names: str) -> dict[str, KeyPoint]:
    return {name: KeyPoint(100, 50, confidence) for name in names}


def face_at(x: float, y: float, confidence: float = 0.97) -> DetectedFace:
    point = Point(x, y)
    return DetectedFace(Box(x - 20, y - 25, 40, 50), confidence, Landmarks(point, point, point, point, point))


def names(person: DetectedPerson, *faces: DetectedFace) -> list[str]:
    return [part.name for part in body_parts(IMAGE, person, faces)]


def test_hidden_key_points_are_no_parts() -> None:
    assert names(person()) == []


def test_a_hand_is_beyond_the_wrist_in_the_direction_of_the_forearm() -> None:
    arm = {"right_elbow": KeyPoint(40, 100, 0.8), "right_wrist": KeyPoint(60, 140, 0.6)}
    (hand,) = body_parts(IMAGE, person(**arm), [])
    assert (hand.name, hand.middle) == ("right_hand", (67, 154))
    assert hand.confidence > 0.98


def test_a_hand_outside_the_image_is_no_part() -> None:
    arm = {"left_elbow": KeyPoint(150, 300, 0.8), "left_wrist": KeyPoint(190, 300, 0.8)}
    assert names(person(**arm)) == []


def test_the_back_of_a_head_is_a_head_without_a_face() -> None:
    points = head(0.5, "nose", "left_eye", "right_eye", "left_ear", "right_ear")
    assert names(person(**points)) == ["head"]


def test_a_profile_is_a_head_and_a_face() -> None:
    assert names(person(**head(0.7, "nose", "left_eye", "left_ear"))) == ["face", "head"]


@pytest.mark.parametrize(("x", "expected"), [(100, ["face", "head"]), (170, ["head"])])
def test_a_detected_face_counts_for_the_person_around_whose_head_it_is(x: float, expected: list[str]) -> None:
    points = head(0.4, "nose", "left_eye", "right_eye")
    assert names(person(**points), face_at(x, 50)) == expected


def test_a_part_has_the_confidence_of_its_key_points_or_of_the_face() -> None:
    points = head(0.4, "nose", "left_eye", "right_eye")
    face, without = (body_parts(IMAGE, person(**points), faces)[-1].confidence for faces in ([face_at(100, 50)], []))
    assert (face, without) == pytest.approx((0.97, 0.905), abs=0.001)


def test_confidences_are_half_at_least() -> None:
    points = head(0.26, "nose", "left_eye", "right_eye")
    (part,) = body_parts(IMAGE, person(**points), [])
    assert 0.5 <= part.confidence < 0.6
