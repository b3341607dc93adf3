"""Settings of a client and of one call, and how they are found.

`resolve_config` is a pure function of what the caller gave, the environment, and a function that reads a file. For each
setting the argument wins over the environment, that over the profile files (`~/.aws/config`, `~/.aws/credentials`),
those over the default. An empty variable counts as absent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, get_args

from ._core.signing import SERVICE
from ._settings.endpoint import REGION_RULE, URL_RULE, is_region, split_url
from ._settings.profiles import Found, ReadFile, Sources, read_sources, variable
from ._values.errors import ConfigError
from ._values.frozen import Value
from ._values.narrow import is_mapping

if TYPE_CHECKING:
    from types import UnionType

    from tenacity.retry import retry_base
    from tenacity.wait import wait_base

RetryMode: TypeAlias = Literal["standard", "adaptive", "off"]

# What the environment and profiles may say. `legacy` is boto's first mode; what it did, `standard` does better.
_CONFIGURED_MODES: Mapping[str, RetryMode] = {"standard": "standard", "adaptive": "adaptive", "legacy": "standard"}

_RESERVED_HEADERS = frozenset(
    "authorization connection content-length content-type host transfer-encoding x-amz-date x-amz-security-token"
    " x-amz-target".split()
)
_NO_HEADERS: Mapping[str, str] = {}
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")  # RFC 9110, section 5.6.2


def _refusal(name: str, rule: str, value: object) -> ConfigError:
    return ConfigError(f"{name} must be {rule}, not {value!r} ({type(value).__name__})")


# What a field takes, by the first word of its type: here every number is one of seconds or a count.
_RULES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "float": ("a number of seconds above 0", lambda it: _is_a(it, int | float) and 0 < it < math.inf),
    "int": ("a whole number, 1 or more", lambda it: _is_a(it, int) and it >= 1),
    "bool": ("a bool", lambda it: isinstance(it, bool)),
    "str": ("a str", lambda it: isinstance(it, str)),
    "Timeout": ("a Timeout", lambda it: isinstance(it, Timeout)),
    "RetryPolicy": ("a RetryPolicy", lambda it: isinstance(it, RetryPolicy)),
    "RetryMode": ("'standard', 'adaptive' or 'off'", lambda it: it in get_args(RetryMode)),
    "wait_base": ("one of tenacity's wait objects", lambda it: callable(it) and not isinstance(it, type)),
    "retry_base": ("one of tenacity's retry objects", lambda it: callable(it) and not isinstance(it, type)),
}


def _is_a(value: object, kind: type | UnionType) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


class _Settings(Value):
    """Hold each field to the rule of its type; a number will do for a `Timeout`."""

    def _taken(self, name: str, value: Any) -> object:
        kind, _, rest = self._kinds[name].partition(" | ")
        rule, holds = _RULES[kind]
        if kind == "Timeout":
            value = as_timeout(value)
        if not (holds(value) or (value is None and rest)):
            # ConfigArguments' fields are a client's arguments: there the name says it all.
            owner = "" if isinstance(self, ConfigArguments) else f"{type(self).__name__}."
            raise _refusal(owner + name, rule, value)
        return value


class Timeout(_Settings):
    """Bound the waiting of a call, in seconds.

    `connect` bounds making a connection, TLS included; `read` the longest silence of the peer, in either direction;
    `total` the whole call, all attempts and the pauses between them (None: no such bound).

    >>> Timeout(read=10.0)
    Timeout(connect=5.0, read=10.0, total=None)
    """

    connect: float = 5.0
    read: float = 60.0
    total: float | None = None


def as_timeout(value: Timeout | float | None) -> Timeout | None:
    """Take a number as the bound of the whole call.

    >>> as_timeout(2.0)
    Timeout(connect=2.0, read=2.0, total=2.0)
    """
    if value is None or isinstance(value, Timeout):
        return value
    checked = Timeout(total=value)
    return Timeout(connect=min(checked.connect, value), read=value, total=value)


class RetryPolicy(_Settings):
    """Say which failures are tried again, how often, and after which pause.

    `standard` retries throttling, transient errors and lost connections, with growing random pauses; `adaptive` also
    slows a throttled client down; `off` sends once. `max_attempts` counts the first try. `wait` and `retry` are
    tenacity's objects: they replace the mode's own pause and its own choice of failures.

    >>> RetryPolicy(max_attempts=5).mode
    'standard'
    """

    mode: RetryMode = "standard"
    max_attempts: int = 3
    wait: wait_base | None = None
    retry: retry_base | None = None


def _header_map(headers: Any) -> Mapping[str, str]:
    if headers is None:
        return {}
    if not is_mapping(headers):
        raise _refusal("CallOptions.headers", "a mapping of names to values", headers)
    found: dict[str, str] = {}
    for name, value in cast("Mapping[object, object]", headers).items():  # cast: untyped callers give anything
        if not isinstance(name, str) or not name or not _TOKEN.issuperset(name.lower()):
            raise ConfigError(f"CallOptions.headers: {name!r} is not a header name")
        if name.lower() in _RESERVED_HEADERS:
            raise ConfigError(f"CallOptions.headers: {name!r} is set by the client itself")
        # The value is not shown: it may be a secret for a proxy.
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise ConfigError(f"CallOptions.headers: the value of {name!r} must be one line of printable ASCII text")
        found[name.lower()] = value
    return found


class CallOptions(_Settings):
    """Change settings for one call; what is left out stays as the client has it.

    A `Timeout` takes the place of the client's as a whole, a number bounds the whole call. `headers` go out with each
    attempt. Given to a pager or a waiter, they hold for each of its calls.

    >>> CallOptions(timeout=2.5).timeout
    Timeout(connect=2.5, read=2.5, total=2.5)
    """

    _hidden = frozenset({"headers"})

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

    def _taken(self, name: str, value: Any) -> object:
        if name == "headers":
            return _header_map(value)
        return super()._taken(name, value)


class ConfigArguments(_Settings, kw_only=True):
    """Hold what the caller gave a client; None leaves the choice to the environment and the profile files."""

    region_name: str | None = None
    endpoint_url: str | None = None
    profile_name: str | None = None
    use_fips_endpoint: bool | None = None
    use_dualstack_endpoint: bool | None = None
    retry: RetryPolicy | None = None
    timeout: Timeout | None = None
    max_connections: int = 64
    strict: bool = False


class Config(Value, kw_only=True):
    """A client's settings, all decided.

    `endpoint_url` is a custom endpoint or None. `profile_is_argument` makes the profile's credentials win over those in
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


