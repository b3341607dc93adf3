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
FILLED_IN = ("CreateUser", "AssociateFaces", "DisassociateFaces", "DeleteUser", "StartMediaAnalysisJob")


def test_clients_make_the_tokens_that_the_model_tells_them_to(rekognition: Rekognition, control: ControlApi) -> None:
    control.request("DELETE", "/calls")
    for part in EVERY_OPERATION:
        part(rekognition, control)
    calls = control.request("GET", "/calls")["calls"]
    with_token = {call["operation"] for call in calls if "ClientRequestToken" in (call["request"] or {})}
    tokens = [call["request"]["ClientRequestToken"] for call in calls if call["operation"] in FILLED_IN]
    assert with_token == set(FILLED_IN)
    assert len(tokens) == len(set(tokens))
    assert all(_UUID.fullmatch(token) for token in tokens)


@pytest.mark.parametrize("kind", VIDEO_JOBS)
def test_a_start_is_repeated_by_its_token(rekognition: Rekognition, control: ControlApi, kind: str) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    members = {"Video": VIDEO, **VIDEO_JOBS[kind][1], "ClientRequestToken": "t"}
    first = rekognition(f"Start{kind}", **members)
    rekognition(f"Get{kind}", **first)  # has ended by then
    assert rekognition(f"Start{kind}", **members) == first
    assert rekognition(f"Start{kind}", **{**members, "ClientRequestToken": "u"}) != first
    refusal = rekognition.refusal(f"Start{kind}", **members, JobTag="other")
    assert refusal.code == "IdempotentParameterMismatchException"
    assert refusal.message == "The ClientRequestToken: t you have supplied is already in use."


def test_a_media_analysis_is_repeated_by_its_token(rekognition: Rekognition, control: ControlApi) -> None:
    members = {**media_analysis_job(control), "ClientRequestToken": "t"}
    first = rekognition("StartMediaAnalysisJob", **members)
    assert rekognition("StartMediaAnalysisJob", **members) == first
    code = rekognition.error_code("StartMediaAnalysisJob", **members, JobName="other")
    assert code == "IdempotentParameterMismatchException"


def test_a_liveness_session_is_repeated_by_its_token(rekognition: Rekognition, control: ControlApi) -> None:
    first = rekognition("CreateFaceLivenessSession", ClientRequestToken="t")
    assert rekognition("CreateFaceLivenessSession", ClientRequestToken="t") == first
    other = {"Settings": {"AuditImagesLimit": 3}}
    assert (
        rekognition("CreateFaceLivenessSession", ClientRequestToken="t", **other) == first
    )  # there is no error for it
    assert rekognition("CreateFaceLivenessSession") != first


def test_changes_of_users_are_repeated_by_their_tokens(rekognition: Rekognition, control: ControlApi) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    answer = rekognition("IndexFaces", CollectionId=FACE_COLLECTION, Image=control.image_of_people("Ann"))
    face = answer["FaceRecords"][0]["Face"]["FaceId"]
    user = {"CollectionId": FACE_COLLECTION, "UserId": "Ann", "ClientRequestToken": "t"}  # one token for each operation
    for operation, more, other in (
        ("CreateUser", {}, {"UserId": "Bob"}),
        ("AssociateFaces", {"FaceIds": [face]}, {"UserMatchThreshold": 1}),
        ("DisassociateFaces", {"FaceIds": [face]}, {"UserId": "Bob"}),
        ("DeleteUser", {}, {"UserId": "Bob"}),
    ):
        first = rekognition(operation, **user, **more)
        assert rekognition(operation, **user, **more) == first
        code = rekognition.error_code(operation, **{**user, **more, **other})
        assert (operation, code) == (operation, "IdempotentParameterMismatchException")


def test_a_repeated_token_takes_no_place_among_the_jobs(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"job": 60})
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    first = rekognition("StartLabelDetection", Video=VIDEO, ClientRequestToken="t")
    for _ in range(19):
        rekognition("StartLabelDetection", Video=VIDEO)
    assert rekognition.error_code("StartLabelDetection", Video=VIDEO) == "LimitExceededException"
    assert rekognition("StartLabelDetection", Video=VIDEO, ClientRequestToken="t") == first
