"""Settings of a client and of one call, and their resolution.

`resolve_config` is a pure function of the client's arguments, the environment, and a function that reads a file. For
each setting the argument wins over the environment, the environment over the profile files (`~/.aws/config`,
`~/.aws/credentials`), and those over the default. An empty variable counts as absent.
"""

from ._settings.resolve import resolve_config
from ._settings.values import CallOptions, Config, ConfigArguments, RetryMode, RetryPolicy, Timeout, as_timeout

__all__ = [
    "CallOptions", "Config", "ConfigArguments", "RetryMode", "RetryPolicy", "Timeout", "as_timeout", "resolve_config",
]  # fmt: skip


def __dir__() -> list[str]:
    return sorted(__all__)
