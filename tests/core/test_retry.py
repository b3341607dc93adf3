"""Retries, driven by hand under a manual clock; botocore's own retry classes are the oracle."""

from __future__ import annotations

import gc
import os
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog._core.deadline import Deadline
from rekog._core.flow import Flow, HttpRequest, HttpResponse, Sleep
from rekog._core.retries.rate import RateLimiter, RetryQuota
from rekog._core.retries.retry import RetryState, retrying
from rekog._core.retries.rules import classify, is_retryable, retry_after
from rekog._values.errors import (
    CallError,
    CallTimeoutError,
    ConfigError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    DecodeError,
    PoolTimeoutError,
    ReadTimeoutError,
    ServiceError,
    StaleConnectionError,
    TransportError,
    WriteTimeoutError,
)
from rekog.config import FailedAttempt, RetryPolicy, Timeout
from tests.kit.flows import send

adaptive = import_module("botocore.retries.adaptive")
bucket = import_module("botocore.retries.bucket")
exceptions = import_module("botocore.exceptions")
quota = import_module("botocore.retries.quota")
session = import_module("botocore.session")
standard = import_module("botocore.retries.standard")
throttling = import_module("botocore.retries.throttling")

STEPS = settings(derandomize=True, deadline=None, max_examples=100)
REQUEST = HttpRequest("http://rekognition.test/", (), (), Timeout())


class Clock:
    """A manual clock, with botocore's interface too."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def current_time(self) -> float:
        return self.now


def refused(
    code: str = "ThrottlingException", status: int = 400, headers: Mapping[str, str] | None = None
) -> ServiceError:
    classes = classify(code, status)
    return ServiceError(
        "refused",
        code=code,
        status_code=status,
        retryable=classes.retryable,
        throttling=classes.throttling,
        headers=headers,
    )


class Call:
    """A call whose attempts have scripted outcomes; pauses are recorded and advance the clock."""

    def __init__(
        self,
        *outcomes: Exception | str,
        policy: RetryPolicy | None = None,
        state: RetryState | None = None,
        clock: Clock | None = None,
        total: float | None = None,
        duration: float = 0.0,
    ) -> None:
        self.clock = clock or Clock()
        self.state = state or RetryState(self.clock, self.clock)
        self.outcomes = outcomes
        self.numbers: list[int] = []
        self.pauses: list[float] = []
        self._policy = policy or RetryPolicy()
        self._deadline = Deadline(total, self.clock)
        self._duration = duration

    def attempt(self, number: int) -> Flow[str]:
        self.numbers.append(number)
        yield from send(REQUEST)
        self.clock.now += self._duration
        outcome = self.outcomes[min(number, len(self.outcomes)) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def run(self) -> str:
        flow = retrying(
            self.attempt, policy=self._policy, state=self.state, deadline=self._deadline, operation="DetectFaces"
        )
        try:
            effect = next(flow)
            while True:
                if isinstance(effect, Sleep):
                    self.pauses.append(effect.seconds)
                    self.clock.now += effect.seconds
                effect = flow.send(HttpResponse(200, {}, b""))
        except StopIteration as end:
            return str(end.value)

    def error(self) -> CallError:
        with pytest.raises(CallError) as caught:
            self.run()
        return caught.value


@pytest.fixture
def time_zone() -> Iterator[Callable[[str], None]]:
    """Return a function that sets the time zone of the process until the end of the test."""
    before = os.environ.get("TZ")

    def use(zone: str | None) -> None:
        os.environ.pop("TZ", None)
        if zone is not None:
            os.environ["TZ"] = zone
        time.tzset()

    yield use
    use(before)


# --- Classification ---------------------------------------------------------------------------------------------


class Response:
    """The attributes of an HTTP response that botocore's checkers read."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self.status_code = status
        self.headers = headers


SERVICE = session.get_session().get_service_model("rekognition")
DETECT_FACES = SERVICE.operation_model("DetectFaces")


