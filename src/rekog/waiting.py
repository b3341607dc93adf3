"""Waiters: one Flow that polls an operation until a rule matches success or failure.

A waiter polls first and sleeps afterwards: at most `max_attempts` polls, with a sleep between two of them. The rules
are data. They are generated from the two waiters of the service model, and from our own table for the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from ._core.flow import Flow, sleep
from ._values.errors import JobFailedError, ServiceError, ValidationError, WaiterError, WaiterTimeoutError
from ._values.narrow import is_sequence

if TYPE_CHECKING:
    from ._core.call import Caller
    from ._core.operation import Operation
    from ._settings.values import AnyCallOptions

Out = TypeVar("Out")

State: TypeAlias = Literal["waiting", "success", "failure"]


class Acceptor(NamedTuple):
    """One rule: the resulting state, how to compare, the path of attributes to compare, and the expected value."""

    state: Literal["success", "failure"]
    matcher: Literal["path", "pathAll", "pathAny", "error", "empty"]
    path: tuple[str, ...]
    expected: str

    def matches(self, response: object, error: ServiceError | None) -> bool:
        """Return whether the rule applies to a response, or to the error raised instead."""
        if self.matcher == "error" or error is not None:
            return self.matcher == "error" and error is not None and error.code == self.path[0]
        values = values_at(response, self.path)
        if self.matcher == "empty":
            return not values
        if self.matcher == "pathAll":
            return bool(values) and all(value == self.expected for value in values)
        return self.expected in values


class WaiterRule(NamedTuple, Generic[Out]):
    """The rules of one waiter: the operation to poll, how often, and how to judge its responses."""

    name: str
    operation: Operation[Any, Any]
    delay: float
    max_attempts: int
    acceptors: tuple[Acceptor, ...]
    message: tuple[str, ...] = ()
    """Path of the attributes that hold the reason of a failure."""
    fixed: Mapping[str, object] = {}
    """Arguments that each poll sends."""
    where: str | None = None
    """A field of the listed items. Only items that equal the argument of this name count, on any page."""


class Poll(NamedTuple):
    """One poll of a waiter: its number from 1, its response or the error raised instead, and the resulting state."""

    attempt: int
    response: object
    state: State


OnPoll: TypeAlias = Callable[[Poll], object]


def values_at(response: object, path: tuple[str, ...]) -> list[object]:
    """Return the values at the end of a path of attributes, with lists flattened and without None."""
    values: list[object] = [response]
    for name in path:
        attributes = [getattr(value, name) for value in values]
        values = [item for value in attributes for item in (value if is_sequence(value) else [value])]
    return [value for value in values if value is not None]


def wait(
    caller: Caller,
    rule: WaiterRule[Out],
    options: AnyCallOptions | None,
    delay: float | None,
    max_attempts: int | None,
    on_poll: OnPoll | None,
    /,
    **arguments: object,
) -> Flow[Out]:
    """Poll until a rule matches success, and return the response that matched."""
    pause = rule.delay if delay is None else delay
    limit = rule.max_attempts if max_attempts is None else max_attempts
    _check(rule, pause, limit, on_poll, arguments)
    response: Any = None
    for attempt in range(1, limit + 1):
        error = None
        try:
            response = yield from _poll(caller, rule, arguments, options)
        except ServiceError as raised:
            error = raised
        states: list[State] = [acceptor.state for acceptor in rule.acceptors if acceptor.matches(response, error)]
        matched = states[0] if states else None
        state: State = matched or ("waiting" if error is None else "failure")
        if on_poll is not None:
            on_poll(Poll(attempt, response if error is None else error, state))
        if matched == "success":
            result: Out = response
            return result
        if matched == "failure":
            raise _failed(rule, response)
        if error is not None:
            text = f"the waiter {rule.name} stopped at an error of the service: {error}"
            raise WaiterError(text, waiter=rule.name, reason=str(error), last_response=response) from error
        if attempt < limit:
            yield from sleep(pause)
    text = f"the waiter {rule.name} polled {limit} times, every {pause:g} s, without a result: raise max_attempts"
    raise WaiterTimeoutError(text, waiter=rule.name, reason="max_attempts used up", last_response=response)


def _check(
    rule: WaiterRule[Out], delay: object, max_attempts: object, on_poll: object, arguments: Mapping[str, object]
) -> None:
    problems: list[str] = []
    if rule.where is not None and not isinstance(arguments.get(rule.where), str):
        problems.append(f"{rule.where}: required, and must be text")
    if isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay < float("inf"):
        problems.append(f"delay: must be a number of seconds, 0 or more, not {delay!r}")
    if isinstance(max_attempts, bool) or not isinstance(max_attempts, int) or max_attempts < 1:
        problems.append(f"max_attempts: must be a whole number, 1 or more, not {max_attempts!r}")
    if iscoroutinefunction(on_poll) or not (on_poll is None or callable(on_poll)):
        problems.append("on_poll: must be a plain function, which is called after each poll and not awaited")
    if problems:
        name = f"wait_until_{rule.name}"
        raise ValidationError(f"{name}: {'; '.join(problems)}", operation=name, problems=problems)


def _poll(
    caller: Caller, rule: WaiterRule[Out], arguments: Mapping[str, object], options: AnyCallOptions | None
) -> Flow[object]:
    fields = {**rule.fixed, **arguments}
    if rule.where is None:
        return (yield from caller.call(rule.operation, options, **fields))
    wanted, listing = fields.pop(rule.where), rule.acceptors[0].path[0]
    while True:
        response = yield from caller.call(rule.operation, options, **fields)
        matches = [item for item in getattr(response, listing) if getattr(item, rule.where) == wanted]
        if matches or not response.next_token or response.next_token == fields.get("next_token"):
            setattr(response, listing, matches)
            return response
        fields["next_token"] = response.next_token


def _failed(rule: WaiterRule[Out], response: object) -> JobFailedError:
    states = {str(value) for a in rule.acceptors if a.state == "failure" for value in values_at(response, a.path)}
    messages = [str(value) for value in values_at(response, rule.message)] if rule.message else []
    reason = f"{rule.operation.name} returned {', '.join(sorted(states))}"
    message = "; ".join(messages) or None
    text = f"the waiter {rule.name} will not succeed: {reason}{f' ({message})' if message else ''}"
    return JobFailedError(text, waiter=rule.name, reason=reason, last_response=response, status_message=message)


class Waiter(NamedTuple, Generic[Out]):
    """A waiter in boto3's form: `wait` is the client's `wait_until_...` method."""

    wait: Callable[..., Out]


class AsyncWaiter(NamedTuple, Generic[Out]):
    """A waiter in boto3's form, for tasks: `wait` is the async client's `wait_until_...` method."""

    wait: Callable[..., Awaitable[Out]]


__all__ = ["Acceptor", "AsyncWaiter", "OnPoll", "Poll", "Waiter", "WaiterRule", "wait"]
