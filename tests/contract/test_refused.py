"""Requests that need undeclared content are refused with `NotServedByEmulator` and the remedy."""

from __future__ import annotations

import pytest

from tests.kit.request_members import NOT_A_VIDEO, VIDEO, VIDEO_JOBS, create_version_without_model
from tests.kit.service import ControlApi, Rekognition, blank_png

NOT_SERVED = "NotServedByEmulator"


def test_an_attribute_that_no_network_sees_is_refused(
    rekognition: Rekognition, control: ControlApi, astronaut: dict[str, bytes]
) -> None:
    refusal = rekognition.refusal("DetectFaces", Image=astronaut, Attributes=["FACE_OCCLUDED"])
    assert refusal.code == NOT_SERVED
    assert "Attributes=['DEFAULT']" in refusal.message


def test_an_attribute_missing_in_a_declared_face_is_refused(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(faces=[{"BoundingBox": [0, 0, 0.5, 0.5], "Smile": True}])
    assert rekognition("DetectFaces", Image=image, Attributes=["SMILE"])["FaceDetails"][0]["Smile"]["Value"] is True
    refusal = rekognition.refusal("DetectFaces", Image=image, Attributes=["BEARD"])
    assert (refusal.code, "BEARD" in refusal.message) == (NOT_SERVED, True)


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_an_undeclared_video_fails_its_job(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    rekognition("CreateCollection", CollectionId="people")
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    job = rekognition(f"Start{kind}", Video=VIDEO, **VIDEO_JOBS[kind][1])["JobId"]
    response = rekognition(f"Get{kind}", JobId=job)
    assert response["JobStatus"] == "FAILED"
    assert "client.emulator.declare('s3://" in response["StatusMessage"]
    assert "Emulator.declare('s3://" in response["StatusMessage"]


def test_undeclared_custom_labels_of_a_version_without_a_model_are_refused(
    rekognition: Rekognition, control: ControlApi
) -> None:
    arn = create_version_without_model(rekognition, control)
    assert (
        rekognition.error_code("DetectCustomLabels", ProjectVersionArn=arn, Image={"Bytes": blank_png()}) == NOT_SERVED
    )


def test_an_invalid_declaration_is_refused_with_its_field(control: ControlApi, rekognition: Rekognition) -> None:
    with pytest.raises(AssertionError, match=r"labels\[0\].Confidence"):
        control.declare("s3://photos/x.jpg", labels=[["Cat", 120]])
    with pytest.raises(AssertionError, match="s3:// or sha256:"):
        control.declare("/etc/passwd", labels=[])