def botocore_context(code: str, status: int, attempt: int = 1, headers: Mapping[str, str] | None = None) -> object:
    return standard.RetryContext(
        attempt,
        operation_model=DETECT_FACES,
        parsed_response={"Error": {"Code": code}},
        http_response=Response(status, headers or {}),
    )


MODELED = {shape.name for shape in DETECT_FACES.error_shapes}
KNOWN = {
    *standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES,
    *standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES,
}
# These two, and errors of the model with status 429, are classified differently on purpose: see the tests below.
CODES = (MODELED | KNOWN | {"UnheardOfException", ""}) - {"LimitExceededException", "InternalServerError"}


def botocore_classification(code: str, status: int) -> tuple[bool, bool]:
    context = botocore_context(code, status)
    detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    retryable = standard.StandardRetryConditions().is_retryable(context)
    return retryable, detector.is_throttling_error_from_context(context)


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("status", [400, 402, 404, 500, 501, 502, 503, 504])
def test_errors_are_classified_as_botocore_does(code: str, status: int) -> None:
    assert classify(code, status) == botocore_classification(code, status)


@pytest.mark.parametrize("code", sorted(CODES - MODELED | MODELED & KNOWN))
def test_status_429_is_a_throttle_as_in_botocore(code: str) -> None:
    assert classify(code, 429) == botocore_classification(code, 429) == (True, True)


def test_status_429_is_a_throttle_with_any_code() -> None:
    assert classify("InvalidParameterException", 429) == (True, True)


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_resource_limit_is_never_retried(status: int) -> None:
    assert classify("LimitExceededException", status) == (False, False)


@pytest.mark.parametrize("code", ["InternalServerError", "InternalFailure", "ServiceUnavailable"])
def test_a_server_error_is_retried_by_its_code_with_any_status(code: str) -> None:
    assert classify(code, 400) == (True, False)


@pytest.mark.parametrize(
    "error",
    [ConnectError, ConnectTimeoutError, ConnectionLostError, ReadTimeoutError, WriteTimeoutError],
)
def test_failures_of_the_network_are_retried(error: type[TransportError]) -> None:
    assert is_retryable(error())


@pytest.mark.parametrize(
    "error", [TransportError(), CallTimeoutError(), PoolTimeoutError(), refused("AccessDeniedException"), KeyError()]
)
def test_other_failures_are_not_retried(error: Exception) -> None:
    assert not is_retryable(error)


# --- The loop ----------------------------------------------------------------------------------------------------


def test_a_success_is_returned_without_a_pause() -> None:
    call = Call("result")
    assert (call.run(), call.numbers, call.pauses) == ("result", [1], [])


def test_attempts_are_numbered_from_one() -> None:
    call = Call(refused(), ConnectError(), "result")
    assert (call.run(), call.numbers) == ("result", [1, 2, 3])


def test_the_last_error_is_raised_after_the_last_attempt() -> None:
    first, last = refused(), refused()
    assert Call(first, refused(), last).error() is last


def test_an_error_has_operation_and_number_of_attempts() -> None:
    error = Call(refused(), ReadTimeoutError("slow"), ReadTimeoutError("slow")).error()
    assert (error.operation, error.attempts) == ("DetectFaces", 3)


def test_an_error_that_is_not_retryable_is_raised_at_once() -> None:
    call = Call(refused("ResourceNotFoundException"), "result")
    assert (call.error().attempts, call.numbers) == (1, [1])


def test_a_stale_connection_is_retried_at_once_without_tokens() -> None:
    call = Call(StaleConnectionError(), "result")
    call.state.quota.available = 0
    assert (call.run(), call.numbers, call.pauses, call.state.quota.available) == ("result", [1, 2], [], 0)


def test_the_error_says_that_the_quota_is_exhausted() -> None:
    call = Call(refused(), "result")
    call.state.quota.available = 4
    assert call.error().__notes__ == ["Not retried: the client's retry quota is exhausted for now."]


