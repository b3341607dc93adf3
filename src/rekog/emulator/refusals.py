"""How the emulator says no: one exception, and a constructor for each text that the service is known to use.

Where a refusal is called assumed, its text is ours, because no answer of the service for that case is known; the others
were seen from it.
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_SERVED = "NotServedByEmulator"
"""Code of what the service can do and this emulator can't: no modelled error, so that nobody takes it for one."""

_STATUSES: Mapping[str, int] = {
    "HumanLoopQuotaExceededException": 402,
    "InternalServerError": 500,
    "RequestEntityTooLargeException": 413,
    "ThrottlingException": 500,
    NOT_SERVED: 501,
}


class RefusalError(Exception):
    """The answer to this request is an error of the service, under its own name and with its own text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status that the service gives with this error."""
        return _STATUSES.get(self.code, 400)


def invalid_parameter(message: str) -> RefusalError:
    """Return the refusal of arguments that each pass their constraints but make no sense here."""
    return RefusalError("InvalidParameterException", message)


def incomplete(place: str) -> RefusalError:
    """Return the refusal of a box without one of its sides, or of a point without a coordinate (assumed)."""
    return invalid_parameter(f"Request has invalid parameters: {place} is missing")


def not_served(what: str) -> RefusalError:
    """Return the refusal of what the service does and this emulator can't (yet)."""
    return RefusalError(NOT_SERVED, what)


def request_bytes(maximum: int) -> RefusalError:
    """Return the refusal of a request of too many bytes (assumed)."""
    return RefusalError("RequestEntityTooLargeException", f"The request has more than {maximum} bytes.")


def collection_missing(collection_id: str) -> RefusalError:
    """Return the refusal of a collection id that nobody has."""
    return RefusalError("ResourceNotFoundException", f"The collection id: {collection_id} does not exist")


def collection_exists(collection_id: str) -> RefusalError:
    """Return the refusal of a collection id that is taken."""
    return RefusalError("ResourceAlreadyExistsException", f"The collection id: {collection_id} already exists.")


def resource_missing(what: str) -> RefusalError:
    """Return the refusal of a project, version, dataset, policy, processor or ARN that there is none of (assumed)."""
    return RefusalError("ResourceNotFoundException", f"{what} does not exist.")


def resource_exists(what: str) -> RefusalError:
    """Return the refusal of a second one of what there may be one of (assumed)."""
    return RefusalError("ResourceAlreadyExistsException", f"{what} already exists.")


def resource_in_use(message: str) -> RefusalError:
    """Return the refusal of a name that is taken, or of a call that a resource's state does not allow."""
    return RefusalError("ResourceInUseException", message)


def resource_not_ready(message: str) -> RefusalError:
    """Return the refusal to use what is there but can't be used yet (assumed)."""
    return RefusalError("ResourceNotReadyException", message)


def limit_exceeded(what: str, limit: int) -> RefusalError:
    """Return the refusal of one more of what there are as many of as may be (assumed)."""
    return RefusalError("LimitExceededException", f"There may be at most {limit} {what}.")


def quota_exceeded(what: str, quota: int) -> RefusalError:
    """Return the refusal of what would go over a resource's quota (assumed)."""
    return RefusalError("ServiceQuotaExceededException", f"There may be at most {quota} {what}.")


def policy_malformed(rule: str) -> RefusalError:
    """Return the refusal of a policy document that is none (assumed)."""
    return RefusalError("MalformedPolicyDocumentException", f"The policy document is not well formed: {rule}.")


def policy_revision_wrong(revision: str) -> RefusalError:
    """Return the refusal of a policy revision that is not the current one (assumed)."""
    return RefusalError("InvalidPolicyRevisionIdException", f"{revision} is not the policy's current revision.")


def copy_denied(account: str, version_arn: str) -> RefusalError:
    """Return the refusal of a copy from an account whose policies don't allow it (assumed)."""
    return RefusalError(
        "AccessDeniedException",
        f"Account {account} is not authorized to perform: rekognition:CopyProjectVersion on resource: {version_arn}",
    )


def user_missing(user_id: str) -> RefusalError:
    """Return the refusal of a user id that nobody in the collection has (assumed)."""
    return RefusalError("ResourceNotFoundException", f"The user id: {user_id} does not exist")


