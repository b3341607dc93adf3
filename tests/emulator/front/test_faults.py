"""Injected faults: the calls that they select, and their effects on a client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import AsyncRekognitionClient, CallOptions, RekognitionClient, RetryPolicy, Timeout, errors
from rekog.emulator import NOT_SERVED, Emulator
from rekog.emulator.front.injection import FaultInjector, InjectedFault
from rekog.emulator.scope import Scope

if TYPE_CHECKING:
    from tests.kit.wire import WireClient

HERE = Scope("123456789012", "us-east-1")
ELSEWHERE = Scope("123456789012", "eu-central-1")
OFF = CallOptions(retry=RetryPolicy(mode="off"))


def selected(faults: FaultInjector, calls: int, operation: str = "ListFaces", scope: Scope = HERE) -> list[int]:
    """Return the numbers of the calls with an injected error."""
    return [n for n in range(1, calls + 1) if faults.inject(operation, scope, 0.0).error is not None]


def with_fault(**arguments: Any) -> FaultInjector:
    faults = FaultInjector()
    arguments.setdefault("error", "InternalServerError")
    faults.add(**arguments)
    return faults


# --- Selection of calls -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [({}, [1, 2, 3, 4, 5, 6]), ({"calls": [1, 3]}, [1, 3]), ({"every": 2}, [2, 4, 6]), ({"probability": 0}, [])],
)
def test_a_fault_is_injected_into_the_selected_calls(arguments: dict[str, Any], numbers: list[int]) -> None:
    assert selected(with_fault(**arguments), 6) == numbers


def test_calls_of_other_operations_do_not_count() -> None:
    faults = with_fault(operation="DetectFaces", calls=[2])
    assert selected(faults, 4) == []
    assert selected(faults, 3, "DetectFaces") == [2]


def test_calls_of_other_regions_do_not_count() -> None:
    faults = with_fault(region="us-east-1", calls=[1])
    assert selected(faults, 2, scope=ELSEWHERE) == []
    assert selected(faults, 2) == [1]


def test_calls_are_counted_from_when_the_fault_was_added() -> None:
    faults = FaultInjector()
    selected(faults, 5)
    faults.add(calls=[1], error="InternalServerError")
    assert selected(faults, 2) == [1]


@settings(derandomize=True, max_examples=20, deadline=None)
@given(seed=st.integers(), probability=st.floats(0.05, 0.95))
def test_the_same_seed_selects_the_same_calls(seed: int, probability: float) -> None:
    one, two = (with_fault(seed=seed, probability=probability) for _ in range(2))
    assert selected(one, 50) == selected(two, 50)


def test_another_seed_selects_other_calls() -> None:
    assert selected(with_fault(probability=0.5, seed=1), 50) != selected(with_fault(probability=0.5, seed=2), 50)


def test_a_probability_is_about_the_share_of_selected_calls() -> None:
    assert 250 < len(selected(with_fault(probability=0.3), 1000)) < 350


def test_latency_varies_between_its_limits() -> None:
    faults = with_fault(error=None, latency=(0.25, 0.5))
    delays = {faults.inject("ListFaces", HERE, 0.0).delay for _ in range(50)}
    assert 0.25 <= min(delays) < max(delays) <= 0.5


def test_latencies_of_several_faults_add_up() -> None:
    faults = with_fault(error=None, latency=1.5)
    faults.add(latency=2)
    assert faults.inject("ListFaces", HERE, 0.0).delay == 3.5


def test_of_several_errors_the_first_is_returned() -> None:
    faults = with_fault(error="AccessDeniedException")
    faults.add(error="InternalServerError")
    error = faults.inject("ListFaces", HERE, 0.0).error
    assert error is not None
    assert error().code == "AccessDeniedException"


def test_the_error_of_a_fault_precedes_the_one_of_throttling() -> None:
    faults = FaultInjector()
    faults.throttle_by_tps()
    codes = [error and error().code for error in (faults.inject("DetectText", HERE, 0.0).error for _ in range(100))]
    assert (codes[0], codes[-1]) == (None, "ProvisionedThroughputExceededException")
    faults.add(error="AccessDeniedException")
    error = faults.inject("DetectText", HERE, 0.0).error
    assert error is not None
    assert error().code == "AccessDeniedException"


def test_an_error_may_have_an_empty_message() -> None:
    error = with_fault(error="ThrottlingException", message="").inject("ListFaces", HERE, 0.0).error
    assert error is not None
    assert (error().code, error().message) == ("ThrottlingException", "")


@pytest.mark.parametrize("sizes", [(3, 9), (9, 3)])
def test_of_several_truncations_the_shortest_counts(sizes: tuple[int, int]) -> None:
    faults = FaultInjector()
    for size in sizes:
        faults.add(truncate=size)
    assert faults.inject("ListFaces", HERE, 0.0).kept_bytes == 3


def test_two_faults_with_one_seed_select_calls_independently() -> None:
    faults = with_fault(probability=0.5, seed=1)
    faults.add(probability=0.5, latency=1.0, seed=1)
    injected = [faults.inject("ListFaces", HERE, 0.0) for _ in range(100)]
    assert {(each.error is None, each.delay > 0) for each in injected} == {
        (True, True), (True, False), (False, True), (False, False)
    }  # fmt: skip


def test_clearing_removes_all_faults() -> None:
    faults = with_fault()
    faults.throttle_by_tps()
    faults.clear()
    assert (selected(faults, 100), len(faults)) == ([], 0)


OPERATION = "operation must be one of the service's, like 'DetectFaces' or 'detect_faces', not {!r}"
NONE = "a fault must have an error, a latency, a reset or a truncate"
ONE = "only one of calls, every and probability may select the calls"
ERROR = "error must be an error's name, like 'ThrottlingException', not {!r}"
CALLS = "calls must be a list of numbers of calls, 1 for the first, not {!r}"
EVERY = "every must be a whole number, 1 or more, not {!r}"
PROBABILITY = "probability must be 0 to 1, not {!r}"
TRUNCATE = "truncate must be a number of bytes, 0 or more, not {!r}"
STATUS = "status must be 400 to 599, not {!r}"
LATENCY = "latency must be seconds, or their minimum and maximum, not {!r}"
SEED = "seed must be a whole number, not {!r}"
RESET = "reset must be True or 'after', not {!r}"
INF = float("inf")
X: dict[str, Any] = {"error": "X"}

INVALID: list[tuple[dict[str, Any], str]] = [
    ({**X, "operation": "detectFaces"}, OPERATION.format("detectFaces") + "; did you mean 'DetectFaces'?"),
    ({**X, "operation": "?"}, OPERATION.format("?")),
    ({}, NONE),
    ({"every": 2}, NONE),
    ({"reset": False}, NONE),
    *[({**X, **two}, ONE) for two in ({"calls": [1], "every": 2}, {"calls": [1], "probability": 1})],
    ({**X, "every": 1, "probability": 0}, ONE),
    *[({"error": code}, ERROR.format(code)) for code in ("no name", "", "5x", "a-b", "x\n")],
    *[({**X, "calls": calls}, CALLS.format(calls)) for calls in ([0], [1, 0], [True], [1.0], [-1], 1)],
    *[({**X, "every": every}, EVERY.format(every)) for every in (True, 0, -1, 1.0, "2")],
    *[({**X, "probability": share}, PROBABILITY.format(share)) for share in (1.01, -0.01, "half", True, float("nan"))],
    *[({"truncate": size}, TRUNCATE.format(size)) for size in (True, -1, 1.0)],
    *[({**X, "status": status}, STATUS.format(status)) for status in (200, 399, 600, True, 400.0, "500")],
    *[({"latency": seconds}, LATENCY.format(seconds)) for seconds in (-1, -0.01, INF, "slow", True)],
    *[
        ({"latency": seconds}, LATENCY.format(seconds))
        for seconds in ((2, 1), (-1, 1), (1, INF), (1,), (1, 2, 3), (), (1, "2"), (True, 2))
    ],
    *[({"reset": word}, RESET.format(word)) for word in ("before", 1, "", None)],
    *[({**X, name: 5}, f"{name} must be text, not 5") for name in ("operation", "region", "error", "message")],
    *[({**X, "seed": seed}, SEED.format(seed)) for seed in ("1", True, None, 1.0)],
]


def test_an_invalid_fault_is_refused_with_its_first_problem() -> None:
    for arguments, problem in INVALID:
        faults = FaultInjector()
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
            faults.add(**arguments)
        assert (str(caught.value), len(faults)) == (problem, 0), arguments
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (as above)
        FaultInjector().add("?", truncate=-1)
    assert str(caught.value) == OPERATION.format("?")  # of several problems


def test_the_bounds_of_each_argument_are_valid() -> None:
    valid: list[dict[str, Any]] = [
        {**X, "calls": []}, {**X, "calls": [1]}, {**X, "every": 1}, {**X, "probability": 0}, {**X, "probability": 1},
        {"truncate": 0}, {**X, "status": 400}, {**X, "status": 599}, {"latency": 0}, {"latency": (0, 0)},
        {"latency": (1, 1)}, {"reset": "after"}, {"reset": True}, {**X, "seed": -1}, {"error": "a"}, {"error": "A1b"},
    ]  # fmt: skip
    faults = FaultInjector()
    for arguments in valid:
        faults.add(**arguments)
    assert len(faults) == len(valid)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDeniedException", "User is not authorized to perform this operation."),
        ("InternalServerError", "Internal server error"),
        ("ProvisionedThroughputExceededException", "Provisioned rate exceeded"),
        ("ThrottlingException", "Slow down; sudden increase in rate of requests."),
        ("OtherException", "An injected fault."),
    ],
)
def test_an_error_has_the_usual_message_of_its_name(code: str, message: str) -> None:
    error = with_fault(error=code).inject("ListFaces", HERE, 0.0).error
    assert error is not None
    made = error()
    assert (made.code, made.message, str(made)) == (code, message, f"{code}: {message}")
    own = with_fault(error=code, message="own", status=444).inject("ListFaces", HERE, 0.0).error
    assert own is not None
    assert (own().message, own().status) == ("own", 444)


def test_a_call_without_a_fault_has_no_effect_and_one_with_several_has_all() -> None:
    faults = FaultInjector()
    assert faults.inject("ListFaces", HERE, 0.0) == InjectedFault() == (None, 0.0, False, None)
    faults.add(reset="after", truncate=9)
    faults.add(reset=True, truncate=5, latency=0.5)
    faults.add(truncate=7, latency=(0.25, 0.25))
    assert faults.inject("ListFaces", HERE, 0.0) == (None, 0.75, "after", 5)


def test_random_choices_depend_on_the_seed_the_fault_and_the_number_of_the_call() -> None:
    faults = FaultInjector()
    faults.add(probability=0.5, seed=1, error="A")
    faults.add(latency=(0.0, 1.0), seed=1)
    # as in earlier versions: a test that names a seed keeps its choices
    injected = [faults.inject("ListFaces", HERE, 0.0) for _ in range(6)]
    assert [each.error is not None for each in injected] == [True, True, False, False, False, True]
    assert [round(each.delay, 6) for each in injected] == [0.342642, 0.554673, 0.005013, 0.802697, 0.019838, 0.218068]


@pytest.mark.parametrize("name", ["DetectFaces", "detect_faces"])
def test_a_fault_takes_both_names_of_an_operation(name: str) -> None:
    faults = with_fault(operation=name)
    assert faults.listed[0].operation == "DetectFaces"
    assert selected(faults, 1, "DetectFaces") == [1]


NO_FACE = "There are no faces in the image. Should be at least 1."


class OwnError(errors.ThrottlingException):
    """A user's subclass of an error."""