def test_an_error_other_than_a_call_error_propagates() -> None:
    call = Call(DecodeError("odd"), "result")
    with pytest.raises(DecodeError):
        call.run()
    assert call.numbers == [1]


@pytest.mark.parametrize("attempts", [1, 2, 7])
def test_max_attempts_includes_the_first(attempts: int) -> None:
    assert Call(refused(), policy=RetryPolicy(max_attempts=attempts)).error().attempts == attempts


def test_off_sends_once() -> None:
    call = Call(refused(), "result", policy=RetryPolicy(mode="off", max_attempts=9))
    assert call.error().attempts == 1


def test_closing_the_flow_closes_the_attempt() -> None:
    closed: list[int] = []

    def attempt(number: int) -> Flow[str]:
        try:
            yield from send(REQUEST)
        finally:
            closed.append(number)
        return ""

    flow = retrying(attempt, policy=RetryPolicy(), state=RetryState(), deadline=Deadline(None))
    next(flow)
    flow.close()

    assert closed == [1]


def test_the_error_of_an_earlier_attempt_does_not_wait_for_a_garbage_collection() -> None:
    errors: list[weakref.ref[CallError]] = []

    def remembered(error: CallError) -> CallError:
        errors.append(weakref.ref(error))
        return error

    def attempt(number: int) -> Flow[str]:
        yield from send(REQUEST)
        if number < 3:
            raise remembered(refused())
        return "result"

    call = Call()
    call.attempt = attempt  # type: ignore[method-assign]  # `Call` keeps its outcomes
    gc.disable()
    try:
        assert call.run() == "result"
        assert [error() for error in errors] == [None, None]
    finally:
        gc.enable()


# --- Pauses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_pauses_after_throttles_are_those_of_botocore(seed: int) -> None:
    detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    backoff = standard.ExponentialBackoff(throttling_detector=detector)
    random.seed(seed)
    theirs = [backoff.delay_amount(botocore_context("ThrottlingException", 400, number)) for number in range(1, 8)]
    random.seed(seed)
    call = Call(refused(), policy=RetryPolicy(max_attempts=8))
    call.error()

    assert call.pauses == pytest.approx(theirs)


@pytest.mark.parametrize("error", [refused(), refused("InternalServerError", 500), ConnectError(), ReadTimeoutError()])
def test_the_maximum_pause_doubles_up_to_twenty_seconds(error: CallError) -> None:
    highest = [0.0] * 7
    for seed in range(60):
        random.seed(seed)
        call = Call(error, policy=RetryPolicy(max_attempts=8))
        call.error()
        highest = [max(pair) for pair in zip(highest, call.pauses, strict=True)]

    for longest, limit in zip(highest, [1, 2, 4, 8, 16, 20, 20], strict=True):
        assert 0.8 * limit < longest <= limit


def test_a_pause_function_replaces_the_backoff() -> None:
    policy = RetryPolicy(max_attempts=4, pause=lambda failed: 1 + 2 * failed.number)
    call = Call(refused(), policy=policy)
    call.error()
    assert call.pauses == [3, 5, 7]


def test_both_functions_of_a_policy_receive_each_failed_attempt_but_the_last() -> None:
    decided: list[FailedAttempt] = []
    paused: list[FailedAttempt] = []
    error = refused()

    def retry_if(failed: FailedAttempt) -> None:
        decided.append(failed)

    def pause(failed: FailedAttempt) -> float:
        paused.append(failed)
        return 2

    Call(error, policy=RetryPolicy(retry_if=retry_if, pause=pause), duration=10).error()

    first = FailedAttempt(number=1, error=error, elapsed=10.0)
    assert decided == paused == [first, FailedAttempt(number=2, error=error, elapsed=22.0)]


def test_retry_if_replaces_the_tables() -> None:
    policy = RetryPolicy(retry_if=lambda failed: isinstance(failed.error, ServiceError))
    error = Call(refused("ResourceNotFoundException"), ConnectError(), "result", policy=policy).error()
    assert (type(error), error.attempts) == (ConnectError, 2)


