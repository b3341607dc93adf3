"""Remedies in the errors of settings: the code to write in place of a value in the form of another library.

Only errors need this module. It knows the classes of settings by their attributes, because their modules import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._values.narrow import is_sequence

# Arguments of other clients, and the way to write them here.
ARGUMENTS: Mapping[str, str] = {
    "api_key": "credentials=Credentials(access_key_id, secret_access_key)",
    "api_version": "leave it out, there is one version",
    "aws_access_key_id": "credentials=Credentials(access_key_id, secret_access_key)",
    "aws_secret_access_key": "credentials=Credentials(access_key_id, secret_access_key)",
    "aws_session_token": "credentials=Credentials(access_key_id, secret_access_key, session_token)",
    "base_url": "endpoint_url=...",
    "ca_bundle": "verify=path",
    "config": "its settings as arguments: retry=, timeout=, max_connections=, proxy=",
    "budget": "meter=rekog.cost.Budget(...)",
    "default_headers": "headers={...}",
    "event_hooks": "on_attempt=function",
    "http_client": "transport=httpx.HTTPTransport(...)",
    "max_attempts": "retry=RetryPolicy(max_attempts=...)",
    "max_pool_connections": "max_connections=...",
    "max_retries": "retry=RetryPolicy(max_attempts=...)",
    "proxies": "proxy=url",
    "region": "region_name=...",
    "retries": "retry=RetryPolicy(max_attempts=...)",
    "service_name": "leave it out, a client is of one service",
    "session": "credentials=session.get_credentials(), region_name=session.region_name",
    "use_ssl": "endpoint_url='http://...'",
    "user_agent": "user_agent_extra='my-app/1.0', or headers={'User-Agent': ...}",
}
CREDENTIALS: Mapping[str, str] = {
    "access_key": "access_key_id",
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
    "expiration": "expires_at",
    "expiry_time": "expires_at",
    "secret_key": "secret_access_key",
    "token": "session_token",
}


def for_retry(value: object) -> str:
    """Return the policy that a value in place of a `RetryPolicy` probably means."""
    if isinstance(value, int) and value >= 1 and not isinstance(value, bool):
        return f"RetryPolicy(max_attempts={value})"
    if value in ("standard", "adaptive", "off"):
        return f"RetryPolicy(mode={value!r})"
    return "RetryPolicy(max_attempts=3), or mode='off'" if value else "RetryPolicy(mode='off')"


def for_timeout(value: object) -> str:
    """Return the timeout that a value in place of a `Timeout` probably means; httpx's has the same limits as ours."""
    if is_sequence(value):  # as for requests
        limits: dict[str, Any] = dict(zip(("connect", "read"), value, strict=False))
    else:
        named = {name: getattr(value, name, None) for name in ("connect", "read", "pool")}
        limits = {name: seconds for name, seconds in named.items() if isinstance(seconds, int | float)}
    if not limits:
        return "a number, or Timeout(total=..., connect=..., read=...)"
    return f"Timeout({', '.join(f'{name}={seconds!r}' for name, seconds in limits.items())})"


def for_options(value: object) -> str:
    """Return the options that a value in place of `CallOptions` probably means."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"CallOptions(timeout={value!r})"
    if hasattr(value, "connect"):  # a `Timeout`, or httpx's
        return "CallOptions(timeout=...)"
    if hasattr(value, "max_attempts"):
        return "CallOptions(retry=...)"
    return "CallOptions(timeout=..., retry=..., headers=...)"


def refuse_names_of_credentials(named: Iterable[str]) -> None:
    """Raise a `TypeError` for botocore's names of the fields of credentials."""
    for name in named:
        if name in CREDENTIALS:
            raise TypeError(f"Credentials has no argument {name!r}: it is {CREDENTIALS[name]} here")


def unknown_argument(function: str, name: str, known: Iterable[str]) -> TypeError:
    """Return the error for an argument that a client does not have."""
    from difflib import get_close_matches

    known = list(known)
    near = get_close_matches(name, known, n=1)
    if name in ARGUMENTS:
        remedy = f"write {ARGUMENTS[name]}" if "=" in ARGUMENTS[name] else ARGUMENTS[name]
    elif near:
        remedy = f"did you mean {near[0]}?"
    else:
        remedy = f"there are {', '.join(known)}"
    return TypeError(f"{function} has no argument {name!r}: {remedy}")
