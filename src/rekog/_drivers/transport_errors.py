"""Errors of requests that got no complete response: one text for each class, the same for every transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core.deadline import EARLY
from .._settings.urls import origin
from .._values import errors
from .._values.errors import TransportError

if TYPE_CHECKING:
    from .._core.deadline import Deadline
    from .._core.flow import HttpRequest

TEXTS: dict[type[TransportError], str] = {
    errors.ConnectTimeoutError: (
        "no connection to {origin} within {timeout.connect:.3g} s: check the endpoint, the network and any proxy"
    ),
    errors.ConnectError: (
        "no connection to {origin}: check the endpoint, the network, any proxy, and verify or ca_bundle"
    ),
    errors.WriteTimeoutError: "{origin} accepted no bytes of the request for {timeout.read:.3g} s",
    errors.ReadTimeoutError: (
        "{origin} sent nothing for {timeout.read:.3g} s: it may have processed the request; increase Timeout(read=...)"
    ),
    errors.PoolTimeoutError: (
        "all connections to {origin} were busy{pool}: "
        "increase max_connections or Timeout(pool=...), or make fewer calls at once"
    ),
    errors.ConnectionLostError: "the connection to {origin} broke: the server may have processed the request",
    errors.StaleConnectionError: (
        "a connection to {origin}, kept from an earlier call, broke: the server may have processed the request"
    ),
    errors.ResponseTooLargeError: (
        "the response of {origin} is larger than 64 MiB, and so than any response of the service: "
        "check the endpoint and any proxy; the server may have processed the request"
    ),
    TransportError: "the request to {origin} failed",
}
DEADLINE_TEXTS: dict[type[TransportError], str] = {
    errors.ConnectTimeoutError: "no connection to {origin}",
    errors.PoolTimeoutError: "all connections to {origin} were busy, and nothing was sent,",
}
NO_RESPONSE = "{origin} closed the connection without a response: it may have processed the request"
CUT_SHORT = "the response of {origin} was cut short or is not HTTP"


def transport_error(
    kind: type[TransportError], request: HttpRequest, reason: object = "", text: str | None = None
) -> TransportError:
    """Return an error of this class for a request; `reason` is the text of the cause, if it has one."""
    timeout = request.timeout
    pool = "" if timeout.pool is None else f" for {timeout.pool:.3g} s"  # None: a transport of the user has a limit
    message = (text or TEXTS[kind]).format(origin=origin(request.url), timeout=timeout, pool=pool)
    return kind(f"{message} ({reason})" if str(reason) else message)


def timeout_error(kind: type[TransportError], request: HttpRequest, deadline: Deadline) -> TransportError:
    """Return the error for a timer that expired: the one of the call's deadline, or else one of this class."""
    return deadline_error(request, kind) if deadline.left() <= EARLY else transport_error(kind, request)


def deadline_error(
    request: HttpRequest, kind: type[TransportError] = errors.ReadTimeoutError
) -> errors.CallTimeoutError:
    """Return the error for a request that used up the rest of the call's total timeout.

    `kind` is the class of the timeout that would have applied: it names the step that was not finished.
    """
    unfinished = DEADLINE_TEXTS.get(kind, "no complete response from {origin}").format(origin=origin(request.url))
    left = f"{request.timeout.total:.3g} s that were left of the call's total timeout"
    return errors.CallTimeoutError(f"{unfinished} within the {left}; increase Timeout(total=...)")
