"""Every error of BEHAVIOUR 1.1: what brings it about, its name and its status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.service import Control, Rekognition, blank
from tests.contract.tour import NO_VIDEO, VIDEO, media_job, policy, trained_version

if TYPE_CHECKING:
    from collections.abc import Callable

PEOPLE = {"CollectionId": "people"}
NOBODY = "00000000-0000-0000-0000-000000000000"


def missing(rekognition: Rekognition, control: Control) -> str:
    return rekognition.code_of("DescribeCollection", **PEOPLE)


def unreadable_object(rekognition: Rekognition, control: Control) -> str:
    return rekognition.code_of("DetectFaces", Image={"S3Object": {"Bucket": "lost", "Name": "lost.jpg"}})


def too_many_jobs(rekognition: Rekognition, control: Control) -> str:
    control.steps_take(60)
    control.put("films", "street.mp4", NO_VIDEO)
    for _ in range(20):
        rekognition("StartLabelDetection", Video=VIDEO)
    return rekognition.code_of("StartTextDetection", Video=VIDEO)


def altered_token(rekognition: Rekognition, control: Control) -> str:
    return rekognition.code_of("ListCollections", NextToken="nonsense")


def name_taken(rekognition: Rekognition, control: Control) -> str:
    rekognition("CreateProject", ProjectName="dogs")
    return rekognition.code_of("CreateProject", ProjectName="dogs")


def token_reused(rekognition: Rekognition, control: Control) -> str:
    rekognition("CreateCollection", **PEOPLE)
    rekognition("CreateUser", **PEOPLE, UserId="Ann", ClientRequestToken="t")
    return rekognition.code_of("CreateUser", **PEOPLE, UserId="Bob", ClientRequestToken="t")


def too_many_pixels(rekognition: Rekognition, control: Control) -> str:
    return rekognition.code_of("DetectProtectiveEquipment", Image={"Bytes": blank(width=4097, height=100)})


def no_picture(rekognition: Rekognition, control: Control) -> str:
    return rekognition.code_of("DetectFaces", Image={"Bytes": b"GIF89a"})


def sixth_policy(rekognition: Rekognition, control: Control) -> str:
    project = {"ProjectArn": rekognition("CreateProject", ProjectName="dogs")["ProjectArn"], "PolicyDocument": policy()}
    for number in range(5):
        rekognition("PutProjectPolicy", **project, PolicyName=f"p{number}")
    return rekognition.code_of("PutProjectPolicy", **project, PolicyName="p5")


def endless_video(rekognition: Rekognition, control: Control) -> str:
    control.put("films", "street.mp4", NO_VIDEO)
    control.declare("s3://films/street.mp4", video={"DurationMillis": 6 * 3_600_000 + 1})
    return rekognition.code_of("StartLabelDetection", Video=VIDEO)


def model_at_rest(rekognition: Rekognition, control: Control) -> str:
    project = rekognition("CreateProject", ProjectName="dogs")["ProjectArn"]
    arn = trained_version(rekognition, project)
    return rekognition.code_of("DetectCustomLabels", ProjectVersionArn=arn, Image={"Bytes": blank()})


def user_taken(rekognition: Rekognition, control: Control) -> str:
    rekognition("CreateCollection", **PEOPLE)
    rekognition("CreateUser", **PEOPLE, UserId="Ann", ClientRequestToken="a")
    return rekognition.code_of("CreateUser", **PEOPLE, UserId="Ann", ClientRequestToken="b")


def collection_taken(rekognition: Rekognition, control: Control) -> str:
    rekognition("CreateCollection", **PEOPLE)
    return rekognition.code_of("CreateCollection", **PEOPLE)


def stale_revision(rekognition: Rekognition, control: Control) -> str:
    project = {"ProjectArn": rekognition("CreateProject", ProjectName="dogs")["ProjectArn"], "PolicyName": "p"}
    rekognition("PutProjectPolicy", **project, PolicyDocument=policy())
    return rekognition.code_of("PutProjectPolicy", **project, PolicyDocument=policy(), PolicyRevisionId="abc")


def no_session(rekognition: Rekognition, control: Control) -> str:
    return rekognition.code_of("GetFaceLivenessSessionResults", SessionId=NOBODY)


def no_policy(rekognition: Rekognition, control: Control) -> str:
    project = {"ProjectArn": rekognition("CreateProject", ProjectName="dogs")["ProjectArn"], "PolicyName": "p"}
    return rekognition.code_of("PutProjectPolicy", **project, PolicyDocument="{}")


def empty_manifest(rekognition: Rekognition, control: Control) -> str:
    manifest = control.put("photos", "empty.jsonl", "\n")
    return rekognition.code_of("StartMediaAnalysisJob", **{**media_job(control), "Input": manifest})


def broken_constraint(rekognition: Rekognition, control: Control) -> str:
    return rekognition.code_of("CreateCollection", CollectionId="a b")


CAUSES: dict[str, Callable[[Rekognition, Control], str]] = {
    "ConflictException": user_taken,
    "IdempotentParameterMismatchException": token_reused,
    "ImageTooLargeException": too_many_pixels,
    "InvalidImageFormatException": no_picture,
    "InvalidManifestException": empty_manifest,
    "InvalidPaginationTokenException": altered_token,
    "InvalidParameterException": broken_constraint,
    "InvalidPolicyRevisionIdException": stale_revision,
    "InvalidS3ObjectException": unreadable_object,
    "LimitExceededException": too_many_jobs,
    "MalformedPolicyDocumentException": no_policy,
    "ResourceAlreadyExistsException": collection_taken,
    "ResourceInUseException": name_taken,
    "ResourceNotFoundException": missing,
    "ResourceNotReadyException": model_at_rest,
    "ServiceQuotaExceededException": sixth_policy,
    "SessionNotFoundException": no_session,
    "VideoTooLargeException": endless_video,
}
ON_PURPOSE = {
    "AccessDeniedException": 400,
    "HumanLoopQuotaExceededException": 402,
    "InternalServerError": 500,
    "ProvisionedThroughputExceededException": 400,
    "ThrottlingException": 500,
}
"""What nothing here does by itself, and a fault does."""


@pytest.mark.parametrize("code", CAUSES)
def test_an_error_has_its_cause(rekognition: Rekognition, control: Control, code: str) -> None:
    assert CAUSES[code](rekognition, control) == code


@pytest.mark.parametrize(("code", "status"), ON_PURPOSE.items())
def test_an_error_comes_on_purpose(rekognition: Rekognition, control: Control, code: str, status: int) -> None:
    control.ask("POST", "/faults", {"operation": "DetectModerationLabels", "error": code})
    refusal = rekognition.refusal("DetectModerationLabels", Image={"Bytes": blank()})
    assert (refusal.code, refusal.status) == (code, status)


def test_these_are_all_modelled_errors() -> None:
    from rekog._generated.errors import MODELLED

    assert {*CAUSES, *ON_PURPOSE} == set(MODELLED)


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        ("CreateCollection", {"CollectionId": "c" * 256}, "length less than or equal to 255"),
        ("CreateCollection", {"CollectionId": "a b"}, "regular expression pattern: [a-zA-Z0-9_.\\-]+"),
        ("ListCollections", {"MaxResults": 4097}, "value less than or equal to 4096"),
        ("IndexFaces", {"CollectionId": "c", "Image": {}, "QualityFilter": "SOME"}, "enum value set: [NONE, AUTO, LOW"),
        ("DetectText", {"Image": {}, "Filters": {"WordFilter": {"MinConfidence": 101}}}, "filters.wordFilter.minConf"),
    ],
)
def test_a_broken_constraint_is_told_as_the_front_end_does(
    rekognition: Rekognition, operation: str, members: dict[str, object], message: str
) -> None:
    refusal = rekognition.refusal(operation, **members)
    assert refusal.code in ("InvalidParameterException", "ValidationException")
    assert message in refusal.message


def test_constraints_come_before_existence_and_that_before_the_picture(rekognition: Rekognition) -> None:
    image = {"Bytes": b"no picture"}
    assert rekognition.code_of("IndexFaces", CollectionId="a b", Image=image) == "InvalidParameterException"
    assert rekognition.code_of("IndexFaces", CollectionId="ab-no", Image=image) == "ResourceNotFoundException"


def test_an_error_changes_nothing(rekognition: Rekognition, control: Control) -> None:
    for broken in ({"CollectionId": "a b"}, {"CollectionId": "ok", "Tags": {"aws:k": "v"}}):
        rekognition.refusal("CreateCollection", **broken)
    assert rekognition("ListCollections")["CollectionIds"] == []


@pytest.mark.parametrize(
    ("code", "operation", "members", "message"),
    [
        ("ResourceNotFoundException", "DescribeCollection", PEOPLE, "The collection id: people does not exist"),
        (
            "InvalidS3ObjectException",
            "DetectFaces",
            {"Image": {"S3Object": {"Bucket": "lost", "Name": "lost.jpg"}}},
            "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
        ),
        (
            "InvalidImageFormatException",
            "DetectFaces",
            {"Image": {"Bytes": b"GIF"}},
            "Request has invalid image format",
        ),
        (
            "InvalidParameterException",
            "DetectFaces",
            {"Image": {}},
            "Requested image should either contain bytes or s3 object.",
        ),
        ("InvalidPaginationTokenException", "ListCollections", {"NextToken": "x"}, "Invalid Pagination Token"),
    ],
)
def test_an_error_has_the_services_text(
    rekognition: Rekognition, control: Control, code: str, operation: str, members: dict[str, object], message: str
) -> None:
    refusal = rekognition.refusal(operation, **members)
    assert (refusal.code, refusal.message, refusal.status) == (code, message, 400)


def test_a_limit_frees_its_place_when_a_job_ends(rekognition: Rekognition, control: Control) -> None:
    assert too_many_jobs(rekognition, control) == "LimitExceededException"
    control.advance(60)
    rekognition("StartTextDetection", Video=VIDEO)


def test_throttling_by_the_published_rates(rekognition: Rekognition, control: Control) -> None:
    control.ask("POST", "/faults/throttle", {"region": "us-east-1"})
    for _ in range(5):
        rekognition("ListCollections")
    refusal = rekognition.refusal("ListCollections")
    assert refusal.code in ("ProvisionedThroughputExceededException", "ThrottlingException")
    control.advance(1)
    rekognition("ListCollections")
