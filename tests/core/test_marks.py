"""The marks of each response, whole: outline, name, captions, confidence, group and points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rekog import models
from rekog._core.answers.marks import MARKS, Mark, marks_of
from rekog._core.rejected.incomplete import empty_model
from rekog.errors import ParamValidationError

if TYPE_CHECKING:
    from rekog._core.answers.marks import Side

BOX = {"Left": 0.125, "Top": 0.25, "Width": 0.5, "Height": 0.25}
CORNERS = ((0.125, 0.25), (0.625, 0.25), (0.625, 0.5), (0.125, 0.5))
TRIANGLE = [{"X": 0, "Y": 0}, {"X": 1, "Y": 0}, {"X": 0, "Y": 1}]
POINTS = ((0, 0), (1, 0), (0, 1))
FACE = {"BoundingBox": BOX, "Confidence": 99.25, "Landmarks": [{"Type": "nose", "X": 0.25, "Y": 0.375}]}
NOT_ON_HAND = "hand cover, not on left hand"
REASONS = "not indexed: low sharpness, small box"
NOSE = ((0.25, 0.375),)


def marks(name: str, members: dict[str, Any], side: Side = "target", least: float | None = None) -> list[Mark]:
    """Return the marks of a response with the service's names."""
    return marks_of(getattr(models, f"{name}Response").from_dict(members), side=side, min_confidence=least)


def text(identifier: int, kind: str, words: str, parent: Any = None, **geometry: Any) -> dict[str, Any]:
    return {"Id": identifier, "Type": kind, "DetectedText": words, "ParentId": parent, "Confidence": 80.5, **geometry}


WHOLE = {"Geometry": {"BoundingBox": BOX, "Polygon": TRIANGLE}}
COMPARED: dict[str, Any] = {
    "SourceImageFace": {"BoundingBox": BOX, "Confidence": 98},
    "FaceMatches": [{"Similarity": 97, "Face": FACE}],
    "UnmatchedFaces": [FACE],
}
EXPECTED: list[tuple[str, dict[str, Any], Side, list[Mark]]] = [
    ("DetectFaces", {"FaceDetails": [FACE, {"BoundingBox": BOX}]}, "target", [
        Mark(CORNERS, "face", "1: 99.2 %", "1", 99.25, "", NOSE), Mark(CORNERS, "face", "2:", "2", None),
    ]),
    ("DetectLabels", {"Labels": [
        {"Name": "Cat", "Confidence": 1, "Instances": [{"BoundingBox": BOX, "Confidence": 90}, {"BoundingBox": BOX}]},
        {"Name": "Sofa", "Confidence": 99},
        {"Instances": [{"BoundingBox": BOX, "Confidence": 7}]},
    ]}, "target", [
        Mark(CORNERS, "Cat", "Cat 90.0 %", "Cat", 90, "Cat"), Mark(CORNERS, "Cat", "Cat", "Cat", None, "Cat"),
        Mark(CORNERS, "", "7.0 %", "", 7, ""),
    ]),
    ("DetectText", {"TextDetections": [
        text(0, "LINE", "EXIT NOW", **WHOLE), text(1, "LINE", "stay", **WHOLE), text(2, "WORD", "EXIT", 0, **WHOLE),
        text(3, "WORD", "NOW", 0),
    ]}, "target", [
        Mark(POINTS, "stay", "stay", "stay", 80.5, is_read=True),
        Mark(POINTS, "EXIT", "EXIT", "EXIT", 80.5, is_read=True),
    ]),
    ("DetectCustomLabels", {"CustomLabels": [
        {"Name": "Lid", "Confidence": 5, "Geometry": {"BoundingBox": BOX, "Polygon": TRIANGLE[:2]}},
        {"Name": "Box", "Geometry": {"BoundingBox": BOX}}, {"Name": "Can", "Confidence": 7},
    ]}, "target", [
        Mark(CORNERS, "Lid", "Lid 5.0 %", "Lid", 5, "Lid"), Mark(CORNERS, "Box", "Box", "Box", None, "Box"),
    ]),
    ("RecognizeCelebrities", {
        "CelebrityFaces": [{"Name": "Ada", "MatchConfidence": 88, "Face": FACE}, {"Face": FACE}],
        "UnrecognizedFaces": [FACE],
    }, "target", [
        Mark(CORNERS, "Ada", "Ada 88.0 %", "Ada", 88, "known", NOSE),
        Mark(CORNERS, "celebrity", "celebrity", "celebrity", None, "known", NOSE),
        Mark(CORNERS, "unrecognized", "unrecognized", "?", 99.25, "unknown", NOSE),
    ]),
    ("DetectProtectiveEquipment", {"Persons": [
        {"Id": 4, "BoundingBox": BOX, "Confidence": 77, "BodyParts": [{"Name": "LEFT_HAND", "EquipmentDetections": [
            {"Type": "HAND_COVER", "BoundingBox": BOX, "Confidence": 66, "CoversBodyPart": {"Value": True}},
            {"Type": "HAND_COVER", "BoundingBox": BOX, "Confidence": 55, "CoversBodyPart": {"Value": False}},
            {"BoundingBox": BOX},
        ]}]},
    ]}, "target", [
        Mark(CORNERS, "person", "person 4 77.0 %", "4", 77, "person"),
        Mark(CORNERS, "HAND_COVER", "hand cover 66.0 %", "hand cover", 66, "worn"),
        Mark(CORNERS, "HAND_COVER", f"{NOT_ON_HAND} 55.0 %", NOT_ON_HAND, 55, "not worn"),
        Mark(CORNERS, "equipment", "equipment, not on left hand", "equipment, not on left hand", None, "not worn"),
    ]),
    ("CompareFaces", COMPARED, "source", [Mark(CORNERS, "source", "source 98.0 %", "source", 98)]),
    ("CompareFaces", COMPARED, "target", [
        Mark(CORNERS, "match", "match 97.0 %", "match", 97, "match", NOSE),
        Mark(CORNERS, "no match", "no match", "no match", 99.25, "no match", NOSE),
    ]),
    ("CompareFaces", {}, "source", []),
    ("IndexFaces", {
        "FaceRecords": [{"FaceDetail": FACE}, {"FaceDetail": FACE}],
        "UnindexedFaces": [{"FaceDetail": FACE, "Reasons": ["LOW_SHARPNESS", "SMALL_BOX"]}, {"FaceDetail": FACE}],
    }, "target", [
        Mark(CORNERS, "face", "1: 99.2 %", "1", 99.25, "indexed", NOSE),
        Mark(CORNERS, "face", "2: 99.2 %", "2", 99.25, "indexed", NOSE),
        Mark(CORNERS, "not indexed", REASONS, "not indexed", 99.25, "not indexed", NOSE),
        Mark(CORNERS, "not indexed", "not indexed", "not indexed", 99.25, "not indexed", NOSE),
    ]),
    ("SearchFacesByImage", {"SearchedFaceBoundingBox": BOX, "SearchedFaceConfidence": 98}, "target", [
        Mark(CORNERS, "searched", "searched 98.0 %", "searched", 98),
    ]),
]  # fmt: skip


