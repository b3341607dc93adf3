"""Credentials of a client: fixed ones, or a function or an object that returns them.

`RekognitionClient(credentials=...)` takes a `Credentials`, a function without arguments that returns one, an object
with `get_frozen_credentials()`, such as `boto3.Session().get_credentials()`, or the frozen credentials that it
returns. Without the argument they come from the environment, or from a profile, SSO, a role, web identity, a process, a
container or an instance, as for botocore.
"""

from ._settings.sources import CredentialsInput, FrozenCredentials, FrozenCredentialsSource
from ._settings.values import Credentials

__all__ = ["Credentials", "CredentialsInput", "FrozenCredentials", "FrozenCredentialsSource"]


def __dir__() -> list[str]:
    return sorted(__all__)
