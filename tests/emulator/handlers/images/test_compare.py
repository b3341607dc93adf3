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
    answer = wire("CompareFaces", SourceImage={"Bytes": source}, TargetImage={"Bytes": target}, **members)
    assert answer.status == 200, answer.body
    return answer.body


def widths(faces: list[dict[str, Any]]) -> list[float]:
    return [face.get("Face", face)["BoundingBox"]["Width"] for face in faces]


@pytest.fixture(scope="module")
def group() -> bytes:
    """Two people in one photograph, the astronaut on the left."""
    both = Image.new("RGB", (1024, 600))
    both.paste(Image.open(ASTRONAUT).convert("RGB"), (0, 0))
    both.paste(Image.open(HOPPER).convert("RGB"), (512, 0))
    return image_file(both, "JPEG", quality=92)


def test_a_person_is_found_in_a_group_photograph(session_wire: WireClient, group: bytes) -> None:
    answer = compare(session_wire, ASTRONAUT.read_bytes(), group)
    (match,), (other,) = answer["FaceMatches"], answer["UnmatchedFaces"]
    assert match["Similarity"] > 99
    assert match["Face"]["BoundingBox"]["Left"] < 0.5 < other["BoundingBox"]["Left"]


def test_a_match_is_described_as_it_is_detected(session_wire: WireClient, group: bytes) -> None:
    answer = compare(session_wire, ASTRONAUT.read_bytes(), group)
    found = session_wire.faces(group)
    assert answer["FaceMatches"][0]["Face"] in found
    assert answer["UnmatchedFaces"][0] in found


def test_the_source_face_is_told_by_its_box_and_confidence_only(session_wire: WireClient, group: bytes) -> None:
    (face,) = session_wire.faces(HOPPER.read_bytes())
    expected = {"BoundingBox": face["BoundingBox"], "Confidence": face["Confidence"]}
    answer = compare(session_wire, HOPPER.read_bytes(), group)
    assert answer["SourceImageFace"] == expected
    assert not [name for name in answer if "Orientation" in name]


def test_only_the_largest_face_of_the_source_counts(people: People) -> None:
    answer = compare(people.wire, people.image("Ann", "Bob"), people.image("Bob", "Ann"))
    assert len(answer["FaceMatches"]) == len(answer["UnmatchedFaces"]) == 1
    assert widths(answer["FaceMatches"]) < widths(answer["UnmatchedFaces"])


def test_every_target_face_is_in_exactly_one_list(people: People) -> None:
    source, target = people.image("Ann"), people.image("Bob", "Ann", "Cid", "Ann")
    answer = compare(people.wire, source, target)
    told = widths(answer["FaceMatches"]) + widths(answer["UnmatchedFaces"])
    assert sorted(told) == sorted(face["BoundingBox"]["Width"] for face in people.wire.faces(target))
    assert (len(answer["FaceMatches"]), len(answer["UnmatchedFaces"])) == (2, 2)


def test_matches_come_with_the_most_similar_first(people: People) -> None:
    answer = compare(people.wire, people.image("Ann"), people.image(*"ABCD", "Ann"), SimilarityThreshold=0)
    similarities = [match["Similarity"] for match in answer["FaceMatches"]]
    assert len(similarities) == 5
    assert similarities == sorted(similarities, reverse=True)
    assert answer["UnmatchedFaces"] == []


def test_the_threshold_is_80_unless_told_and_inclusive(people: People) -> None:
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


def test_faces_of_low_quality_are_not_compared_if_told_so(people: People) -> None:
    source, target = people.image("Ann"), people.image(BLURRED, "Bob")
    assert len(compare(people.wire, source, target)["FaceMatches"]) == 1
    filtered = compare(people.wire, source, target, QualityFilter="LOW")
    assert (len(filtered["FaceMatches"]), len(filtered["UnmatchedFaces"])) == (0, 1)


def test_an_image_that_is_none_is_refused(people: People) -> None:
    images = {"SourceImage": {"Bytes": people.image("Ann")}, "TargetImage": {"Bytes": b"no picture"}}
    assert people.wire("CompareFaces", **images).refusal[0] == "InvalidImageFormatException"
