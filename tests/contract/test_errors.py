"""Errors of the front end: codes, statuses, texts and the order of checks.

test_modelled_errors.py tests the errors of each operation.
"""

from __future__ import annotations

import pytest

from tests.kit.clients import Json, RefusedError
from tests.kit.request_members import (
    NOT_A_VIDEO,
    TOPIC,
    VIDEO,
    connected_home_processor,
    create_trained_version,
    face_search_processor,
)
from tests.kit.service import ControlApi, Rekognition, blank_png

PEOPLE = {"CollectionId": "people"}
INJECTED = {
    "AccessDeniedException": 400,
    "HumanLoopQuotaExceededException": 402,
    "InternalServerError": 500,
    "ProvisionedThroughputExceededException": 400,
    "ThrottlingException": 500,
}
"""Errors that only an injected fault raises, with their HTTP statuses."""


@pytest.mark.parametrize(("code", "status"), INJECTED.items())
def test_an_injected_error_is_returned(rekognition: Rekognition, control: ControlApi, code: str, status: int) -> None:
    control.request("POST", "/faults", {"operation": "DetectModerationLabels", "error": code})
    refusal = rekognition.refusal("DetectModerationLabels", Image={"Bytes": blank_png()})
    assert (refusal.code, refusal.status) == (code, status)


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
def test_a_broken_constraint_has_the_text_of_the_front_end(
    rekognition: Rekognition, operation: str, members: dict[str, object], message: str
) -> None:
    refusal = rekognition.refusal(operation, **members)
    assert refusal.code in ("InvalidParameterException", "ValidationException")
    assert message in refusal.message


def test_constraints_are_checked_before_existence_and_existence_before_the_image(rekognition: Rekognition) -> None:
    image = {"Bytes": b"not an image"}
    assert rekognition.error_code("IndexFaces", CollectionId="a b", Image=image) == "ValidationException"
    assert rekognition.error_code("IndexFaces", CollectionId="ab-no", Image=image) == "ResourceNotFoundException"


def test_the_state_is_checked_before_the_image(rekognition: Rekognition, control: ControlApi) -> None:
    arn = create_trained_version(rekognition, rekognition("CreateProject", ProjectName="dogs")["ProjectArn"])
    lost = {"S3Object": {"Bucket": "lost", "Name": "lost.jpg"}}
    assert (
        rekognition.error_code("DetectCustomLabels", ProjectVersionArn=arn, Image=lost) == "ResourceNotReadyException"
    )


def test_the_size_of_an_image_is_checked_before_its_format_and_the_format_before_its_content(
    rekognition: Rekognition, control: ControlApi
) -> None:
    large = control.put_object("photos", "large.jpg", bytes(15 * 1024**2 + 1))
    assert rekognition.error_code("DetectFaces", Image=large) == "ImageTooLargeException"
    unseen = {"Image": {"Bytes": b"not an image"}, "Attributes": ["ALL"]}
    assert rekognition.error_code("DetectFaces", **unseen) == "InvalidImageFormatException"


def labelled(name: str) -> Json:
    """Return members with a filter for one label."""
    return {"Image": {"Bytes": b"?"}, "Settings": {"GeneralLabels": {"LabelInclusionFilters": [name]}}}


FILTERS = {")*+,/:;<=>?@[\\]^_ à": True, "x" * 50: True, "x" * 51: False, "a~b": False, "{": False}
"""Names of labels in filters, and whether they are valid: the pattern has a range of characters, from ' to _."""
TAGS = {
    ("ü" * 128, "\u2003ß²"): True,  # counted in characters; letters, separators and digits of any script
    ("ü" * 129, ""): False,
    ("k", "v" * 257): False,
    ("aws:k", ""): False,
    ("k!", ""): False,
    ("k", "\t"): False,
}
ROLES = {f"arn:{partition}:iam::123456789012:role/r": partition == "aws" for partition in ("aws", "aws-cn")}
CHINA = {"KinesisVideoStream": {"Arn": "arn:aws-cn:kinesisvideo:cn-north-1:123456789012:stream/a/1"}}
PATTERNS: list[tuple[str, Json, bool]] = [
    ("GetCelebrityInfo", {"Id": ""}, True),
    ("GetCelebrityInfo", {"Id": "a-b"}, False),
    ("DescribeCollection", {"CollectionId": "people\n"}, False),
    ("CreateStreamProcessor", face_search_processor(Input=CHINA), True),
    (
        "CreateStreamProcessor",
        connected_home_processor(NotificationChannel={"SNSTopicArn": TOPIC.replace("aws", "aws-us-gov")}),
        False,
    ),
    *[("CreateStreamProcessor", face_search_processor(RoleArn=role), legal) for role, legal in ROLES.items()],
    *[("DetectLabels", labelled(name), legal) for name, legal in FILTERS.items()],
    *[("CreateCollection", {"CollectionId": "people", "Tags": dict([tag])}, legal) for tag, legal in TAGS.items()],
]


@pytest.mark.parametrize(("operation", "members", "legal"), PATTERNS)
def test_patterns_and_lengths_follow_the_model(
    rekognition: Rekognition, control: ControlApi, operation: str, members: Json, *, legal: bool
) -> None:
    try:
        rekognition(operation, **members)
    except RefusedError as refusal:
        broken = " failed to satisfy constraint: " in refusal.message
    else:
        broken = False
    assert broken is not legal


def test_the_size_limit_counts_decoded_bytes(rekognition: Rekognition, control: ControlApi) -> None:
    largest = blank_png().ljust(5_242_880, b"\0")
    assert rekognition("DetectFaces", Image={"Bytes": largest})["FaceDetails"] == []
    refusal = rekognition.refusal("DetectFaces", Image={"Bytes": largest + b"\0"})
    assert refusal.code == "ValidationException"
    assert "less than or equal to 5242880" in refusal.message


def test_an_error_changes_nothing(rekognition: Rekognition, control: ControlApi) -> None:
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
def test_an_error_has_the_text_of_the_service(
    rekognition: Rekognition, control: ControlApi, code: str, operation: str, members: dict[str, object], message: str
) -> None:
    refusal = rekognition.refusal(operation, **members)
    assert (refusal.code, refusal.message, refusal.status) == (code, message, 400)


def test_at_most_twenty_jobs_run_at_once(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations(60)
    control.put_object("films", "street.mp4", NOT_A_VIDEO)
    for _ in range(20):
        rekognition("StartLabelDetection", Video=VIDEO)
    assert rekognition.error_code("StartTextDetection", Video=VIDEO) == "LimitExceededException"
    control.advance_clock(60)
    rekognition("StartTextDetection", Video=VIDEO)


def test_requests_over_the_published_rate_are_throttled(rekognition: Rekognition, control: ControlApi) -> None:
    control.request("POST", "/faults/throttle", {"region": "us-east-1"})
    for _ in range(5):
        rekognition("ListCollections")
    refusal = rekognition.refusal("ListCollections")
    assert refusal.code in ("ProvisionedThroughputExceededException", "ThrottlingException")
    control.advance_clock(1)
    rekognition("ListCollections")
