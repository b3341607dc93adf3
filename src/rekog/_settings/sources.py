"""Sources of credentials.

Credentials from the argument or the environment are used directly. Those of a function are cached until shortly before
they expire. Every other provider (profile, SSO, assumed role, web identity, process, container, instance) is botocore's
own chain, which is imported on first use.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from .._values.clocks import real_time
from .._values.errors import CredentialsError
from .._values.forks import Forkable
from .._values.frozen import Frozen
from .profiles import profile_files, variable
from .values import Credentials, CredentialSource

if TYPE_CHECKING:
    from .values import Config

EARLY_REFRESH = 15 * 60
"""Seconds before the expiry of credentials from which they are replaced; botocore's figure."""

MANDATORY_REFRESH = 10 * 60
"""Seconds before the expiry of credentials from which no call is sent with them; botocore's figure."""

RETRY = 60.0  # seconds until a failed early refresh is tried again

ADVICE = (
    "give credentials=Credentials(...), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that works"
)
KINDS = "Credentials, a function that returns them, or an object of botocore such as session.get_credentials()"


class FrozenCredentials(Protocol):
    """Fixed credentials by botocore's names, such as its `ReadOnlyCredentials`."""

    @property
    def access_key(self) -> str:
        """The access key id."""
        ...

    @property
    def secret_key(self) -> str:
        """The secret access key."""
        ...

    @property
    def token(self) -> str | None:
        """The session token of temporary credentials; otherwise None or empty."""
        ...


class FrozenCredentialsSource(Protocol):
    """An object with botocore's interface of credentials, such as `boto3.Session().get_credentials()`.

    The frozen credentials have `access_key`, `secret_key` and `token`. Those that expire also need botocore's method
    `refresh_needed(seconds)`; without it the client reads the credentials once.
    """

    def get_frozen_credentials(self) -> Any:
        """Return the present access key, secret and token."""
        ...


for _public in (FrozenCredentials, FrozenCredentialsSource):
    _public.__module__ = "rekog.credentials"

CredentialsInput: TypeAlias = Credentials | Callable[[], Credentials] | FrozenCredentials | FrozenCredentialsSource


_providing: ContextVar[RefreshingSource | None] = ContextVar("rekog-providing", default=None)
"""The source whose provider runs in this thread, or has started this task."""


class FixedSource(Frozen):
    """Source of the same credentials for every call."""

    credentials: Credentials

    def cached(self) -> Credentials:
        """Return the credentials."""
        return self.credentials

    load = cached


class RefreshingSource(Forkable, ABC):
    """Source of credentials that one thread at a time replaces before they expire.

    While one thread does that, the others use the present credentials, until shortly before the expiry; from then on
    they wait.
    """

    def __init__(self) -> None:
        super().__init__()
        self._credentials: Credentials | None = None
        self._failure = CredentialsError()  # replaced after each failure

    @abstractmethod
    def _refresh_needed(self, *, mandatory: bool = False) -> bool:
        """Tell whether the present credentials should be replaced, or must be."""

    @abstractmethod
    def _fetch(self) -> Credentials:
        """Return credentials that are valid now; raise `CredentialsError` when there are none."""

    def cached(self) -> Credentials | None:
        """Return the last credentials, or None near their expiry.

        Raise `CredentialsError` for a call that the provider makes with its own client: each would wait for the other.
        """
        present = None
        if not self._refresh_needed() or (self._lock.locked() and not self._refresh_needed(mandatory=True)):
            present = self._credentials
        if present is None and _providing.get() is self and self._lock.locked():
            raise CredentialsError(
                "the provider of the credentials calls the client that waits for them: use another client in it, with"
                " credentials of its own"
            )
        return present

    def load(self) -> Credentials:
        """Return credentials from the provider; concurrent callers share one refresh, or its failure."""
        known = self._failure
        with self._lock:
            if self._credentials is None or self._refresh_needed():
                if self._failure is not known:
                    raise CredentialsError(self._failure.message) from self._failure.__cause__
                if self._refresh_needed(mandatory=True):
                    self._credentials = None  # else `cached` returns them after the provider's refresh
                within = _providing.set(self)
                try:
                    self._credentials = self._fetch()
                except CredentialsError as error:
                    self._failure = error
                    raise
                finally:
                    _providing.reset(within)
            return self._credentials


