"""Errors that the emulator returns: one exception class, and a function for each text of the service.

The texts were copied from responses of the service. "Assumed" marks a text in our wording, because no response of the
service for that case is known.
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_SERVED = "NotServedByEmulator"
"""Code of the error for requests that the emulator can't serve. The service has no error of this name."""

_STATUSES: Mapping[str, int] = {
    "HumanLoopQuotaExceededException": 402,
    "InternalServerError": 500,
    "RequestEntityTooLargeException": 413,
    "ThrottlingException": 500,
    NOT_SERVED: 501,
}


class RefusalError(Exception):
    """The response to this request is an error of the service, with its name and its text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status of this error."""
        return _STATUSES.get(self.code, 400)


def invalid_parameter(message: str) -> RefusalError:
    """Return InvalidParameterException: each argument is valid, but the request as a whole is not."""
    return RefusalError("InvalidParameterException", message)


def incomplete(path: str) -> RefusalError:
    """Return InvalidParameterException: a box has no side, or a point no coordinate, at `path` (assumed)."""
    return invalid_parameter(f"Request has invalid parameters: {path} is missing")


def not_served(message: str) -> RefusalError:
    """Return NotServedByEmulator: the service can do this, but the emulator can't."""
    return RefusalError(NOT_SERVED, message)


def access_denied(message: str) -> RefusalError:
    """Return AccessDeniedException: a web page may not call the emulator (our wording)."""
    return RefusalError("AccessDeniedException", message)


def request_bytes(maximum: int) -> RefusalError:
    """Return RequestEntityTooLargeException: the request has more than `maximum` bytes (assumed)."""
    return RefusalError("RequestEntityTooLargeException", f"The request has more than {maximum} bytes.")


def collection_missing(collection_id: str) -> RefusalError:
    """Return ResourceNotFoundException: there is no collection with this id."""
    return RefusalError("ResourceNotFoundException", f"The collection id: {collection_id} does not exist")


def collection_exists(collection_id: str) -> RefusalError:
    """Return ResourceAlreadyExistsException: there is a collection with this id already."""
    return RefusalError("ResourceAlreadyExistsException", f"The collection id: {collection_id} already exists.")


def resource_missing(resource: str) -> RefusalError:
    """Return ResourceNotFoundException: there is no such project, version, dataset or other resource (assumed)."""
    return RefusalError("ResourceNotFoundException", f"{resource} does not exist.")


def resource_exists(resource: str) -> RefusalError:
    """Return ResourceAlreadyExistsException: there is such a resource already, and only one is possible (assumed)."""
    return RefusalError("ResourceAlreadyExistsException", f"{resource} already exists.")


def resource_in_use(message: str) -> RefusalError:
    """Return ResourceInUseException: the name is in use, or the resource's state does not allow the call."""
    return RefusalError("ResourceInUseException", message)


def resource_not_ready(message: str) -> RefusalError:
    """Return ResourceNotReadyException: the resource exists but can't be used yet (assumed)."""
    return RefusalError("ResourceNotReadyException", message)


def limit_exceeded(resources: str, limit: int) -> RefusalError:
    """Return LimitExceededException: the account already has `limit` of these resources (assumed)."""
    return RefusalError("LimitExceededException", f"There may be at most {limit} {resources}.")


def quota_exceeded(items: str, quota: int) -> RefusalError:
    """Return ServiceQuotaExceededException: the call would exceed the quota of a resource (assumed)."""
    return RefusalError("ServiceQuotaExceededException", f"There may be at most {quota} {items}.")


def policy_malformed(rule: str) -> RefusalError:
    """Return MalformedPolicyDocumentException: the policy document breaks a rule (assumed)."""
    return RefusalError("MalformedPolicyDocumentException", f"The policy document is not well formed: {rule}.")


def policy_revision_wrong(revision: str) -> RefusalError:
    """Return InvalidPolicyRevisionIdException: this is not the policy's current revision (assumed)."""
    return RefusalError("InvalidPolicyRevisionIdException", f"{revision} is not the policy's current revision.")


def copy_denied(account: str, version_arn: str) -> RefusalError:
    """Return AccessDeniedException: no policy of the source project allows this account to copy (assumed)."""
    return RefusalError(
        "AccessDeniedException",
        f"Account {account} is not authorized to perform: rekognition:CopyProjectVersion on resource: {version_arn}",
    )


def user_missing(user_id: str) -> RefusalError:
    """Return ResourceNotFoundException: the collection has no user with this id (assumed)."""
    return RefusalError("ResourceNotFoundException", f"The user id: {user_id} does not exist")


