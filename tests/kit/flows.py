"""Drive the Flow of a call by hand, and Flows of one effect."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TypeVar, cast

from rekog._core.flow import Effect, Flow, HttpRequest, HttpResponse, Release, TakeSlot

T = TypeVar("T")


def send(request: HttpRequest) -> Flow[HttpResponse]:
    """Send a request and return its response, as an attempt does."""
    return cast(HttpResponse, (yield request))  # cast: the result of this effect


def take_slot(seconds: float = math.inf) -> Flow[Release]:
    """Take a slot and return the function that releases it, as a call does."""
    return cast(Release, (yield TakeSlot(seconds)))  # cast: as above


def no_release() -> None:
    """Release no slot: a Flow that is driven by hand has as many as it takes."""


def beyond_slots(flow: Flow[T], effect: Effect) -> Effect:
    """Give the Flow the slots that it takes, and return its next other effect."""
    while isinstance(effect, TakeSlot):
        effect = flow.send(no_release)
    return effect


def first_request(flow: Flow[T]) -> HttpRequest:
    """Start a Flow whose first effect, beside slots, is a request."""
    effect = beyond_slots(flow, next(flow))
    assert isinstance(effect, HttpRequest)
    return effect


def ended(flow: Generator[Effect, object, T], value: object) -> T:
    """Send a value to a Flow that ends with it, and return the value of the Flow."""
    try:
        flow.send(value)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("the Flow goes on")