class FunctionSource(RefreshingSource):
    """Source of the credentials that a user's function returns, cached until shortly before their `expires_at`.

    The function is called 15 minutes before the expiry, and no call is sent with credentials that expire in less than
    10; if they are valid for less than an hour, from the last quarter and the last sixth of that time.
    """

    def __init__(self, function: Callable[[], Credentials], clock: Callable[[], float] = real_time) -> None:
        super().__init__()
        self._function = function
        self._clock = clock
        self._refresh_at = self._expire_at = float("inf")

    def _refresh_needed(self, *, mandatory: bool = False) -> bool:
        return self._clock() >= (self._expire_at if mandatory else self._refresh_at)

    def _fetch(self) -> Credentials:
        try:
            fetched = self._call()
        except CredentialsError as error:
            if self._credentials is None:
                raise
            import logging

            logging.getLogger("rekog").warning("the present credentials stay in use: %s", error)
            self._refresh_at = min(self._clock() + RETRY, self._expire_at)
            return self._credentials
        self._refresh_at, self._expire_at = self._times(fetched)
        return fetched

    def _call(self) -> Credentials:
        try:
            fetched = self._function()
        except Exception as error:  # a user's function may raise any error
            raise _failed("the function credentials", error) from error
        return self._checked(fetched)

    def _checked(self, fetched: object) -> Credentials:
        """Return the result of the function, which may have no types, if it is valid now."""
        if not isinstance(fetched, Credentials):
            getattr(fetched, "close", lambda: None)()  # a coroutine, which Python would warn about
            kind = type(fetched).__name__
            raise CredentialsError(f"the function credentials must return rekog.Credentials, not {kind}")
        if fetched.expires_at is not None and fetched.expires_at.timestamp() <= self._clock():
            raise CredentialsError(f"the function credentials returned some that expired at {fetched.expires_at}")
        return fetched

    def _times(self, fetched: Credentials) -> tuple[float, float]:
        """Return the times from which credentials should be replaced, and must be."""
        if fetched.expires_at is None:
            return float("inf"), float("inf")
        end = fetched.expires_at.timestamp()
        valid = end - self._clock()
        return end - min(EARLY_REFRESH, valid / 4), end - min(MANDATORY_REFRESH, valid / 6)


class ChainSource(RefreshingSource):
    """Source of the credentials of botocore, which refreshes them 15 minutes before they expire."""

    def __init__(self, find_provider: Callable[[], FrozenCredentialsSource | None]) -> None:
        super().__init__()
        self._find_provider = find_provider
        self._provider: FrozenCredentialsSource | None = None

    def _renew(self) -> None:
        if self._lock.locked():  # a thread of the parent process was in the provider, perhaps with botocore's lock
            self._provider = self._credentials = None
        super()._renew()

    def _refresh_needed(self, *, mandatory: bool = False) -> bool:
        refresh_needed = getattr(self._provider, "refresh_needed", None)
        if refresh_needed is None:
            return False
        try:
            return bool(refresh_needed(MANDATORY_REFRESH if mandatory else None))
        except Exception as error:  # a provider of the user may raise any error
            raise _failed("refresh_needed of the credential provider", error) from error

    def _fetch(self) -> Credentials:
        try:
            self._provider = self._provider or self._find_provider()
            frozen = self._provider.get_frozen_credentials() if self._provider else None
            if frozen is None:
                raise CredentialsError(f"no credentials found: {ADVICE}")
            return _thawed(frozen)
        except CredentialsError:
            raise
        except Exception as error:  # a provider may run any program or service and raise any error
            raise _failed("the credential provider", error) from error


def _thawed(frozen: object) -> Credentials:
    """Return the frozen credentials of a provider, which may have no types; an empty token counts as none."""
    names = ("access_key", "secret_key")
    if missing := [name for name in names if not hasattr(frozen, name)]:
        kind = type(frozen).__name__
        raise CredentialsError(f"the credential provider returned a {kind} without {' and '.join(missing)}: {ADVICE}")
    key, secret = (getattr(frozen, name) for name in names)
    try:
        return Credentials(key, secret, getattr(frozen, "token", None) or None)
    except CredentialsError as error:
        raise CredentialsError(f"the credential provider returned malformed credentials: {error}") from None


def _failed(source: str, error: Exception) -> CredentialsError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return CredentialsError(f"{source} failed ({reason}): fix it, or {ADVICE}")


def find_source(
    credentials: CredentialsInput | None, config: Config, environment: Mapping[str, str]
) -> CredentialSource:
    """Return the source of credentials: the argument, the environment (unless a profile was passed), or the chain."""
    if isinstance(credentials, Credentials):
        return FixedSource(credentials)
    if credentials is not None:
        return _given_source(credentials)
    present = None if config.profile_is_argument else _environment_credentials(environment)
    return FixedSource(present) if present else ChainSource(lambda: _botocore_provider(config, environment))


def _given_source(given: Any) -> CredentialSource:
    from inspect import iscoroutinefunction  # most clients have fixed credentials

    called = getattr(given, "get_frozen_credentials", given)
    if isinstance(given, type) or not callable(called):
        if hasattr(given, "access_key") and hasattr(given, "secret_key") and not isinstance(given, type):
            return FixedSource(Credentials(given.access_key, given.secret_key, getattr(given, "token", None) or None))
        remedy = "Credentials(access_key_id, secret_access_key, session_token)"
        if hasattr(given, "get_credentials"):
            remedy = "session.get_credentials()"
        raise CredentialsError(f"credentials must be {KINDS}, not {_kind(given)}: write credentials={remedy}")
    if iscoroutinefunction(called):
        raise CredentialsError("credentials must not be async: the async client calls it in a worker thread")
    return FunctionSource(given) if called is given else ChainSource(lambda: given)


def _kind(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else f"a {type(value).__name__}"


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


def _botocore_provider(config: Config, environment: Mapping[str, str]) -> FrozenCredentialsSource | None:
    # Resolved settings become botocore's defaults, so that it does not read the variables differently. A profile that
    # is passed as more than a default makes botocore ignore the settings of roles in the environment.
    resolved = {"profile": config.profile_name, "region": config.region_name, **profile_files(environment)}
    session = import_module("botocore.session").Session(
        session_vars={name: (None, None, value, None) for name, value in resolved.items()},
        profile=config.profile_name if config.profile_is_argument else None,
    )
    return cast("FrozenCredentialsSource | None", session.get_credentials())  # cast: botocore has no types
