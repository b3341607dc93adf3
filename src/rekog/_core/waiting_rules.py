"""Rules of waiters, and one Flow that polls an operation until a rule matches success or failure.

A waiter polls first and sleeps afterwards: at most `max_attempts` polls, with a sleep between two of them, all within
`timeout`. The rules are data. They are generated from the two waiters of the service model, and from our own table for
the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeAlias, TypeGuard, TypeVar

from .._settings.values import as_options
from .._values.clocks import monotonic
from .._values.errors import (
    CallError,
    CallTimeoutError,
    JobFailedError,
    ParamValidationError,
    ServiceError,
    TransportError,
    WaiterError,
    WaiterFailedError,
    WaiterTimeoutError,
)
from .._values.frozen import Frozen
from .._values.model import as_list
from .._values.narrow import is_sequence
from .call import timeout_of
from .deadline import EARLY
from .retries.rules import is_retryable
from .retries.waiting_clock import WaitingClock

if TYPE_CHECKING:
    from .._settings.values import AnyCallOptions, CallOptions
    from .call import Caller
    from .flow import Flow
    from .operation import Operation

Out = TypeVar("Out")
Out_co = TypeVar("Out_co", covariant=True)

PollState: TypeAlias = Literal["waiting", "success", "failure"]

LONGEST_RESERVE = 1.0  # seconds that the sleeps leave for the last poll; a tenth of `timeout` if that is shorter


class Acceptor(NamedTuple):
    """One rule: the resulting state, how to compare, the path of attributes to compare, and the expected value."""

    state: Literal["success", "failure"]
    matcher: Literal["path", "pathAll", "pathAny", "error", "empty"]
    path: tuple[str, ...]
    expected: str

    def matches(self, response: object, error: CallError | None) -> bool:
        """Return whether the rule applies to a response, or to the error raised instead."""
        if self.matcher == "error" or error is not None:
            return self.matcher == "error" and isinstance(error, ServiceError) and error.code == self.path[0]
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
    outlives: int = 0
    """Polls in succession that may fail with an error that another attempt may avoid."""


class Poll(Frozen, Generic[Out_co], kw_only=True, public="rekog.waiting"):
    """One poll of a waiter.

    `attempt` is its number from 1, and `elapsed` the seconds from the start of the wait to the end of the poll. It has
    either a `response` or the `error` that the service returned instead; `state` is the waiter's decision.
    """

    attempt: int
    elapsed: float
    response: Out_co | None
    error: CallError | None
    state: PollState


OnPoll: TypeAlias = Callable[[Poll[Out]], object]


def values_at(response: object, path: tuple[str, ...]) -> list[object]:
    """Return the values at the end of a path of attributes, with lists flattened and without None."""
    values: list[object] = [response]
    for name in path:
        attributes = [getattr(value, name) for value in values]
        values = [item for value in attributes for item in (value if is_sequence(value) else [value])]
    return [value for value in values if value is not None]


class _Time:
    """The time of a whole wait, and the options of the calls in it."""

    def __init__(
        self, caller: Caller, options: AnyCallOptions | None, timeout: float | None, clock: Callable[[], float]
    ) -> None:
        self._options = as_options(options)
        self._of_call = timeout_of(self._options, caller.config)
        self._total = math.inf if timeout is None else timeout
        self._reserve = min(LONGEST_RESERVE, self._total / 10)
        self._clock = WaitingClock(clock)
        self._started = self._resumed = clock()

    def elapsed(self) -> float:
        """Return the seconds since the wait began."""
        return self._clock() - self._started

    def options(self) -> CallOptions:
        """Return the options of a call that is made now: the remaining time also limits the whole call."""
        left = self._total - self.elapsed()
        if left == math.inf:
            return self._options
        if left <= 0:
            raise CallTimeoutError("no time is left for another request")
        total = left if self._of_call.total is None else min(left, self._of_call.total)
        return self._options.__replace__(timeout=self._of_call.__replace__(total=total))

    def caused(self, error: TransportError) -> bool:
        """Return whether the end of the wait's time caused a failure, not the options of the call or the network."""
        left = self._total - self.elapsed()
        unlimited = self._of_call.total is None and left < math.inf
        return left <= EARLY or (unlimited and isinstance(error, CallTimeoutError))

    def pause(self, delay: float) -> float | None:
        """Return the seconds until the next poll, at most `delay`; None when no time is left for one."""
        left = self._total - self.elapsed() - self._reserve
        return min(delay, left) if left > 0 else None

    def sleep(self, seconds: float) -> Flow[None]:
        """Pause for some seconds, or for a moment when the program's clock has stood still since the last pause."""
        if seconds > 0 or self._clock() == self._resumed:
            yield from self._clock.pause(seconds)
        self._resumed = self._clock()


