"""CompareFaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.kit.wire import ASTRONAUT, HOPPER, WireClient, image_file

if TYPE_CHECKING:
    from tests.kit.people import People

BLURRED = {"Identity": "Ann", "Quality": {"Sharpness": 1.0, "Brightness": 50.0}}
NOTHING = ("InvalidParameterException", "Request has invalid parameters")


def compare(wire: WireClient, source: bytes, target: bytes, **members: Any) -> dict[str, Any]:
    response = wire("CompareFaces", SourceImage={"Bytes": source}, TargetImage={"Bytes": target}, **members)
    assert response.status == 200, response.body
    return response.body


def widths(faces: list[dict[str, Any]]) -> list[float]:
    return [face.get("Face", face)["BoundingBox"]["Width"] for face in faces]


@pytest.fixture(scope="module")
def group() -> bytes:
    """Two people in one photograph, the astronaut on the left."""
    both = Image.new("RGB", (1024, 600))
    both.paste(Image.open(ASTRONAUT).convert("RGB"), (0, 0))
    both.paste(Image.open(HOPPER).convert("RGB"), (512, 0))
    return image_file(both, "JPEG", quality=92)


@pytest.mark.slow
def test_a_person_is_found_in_a_group_photograph(session_wire: WireClient, group: bytes) -> None:
    response = compare(session_wire, ASTRONAUT.read_bytes(), group)
    (match,), (other,) = response["FaceMatches"], response["UnmatchedFaces"]
    assert match["Similarity"] > 99
    assert match["Face"]["BoundingBox"]["Left"] < 0.5 < other["BoundingBox"]["Left"]


def test_a_match_is_described_as_it_is_detected(session_wire: WireClient, group: bytes) -> None:
    response = compare(session_wire, ASTRONAUT.read_bytes(), group)
    detected = session_wire.faces(group, "EMOTIONS", "SMILE")
    assert response["FaceMatches"][0]["Face"] in detected
    assert response["UnmatchedFaces"][0] in detected


def test_the_source_face_has_a_box_and_a_confidence_only(session_wire: WireClient, group: bytes) -> None:
    (face,) = session_wire.faces(HOPPER.read_bytes())
    expected = {"BoundingBox": face["BoundingBox"], "Confidence": face["Confidence"]}
    response = compare(session_wire, HOPPER.read_bytes(), group)
    assert response["SourceImageFace"] == expected
    assert not [name for name in response if "Orientation" in name]


def test_only_the_largest_face_of_the_source_counts(people: People) -> None:
    response = compare(people.wire, people.image("Ann", "Bob"), people.image("Bob", "Ann"))
    assert len(response["FaceMatches"]) == len(response["UnmatchedFaces"]) == 1
    assert widths(response["FaceMatches"]) < widths(response["UnmatchedFaces"])


def test_every_target_face_is_in_exactly_one_list(people: People) -> None:
    source, target = people.image("Ann"), people.image("Bob", "Ann", "Cid", "Ann")
    response = compare(people.wire, source, target)
    listed = widths(response["FaceMatches"]) + widths(response["UnmatchedFaces"])
    assert sorted(listed) == sorted(face["BoundingBox"]["Width"] for face in people.wire.faces(target))
    assert (len(response["FaceMatches"]), len(response["UnmatchedFaces"])) == (2, 2)


def test_matches_are_ordered_by_descending_similarity(people: People) -> None:
    response = compare(people.wire, people.image("Ann"), people.image(*"ABCD", "Ann"), SimilarityThreshold=0)
    similarities = [match["Similarity"] for match in response["FaceMatches"]]
    assert len(similarities) == 5
    assert similarities == sorted(similarities, reverse=True)
    assert response["UnmatchedFaces"] == []


def test_the_threshold_is_inclusive_and_80_when_absent(people: People) -> None:
    source, target = people.image("Ann"), people.image("Bob")
    assert compare(people.wire, source, target)["FaceMatches"] == []
    (match,) = compare(people.wire, source, target, SimilarityThreshold=0)["FaceMatches"]
    at = compare(people.wire, source, target, SimilarityThreshold=match["Similarity"])
    above = compare(people.wire, source, target, SimilarityThreshold=match["Similarity"] + 0.001)
    assert (len(at["FaceMatches"]), len(above["FaceMatches"])) == (1, 0)


@pytest.mark.parametrize(
    ("source", "target"), [([], ["Ann"]), (["Ann"], []), ([BLURRED], ["Ann"]), (["Ann"], [BLURRED])]
)
def test_no_face_on_either_side_is_refused(people: People, source: list[Any], target: list[Any]) -> None:
    refusal = people.wire(
        "CompareFaces",
        SourceImage={"Bytes": people.image(*source)},
        TargetImage={"Bytes": people.image(*target)},
        QualityFilter="LOW",
    ).refusal
    assert refusal == NOTHING


def test_a_quality_filter_removes_faces_of_low_quality_from_the_comparison(people: People) -> None:
    source, target = people.image("Ann"), people.image(BLURRED, "Bob")
    assert len(compare(people.wire, source, target)["FaceMatches"]) == 1
    filtered = compare(people.wire, source, target, QualityFilter="LOW")
    assert (len(filtered["FaceMatches"]), len(filtered["UnmatchedFaces"])) == (0, 1)


def test_bytes_that_are_no_image_are_refused(people: People) -> None:
    images = {"SourceImage": {"Bytes": people.image("Ann")}, "TargetImage": {"Bytes": b"no image"}}
    assert people.wire("CompareFaces", **images).refusal[0] == "InvalidImageFormatException"