def user_exists(user_id: str) -> RefusalError:
    """Return the refusal of a user id that is taken (assumed)."""
    return RefusalError("ConflictException", f"The user id: {user_id} already exists.")


def user_updating(user_id: str) -> RefusalError:
    """Return the refusal to change a user whose last change is not done yet (assumed)."""
    return RefusalError("ConflictException", f"The user id: {user_id} is being updated.")


def face_missing() -> RefusalError:
    """Return the refusal to search for a face that is not in the collection."""
    return invalid_parameter("faceId was not found in the collection.")


def no_faces() -> RefusalError:
    """Return the refusal of a picture without a face to search for."""
    return invalid_parameter("There are no faces in the image. Should be at least 1.")


def nothing_to_compare() -> RefusalError:
    """Return the refusal of two pictures of which one has no face to compare."""
    return invalid_parameter("Request has invalid parameters")


def celebrity_missing(celebrity_id: str) -> RefusalError:
    """Return the refusal of a celebrity id that nobody has (assumed)."""
    return RefusalError("ResourceNotFoundException", f"The celebrity id: {celebrity_id} does not exist")


def jobs_open(count: int, limit: int, account: str) -> RefusalError:
    """Return the refusal of one more job than may run at once."""
    who = f"arn:aws:iam::{account}:root"
    return RefusalError("LimitExceededException", f"{count} open Jobs for User {who} Maximum limit: {limit}")


def job_missing(job_id: str) -> RefusalError:
    """Return the refusal of a job id that nobody has, or that is one of another kind of job (assumed)."""
    return resource_missing(f"Job {job_id}")


def video_bytes(size: int, maximum: int) -> RefusalError:
    """Return the refusal of a video of too many bytes."""
    return RefusalError(
        "VideoTooLargeException",
        f"Video size in bytes: {size} is more than the maximum limit of: {maximum} bytes.",
    )


def video_length(seconds: float, maximum: int) -> RefusalError:
    """Return the refusal of a video that runs too long (assumed)."""
    return RefusalError(
        "VideoTooLargeException",
        f"Video duration in seconds: {seconds:g} is more than the maximum limit of: {maximum} seconds.",
    )


def manifest_invalid(message: str) -> RefusalError:
    """Return the refusal of a media analysis manifest that is empty or too large (assumed)."""
    return RefusalError("InvalidManifestException", message)


def session_missing(session_id: str) -> RefusalError:
    """Return the refusal of a liveness session that there is none of, or none any longer (assumed)."""
    return RefusalError("SessionNotFoundException", f"The session id: {session_id} does not exist")


def page_token_invalid() -> RefusalError:
    """Return the refusal of a page token that is unknown, foreign, altered or stale."""
    return RefusalError("InvalidPaginationTokenException", "Invalid Pagination Token")


def object_unreadable() -> RefusalError:
    """Return the refusal of an S3 object that is missing or can't be read; the service tells the cases not apart."""
    return RefusalError(
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
    )


def image_format() -> RefusalError:
    """Return the refusal of bytes that are neither PNG nor JPEG."""
    return RefusalError("InvalidImageFormatException", "Request has invalid image format")


def image_encoding() -> RefusalError:
    """Return the refusal of a PNG or JPEG that can't be decoded."""
    return RefusalError("InvalidImageFormatException", "Invalid image encoding")


def image_dimensions(width: int, height: int, maximum: int) -> RefusalError:
    """Return the refusal of a picture with too many pixels on a side."""
    return RefusalError(
        "ImageTooLargeException",
        f"Input image dimensions {width} x {height} exceed maximum dimension size of {maximum} pixels",
    )


def image_bytes(maximum: int) -> RefusalError:
    """Return the refusal of a picture of too many bytes (assumed)."""
    return RefusalError("ImageTooLargeException", f"Input image size exceeds the maximum of {maximum} bytes")


def image_small(width: int, height: int, minimum: int) -> RefusalError:
    """Return the refusal of a picture with too few pixels on a side (assumed)."""
    return invalid_parameter(
        f"Request has invalid parameters: the image is {width} x {height} pixels, "
        f"and its width and height must be at least {minimum} pixels"
    )