@pytest.mark.parametrize(
    ("error", "name", "message", "status"),
    [
        (errors.ThrottlingException, "ThrottlingException", None, None),
        (errors.ThrottlingException("slow"), "ThrottlingException", "slow", None),
        (errors.ThrottlingException(), "ThrottlingException", None, None),
        (OwnError, "ThrottlingException", None, None),
        (errors.NoFacesInImageError, "InvalidParameterException", NO_FACE, None),
        (errors.NoFacesInImageError(), "InvalidParameterException", NO_FACE, None),
        (errors.FaceIdNotFoundError, "InvalidParameterException", "faceId was not found in the collection.", None),
        (errors.ServiceError("odd", code="NewException"), "NewException", "odd", None),
        (errors.ThrottlingException("slow", status_code=429), "ThrottlingException", "slow", 429),
        (errors.NotServedByEmulatorError, NOT_SERVED, None, None),
        (errors.NotServedByEmulatorError("no"), NOT_SERVED, "no", None),
    ],
)
def test_the_error_of_a_fault_may_be_a_class_or_an_instance(
    error: Any, name: str, message: str | None, status: int | None
) -> None:
    (fault,) = with_fault(error=error).listed
    assert (fault.error, fault.message, fault.status) == (name, message, status)


def test_arguments_replace_the_message_and_the_status_of_an_instance() -> None:
    faults = with_fault(error=errors.ThrottlingException("slow"), message="slower", status=429)
    assert (faults.listed[0].message, faults.listed[0].status) == ("slower", 429)


