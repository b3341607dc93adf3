"""IndexFaces: faces that do not pass the quality filter, and faces beyond MaxFaces."""

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


def reasons(response: dict[str, Any]) -> list[list[str]]:
    return [face["Reasons"] for face in response.get("UnindexedFaces", [])]


def indexed(people: People, *faces: Any, **members: Any) -> dict[str, Any]:
    return people("IndexFaces", Image={"Bytes": people.image(*faces)}, **members)


# Quality


@pytest.mark.parametrize(
    ("face", "reason"),
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
def test_a_face_of_low_quality_is_not_indexed_and_has_its_reason(
    people: People, face: dict[str, object], reason: str, quality_filter: str | None
) -> None:
    members = {"QualityFilter": quality_filter} if quality_filter else {}
    response = indexed(people, "Ann", face, **members)
    assert len(response["FaceRecords"]) == 1
    assert reasons(response) == [[reason]]
    assert len(people.listed()) == 1


def test_a_face_is_too_small_by_its_height_only(people: People) -> None:
    wide, high = ({"BoundingBox": [0.5, 0.5, *size]} for size in ((0.4, 0.02), (0.02, 0.4)))
    assert reasons(indexed(people, wide, QualityFilter="LOW")) == [["SMALL_BOUNDING_BOX"]]
    assert reasons(indexed(people, high, QualityFilter="LOW")) == []


def test_more_than_one_reason_may_apply(people: People) -> None:
    response = indexed(people, {**quality(1, 1), "Confidence": 50.0})
    assert [sorted(each) for each in reasons(response)] == [["LOW_BRIGHTNESS", "LOW_CONFIDENCE", "LOW_SHARPNESS"]]


def test_without_a_filter_every_face_is_indexed(people: People) -> None:
    assert len(indexed(people, quality(0, 0, Confidence=1.1), QualityFilter="NONE")["FaceRecords"]) == 1


def test_each_bar_rejects_the_faces_of_the_lower_bar_and_more(people: People) -> None:
    sharpness = [0, 12, 30, 60]
    counts = [
        len(indexed(people, *(quality(value) for value in sharpness), QualityFilter=bar)["FaceRecords"])
        for bar in ("LOW", "MEDIUM", "HIGH")
    ]
    assert counts == [3, 2, 1]


def test_a_declared_face_without_a_quality_passes_every_filter(people: People) -> None:
    assert reasons(indexed(people, "Ann", QualityFilter="HIGH")) == []


def test_a_blurred_photograph_is_not_indexed(album: WireClient) -> None:
    tiny = image_file(Image.open(HOPPER).convert("RGB").resize((64, 75)).resize((512, 600)), "JPEG")
    response = album("IndexFaces", CollectionId="album", Image={"Bytes": tiny}, QualityFilter="HIGH").body
    assert response["FaceRecords"] == []
    assert "LOW_SHARPNESS" in response["UnindexedFaces"][0]["Reasons"]


# MaxFaces


def test_of_equal_quality_the_smallest_faces_exceed_max_faces(people: People) -> None:
    response = indexed(people, "Ann", "Bob", "Cid", MaxFaces=2)
    assert reasons(response) == [["EXCEEDS_MAX_FACES"]]
    left = response["UnindexedFaces"][0]["FaceDetail"]["BoundingBox"]["Width"]
    assert all(record["FaceDetail"]["BoundingBox"]["Width"] > left for record in response["FaceRecords"])


def test_the_face_of_the_lowest_quality_exceeds_max_faces_first(people: People) -> None:
    response = indexed(people, quality(sharpness=30), "Bob", "Cid", MaxFaces=2)
    assert response["UnindexedFaces"][0]["FaceDetail"]["Quality"]["Sharpness"] == 30
    assert reasons(response) == [["EXCEEDS_MAX_FACES"]]


def test_a_face_of_low_quality_does_not_count_for_max_faces(people: People) -> None:
    response = indexed(people, quality(sharpness=1), "Bob", MaxFaces=1)
    assert reasons(response) == [["LOW_SHARPNESS"]]
    assert len(response["FaceRecords"]) == 1


def test_at_most_100_faces_are_indexed(people: People) -> None:
    crowd = [{"BoundingBox": [0, 0, 0.2 + number / 1000, 0.2]} for number in range(120)]
    assert len(indexed(people, *crowd, MaxFaces=500)["FaceRecords"]) == 100


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([5.0, 20.0, 40.0, 90.0]), max_size=6), st.integers(1, 7))
def test_every_face_is_indexed_or_has_a_reason(sharpness: list[float], max_faces: int) -> None:
    with Emulator() as emulator:
        people = People(emulator)
        response = indexed(people, *(quality(value) for value in sharpness), MaxFaces=max_faces, QualityFilter="LOW")
        assert len(response["FaceRecords"]) == min(max_faces, sum(value > 10 for value in sharpness))
        assert len(response["FaceRecords"]) + len(reasons(response)) == len(sharpness)
        assert all(reasons(response))
