"""Throttling by the published rates: token buckets of accounts, regions and operations."""

from __future__ import annotations

import pytest

from rekog._core.retries.quotas import QUOTAS
from rekog._generated.operations import OPERATIONS
from rekog.emulator import Emulator, ManualClock
from rekog.emulator.front.injection import FaultInjector
from rekog.emulator.scope import Scope
from tests.kit.wire import WireClient

HERE = Scope("123456789012", "us-east-1")
ELSEWHERE = Scope("123456789012", "eu-central-1")


def admitted(faults: FaultInjector, operation: str, scope: Scope, calls: int = 150, now: float = 0.0) -> int:
    return sum(faults.inject(operation, scope, now).error is None for _ in range(calls))


@pytest.mark.parametrize(
    ("operation", "large", "elsewhere"),
    [
        ("DetectLabels", 50, 5),
        ("CompareFaces", 100, 25),
        ("CreateCollection", 5, 5),
        ("StartLabelDetection", 5, 5),
        ("GetLabelDetection", 20, 5),
        ("StopStreamProcessor", 1, 1),
        ("TagResource", 10, 10),
        ("CreateFaceLivenessSession", 25, 5),
    ],
)
def test_the_published_rate_limits_the_calls_of_a_second(operation: str, large: int, elsewhere: int) -> None:
    faults = FaultInjector()
    faults.throttle_by_tps()
    assert [admitted(faults, operation, scope) for scope in (HERE, ELSEWHERE)] == [large, elsewhere]


def test_operations_without_a_published_rate_are_not_throttled() -> None:
    faults = FaultInjector()
    faults.throttle_by_tps()
    assert admitted(faults, "CreateProject", HERE) == 150


def test_throttling_may_be_limited_to_one_region() -> None:
    faults = FaultInjector()
    faults.throttle_by_tps("us-east-1")
    assert [admitted(faults, "ListFaces", scope) for scope in (HERE, ELSEWHERE)] == [50, 150]


def test_operations_do_not_share_their_rates() -> None:
    faults = FaultInjector()
    faults.throttle_by_tps()
    admitted(faults, "ListFaces", HERE)
    assert admitted(faults, "SearchFaces", HERE) == 50


def test_every_rate_is_one_of_an_operation() -> None:
    assert set(QUOTAS) <= set(OPERATIONS)


def test_throttling_ends_when_the_emulators_clock_advances() -> None:
    clock = ManualClock(0)
    with Emulator(clock=clock) as emulator:
        emulator.faults.throttle_by_tps()
        wire = WireClient(emulator)
        statuses = [wire("ListCollections").status for _ in range(7)]
        clock.advance(0.4)
        statuses += [wire("ListCollections").status for _ in range(3)]
    assert statuses == [200] * 5 + [400] * 2 + [200] * 2 + [400]


def test_a_bucket_holds_the_calls_of_one_second_at_most() -> None:
    faults = FaultInjector()
    faults.throttle_by_tps()
    counts = [admitted(faults, "ListCollections", HERE, now=now) for now in (0.0, 100.0, 100_000.0)]
    assert counts == [5, 5, 5]


def test_a_clock_that_is_set_back_does_not_empty_the_buckets() -> None:
    faults = FaultInjector()
    faults.throttle_by_tps()
    counts = [admitted(faults, "ListCollections", HERE, now=now) for now in (100.0, 0.0, 1.0)]
    assert counts == [5, 0, 5]


def test_a_throttled_call_gets_the_services_text(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.throttle_by_tps()
    responses = [wire("ListCollections") for _ in range(6)]
    assert responses[-1].refusal == ("ProvisionedThroughputExceededException", "Provisioned rate exceeded")
