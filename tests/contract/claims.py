"""A check of each cell *declared* and *refused* of docs/operations.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.kit.request_members import (
    FACE_COLLECTION,
    JOB_CAPABILITIES,
    NOT_A_VIDEO,
    OUTPUT,
    STREET_CONTENT,
    VIDEO,
    VIDEO_JOBS,
    copy_policy,
    create_running_version,
    create_trained_version,
    create_version_without_model,
    face_search_processor,
    media_analysis_job,
)
from tests.kit.service import ControlApi, Rekognition, blank_png, open_accounts
from tests.kit.wire import ASTRONAUT

if TYPE_CHECKING:
    from tests.kit.clients import Json, RefusedError

Claim = Callable[[Rekognition, ControlApi], object]

NOT_SERVED = "NotServedByEmulator"


# --- declared: each function returns true if the declared content is in the response


def film(control: ControlApi, **capabilities: object) -> None:
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    if capabilities:
        control.declare("s3://films/street.mp4", **capabilities)


def job(rekognition: Rekognition, kind: str, **members: object) -> Json:
    started = rekognition(f"Start{kind}", **{"Video": VIDEO, **VIDEO_JOBS[kind][1], **members})
    return rekognition(f"Get{kind}", **started)


def detected(operation: str, item: str, **capability: object) -> Claim:
    def claim(rekognition: Rekognition, control: ControlApi) -> object:
        return rekognition(operation, Image=control.declared_image(**capability))[item]

    return claim


def of_video(kind: str) -> Claim:
    def claim(rekognition: Rekognition, control: ControlApi) -> object:
        rekognition("CreateCollection", **people())
        rekognition("IndexFaces", **people(), Image=control.image_of_people("Ann"))
        film(control, video=STREET_CONTENT["video"], **{JOB_CAPABILITIES[kind]: STREET_CONTENT[JOB_CAPABILITIES[kind]]})
        response = job(rekognition, kind)
        return response["JobStatus"] == "SUCCEEDED" and response[VIDEO_JOBS[kind][0]]

    return claim


def people() -> Json:
    return {"CollectionId": FACE_COLLECTION}


def attributes(rekognition: Rekognition, control: ControlApi) -> object:
    image = control.declared_image(faces=[{"BoundingBox": [0, 0, 0.5, 0.5], "Beard": True}])
    (face,) = rekognition("DetectFaces", Image=image, Attributes=["BEARD"])["FaceDetails"]
    rekognition("CreateCollection", **people())
    indexed = rekognition("IndexFaces", **people(), Image=image, DetectionAttributes=["BEARD"])["FaceRecords"]
    return face["Beard"]["Value"] and indexed[0]["FaceDetail"]["Beard"]["Value"]


def compared(rekognition: Rekognition, control: ControlApi) -> object:
    return rekognition(
        "CompareFaces", SourceImage=control.image_of_people("Ann"), TargetImage=control.image_of_people("Ann")
    )["FaceMatches"]


def custom_label(rekognition: Rekognition, control: ControlApi) -> object:
    arn = create_running_version(rekognition)
    image = control.declared_image(custom_labels=["dog"])
    return rekognition("DetectCustomLabels", ProjectVersionArn=arn, Image=image)["CustomLabels"]


def celebrity(rekognition: Rekognition, control: ControlApi) -> object:
    declared = {"Name": "Ada", "Id": "1abc", "Face": [0, 0, 0.5, 0.5]}
    image = control.declared_image(celebrities=[declared], faces=[declared["Face"]])
    recognised = rekognition("RecognizeCelebrities", Image=image)["CelebrityFaces"]
    return recognised[0]["Name"] == rekognition("GetCelebrityInfo", Id="1abc")["Name"] == "Ada"


def identities(rekognition: Rekognition, control: ControlApi) -> object:
    rekognition("CreateCollection", **people())
    record = rekognition("IndexFaces", **people(), Image=control.image_of_people("Ann"))["FaceRecords"][0]
    rekognition("CreateUser", **people(), UserId="Ann")
    rekognition("AssociateFaces", **people(), UserId="Ann", FaceIds=[record["Face"]["FaceId"]])
    search = {**people(), "Image": control.image_of_people("Ann")}
    result = rekognition("SearchFacesByImage", **search)["FaceMatches"]
    return result and rekognition("SearchUsersByImage", **search)["UserMatches"]


def version_results(rekognition: Rekognition, control: ControlApi) -> object:
    """Check an F1 score, a failed training, copy and start, and an expired adapter."""
    project = {"ProjectArn": rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]}

    def declare(arn: str, **declared: object) -> None:
        control.request("POST", "/versions", {"project_version_arn": arn, **declared})

    def status(arn: str, of: Json = project) -> str:
        result = rekognition("DescribeProjectVersions", **of)["ProjectVersionDescriptions"]
        return str({each["ProjectVersionArn"]: each["Status"] for each in result}[arn])

    arn = create_trained_version(rekognition, project["ProjectArn"])
    declare(arn, f1_score=0.5)
    (result,) = rekognition("DescribeProjectVersions", **project)["ProjectVersionDescriptions"]
    assert result["EvaluationResult"]["F1Score"] == 0.5
    control.set_durations({"training": 9, "copying": 9, "starting": 9})
    named = {"OutputConfig": OUTPUT}
    source = {"SourceProjectArn": project["ProjectArn"], "SourceProjectVersionArn": arn}
    copy = {**source, "DestinationProjectArn": project["ProjectArn"], **named}
    started_versions = [
        rekognition("CreateProjectVersion", **project, **named, VersionName="v2")["ProjectVersionArn"],
        rekognition("CopyProjectVersion", **copy, VersionName="v3")["ProjectVersionArn"],
        arn,
    ]
    rekognition("StartProjectVersion", ProjectVersionArn=arn, MinInferenceUnits=1)
    for each in started_versions:
        declare(each, status="FAILED")
    assert [status(each) for each in started_versions] == ["TRAINING_FAILED", "COPYING_FAILED", "FAILED"]
    control.set_durations(0)
    feature = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
    adapter = {"ProjectArn": rekognition("CreateProject", ProjectName="adapter", **feature)["ProjectArn"]}
    expired = create_trained_version(rekognition, adapter["ProjectArn"])
    declare(expired, status="EXPIRED")
    return status(expired, adapter) == "EXPIRED"


def processor_failure(rekognition: Rekognition, control: ControlApi) -> object:
    rekognition("CreateCollection", **people())
    arn = rekognition("CreateStreamProcessor", **face_search_processor())["StreamProcessorArn"]
    rekognition("StartStreamProcessor", Name="gate")
    control.request("POST", "/stream-processors", {"stream_processor_arn": arn, "status": "FAILED"})
    return rekognition("DescribeStreamProcessor", Name="gate")["Status"] == "FAILED"


def liveness_result(rekognition: Rekognition, control: ControlApi) -> object:
    session = rekognition("CreateFaceLivenessSession")
    control.request("POST", "/liveness", {"session_id": session["SessionId"], "confidence": 42})
    return rekognition("GetFaceLivenessSessionResults", **session)["Confidence"] == 42


def media_analysis(rekognition: Rekognition, control: ControlApi) -> object:
    started = rekognition("StartMediaAnalysisJob", **media_analysis_job(control))
    return rekognition("GetMediaAnalysisJob", **started)["Status"] == "SUCCEEDED"


DECLARED: dict[str, Claim] = {
    **dict.fromkeys(("DetectFaces", "IndexFaces"), attributes),
    "CompareFaces": compared,
    "DetectLabels": detected("DetectLabels", "Labels", labels=["Cat"]),
    "DetectModerationLabels": detected("DetectModerationLabels", "ModerationLabels", moderation=["Gambling"]),
    "DetectProtectiveEquipment": detected("DetectProtectiveEquipment", "Persons", ppe=[{"BoundingBox": [0, 0, 1, 1]}]),
    "DetectText": detected("DetectText", "TextDetections", text=["EXIT"]),
    "DetectCustomLabels": custom_label,
    **dict.fromkeys(("RecognizeCelebrities", "GetCelebrityInfo"), celebrity),
    **dict.fromkeys(("SearchFacesByImage", "SearchUsersByImage"), identities),
    **{f"Get{kind}": of_video(kind) for kind in VIDEO_JOBS},
    **dict.fromkeys(
        ("CreateProjectVersion", "DescribeProjectVersions", "CopyProjectVersion", "StartProjectVersion"),
        version_results,
    ),
    **dict.fromkeys(("DescribeStreamProcessor", "StartStreamProcessor"), processor_failure),
    "GetFaceLivenessSessionResults": liveness_result,
    "StartMediaAnalysisJob": media_analysis,
}


# --- refused: each function returns the text of the refusal


def without_model(rekognition: Rekognition, control: ControlApi) -> object:
    arn = create_version_without_model(rekognition, control)
    return _refusal_text(rekognition.refusal("DetectCustomLabels", ProjectVersionArn=arn, Image={"Bytes": blank_png()}))


def untrained_adapter(rekognition: Rekognition, control: ControlApi) -> object:
    feature = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
    project = rekognition("CreateProject", ProjectName="adapter", **feature)["ProjectArn"]
    adapter = create_trained_version(rekognition, project)
    members = {"Image": {"Bytes": blank_png()}, "ProjectVersion": adapter}
    return _refusal_text(rekognition.refusal("DetectModerationLabels", **members))


def _refusal_text(refusal: RefusedError) -> str:
    assert (refusal.code, refusal.status) == (NOT_SERVED, 501)
    return refusal.message


def unseen_attributes(rekognition: Rekognition, control: ControlApi) -> object:
    image = {"Bytes": ASTRONAUT.read_bytes()}
    return _refusal_text(rekognition.refusal("DetectFaces", Image=image, Attributes=["FACE_OCCLUDED"]))


def unseen_attributes_to_index(rekognition: Rekognition, control: ControlApi) -> object:
    rekognition("CreateCollection", **people())
    image, requested = {"Bytes": ASTRONAUT.read_bytes()}, ["FACE_OCCLUDED"]
    return _refusal_text(rekognition.refusal("IndexFaces", **people(), Image=image, DetectionAttributes=requested))


def failing(kind: str, **members: object) -> Claim:
    def claim(rekognition: Rekognition, control: ControlApi) -> object:
        rekognition("CreateCollection", **people())
        film(control)
        response = job(rekognition, kind, **members)
        return response["StatusMessage"] if response["JobStatus"] == "FAILED" else None

    return claim


def conditional_policy(rekognition: Rekognition, control: ControlApi) -> object:
    """Check a copy to another account with a policy that has a condition."""
    with open_accounts("111111111111", "222222222222") as (owner, other):
        source = owner("CreateProject", ProjectName="dogs")["ProjectArn"]
        arn = create_trained_version(owner, source)
        document = json.loads(copy_policy("222222222222"))
        document["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
        owner("PutProjectPolicy", ProjectArn=source, PolicyName="p", PolicyDocument=json.dumps(document))
        copy = {
            "SourceProjectArn": source,
            "SourceProjectVersionArn": arn,
            "DestinationProjectArn": other("CreateProject", ProjectName="dogs")["ProjectArn"],
            "VersionName": "v1",
            "OutputConfig": OUTPUT,
        }
        return _refusal_text(other.refusal("CopyProjectVersion", **copy))


REFUSED: dict[str, Claim] = {
    "DetectFaces": unseen_attributes,
    "IndexFaces": unseen_attributes_to_index,
    "DetectCustomLabels": without_model,
    "DetectModerationLabels": untrained_adapter,
    **{f"Get{kind}": failing(kind) for kind in VIDEO_JOBS},
    "CopyProjectVersion": conditional_policy,
}
