"""Photographs and a video that nobody declared, through every operation that analyses them, with every client."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.kit.photographs import photograph
from tests.kit.request_members import ROLE, TOPIC
from tests.kit.videos import video_file

if TYPE_CHECKING:
    from tests.kit.service import ControlApi, Rekognition

ATTRIBUTES = {
    "AgeRange",
    "Beard",
    "Emotions",
    "EyeDirection",
    "Eyeglasses",
    "EyesOpen",
    "Gender",
    "MouthOpen",
    "Mustache",
    "Smile",
    "Sunglasses",
}
pytestmark = pytest.mark.parametrize(
    "rekognition",
    ["boto3", "rekog", *(pytest.param(client, marks=pytest.mark.slow) for client in ("javascript", "cli"))],
    indirect=True,
)
CHANNEL = {"SNSTopicArn": TOPIC, "RoleArn": ROLE}


@cache
def film() -> bytes:
    """Return a film of two seconds, with a cut between two photographs."""
    images = [
        Image.open(io.BytesIO(photograph(name))).convert("RGB").resize((320, 240)) for name in ("coffee", "officer")
    ]
    return video_file(images)


@pytest.fixture(autouse=True)
def _without_declarations(control: ControlApi) -> None:
    control.request("POST", "/forget", {})


def test_a_face_has_all_attributes(rekognition: Rekognition, astronaut: dict[str, bytes]) -> None:
    (face,) = rekognition("DetectFaces", Image=astronaut, Attributes=["ALL"])["FaceDetails"]
    assert set(face) >= ATTRIBUTES
    assert face["Gender"]["Value"] == "Female"
    assert face["Smile"]["Value"] is True
    assert len(face["Landmarks"]) == 30


def test_labels_have_boxes_parents_and_categories(rekognition: Rekognition) -> None:
    response = rekognition("DetectLabels", Image={"Bytes": photograph("cat")}, MaxLabels=10)
    labels = {label["Name"]: label for label in response["Labels"]}
    assert labels["Cat"]["Instances"]
    assert {parent["Name"] for parent in labels["Cat"]["Parents"]} >= {"Animal", "Mammal", "Pet"}
    assert labels["Cat"]["Categories"] == [{"Name": "Animals and Pets"}]


def test_the_words_of_a_page_are_read(rekognition: Rekognition) -> None:
    found = rekognition("DetectText", Image={"Bytes": photograph("page")})["TextDetections"]
    assert "Region-based" in " ".join(each["DetectedText"] for each in found if each["Type"] == "LINE")


def test_an_ordinary_photograph_has_no_moderation_labels(rekognition: Rekognition) -> None:
    response = rekognition("DetectModerationLabels", Image={"Bytes": photograph("coffee")})
    assert response["ModerationLabels"] == []


def test_equipment_of_a_person_is_indeterminate(rekognition: Rekognition, astronaut: dict[str, bytes]) -> None:
    response = rekognition(
        "DetectProtectiveEquipment",
        Image=astronaut,
        SummarizationAttributes={"MinConfidence": 80, "RequiredEquipmentTypes": ["FACE_COVER"]},
    )
    (person,) = response["Persons"]
    assert {part["Name"] for part in person["BodyParts"]} >= {"FACE", "HEAD"}
    assert response["Summary"]["PersonsIndeterminate"] == [0]
    assert response["Summary"]["PersonsWithoutRequiredEquipment"] == []


@pytest.mark.parametrize(
    ("kind", "items", "members"),
    [
        ("LabelDetection", "Labels", {}),
        ("FaceDetection", "Faces", {"FaceAttributes": "ALL"}),
        ("TextDetection", "TextDetections", {}),
        ("ContentModeration", "ModerationLabels", {}),
        ("CelebrityRecognition", "Celebrities", {}),
        pytest.param("PersonTracking", "Persons", {}, marks=pytest.mark.slow),
        ("SegmentDetection", "Segments", {"SegmentTypes": ["SHOT", "TECHNICAL_CUE"]}),
    ],
)
def test_a_job_of_each_kind_succeeds(
    rekognition: Rekognition, control: ControlApi, kind: str, items: str, members: dict[str, object]
) -> None:
    video = control.put_object("films", "two.mp4", film())
    job = rekognition(f"Start{kind}", Video=video, NotificationChannel=CHANNEL, **members)["JobId"]
    response = rekognition(f"Get{kind}", JobId=job)
    while response["JobStatus"] == "IN_PROGRESS":  # a request waits for a job that is due, but not for ever
        response = rekognition(f"Get{kind}", JobId=job)
    assert response["JobStatus"] == "SUCCEEDED"
    assert [each["message"]["JobId"] for each in control.notifications()] == [job]
    # a coffee cup, then a face: no celebrity is enrolled, and there is nothing to read or to moderate
    assert bool(response[items]) is (kind in ("LabelDetection", "FaceDetection", "PersonTracking", "SegmentDetection"))
