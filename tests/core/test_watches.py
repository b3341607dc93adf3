"""Watched calls that are driven by hand, with clocks of the test: whole records, and the calls of observers."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from rekog import RetryPolicy
from rekog._core import watched as module
from rekog._core.flow import Blocking, HttpRequest, Sleep, TakeSlot
from rekog._core.watched import relayed, watched
from rekog._generated.operations import METHODS
from rekog.config import Attempt
from rekog.errors import BudgetExceededError, ConnectError, ServiceError
from tests.kit.backends import PNG
from tests.kit.driving import caller, reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rekog._core.flow import Effect, Flow

COLLECTIONS, FACES = METHODS["list_collections"], METHODS["detect_faces"]
TWICE = RetryPolicy(max_attempts=2, pause=lambda _: 0.5)
START = 1_700_000_000.0


class Bench:
    """Runs watched calls; each effect takes a time of its own, and the wall clock runs with the other one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 50.0
        monkeypatch.setattr(module, "monotonic", lambda: self.now)
        monkeypatch.setattr(module, "real_time", lambda: START + self.now)
        self.attempts: list[Attempt] = []
        self.events: list[Any] = []

    def calls(self, **settings: Any) -> Any:
        values = {"on_attempt": [self.attempts.append], **settings}
        return watched(caller(**values), self.observer("a"), self.observer("b"))

    def observer(self, name: str) -> Any:
        return partial(Observer, self, name)

    def run(self, flow: Flow[Any], *script: Any, slot: float = 0.25, request: float = 2.0) -> Any:
        """Return the value of a call, or its error."""
        results = iter(script)
        try:
            effect = next(flow)
            while True:
                result = self._result(effect, results, slot, request)
                effect = flow.throw(result) if isinstance(result, BaseException) else flow.send(result)
        except StopIteration as end:
            return end.value
        except Exception as error:
            return error

    def _result(self, effect: Effect, results: Iterator[Any], slot: float, request: float) -> Any:
        if isinstance(effect, HttpRequest):
            self.now += request
            return next(results)
        if isinstance(effect, TakeSlot):
            self.now += slot
            return lambda: None
        if isinstance(effect, Sleep):
            self.now += effect.seconds + 0.125  # a timer that is late
        return effect.function() if isinstance(effect, Blocking) else None


class Observer:
    """Notes what it is told of a call."""

    refuses: Any = None

    def __init__(self, bench: Bench, name: str, operation: str, endpoint: Any) -> None:
        self.bench, self.name = bench, name
        bench.events.append((name, "start", operation, endpoint.signing_region))

    def before_request(self, members: Any) -> None:
        self.bench.events.append((self.name, "before", dict(members)))
        if self.refuses is not None:
            raise self.refuses

    def after_attempt(self, attempt: Attempt, members: Any, content: bytes) -> None:
        self.bench.events.append((self.name, "after", attempt.number, dict(members), content))

    def ended(self, error: BaseException | None, *, in_flight: bool) -> None:
        self.bench.events.append((self.name, "end", error, in_flight))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def started(seconds: float) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


def test_the_record_of_an_attempt_is_whole(bench: Bench) -> None:
    bench.run(bench.calls().call(COLLECTIONS, max_results=7), reply(b'{"A":1}'))
    assert bench.attempts == [
        Attempt(
            operation="ListCollections", number=1, region_name="eu-west-1", started=started(50.25), queued=0.25,
            seconds=2.0, status_code=200, request_id="r-1", error=None, request_bytes=16, response_bytes=7,
            next_in=None,
        )
    ]  # fmt: skip


def test_the_records_of_a_retried_call_have_their_own_times_and_errors(bench: Bench) -> None:
    lost = ConnectError("lost")
    error = bench.run(bench.calls(retry=TWICE).call(COLLECTIONS), lost, reply({"__type": "Odd"}, 500))
    first: dict[str, Any] = {
        "operation": "ListCollections", "region_name": "eu-west-1", "request_bytes": 2, "seconds": 2.0
    }  # fmt: skip
    assert bench.attempts == [
        Attempt(**first, number=1, started=started(50.25), queued=0.25, status_code=None, request_id=None, error=lost,
                response_bytes=0, next_in=0.5),
        Attempt(**first, number=2, started=started(53.125), queued=0.375, status_code=500, request_id="r-1",
                error=error, response_bytes=17, next_in=None),
    ]  # fmt: skip


def test_a_request_sent_again_belongs_to_the_attempt_of_the_first(bench: Bench) -> None:
    skewed = reply({"__type": "RequestTimeTooSkewed"}, 403, date="Tue, 14 Nov 2023 22:13:20 GMT")
    bench.run(bench.calls().call(COLLECTIONS), skewed, reply({}))
    (attempt,) = bench.attempts
    assert (attempt.started, attempt.seconds, attempt.status_code) == (started(50.25), 4.0, 200)


