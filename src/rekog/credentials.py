"""Credentials and their sources.

Credentials from the argument or the environment are used directly. Every other provider (profile, SSO, assumed role,
web identity, process, container, instance) is botocore's own chain, which is imported on first use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from ._settings.profiles import profile_files, variable
from ._settings.values import Credentials, CredentialSource
from ._values.errors import CredentialsError
from ._values.frozen import Frozen

if TYPE_CHECKING:
    from ._settings.values import Config

__all__ = ["ChainSource", "CredentialSource", "Credentials", "FixedSource", "Provider", "find_source"]

MANDATORY_REFRESH = 10 * 60
"""Seconds before the expiry of credentials from which no call is sent with them; botocore's figure."""

ADVICE = (
    "give credentials=Credentials(...), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that works"
)


class FixedSource(Frozen):
    """Source of the same credentials for every call."""

    credentials: Credentials

    def cached(self) -> Credentials:
        """Return the credentials."""
        return self.credentials

    load = cached


class _FrozenCredentials(Protocol):
    access_key: str
    secret_key: str
    token: str | None


class Provider(Protocol):
    """The used part of botocore's credentials; those that expire also have `refresh_needed`."""

    def get_frozen_credentials(self) -> _FrozenCredentials: ...


class ChainSource:
    """Source of botocore's credentials, which one thread at a time refreshes before they expire.

    botocore refreshes 15 minutes before the expiry. While one thread does that, the others use the present credentials,
    until `MANDATORY_REFRESH` seconds before the expiry; from then on they wait.
    """

    def __init__(self, find_provider: Callable[[], Provider | None]) -> None:
        self._find_provider = find_provider
        self._provider: Provider | None = None
        self._credentials: Credentials | None = None
        self._failure = CredentialsError()  # replaced after each failure
        self._lock = threading.Lock()

    def cached(self) -> Credentials | None:
        """Return the last credentials, or None near their expiry."""
        if not self._refresh_needed():
            return self._credentials
        if self._lock.locked() and not self._refresh_needed(MANDATORY_REFRESH):
            return self._credentials
        return None

    def load(self) -> Credentials:
        """Return credentials from the provider; concurrent callers share one refresh, or its failure."""
        known = self._failure
        with self._lock:
            if self._credentials is None or self._refresh_needed():
                if self._failure is not known:
                    raise CredentialsError(self._failure.message) from self._failure.__cause__
                if self._refresh_needed(MANDATORY_REFRESH):
                    self._credentials = None  # else `cached` returns them after the provider's refresh
                try:
                    self._credentials = self._fetch()
                except CredentialsError as error:
                    self._failure = error
                    raise
            return self._credentials

    def _refresh_needed(self, seconds: int | None = None) -> bool:
        refresh_needed = getattr(self._provider, "refresh_needed", None)
        return refresh_needed is not None and bool(refresh_needed(seconds))

    def _fetch(self) -> Credentials:
        try:
            self._provider = self._provider or self._find_provider()
            frozen = self._provider.get_frozen_credentials() if self._provider else None
        except Exception as error:  # a provider may run any program or service and raise any error
            reason = " ".join(str(error).split())
            raise CredentialsError(f"the credential provider failed ({reason}): fix it, or {ADVICE}") from error
        if frozen is None:
            raise CredentialsError(f"no credentials found: {ADVICE}")
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or None)


def find_source(
    credentials: Credentials | CredentialSource | None, config: Config, environment: Mapping[str, str]
) -> CredentialSource:
    """Return the source of credentials: the argument, the environment (unless a profile was passed), or the chain."""
    if isinstance(credentials, Credentials):
        return FixedSource(credentials)
    if isinstance(credentials, CredentialSource):
        return credentials
    if credentials is not None:
        raise CredentialsError(f"credentials must be rekog.Credentials or a CredentialSource, not {type(credentials)}")
    present = None if config.profile_is_argument else _environment_credentials(environment)
    return FixedSource(present) if present else ChainSource(lambda: _botocore_provider(config, environment))


def _environment_credentials(environment: Mapping[str, str]) -> Credentials | None:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    key, secret = (environment.get(name) for name in names)
    if key and secret:
        token = variable(environment, "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")  # the second is the old name
        return Credentials(key, secret, token.text if token else None)
    if key or secret:
        present, missing = names if key else reversed(names)
        raise CredentialsError(f"{present} is set, but {missing} is not: set both or neither")
    return None


def _botocore_provider(config: Config, environment: Mapping[str, str]) -> Provider | None:
    # Resolved settings become botocore's defaults, so that it does not read the variables differently. A profile that
    # is passed as more than a default makes botocore ignore the settings of roles in the environment.
    resolved = {"profile": config.profile_name, "region": config.region_name, **profile_files(environment)}
    session = import_module("botocore.session").Session(
        session_vars={name: (None, None, value, None) for name, value in resolved.items()},
        profile=config.profile_name if config.profile_is_argument else None,
    )
    return cast("Provider | None", session.get_credentials())  # cast: botocore has no types


def __dir__() -> list[str]:
    return sorted(__all__)
