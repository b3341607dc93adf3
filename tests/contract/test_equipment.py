"""DetectProtectiveEquipment: persons, body parts and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


PERSON: Json = {
    "BoundingBox": [0, 0, 0.5, 1],
    "BodyParts": [
        {"Name": "HEAD", "Confidence": 99, "EquipmentDetections": [{"Type": "HEAD_COVER", "Confidence": 95}]},
        {"Name": "FACE", "Confidence": 99},
    ],
}


def person_with(**parts: object) -> Json:
    """Return a declared person with visible body parts, each with its equipment or None."""
    body_parts = [
        {"Name": name, "Confidence": 99, "EquipmentDetections": [worn] if worn else []} for name, worn in parts.items()
    ]
    return {"BoundingBox": [0, 0, 0.5, 1], "Confidence": 99, "BodyParts": body_parts}


def cover(kind: str, confidence: float = 95, **covers: object) -> Json:
    worn: Json = {"Type": kind, "Confidence": confidence}
    return {**worn, "CoversBodyPart": covers} if covers else worn


GLOVE = cover("HAND_COVER")
HAT = cover("HEAD_COVER")
WITH, WITHOUT, UNKNOWN = (
    "PersonsWithRequiredEquipment",
    "PersonsWithoutRequiredEquipment",
    "PersonsIndeterminate",
)


def test_persons_and_their_parts_are_detected(rekognition: Rekognition, hopper: dict[str, bytes]) -> None:
    required = {"MinConfidence": 80, "RequiredEquipmentTypes": ["FACE_COVER"]}
    response = rekognition("DetectProtectiveEquipment", Image=hopper, SummarizationAttributes=required)
    (person,) = response["Persons"]
    assert (person["Id"], person["BoundingBox"]["Height"] > 0.8) == (0, True)
    assert {"FACE", "HEAD"} <= {part["Name"] for part in person["BodyParts"]}


def test_a_detected_person_is_neither_with_nor_without_equipment(
    rekognition: Rekognition, control: ControlApi, hopper: dict[str, bytes]
) -> None:
    required = {"MinConfidence": 80, "RequiredEquipmentTypes": ["FACE_COVER"]}
    response = rekognition("DetectProtectiveEquipment", Image=hopper, SummarizationAttributes=required)
    assert response["Summary"] == {WITH: [], WITHOUT: [], UNKNOWN: [0]}
    (person,) = response["Persons"]
    assert all(part["EquipmentDetections"] == [] for part in person["BodyParts"])


@pytest.mark.parametrize(
    ("required", "minimum", "group"),
    [
        (["HEAD_COVER"], 80, "PersonsWithRequiredEquipment"),
        (["HEAD_COVER", "FACE_COVER"], 80, "PersonsWithoutRequiredEquipment"),
        (["HEAD_COVER", "HAND_COVER"], 80, "PersonsIndeterminate"),
        (["HEAD_COVER"], 96, "PersonsIndeterminate"),
    ],
)
def test_the_summary_assigns_each_person_to_one_group(
    rekognition: Rekognition, control: ControlApi, required: list[str], minimum: float, group: str
) -> None:
    requested = {"MinConfidence": minimum, "RequiredEquipmentTypes": required}
    image = control.declared_image(ppe=[PERSON])
    response = rekognition("DetectProtectiveEquipment", Image=image, SummarizationAttributes=requested)
    assert [person["Id"] for person in response["Persons"]] == [0]
    assert {name: ids for name, ids in response["Summary"].items() if ids} == {group: [0]}
    assert "Summary" not in rekognition("DetectProtectiveEquipment", Image=image)


@pytest.mark.parametrize(
    ("declared_person", "required", "minimum", "group"),
    [
        (person_with(LEFT_HAND=GLOVE, RIGHT_HAND=GLOVE), "HAND_COVER", 80, WITH),
        (person_with(LEFT_HAND=GLOVE, RIGHT_HAND=None), "HAND_COVER", 80, WITHOUT),
        (person_with(LEFT_HAND=GLOVE), "HAND_COVER", 80, UNKNOWN),
        (person_with(HEAD=HAT, LEFT_HAND=None), "HEAD_COVER HAND_COVER", 80, WITHOUT),
        (person_with(HEAD=HAT), "HEAD_COVER FACE_COVER", 80, UNKNOWN),
        (person_with(HEAD=cover("FACE_COVER")), "HEAD_COVER", 80, WITHOUT),
        (person_with(HEAD=cover("HEAD_COVER", Value=False, Confidence=95)), "HEAD_COVER", 80, WITHOUT),
        (person_with(HEAD=cover("HEAD_COVER", Value=True, Confidence=60)), "HEAD_COVER", 80, UNKNOWN),
        (person_with(HEAD=cover("HEAD_COVER", 80)), "HEAD_COVER", 80, WITH),
        (person_with(HEAD=cover("HEAD_COVER", 50)), "HEAD_COVER", 0, WITH),
        ({**person_with(HEAD=HAT), "Confidence": 70}, "HEAD_COVER", 80, UNKNOWN),
    ],
)
def test_a_person_is_with_without_or_indeterminate(
    rekognition: Rekognition, control: ControlApi, declared_person: Json, required: str, minimum: float, group: str
) -> None:
    requested = {"MinConfidence": minimum, "RequiredEquipmentTypes": required.split()}
    image = control.declared_image(ppe=[declared_person])
    summary = rekognition("DetectProtectiveEquipment", Image=image, SummarizationAttributes=requested)["Summary"]
    assert summary == {WITH: [], WITHOUT: [], UNKNOWN: [], group: [0]}


def test_at_most_fifteen_persons_are_returned_with_uncovered_parts(
    rekognition: Rekognition, control: ControlApi
) -> None:
    image = control.declared_image(ppe=[person_with(FACE=None)] * 17)
    persons = rekognition("DetectProtectiveEquipment", Image=image)["Persons"]
    assert [each["Id"] for each in persons] == list(range(15))
    assert [part["Name"] for part in persons[0]["BodyParts"]] == ["FACE"]
    assert not persons[0]["BodyParts"][0].get("EquipmentDetections")
