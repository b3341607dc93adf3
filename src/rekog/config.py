"""Settings of a client and of one call.

For each setting of a client the argument wins over the environment, the environment over the profile files
(`~/.aws/config`, `~/.aws/credentials`), and those over the default. An empty variable counts as absent.
"""

from ._settings.rate_limit import RateLimit
from ._settings.timeout import Timeout
from ._settings.values import (
    CallOptions,
    CallOptionsDict,
    Config,
    FailedAttempt,
    Pause,
    RetryIf,
    RetryMode,
    RetryPolicy,
    StrictCheck,
)

__all__ = [
    "CallOptions", "CallOptionsDict", "Config", "FailedAttempt", "Pause", "RateLimit", "RetryIf", "RetryMode",
    "RetryPolicy", "StrictCheck", "Timeout",
]  # fmt: skip


def __dir__() -> list[str]:
    return sorted(__all__)
