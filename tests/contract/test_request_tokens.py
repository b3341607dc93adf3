"""Request tokens of all 14 operations that take one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.kit.every_operation import EVERY_OPERATION  # fmt: skip
from tests.kit.request_members import FACE_COLLECTION, NOT_A_VIDEO, VIDEO, VIDEO_JOBS, media_analysis_job

if TYPE_CHECKING:
    from tests.kit.service import ControlApi, Rekognition

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GENERATED = ("CreateUser", "AssociateFaces", "DisassociateFaces", "DeleteUser", "StartMediaAnalysisJob")


def test_clients_generate_the_tokens_that_the_model_marks(rekognition: Rekognition, control: ControlApi) -> None:
    control.request("DELETE", "/calls")
    for call_operations in EVERY_OPERATION:
        call_operations(rekognition, control)
    calls = control.request("GET", "/calls")["calls"]
    with_token = {call["operation"] for call in calls if "ClientRequestToken" in (call["request"] or {})}
    tokens = [call["request"]["ClientRequestToken"] for call in calls if call["operation"] in GENERATED]
    assert with_token == set(GENERATED)
    assert len(tokens) == len(set(tokens))
    assert all(_UUID.fullmatch(token) for token in tokens)


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_start_with_the_same_token_returns_the_same_job(
    rekognition: Rekognition, control: ControlApi, kind: str
) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    members = {"Video": VIDEO, **VIDEO_JOBS[kind][1], "ClientRequestToken": "t"}
    first = rekognition(f"Start{kind}", **members)
    rekognition(f"Get{kind}", **first)  # ends the job
    assert rekognition(f"Start{kind}", **members) == first
    assert rekognition(f"Start{kind}", **{**members, "ClientRequestToken": "u"}) != first
    refusal = rekognition.refusal(f"Start{kind}", **members, JobTag="other")
    assert refusal.code == "IdempotentParameterMismatchException"
    assert refusal.message == "The ClientRequestToken: t you have supplied is already in use."


def test_a_media_analysis_with_the_same_token_returns_the_same_job(
    rekognition: Rekognition, control: ControlApi
) -> None:
    members = {**media_analysis_job(control), "ClientRequestToken": "t"}
    first = rekognition("StartMediaAnalysisJob", **members)
    assert rekognition("StartMediaAnalysisJob", **members) == first
    code = rekognition.error_code("StartMediaAnalysisJob", **members, JobName="other")
    assert code == "IdempotentParameterMismatchException"


def test_a_liveness_session_with_the_same_token_is_the_same_session(
    rekognition: Rekognition, control: ControlApi
) -> None:
    first = rekognition("CreateFaceLivenessSession", ClientRequestToken="t")
    assert rekognition("CreateFaceLivenessSession", ClientRequestToken="t") == first
    other = {"Settings": {"AuditImagesLimit": 3}}
    assert (
        rekognition("CreateFaceLivenessSession", ClientRequestToken="t", **other) == first
    )  # the operation has no error for it
    assert rekognition("CreateFaceLivenessSession") != first


def test_changes_of_users_with_the_same_token_have_the_same_response(
    rekognition: Rekognition, control: ControlApi
) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    response = rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.image_of_people("Ann"))
    face = response["FaceRecords"][0]["Face"]["FaceId"]
    user = {
        "CollectionId": FACE_COLLECTION,
        "UserId": "Ann",
        "ClientRequestToken": "t",
    }  # each operation has its own tokens
    for operation, more, other in (
        ("CreateUser", {}, {"UserId": "Bob"}),
        ("AssociateFaces", {"FaceIds": [face]}, {"UserMatchThreshold": 2}),
        ("DisassociateFaces", {"FaceIds": [face]}, {"UserId": "Bob"}),
        ("DeleteUser", {}, {"UserId": "Bob"}),
    ):
        first = rekognition(operation, **user, **more)
        assert rekognition(operation, **user, **more) == first
        code = rekognition.error_code(operation, **{**user, **more, **other})
        assert (operation, code) == (operation, "IdempotentParameterMismatchException")


def test_a_repeated_start_does_not_count_as_a_running_job(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"job": 60})
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    first = rekognition("StartLabelDetection", Video=VIDEO, ClientRequestToken="t")
    for _ in range(19):
        rekognition("StartLabelDetection", Video=VIDEO)
    assert rekognition.error_code("StartLabelDetection", Video=VIDEO) == "LimitExceededException"
    assert rekognition("StartLabelDetection", Video=VIDEO, ClientRequestToken="t") == first
