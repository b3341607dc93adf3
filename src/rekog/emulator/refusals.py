"""How the emulator says no: one exception, and a constructor for each text that the service is known to use.

Texts marked [I] are ours, because no answer of the service for that case is known; the others were seen from it.
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_SERVED = "NotServedByEmulator"
"""Code of what the service can do and this emulator can't: no modelled error, so that nobody takes it for one."""

_STATUSES: Mapping[str, int] = {
    "HumanLoopQuotaExceededException": 402,
    "InternalServerError": 500,
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


def not_served(what: str) -> RefusalError:
    """Return the refusal of what the service does and this emulator can't (yet)."""
    return RefusalError(NOT_SERVED, what)


def collection_missing(collection_id: str) -> RefusalError:
    """Return the refusal of a collection id that nobody has."""
    return RefusalError("ResourceNotFoundException", f"The collection id: {collection_id} does not exist")


def collection_exists(collection_id: str) -> RefusalError:
    """Return the refusal of a collection id that is taken."""
    return RefusalError("ResourceAlreadyExistsException", f"The collection id: {collection_id} already exists.")


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
    """Return the refusal of a picture of too many bytes [I]."""
    return RefusalError("ImageTooLargeException", f"Input image size exceeds the maximum of {maximum} bytes")


def image_small(width: int, height: int, minimum: int) -> RefusalError:
    """Return the refusal of a picture with too few pixels on a side [I]."""
    return invalid_parameter(
        f"Request has invalid parameters: the image is {width} x {height} pixels, "
        f"and its width and height must be at least {minimum} pixels"
    )
