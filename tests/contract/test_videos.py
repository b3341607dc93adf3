"""Stored-video jobs: every kind, from its start to its last page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.kit.request_members import FACE_COLLECTION, NOT_A_VIDEO, ROLE, STREET_CONTENT, TOPIC, VIDEO, VIDEO_JOBS

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

LABELS = [
    {"Timestamp": 0, "Name": "Van", "Confidence": 88},
    {"Timestamp": 1000, "Name": "Car", "Confidence": 51},
    {"Timestamp": 0, "Name": "Tree", "Confidence": 49.9},
]


@pytest.fixture(autouse=True)
def street(rekognition: Rekognition, control: ControlApi) -> None:
    """A video in which there is one of everything."""
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.image_of_people("Ann"))
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    control.declare("s3://films/street.mp4", **STREET_CONTENT)


def start(rekognition: Rekognition, kind: str, **members: object) -> str:
    return str(rekognition(f"Start{kind}", **{"Video": VIDEO, **VIDEO_JOBS[kind][1], **members})["JobId"])


def run(rekognition: Rekognition, kind: str, get: Json | None = None, **members: object) -> Json:
    return rekognition(f"Get{kind}", JobId=start(rekognition, kind, **members), **(get or {}))


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_job_is_in_progress_and_then_has_its_results(
    rekognition: Rekognition, control: ControlApi, kind: str
) -> None:
    control.set_durations({"job": 60})
    job = start(rekognition, kind, JobTag="tag")
    assert re.fullmatch("[0-9a-f]{64}", job)
    before = rekognition(f"Get{kind}", JobId=job)
    items = VIDEO_JOBS[kind][0]
    assert (before["JobStatus"], before[items]) == ("IN_PROGRESS", [])
    control.advance_clock(60)
    after = rekognition(f"Get{kind}", JobId=job)
    count = 2 if kind == "TextDetection" else 1  # a line and its word
    assert (after["JobStatus"], len(after[items])) == ("SUCCEEDED", count)
    assert (after["JobId"], after["Video"], after["JobTag"]) == (job, VIDEO, "tag")
    metadata = after["VideoMetadata"]
    assert (metadata[0] if kind == "SegmentDetection" else metadata)["DurationMillis"] == 4000


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_job_is_one_of_its_kind(rekognition: Rekognition, kind: str) -> None:
    other = "LabelDetection" if kind != "LabelDetection" else "TextDetection"
    job = start(rekognition, other)
    assert rekognition.error_code(f"Get{kind}", JobId=job) == "ResourceNotFoundException"
    assert rekognition.error_code(f"Get{kind}", JobId="nothing") == "ResourceNotFoundException"


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_video_that_is_not_there_is_refused(rekognition: Rekognition, kind: str) -> None:
    lost = {"S3Object": {"Bucket": "films", "Name": "lost.mp4"}}
    assert rekognition.error_code(f"Start{kind}", Video=lost, **VIDEO_JOBS[kind][1]) == "InvalidS3ObjectException"


def test_a_face_search_needs_its_collection(rekognition: Rekognition) -> None:
    assert rekognition.error_code("StartFaceSearch", Video=VIDEO, CollectionId="nobody") == "ResourceNotFoundException"


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_one_message_goes_to_the_topic(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    channel = {"SNSTopicArn": TOPIC, "RoleArn": ROLE}
    job = start(rekognition, kind, NotificationChannel=channel, JobTag="tag")
    rekognition(f"Get{kind}", JobId=job)
    (sent,) = control.notifications()
    message: Json = sent["message"]
    assert sent["topic_arn"] == TOPIC
    assert message.pop("Timestamp") == pytest.approx(control.request("GET", "/clock")["now"] * 1000, abs=1000)
    assert message == {
        "JobId": job,
        "Status": "SUCCEEDED",
        "API": f"Start{kind}",
        "JobTag": "tag",
        "Video": {"S3ObjectName": "street.mp4", "S3Bucket": "films"},
    }


@pytest.mark.parametrize(
    ("kind", "orders"),
    [
        ("LabelDetection", ["TIMESTAMP", "NAME"]),
        ("ContentModeration", ["TIMESTAMP", "NAME"]),
        ("FaceSearch", ["TIMESTAMP", "INDEX"]),
        ("PersonTracking", ["TIMESTAMP", "INDEX"]),
        ("CelebrityRecognition", ["TIMESTAMP", "ID"]),
    ],
)
def test_a_job_is_sorted_as_asked_for(rekognition: Rekognition, kind: str, orders: list[str]) -> None:
    job = start(rekognition, kind)
    for order in orders:
        assert rekognition(f"Get{kind}", JobId=job, SortBy=order)["JobStatus"] == "SUCCEEDED"
    assert rekognition.error_code(f"Get{kind}", JobId=job, SortBy="SIZE") == "InvalidParameterException"


def test_labels_are_by_time_or_by_name_from_fifty_on(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare("s3://films/street.mp4", labels=LABELS)

    def found(**get: str) -> list[str]:
        return [each["Label"]["Name"] for each in run(rekognition, "LabelDetection", get)["Labels"]]

    assert found() == ["Van", "Car"]
    assert found(SortBy="NAME") == ["Car", "Van"]


def test_what_was_used_is_repeated(rekognition: Rekognition) -> None:
    for kind in ("LabelDetection", "ContentModeration"):
        answer = run(rekognition, kind)
        assert answer["GetRequestMetadata"] == {"SortBy": "TIMESTAMP", "AggregateBy": "TIMESTAMPS"}
        entry = answer[VIDEO_JOBS[kind][0]][0]
        assert "StartTimestampMillis" not in entry


def test_segments_of_labels_have_a_beginning_and_an_end(rekognition: Rekognition) -> None:
    (entry,) = run(rekognition, "LabelDetection", {"AggregateBy": "SEGMENTS"})["Labels"]
    assert entry["Timestamp"] == entry["StartTimestampMillis"]
    assert entry["DurationMillis"] == entry["EndTimestampMillis"] - entry["StartTimestampMillis"]


def test_faces_have_all_attributes_only_when_asked_for(rekognition: Rekognition) -> None:
    (face,) = run(rekognition, "FaceDetection")["Faces"]
    assert face["Timestamp"] == 500
    assert "AgeRange" not in face["Face"]


def test_a_face_search_finds_who_is_in_the_collection(rekognition: Rekognition, control: ControlApi) -> None:
    both = [{**STREET_CONTENT["faces"][0]}, {"Timestamp": 0, "Identity": "Bob", "BoundingBox": [0, 0, 0.1, 0.1]}]
    control.declare("s3://films/street.mp4", faces=both)
    (person,) = run(rekognition, "FaceSearch")["Persons"]
    (match,) = person["FaceMatches"]
    assert (person["Timestamp"], match["Similarity"] >= 80) == (500, True)
    control.declare("s3://films/street.mp4", faces=both[1:])
    assert run(rekognition, "FaceSearch")["Persons"] == []


def test_segments_have_timecodes_and_frames(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare("s3://films/street.mp4", audio=[{"Codec": "aac", "NumberOfChannels": 2}])
    answer = run(rekognition, "SegmentDetection")
    (segment,) = answer["Segments"]
    assert (segment["StartTimecodeSMPTE"], segment["EndTimecodeSMPTE"]) == ("00:00:00:00", "00:00:04:00")
    assert (segment["StartFrameNumber"], segment["EndFrameNumber"], segment["DurationFrames"]) == (0, 100, 100)
    assert [each["Type"] for each in answer["SelectedSegmentTypes"]] == ["SHOT"]
    assert answer["AudioMetadata"] == [{"Codec": "aac", "NumberOfChannels": 2}]
    assert run(rekognition, "SegmentDetection", SegmentTypes=["TECHNICAL_CUE"])["Segments"] == []


def test_a_job_that_fails_says_why(rekognition: Rekognition, control: ControlApi) -> None:
    control.request("POST", "/forget", {})
    answer = run(rekognition, "LabelDetection")
    assert answer["JobStatus"] == "FAILED"
    assert answer["StatusMessage"]
    assert answer["Labels"] == []