def user_exists(user_id: str) -> RefusalError:
    """Return ConflictException: the collection already has a user with this id (assumed)."""
    return RefusalError("ConflictException", f"The user id: {user_id} already exists.")


def user_updating(user_id: str) -> RefusalError:
    """Return ConflictException: an earlier change of the user is still in progress (assumed)."""
    return RefusalError("ConflictException", f"The user id: {user_id} is being updated.")


def face_missing() -> RefusalError:
    """Return InvalidParameterException: the face to search for is not in the collection."""
    return invalid_parameter("faceId was not found in the collection.")


def no_faces() -> RefusalError:
    """Return InvalidParameterException: the image has no face to search for."""
    return invalid_parameter("There are no faces in the image. Should be at least 1.")


def nothing_to_compare() -> RefusalError:
    """Return InvalidParameterException: one of the two images has no face to compare."""
    return invalid_parameter("Request has invalid parameters")


def celebrity_missing(celebrity_id: str) -> RefusalError:
    """Return ResourceNotFoundException: there is no celebrity with this id (assumed)."""
    return RefusalError("ResourceNotFoundException", f"The celebrity id: {celebrity_id} does not exist")


def jobs_open(count: int, limit: int, account: str) -> RefusalError:
    """Return LimitExceededException: `limit` jobs are in progress already."""
    user = f"arn:aws:iam::{account}:root"
    return RefusalError("LimitExceededException", f"{count} open Jobs for User {user} Maximum limit: {limit}")


def job_missing(job_id: str) -> RefusalError:
    """Return ResourceNotFoundException: there is no job of this kind with this id (assumed)."""
    return resource_missing(f"Job {job_id}")


def video_bytes(size: int, maximum: int) -> RefusalError:
    """Return VideoTooLargeException: the video has too many bytes."""
    return RefusalError(
        "VideoTooLargeException",
        f"Video size in bytes: {size} is more than the maximum limit of: {maximum} bytes.",
    )


def video_length(seconds: float, maximum: int) -> RefusalError:
    """Return VideoTooLargeException: the video is too long (assumed)."""
    return RefusalError(
        "VideoTooLargeException",
        f"Video duration in seconds: {round(seconds, 3):.15g} is more than the maximum limit of: {maximum} seconds.",
    )


def manifest_invalid(message: str) -> RefusalError:
    """Return InvalidManifestException: a media analysis manifest is empty or too large (assumed)."""
    return RefusalError("InvalidManifestException", message)


def session_missing(session_id: str) -> RefusalError:
    """Return SessionNotFoundException: there is no such liveness session, or its data were deleted (assumed)."""
    return RefusalError("SessionNotFoundException", f"The session id: {session_id} does not exist")


def page_token_invalid() -> RefusalError:
    """Return InvalidPaginationTokenException: a page token is unknown, altered, expired or of another request."""
    return RefusalError("InvalidPaginationTokenException", "Invalid Pagination Token")


def object_unreadable() -> RefusalError:
    """Return InvalidS3ObjectException: the object is missing or unreadable; the service does not tell which."""
    return RefusalError(
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
    )


def image_format() -> RefusalError:
    """Return InvalidImageFormatException: the bytes are neither PNG nor JPEG."""
    return RefusalError("InvalidImageFormatException", "Request has invalid image format")


def image_encoding() -> RefusalError:
    """Return InvalidImageFormatException: a PNG or JPEG can't be decoded."""
    return RefusalError("InvalidImageFormatException", "Invalid image encoding")


def image_dimensions(width: int, height: int, maximum: int) -> RefusalError:
    """Return ImageTooLargeException: the image has too many pixels on a side.

    DetectLabels of the service has a second text, `Image dimensions: null x null pixels exceed the maximum limit.`. Its
    condition is not known.
    """
    return RefusalError(
        "ImageTooLargeException",
        f"Input image dimensions {width} x {height} exceed maximum dimension size of {maximum} pixels",
    )


def image_bytes(maximum: int) -> RefusalError:
    """Return ImageTooLargeException: the image has too many bytes (assumed)."""
    return RefusalError("ImageTooLargeException", f"Input image size exceeds the maximum of {maximum} bytes")


def image_small(width: int, height: int, minimum: int) -> RefusalError:
    """Return InvalidParameterException: the image has too few pixels on a side (assumed)."""
    return invalid_parameter(
        f"Request has invalid parameters: the image is {width} x {height} pixels, "
        f"and its width and height must be at least {minimum} pixels"
    )
