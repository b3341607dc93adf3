"""Drive the Flow of a call by hand."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from rekog._core.flow import Effect, Flow, HttpRequest, TakeSlot

T = TypeVar("T")


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