def resolve_config(arguments: ConfigArguments, environment: Mapping[str, str], read_file: ReadFile) -> Config:
    """Decide every setting.

    >>> resolve_config(ConfigArguments(), {"AWS_REGION": "eu-west-1"}, lambda path: None).region_name
    'eu-west-1'
    """
    profile = _argument(arguments, "profile_name") or variable(environment, "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    sources = read_sources(profile, environment, read_file)
    region, fips_region = _region(arguments, sources)
    endpoint = _endpoint_url(arguments, sources)
    fips = _variant("use_fips_endpoint", sources, endpoint, argument=arguments.use_fips_endpoint)
    dualstack = _variant("use_dualstack_endpoint", sources, endpoint, argument=arguments.use_dualstack_endpoint)
    # REQUESTS_CA_BUNDLE comes last, as in botocore.
    ca_bundle = sources.find("ca_bundle", "AWS_CA_BUNDLE") or sources.variable("REQUESTS_CA_BUNDLE")
    return Config(
        region_name=region,
        endpoint_url=endpoint.text if endpoint else None,
        profile_name=profile.text if profile else None,
        profile_is_argument=arguments.profile_name is not None,
        use_fips_endpoint=fips or (fips_region and endpoint is None),
        use_dualstack_endpoint=dualstack,
        retry=arguments.retry or _retry(sources),
        timeout=arguments.timeout or Timeout(),
        max_connections=arguments.max_connections,
        strict=arguments.strict,
        ca_bundle=ca_bundle.text if ca_bundle else None,
    )


def _argument(arguments: ConfigArguments, name: Literal["region_name", "endpoint_url", "profile_name"]) -> Found | None:
    text: str | None = getattr(arguments, name)
    return None if text is None else Found(text, name)


def _region(arguments: ConfigArguments, sources: Sources) -> tuple[str | None, bool]:
    """Return the region, and whether it had one of the old names that mean a FIPS endpoint (`us-east-1-fips`)."""
    found = _argument(arguments, "region_name") or sources.find("region", "AWS_REGION", "AWS_DEFAULT_REGION")
    if found is None:
        return None, False
    name = found.text.replace("fips-", "").replace("-fips", "")
    if name.lower() == SERVICE:  # as boto3 has it
        raise ConfigError(f"{found.source} must be a region, not {found.text!r}: a client is of this service anyway")
    if not is_region(name):
        raise _refusal(found.source, REGION_RULE, found.text)
    return name, name != found.text


def _endpoint_url(arguments: ConfigArguments, sources: Sources) -> Found | None:
    found = _argument(arguments, "endpoint_url") or _configured_endpoint_url(sources)
    if found is not None and split_url(found.text) is None:
        shown = "one with a user" if "@" in found.text else repr(found.text)  # a password may stand before the @
        raise ConfigError(f"{found.source} must be {URL_RULE}, not {shown}")
    return found


def _configured_endpoint_url(sources: Sources) -> Found | None:
    """Follow the SDKs' common order: variables before the profile, and in each the service's own before the general."""
    if _boolean(sources.find("ignore_configured_endpoint_urls", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")):
        return None
    return (
        sources.variable("AWS_ENDPOINT_URL_REKOGNITION", "AWS_ENDPOINT_URL")
        or sources.service_key("rekognition", "endpoint_url")
        or sources.key("endpoint_url")
    )


def _variant(name: str, sources: Sources, endpoint: Found | None, *, argument: bool | None) -> bool:
    """Decide FIPS or dual-stack. Either belongs to the service's own endpoints, so a custom one leaves it out."""
    if argument and endpoint:
        raise ConfigError(f"{name} cannot be combined with a custom endpoint (here from {endpoint.source})")
    if argument is not None or endpoint:
        return bool(argument)
    return _boolean(sources.find(name, f"AWS_{name.upper()}"))


def _boolean(found: Found | None) -> bool:
    if found is not None and found.text.lower() not in ("true", "false"):
        raise _refusal(found.source, "true or false", found.text)
    return found is not None and found.text.lower() == "true"


def _retry(sources: Sources) -> RetryPolicy:
    mode = sources.find("retry_mode", "AWS_RETRY_MODE") or Found(Config.retry.mode, "")
    if mode.text.lower() not in _CONFIGURED_MODES:
        raise _refusal(mode.source, "standard, adaptive or legacy", mode.text)
    most = sources.find("max_attempts", "AWS_MAX_ATTEMPTS") or Found(str(Config.retry.max_attempts), "")
    number = most.text.strip()
    if not (number.isascii() and number.isdigit() and number.strip("0")):
        raise _refusal(most.source, "a whole number, 1 or more", most.text)
    return RetryPolicy(_CONFIGURED_MODES[mode.text.lower()], int(number.lstrip("0")[:9]))
