"""IndexFaces: which faces are good enough, and which are too many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rekog.emulator import Emulator
from tests.kit.people import People
from tests.kit.wire import HOPPER, WireClient, image_file


@pytest.fixture(scope="module")
def album(session_wire: WireClient) -> Iterator[WireClient]:
    session_wire("CreateCollection", CollectionId="album")
    yield session_wire
    session_wire("DeleteCollection", CollectionId="album")


def quality(sharpness: float = 99.0, brightness: float = 60.0, **others: object) -> dict[str, object]:
    return {"Quality": {"Sharpness": sharpness, "Brightness": brightness}, **others}


def reasons(answer: dict[str, Any]) -> list[list[str]]:
    return [face["Reasons"] for face in answer.get("UnindexedFaces", [])]


def indexed(people: People, *who: Any, **members: Any) -> dict[str, Any]:
    return people("IndexFaces", Image={"Bytes": people.image(*who)}, **members)


# Quality


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (quality(sharpness=5), "LOW_SHARPNESS"),
        (quality(brightness=5), "LOW_BRIGHTNESS"),
        ({"Confidence": 70.0}, "LOW_CONFIDENCE"),
        ({"Pose": {"Roll": 0, "Yaw": -80, "Pitch": 0}}, "EXTREME_POSE"),
        ({"Pose": {"Roll": 0, "Yaw": 0, "Pitch": 80}}, "EXTREME_POSE"),
        ({"BoundingBox": [0.5, 0.5, 0.01, 0.02]}, "SMALL_BOUNDING_BOX"),
    ],
)
@pytest.mark.parametrize("quality_filter", [None, "AUTO", "LOW", "MEDIUM", "HIGH"])
def test_a_bad_face_is_not_indexed_and_told_why(
    people: People, bad: dict[str, object], reason: str, quality_filter: str | None
) -> None:
    asked = {"QualityFilter": quality_filter} if quality_filter else {}
    answer = indexed(people, "Ann", bad, **asked)
    assert len(answer["FaceRecords"]) == 1
    assert reasons(answer) == [[reason]]
    assert len(people.listed()) == 1


def test_more_than_one_reason_may_apply(people: People) -> None:
    answer = indexed(people, {**quality(1, 1), "Confidence": 50.0})
    assert [sorted(each) for each in reasons(answer)] == [["LOW_BRIGHTNESS", "LOW_CONFIDENCE", "LOW_SHARPNESS"]]


def test_without_a_filter_every_face_is_indexed(people: People) -> None:
    assert len(indexed(people, quality(0, 0, Confidence=1.0), QualityFilter="NONE")["FaceRecords"]) == 1


def test_each_bar_stops_what_the_one_below_it_stops(people: People) -> None:
    sharpness = [0, 12, 30, 60]
    counts = [
        len(indexed(people, *(quality(value) for value in sharpness), QualityFilter=bar)["FaceRecords"])
        for bar in ("LOW", "MEDIUM", "HIGH")
    ]
    assert counts == [3, 2, 1]


def test_a_declared_face_without_a_quality_is_good_whatever_the_pixels(people: People) -> None:
    assert reasons(indexed(people, "Ann", QualityFilter="HIGH")) == []


def test_a_blurred_photograph_is_not_indexed(album: WireClient) -> None:
    tiny = image_file(Image.open(HOPPER).convert("RGB").resize((64, 75)).resize((512, 600)), "JPEG")
    answer = album("IndexFaces", CollectionId="album", Image={"Bytes": tiny}, QualityFilter="HIGH").body
    assert answer["FaceRecords"] == []
    assert "LOW_SHARPNESS" in answer["UnindexedFaces"][0]["Reasons"]


# MaxFaces


def test_of_equal_quality_the_smallest_faces_are_too_many(people: People) -> None:
    answer = indexed(people, "Ann", "Bob", "Cid", MaxFaces=2)
    assert reasons(answer) == [["EXCEEDS_MAX_FACES"]]
    left = answer["UnindexedFaces"][0]["FaceDetail"]["BoundingBox"]["Width"]
    assert all(record["FaceDetail"]["BoundingBox"]["Width"] > left for record in answer["FaceRecords"])


def test_the_face_of_the_lowest_quality_is_too_many_first(people: People) -> None:
    answer = indexed(people, quality(sharpness=30), "Bob", "Cid", MaxFaces=2)
    assert answer["UnindexedFaces"][0]["FaceDetail"]["Quality"]["Sharpness"] == 30
    assert reasons(answer) == [["EXCEEDS_MAX_FACES"]]


def test_a_face_of_low_quality_does_not_count(people: People) -> None:
    answer = indexed(people, quality(sharpness=1), "Bob", MaxFaces=1)
    assert reasons(answer) == [["LOW_SHARPNESS"]]
    assert len(answer["FaceRecords"]) == 1


def test_no_more_than_100_faces_are_indexed(people: People) -> None:
    crowd = [{"BoundingBox": [0, 0, 0.2 + place / 1000, 0.2]} for place in range(120)]
    assert len(indexed(people, *crowd, MaxFaces=500)["FaceRecords"]) == 100


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([5.0, 20.0, 40.0, 90.0]), max_size=6), st.integers(1, 7))
def test_every_face_is_indexed_or_told_why_not(sharpness: list[float], most: int) -> None:
    with Emulator() as emulator:
        people = People(emulator)
        answer = indexed(people, *(quality(value) for value in sharpness), MaxFaces=most, QualityFilter="LOW")
        assert len(answer["FaceRecords"]) == min(most, sum(value > 10 for value in sharpness))
        assert len(answer["FaceRecords"]) + len(reasons(answer)) == len(sharpness)
        assert all(reasons(answer))