def test_without_a_decision_of_retry_if_the_mode_decides() -> None:
    policy = RetryPolicy(retry_if=lambda failed: True if failed.number == 1 else None)
    error = Call(refused("ResourceNotFoundException"), policy=policy).error()
    assert error.attempts == 2


def test_retry_if_is_not_called_in_mode_off() -> None:
    call = Call(refused(), policy=RetryPolicy(mode="off", retry_if=lambda _: True))
    assert call.error().attempts == 1


def test_an_error_of_a_policys_function_ends_the_call() -> None:
    def retry_if(_failed: FailedAttempt) -> bool:
        raise LookupError("no such row")

    with pytest.raises(LookupError, match="no such row"):
        Call(refused(), policy=RetryPolicy(retry_if=retry_if)).run()


@pytest.mark.parametrize("value", [-1, None, True, float("inf"), float("nan"), "2"])
def test_a_pause_that_is_no_number_of_seconds_is_a_config_error(value: Any) -> None:
    error = refused()
    with pytest.raises(
        ConfigError, match=r"RetryPolicy\.pause must return a number of seconds, 0 or more, not "
    ) as caught:
        Call(error, policy=RetryPolicy(pause=lambda _: value)).run()
    assert caught.value.__cause__ is error


def test_a_longer_pause_of_the_service_wins_over_the_policys() -> None:
    call = Call(refused(headers={"retry-after": "7"}), "result", policy=RetryPolicy(pause=lambda _: 1))
    assert (call.run(), call.pauses) == ("result", [7.0])


def test_a_pause_of_zero_is_not_an_effect() -> None:
    call = Call(refused(), "result", policy=RetryPolicy(pause=lambda _: 0))
    assert (call.run(), call.pauses) == ("result", [])


# --- Retry-After -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("header", "pause"), [("3", 3.0), ("0.5", 0.5), ("0", 0.25), ("3600", 20.0), ("inf", 20.0)])
def test_retry_after_in_seconds_is_a_minimum_pause_up_to_twenty(header: str, pause: float) -> None:
    assert retry_after({"retry-after": header}, 0.25, now=0) == pause


def test_retry_after_never_shortens_the_pause() -> None:
    assert retry_after({"retry-after": "3"}, 25.0, now=0) == 25.0


@pytest.mark.parametrize(("ahead", "pause"), [(7, 7.0), (3600, 20.0), (-7, 0.25)])
def test_retry_after_may_be_a_date(ahead: int, pause: float) -> None:
    now = 1_700_000_000
    assert retry_after({"retry-after": formatdate(now + ahead, usegmt=True)}, 0.25, now=now) == pause


@pytest.mark.parametrize(
    "date", ["soon", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +9959"]
)
def test_a_malformed_date_is_ignored(date: str) -> None:
    assert retry_after({"retry-after": date}, 0.25, now=0) == 0.25


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system cannot change its time zone")
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "XYZ-05:30"])
def test_a_date_of_unknown_zone_counts_as_utc(zone: str, time_zone: Callable[[str], None]) -> None:
    time_zone(zone)
    now = 1_700_000_000
    assert retry_after({"retry-after": formatdate(now + 7)}, 0.25, now=now) == 7.0


@STEPS
@given(header=st.sampled_from(["retry-after", "x-amz-retry-after"]), text=st.text(), pause=st.floats(0, 20))
def test_any_other_text_is_ignored(header: str, text: str, pause: float) -> None:
    assert pause <= retry_after({header: text}, pause, now=0) <= 25


@pytest.mark.parametrize("text", ["", "soon", "-1", "nan", "Tue, 99 Foo 2020 99:99:99 GMT"])
def test_a_header_without_a_number_or_date_is_ignored(text: str) -> None:
    assert retry_after({"retry-after": text}, 0.25, now=0) == 0.25
    assert retry_after({"x-amz-retry-after": text}, 0.25, now=0) == 0.25


