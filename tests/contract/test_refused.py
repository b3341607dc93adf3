"""What the emulator can't tell it refuses by a name of its own, and says what to do."""

from __future__ import annotations

import pytest

from tests.kit.request_members import NOT_A_VIDEO, VIDEO, VIDEO_JOBS, create_running_version, media_analysis_job
from tests.kit.service import ControlApi, Rekognition, blank_png

NOT_SERVED = "NotServedByEmulator"


@pytest.mark.parametrize(
    ("operation", "capability"),
    [
        ("DetectLabels", "labels"),
        ("DetectModerationLabels", "moderation"),
        ("DetectProtectiveEquipment", "ppe"),
        ("DetectText", "text"),
    ],
)
def test_an_image_that_nobody_declared(
    rekognition: Rekognition, control: ControlApi, operation: str, capability: str
) -> None:
    refusal = rekognition.refusal(operation, Image={"Bytes": blank_png()})
    assert (refusal.code, refusal.status) == (NOT_SERVED, 501)
    assert f"{capability}=[...]" in refusal.message


@pytest.mark.parametrize("attribute", ["ALL", "AGE_RANGE", "SMILE", "EYE_DIRECTION"])
def test_face_attributes_that_nobody_declared(
    rekognition: Rekognition, control: ControlApi, astronaut: dict[str, bytes], attribute: str
) -> None:
    refusal = rekognition.refusal("DetectFaces", Image=astronaut, Attributes=[attribute])
    assert refusal.code == NOT_SERVED
    assert "Attributes=['DEFAULT']" in refusal.message


def test_an_attribute_that_a_face_was_declared_without(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(faces=[{"BoundingBox": [0, 0, 0.5, 0.5], "Smile": True}])
    assert rekognition("DetectFaces", Image=image, Attributes=["SMILE"])["FaceDetails"][0]["Smile"]["Value"] is True
    refusal = rekognition.refusal("DetectFaces", Image=image, Attributes=["BEARD"])
    assert (refusal.code, "BEARD" in refusal.message) == (NOT_SERVED, True)


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_video_that_nobody_declared_makes_its_job_fail(
    rekognition: Rekognition, control: ControlApi, kind: str
) -> None:
    rekognition("CreateCollection", CollectionId="people")
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    job = rekognition(f"Start{kind}", Video=VIDEO, **VIDEO_JOBS[kind][1])["JobId"]
    answer = rekognition(f"Get{kind}", JobId=job)
    assert answer["JobStatus"] == "FAILED"
    assert "Emulator.declare(" in answer["StatusMessage"]


def test_images_that_nobody_declared_make_a_media_analysis_fail(rekognition: Rekognition, control: ControlApi) -> None:
    members = media_analysis_job(control)
    control.request("POST", "/forget", {})
    job = rekognition("StartMediaAnalysisJob", **members)["JobId"]
    answer = rekognition("GetMediaAnalysisJob", JobId=job)
    assert (answer["Status"], answer["FailureDetails"]["Code"]) == ("FAILED", "INTERNAL_ERROR")
    assert "moderation=[...]" in answer["FailureDetails"]["Message"]


def test_a_custom_label_that_nobody_declared(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_running_version(rekognition)
    assert (
        rekognition.error_code("DetectCustomLabels", ProjectVersionArn=arn, Image={"Bytes": blank_png()}) == NOT_SERVED
    )


def test_truth_that_is_none_is_refused_by_place(control: ControlApi, rekognition: Rekognition) -> None:
    with pytest.raises(AssertionError, match=r"labels\[0\].Confidence"):
        control.declare("s3://photos/x.jpg", labels=[["Cat", 120]])
    with pytest.raises(AssertionError, match="s3:// or sha256:"):
        control.declare("/etc/passwd", labels=[])