def test_observers_follow_a_call_in_order_and_its_end_in_reverse(bench: Bench) -> None:
    bench.run(bench.calls(retry=TWICE).call(FACES, image=PNG), ConnectError("lost"), reply(b'{"A":1}'))
    members = {"Image": {"Bytes": ""}}
    assert bench.events == [
        ("a", "start", "DetectFaces", "eu-west-1"), ("b", "start", "DetectFaces", "eu-west-1"),
        ("a", "before", members), ("b", "before", members),
        ("a", "after", 1, members, b""), ("b", "after", 1, members, b""),
        ("a", "before", members), ("b", "before", members),
        ("a", "after", 2, members, b'{"A":1}'), ("b", "after", 2, members, b'{"A":1}'),
        ("b", "end", None, False), ("a", "end", None, False),
    ]  # fmt: skip


def test_a_refused_request_is_not_sent_and_names_the_attempt_before(bench: Bench) -> None:
    refusal = BudgetExceededError("too much")
    flow = bench.calls(retry=TWICE).call(COLLECTIONS)
    next(flow)
    assert isinstance(flow.send(lambda: None), HttpRequest)
    assert isinstance(flow.throw(ConnectError("lost")), Sleep)
    assert isinstance(flow.send(None), TakeSlot)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Observer, "refuses", refusal)
        with pytest.raises(BudgetExceededError) as caught:
            flow.send(lambda: None)
    assert caught.value is refusal
    assert refusal.__notes__ == ["The attempt before ended in: lost (ListCollections)"]
    assert [event[3] for event in bench.events if event[1] == "end"] == [False, False]
    assert len(bench.attempts) == 1
    first = BudgetExceededError("too much")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Observer, "refuses", first)
        assert bench.run(bench.calls().call(COLLECTIONS)) is first
    assert not hasattr(first, "__notes__")


def test_a_request_whose_outcome_is_unknown_is_in_flight(bench: Bench) -> None:
    for steps, in_flight in ((1, False), (2, True)):
        bench.events.clear()
        flow = bench.calls().call(COLLECTIONS)
        next(flow)
        if steps == 2:
            flow.send(lambda: None)
        flow.close()
        ends = [(event[0], event[3]) for event in bench.events if event[1] == "end"]
        assert ends == [("b", in_flight), ("a", in_flight)]
    assert bench.attempts == []


def failing(error: Exception, attempt: Attempt) -> None:
    raise error


def test_an_error_of_a_callback_is_logged_after_a_success(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    broken = partial(failing, ValueError("broken"))
    calls = bench.calls(on_attempt=[broken, bench.attempts.append])
    assert bench.run(calls.call(COLLECTIONS), reply({"CollectionIds": ["a"]})).collection_ids == ["a"]
    (record,) = caplog.records
    assert record.getMessage() == "ListCollections: on_attempt raised an error after attempt 1, which changed nothing"
    assert (record.name, record.levelno, record.exc_info is not None) == ("rekog", logging.ERROR, True)
    assert len(bench.attempts) == 1


def test_an_error_of_a_callback_ends_a_call_that_failed(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    first, second = ValueError("first"), ValueError("second")
    calls = bench.calls(retry=TWICE, on_attempt=[partial(failing, first), partial(failing, second)])
    lost = ConnectError("lost")
    assert bench.run(calls.call(COLLECTIONS), lost) is first
    assert first.__cause__ is lost
    assert [record.getMessage().partition(": ")[0] for record in caplog.records] == ["ListCollections"]
    service = reply({"__type": "Odd"}, 400)

    def again_raised(attempt: Attempt) -> None:
        raise attempt.error or first

    again = bench.calls(on_attempt=[again_raised])
    error = bench.run(again.call(COLLECTIONS), service)
    assert isinstance(error, ServiceError)
    assert error.__cause__ is None


def test_a_relayed_flow_yields_the_effects_of_another_one_and_closes_it() -> None:
    closed: list[str] = []

    def inner() -> Flow[str]:
        try:
            got = yield Sleep(1)
            try:
                yield Sleep(2)
            except ConnectError as error:
                got = f"{got}, {error}"
            return f"{got}"
        finally:
            closed.append("inner")

    def perform(effect: Effect) -> Flow[object]:
        result = yield effect
        return f"{result}!"

    flow = relayed(inner(), perform)
    assert next(flow) == Sleep(1)
    assert flow.send("a") == Sleep(2)
    with pytest.raises(StopIteration) as ended:
        flow.throw(ConnectError("lost"))
    assert (ended.value.value, closed) == ("a!, lost", ["inner"])
    second = relayed(inner(), perform)
    next(second)
    second.close()
    assert closed == ["inner", "inner"]
