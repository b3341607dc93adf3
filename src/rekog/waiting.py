"""Waiters: the record of a poll, and waiters in boto3's form.

A client's `wait_until_...` methods poll an operation until a job or resource has reached its state.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic

from ._core.waiting_rules import OnPoll, Out_co, Poll, PollState
from ._values.frozen import Frozen

__all__ = ["AsyncWaiter", "OnPoll", "Poll", "PollState", "Waiter"]


class Waiter(Frozen, Generic[Out_co], kw_only=True):
    """A waiter in boto3's form: `wait` is the client's `wait_until_...` method."""

    wait: Callable[..., Out_co]


class AsyncWaiter(Frozen, Generic[Out_co], kw_only=True):
    """A waiter in boto3's form, for tasks: `wait` is the async client's `wait_until_...` method."""

    wait: Callable[..., Awaitable[Out_co]]


def __dir__() -> list[str]:
    return sorted(__all__)
