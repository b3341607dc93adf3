"""Rate limits under a manual clock: the law of the gate, the order of calls, and places that are given back."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from heapq import heappop, heappush
from itertools import count, pairwise
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import RateLimit
from rekog._core.flow import Flow, Sleep
from rekog._core.retries.limits import RateLimits, Schedule, rates_of
from rekog._core.retries.quotas import QUOTAS
from rekog._core.retries.waiting_clock import WaitingClock
from rekog._settings.rate_limit import as_rate_limit
from rekog.errors import ConfigError
from tests.kit.forks import succeeds_in_child


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Calls:
    """Calls of one operation, each a Flow that waits for its ticket and for the gate; `sent` has their times."""

    def __init__(self, rate: float, burst: float = 1.0) -> None:
        self.clock = Clock()
        self.schedule = Schedule(rate, burst, WaitingClock(self.clock))
        self.sent: list[tuple[float, int]] = []
        self.wakes = 0
        self._numbers = count()
        self._queue: list[tuple[float, int, Flow[None]]] = []

    def call(self, late: float = 0.0) -> Flow[None]:
        """Return the Flow of a call; `late` is the time between the due ticket and the question at the gate."""
        number, ticket = next(self._numbers), self.schedule.ticket()
        due = False
        try:
            while True:
                while (pause := self.schedule.wait(ticket)) > 0:
                    yield from self.schedule.clock.pause(pause)
                if late and not due:
                    due = True
                    yield Sleep(late)
                again = self.schedule.pass_gate(ticket)
                if again is None:
                    self.sent.append((self.clock.now, number))
                    ticket = float("nan")
                    return
                ticket = again
        finally:
            if ticket == ticket:  # it has not passed the gate
                self.schedule.return_ticket(ticket)

    def start(self, flow: Flow[None]) -> None:
        """Run a Flow until its first pause."""
        self._resume(0, flow)

    def _resume(self, number: int, flow: Flow[None]) -> None:
        try:
            effect = next(flow)
        except StopIteration:
            return
        assert isinstance(effect, Sleep)
        heappush(self._queue, (self.clock.now + effect.seconds, next(self._numbers), flow))

    def run(self, until: float = float("inf")) -> None:
        """Advance the clock from one end of a pause to the next."""
        while self._queue and self._queue[0][0] <= until:
            self.clock.now, number, flow = heappop(self._queue)
            self.wakes += 1
            self._resume(number, flow)

    def cancel(self) -> None:
        """Cancel all calls that wait."""
        while self._queue:
            heappop(self._queue)[2].close()


# --- The law -----------------------------------------------------------------------------------------------------

rates = st.sampled_from([0.5, 1.0, 5.0, 7.3, 50.0])
bursts = st.sampled_from([1.0, 1.5, 4.0, 20.0])
arrivals = st.lists(st.tuples(st.floats(0, 3), st.floats(0, 2), st.booleans()), min_size=2, max_size=40)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(rates, bursts, arrivals)
def test_no_time_has_more_requests_than_rate_and_burst_allow(
    rate: float, burst: float, steps: list[tuple[float, float, bool]]
) -> None:
    calls = Calls(rate, burst)
    for pause, late, cancelled in steps:
        calls.run(calls.clock.now + pause)
        calls.clock.now += pause
        flow = calls.call(late)
        if cancelled:
            next(flow, None)
            flow.close()
        else:
            calls.start(flow)
    calls.run()
    times = [time for time, _ in calls.sent]
    assert len(times) >= sum(not cancelled for _, _, cancelled in steps)
    for first in range(len(times)):
        for last in range(first, len(times)):
            assert last - first + 1 <= rate * (times[last] - times[first]) + burst + 1e-6


def test_calls_that_wait_are_sent_at_the_full_rate_and_in_their_order() -> None:
    calls = Calls(5)
    for _ in range(100):
        calls.start(calls.call())
    calls.run()
    assert [number for _, number in calls.sent] == sorted(number for _, number in calls.sent)
    assert calls.sent[-1][0] - calls.sent[0][0] == pytest.approx(99 / 5)


def test_a_burst_is_sent_at_once_after_a_pause() -> None:
    calls = Calls(2, burst=3)
    for _ in range(5):
        calls.start(calls.call())
    calls.run()
    assert [time - 1000 for time, _ in calls.sent] == pytest.approx([0, 0, 0, 0.5, 1.0])


def test_ten_thousand_waiting_calls_wake_once_each() -> None:
    calls = Calls(50)
    for _ in range(10_000):
        calls.start(calls.call())
    calls.run()
    assert len(calls.sent) == 10_000
    assert calls.wakes <= 2 * 10_000


def test_timers_that_fire_late_or_early_cost_no_part_of_the_rate() -> None:
    calls = Calls(50)
    for number in range(1000):
        calls.start(calls.call(late=0.001 * (number % 3)))
    calls.run()
    assert calls.sent[-1][0] - calls.sent[0][0] < 1.15 * 999 / 50


def test_calls_that_come_late_together_are_sent_one_interval_apart() -> None:
    calls = Calls(10)
    for number in range(20):
        calls.start(calls.call(late=10 - number / 10))
    calls.run()
    times = [time for time, _ in calls.sent]
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.0999
    assert times[-1] - times[0] == pytest.approx(1.9, abs=0.5)


# --- Calls that end early ----------------------------------------------------------------------------------------


def test_a_thousand_cancelled_calls_do_not_delay_the_next() -> None:
    calls = Calls(1)
    calls.start(calls.call())
    for _ in range(1000):
        calls.start(calls.call())
    calls.cancel()
    calls.clock.now += 1.5
    calls.start(calls.call())
    assert len(calls.sent) == 2


def test_no_two_calls_get_the_place_of_a_cancelled_one() -> None:
    clock = Clock()
    schedule = Schedule(1, 1, WaitingClock(clock))
    assert schedule.pass_gate(schedule.ticket()) is None
    for ticket in [schedule.ticket(), schedule.ticket()]:
        schedule.return_ticket(ticket)
    assert [schedule.ticket() - clock() for _ in range(3)] == pytest.approx([1, 2, 3])


def test_a_burst_of_cancelled_calls_delays_no_other() -> None:
    calls = Calls(1, burst=100)
    cancelled = [calls.call(late=5) for _ in range(100)]
    for flow in cancelled:
        next(flow)
    calls.clock.now += 0.01
    for flow in cancelled[1:]:
        flow.close()
    calls.start(calls.call())
    assert len(calls.sent) == 1


def test_the_next_call_gets_the_place_of_a_cancelled_one() -> None:
    calls = Calls(1)
    for _ in range(3):
        calls.start(calls.call())
    cancelled = calls.call()
    next(cancelled)
    calls.start(calls.call())
    cancelled.close()
    calls.start(calls.call())
    calls.run()
    assert [time - 1000 for time, _ in calls.sent] == pytest.approx([0, 1, 2, 3, 4])


def test_a_late_call_gets_the_place_of_a_cancelled_one() -> None:
    calls = Calls(1)
    late = calls.call(late=2.6)
    calls.start(late)
    waiting = [calls.call() for _ in range(3)]
    for flow in waiting:
        calls.start(flow)
    calls.run(1002.0)
    cancelled = calls.call()
    next(cancelled)
    cancelled.close()
    calls.run()
    assert [time - 1000 for time, _ in calls.sent] == pytest.approx([1, 2, 3, 4], abs=1.1)


def test_a_call_that_fails_after_its_ticket_was_due_costs_the_others_nothing() -> None:
    calls = Calls(1)
    failed = calls.call(late=0.1)
    next(failed)
    calls.start(calls.call())
    failed.close()
    calls.start(calls.call())
    calls.run()
    assert calls.sent[-1][0] <= 1002


# --- Clocks, processes and threads -------------------------------------------------------------------------------


def test_a_clock_that_stands_still_stops_no_call() -> None:
    schedule = Schedule(5, 1, WaitingClock(lambda: 1000.0))
    slept = 0.0

    def call() -> Flow[None]:
        ticket = schedule.ticket()
        while True:
            while (pause := schedule.wait(ticket)) > 0:
                yield from schedule.clock.pause(pause)
            again = schedule.pass_gate(ticket)
            if again is None:
                return
            ticket = again

    for _ in range(10):
        for effect in call():
            assert isinstance(effect, Sleep)
            slept += effect.seconds
    assert 9 / 5 <= slept + 1e-6 < 5


MOMENT = 0.001
MAXIMUM_WAKES = 20  # of a call

INEXACT: dict[str, Callable[[float], float]] = {
    "a moment early": lambda seconds: seconds - MOMENT,
    "a part early": lambda seconds: seconds * 0.999,
    "at once if short": lambda seconds: seconds if seconds > MOMENT else 0.0,
    "a moment late": lambda seconds: seconds + MOMENT,
}


@pytest.mark.parametrize("step", [0.0, 0.0156], ids=["smooth", "in steps"])
@pytest.mark.parametrize("real", INEXACT.values(), ids=INEXACT)
def test_timers_and_clocks_that_are_not_exact_cost_few_wakes(real: Callable[[float], float], step: float) -> None:
    seconds = 1000.0
    clock = WaitingClock(lambda: floor(seconds / step) * step if step else seconds)
    schedule = Schedule(7, 1, clock)

    def call() -> Flow[None]:
        ticket = schedule.ticket()
        while True:
            while (pause := schedule.wait(ticket)) > 0:
                yield from clock.pause(pause)
            again = schedule.pass_gate(ticket)
            if again is None:
                return
            ticket = again

    for _ in range(30):
        for wakes, effect in enumerate(call()):
            assert isinstance(effect, Sleep)
            assert wakes < MAXIMUM_WAKES  # without an end here, the test would hang
            seconds += max(real(effect.seconds), 0.0)
    assert seconds - 1000 == pytest.approx(29 / 7, rel=0.2)


@pytest.mark.parametrize("seconds", [0.001, 0.5])
def test_a_pause_that_the_clock_does_not_show_is_added(seconds: float) -> None:
    clock = WaitingClock(lambda: 7.0)
    slept = sum(effect.seconds for effect in clock.pause(seconds) if isinstance(effect, Sleep))
    assert clock() == pytest.approx(7 + slept)
    assert slept >= seconds


@pytest.mark.parametrize("seconds", [1e-9, 0.0, -1.0])
def test_no_pause_is_so_short_that_a_wait_repeats_it_many_times(seconds: float) -> None:
    assert next(WaitingClock(lambda: 7.0).pause(seconds)) == Sleep(0.0005)


def test_a_clock_that_advances_is_not_changed() -> None:
    now = Clock()
    clock = WaitingClock(now)
    for effect in clock.pause(0.001):
        assert effect == Sleep(0.001)
        now.now += 0.0009
    assert clock() == now.now


def test_a_forked_child_waits_for_no_call_of_its_parent() -> None:
    calls = Calls(1)
    for _ in range(50):
        calls.start(calls.call())
    calls.clock.now += 1

    def call_in_child() -> None:
        calls.start(calls.call())
        assert len(calls.sent) == 2

    with calls.schedule._lock:  # pyright: ignore[reportPrivateUsage]  # held by a thread that the child does not have
        assert succeeds_in_child(call_in_child)


def test_threads_get_tickets_one_interval_apart() -> None:
    schedule = Schedule(10, 1, WaitingClock(lambda: 1000.0))
    tickets: list[float] = []
    threads = [threading.Thread(target=lambda: tickets.append(schedule.ticket())) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(tickets) == pytest.approx([1000 + number / 10 for number in range(30)])


# --- The limits of operations ------------------------------------------------------------------------------------


def limits(limit: RateLimit, region: str = "us-east-1") -> Callable[[str], float | None]:
    state = RateLimits(limit, region, WaitingClock(Clock()))

    def rate(operation: str) -> float | None:
        schedule = state.schedule(operation)
        assert schedule is state.schedule(operation)
        return None if schedule is None else schedule.rate

    return rate


def test_threads_whose_first_calls_coincide_share_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)

    def make_together(rate: float, burst: float, clock: WaitingClock) -> Schedule:
        both.wait(20)
        return Schedule(rate, burst, clock)

    monkeypatch.setattr("rekog._core.retries.limits.Schedule", make_together)
    state = RateLimits(RateLimit(20), "eu-west-1", WaitingClock(Clock()))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(state.schedule, ["DetectFaces"] * 2)
    assert first is second is state.schedule("DetectFaces")


# --- One schedule, step by step ------------------------------------------------------------------------------------


class Steps:
    """A schedule of two requests per second, whose clock the test sets."""

    def __init__(self, burst: float = 1) -> None:
        self.clock = Clock()
        self.clock.now = 100.0
        self.schedule = Schedule(2, burst, WaitingClock(self.clock))

    def tickets(self, number: int) -> list[float]:
        return [self.schedule.ticket() for _ in range(number)]

    def gate(self, now: float, ticket: float) -> float | None:
        """Ask the gate at a time."""
        self.clock.now = now
        return self.schedule.pass_gate(ticket)

    def wait(self, ticket: float) -> float:
        return self.schedule.wait(ticket)


def test_places_follow_one_another_while_a_call_waits_and_begin_anew_without_one() -> None:
    steps = Steps()
    assert steps.tickets(3) == [100, 100.5, 101]
    assert [steps.wait(ticket) for ticket in (100, 100.5, 99)] == [0, 0.5, -1]
    assert (steps.gate(100, 100), steps.gate(100.5, 100.5)) == (None, None)
    assert steps.tickets(1) == [101.5]  # the third call waits still
    assert (steps.gate(101, 101), steps.gate(103, 101.5)) == (None, None)
    steps.clock.now = 103.25
    assert steps.tickets(2) == [103.5, 104]
    assert (steps.gate(103.5, 103.5), steps.gate(104, 104)) == (None, None)
    steps.clock.now = 110
    assert steps.tickets(2) == [110, 110.5]


def test_a_gate_that_is_not_open_yet_delays_the_schedule_for_calls_that_are_on_time() -> None:
    steps = Steps()
    assert steps.tickets(3) == [100, 100.5, 101]
    assert steps.gate(100.25, 100) is None
    assert steps.gate(100.5, 100.5) == 100.5  # due just half an interval before the gate opens
    assert (steps.wait(100.5), steps.wait(101)) == (0.25, 0.75)
    assert steps.gate(100.625, 100.5) == 100.5  # asked too early
    assert steps.wait(100.5) == 0.125
    assert (steps.gate(100.75, 100.5), steps.gate(101.25, 101)) == (None, None)
    assert steps.tickets(1) == [101.75]
    assert steps.wait(101.75) == 0.5  # the delay is over


def test_the_delay_counts_for_calls_that_come_while_others_wait() -> None:
    steps = Steps()
    steps.tickets(2)
    assert steps.gate(100.25, 100) is None
    assert steps.gate(100.5, 100.5) == 100.5
    assert steps.tickets(1) == [101]
    assert steps.wait(101) == 0.75
    steps.clock.now = 102
    assert steps.tickets(1) == [101.75]
    assert steps.wait(101.75) == 0


def test_calls_that_are_late_get_new_places_after_one_another() -> None:
    steps = Steps()
    assert steps.tickets(4) == [100, 100.5, 101, 101.5]
    assert steps.gate(103, 100) is None
    assert [steps.gate(103, ticket) for ticket in (100.5, 101, 101.5)] == [103.5, 104, 104.5]
    assert [steps.wait(ticket) for ticket in (103.5, 104)] == [0.5, 1]
    assert (steps.gate(103.5, 103.5), steps.gate(104, 104), steps.gate(104.5, 104.5)) == (None, None, None)


def test_a_returned_place_that_is_due_later_goes_to_the_next_call() -> None:
    steps = Steps()
    assert steps.tickets(3) == [100, 100.5, 101]
    steps.schedule.return_ticket(101)
    steps.schedule.return_ticket(100.5)
    assert steps.tickets(3) == [100.5, 101, 101.5]
    steps.clock.now = 100.5
    steps.schedule.return_ticket(100.5)  # due now: the schedule is one place shorter
    assert steps.tickets(1) == [101.5]


def test_a_returned_place_of_the_past_is_not_given_again() -> None:
    steps = Steps()
    steps.tickets(3)
    steps.schedule.return_ticket(100.5)
    steps.clock.now = 100.75
    assert steps.tickets(1) == [101.5]
    late = Steps()
    assert late.tickets(3) == [100, 100.5, 101]
    assert late.gate(100, 100) is None
    late.schedule.return_ticket(101)
    assert late.gate(100.25, 100.5) == 100.5


def test_a_late_call_takes_the_first_returned_place_from_the_opening_of_the_gate_on() -> None:
    steps = Steps()
    assert steps.tickets(9)[-1] == 104
    assert steps.gate(103, 100) is None  # the gate opens again at 103.5
    for ticket in (104, 103.5):
        steps.schedule.return_ticket(ticket)
    assert [steps.gate(103, ticket) for ticket in (100.5, 101, 101.5)] == [103.5, 104, 103.5]


def test_a_burst_is_let_through_at_once_and_saves_no_more_time_than_it_has() -> None:
    steps = Steps(burst=3)
    assert steps.tickets(5) == [100, 100, 100, 100.5, 101]
    assert [steps.gate(100, 100) for _ in range(3)] == [None, None, None]
    assert steps.gate(100.25, 100.5) == 100.5
    assert (steps.gate(100.5, 100.5), steps.gate(101, 101)) == (None, None)
    assert steps.tickets(2) == [101.5, 102]


def test_the_calls_of_a_parent_process_do_not_count_in_its_child() -> None:
    def places() -> None:
        steps.clock.now = 200
        assert steps.tickets(2) == [200, 200.5]
        assert steps.wait(200) == 0

    steps = Steps()
    steps.tickets(2)
    assert steps.gate(100.25, 100) is None
    assert steps.gate(100.5, 100.5) == 100.5
    assert succeeds_in_child(places)


def test_a_number_limits_each_operation_by_itself() -> None:
    state = RateLimits(RateLimit(20), "eu-west-1", WaitingClock(Clock()))
    first, second = state.schedule("DetectFaces"), state.schedule("ListFaces")
    assert first is not second
    assert first is not None
    assert first.rate == 20


def test_a_mapping_limits_its_operations_by_either_name() -> None:
    rate = limits(RateLimit({"detect_faces": 5, "IndexFaces": 2.5}))
    assert (rate("DetectFaces"), rate("IndexFaces"), rate("ListFaces")) == (5, 2.5, None)


def test_a_number_is_a_limit_without_a_burst() -> None:
    assert as_rate_limit("rate_limit", 20) == RateLimit(20)
    assert as_rate_limit("rate_limit", 20) != RateLimit(20, burst=20)


def test_published_limits_are_the_quotas_of_the_region() -> None:
    for region in ("us-east-1", "us-west-2", "eu-west-1"):
        rate = limits(RateLimit.published(), region)
        assert {name: rate(name) for name in QUOTAS} == {name: quota.large for name, quota in QUOTAS.items()}
    for region in ("us-east-2", "us-west-1", "eu-west-2", "eu-central-1", "ap-southeast-1"):
        rate = limits(RateLimit.published(), region)
        assert {name: rate(name) for name in QUOTAS} == {name: quota.elsewhere for name, quota in QUOTAS.items()}
        assert rate("DeleteProject") is None


def test_a_share_is_one_of_all_quotas_and_of_those_that_replace_them() -> None:
    rate = limits(RateLimit.published(share=0.5, replaced={"detect_faces": 400, "delete_project": 3}))
    assert (rate("DetectFaces"), rate("DeleteProject"), rate("IndexFaces")) == (200, 1.5, 25)


def test_every_operation_has_both_names() -> None:
    from rekog._generated.operations import METHODS

    for method, operation in METHODS.items():
        assert rates_of(RateLimit({method: 1}), "us-east-1") == ({operation.name: 1}, None)


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ({"detect_face": 1}, "rate_limit has no operation 'detect_face': did you mean 'DetectFaces'?"),
        ({"DetectFace": 1}, "rate_limit has no operation 'DetectFace': did you mean 'DetectFaces'?"),
        ({"xyz": 1}, "rate_limit has no operation 'xyz': write a name such as 'detect_faces'"),
        (
            {"detect_faces": 1, "DetectFaces": 2},
            "rate_limit has an operation twice, by the name of the method and by the service's name",
        ),
    ],
)
def test_an_unknown_operation_is_a_config_error(rates: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rates_of(RateLimit(rates), "us-east-1")
    assert message == str(caught.value)


# --- The settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [RateLimit(3), RateLimit({"detect_faces": 2}), RateLimit.published(share=0.25)])
def test_a_limit_is_a_frozen_value(limit: RateLimit) -> None:
    assert pickle.loads(pickle.dumps(limit)) == limit == limit.__replace__()
    assert hash(limit.__replace__(burst=2)) != hash(limit)
    assert limit.__replace__(burst=2) != limit
    with pytest.raises(AttributeError):
        limit.burst = 2  # type: ignore[misc]  # the assignment is the test


def test_a_limit_shows_its_arguments() -> None:
    assert repr(RateLimit(3, burst=2)) == "RateLimit(per_second=3, burst=2)"
    assert repr(RateLimit.published(share=0.5)) == "RateLimit.published(share=0.5)"
    replaced = RateLimit.published(replaced={"detect_faces": 9})
    assert repr(replaced) == "RateLimit.published(share=1.0, replaced={'detect_faces': 9})"


def test_published_quotas_are_no_limit_of_the_same_numbers() -> None:
    assert RateLimit.published(replaced={"detect_faces": 9}) != RateLimit({"detect_faces": 9})


@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan"), True, "5", None])
def test_a_limit_needs_a_positive_number(value: float) -> None:
    with pytest.raises(ConfigError, match=r"RateLimit\.per_second must be a number of calls per second above 0, or"):
        RateLimit(value)
    with pytest.raises(ConfigError, match=r"\['detect_faces'\] must be a number of calls per second above 0"):
        RateLimit({"detect_faces": value})


@pytest.mark.parametrize("value", [0.5, 0, True, "2"])
def test_a_burst_has_one_call_or_more(value: float) -> None:
    with pytest.raises(ConfigError, match=r"RateLimit\.burst must be a number of calls, 1 or more"):
        RateLimit(5, burst=value)


def test_arguments_of_published_limits_are_checked() -> None:
    with pytest.raises(ConfigError, match=r"RateLimit\.published: share must be a number above 0"):
        RateLimit.published(share=0)
    with pytest.raises(ConfigError, match="replaced must be a mapping of operations"):
        RateLimit.published(replaced=5)  # type: ignore[arg-type]  # the argument is the test
    with pytest.raises(ConfigError, match="5 is no operation"):
        RateLimit({5: 5})  # type: ignore[dict-item]  # the argument is the test
