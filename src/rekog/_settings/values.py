"""Values of settings. `rekog.config` and `rekog.credentials` are the public modules of these classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeAlias, get_args, runtime_checkable

from .._values.frozen import Frozen
from . import rules
from .rules import BOOL, POSITIVE_COUNT, POSITIVE_SECONDS, RETRY_OBJECT, TEXT, WAIT_OBJECT, Checked, Rule, optional

if TYPE_CHECKING:
    from tenacity.retry import retry_base
    from tenacity.wait import wait_base

RetryMode: TypeAlias = Literal["standard", "adaptive", "off"]

_NO_HEADERS: Mapping[str, str] = {}


class Timeout(Checked, public="rekog.config"):
    """Limit the time of a call, in seconds.

    `connect` limits making a connection, TLS included; `read` the longest silence of the peer, in either direction;
    `total` the whole call with all attempts and the pauses between them (None: no limit).

    >>> Timeout(read=10.0)
    Timeout(connect=5.0, read=10.0, total=None)
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "connect": POSITIVE_SECONDS,
        "read": POSITIVE_SECONDS,
        "total": optional(POSITIVE_SECONDS),
    }

    connect: float = 5.0
    read: float = 60.0
    total: float | None = None


def as_timeout(value: Timeout | float | None) -> Timeout | None:
    """Return a number as the limit of the whole call; other values as they are.

    >>> as_timeout(2.0)
    Timeout(connect=2.0, read=2.0, total=2.0)
    """
    if value is None or isinstance(value, Timeout):
        return value
    checked = Timeout(total=value)
    return Timeout(connect=min(checked.connect, value), read=value, total=value)


def _timeout_or_seconds(_name: str, value: Any) -> Timeout | None:
    return as_timeout(value)  # names `Timeout.total` in its error


class RetryPolicy(Checked, public="rekog.config"):
    """Choose the failures that lead to another attempt, the number of attempts, and the pause before each.

    `standard` retries throttling, transient errors and lost connections, with growing random pauses. `adaptive` also
    reduces the rate of a throttled client. `off` sends once. `max_attempts` includes the first attempt. `wait` and
    `retry` are tenacity's objects: they replace the mode's own pause and its own choice of failures.

    >>> RetryPolicy(max_attempts=5).mode
    'standard'
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "mode": rules.one_of(*get_args(RetryMode)),
        "max_attempts": POSITIVE_COUNT,
        "wait": optional(WAIT_OBJECT),
        "retry": optional(RETRY_OBJECT),
    }

    mode: RetryMode = "standard"
    max_attempts: int = 3
    wait: wait_base | None = None
    retry: retry_base | None = None


_RETRY_POLICY = optional(rules.instance_of(RetryPolicy))


class CallOptions(Checked, public="rekog.config"):
    """Change settings for one call; a field that is not given keeps the client's setting.

    A `Timeout` replaces the client's as a whole, a number limits the whole call. `headers` are sent with each attempt.
    A pager or a waiter applies its options to each of its calls.

    >>> CallOptions(timeout=2.5).timeout
    Timeout(connect=2.5, read=2.5, total=2.5)
    """

    _hidden = frozenset({"headers"})
    _rules: ClassVar[Mapping[str, Rule]] = {
        "timeout": _timeout_or_seconds,
        "retry": _RETRY_POLICY,
        "headers": rules.headers,
    }

    timeout: Timeout | None = None
    retry: RetryPolicy | None = None
    headers: Mapping[str, str] = _NO_HEADERS

    if TYPE_CHECKING:

        def __init__(
            self,
            timeout: Timeout | float | None = None,
            retry: RetryPolicy | None = None,
            headers: Mapping[str, str] | None = None,
        ) -> None: ...


class ConfigArguments(Checked, kw_only=True, public="rekog.config"):
    """The arguments of a client; None leaves the choice to the environment and the profile files."""

    _messages_name_class = False
    _rules: ClassVar[Mapping[str, Rule]] = {
        "region_name": optional(TEXT),
        "endpoint_url": optional(TEXT),
        "profile_name": optional(TEXT),
        "use_fips_endpoint": optional(BOOL),
        "use_dualstack_endpoint": optional(BOOL),
        "retry": _RETRY_POLICY,
        "timeout": _timeout_or_seconds,
        "max_connections": POSITIVE_COUNT,
        "strict": BOOL,
    }

    region_name: str | None = None
    endpoint_url: str | None = None
    profile_name: str | None = None
    use_fips_endpoint: bool | None = None
    use_dualstack_endpoint: bool | None = None
    retry: RetryPolicy | None = None
    timeout: Timeout | None = None
    max_connections: int = 64
    strict: bool = False

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            region_name: str | None = None,
            endpoint_url: str | None = None,
            profile_name: str | None = None,
            use_fips_endpoint: bool | None = None,
            use_dualstack_endpoint: bool | None = None,
            retry: RetryPolicy | None = None,
            timeout: Timeout | float | None = None,
            max_connections: int = 64,
            strict: bool = False,
        ) -> None: ...


class Config(Frozen, kw_only=True, public="rekog.config"):
    """A client's resolved settings.

    `endpoint_url` is a custom endpoint or None. With `profile_is_argument` the profile's credentials win over those in
    the environment, as in boto3. `ca_bundle` is the path of a PEM file or of a directory of them.
    """

    region_name: str | None = None
    endpoint_url: str | None = None
    profile_name: str | None = None
    profile_is_argument: bool = False
    use_fips_endpoint: bool = False
    use_dualstack_endpoint: bool = False
    retry: RetryPolicy = RetryPolicy()
    timeout: Timeout = Timeout()
    max_connections: int = 64
    strict: bool = False
    ca_bundle: str | None = None


class Credentials(Checked, public="rekog.credentials"):
    """An access key, with a session token if it is a temporary one.

    >>> Credentials("AKIDEXAMPLE", "secret", "token")
    Credentials(access_key_id='AKIDEXAMPLE')
    """

    _hidden = frozenset({"secret_access_key", "session_token"})
    _messages_name_class = False
    _rules: ClassVar[Mapping[str, Rule]] = {
        "access_key_id": rules.credential,
        "secret_access_key": rules.credential,
        "session_token": optional(rules.credential),
    }

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


@runtime_checkable
class CredentialSource(Protocol):
    """Source of a client's credentials, consulted for each attempt; a client takes any object with these methods."""

    def cached(self) -> Credentials | None:
        """Return credentials that are valid now, without waiting; None requests a call of `load`."""
        ...

    def load(self) -> Credentials:
        """Return credentials that are valid now; may wait for their provider. Called in any thread."""
        ...


CredentialSource.__module__ = "rekog.credentials"
