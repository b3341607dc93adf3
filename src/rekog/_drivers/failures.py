"""What can go wrong on the way, in words: one text for each kind of failure, whatever transport it happened in."""

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
    errors.ConnectError: "no connection to {origin}: check the endpoint, the network, any proxy and ca_bundle",
    errors.WriteTimeoutError: "{origin} took nothing of the request for {timeout.read:.3g} s",
    errors.ReadTimeoutError: (
        "{origin} sent nothing for {timeout.read:.3g} s: it may have acted on the request; raise Timeout(read=...)"
    ),
    errors.PoolTimeoutError: (
        "no connection to {origin} became free for {timeout.read:.3g} s: raise max_connections or call less at once"
    ),
    errors.ConnectionLostError: "the connection to {origin} broke: it may have acted on the request",
    errors.StaleConnectionError: (
        "a connection to {origin}, kept from an earlier call, broke: it may have acted on the request"
    ),
    TransportError: "the request to {origin} failed",
}
LATE: dict[type[TransportError], str] = {
    errors.ConnectTimeoutError: "no connection to {origin}",
    errors.PoolTimeoutError: "no connection to {origin} became free, and nothing was sent,",
}
NO_ANSWER = "{origin} closed the connection without an answer: it may have acted on the request"
CUT_SHORT = "the answer of {origin} was cut short or is not HTTP"


def failure(
    kind: type[TransportError], request: HttpRequest, reason: object = "", text: str | None = None
) -> TransportError:
    """Return an error of this kind for a request; `reason` is the cause's own words, if it has any."""
    words = (text or TEXTS[kind]).format(origin=origin(request.url), timeout=request.timeout)
    return kind(f"{words} ({reason})" if str(reason) else words)


def late_or(kind: type[TransportError], request: HttpRequest, deadline: Deadline) -> TransportError:
    """Return the error for a timer that went off: the call's own deadline, or else one of this kind."""
    return late(request, kind) if deadline.left() <= EARLY else failure(kind, request)


def late(request: HttpRequest, kind: type[TransportError] = errors.ReadTimeoutError) -> errors.CallTimeoutError:
    """Return the error for what did not happen in the time that the call had left."""
    what = LATE.get(kind, "no whole answer from {origin}").format(origin=origin(request.url))
    left = f"{request.timeout.total:.3g} s that were left of the call's total timeout"
    return errors.CallTimeoutError(f"{what} within the {left}; raise Timeout(total=...)")
