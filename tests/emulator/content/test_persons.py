"""Persons of videos: indexes, boxes and faces of tracked persons, with a cheap detector and with the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rekog.emulator import Box, DetectedFace, DetectedPerson, Emulator, KeyPoint, KeyPoints, Landmarks, Point
from tests.kit.films import HEIGHT, WIDTH, film, plain
from tests.kit.photographs import photograph
from tests.kit.videos import put_video, run_job
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rekog.emulator import DecodedImage

COLOURS = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 220)}
PERSON, FACE = (30, 80), (14, 18)


def with_persons(*persons: tuple[str, int]) -> NDArray[np.uint8]:
    """Return a grey frame with persons of a colour, each from a left edge on."""
    pixels = plain(1, 128)[0].copy()
    for name, left in persons:
        pixels[20 : 20 + PERSON[1], left : left + PERSON[0]] = COLOURS[name]
    return pixels


class ColourPersons:
    """Detects the coloured persons, and a face at the top of each."""

    def __init__(self, *, faces: bool = True, bodies: bool = True, confidence: float = 0.9) -> None:
        self._shown = {DetectedFace: faces, DetectedPerson: bodies}
        self.confidence = confidence

    def _boxes(self, image: DecodedImage) -> list[Box]:
        pixels = image.pixels().astype(int)
        boxes: list[Box] = []
        for colour in COLOURS.values():
            columns = np.flatnonzero((np.abs(pixels - colour).sum(axis=2) < 120).sum(axis=0) > PERSON[1] // 2)
            if columns.size:
                boxes.append(Box(float(columns[0]), 20, float(columns.size), PERSON[1]))
        return boxes

    def persons(self, image: DecodedImage) -> list[DetectedPerson]:
        def points(box: Box) -> KeyPoints:
            return KeyPoints(*[KeyPoint(box.left + box.width / 2, box.top + FACE[1] / 2, 0.9)] * 17)

        boxes = self._boxes(image) if self._shown[DetectedPerson] else []
        return [DetectedPerson(box, self.confidence, points(box)) for box in boxes]

    def faces(self, image: DecodedImage) -> list[DetectedFace]:
        boxes = self._boxes(image) if self._shown[DetectedFace] else []
        face = [Box(box.left + (box.width - FACE[0]) / 2, box.top, *FACE) for box in boxes]
        return [DetectedFace(each, 0.9, marks(each)) for each in face]


def marks(box: Box) -> Landmarks:
    shares = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    return Landmarks(*(Point(box.left + x * box.width, box.top + y * box.height) for x, y in shares))


class Detector:
    """A detector whose method is a function."""

    def __init__(self, detect: Any) -> None:
        self.detect = detect


def track(frames: Sequence[NDArray[np.uint8]], seen: ColourPersons) -> list[dict[str, Any]]:
    pytest.importorskip("av", reason="rekog[video] installs PyAV")
    with Emulator(person_detector=Detector(seen.persons), face_detector=Detector(seen.faces)) as emulator:
        put_video(emulator, film(frames))
        response = run_job(WireClient(emulator), "PersonTracking")
    assert response["JobStatus"] == "SUCCEEDED", response
    return list(response["Persons"])


def test_persons_keep_their_index_in_every_second_frame() -> None:
    frames = [with_persons(("red", 10 + number), ("green", 150 - number)) for number in range(20)]
    found = track(frames, ColourPersons())
    assert [each["Timestamp"] for each in found] == [time for time in range(0, 800, 80) for _ in range(2)]
    lefts: dict[int, list[float]] = {0: [], 1: []}
    for each in found:
        lefts[each["Person"]["Index"]].append(each["Person"]["BoundingBox"]["Left"] * WIDTH)
    assert lefts[0] == pytest.approx([10 + 2 * number for number in range(10)], abs=3)
    assert lefts[1] == pytest.approx([150 - 2 * number for number in range(10)], abs=3)


def test_a_person_has_the_face_in_its_box_with_the_default_attributes() -> None:
    found = track([with_persons(("red", 10), ("green", 90))] * 2, ColourPersons())
    for each in found:
        box, face = each["Person"]["BoundingBox"], each["Person"]["Face"]
        assert set(face) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
        assert box["Left"] < face["BoundingBox"]["Left"] < box["Left"] + box["Width"]
        assert face["BoundingBox"]["Width"] == pytest.approx(FACE[0] / WIDTH)
        assert box["Height"] == pytest.approx(PERSON[1] / HEIGHT)


def test_a_person_without_a_face_has_a_box_only() -> None:
    (only,) = track([with_persons(("red", 10))] * 2, ColourPersons(faces=False))
    assert set(only["Person"]) == {"Index", "BoundingBox"}


def test_a_face_without_a_body_is_a_person_that_keeps_its_index() -> None:
    found = track([with_persons(("red", 10 + number)) for number in range(10)], ColourPersons(bodies=False))
    assert [set(each["Person"]) for each in found] == [{"Index", "Face"}] * 5
    assert {each["Person"]["Index"] for each in found} == {0}


def test_a_person_at_the_same_place_in_another_scene_has_another_index() -> None:
    bright, dark = with_persons(("red", 50)), with_persons(("red", 50))
    dark[(dark == 128).all(axis=2)] = 0
    bright[(bright == 128).all(axis=2)] = 250
    found = track([*[bright] * 6, *[dark] * 6, *[bright] * 6], ColourPersons())
    assert [each["Person"]["Index"] for each in found] == [0] * 3 + [1] * 3 + [2] * 3


def test_a_person_of_another_colour_after_a_cut_has_another_index() -> None:
    found = track([with_persons(("red", 50))] * 6 + [with_persons(("blue", 50))] * 6, ColourPersons())
    assert [each["Person"]["Index"] for each in found] == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(("confidence", "count"), [(0.5, 1), (0.49, 0)])
def test_an_uncertain_person_is_left_out(confidence: float, count: int) -> None:
    assert len(track([with_persons(("red", 10))] * 2, ColourPersons(faces=False, confidence=confidence))) == count


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        ((-50, -50, 1000, 1000), (0, 0, WIDTH, HEIGHT)),
        ((-10, -20, 40, 50), (0, 0, 30, 30)),
        ((WIDTH - 30, HEIGHT - 20, 90, 90), (WIDTH - 30, HEIGHT - 20, 30, 20)),
        ((10, 20, 30, 40), (10, 20, 30, 40)),
    ],
)
def test_a_box_beyond_the_frame_is_cut_at_its_edges(
    box: tuple[int, int, int, int], cut: tuple[int, int, int, int]
) -> None:
    class Given(ColourPersons):
        def persons(self, image: DecodedImage) -> list[DetectedPerson]:
            (person,) = super().persons(image)
            return [DetectedPerson(Box(*box), 0.9, person.key_points)]

    (only,) = track([with_persons(("red", 10))], Given(faces=False))
    found, (left, top, width, height) = only["Person"]["BoundingBox"], cut
    assert [found[side] for side in ("Left", "Top", "Width", "Height")] == pytest.approx(
        [left / WIDTH, top / HEIGHT, width / WIDTH, height / HEIGHT]
    )


def test_switched_off_networks_leave_persons_to_declarations() -> None:
    pytest.importorskip("av", reason="rekog[video] installs PyAV")
    with Emulator(vision="off") as emulator:
        put_video(emulator, film(plain(4)))
        response = run_job(WireClient(emulator), "PersonTracking")
    assert response["JobStatus"] == "FAILED"
    assert "can't detect the persons of a video and does not make up values" in response["StatusMessage"]


@pytest.mark.slow
def test_a_man_who_talks_in_a_car_keeps_one_index_and_his_face() -> None:
    pytest.importorskip("av", reason="rekog[video] installs PyAV")
    with Emulator() as emulator:
        put_video(emulator, photograph("carphone"))
        wire = WireClient(emulator)
        job = wire("StartPersonTracking", Video={"S3Object": {"Bucket": "videos", "Name": "trip.mp4"}}).body
        response = wire("GetPersonTracking", **job).body
        while response["JobStatus"] == "IN_PROGRESS":
            response = wire("GetPersonTracking", **job).body
    persons = [each["Person"] for each in response["Persons"]]
    assert {person["Index"] for person in persons} == {0}
    assert len(persons) == 60
    assert sum("Face" in person for person in persons) >= 55
