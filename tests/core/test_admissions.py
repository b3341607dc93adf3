"""The slot and the place of a call, by hand: the order of its waits, their limits, and their errors, whole."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from rekog._core.deadline import Deadline
from rekog._core.flow import Sleep, TakeSlot
from rekog._core.retries.admission import Admission
from rekog._core.retries.limits import Schedule
from rekog._core.retries.waiting_clock import WaitingClock
from rekog._settings.timeout import Timeout
from rekog.errors import CallTimeoutError, PoolTimeoutError, TransportError

if TYPE_CHECKING:
    from rekog._core.flow import Flow

URL = "https://host.test:8443/path"
BUSY = "all connections to https://host.test:8443 were busy"


class Bench:
    """An admission with a clock that the test sets."""

    def __init__(self, *, pool: float | None = None, total: float | None = None, rate: float | None = None) -> None:
        self.now = 100.0
        clock = WaitingClock(lambda: self.now)
        self.schedule = None if rate is None else Schedule(rate, 1, clock)
        deadline = Deadline(total, lambda: self.now)
        timeout = Timeout(total, connect=60, read=60, pool=pool)
        self.admission = Admission("DetectFaces", URL, timeout, deadline, self.schedule)
        self.released: list[float] = []

    def take(self, flow: Flow[None], seconds: float = math.inf) -> None:
        """Give a Flow the slot that it asks for, and expect its end."""
        assert next(flow) == TakeSlot(seconds)
        with pytest.raises(StopIteration):
            flow.send(lambda: self.released.append(self.now))

    def gate(self, attempts: int = 0) -> Flow[None]:
        assert self.schedule is not None
        return self.admission.pass_gate(self.schedule, attempts)


def failure(flow: Flow[None], error: Exception | None = None) -> tuple[type[TransportError], str, str, int]:
    """Return the whole error of a Flow, or of one whose effect fails."""
    step = partial(next, flow) if error is None else partial(flow.throw, error)
    with pytest.raises(TransportError) as caught:
        step()
    found = caught.value
    return type(found), found.message, found.operation, found.attempts


@pytest.mark.parametrize(
    ("pool", "total", "seconds"), [(None, None, math.inf), (3, None, 3), (None, 5, 5), (3, 5, 3), (7, 5, 5), (5, 5, 5)]
)
def test_the_wait_for_a_slot_has_the_shorter_of_both_limits(
    pool: float | None, total: float | None, seconds: float
) -> None:
    bench = Bench(pool=pool, total=total)
    bench.take(bench.admission.enter(0), seconds)


def test_errors_of_the_wait_for_a_slot_name_the_limit_that_ended_it() -> None:
    increase = "increase Timeout(total=...)"
    more = "increase max_connections or Timeout(pool=...), or make fewer calls at once"
    for pool, total, attempts, kind, text in [
        (0.25, None, 0, PoolTimeoutError, f"{BUSY} for 0.25 s: {more}"),
        (2.5, 5, 2, PoolTimeoutError, f"{BUSY} for 2.5 s: {more}"),
        (5, 5, 1, CallTimeoutError, f"{BUSY} within the 5 s that were left of the call's total timeout; {increase}"),
        (None, 5, 0, CallTimeoutError,
         f"{BUSY}, and nothing was sent, within the 5 s that were left of the call's total timeout; {increase}"),
    ]:  # fmt: skip
        bench = Bench(pool=pool, total=total)
        flow = bench.admission.enter(attempts)
        next(flow)
        assert failure(flow, TimeoutError()) == (kind, text, "DetectFaces", attempts)


def test_a_slot_is_released_once_and_a_kept_one_at_the_end_only() -> None:
    bench = Bench()
    bench.take(bench.admission.enter(0))
    bench.admission.pause()
    bench.admission.leave()
    assert bench.released == [100]
    bench.admission.keeps_slot = True
    bench.take(bench.admission.enter(1))
    bench.admission.pause()
    assert bench.released == [100]
    bench.admission.leave()
    bench.admission.leave()
    assert bench.released == [100, 100]


def test_a_limited_call_waits_for_its_ticket_then_for_a_slot_then_asks_the_gate() -> None:
    first, second = Bench(rate=2), Bench(rate=2)
    second.admission.schedule = second.schedule = first.schedule
    first.take(first.admission.enter(0))
    with pytest.raises(StopIteration):
        next(first.gate())
    assert not first.admission.waits_at_gate
    flow = second.admission.enter(0)
    assert next(flow) == Sleep(0.5)
    first.now = 100.25  # it woke too early
    assert flow.send(None) == Sleep(0.25)
    first.now = 100.5
    assert flow.send(None) == TakeSlot(math.inf)


def test_a_closed_gate_releases_the_slot_and_asks_again() -> None:
    first, second = Bench(rate=2), Bench(rate=2)
    second.admission.schedule = second.schedule = first.schedule
    first.take(first.admission.enter(0))
    flow = second.admission.enter(0)
    next(flow)
    first.now = 100.5
    assert flow.send(None) == TakeSlot(math.inf)
    with pytest.raises(StopIteration):
        flow.send(lambda: second.released.append(first.now))
    with pytest.raises(StopIteration):
        next(first.gate())
    late = second.gate()
    assert next(late) == Sleep(0.5)
    assert (second.released, second.admission.waits_at_gate) == ([100.5], True)
    first.now = 101
    assert late.send(None) == TakeSlot(math.inf)
    with pytest.raises(StopIteration):
        late.send(lambda: None)
    assert not second.admission.waits_at_gate


def test_a_second_request_of_an_attempt_takes_a_place_of_its_own() -> None:
    bench = Bench(rate=2)
    bench.take(bench.admission.enter(0))
    with pytest.raises(StopIteration):
        next(bench.gate())
    again = bench.gate()
    assert next(again) == Sleep(0.5)
    bench.now = 100.5
    assert again.send(None) == TakeSlot(math.inf)
    with pytest.raises(StopIteration):
        again.send(lambda: None)


def test_a_call_that_ends_returns_its_place_once() -> None:
    bench, other = Bench(rate=2), Bench(rate=2)
    other.admission.schedule = bench.schedule
    bench.take(bench.admission.enter(0))
    waiting = other.admission.enter(0)
    assert next(waiting) == Sleep(0.5)
    other.admission.leave()
    other.admission.leave()
    schedule: Any = bench.schedule
    assert [schedule.ticket(), schedule.ticket()] == [100.5, 101]


def test_a_wait_for_the_rate_beyond_the_deadline_ends_the_call_at_once() -> None:
    for total, is_late in ((0.5, True), (0.51, False)):
        bench = Bench(rate=2, total=total)
        schedule: Any = bench.schedule
        schedule.ticket()
        flow = bench.admission.enter(3)
        if not is_late:
            assert next(flow) == Sleep(0.5)
            continue
        text = (
            "the call's total timeout of 0.5 s would run out before the rate limit of 2 requests per second for"
            " DetectFaces allows the next one, in 0.5 s; increase Timeout(total=...) or rate_limit"
        )
        assert failure(flow) == (CallTimeoutError, text, "DetectFaces", 3)
