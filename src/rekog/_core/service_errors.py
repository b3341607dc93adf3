"""Errors of the service: the class of an error response, two that its text decides, and one beside the model.

`rekog.errors` is the public module of the classes.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._generated.errors import MODELLED, InvalidParameterException
from .._values.errors import NotServedByEmulatorError, ServiceError, UnmodeledServiceError
from .json_body import MAXIMUM_TEXT
from .retries.rules import classify


class NoFacesInImageError(InvalidParameterException):
    """An image that needs a face has none (SearchFacesByImage; the text of CompareFaces names no reason)."""

    __module__ = "rekog.errors"
    _code = "InvalidParameterException"


class FaceIdNotFoundError(InvalidParameterException):
    """The searched face is not in the collection."""

    __module__ = "rekog.errors"
    _code = "InvalidParameterException"


class ValidationException(ServiceError):  # noqa: N818 (the service's name)
    """A value in the request breaks a rule of the service model. The model itself does not list this error."""

    __module__ = "rekog.errors"


# The text of an error is more precise than its code: (code, beginning of the text, class).
_FINER: tuple[tuple[str, str, type[ServiceError]], ...] = (
    ("InvalidParameterException", "There are no faces in the image", NoFacesInImageError),
    ("InvalidParameterException", "faceId was not found", FaceIdNotFoundError),
)


_CLASSES: Mapping[str, type[ServiceError]] = {
    **MODELLED,
    "NotServedByEmulator": NotServedByEmulatorError,
    "ValidationException": ValidationException,
}


def from_answer(
    status: int, headers: Mapping[str, str], body: Mapping[str, object], operation: str, other: str = ""
) -> ServiceError:
    """Return the error of an error response.

    A response whose body is not the service's JSON has an empty `body`; then the status is its code and `other`, the
    beginning of its content, its message. For a redirect the message begins with its target: the client follows none.
    """
    location = headers.get("location", "").partition("?")[0]  # a query may contain a secret
    if 300 <= status < 400 and location:
        target = f"the endpoint redirects to {location[:MAXIMUM_TEXT]}: endpoint_url must be the service's own URL"
        other = f"{target}; {other}" if other else target
    name = body.get("__type") or body.get("code") or body.get("Code") or headers.get("x-amzn-errortype", "")
    code = str(name).partition(":")[0].rpartition("#")[2] or f"HTTP{status}"
    text = str(body.get("message") or body.get("Message") or other)
    kinds = [kind for finer, begin, kind in _FINER if finer == code and text.startswith(begin)]
    kind = kinds[0] if kinds else _CLASSES.get(code, UnmodeledServiceError)
    verdict = classify(code, status)
    return kind(
        text,
        code=code,
        status_code=status,
        request_id=headers.get("x-amzn-requestid"),
        operation=operation,
        retryable=verdict.retryable,
        throttling=verdict.throttling,
        headers=headers,
        body=body,
    )
