"""Request tokens of all 14 operations that take one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.kit.tour import FACES, JOBS, NO_VIDEO, TOUR, VIDEO, media_job  # fmt: skip

if TYPE_CHECKING:
    from tests.kit.service import Control, Rekognition

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FILLED_IN = ("CreateUser", "AssociateFaces", "DisassociateFaces", "DeleteUser", "StartMediaAnalysisJob")


def test_clients_make_the_tokens_that_the_model_tells_them_to(rekognition: Rekognition, control: Control) -> None:
    control.ask("DELETE", "/calls")
    for part in TOUR:
        part(rekognition, control)
    calls = control.ask("GET", "/calls")["calls"]
    with_token = {call["operation"] for call in calls if "ClientRequestToken" in (call["request"] or {})}
    tokens = [call["request"]["ClientRequestToken"] for call in calls if call["operation"] in FILLED_IN]
    assert with_token == set(FILLED_IN)
    assert len(tokens) == len(set(tokens))
    assert all(_UUID.fullmatch(token) for token in tokens)


@pytest.mark.parametrize("kind", JOBS)
def test_a_start_is_repeated_by_its_token(rekognition: Rekognition, control: Control, kind: str) -> None:
    rekognition("CreateCollection", CollectionId=FACES)
    control.put("films", "street.mp4", NO_VIDEO)
    members = {"Video": VIDEO, **JOBS[kind][1], "ClientRequestToken": "t"}
    first = rekognition(f"Start{kind}", **members)
    rekognition(f"Get{kind}", **first)  # has ended by then
    assert rekognition(f"Start{kind}", **members) == first
    assert rekognition(f"Start{kind}", **{**members, "ClientRequestToken": "u"}) != first
    refusal = rekognition.refusal(f"Start{kind}", **members, JobTag="other")
    assert refusal.code == "IdempotentParameterMismatchException"
    assert refusal.message == "The ClientRequestToken: t you have supplied is already in use."


def test_a_media_analysis_is_repeated_by_its_token(rekognition: Rekognition, control: Control) -> None:
    members = {**media_job(control), "ClientRequestToken": "t"}
    first = rekognition("StartMediaAnalysisJob", **members)
    assert rekognition("StartMediaAnalysisJob", **members) == first
    code = rekognition.code_of("StartMediaAnalysisJob", **members, JobName="other")
    assert code == "IdempotentParameterMismatchException"


def test_a_liveness_session_is_repeated_by_its_token(rekognition: Rekognition, control: Control) -> None:
    first = rekognition("CreateFaceLivenessSession", ClientRequestToken="t")
    assert rekognition("CreateFaceLivenessSession", ClientRequestToken="t") == first
    other = {"Settings": {"AuditImagesLimit": 3}}
    assert (
        rekognition("CreateFaceLivenessSession", ClientRequestToken="t", **other) == first
    )  # there is no error for it
    assert rekognition("CreateFaceLivenessSession") != first


def test_changes_of_users_are_repeated_by_their_tokens(rekognition: Rekognition, control: Control) -> None:
    rekognition("CreateCollection", CollectionId=FACES)
    answer = rekognition("IndexFaces", CollectionId=FACES, Image=control.people("Ann"))
    face = answer["FaceRecords"][0]["Face"]["FaceId"]
    user = {"CollectionId": FACES, "UserId": "Ann", "ClientRequestToken": "t"}  # one token for each operation
    for operation, more, other in (
        ("CreateUser", {}, {"UserId": "Bob"}),
        ("AssociateFaces", {"FaceIds": [face]}, {"UserMatchThreshold": 1}),
        ("DisassociateFaces", {"FaceIds": [face]}, {"UserId": "Bob"}),
        ("DeleteUser", {}, {"UserId": "Bob"}),
    ):
        first = rekognition(operation, **user, **more)
        assert rekognition(operation, **user, **more) == first
        code = rekognition.code_of(operation, **{**user, **more, **other})
        assert (operation, code) == (operation, "IdempotentParameterMismatchException")


def test_a_repeated_token_takes_no_place_among_the_jobs(rekognition: Rekognition, control: Control) -> None:
    control.steps_take({"job": 60})
    control.put("films", "street.mp4", NO_VIDEO)
    first = rekognition("StartLabelDetection", Video=VIDEO, ClientRequestToken="t")
    for _ in range(19):
        rekognition("StartLabelDetection", Video=VIDEO)
    assert rekognition.code_of("StartLabelDetection", Video=VIDEO) == "LimitExceededException"
    assert rekognition("StartLabelDetection", Video=VIDEO, ClientRequestToken="t") == first