def wait(
    caller: Caller,
    rule: WaiterRule[Out],
    options: AnyCallOptions | None,
    delay: float | None,
    max_attempts: int | None,
    timeout: float | None,
    on_poll: OnPoll[Any] | None,
    clock: Callable[[], float] = monotonic,
    /,
    **arguments: object,
) -> Flow[Out]:
    """Poll until a rule matches success, and return the response that matched.

    With a `timeout` only an explicit `max_attempts` limits the number of polls.
    """
    _check(rule, delay, max_attempts, timeout, on_poll, arguments)
    arguments = {name: as_list(value) for name, value in arguments.items()}  # a generator runs once
    delay = rule.delay if delay is None else delay
    limit = rule.max_attempts if max_attempts is None and timeout is None else max_attempts
    time_left = _Time(caller, options, timeout, clock)
    response: Any = None
    attempt = failures = 0
    error: CallError | None = None
    try:
        while True:
            attempt += 1
            error = None
            try:
                response = yield from _poll(caller, rule, arguments, time_left)
            except ServiceError as raised:
                error = raised
            except TransportError as raised:
                if time_left.caused(raised):
                    raise _timed_out(rule, attempt, timeout, response) from raised
                if failures >= rule.outlives or not is_retryable(raised):
                    raise
                error = raised
            failures = failures + 1 if error is not None and is_retryable(error) else 0
            outlived = 0 < failures <= rule.outlives
            matched = _matched(rule, response, error)
            if on_poll is not None:
                state: PollState = matched or ("waiting" if error is None or outlived else "failure")
                received = response if error is None else None
                elapsed = time_left.elapsed()
                on_poll(Poll(attempt=attempt, elapsed=elapsed, response=received, error=error, state=state))
            if matched == "success":
                result: Out = response
                return result
            if matched == "failure":
                raise _failed(rule, response, arguments)
            if error is not None and not outlived:
                text = f"the waiter {rule.name} stopped at an error of the service: {error}"
                raise WaiterError(
                    text, waiter=rule.name, operation=rule.operation.name, reason=str(error), last_response=response
                ) from error
            if attempt == limit:
                raise _used_up(rule, attempt, delay, response)
            pause = time_left.pause(delay)
            if pause is None:
                raise _timed_out(rule, attempt, timeout, response)
            yield from time_left.sleep(pause)
    finally:
        error = None  # an error refers to this frame: a reference back would keep both until a garbage collection


def _matched(rule: WaiterRule[Out], response: object, error: CallError | None) -> PollState | None:
    """Return the state of the first acceptor that matches the outcome of a poll."""
    return next((acceptor.state for acceptor in rule.acceptors if acceptor.matches(response, error)), None)


def _check(
    rule: WaiterRule[Out],
    delay: object,
    max_attempts: object,
    timeout: object,
    on_poll: object,
    arguments: Mapping[str, object],
) -> None:
    problems: list[str] = []
    if rule.where is not None and not isinstance(arguments.get(rule.where), str):
        problems.append(f"{rule.where}: required, and must be text")
    if delay is not None and not (_is_finite(delay) and delay >= 0):
        problems.append(f"delay: must be a number of seconds, 0 or more, not {delay!r}")
    if timeout is not None and not (_is_finite(timeout) and timeout > 0):
        problems.append(f"timeout: must be a number of seconds above 0, for the whole wait, not {timeout!r}")
    if max_attempts is not None and (
        isinstance(max_attempts, bool) or not isinstance(max_attempts, int) or max_attempts < 1
    ):
        problems.append(f"max_attempts: must be a whole number, 1 or more, not {max_attempts!r}")
    if iscoroutinefunction(on_poll) or not (on_poll is None or callable(on_poll)):
        problems.append("on_poll: must be a plain function, which is called after each poll and not awaited")
    if problems:
        text = f"wait_until_{rule.name}: {'; '.join(problems)}"
        raise ParamValidationError(text, operation=rule.operation.name, problems=problems)


def _is_finite(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def _poll(caller: Caller, rule: WaiterRule[Out], arguments: Mapping[str, object], time_left: _Time) -> Flow[object]:
    fields = {**rule.fixed, **arguments}
    if rule.where is None:
        return (yield from caller.call(rule.operation, time_left.options(), **fields))
    wanted, listing = fields.pop(rule.where), rule.acceptors[0].path[0]
    while True:
        response = yield from caller.call(rule.operation, time_left.options(), **fields)
        matches = [item for item in getattr(response, listing) if getattr(item, rule.where) == wanted]
        if matches or not response.next_token or response.next_token == fields.get("next_token"):
            setattr(response, listing, matches)
            return response
        fields["next_token"] = response.next_token


def _used_up(rule: WaiterRule[Out], polls: int, delay: float, response: object) -> WaiterTimeoutError:
    text = f"the waiter {rule.name} polled {polls} times, every {delay:g} s, without a result: raise max_attempts"
    return _timeout(rule, text, "max_attempts used up", response)


def _timed_out(rule: WaiterRule[Out], polls: int, timeout: float | None, response: object) -> WaiterTimeoutError:
    text = f"the waiter {rule.name} has no result after {timeout:g} s ({polls} polls): raise timeout"
    return _timeout(rule, text, "timeout used up", response)


def _timeout(rule: WaiterRule[Out], text: str, reason: str, response: object) -> WaiterTimeoutError:
    operation = rule.operation.name
    return WaiterTimeoutError(text, waiter=rule.name, operation=operation, reason=reason, last_response=response)


def _failed(rule: WaiterRule[Out], response: object, arguments: Mapping[str, object]) -> WaiterFailedError:
    states = {str(value) for a in rule.acceptors if a.state == "failure" for value in values_at(response, a.path)}
    messages = [str(value) for value in values_at(response, rule.message)] if rule.message else []
    reason = f"{rule.operation.name} returned {', '.join(sorted(states))}"
    message = "; ".join(messages) or None
    text = f"the waiter {rule.name} will not succeed: {reason}{f' ({message})' if message else ''}"
    job_id = arguments.get("job_id")
    kind = WaiterFailedError if job_id is None else partial(JobFailedError, job_id=str(job_id))
    return kind(
        text,
        waiter=rule.name,
        operation=rule.operation.name,
        reason=reason,
        last_response=response,
        status_message=message,
    )