@pytest.mark.parametrize(
    "error",
    [
        errors.NoFacesInImageError,
        errors.FaceIdNotFoundError,
        errors.ConflictException,
        errors.NotServedByEmulatorError,
    ],
)
def test_a_client_raises_the_class_that_a_fault_was_given(emulator: Emulator, error: type[errors.ServiceError]) -> None:
    emulator.faults.add(error=error)
    with RekognitionClient.local(emulator) as client, pytest.raises(error) as caught:
        client.list_collections()
    assert type(caught.value) is error


RULE = "error must be an error of the service, like 'ThrottlingException' or errors.ThrottlingException, not {}"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.ConnectionLostError, "ConnectionLostError; reset, latency and truncate break a connection"),
        (errors.ReadTimeoutError("slow"), "ReadTimeoutError; reset, latency and truncate break a connection"),
        (TimeoutError, "TimeoutError; reset, latency and truncate break a connection"),
        (TimeoutError(), "TimeoutError; reset, latency and truncate break a connection"),
        (errors.ServiceError, "ServiceError, which has no name in the service: write the name as text"),
        (str, "str; reset, latency and truncate break a connection"),
    ],
)
def test_a_class_that_is_no_error_of_the_service_is_refused(error: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        with_fault(error=error)
    assert str(caught.value) == RULE.format(text)


def test_faults_print_the_arguments_that_were_given() -> None:
    faults = FaultInjector()
    assert repr(faults) == "<Faults: none>"
    faults.add("detect_faces", calls=[1], error="ThrottlingException")
    faults.add(latency=0.5)
    faults.throttle_by_tps()
    faults.throttle_by_tps("eu-west-1")
    assert repr(faults) == (
        "<Faults: Fault(operation='DetectFaces', calls=(1,), error='ThrottlingException'), Fault(latency=0.5),"
        " throttling in every region, throttling in eu-west-1>"
    )


# --- Effects on a client ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        ({"error": "ThrottlingException"}, 500, "Slow down; sudden increase in rate of requests."),
        ({"error": "ThrottlingException", "status": 400}, 400, "Slow down; sudden increase in rate of requests."),
        ({"error": "ProvisionedThroughputExceededException"}, 400, "Provisioned rate exceeded"),
        ({"error": "HumanLoopQuotaExceededException", "message": "Too many."}, 402, "Too many."),
        ({"error": "NewException"}, 400, "An injected fault."),
    ],
)
def test_an_error_has_the_services_form(
    emulator: Emulator, wire: WireClient, arguments: dict[str, Any], status: int, text: str
) -> None:
    emulator.faults.add("ListCollections", **arguments)
    response = wire("ListCollections")
    assert (response.status, response.refusal) == (status, (arguments["error"], text))


