"""The errors of the service that the emulator returns: their names, statuses and texts."""

from __future__ import annotations

import inspect

import pytest

from rekog.emulator import refusals
from rekog.emulator.refusals import RefusalError

ERRORS: list[tuple[RefusalError, str, str]] = [
    (refusals.access_denied("text"), "AccessDeniedException", "text"),
    (refusals.celebrity_missing("i"), "ResourceNotFoundException", "The celebrity id: i does not exist"),
    (refusals.collection_exists("c"), "ResourceAlreadyExistsException", "The collection id: c already exists."),
    (refusals.collection_missing("c"), "ResourceNotFoundException", "The collection id: c does not exist"),
    (
        refusals.copy_denied("1", "arn"),
        "AccessDeniedException",
        "Account 1 is not authorized to perform: rekognition:CopyProjectVersion on resource: arn",
    ),
    (refusals.face_missing(), "InvalidParameterException", "faceId was not found in the collection."),
    (refusals.image_bytes(7), "ImageTooLargeException", "Input image size exceeds the maximum of 7 bytes"),
    (
        refusals.image_dimensions(10, 20, 7),
        "ImageTooLargeException",
        "Input image dimensions 10 x 20 exceed maximum dimension size of 7 pixels",
    ),
    (refusals.image_encoding(), "InvalidImageFormatException", "Invalid image encoding"),
    (refusals.image_format(), "InvalidImageFormatException", "Request has invalid image format"),
    (
        refusals.image_small(10, 20, 5),
        "InvalidParameterException",
        (
            "Request has invalid parameters: the image is 10 x 20 pixels, and its width and height must be at least 5"
            " pixels"
        ),
    ),
    (refusals.incomplete("Image.X"), "InvalidParameterException", "Request has invalid parameters: Image.X is missing"),
    (refusals.invalid_parameter("text"), "InvalidParameterException", "text"),
    (refusals.job_missing("j"), "ResourceNotFoundException", "Job j does not exist."),
    (
        refusals.jobs_open(2, 3, "1"),
        "LimitExceededException",
        "2 open Jobs for User arn:aws:iam::1:root Maximum limit: 3",
    ),
    (refusals.limit_exceeded("rs", 3), "LimitExceededException", "There may be at most 3 rs."),
    (refusals.manifest_invalid("text"), "InvalidManifestException", "text"),
    (refusals.no_faces(), "InvalidParameterException", "There are no faces in the image. Should be at least 1."),
    (refusals.not_served("text"), "NotServedByEmulator", "text"),
    (refusals.nothing_to_compare(), "InvalidParameterException", "Request has invalid parameters"),
    (
        refusals.object_unreadable(),
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
    ),
    (refusals.page_token_invalid(), "InvalidPaginationTokenException", "Invalid Pagination Token"),
    (
        refusals.policy_malformed("a rule"),
        "MalformedPolicyDocumentException",
        "The policy document is not well formed: a rule.",
    ),
    (
        refusals.policy_revision_wrong("v"),
        "InvalidPolicyRevisionIdException",
        "v is not the policy's current revision.",
    ),
    (refusals.quota_exceeded("is", 4), "ServiceQuotaExceededException", "There may be at most 4 is."),
    (refusals.request_bytes(7), "RequestEntityTooLargeException", "The request has more than 7 bytes."),
    (refusals.resource_exists("r"), "ResourceAlreadyExistsException", "r already exists."),
    (refusals.resource_in_use("text"), "ResourceInUseException", "text"),
    (refusals.resource_missing("r"), "ResourceNotFoundException", "r does not exist."),
    (refusals.resource_not_ready("text"), "ResourceNotReadyException", "text"),
    (refusals.session_missing("s"), "SessionNotFoundException", "The session id: s does not exist"),
    (refusals.user_exists("u"), "ConflictException", "The user id: u already exists."),
    (refusals.user_missing("u"), "ResourceNotFoundException", "The user id: u does not exist"),
    (refusals.user_updating("u"), "ConflictException", "The user id: u is being updated."),
    (
        refusals.video_bytes(9, 7),
        "VideoTooLargeException",
        "Video size in bytes: 9 is more than the maximum limit of: 7 bytes.",
    ),
    (
        refusals.video_length(1.5, 7),
        "VideoTooLargeException",
        "Video duration in seconds: 1.5 is more than the maximum limit of: 7 seconds.",
    ),
]


def test_each_error_has_its_name_and_its_whole_text() -> None:
    for error, code, message in ERRORS:
        assert (error.code, error.message, str(error)) == (code, message, f"{code}: {message}")
    functions = [
        each for _, each in inspect.getmembers(refusals, inspect.isfunction) if each.__module__ == refusals.__name__
    ]
    assert len(ERRORS) == len(functions)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("HumanLoopQuotaExceededException", 402), ("InternalServerError", 500), ("RequestEntityTooLargeException", 413),
        ("ThrottlingException", 500), ("NotServedByEmulator", 501), ("ResourceNotFoundException", 400), ("Other", 400),
    ],
)  # fmt: skip
def test_the_status_of_an_error_depends_on_its_name(code: str, status: int) -> None:
    assert RefusalError(code, "text").status == status
