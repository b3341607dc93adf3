"""Stream processors, liveness, media analysis and tags, beyond test_sessions.py."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.contract.test_sessions import REGION, SELECTORS, processors, status
from tests.kit.request_members import (
    FACE_COLLECTION,
    OUTPUT,
    TOPIC,
    connected_home_processor,
    create_trained_version,
    face_search_processor,
    manifest_lines,
    media_analysis_job,
)
from tests.kit.service import ControlApi, Rekognition, base64_text

if TYPE_CHECKING:
    from tests.kit.clients import Json

__all__ = ["processors"]  # a fixture

GATE, DOOR = {"Name": "gate"}, {"Name": "door"}
ADAPTER = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
NOBODY = "00000000-0000-0000-0000-000000000000"


# --- stream processors


@pytest.mark.usefixtures("processors")
def test_settings_have_their_defaults(rekognition: Rekognition) -> None:
    search = rekognition("DescribeStreamProcessor", **GATE)["Settings"]["FaceSearch"]
    assert search == {"CollectionId": FACE_COLLECTION, "FaceMatchThreshold": 80}
    home = rekognition("DescribeStreamProcessor", **DOOR)["Settings"]["ConnectedHome"]
    assert (sorted(home["Labels"]), home["MinConfidence"]) == (["PERSON", "PET"], 50)


def test_a_low_threshold_is_legal_and_everything_else_is_kept(rekognition: Rekognition, control: ControlApi) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    search = {"FaceSearch": {"CollectionId": FACE_COLLECTION, "FaceMatchThreshold": 10}}
    rekognition(
        "CreateStreamProcessor", **face_search_processor(Settings=search, DataSharingPreference={"OptIn": False})
    )
    assert rekognition("DescribeStreamProcessor", **GATE)["DataSharingPreference"] == {"OptIn": False}
    optional: Json = {"KmsKeyId": "key", "RegionsOfInterest": REGION * 10, "Tags": {"team": "red"}}
    rekognition("CreateStreamProcessor", **connected_home_processor(**optional))
    found = rekognition("DescribeStreamProcessor", **DOOR)
    assert (found["KmsKeyId"], found["RegionsOfInterest"]) == ("key", REGION * 10)
    assert found["NotificationChannel"] == {"SNSTopicArn": TOPIC}
    tags = rekognition("ListTagsForResource", ResourceArn=found["StreamProcessorArn"])["Tags"]
    assert tags == {"team": "red"}
    rekognition("DeleteStreamProcessor", **DOOR)
    code = rekognition.error_code("ListTagsForResource", ResourceArn=found["StreamProcessorArn"])
    assert code == "ResourceNotFoundException"


TWO_STARTS = {"ProducerTimestamp": 1, "FragmentNumber": "1"}


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize(
    "selectors",
    [
        {"StartSelector": SELECTORS["StartSelector"]},
        {"StopSelector": SELECTORS["StopSelector"]},
        {**SELECTORS, "StartSelector": {}},
        {**SELECTORS, "StartSelector": {"KVSStreamStartSelector": {}}},
        {**SELECTORS, "StartSelector": {"KVSStreamStartSelector": TWO_STARTS}},
        {**SELECTORS, "StartSelector": {"KVSStreamStartSelector": {"FragmentNumber": "x"}}},
        {**SELECTORS, "StopSelector": {"MaxDurationInSeconds": 121}},
    ],
)
def test_a_label_session_begins_at_one_place_and_ends(rekognition: Rekognition, selectors: Json) -> None:
    assert rekognition.error_code("StartStreamProcessor", **DOOR, **selectors) == "InvalidParameterException"
    assert status(rekognition, "door") == "STOPPED"


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize(("stop", "seconds"), [({}, 10), ({"MaxDurationInSeconds": 120}, 120)])
def test_a_label_session_runs_for_ten_seconds_unless_asked_otherwise(
    rekognition: Rekognition, control: ControlApi, stop: Json, seconds: int
) -> None:
    start = {"KVSStreamStartSelector": {"FragmentNumber": "123"}}
    rekognition("StartStreamProcessor", **DOOR, StartSelector=start, StopSelector=stop)
    control.advance_clock(seconds - 1)
    assert status(rekognition, "door") == "RUNNING"
    control.advance_clock(1)
    assert status(rekognition, "door") == "STOPPED"


@pytest.mark.usefixtures("processors")
def test_a_processor_that_is_about_to_run_or_to_stop_stays(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"stream": 10})
    rekognition("StartStreamProcessor", **GATE)
    for expected in ("STARTING", "STOPPING"):
        assert status(rekognition, "gate") == expected
        for operation in ("StartStreamProcessor", "DeleteStreamProcessor", "StopStreamProcessor"):
            assert rekognition.error_code(operation, **GATE) == "ResourceInUseException"
        control.advance_clock(10)
        if expected == "STARTING":
            rekognition("StopStreamProcessor", **GATE)
    rekognition("UpdateStreamProcessor", **DOOR, ParametersToDelete=["ConnectedHomeMinConfidence"])
    assert status(rekognition, "door") == "UPDATING"
    control.advance_clock(10)
    assert status(rekognition, "door") == "STOPPED"


@pytest.mark.usefixtures("processors")
def test_a_processor_that_failed_says_why_and_starts_again(rekognition: Rekognition, control: ControlApi) -> None:
    rekognition("StartStreamProcessor", **GATE)
    arn = rekognition("DescribeStreamProcessor", **GATE)["StreamProcessorArn"]
    control.request(
        "POST", "/stream-processors", {"stream_processor_arn": arn, "status": "FAILED", "message": "no signal"}
    )
    found = rekognition("DescribeStreamProcessor", **GATE)
    assert (found["Status"], found["StatusMessage"]) == ("FAILED", "no signal")
    rekognition("StartStreamProcessor", **GATE)
    assert status(rekognition, "gate") == "RUNNING"


@pytest.mark.usefixtures("processors")
def test_a_processor_sees_nothing(rekognition: Rekognition, control: ControlApi) -> None:
    rekognition("StartStreamProcessor", **DOOR, **SELECTORS)
    control.advance_clock(60)
    assert status(rekognition, "door") == "STOPPED"
    assert control.notifications() == []


@pytest.mark.usefixtures("processors")
def test_the_last_change_is_told(rekognition: Rekognition, control: ControlApi) -> None:
    def moments() -> tuple[float, float]:
        found = rekognition("DescribeStreamProcessor", **DOOR)
        return found["CreationTimestamp"], found["LastUpdateTimestamp"]

    created, changed = moments()
    assert created == changed
    for operation, more in (
        ("UpdateStreamProcessor", {"ParametersToDelete": ["RegionsOfInterest"]}),
        ("StartStreamProcessor", SELECTORS),
        ("StopStreamProcessor", {}),
    ):
        control.advance_clock(1)
        rekognition(operation, **DOOR, **more)
        was, (still, changed) = changed, moments()
        assert still == created
        assert changed - was == pytest.approx(1)


@pytest.mark.usefixtures("processors")
def test_a_name_may_be_blocked_for_a_while(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"deleting": 5})
    rekognition("DeleteStreamProcessor", **GATE)
    assert rekognition.error_code("DescribeStreamProcessor", **GATE) == "ResourceNotFoundException"
    assert rekognition.error_code("CreateStreamProcessor", **face_search_processor()) == "ResourceInUseException"
    control.advance_clock(5)
    rekognition("CreateStreamProcessor", **face_search_processor())


@pytest.mark.usefixtures("processors")
def test_a_video_stream_has_one_processor(rekognition: Rekognition) -> None:
    taken = face_search_processor()["Input"]
    assert (
        rekognition.error_code("CreateStreamProcessor", **face_search_processor("yard", Input=taken))
        == "ResourceInUseException"
    )


@pytest.mark.usefixtures("processors")
def test_a_confidence_is_changed_and_deleted_but_not_both(rekognition: Rekognition) -> None:
    change = {"SettingsForUpdate": {"ConnectedHomeForUpdate": {"MinConfidence": 70}}}
    delete = {"ParametersToDelete": ["ConnectedHomeMinConfidence"]}

    def confidence() -> float:
        home = rekognition("DescribeStreamProcessor", **DOOR)["Settings"]["ConnectedHome"]
        assert sorted(home["Labels"]) == ["PERSON", "PET"]
        return float(home["MinConfidence"])

    rekognition("UpdateStreamProcessor", **DOOR, **change, DataSharingPreferenceForUpdate={"OptIn": True})
    assert confidence() == 70
    assert rekognition("DescribeStreamProcessor", **DOOR)["DataSharingPreference"] == {"OptIn": True}
    assert rekognition.error_code("UpdateStreamProcessor", **DOOR, **change, **delete) == "InvalidParameterException"
    rekognition("UpdateStreamProcessor", **DOOR, **delete)
    assert confidence() == 50
    unknown = {"SettingsForUpdate": {"ConnectedHomeForUpdate": {"Labels": ["COW"]}}}
    assert rekognition.error_code("UpdateStreamProcessor", **DOOR, **unknown) == "InvalidParameterException"


# --- face liveness


def test_images_go_into_the_bucket_that_was_named(
    rekognition: Rekognition, control: ControlApi, astronaut: Json
) -> None:
    settings = {"AuditImagesLimit": 4, "OutputConfig": {"S3Bucket": "checks", "S3KeyPrefix": "liveness"}}
    session = rekognition("CreateFaceLivenessSession", Settings=settings)["SessionId"]
    data = base64_text(astronaut["Bytes"])
    said = {"confidence": 90, "reference_image": data, "audit_images": [data] * 5}
    control.request("POST", "/liveness", {"session_id": session, **said})
    found = rekognition("GetFaceLivenessSessionResults", SessionId=session)
    images = [found["ReferenceImage"], *found["AuditImages"]]
    assert len(images) == 5
    assert not any("Bytes" in image for image in images)
    assert len({image["S3Object"]["Name"] for image in images}) == 5
    for image in images:
        assert image["S3Object"]["Bucket"] == "checks"
        assert image["S3Object"]["Name"].startswith("liveness/")
        assert control.get_object(image["S3Object"]) == astronaut["Bytes"]
        assert image["BoundingBox"]["Width"] > 0


def test_no_audit_image_unless_asked_for(rekognition: Rekognition, control: ControlApi, astronaut: Json) -> None:
    session = rekognition("CreateFaceLivenessSession")["SessionId"]
    said = {"confidence": 90, "audit_images": [base64_text(astronaut["Bytes"])]}
    control.request("POST", "/liveness", {"session_id": session, **said})
    found = rekognition("GetFaceLivenessSessionResults", SessionId=session)
    assert (found.get("AuditImages", []), "ReferenceImage" in found) == ([], False)


def test_a_session_serves_one_check(rekognition: Rekognition, control: ControlApi) -> None:
    session = rekognition("CreateFaceLivenessSession")["SessionId"]
    for said, status_then in (({"status": "IN_PROGRESS"}, "IN_PROGRESS"), ({"confidence": 1}, "SUCCEEDED")):
        control.request("POST", "/liveness", {"session_id": session, **said})
        assert rekognition("GetFaceLivenessSessionResults", SessionId=session)["Status"] == status_then
    with pytest.raises(AssertionError, match="one session serves one check"):
        control.request("POST", "/liveness", {"session_id": session, "confidence": 99})
    assert rekognition("GetFaceLivenessSessionResults", SessionId=session)["Confidence"] == 1


def test_the_challenge_is_told(rekognition: Rekognition, control: ControlApi) -> None:
    preferences = [
        {"Type": "FaceMovementChallenge", "Versions": {"Minimum": "1.0.0", "Maximum": "1.999.0"}},
        {"Type": "FaceMovementAndLightChallenge"},
    ]
    session = rekognition("CreateFaceLivenessSession", Settings={"ChallengePreferences": preferences})["SessionId"]
    challenge = {"Type": "FaceMovementChallenge", "Version": "1.2.0"}
    control.request("POST", "/liveness", {"session_id": session, "confidence": 90, "challenge": challenge})
    assert rekognition("GetFaceLivenessSessionResults", SessionId=session)["Challenge"] == challenge


@pytest.mark.parametrize(
    "settings",
    [
        {"ChallengePreferences": [{"Type": "FaceMovementChallenge", "Versions": {"Minimum": "1.000"}}]},
        {"ChallengePreferences": [{"Type": "FaceMovementChallenge", "Versions": {"Minimum": "01.0.0"}}]},
        {"ChallengePreferences": [{"Type": "FaceMovementChallenge", "Versions": {"Maximum": "1.0.1000"}}]},
        {"ChallengePreferences": [{"Type": "Wink"}]},
        {"OutputConfig": {"S3Bucket": "checks", "S3KeyPrefix": "p" * 951}},
        {"OutputConfig": {"S3Bucket": "checks", "S3KeyPrefix": "a b"}},
    ],
)
def test_settings_of_a_session_have_their_forms(rekognition: Rekognition, settings: Json) -> None:
    assert rekognition.error_code("CreateFaceLivenessSession", Settings=settings) == "InvalidParameterException"


def test_a_new_token_is_needed_when_a_session_has_expired(rekognition: Rekognition, control: ControlApi) -> None:
    first = rekognition("CreateFaceLivenessSession", ClientRequestToken="t")
    control.advance_clock(179)
    assert rekognition("CreateFaceLivenessSession", ClientRequestToken="t") == first
    control.advance_clock(1)
    assert rekognition("CreateFaceLivenessSession", ClientRequestToken="t") != first


# --- media analysis


def test_a_media_analysis_has_its_own_threshold(rekognition: Rekognition, control: ControlApi) -> None:
    members = media_analysis_job(control)
    control.declare("s3://photos/bar.png", moderation=[["Smoking", 60], ["Alcohol", 50], ["Gambling", 49]])
    control.request(
        "POST", "/forget", {"of": f"sha256:{sha256(control.get_object({'Bucket': 'photos', 'Name': 'bar.png'}))}"}
    )

    def found(**config: float) -> set[str]:
        config_of = {"OperationsConfig": {"DetectModerationLabels": config}}
        job = rekognition("StartMediaAnalysisJob", **{**members, **config_of})
        (line,) = control.get_object(rekognition("GetMediaAnalysisJob", **job)["Results"]["S3Object"]).splitlines()
        labels = json.loads(line)["detect-moderation-labels"]["ModerationLabels"]
        return {label["Name"] for label in labels} & {"Smoking", "Alcohol", "Gambling"}

    assert found() == {"Smoking", "Alcohol"}
    assert found(MinConfidence=60) == {"Smoking"}
    assert found(MinConfidence=0) == {"Smoking", "Alcohol", "Gambling"}


def sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def test_what_could_not_be_looked_at_is_summed_up(rekognition: Rekognition, control: ControlApi) -> None:
    members = media_analysis_job(control)
    places = ["s3://photos/bar.png", "s3://photos/lost.png", "nonsense"]
    manifest = control.put_object("photos", "m.jsonl", "\n".join(json.dumps({"source-ref": place}) for place in places))
    job = rekognition("StartMediaAnalysisJob", **{**members, "Input": manifest})
    found = rekognition("GetMediaAnalysisJob", **job)
    assert found["Status"] == "SUCCEEDED"
    assert found["Results"]["ModelVersions"]["Moderation"]
    for place in (found["Results"], found["ManifestSummary"]):
        assert place["S3Object"]["Bucket"] == OUTPUT["S3Bucket"]
        assert place["S3Object"]["Name"].startswith(f"{OUTPUT['S3KeyPrefix']}/")
    summary = json.loads(control.get_object(found["ManifestSummary"]["S3Object"]))
    assert summary["statistics"] == {"total-json-lines": 3, "valid-json-lines": 1, "invalid-json-lines": 2}
    assert [error["line-number"] for error in summary["errors"]] == [2, 3]


def test_nothing_is_told_of_the_end_before_it(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"job": 60})
    members = media_analysis_job(control)
    job = rekognition("StartMediaAnalysisJob", **members, KmsKeyId="key")
    found = rekognition("GetMediaAnalysisJob", **job)
    assert not {"Results", "ManifestSummary", "CompletionTimestamp", "FailureDetails", "JobName"} & set(found)
    assert {name: found[name] for name in ("Input", "OutputConfig", "OperationsConfig", "KmsKeyId")} == {
        **members,
        "KmsKeyId": "key",
    }


def test_a_manifest_that_is_gone_fails_the_job(rekognition: Rekognition, control: ControlApi) -> None:
    members = media_analysis_job(control)
    control.set_durations({"job": 60})
    job = rekognition("StartMediaAnalysisJob", **members)
    control.put_object("photos", "manifest.jsonl", "")
    control.advance_clock(60)
    found = rekognition("GetMediaAnalysisJob", **job)
    assert (found["Status"], found["FailureDetails"]["Code"]) == ("FAILED", "INVALID_MANIFEST")
    assert "CompletionTimestamp" in found


def test_two_analyses_may_have_one_name(rekognition: Rekognition, control: ControlApi) -> None:
    members = media_analysis_job(control)
    jobs = [rekognition("StartMediaAnalysisJob", **members, JobName="same")["JobId"] for _ in range(2)]
    assert len(set(jobs)) == 2


# --- tags


def test_everything_that_is_made_with_tags_has_them(rekognition: Rekognition, control: ControlApi) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    tags = {"Tags": {"team": "red"}}
    project = rekognition("CreateProject", ProjectName="dogs", **tags)["ProjectArn"]
    source = create_trained_version(rekognition, project)
    trained = {"ProjectArn": project, "VersionName": "v2", "OutputConfig": OUTPUT}
    copied = {
        "SourceProjectArn": project,
        "SourceProjectVersionArn": source,
        "DestinationProjectArn": project,
        "VersionName": "v3",
        "OutputConfig": OUTPUT,
    }
    made = [
        project,
        rekognition("CreateDataset", ProjectArn=project, DatasetType="TEST", **tags)["DatasetArn"],
        rekognition("CreateProjectVersion", **trained, **tags)["ProjectVersionArn"],
        rekognition("CopyProjectVersion", **copied, **tags)["ProjectVersionArn"],
        rekognition("CreateStreamProcessor", **face_search_processor(), **tags)["StreamProcessorArn"],
    ]
    for arn in made:
        assert rekognition("ListTagsForResource", ResourceArn=arn)["Tags"] == {"team": "red"}
        rekognition("TagResource", ResourceArn=arn, Tags={"more": "1"})
        rekognition("UntagResource", ResourceArn=arn, TagKeys=["team"])
        assert rekognition("ListTagsForResource", ResourceArn=arn)["Tags"] == {"more": "1"}
    rekognition("UpdateDatasetEntries", DatasetArn=made[1], Changes={"GroundTruth": manifest_lines(1).encode()})


def test_a_call_has_two_hundred_tags_at_most(rekognition: Rekognition, collection: str) -> None:
    arn = {"ResourceArn": rekognition("DescribeCollection", CollectionId=collection)["CollectionARN"]}
    many = {f"t{number}": "" for number in range(201)}
    assert rekognition.error_code("TagResource", **arn, Tags=many) == "InvalidParameterException"
    assert rekognition.error_code("UntagResource", **arn, TagKeys=[*many]) == "InvalidParameterException"
    assert rekognition("UntagResource", **arn, TagKeys=[]) == {}
    assert rekognition("ListTagsForResource", **arn)["Tags"] == {}
