"""Settings of a client and of one call.

For each setting of a client the argument wins over the environment, the environment over the profile files
(`~/.aws/config`, `~/.aws/credentials`), and those over the default. An empty variable counts as absent.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._settings.attempts import Attempt, OnAttempt
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
    "Attempt", "CallOptions", "CallOptionsDict", "Config", "FailedAttempt", "OnAttempt", "Pause", "RateLimit",
    "RetryIf", "RetryMode", "RetryPolicy", "StrictCheck", "Timeout",
]  # fmt: skip

if not TYPE_CHECKING:  # a type checker that saw it would accept any misspelt name

    def __getattr__(name: str) -> object:
        if name not in ("Attempt", "OnAttempt"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from ._settings import attempts  # few programs have a callback

        return getattr(attempts, name)


def __dir__() -> list[str]:
    return sorted(__all__)