def test_each_response_has_these_marks() -> None:
    for name, members, side, wanted in EXPECTED:
        assert marks(name, members, side) == wanted, name
    assert {f"{name}Response" for name, *_ in EXPECTED} == MARKS.keys()


def test_a_result_at_the_minimum_or_without_a_confidence_stays() -> None:
    faces = [{"BoundingBox": BOX, "Confidence": confidence} for confidence in (0, 0.5, 50, 49.99)] + [
        {"BoundingBox": BOX}
    ]
    response = {"FaceDetails": faces}
    for least, left in ((None, [0, 0.5, 50, 49.99, None]), (0, [0, 0.5, 50, 49.99, None]), (50, [50, None])):
        assert [mark.confidence for mark in marks("DetectFaces", response, least=least)] == left


@pytest.mark.parametrize("side", BOX)
def test_a_result_without_a_side_of_its_box_has_no_mark(side: str) -> None:
    box = {name: value for name, value in BOX.items() if name != side}
    assert marks("DetectFaces", {"FaceDetails": [{"BoundingBox": box, "Confidence": 99}]}) == []


def test_points_without_a_coordinate_are_left_out() -> None:
    landmarks = [{"X": 0.5}, {"Y": 0.5}, {"X": 0, "Y": 0}]
    (mark,) = marks("DetectFaces", {"FaceDetails": [{"BoundingBox": BOX, "Landmarks": landmarks}]})
    assert mark.points == ((0, 0),)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (models.GetCelebrityInfoResponse(), "GetCelebrityInfoResponse has no results with a place in an image"),
        ({}, "must be a response of a method, not dict: DetectFacesResponse.from_dict(...), and so on, reads one"),
        ([], "must be a response of a method, not list"),
        (empty_model(models.FaceDetail), "must be a response of a method, not FaceDetail"),
    ],
)
def test_another_answer_is_refused_with_its_kind(answer: Any, problem: str) -> None:
    with pytest.raises(ParamValidationError) as caught:
        marks_of(answer, side="target", min_confidence=None)
    assert str(caught.value) == f"answer: {problem}"
