"""Resolution of a client's settings from its arguments, the environment and the profile files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .._values.errors import ConfigError
from .endpoint import SERVICE
from .profiles import ReadFile, Setting, Sources, read_sources, variable
from .rules import rule_error
from .timeout import Timeout, over
from .urls import REGION_RULE, URL_RULE, is_region, split_url
from .values import Config, ConfigArguments, RetryMode, RetryPolicy

# Modes that the environment and profiles may name. `legacy` is botocore's oldest mode. It is accepted and treated as
# `standard`.
_CONFIGURED_MODES: Mapping[str, RetryMode] = {"standard": "standard", "adaptive": "adaptive", "legacy": "standard"}
DEFAULT_TIMEOUT = Timeout(None, connect=Timeout.connect, read=Timeout.read, pool=Timeout.pool)


def resolve_config(arguments: ConfigArguments, environment: Mapping[str, str], read_file: ReadFile) -> Config:
    """Return all settings of a client; raise `ConfigError` when one is malformed or contradicts another.

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
    bundle = sources.find("ca_bundle", "AWS_CA_BUNDLE") or sources.variable("REQUESTS_CA_BUNDLE")
    return Config(
        region_name=region,
        endpoint_url=endpoint.text if endpoint else None,
        profile_name=profile.text if profile else None,
        profile_is_argument=arguments.profile_name is not None,
        use_fips_endpoint=fips or (fips_region and endpoint is None),
        use_dualstack_endpoint=dualstack,
        retry=arguments.retry or _retry(sources),
        timeout=over(arguments.timeout or DEFAULT_TIMEOUT, DEFAULT_TIMEOUT),
        rate_limit=arguments.rate_limit,
        max_connections=arguments.max_connections,
        strict=arguments.strict,
        proxy=arguments.proxy,
        verify=arguments.verify if arguments.verify is not None else bundle.text if bundle else True,
        headers=arguments.headers,
        user_agent_extra=arguments.user_agent_extra,
        on_attempt=arguments.on_attempt,
        meter=arguments.meter,
    )


def _argument(
    arguments: ConfigArguments, name: Literal["region_name", "endpoint_url", "profile_name"]
) -> Setting | None:
    text: str | None = getattr(arguments, name)
    return None if text is None else Setting(text, name)


def _region(arguments: ConfigArguments, sources: Sources) -> tuple[str | None, bool]:
    """Return the region, and whether it was a FIPS pseudo-region such as `us-east-1-fips` or `fips-us-east-1`."""
    given = _argument(arguments, "region_name") or sources.find("region", "AWS_REGION", "AWS_DEFAULT_REGION")
    if given is None:
        return None, False
    name = given.text.replace("fips-", "").replace("-fips", "")
    if name.lower() == SERVICE:  # a habit from boto3.client("rekognition")
        raise ConfigError(
            f"{given.source} must be a region such as 'eu-west-1', not {given.text!r}:"
            " clients of this package need no service name"
        )
    if not is_region(name):
        raise rule_error(given.source, REGION_RULE, given.text)
    return name, name != given.text


def _endpoint_url(arguments: ConfigArguments, sources: Sources) -> Setting | None:
    given = _argument(arguments, "endpoint_url") or _configured_endpoint_url(sources)
    if given is not None and split_url(given.text) is None:
        shown = (
            "a URL with credentials (not shown)" if "@" in given.text else repr(given.text)
        )  # a password may precede the @
        raise ConfigError(f"{given.source} must be {URL_RULE}, not {shown}")
    return given


def _configured_endpoint_url(sources: Sources) -> Setting | None:
    """Return the endpoint URL of the environment or the profile.

    As in all AWS SDKs, variables have precedence over the profile. Within each, the setting of the service has
    precedence over the general one.
    """
    if _boolean(sources.find("ignore_configured_endpoint_urls", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")):
        return None
    return (
        sources.variable("AWS_ENDPOINT_URL_REKOGNITION", "AWS_ENDPOINT_URL")
        or sources.service_key("rekognition", "endpoint_url")
        or sources.key("endpoint_url")
    )


def _variant(name: str, sources: Sources, endpoint: Setting | None, *, argument: bool | None) -> bool:
    """Return whether to use FIPS or dual-stack endpoints.

    They are variants of the service's own endpoints. So a custom endpoint turns the setting off, and contradicts the
    argument.
    """
    if argument and endpoint:
        raise ConfigError(f"{name} cannot be combined with a custom endpoint (here from {endpoint.source})")
    if argument is not None or endpoint:
        return bool(argument)
    return _boolean(sources.find(name, f"AWS_{name.upper()}"))


def _boolean(given: Setting | None) -> bool:
    if given is not None and given.text.lower() not in ("true", "false"):
        raise rule_error(given.source, "true or false", given.text)
    return given is not None and given.text.lower() == "true"


def _retry(sources: Sources) -> RetryPolicy:
    mode = sources.find("retry_mode", "AWS_RETRY_MODE") or Setting(Config.retry.mode, "")
    if mode.text.lower() not in _CONFIGURED_MODES:
        raise rule_error(mode.source, "standard, adaptive or legacy", mode.text)
    attempts = sources.find("max_attempts", "AWS_MAX_ATTEMPTS") or Setting(str(Config.retry.max_attempts), "")
    number = attempts.text.strip()
    if not (number.isascii() and number.isdigit() and number.strip("0")):
        raise rule_error(attempts.source, "a whole number, 1 or more", attempts.text)
    digits = number.lstrip("0")[:9]  # nine digits are plenty, and int() refuses more than 4300
    return RetryPolicy(mode=_CONFIGURED_MODES[mode.text.lower()], max_attempts=int(digits))
