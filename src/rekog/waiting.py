"""Waiting: one Flow that polls an operation until a rule says success or failure.

A waiter looks first and sleeps after: `max_attempts` looks, one sleep fewer. The rules are data, generated from the
service model's two waiters and from our own table of the others.
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
    from .config import CallOptions

Out = TypeVar("Out")

State: TypeAlias = Literal["waiting", "success", "failure"]


class Acceptor(NamedTuple):
    """One rule: the state that it leads to, how it looks, where (attribute names, lists flattened), at what."""

    state: Literal["success", "failure"]
    matcher: Literal["path", "pathAll", "pathAny", "error", "empty"]
    path: tuple[str, ...]
    expected: str

    def matches(self, answer: object, error: ServiceError | None) -> bool:
        """Tell whether the rule applies to an answer, or to an error in its place."""
        if self.matcher == "error" or error is not None:
            return self.matcher == "error" and error is not None and error.code == self.path[0]
        values = values_at(answer, self.path)
        if self.matcher == "empty":
            return not values
        if self.matcher == "pathAll":
            return bool(values) and all(value == self.expected for value in values)
        return self.expected in values


class WaiterRule(NamedTuple, Generic[Out]):
    """When to stop waiting: what is polled, how often, and what its answers mean."""

    name: str
    operation: Operation[Any, Any]
    delay: float
    max_attempts: int
    acceptors: tuple[Acceptor, ...]
    message: tuple[str, ...] = ()
    """Where the answer says why something failed."""
    fixed: Mapping[str, object] = {}
    """Arguments that each poll sends."""
    where: str | None = None
    """A field of the listed items; only those that have the argument of that name count, on whatever page."""


class Poll(NamedTuple):
    """One look of a waiter: its number from 1, the answer (or the error that took its place), what follows from it."""

    attempt: int
    response: object
    state: State


OnPoll: TypeAlias = Callable[[Poll], object]


def values_at(answer: object, path: tuple[str, ...]) -> list[object]:
    """Return the values at the end of a path of attributes, lists on the way flattened, None left out."""
    values: list[object] = [answer]
    for name in path:
        found = [getattr(value, name) for value in values]
        values = [item for value in found for item in (value if is_sequence(value) else [value])]
    return [value for value in values if value is not None]


def wait(
    caller: Caller,
    rule: WaiterRule[Out],
    options: CallOptions | None,
    delay: float | None,
    max_attempts: int | None,
    on_poll: OnPoll | None,
    /,
    **arguments: object,
) -> Flow[Out]:
    """Poll until the rule's success, and return the answer that showed it."""
    pause, most = rule.delay if delay is None else delay, rule.max_attempts if max_attempts is None else max_attempts
    _check(rule, pause, most, on_poll, arguments)
    answer: Any = None
    for attempt in range(1, most + 1):
        error = None
        try:
            answer = yield from _look(caller, rule, arguments, options)
        except ServiceError as raised:
            error = raised
        states: list[State] = [acceptor.state for acceptor in rule.acceptors if acceptor.matches(answer, error)]
        matched = states[0] if states else None
        state: State = matched or ("waiting" if error is None else "failure")
        if on_poll is not None:
            on_poll(Poll(attempt, answer if error is None else error, state))
        if matched == "success":
            found: Out = answer
            return found
        if matched == "failure":
            raise _failed(rule, answer)
        if error is not None:
            text = f"the waiter {rule.name} stopped at an error of the service: {error}"
            raise WaiterError(text, waiter=rule.name, reason=str(error), last_response=answer) from error
        if attempt < most:
            yield from sleep(pause)
    text = f"the waiter {rule.name} looked {most} times, every {pause:g} s, without an end: raise max_attempts"
    raise WaiterTimeoutError(text, waiter=rule.name, reason="max_attempts used up", last_response=answer)


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
        problems.append("on_poll: must be a plain function, which is called between two looks and not awaited")
    if problems:
        name = f"wait_until_{rule.name}"
        raise ValidationError(f"{name}: {'; '.join(problems)}", operation=name, problems=problems)


def _look(
    caller: Caller, rule: WaiterRule[Out], arguments: Mapping[str, object], options: CallOptions | None
) -> Flow[object]:
    fields = {**rule.fixed, **arguments}
    if rule.where is None:
        return (yield from caller.call(rule.operation, options, **fields))
    wanted, listing = fields.pop(rule.where), rule.acceptors[0].path[0]
    while True:
        answer = yield from caller.call(rule.operation, options, **fields)
        found = [item for item in getattr(answer, listing) if getattr(item, rule.where) == wanted]
        if found or not answer.next_token or answer.next_token == fields.get("next_token"):
            setattr(answer, listing, found)
            return answer
        fields["next_token"] = answer.next_token


def _failed(rule: WaiterRule[Out], answer: object) -> JobFailedError:
    states = {str(value) for a in rule.acceptors if a.state == "failure" for value in values_at(answer, a.path)}
    messages = [str(value) for value in values_at(answer, rule.message)] if rule.message else []
    reason = f"{rule.operation.name} says {', '.join(sorted(states))}"
    message = "; ".join(messages) or None
    text = f"the waiter {rule.name} will not succeed: {reason}{f' ({message})' if message else ''}"
    return JobFailedError(text, waiter=rule.name, reason=reason, last_response=answer, status_message=message)


class Waiter(NamedTuple, Generic[Out]):
    """boto3's way to a waiter: `wait` is the client's own `wait_until_...` method."""

    wait: Callable[..., Out]


class AsyncWaiter(NamedTuple, Generic[Out]):
    """boto3's way to a waiter, for tasks: `wait` is the client's own `wait_until_...` method."""

    wait: Callable[..., Awaitable[Out]]


__all__ = ["Acceptor", "AsyncWaiter", "OnPoll", "Poll", "Waiter", "WaiterRule", "wait"]