@pytest.mark.parametrize("milliseconds", ["0", "100", "1500", "4999", "5001", "99999999", "-1", "soon", ""])
def test_the_services_own_header_has_the_same_effect_as_in_botocore(milliseconds: str) -> None:
    backoff = standard.ExponentialBackoff(random=lambda: 1.0)
    context = botocore_context("InternalServerError", 500, 4, {"x-amz-retry-after": milliseconds})
    assert retry_after({"x-amz-retry-after": milliseconds}, 0.05 * 2**3, now=0) == backoff.delay_amount(context)


def test_the_loop_respects_retry_after() -> None:
    call = Call(refused(headers={"retry-after": "11"}), "result")
    assert (call.run(), call.pauses) == ("result", [11.0])


def test_the_loop_reads_a_date_by_the_wall_clock() -> None:
    clock, wall = Clock(5), Clock(1_700_000_000)
    throttled = refused(headers={"retry-after": formatdate(1_700_000_009, usegmt=True)})
    call = Call(throttled, "result", clock=clock, state=RetryState(clock, wall))
    assert (call.run(), call.pauses) == ("result", [9.0])


# --- The deadline ------------------------------------------------------------------------------------------------


def test_a_pause_that_would_pass_the_deadline_ends_the_call_at_once() -> None:
    last = refused(headers={"retry-after": "4"})
    call = Call(last, "result", total=4)

    error = call.error()

    assert error is last
    assert (error.operation, error.attempts, call.pauses) == ("DetectFaces", 1, [])
    assert error.__notes__ == [
        "Not retried: the next attempt would start in 4 s, but the call's total timeout of 4 s ends before that."
    ]


def test_a_pause_before_the_deadline_takes_place() -> None:
    call = Call(refused(headers={"retry-after": "4"}), "result", total=4.5)
    assert (call.run(), call.pauses) == ("result", [4.0])


def test_attempts_and_pauses_add_up() -> None:
    call = Call(refused(), total=10, duration=4, policy=RetryPolicy(max_attempts=9, pause=lambda _: 1))
    error = call.error()
    assert (error.attempts, call.pauses) == (2, [1.0])


def test_the_deadline_does_not_replace_a_final_error() -> None:
    assert isinstance(Call(refused("ResourceNotFoundException"), total=1, duration=2).error(), ServiceError)


def test_a_call_out_of_time_is_not_retried() -> None:
    error = Call(CallTimeoutError("no time"), "result").error()
    assert (error.message, error.attempts) == ("no time", 1)


# --- The quota ---------------------------------------------------------------------------------------------------


@STEPS
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 300))))
def test_the_quota_counts_as_botocores(steps: list[tuple[bool, int]]) -> None:
    ours, theirs = RetryQuota(), quota.RetryQuota()
    for take, tokens in steps:
        if take:
            assert ours.acquire(tokens) == theirs.acquire(tokens)
        else:
            ours.release(tokens)
            theirs.release(tokens)
        assert ours.available == theirs.available_capacity


def test_two_threads_never_take_the_same_tokens() -> None:
    class Watched(RetryQuota):
        """Lets another thread try to take tokens between the check and the subtraction."""

        other: threading.Thread | None = None
        taken: tuple[bool, ...] = ()

        @property
        def available(self) -> int:
            if threading.current_thread() is threading.main_thread() and self.other is None:
                self.other = threading.Thread(target=self._take_in_thread, daemon=True)
                self.other.start()
                self.other.join(0.2)
            return self.tokens

        @available.setter
        def available(self, tokens: int) -> None:
            self.tokens = tokens

        def _take_in_thread(self) -> None:
            self.taken = (*self.taken, self.acquire(5))

    shared = Watched(5)
    first = shared.acquire(5)
    assert shared.other is not None
    shared.other.join(10)
    assert (first, shared.taken, shared.tokens) == (True, (False,), 0)


