"""Credentials and where they come from.

Credentials that are given, or stand in the environment, are used as they are. Every other provider (profile, SSO,
assumed role, web identity, process, container, instance) is botocore's own chain, imported when it is first asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from ._settings.profiles import profile_files, variable
from ._values.errors import CredentialsError
from ._values.frozen import Value

if TYPE_CHECKING:
    from .config import Config

MANDATORY_REFRESH = 10 * 60
"""Seconds before the end of credentials from which no call goes out with them; botocore's figure."""

ADVICE = (
    "give credentials=Credentials(...), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that works"
)


class Credentials(Value):
    """An access key, with a session token if it is a temporary one.

    >>> Credentials("AKIDEXAMPLE", "secret", "token")
    Credentials(access_key_id='AKIDEXAMPLE')
    """

    _hidden = frozenset({"secret_access_key", "session_token"})

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def _taken(self, name: str, value: object) -> object:
        if name == "session_token" and value is None:
            return None
        # A stray newline in a secret would else show up as a signature that does not match. The value is not shown.
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
            rule = "ASCII text without spaces and line ends"
            found = type(value).__name__ if not isinstance(value, str) else "empty" if not value else "other text"
            raise CredentialsError(f"{name} must be {rule}, not {found}")
        return value


@runtime_checkable
class CredentialSource(Protocol):
    """What gives a client its credentials, call by call; a client takes any object with these two methods."""

    def cached(self) -> Credentials | None:
        """Return credentials that are good now, without waiting; None means that `load` must be called."""
        ...

    def load(self) -> Credentials:
        """Return credentials that are good now, after waiting for their provider if need be. Runs in any thread."""
        ...


class FixedSource(Value):
    """Give the same credentials for ever."""

    credentials: Credentials

    def cached(self) -> Credentials:
        """Return the credentials."""
        return self.credentials

    load = cached


class _Frozen(Protocol):
    access_key: str
    secret_key: str
    token: str | None


class Provider(Protocol):
    """The part of botocore's credentials that is used; those that expire also have `refresh_needed`."""

    def get_frozen_credentials(self) -> _Frozen: ...


class ChainSource:
    """Ask botocore's credentials, and refresh them in good time, one thread for all.

    botocore refreshes early, 15 minutes before the end: while one thread does that, the others go on with what there
    is, until `MANDATORY_REFRESH`, from where on they wait.
    """

    def __init__(self, find_provider: Callable[[], Provider | None]) -> None:
        self._find_provider = find_provider
        self._provider: Provider | None = None
        self._credentials: Credentials | None = None
        self._failure = CredentialsError()  # another one after each failure
        self._lock = threading.Lock()

    def cached(self) -> Credentials | None:
        """Return the last credentials, unless they are near their end."""
        if not self._refresh_needed():
            return self._credentials
        if self._lock.locked() and not self._refresh_needed(MANDATORY_REFRESH):
            return self._credentials
        return None

    def load(self) -> Credentials:
        """Return credentials from the provider; callers that come together wait for one refresh, or for its failure."""
        known = self._failure
        with self._lock:
            if self._credentials is None or self._refresh_needed():
                if self._failure is not known:
                    raise CredentialsError(self._failure.message) from self._failure.__cause__
                if self._refresh_needed(MANDATORY_REFRESH):
                    self._credentials = None  # or `cached` would give them once the provider has its next ones
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
        except Exception as error:  # a provider may run any program or service, and fail in any way
            told = " ".join(str(error).split())
            raise CredentialsError(f"the credential provider failed ({told}): fix it, or {ADVICE}") from error
        if frozen is None:
            raise CredentialsError(f"no credentials found: {ADVICE}")
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or None)


def find_source(
    credentials: Credentials | CredentialSource | None, config: Config, environment: Mapping[str, str]
) -> CredentialSource:
    """Choose where credentials come from: the argument, the environment (unless a profile is given), the chain."""
    if isinstance(credentials, Credentials):
        return FixedSource(credentials)
    if isinstance(credentials, CredentialSource):
        return credentials
    if credentials is not None:
        raise CredentialsError(f"credentials must be rekog.Credentials or a CredentialSource, not {type(credentials)}")
    found = None if config.profile_is_argument else _environment_credentials(environment)
    return FixedSource(found) if found else ChainSource(lambda: _botocore_provider(config, environment))


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
    # What is decided is botocore's default: it must not read the variables otherwise than we have. A profile that is
    # more than a default makes botocore pass over what the environment has for roles.
    decided = {"profile": config.profile_name, "region": config.region_name, **profile_files(environment)}
    session = import_module("botocore.session").Session(
        session_vars={name: (None, None, value, None) for name, value in decided.items()},
        profile=config.profile_name if config.profile_is_argument else None,
    )
    return cast("Provider | None", session.get_credentials())  # cast: botocore has no types
