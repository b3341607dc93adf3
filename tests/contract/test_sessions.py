"""Stream processors, face liveness, media analysis and tags."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.kit.request_members import (
    FACE_COLLECTION,
    TOPIC,
    connected_home_processor,
    face_search_processor,
    media_analysis_job,
)
from tests.kit.service import ControlApi, Rekognition, base64_text

if TYPE_CHECKING:
    from tests.kit.clients import Json

SELECTORS: Json = {
    "StartSelector": {"KVSStreamStartSelector": {"ProducerTimestamp": 1}},
    "StopSelector": {"MaxDurationInSeconds": 30},
}
REGION = [{"BoundingBox": {"Left": 0, "Top": 0, "Width": 1, "Height": 1}}]


@pytest.fixture
def processors(rekognition: Rekognition, control: ControlApi) -> None:
    """A processor of each kind: gate searches for faces, door looks for people."""
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    rekognition("CreateStreamProcessor", **face_search_processor())
    rekognition("CreateStreamProcessor", **connected_home_processor())


def status(rekognition: Rekognition, name: str) -> str:
    return str(rekognition("DescribeStreamProcessor", Name=name)["Status"])


# --- stream processors


@pytest.mark.usefixtures("processors")
def test_a_processor_is_described_as_it_was_made(rekognition: Rekognition) -> None:
    for members in (face_search_processor(), connected_home_processor()):
        found = rekognition("DescribeStreamProcessor", Name=members["Name"])
        for name in ("Name", "Input", "Output", "RoleArn"):
            assert found[name] == members[name]
        assert found["Status"] == "STOPPED"
        assert found["StreamProcessorArn"].endswith(f":streamprocessor/{members['Name']}")
    assert rekognition("ListStreamProcessors")["StreamProcessors"] == [
        {"Name": "door", "Status": "STOPPED"},
        {"Name": "gate", "Status": "STOPPED"},
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        face_search_processor(NotificationChannel={"SNSTopicArn": TOPIC}),
        face_search_processor(RegionsOfInterest=REGION),
        face_search_processor(KmsKeyId="key"),
        face_search_processor(Output={"S3Destination": {"Bucket": "found"}}),
        face_search_processor(Settings={}),
        face_search_processor(Settings={"FaceSearch": {"CollectionId": "nobody"}}),
        connected_home_processor(NotificationChannel=None),
        connected_home_processor(
            Output={"KinesisDataStream": {"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/found"}}
        ),
        connected_home_processor(Settings={"ConnectedHome": {"Labels": ["COW"]}}),
        connected_home_processor(
            Settings={**face_search_processor()["Settings"], **connected_home_processor()["Settings"]}
        ),
    ],
)
def test_settings_of_the_wrong_kind_are_refused(rekognition: Rekognition, control: ControlApi, wrong: Json) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    assert rekognition.error_code("CreateStreamProcessor", **wrong) == "InvalidParameterException"
    assert rekognition("ListStreamProcessors")["StreamProcessors"] == []


@pytest.mark.usefixtures("processors")
def test_a_processor_goes_through_its_states(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"stream": 10})
    gate = {"Name": "gate"}
    assert rekognition.error_code("StopStreamProcessor", **gate) == "ResourceInUseException"
    assert rekognition("StartStreamProcessor", **gate)["SessionId"]
    assert status(rekognition, "gate") == "STARTING"
    control.advance_clock(10)
    assert status(rekognition, "gate") == "RUNNING"
    for operation in ("StartStreamProcessor", "DeleteStreamProcessor"):
        assert rekognition.error_code(operation, **gate) == "ResourceInUseException"
    assert rekognition("StopStreamProcessor", **gate) == {}
    assert status(rekognition, "gate") == "STOPPING"
    control.advance_clock(10)
    assert status(rekognition, "gate") == "STOPPED"
    rekognition("DeleteStreamProcessor", **gate)
    assert rekognition.error_code("DescribeStreamProcessor", **gate) == "ResourceNotFoundException"


@pytest.mark.usefixtures("processors")
def test_a_label_session_ends_by_itself(rekognition: Rekognition, control: ControlApi) -> None:
    assert rekognition.error_code("StartStreamProcessor", Name="door") == "InvalidParameterException"
    assert rekognition.error_code("StartStreamProcessor", Name="gate", **SELECTORS) == "InvalidParameterException"
    rekognition("StartStreamProcessor", Name="door", **SELECTORS)
    control.advance_clock(29)
    assert status(rekognition, "door") == "RUNNING"
    assert rekognition.error_code("UpdateStreamProcessor", Name="door") == "ResourceInUseException"
    control.advance_clock(1)
    assert status(rekognition, "door") == "STOPPED"


@pytest.mark.usefixtures("processors")
def test_label_settings_are_changed(rekognition: Rekognition) -> None:
    settings = {"ConnectedHomeForUpdate": {"Labels": ["ALL"], "MinConfidence": 70}}
    door = {"Name": "door"}
    rekognition("UpdateStreamProcessor", **door, SettingsForUpdate=settings, RegionsOfInterestForUpdate=REGION)
    found = rekognition("DescribeStreamProcessor", **door)
    assert found["Settings"] == {"ConnectedHome": {"Labels": ["ALL"], "MinConfidence": 70}}
    assert found["RegionsOfInterest"] == REGION
    rekognition("UpdateStreamProcessor", **door, ParametersToDelete=["RegionsOfInterest"])
    assert "RegionsOfInterest" not in rekognition("DescribeStreamProcessor", **door)
    twice = {"RegionsOfInterestForUpdate": REGION, "ParametersToDelete": ["RegionsOfInterest"]}
    for wrong in ({**door, **twice}, {"Name": "gate", "SettingsForUpdate": settings}):
        assert rekognition.error_code("UpdateStreamProcessor", **wrong) == "InvalidParameterException"


@pytest.mark.usefixtures("processors")
def test_a_processor_fails_with_its_collection(rekognition: Rekognition) -> None:
    rekognition("StartStreamProcessor", Name="gate")
    rekognition("DeleteCollection", CollectionId=FACE_COLLECTION)
    assert status(rekognition, "gate") == "FAILED"


@pytest.mark.usefixtures("processors")
def test_a_processors_name_is_taken_once(rekognition: Rekognition) -> None:
    refusal = rekognition.refusal("CreateStreamProcessor", **face_search_processor())
    assert (refusal.code, refusal.message) == ("ResourceInUseException", "Stream processor name already in use.")


# --- face liveness


def test_a_session_succeeds_as_declared(rekognition: Rekognition, control: ControlApi, astronaut: Json) -> None:
    session = rekognition("CreateFaceLivenessSession", Settings={"AuditImagesLimit": 1})["SessionId"]
    assert rekognition("GetFaceLivenessSessionResults", SessionId=session) == {
        "SessionId": session,
        "Status": "CREATED",
    }
    image = base64_text(astronaut["Bytes"])
    said = {"confidence": 97.5, "reference_image": image, "audit_images": [image, image]}
    control.request("POST", "/liveness", {"session_id": session, **said})
    found = rekognition("GetFaceLivenessSessionResults", SessionId=session)
    assert (found["Status"], found["Confidence"]) == ("SUCCEEDED", 97.5)
    assert found["ReferenceImage"]["Bytes"] == astronaut["Bytes"]
    assert set(found["ReferenceImage"]["BoundingBox"]) == {"Left", "Top", "Width", "Height"}
    assert len(found["AuditImages"]) == 1


def test_a_failed_session_has_no_confidence(rekognition: Rekognition, control: ControlApi) -> None:
    session = rekognition("CreateFaceLivenessSession")["SessionId"]
    control.request("POST", "/liveness", {"session_id": session, "status": "FAILED"})
    found = rekognition("GetFaceLivenessSessionResults", SessionId=session)
    assert (found["Status"], "Confidence" in found) == ("FAILED", False)


def test_a_session_lives_for_three_minutes(rekognition: Rekognition, control: ControlApi) -> None:
    session = {"SessionId": rekognition("CreateFaceLivenessSession")["SessionId"]}
    control.advance_clock(179)
    assert rekognition("GetFaceLivenessSessionResults", **session)["Status"] == "CREATED"
    control.advance_clock(1)
    assert rekognition("GetFaceLivenessSessionResults", **session)["Status"] == "EXPIRED"
    control.advance_clock(180)
    assert rekognition.error_code("GetFaceLivenessSessionResults", **session) == "SessionNotFoundException"


def test_more_audit_images_than_four_are_refused(rekognition: Rekognition) -> None:
    code = rekognition.error_code("CreateFaceLivenessSession", Settings={"AuditImagesLimit": 5})
    assert code == "InvalidParameterException"


# --- media analysis


def test_a_media_analysis_goes_through_its_states(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"job": 30})
    job = rekognition("StartMediaAnalysisJob", **media_analysis_job(control), JobName="bars")
    for status_by_then in ("CREATED", "QUEUED", "IN_PROGRESS"):
        assert rekognition("GetMediaAnalysisJob", **job)["Status"] == status_by_then
        control.advance_clock(10)
    found = rekognition("GetMediaAnalysisJob", **job)
    assert found["Status"] == "SUCCEEDED"
    assert found["JobName"] == "bars"
    assert found["CompletionTimestamp"] > found["CreationTimestamp"]
    (line,) = control.get_object(found["Results"]["S3Object"]).splitlines()
    result = json.loads(line)
    assert result["source-ref"] == "s3://photos/bar.png"
    assert "Smoking" in [label["Name"] for label in result["detect-moderation-labels"]["ModerationLabels"]]
    assert rekognition("ListMediaAnalysisJobs")["MediaAnalysisJobs"] == [found]


def test_media_analyses_are_listed_newest_first(rekognition: Rekognition, control: ControlApi) -> None:
    assert rekognition("ListMediaAnalysisJobs") == {"MediaAnalysisJobs": []}
    config = media_analysis_job(control)
    jobs: list[str] = []
    for _ in range(3):
        jobs.append(rekognition("StartMediaAnalysisJob", **config)["JobId"])
        control.advance_clock(1)
    found = rekognition("ListMediaAnalysisJobs")["MediaAnalysisJobs"]
    assert [job["JobId"] for job in found] == jobs[::-1]


def test_an_unknown_media_analysis_is_not_found(rekognition: Rekognition) -> None:
    assert rekognition.error_code("GetMediaAnalysisJob", JobId="nothing") == "ResourceNotFoundException"


# --- tags


def test_tags_are_put_changed_and_taken_away(rekognition: Rekognition, name: str) -> None:
    rekognition("CreateCollection", CollectionId=name, Tags={"team": "red", "Größe": "1"})
    arn = {"ResourceArn": rekognition("DescribeCollection", CollectionId=name)["CollectionARN"]}
    rekognition("TagResource", **arn, Tags={"team": "blue", "empty": ""})
    assert rekognition("ListTagsForResource", **arn)["Tags"] == {"team": "blue", "Größe": "1", "empty": ""}
    rekognition("UntagResource", **arn, TagKeys=["team", "never"])
    assert rekognition("ListTagsForResource", **arn)["Tags"] == {"Größe": "1", "empty": ""}
    rekognition("DeleteCollection", CollectionId=name)
    assert rekognition.error_code("ListTagsForResource", **arn) == "ResourceNotFoundException"


def test_a_resource_has_two_hundred_tags(rekognition: Rekognition, collection: str) -> None:
    arn = {"ResourceArn": rekognition("DescribeCollection", CollectionId=collection)["CollectionARN"]}
    rekognition("TagResource", **arn, Tags={f"t{number}": "" for number in range(200)})
    rekognition("TagResource", **arn, Tags={"t0": "again"})
    assert rekognition.error_code("TagResource", **arn, Tags={"one": "more"}) == "ServiceQuotaExceededException"
    assert rekognition.error_code("TagResource", **arn, Tags={"aws:own": ""}) == "InvalidParameterException"
