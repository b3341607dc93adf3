"""All errors of this package, to catch by kind.

    RekogError
    ├── TransportError              no complete response was received
    │   ├── ConnectError            the request was not sent
    │   │   └── ConnectTimeoutError
    │   ├── ConnectionLostError     connection lost, or response cut short or not HTTP
    │   │   └── StaleConnectionError
    │   ├── WriteTimeoutError
    │   ├── ReadTimeoutError
    │   ├── PoolTimeoutError        no connection became free
    │   └── CallTimeoutError        the whole call took too long
    ├── ServiceError                an error response: code, message, status, request_id, retryable, throttling
    │   ├── ResourceNotFoundException and the 22 others of the service, under its own names
    │   │   InvalidParameterException
    │   │   ├── NoFacesInImageError
    │   │   └── FaceIdNotFoundError
    │   └── UnknownServiceError     an error code that the service model does not list
    ├── ValidationError             an argument breaks a rule; nothing was sent (also a ValueError)
    ├── DecodeError                 a response does not fit the service model
    ├── ConfigError                 settings are missing or contradict each other
    ├── CredentialsError            no credentials, or their provider failed
    ├── PaginationError             a job in progress, or a repeated page token
    └── WaiterError
        ├── WaiterTimeoutError      no attempts left
        └── JobFailedError          the job or resource has failed

All of them pickle. `RekogWarning` is a warning for arguments that are valid and probably a mistake.
"""

from ._core.service_errors import FaceIdNotFoundError, NoFacesInImageError
from ._generated import errors as _modelled
from ._generated.errors import *  # noqa: F403 (the 23 modelled errors, listed in its __all__)
from ._values import errors as _ours
from ._values.errors import *  # noqa: F403 (listed in its __all__)

__all__ = ["FaceIdNotFoundError", "NoFacesInImageError"]
__all__ += _ours.__all__
__all__ += _modelled.__all__
