"""Every error of this package, to catch by kind.

    RekogError
    ├── TransportError              no whole answer came back
    │   ├── ConnectError            nothing was sent
    │   │   └── ConnectTimeoutError
    │   ├── ConnectionLostError     broken off, cut short, or no HTTP
    │   │   └── StaleConnectionError
    │   ├── WriteTimeoutError
    │   ├── ReadTimeoutError
    │   ├── PoolTimeoutError        no connection became free
    │   └── CallTimeoutError        the whole call took too long
    ├── ServiceError                the service said no: code, message, status, request_id, retryable, throttling
    │   ├── ResourceNotFoundException and the 22 others of the service, under its own names
    │   │   InvalidParameterException
    │   │   ├── NoFacesInImageError
    │   │   └── FaceIdNotFoundError
    │   └── UnknownServiceError     a name that the service model does not list
    ├── ValidationError             an argument breaks a rule; nothing was sent (a ValueError, too)
    ├── DecodeError                 an answer is not as the model says
    ├── ConfigError                 settings that are missing or contradict each other
    ├── CredentialsError            none found, or their provider failed
    ├── PaginationError             a job in progress, or a repeated page token
    └── WaiterError
        ├── WaiterTimeoutError      out of attempts
        └── JobFailedError          what was waited for has failed

All of them pickle.
"""

from __future__ import annotations

from collections.abc import Mapping

from ._core.retry import classify
from ._generated import errors as _modelled
from ._generated.errors import *  # noqa: F403 (the 23 modelled errors, which its __all__ names)
from ._generated.errors import InvalidParameterException
from ._values import errors as _ours
from ._values.errors import *  # noqa: F403 (what its __all__ names)
from ._values.errors import ServiceError, UnknownServiceError

__all__ = ["FaceIdNotFoundError", "NoFacesInImageError"]
__all__ += _ours.__all__
__all__ += _modelled.__all__


class NoFacesInImageError(InvalidParameterException):
    """A picture that needs a face has none (SearchFacesByImage; CompareFaces gives no reason, so not there)."""


class FaceIdNotFoundError(InvalidParameterException):
    """The searched face is not in the collection."""


# The service says more in its text than in its error name: (code, beginning of the text) to the finer class.
_FINER: tuple[tuple[str, str, type[ServiceError]], ...] = (
    ("InvalidParameterException", "There are no faces in the image", NoFacesInImageError),
    ("InvalidParameterException", "faceId was not found", FaceIdNotFoundError),
)


def from_answer(
    status: int, headers: Mapping[str, str], body: Mapping[str, object], operation: str, other: str = ""
) -> ServiceError:
    """Return the error that an answer describes; one without our JSON is told by its status and its `other` text."""
    name = body.get("__type") or body.get("code") or body.get("Code") or headers.get("x-amzn-errortype", "")
    code = str(name).partition(":")[0].rpartition("#")[2] or f"HTTP{status}"
    text = str(body.get("message") or body.get("Message") or other)
    kinds = [kind for finer, begin, kind in _FINER if finer == code and text.startswith(begin)]
    kind = kinds[0] if kinds else _modelled.MODELLED.get(code, UnknownServiceError)
    verdict = classify(code, status)
    return kind(
        text,
        code=code,
        status=status,
        request_id=headers.get("x-amzn-requestid"),
        operation=operation,
        retryable=verdict.retryable,
        throttling=verdict.throttling,
        headers=headers,
        body=body,
    )
