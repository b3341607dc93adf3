"""Values of settings. `rekog.config` and `rekog.credentials` are the public modules of these classes."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeAlias, TypedDict, get_args

from .._values.errors import ConfigError, RekogError
from .._values.frozen import Frozen
from .._values.lazy import LazyModule
from .._values.narrow import any_dict, is_mapping
from . import rules
from .rate_limit import RateLimit, as_rate_limit
from .rules import BOOL, METERS, PLAIN_FUNCTION, PLAIN_FUNCTIONS, POSITIVE_COUNT, TEXT, Checked, Rule, optional
from .timeout import Timeout, as_timeout

if TYPE_CHECKING:
    import ssl

    from .. import cost
    from . import attempts
else:  # for tools that evaluate annotations; a call over HTTP loads no ssl
    ssl, attempts, cost = LazyModule("ssl"), LazyModule("rekog._settings.attempts"), LazyModule("rekog.cost")

RetryMode: TypeAlias = Literal["standard", "adaptive", "off"]
StrictCheck: TypeAlias = Literal["requests", "answers", "images"]
Verify: TypeAlias = "bool | str | os.PathLike[str] | ssl.SSLContext"

STRICT_CHECKS: tuple[StrictCheck, ...] = get_args(StrictCheck)

_NO_HEADERS: Mapping[str, str] = {}


def _timeout_or_seconds(name: str, value: Any) -> Timeout | None:
    return as_timeout(value, name)


class FailedAttempt(Frozen, kw_only=True, public="rekog.config"):
    """An attempt of a call that failed: its number from 1, its error, and the seconds since the call began."""

    number: int
    error: RekogError
    elapsed: float


RetryIf: TypeAlias = Callable[[FailedAttempt], bool | None]
Pause: TypeAlias = Callable[[FailedAttempt], float]


class RetryPolicy(Checked, kw_only=True, public="rekog.config"):
    """Choose the failures that lead to another attempt, the number of attempts, and the pause before each.

    `standard` retries throttling, transient errors and lost connections, with growing random pauses. `adaptive` also
    reduces the rate of a throttled client. `off` sends once. `max_attempts` includes the first attempt.

    `retry_if` decides whether another attempt follows a failed one: True, False, or None for the mode's own choice.
    `pause` returns the seconds before it; a longer pause that the service requests wins. Both are plain functions that
    take a `FailedAttempt`, also in the async client. An error that they raise ends the call.

    >>> RetryPolicy(max_attempts=5).mode
    'standard'
    >>> linear = RetryPolicy(pause=lambda failed: 0.5 * failed.number)
    """

    _rules: ClassVar[Mapping[str, Rule]] = {
        "mode": rules.one_of(*get_args(RetryMode)),
        "max_attempts": POSITIVE_COUNT,
        "retry_if": optional(PLAIN_FUNCTION),
        "pause": optional(PLAIN_FUNCTION),
    }

    mode: RetryMode = "standard"
    max_attempts: int = 3
    retry_if: RetryIf | None = None
    pause: Pause | None = None


def _retry_policy(name: str, value: Any) -> RetryPolicy | None:
    if value is None or isinstance(value, RetryPolicy):
        return value
    from .remedies import for_retry  # few programs pass another object

    raise rules.rule_error(name, "a RetryPolicy", value, for_retry(value))


class CallOptionsDict(TypedDict, total=False):
    """The fields of `CallOptions` as a dict."""

    timeout: Timeout | float | None
    retry: RetryPolicy | None
    headers: Mapping[str, str] | None


CallOptionsDict.__get_pydantic_core_schema__ = any_dict  # type: ignore[attr-defined]  # only tools read it


class CallOptions(Checked, kw_only=True, public="rekog.config"):
    """Change settings for one call; a field that is not given keeps the client's setting.

    A number as `timeout` limits the whole call; fields that a `Timeout` leaves out are the client's. `headers` are sent
    with each attempt. A pager or a waiter applies its options to each of its calls.

    >>> CallOptions(timeout=2.5).timeout
    Timeout(total=2.5)
    """

    _hidden = frozenset({"headers"})
    _rules: ClassVar[Mapping[str, Rule]] = {
        "timeout": _timeout_or_seconds,
        "retry": _retry_policy,
        "headers": rules.headers,
    }

    timeout: Timeout | None = None
    retry: RetryPolicy | None = None
    headers: Mapping[str, str] = _NO_HEADERS

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            timeout: Timeout | float | None = None,
            retry: RetryPolicy | None = None,
            headers: Mapping[str, str] | None = None,
        ) -> None: ...

    def __hash__(self) -> int:
        return hash((type(self), self.timeout, self.retry, frozenset(self.headers.items())))


AnyCallOptions: TypeAlias = CallOptions | CallOptionsDict
NO_OPTIONS = CallOptions()


def as_options(value: object) -> CallOptions:
    """Return the options of a call; raise `ConfigError` for other values than `CallOptions`, a dict or None."""
    if value is None:
        return NO_OPTIONS
    if isinstance(value, CallOptions):
        return value
    if not is_mapping(value):
        from .remedies import for_options

        raise rules.rule_error("options", "CallOptions or a dict of its fields", value, for_options(value))
    names = tuple(CallOptionsDict.__annotations__)
    if unknown := [key for key in value if key not in names]:
        raise ConfigError(f"options has no field {unknown[0]!r}: there are {', '.join(names)}")
    fields: Any = value
    return CallOptions(**fields)


class ConfigArguments(Checked, kw_only=True):
    """The arguments of a client; None leaves the choice to the environment and the profile files."""

    _hidden = frozenset({"proxy", "headers"})
    _messages_name_class = False
    _rules: ClassVar[Mapping[str, Rule]] = {
        "region_name": optional(TEXT),
        "endpoint_url": optional(TEXT),
        "profile_name": optional(TEXT),
        "use_fips_endpoint": optional(BOOL),
        "use_dualstack_endpoint": optional(BOOL),
        "retry": _retry_policy,
        "timeout": _timeout_or_seconds,
        "rate_limit": as_rate_limit,
        "max_connections": POSITIVE_COUNT,
        "strict": rules.several_of(*STRICT_CHECKS),
        "proxy": optional(rules.proxy),
        "verify": optional(rules.verify),
        "headers": rules.headers,
        "user_agent_extra": optional(rules.user_agent),
        "on_attempt": PLAIN_FUNCTIONS,
        "meter": METERS,
    }

    region_name: str | None = None
    endpoint_url: str | None = None
    profile_name: str | None = None
    use_fips_endpoint: bool | None = None
    use_dualstack_endpoint: bool | None = None
    retry: RetryPolicy | None = None
    timeout: Timeout | None = None
    rate_limit: RateLimit | None = None
    max_connections: int = 64
    strict: tuple[StrictCheck, ...] = ()
    proxy: str | None = None
    verify: bool | str | os.PathLike[str] | ssl.SSLContext | None = None
    headers: Mapping[str, str] = _NO_HEADERS
    user_agent_extra: str | None = None
    on_attempt: tuple[attempts.OnAttempt, ...] = ()
    meter: tuple[cost.Meter, ...] = ()

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
            rate_limit: RateLimit | float | None = None,
            max_connections: int = 64,
            strict: bool | Collection[StrictCheck] = False,
            proxy: str | None = None,
            verify: Verify | None = None,
            headers: Mapping[str, str] | None = None,
            user_agent_extra: str | None = None,
            on_attempt: attempts.OnAttempt | Sequence[attempts.OnAttempt] = (),
            meter: cost.Meter | Sequence[cost.Meter] = (),
        ) -> None: ...


class Config(Frozen, kw_only=True, public="rekog.config"):
    """A client's resolved settings.

    `endpoint_url` is a custom endpoint or None. With `profile_is_argument` the profile's credentials win over those in
    the environment, as in boto3. `strict` has the names of the checks that are on. `proxy` is the argument; without it
    the variables of the environment apply. `verify` is the argument, or the path of the configured CA bundle. `headers`
    are sent with each request. `user_agent_extra` follows ours in User-Agent, `on_attempt` has the functions that are
    called after each attempt, and `meter` the meters and budgets.
    """

    _hidden = frozenset({"proxy", "headers"})

    region_name: str | None = None
    endpoint_url: str | None = None
    profile_name: str | None = None
    profile_is_argument: bool = False
    use_fips_endpoint: bool = False
    use_dualstack_endpoint: bool = False
    retry: RetryPolicy = RetryPolicy()
    timeout: Timeout = Timeout()
    rate_limit: RateLimit | None = None
    max_connections: int = 64
    strict: tuple[StrictCheck, ...] = ()
    proxy: str | None = None
    verify: bool | str | os.PathLike[str] | ssl.SSLContext = True
    headers: Mapping[str, str] = _NO_HEADERS
    user_agent_extra: str | None = None
    on_attempt: tuple[attempts.OnAttempt, ...] = ()
    meter: tuple[cost.Meter, ...] = ()


class Credentials(Checked, kw_only=True, public="rekog.credentials"):
    """An access key, with a session token if it is a temporary one.

    `expires_at` is the time, with its time zone, from which the service refuses them. Credentials that a function
    returned are replaced before it.

    >>> Credentials("AKIDEXAMPLE", "secret", "token")
    Credentials(access_key_id='AKIDEXAMPLE', expires_at=None)
    """

    _hidden = frozenset({"secret_access_key", "session_token"})
    _positional = ("access_key_id", "secret_access_key", "session_token")
    _messages_name_class = False
    _rules: ClassVar[Mapping[str, Rule]] = {
        "access_key_id": rules.credential,
        "secret_access_key": rules.credential,
        "session_token": optional(rules.credential),
        "expires_at": optional(rules.moment),
    }

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expires_at: datetime | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            access_key_id: str,
            secret_access_key: str,
            session_token: str | None = None,
            *,
            expires_at: datetime | None = None,
        ) -> None: ...

    def _refuse_names(self, named: Mapping[str, object]) -> None:
        from .remedies import refuse_names_of_credentials

        refuse_names_of_credentials(named)


class CredentialSource(Protocol):
    """Source of a client's credentials, consulted for each attempt."""

    def cached(self) -> Credentials | None:
        """Return credentials that are valid now, without waiting; None requests a call of `load`."""
        ...

    def load(self) -> Credentials:
        """Return credentials that are valid now; may wait for their provider. Called in any thread."""
        ...


CallOptionsDict.__module__ = "rekog.config"  # the public module, for pickles and tracebacks
