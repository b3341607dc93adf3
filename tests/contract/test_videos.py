"""Stored-video jobs of every kind: states, pages, metadata and notifications."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.contract.video_calls import STREET_OBJECT, run_job, start_job
from tests.kit.photographs import photograph_path
from tests.kit.request_members import FACE_COLLECTION, ROLE, STREET_CONTENT, TOPIC, VIDEO, VIDEO_JOBS

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

pytestmark = pytest.mark.usefixtures("street_video")


DAY_SECONDS = 86_400


# --- states


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_job_is_in_progress_and_then_has_results(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    control.set_durations({"job": 60})
    job = start_job(rekognition, kind, JobTag="tag")
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


def test_a_failed_job_has_a_status_message(rekognition: Rekognition, control: ControlApi) -> None:
    control.request("POST", "/forget", {})
    response = run_job(rekognition, "LabelDetection")
    assert response["JobStatus"] == "FAILED"
    assert response["StatusMessage"]
    assert response["Labels"] == []


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_job_is_found_only_by_the_operation_of_its_kind(rekognition: Rekognition, kind: str) -> None:
    other = "LabelDetection" if kind != "LabelDetection" else "TextDetection"
    job = start_job(rekognition, other)
    assert rekognition.error_code(f"Get{kind}", JobId=job) == "ResourceNotFoundException"
    assert rekognition.error_code(f"Get{kind}", JobId="nothing") == "ResourceNotFoundException"


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_missing_video_is_refused(rekognition: Rekognition, kind: str) -> None:
    lost = {"S3Object": {"Bucket": "films", "Name": "lost.mp4"}}
    assert rekognition.error_code(f"Start{kind}", Video=lost, **VIDEO_JOBS[kind][1]) == "InvalidS3ObjectException"


def test_a_face_search_needs_an_existing_collection(rekognition: Rekognition) -> None:
    assert rekognition.error_code("StartFaceSearch", Video=VIDEO, CollectionId="nobody") == "ResourceNotFoundException"


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_results_are_kept_for_a_week(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    job = start_job(rekognition, kind)
    rekognition(f"Get{kind}", JobId=job)
    control.advance_clock(7 * DAY_SECONDS - 1)
    assert rekognition(f"Get{kind}", JobId=job)["JobStatus"] == "SUCCEEDED"
    control.advance_clock(2)
    assert rekognition.error_code(f"Get{kind}", JobId=job) == "ResourceNotFoundException"


# --- responses


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_every_page_describes_the_job_and_the_video(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    for name, declared in STREET_CONTENT.items():
        if name != "video":
            when = "StartTimestampMillis" if name == "segments" else "Timestamp"
            control.declare(STREET_OBJECT, **{name: [{**declared[0], when: 100 * number} for number in range(3)]})
    job = start_job(rekognition, kind, JobTag="tag")
    first = rekognition(f"Get{kind}", JobId=job, MaxResults=2)
    second = rekognition(f"Get{kind}", JobId=job, MaxResults=2, NextToken=first["NextToken"])
    for name in ("JobStatus", "VideoMetadata", "JobId", "Video", "JobTag"):
        assert first[name] == second[name]
    assert first[VIDEO_JOBS[kind][0]] != second[VIDEO_JOBS[kind][0]]


def test_the_metadata_of_a_video_are_returned(rekognition: Rekognition, control: ControlApi) -> None:
    video = {**STREET_CONTENT["video"], "Codec": "h264", "ColorRange": "LIMITED"}
    control.declare(STREET_OBJECT, video=video)
    assert run_job(rekognition, "LabelDetection")["VideoMetadata"] == video


@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("LabelDetection", "LabelModelVersion"),
        ("ContentModeration", "ModerationModelVersion"),
        ("TextDetection", "TextModelVersion"),
    ],
)
def test_responses_name_the_model_versions(rekognition: Rekognition, kind: str, member: str) -> None:
    assert re.fullmatch(r"\d+\.\d+", run_job(rekognition, kind)[member])


def test_times_are_whole_milliseconds(rekognition: Rekognition) -> None:
    for kind in VIDEO_JOBS:
        when = "StartTimestampMillis" if kind == "SegmentDetection" else "Timestamp"
        assert all(type(entry[when]) is int for entry in run_job(rekognition, kind)[VIDEO_JOBS[kind][0]])


@pytest.mark.parametrize(
    ("form", "name_of_form"), [("mp4", "QuickTime / MOV"), ("mov", "QuickTime / MOV"), ("avi", "AVI")]
)
def test_faces_of_a_video_file_are_detected(
    rekognition: Rekognition, control: ControlApi, astronaut: Json, form: str, name_of_form: str
) -> None:
    from tests.kit.videos import frames_of_people, video_file

    control.request("POST", "/forget", {})
    rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=astronaut)
    location = control.put_object("films", f"real.{form}", video_file(frames_of_people(), each=4, rate=4, form=form))
    response = run_job(rekognition, "FaceSearch", Video=location)
    assert response["JobStatus"] == "SUCCEEDED", response.get("StatusMessage")
    metadata = response["VideoMetadata"]
    assert (metadata["Format"], metadata["FrameWidth"], metadata["DurationMillis"]) == (name_of_form, 256, 3000)
    matched = [person["Timestamp"] for person in response["Persons"] if person["FaceMatches"]]
    others = [person["Timestamp"] for person in response["Persons"] if not person["FaceMatches"]]
    assert matched
    assert max(matched) < 1000 <= min(others)


def test_labels_of_a_video_file_are_detected(rekognition: Rekognition, control: ControlApi) -> None:
    from tests.kit.videos import photo_frame, video_file

    control.request("POST", "/forget", {})
    film = video_file([photo_frame(photograph_path("cat"))], each=4, rate=4)
    response = run_job(rekognition, "LabelDetection", Video=control.put_object("films", "cat.mp4", film))
    assert response["JobStatus"] == "SUCCEEDED", response.get("StatusMessage")
    cats = [found for found in response["Labels"] if found["Label"]["Name"] == "Cat"]
    assert [found["Timestamp"] for found in cats] == [0, 500]
    assert [len(found["Label"]["Instances"]) for found in cats] == [1, 1]
    assert {"Animal", "Mammal", "Pet"} <= {parent["Name"] for parent in cats[0]["Label"]["Parents"]}


# --- notifications


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_one_message_goes_to_the_topic(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    channel = {"SNSTopicArn": TOPIC, "RoleArn": ROLE}
    job = start_job(rekognition, kind, NotificationChannel=channel, JobTag="tag")
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


def test_a_failure_is_published_to_the_topic(rekognition: Rekognition, control: ControlApi) -> None:
    control.request("POST", "/forget", {})
    response = run_job(rekognition, "LabelDetection", NotificationChannel={"SNSTopicArn": TOPIC, "RoleArn": ROLE})
    assert response["JobStatus"] == "FAILED"
    (sent,) = control.notifications()
    assert sent["message"]["Status"] == "FAILED"


def test_a_job_without_a_tag_has_no_tag_in_response_and_message(rekognition: Rekognition, control: ControlApi) -> None:
    response = run_job(rekognition, "LabelDetection", NotificationChannel={"SNSTopicArn": TOPIC, "RoleArn": ROLE})
    assert "JobTag" not in response
    (sent,) = control.notifications()
    assert "JobTag" not in sent["message"]


def test_a_channel_needs_valid_arns_of_topic_and_role(rekognition: Rekognition, control: ControlApi) -> None:
    foreign = TOPIC.replace(":aws:", ":aws-cn:")
    codes = [
        rekognition.error_code("StartLabelDetection", Video=VIDEO, NotificationChannel=channel)
        for channel in ({"SNSTopicArn": foreign, "RoleArn": ROLE}, {"SNSTopicArn": TOPIC, "RoleArn": "role"})
    ]
    assert codes == ["ValidationException", "ValidationException"]