def test_a_clock_that_stands_still_stops_no_adaptive_call() -> None:
    state = RetryState(lambda: 1000.0, Clock())
    state.limiter.record(throttled=True)
    for _ in range(5):
        assert Call("result", policy=RetryPolicy(mode="adaptive"), state=state).run() == "result"


@pytest.mark.parametrize(
    ("error", "cost"),
    [
        (refused(), 5),
        (refused("InternalServerError", 500), 5),
        (ConnectError(), 5),
        (ConnectionLostError(), 5),
        (ConnectTimeoutError(), 10),
        (ReadTimeoutError(), 10),
        (WriteTimeoutError(), 10),
    ],
)
def test_a_failed_retry_takes_tokens(error: CallError, cost: int) -> None:
    call = Call(error, policy=RetryPolicy(max_attempts=3))
    call.error()
    assert call.state.quota.available == 500 - 2 * cost


def test_a_transport_without_a_free_connection_costs_no_attempt_and_no_tokens() -> None:
    call = Call(PoolTimeoutError(), policy=RetryPolicy(max_attempts=2, retry_if=lambda _: True))
    assert (call.error().attempts, call.numbers) == (1, [1, 2])
    assert Call(PoolTimeoutError()).error().attempts == 0
    assert call.state.quota.available == 500


def test_a_successful_retry_returns_its_tokens() -> None:
    call = Call(ReadTimeoutError(), refused(), "result")
    call.run()
    assert call.state.quota.available == 500 - 10 - 5 + 5


def test_a_first_attempt_that_succeeds_returns_one_token() -> None:
    call = Call("result")
    call.state.quota.acquire(7)
    call.run()
    assert call.state.quota.available == 500 - 7 + 1


def test_an_empty_quota_ends_the_retries_of_all_calls() -> None:
    clock = Clock()
    state = RetryState(clock, clock)
    policy = RetryPolicy(max_attempts=200, pause=lambda _: 0)
    first = Call(refused(), clock=clock, state=state, policy=policy)
    second = Call(refused(), clock=clock, state=state, policy=policy)

    assert (first.error().attempts, second.error().attempts) == (101, 1)


