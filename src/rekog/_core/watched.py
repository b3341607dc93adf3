"""Calls under observation: their attempts as records, for callbacks, meters and traces.

Only a client with one of these has a `WatchedCaller`; others do not load this module, and their calls do no work for
it. A `Watch` looks at the effects of a call's Flow as they pass to the driver: a request and its response, and the
waits before it. An observer follows a call from its start to its end, and may refuse a request before it is sent. The
callbacks (`on_attempt`) get each attempt after the observers, so that an exception in a callback changes no count.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from .._settings.attempts import Attempt
from .._values.clocks import monotonic, real_time
from .._values.errors import RekogError
from .._values.narrow import is_mapping
from .call import Caller
from .flow import HttpRequest, HttpResponse, Sleep, TakeSlot
from .json_body import parse

if TYPE_CHECKING:
    from .._settings.attempts import OnAttempt
    from .._settings.endpoint import Endpoint
    from .._values.errors import CallError
    from .._values.model import ResponseMetadata
    from .call import Encode, Unsigned
    from .flow import Effect, Flow
    from .retries.retry import Failed

T = TypeVar("T")


class CallObserver(Protocol):
    """Follows one call. `members` is the body of its requests as a wire dict, with empty texts for images."""

    def before_request(self, members: Mapping[str, object], /) -> None:
        """Allow a request; an error ends the call before it is sent."""
        ...

    def after_attempt(self, attempt: Attempt, members: Mapping[str, object], content: bytes, /) -> None:
        """Take note of an attempt; `content` is the body of the response, empty without one."""
        ...

    def ended(self, error: BaseException | None, /, *, in_flight: bool) -> None:
        """Take note of the end of the call; `in_flight` when a request was sent and its outcome is not known."""
        ...


Observer: TypeAlias = Callable[[str, "Endpoint"], CallObserver]
"""Called at the start of each call, with the operation and the endpoint."""


class WatchedCaller(Caller):
    """A caller whose calls are watched: by callbacks and meters of its settings, and by other observers."""

    observers: tuple[Observer, ...] = ()

    def _exchange(
        self,
        unsigned: Unsigned,
        wire: Mapping[str, object] | Encode,
        failed: Failed | None = None,  # noqa: ARG002 (of the parent's method)
    ) -> Flow[tuple[bytes, ResponseMetadata]]:
        config = self.config
        meters = [meter._follow for meter in config.meter]  # pyright: ignore[reportPrivateUsage]  # not for users
        observers = (*meters, *self.observers)
        watch = Watch(unsigned.operation.name, self.endpoint, config.on_attempt, observers)
        return watch.through(super()._exchange(unsigned, wire, watch.attempt_ended))


def watched(caller: Caller, *observers: Observer) -> WatchedCaller:
    """Return a caller that shares all with the given one, and whose calls these observers follow too."""
    other = WatchedCaller.__new__(WatchedCaller)
    vars(other).update(vars(caller))
    if observers:
        other.observers = (*other.observers, *observers)
    return other


def relayed(flow: Flow[T], perform: Callable[[Effect], Flow[object]]) -> Flow[T]:
    """Return a Flow with the value of another one; the Flow `perform(effect)` yields each of its effects.

    So `perform` sees each effect and its result, and may yield further effects.
    """
    try:
        effect = next(flow)
        while True:
            try:
                result = yield from perform(effect)
            except Exception as error:
                effect = flow.throw(error)
            else:
                effect = flow.send(result)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        flow.close()


class Watch:
    """Measures the attempts of one call and passes them on."""

    def __init__(
        self, operation: str, endpoint: Endpoint, callbacks: Sequence[OnAttempt], observers: Sequence[Observer]
    ) -> None:
        self._operation, self._endpoint = operation, endpoint
        self._callbacks, self._observers = callbacks, observers
        self._calls: list[CallObserver] = []
        self._members: Mapping[str, object] | None = None
        self._queued = 0.0
        self._sent: tuple[float, float] | None = None  # time of the attempt's first request, by both clocks
        self._seconds = 0.0
        self._request_bytes = 0
        self._response: HttpResponse | None = None
        self._in_flight = False
        self._failure = ""  # text of the last error: the error itself refers to frames that refer to this object

    def through(self, flow: Flow[tuple[bytes, ResponseMetadata]]) -> Flow[tuple[bytes, ResponseMetadata]]:
        """Run the Flow of the call, tell the observers of its start and its end, and report its successful attempt."""
        try:
            for observe in self._observers:
                self._calls.append(observe(self._operation, self._endpoint))
            result: tuple[bytes, ResponseMetadata] = yield from relayed(flow, self._performed)
            self.attempt_ended(result[1].attempts, None, None)
        except BaseException as error:
            self._end(error)
            raise
        self._end(None)
        return result

    def _end(self, error: BaseException | None) -> None:
        for call in reversed(self._calls):
            call.ended(error, in_flight=self._in_flight)

    def _performed(self, effect: Effect) -> Flow[object]:
        if isinstance(effect, HttpRequest):
            return (yield from self._exchanged(effect))
        if not isinstance(effect, TakeSlot | Sleep):
            return (yield effect)
        began = monotonic()
        result = yield effect
        self._queued += monotonic() - began
        return result

    def _exchanged(self, request: HttpRequest) -> Flow[object]:
        if self._calls:
            self._allow(self._members_of(request))
        self._sent = sent = self._sent or (monotonic(), real_time())
        self._request_bytes = sum(map(len, request.content))
        self._response, self._in_flight = None, True
        try:
            response = yield request
        except Exception:
            self._received(sent[0], None)
            raise
        self._received(sent[0], response)
        return response

    def _allow(self, members: Mapping[str, object]) -> None:
        try:
            for call in self._calls:
                call.before_request(members)
        except RekogError as error:
            if self._failure:
                error.add_note(f"The attempt before ended in: {self._failure}")
            raise

    def _received(self, began: float, response: object) -> None:
        self._in_flight = False
        self._response = response if isinstance(response, HttpResponse) else None
        self._seconds = monotonic() - began

    def _members_of(self, request: HttpRequest) -> Mapping[str, object]:
        if self._members is None:
            body = parse(b"".join(request.content[::2]))  # each second part is an image
            self._members = body if is_mapping(body) else {}
        return self._members

    def attempt_ended(self, number: int, error: CallError | None, next_in: float | None) -> None:
        """Pass an attempt on that has ended; one that ended before a request was sent is none."""
        sent, response, queued = self._sent, self._response, self._queued
        self._sent, self._response, self._queued = None, None, -(next_in or 0.0)  # the pause is no time in the queue
        self._failure = "" if error is None else str(error)
        if sent is None:
            return
        attempt = Attempt(
            operation=self._operation,
            number=number,
            region_name=self._endpoint.signing_region,
            started=datetime.fromtimestamp(sent[1], UTC),
            queued=max(queued, 0.0),
            seconds=self._seconds,
            status_code=None if response is None else response.status,
            request_id=None if response is None else response.headers.get("x-amzn-requestid"),
            error=error,
            request_bytes=self._request_bytes,
            response_bytes=0 if response is None else len(response.content),
            next_in=next_in,
        )
        for call in self._calls:
            call.after_attempt(attempt, self._members or {}, b"" if response is None else response.content)
        self._call_back(attempt)

    def _call_back(self, attempt: Attempt) -> None:
        """Call the callbacks. An exception in one ends a call whose attempt failed, and never costs a response."""
        failure: Exception | None = None
        try:
            for callback in self._callbacks:
                try:
                    callback(attempt)
                except Exception as error:
                    if attempt.error is None or failure is not None:
                        text = "%s: on_attempt raised an error after attempt %d, which changed nothing"
                        logging.getLogger("rekog").exception(text, attempt.operation, attempt.number)
                    else:
                        failure = error
            if failure is not None:
                raise failure from (None if failure is attempt.error else attempt.error)
        finally:
            failure = None  # the error refers to this frame
