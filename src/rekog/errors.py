"""All errors of this package, to catch by kind.

    RekogError
    ├── CallError                       a call failed: operation, attempts
    │   ├── TransportError              no complete response was received
    │   │   ├── ConnectError            the request was not sent
    │   │   │   └── ConnectTimeoutError (T)
    │   │   ├── ConnectionLostError     connection lost, or response cut short or not HTTP
    │   │   │   └── StaleConnectionError
    │   │   ├── ResponseTooLargeError   larger than any response of the service
    │   │   ├── WriteTimeoutError (T)
    │   │   ├── ReadTimeoutError (T)
    │   │   ├── PoolTimeoutError (T)    no connection became free
    │   │   └── CallTimeoutError (T)    the whole call took too long
    │   └── ServiceError                an error response: code, message, status_code, request_id, retryable, throttling
    │       ├── ResourceNotFoundException and the 22 others of the service, under its own names
    │       │   InvalidParameterException
    │       │   ├── NoFacesInImageError
    │       │   └── FaceIdNotFoundError
    │       ├── ValidationException     a value breaks a rule of the service model (HTTP 400)
    │       ├── UnmodeledServiceError   an error code that the service model does not list
    │       └── NotServedByEmulatorError   the emulator cannot serve the request
    ├── ParamValidationError            an argument breaks a rule; nothing was sent (also a ValueError)
    ├── DecodeError                     a response does not fit the service model
    ├── ConfigError                     settings are missing or contradict each other
    ├── CredentialsError                no credentials, or their provider failed
    ├── ClientClosedError               a client was used after it was closed (also a RuntimeError)
    ├── BudgetExceededError             a call would pass the limit of its budget; nothing was sent
    ├── PaginationError                 a job in progress, or a repeated page token
    └── WaiterError                     a poll got an error of the service
        ├── WaiterTimeoutError (T)      no attempts or no time left
        └── WaiterFailedError           the resource has failed
            └── JobFailedError          the job has failed: job_id; pagers raise it too

Each class marked (T) is a builtin `TimeoutError` too, and so an `OSError`. `operation` is the service's name of an
operation, such as `DetectFaces`, in every error that has it. All of them pickle.

`THROTTLING` has the classes of the service's throttles, for an `except` clause; `throttling` of a `ServiceError` is
True for codes that the service model does not list as well. `RekogWarning` is the category of this package's warnings.
"""

from typing import TYPE_CHECKING, NoReturn

from ._core.service_errors import FaceIdNotFoundError, NoFacesInImageError, ValidationException
from ._generated import errors as _modelled
from ._generated.errors import *  # noqa: F403 (the 23 modelled errors)
from ._values import errors as _ours
from ._values.errors import *  # noqa: F403

THROTTLING: tuple[type[_ours.ServiceError], ...] = (
    _modelled.ProvisionedThroughputExceededException,
    _modelled.ThrottlingException,
)

__all__ = [
    "THROTTLING", "AccessDeniedException", "BudgetExceededError", "CallError", "CallTimeoutError",
    "ClientClosedError", "ConfigError",
    "ConflictException", "ConnectError", "ConnectTimeoutError", "ConnectionLostError", "CredentialsError",
    "DecodeError", "FaceIdNotFoundError", "HumanLoopQuotaExceededException", "IdempotentParameterMismatchException",
    "ImageTooLargeException", "InternalServerError", "InvalidImageFormatException", "InvalidManifestException",
    "InvalidPaginationTokenException", "InvalidParameterException", "InvalidPolicyRevisionIdException",
    "InvalidS3ObjectException", "JobFailedError", "LimitExceededException", "MalformedPolicyDocumentException",
    "NoFacesInImageError", "NotServedByEmulatorError", "PaginationError", "ParamValidationError",
    "PoolTimeoutError", "ProvisionedThroughputExceededException", "ReadTimeoutError", "RekogError", "RekogWarning",
    "ResourceAlreadyExistsException", "ResourceInUseException", "ResourceNotFoundException",
    "ResourceNotReadyException", "ResponseTooLargeError", "ServiceError", "ServiceQuotaExceededException",
    "SessionNotFoundException", "StaleConnectionError", "ThrottlingException", "TransportError",
    "UnmodeledServiceError", "ValidationException", "VideoTooLargeException", "WaiterError", "WaiterFailedError",
    "WaiterTimeoutError",
    "WriteTimeoutError",
]  # fmt: skip


_BOTOCORE = {
    "ClientError": "ServiceError",
    "BotoCoreError": "RekogError",
    "ConnectionError": "TransportError",
    "EndpointConnectionError": "ConnectError",
    "ConnectionClosedError": "ConnectionLostError",
    "NoCredentialsError": "CredentialsError",
    "NoRegionError": "ConfigError",
    "ProfileNotFound": "ConfigError",
}
"""Names of botocore's errors that no class here has, and the class to write."""


if not TYPE_CHECKING:  # a type checker that saw it would accept any name

    def __getattr__(name: str) -> NoReturn:
        from difflib import get_close_matches

        text = f"rekog.errors has no {name!r}"
        if name.startswith("_"):
            raise AttributeError(text)
        near = [_BOTOCORE[name]] if name in _BOTOCORE else get_close_matches(name, __all__, n=1)
        hint = (
            f"did you mean {near[0]!r}?"
            if near
            else "`dir(rekog.errors)` lists the names, and `error.code` of a ServiceError tells other codes apart"
        )
        raise AttributeError(f"{text}: {hint}")


def __dir__() -> list[str]:
    return sorted(__all__)