def test_the_quota_is_exact_under_threads() -> None:
    shared = RetryQuota()
    acquired: list[int] = []

    def acquire() -> None:
        acquired.append(sum(shared.acquire(1) for _ in range(200)))

    threads = [threading.Thread(target=acquire, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sum(acquired), shared.available) == (500, 0)


# --- Adaptive mode -----------------------------------------------------------------------------------------------


class Oracle:
    """botocore's limiter under the same clock, used without blocking."""

    def __init__(self, clock: Clock) -> None:
        self.cubic = throttling.CubicCalculator(starting_max_rate=0, start_time=clock.now)
        self.bucket = bucket.TokenBucket(max_rate=1, clock=clock)
        self.rate = adaptive.RateClocker(clock)
        self.limiter = adaptive.ClientRateLimiter(
            rate_adjustor=self.cubic,
            rate_clocker=self.rate,
            token_bucket=self.bucket,
            throttling_detector=self,
            clock=clock,
        )

    def is_throttling_error(self, *, throttled: bool) -> bool:
        return throttled

    def reserve(self) -> bool:
        if not self.limiter._enabled:
            return True
        try:
            return bool(self.bucket.acquire(block=False))
        except exceptions.CapacityNotAvailableError:
            return False


@STEPS
@given(
    start=st.floats(0, 1e6),
    steps=st.lists(st.tuples(st.floats(0, 3), st.booleans(), st.booleans()), max_size=60),
)
def test_the_limiter_counts_as_botocores(start: float, steps: list[tuple[float, bool, bool]]) -> None:
    clock = Clock(start)
    ours, theirs = RateLimiter(clock), Oracle(clock)
    for pause, sends, throttled in steps:
        clock.now += pause
        if sends:
            assert (ours.reserve() == 0) == theirs.reserve()
        else:
            ours.record(throttled=throttled)
            theirs.limiter.on_receiving_response(throttled=throttled)
        assert ours.measured_rate == pytest.approx(theirs.rate.measured_rate)
        assert ours.rate == pytest.approx(theirs.bucket.max_rate)
        assert ours.tokens == pytest.approx(theirs.bucket.available_capacity, abs=1e-6)


def test_the_limiter_counts_as_botocores_over_a_long_time() -> None:
    clock, chance = Clock(7.3), random.Random(4)
    ours, theirs = RateLimiter(clock), Oracle(clock)
    for _ in range(2000):
        clock.now += chance.choice([0, 0.001, 0.1, 0.3, 2])
        if chance.random() < 0.5:
            assert (ours.reserve() == 0) == theirs.reserve()
        else:
            throttled = chance.random() < 0.1
            ours.record(throttled=throttled)
            theirs.limiter.on_receiving_response(throttled=throttled)
        assert (ours.measured_rate, ours.rate) == pytest.approx((theirs.rate.measured_rate, theirs.bucket.max_rate))
        assert ours.tokens == pytest.approx(theirs.bucket.available_capacity, abs=1e-6)


def test_no_attempt_is_delayed_before_the_first_throttle() -> None:
    clock = Clock()
    state = RetryState(clock, clock)
    for _ in range(50):
        call = Call("result", clock=clock, state=state, policy=RetryPolicy(mode="adaptive"))
        call.run()
        assert call.pauses == []


def throttled_state(clock: Clock) -> RetryState:
    state = RetryState(clock, clock)
    call = Call(refused(), clock=clock, state=state, policy=RetryPolicy(mode="adaptive", max_attempts=1))
    call.error()
    return state


def test_after_a_throttle_attempts_wait_for_a_token() -> None:
    clock = Clock()
    state = throttled_state(clock)
    call = Call("result", clock=clock, state=state, policy=RetryPolicy(mode="adaptive"))
    call.run()
    assert call.pauses == [2.0]  # half a request per second, the minimum rate, and no token yet


def test_other_modes_do_not_wait_for_the_limiter() -> None:
    clock = Clock()
    call = Call("result", clock=clock, state=throttled_state(clock))
    call.run()
    assert call.pauses == []


def test_a_wait_for_a_token_beyond_the_deadline_ends_the_call() -> None:
    clock = Clock()
    call = Call("result", clock=clock, state=throttled_state(clock), total=1, policy=RetryPolicy(mode="adaptive"))

    error = call.error()

    assert isinstance(error, CallTimeoutError)
    assert (error.operation, error.attempts, call.numbers) == ("DetectFaces", 0, [])
    assert "would run out before the next request may be sent, in 2 s, because the service throttles; increase" in str(
        error
    )


def test_a_wait_for_a_token_is_not_shorter_than_the_resolution_of_a_clock() -> None:
    clock = Clock()
    limiter = throttled_state(clock).limiter
    limiter.tokens = 1 - 1e-12
    assert limiter.reserve() == 0.001


def test_the_rate_grows_back_after_a_throttle() -> None:
    clock = Clock()
    limiter = RateLimiter(clock)
    for _ in range(40):
        clock.now += 0.1
        limiter.record(throttled=False)
    limiter.record(throttled=True)
    cut = limiter.rate
    for _ in range(100):
        clock.now += 0.1
        limiter.record(throttled=False)

    assert cut < limiter.measured_rate
    assert limiter.rate > 2 * cut


def test_each_token_goes_to_one_thread() -> None:
    clock = Clock()
    limiter = throttled_state(clock).limiter
    clock.now += 2
    admitted: list[bool] = []
    threads = [threading.Thread(target=lambda: admitted.append(limiter.reserve() == 0), daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(admitted) == 1


def test_the_default_clocks_run() -> None:
    state = RetryState()
    assert state.waiting_clock() <= state.waiting_clock()
    assert state.wall_clock() > 1_700_000_000
