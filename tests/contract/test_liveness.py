"""Face liveness sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.service import ControlApi, Rekognition, base64_text

if TYPE_CHECKING:
    from tests.kit.clients import Json


def test_a_session_succeeds_as_declared(rekognition: Rekognition, control: ControlApi, astronaut: Json) -> None:
    session = rekognition("CreateFaceLivenessSession", Settings={"AuditImagesLimit": 1})["SessionId"]
    assert rekognition("GetFaceLivenessSessionResults", SessionId=session) == {
        "SessionId": session,
        "Status": "CREATED",
    }
    image = base64_text(astronaut["Bytes"])
    declared = {"confidence": 97.5, "reference_image": image, "audit_images": [image, image]}
    control.request("POST", "/liveness", {"session_id": session, **declared})
    result = rekognition("GetFaceLivenessSessionResults", SessionId=session)
    assert (result["Status"], result["Confidence"]) == ("SUCCEEDED", 97.5)
    assert result["ReferenceImage"]["Bytes"] == astronaut["Bytes"]
    assert set(result["ReferenceImage"]["BoundingBox"]) == {"Left", "Top", "Width", "Height"}
    assert len(result["AuditImages"]) == 1


def test_a_failed_session_has_no_confidence(rekognition: Rekognition, control: ControlApi) -> None:
    session = rekognition("CreateFaceLivenessSession")["SessionId"]
    control.request("POST", "/liveness", {"session_id": session, "status": "FAILED"})
    result = rekognition("GetFaceLivenessSessionResults", SessionId=session)
    assert (result["Status"], "Confidence" in result) == ("FAILED", False)


def test_a_session_accepts_one_result(rekognition: Rekognition, control: ControlApi) -> None:
    session = rekognition("CreateFaceLivenessSession")["SessionId"]
    for declared, status_then in (({"status": "IN_PROGRESS"}, "IN_PROGRESS"), ({"confidence": 1}, "SUCCEEDED")):
        control.request("POST", "/liveness", {"session_id": session, **declared})
        assert rekognition("GetFaceLivenessSessionResults", SessionId=session)["Status"] == status_then
    with pytest.raises(AssertionError, match="accepts no further result: create a new session"):
        control.request("POST", "/liveness", {"session_id": session, "confidence": 99})
    assert rekognition("GetFaceLivenessSessionResults", SessionId=session)["Confidence"] == 1


def test_a_session_expires_after_three_minutes(rekognition: Rekognition, control: ControlApi) -> None:
    session = {"SessionId": rekognition("CreateFaceLivenessSession")["SessionId"]}
    control.advance_clock(179)
    assert rekognition("GetFaceLivenessSessionResults", **session)["Status"] == "CREATED"
    control.advance_clock(1)
    assert rekognition("GetFaceLivenessSessionResults", **session)["Status"] == "EXPIRED"
    control.advance_clock(180)
    assert rekognition.error_code("GetFaceLivenessSessionResults", **session) == "SessionNotFoundException"


def test_the_token_of_an_expired_session_creates_a_new_session(rekognition: Rekognition, control: ControlApi) -> None:
    first = rekognition("CreateFaceLivenessSession", ClientRequestToken="t")
    control.advance_clock(179)
    assert rekognition("CreateFaceLivenessSession", ClientRequestToken="t") == first
    control.advance_clock(1)
    assert rekognition("CreateFaceLivenessSession", ClientRequestToken="t") != first


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
def test_invalid_settings_of_a_session_are_refused(rekognition: Rekognition, settings: Json) -> None:
    assert rekognition.error_code("CreateFaceLivenessSession", Settings=settings) == "ValidationException"


def test_more_than_four_audit_images_are_refused(rekognition: Rekognition) -> None:
    code = rekognition.error_code("CreateFaceLivenessSession", Settings={"AuditImagesLimit": 5})
    assert code == "ValidationException"


def test_audit_images_are_returned_only_on_request(
    rekognition: Rekognition, control: ControlApi, astronaut: Json
) -> None:
    session = rekognition("CreateFaceLivenessSession")["SessionId"]
    declared = {"confidence": 90, "audit_images": [base64_text(astronaut["Bytes"])]}
    control.request("POST", "/liveness", {"session_id": session, **declared})
    result = rekognition("GetFaceLivenessSessionResults", SessionId=session)
    assert (result.get("AuditImages", []), "ReferenceImage" in result) == ([], False)


def test_images_are_written_to_the_output_bucket(
    rekognition: Rekognition, control: ControlApi, astronaut: Json
) -> None:
    settings = {"AuditImagesLimit": 4, "OutputConfig": {"S3Bucket": "checks", "S3KeyPrefix": "liveness"}}
    session = rekognition("CreateFaceLivenessSession", Settings=settings)["SessionId"]
    data = base64_text(astronaut["Bytes"])
    declared = {"confidence": 90, "reference_image": data, "audit_images": [data] * 5}
    control.request("POST", "/liveness", {"session_id": session, **declared})
    result = rekognition("GetFaceLivenessSessionResults", SessionId=session)
    images = [result["ReferenceImage"], *result["AuditImages"]]
    assert len(images) == 5
    assert not any("Bytes" in image for image in images)
    assert len({image["S3Object"]["Name"] for image in images}) == 5
    for image in images:
        assert image["S3Object"]["Bucket"] == "checks"
        assert image["S3Object"]["Name"].startswith("liveness/")
        assert control.get_object(image["S3Object"]) == astronaut["Bytes"]
        assert image["BoundingBox"]["Width"] > 0


def test_the_challenge_is_returned(rekognition: Rekognition, control: ControlApi) -> None:
    preferences = [
        {"Type": "FaceMovementChallenge", "Versions": {"Minimum": "1.0.0", "Maximum": "1.999.0"}},
        {"Type": "FaceMovementAndLightChallenge"},
    ]
    session = rekognition("CreateFaceLivenessSession", Settings={"ChallengePreferences": preferences})["SessionId"]
    challenge = {"Type": "FaceMovementChallenge", "Version": "1.2.0"}
    control.request("POST", "/liveness", {"session_id": session, "confidence": 90, "challenge": challenge})
    assert rekognition("GetFaceLivenessSessionResults", SessionId=session)["Challenge"] == challenge
