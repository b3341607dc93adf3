"""Answers as flat rows."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest

from rekog import Response, from_wire, models
from rekog._core.answers.columns import types_of
from rekog._core.answers.rows import LISTINGS, columns_of
from rekog.errors import ParamValidationError
from rekog.models import (
    BoundingBox,
    ComparedFace,
    CompareFacesMatch,
    CompareFacesResponse,
    DetectFacesResponse,
    DetectLabelsResponse,
    DetectModerationLabelsResponse,
    DetectProtectiveEquipmentResponse,
    Emotion,
    EquipmentDetection,
    FaceDetail,
    GetFaceSearchResponse,
    Instance,
    Label,
    ListCollectionsResponse,
    ModerationLabel,
    Parent,
    PersonDetail,
    PersonMatch,
    ProtectiveEquipmentBodyPart,
    ProtectiveEquipmentPerson,
)
from tests.kit.samples import sample

DOCUMENT = Path(__file__).parents[2] / "docs/answers.md"
BOX = BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
NAMES = [*LISTINGS, "ListCollectionsResponse"]
PARTS = ("face", "head", "left_hand", "right_hand")


def filled(name: str) -> Response:
    answer: Response = from_wire(getattr(models, name), sample(name))
    return answer


@pytest.mark.parametrize("name", NAMES)
def test_every_column_has_a_value_in_a_complete_answer(name: str) -> None:
    rows = filled(name).to_rows()
    assert [list(row) for row in rows] == [columns_of(name)] * len(rows)
    empty = {column for column in columns_of(name) if all(row[column] is None for row in rows)}
    # the sample has one body part, the face
    others = {column for column in empty if column.startswith(PARTS[1:])}
    assert empty == (others if name == "DetectProtectiveEquipmentResponse" else set())


@pytest.mark.parametrize("name", NAMES)
def test_a_row_has_plain_values(name: str) -> None:
    cells = [cell for row in filled(name).to_rows() for cell in row.values()]
    assert {type(cell) for cell in cells} <= {str, int, float, bool, type(None)}


def test_the_type_of_each_column_is_that_of_its_values() -> None:
    for name in NAMES:
        types = types_of(getattr(models, name))
        assert list(types) == columns_of(name)
        for row in filled(name).to_rows():
            assert all(type(value) is types[column] for column, value in row.items() if value is not None), name


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_in_which_all_is_missing_has_the_same_columns(name: str) -> None:
    items: dict[str, Any] = {
        member: [{}] for member, value in sample(name).items() if isinstance(value, list) and value != ["text-0"]
    }
    rows = from_wire(getattr(models, name), items).to_rows()
    assert [list(row) for row in rows] == [columns_of(name)] * len(rows)


def test_the_document_lists_the_columns() -> None:
    stated = {
        operation: re.findall(r"`(\w+)`", columns)
        for operations, columns in re.findall(
            r"^\| ([A-Z][\w, ]+) \| (`.+`) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE
        )
        for operation in operations.split(", ")
    }
    assert stated == {name.removesuffix("Response"): columns_of(name) for name in NAMES}


def test_a_label_has_a_row_for_each_instance() -> None:
    cars = [Instance(bounding_box=BOX, confidence=90.0), Instance(bounding_box=BOX, confidence=80.0)]
    parents = [Parent(name="Vehicle"), Parent(name="Transportation")]
    answer = DetectLabelsResponse(labels=[
        Label(name="Car", confidence=98.0, instances=cars, parents=parents), Label(name="Road", confidence=70.0),
    ])  # fmt: skip
    rows = answer.to_rows()
    assert [(row["name"], row["confidence"], row["instance_confidence"], row["left"]) for row in rows] == [
        ("Car", 98.0, 90.0, 0.1),
        ("Car", 98.0, 80.0, 0.1),
        ("Road", 70.0, None, None),
    ]
    assert [row["parents"] for row in rows] == ["Vehicle; Transportation"] * 2 + [""]


def test_the_emotion_of_a_face_is_the_one_of_the_highest_confidence() -> None:
    emotions = [Emotion(type="CALM", confidence=10.0), Emotion(type="HAPPY", confidence=80.0)]
    (row,) = DetectFacesResponse(
        face_details=[FaceDetail(bounding_box=BOX, confidence=99.0, emotions=emotions)]
    ).to_rows()
    assert (row["emotion"], row["emotion_confidence"], row["smile"]) == ("HAPPY", 80.0, None)


def test_a_person_has_columns_for_each_body_part() -> None:
    helmet = EquipmentDetection(
        confidence=90.0, type="HEAD_COVER", covers_body_part=models.CoversBodyPart(confidence=95.0, value=False)
    )
    person = ProtectiveEquipmentPerson(
        id=3,
        confidence=99.0,
        bounding_box=BOX,
        body_parts=[
            ProtectiveEquipmentBodyPart(name="FACE", confidence=97.0),
            ProtectiveEquipmentBodyPart(name="HEAD", confidence=98.0, equipment_detections=[helmet]),
        ],
    )
    (row,) = DetectProtectiveEquipmentResponse(persons=[person]).to_rows()
    assert [row[part] for part in PARTS] == [97.0, 98.0, None, None]
    assert [row[f"{part}_equipment"] for part in PARTS] == [None, "HEAD_COVER", None, None]
    assert [row[f"{part}_covered"] for part in PARTS] == [None, False, None, None]


def test_faces_of_a_comparison_without_a_match_have_no_similarity() -> None:
    face = ComparedFace(bounding_box=BOX, confidence=99.0)
    answer = CompareFacesResponse(
        face_matches=[CompareFacesMatch(similarity=95.0, face=face)], unmatched_faces=[face, face]
    )
    assert [row["similarity"] for row in answer.to_rows()] == [95.0, None, None]


def test_a_person_without_a_match_has_a_row() -> None:
    person = PersonMatch(timestamp=40, person=PersonDetail(index=7))
    (row,) = GetFaceSearchResponse(persons=[person]).to_rows()
    assert (row["timestamp"], row["index"], row["similarity"], row["face_id"]) == (40, 7, None, None)


def test_collections_have_their_versions() -> None:
    answer = ListCollectionsResponse(collection_ids=["a", "b"], face_model_versions=["7.0"])
    assert answer.to_rows() == [
        {"collection_id": "a", "face_model_version": "7.0"},
        {"collection_id": "b", "face_model_version": None},
    ]


MODERATED = DetectModerationLabelsResponse(moderation_labels=[ModerationLabel(name="Alcohol", confidence=60.0)] * 2)


def test_constants_are_the_first_columns_of_each_row() -> None:
    rows = MODERATED.to_rows(image="a.jpg", batch=3)
    assert [list(row.items())[:3] for row in rows] == [[("image", "a.jpg"), ("batch", 3), ("name", "Alcohol")]] * 2


def test_a_constant_may_not_replace_a_column() -> None:
    with pytest.raises(ParamValidationError, match="name: is a column of DetectModerationLabelsResponse"):
        MODERATED.to_rows(name="a.jpg")


def test_an_answer_without_a_list_of_results_is_refused() -> None:
    with pytest.raises(ParamValidationError, match="CreateCollectionResponse has no list of results"):
        filled("CreateCollectionResponse").to_rows()


def test_an_answer_without_results_has_no_rows() -> None:
    assert DetectFacesResponse().to_rows() == []


def test_the_rows_become_a_csv_file() -> None:
    rows, file = MODERATED.to_rows(image="a.jpg"), io.StringIO()
    writer = csv.DictWriter(file, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    assert file.getvalue().splitlines()[:2] == [
        "image,name,parent_name,taxonomy_level,confidence",
        "a.jpg,Alcohol,,,60.0",
    ]
