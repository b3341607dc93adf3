"""The record of an attempt, which `on_attempt` gets. `rekog.config` is its public module."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from .._values.errors import RekogError  # noqa: TC001 (for tools that evaluate annotations)
from .._values.frozen import Frozen


class Attempt(Frozen, kw_only=True, public="rekog.config"):
    """One attempt of a call, after its end: its request, and the response or the error that it got.

    `number` counts the attempts of a call from 1. `started` is the time at which the request was sent, in UTC. `queued`
    is the number of seconds before it that the attempt waited for the rate limit and for a free connection, and
    `seconds` the time from the request to its complete response or its error. `status_code` and `request_id` are those
    of the response, None without one. `error` is None for a response of HTTP 200 to 299. `request_bytes` and
    `response_bytes` are the sizes of the two bodies. `next_in` is the number of seconds to the next attempt at the
    earliest, None when the call ends with this one.
    """

    operation: str
    number: int
    region_name: str
    started: datetime
    queued: float
    seconds: float
    status_code: int | None
    request_id: str | None
    error: RekogError | None
    request_bytes: int
    response_bytes: int
    next_in: float | None


OnAttempt: TypeAlias = Callable[[Attempt], object]