@pytest.mark.parametrize("status", [400, 599])
def test_the_first_and_the_last_status_of_an_error_are_valid(emulator: Emulator, wire: WireClient, status: int) -> None:
    emulator.faults.add("ListCollections", error="NewException", status=status)
    assert wire("ListCollections").status == status


def test_an_injected_error_prevents_the_operation(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add("CreateCollection", error="InternalServerError")
    wire("CreateCollection", CollectionId="people")
    assert wire("ListCollections").body["CollectionIds"] == []


def test_a_client_retries_and_succeeds(emulator: Emulator) -> None:
    emulator.faults.add("CreateCollection", calls=[1], error="ThrottlingException")
    with RekognitionClient.local(emulator) as client:
        assert client.create_collection("people").response_metadata.attempts == 2


def test_a_reset_loses_the_request(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add("CreateCollection", reset=True)
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        wire("CreateCollection", CollectionId="people")
    assert wire("ListCollections").body["CollectionIds"] == []


def test_a_reset_after_the_operation_loses_the_response_only(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add("CreateCollection", reset="after")
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        wire("CreateCollection", CollectionId="people")
    assert wire("ListCollections").body["CollectionIds"] == ["people"]


def test_a_truncated_response_is_a_protocol_error(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add(truncate=10)
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes, expected"):
        wire("ListCollections")


def test_a_response_shorter_than_the_truncation_is_complete(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add(truncate=100_000)
    assert wire("ListCollections").status == 200


@pytest.mark.parametrize("fault", [{"reset": True}, {"truncate": 3}])
def test_a_broken_connection_is_retried(emulator: Emulator, fault: dict[str, Any]) -> None:
    emulator.faults.add("ListCollections", calls=[1], **fault)
    with RekognitionClient.local(emulator) as client:
        assert client.list_collections().response_metadata.attempts == 2


def test_a_response_is_delayed_by_the_latency(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add(latency=0.05)
    before = time.monotonic()
    assert wire("ListCollections").status == 200
    assert time.monotonic() - before >= 0.05


def test_a_latency_above_the_read_timeout_is_a_timeout(emulator: Emulator) -> None:
    emulator.faults.add(latency=60)
    options = CallOptions(timeout=Timeout(read=0.05), retry=RetryPolicy(mode="off"))
    with RekognitionClient.local(emulator) as client, pytest.raises(errors.ReadTimeoutError):
        client.list_collections(options=options)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_async_client_gets_the_same_faults(emulator: Emulator, backend: str) -> None:
    emulator.faults.add("ListCollections", calls=[1], error="InternalServerError", latency=0.05)
    emulator.faults.add("ListCollections", calls=[2], reset=True)

    async def main() -> int:
        async with AsyncRekognitionClient.local(emulator) as client:
            return (await client.list_collections()).response_metadata.attempts

    assert anyio.run(main, backend=backend) == 3
