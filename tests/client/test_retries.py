"""Attempts: what is tried again and what stays the same meanwhile, idempotency tokens, and the difference of clocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.utils import formatdate
from itertools import count

import httpx
import pytest
from tenacity import retry_never, wait_fixed

from rekog import CallOptions, RetryPolicy
from rekog._core.call import Caller
from rekog._core.flow import Effect, HttpRequest, HttpResponse
from rekog._generated.operations import METHODS, OPERATIONS
from rekog.config import Config
from rekog.credentials import FixedSource
from rekog.errors import (
    AccessDeniedException,
    ConnectionLostError,
    InternalServerError,
    InvalidParameterException,
    LimitExceededException,
    ServiceError,
    StaleConnectionError,
    ThrottlingException,
    UnknownServiceError,
)
from tests.client.conftest import AT_ONCE, KEYS, Backend, Scripted, Step, refused, replied
from tests.kit.samples import arguments, sample
from tests.kit.servers import End, ScriptedResponse, ScriptedServer, ok, reset

THROTTLED = refused("ThrottlingException", "Rate exceeded")
CLOCK = 1_900_000_000.0

RETRIED: dict[str, Step] = {
    "throttle": THROTTLED,
    "throttle as a server fault": refused("ThrottlingException", status=500),
    "throughput": refused("ProvisionedThroughputExceededException"),
    "server fault": refused("InternalServerError", status=500),
    "gateway": refused("", status=503),
    "lost connection": httpx.ReadError("reset"),
    "no connection": httpx.ConnectError("refused"),
}


@pytest.mark.parametrize("step", RETRIED.values(), ids=RETRIED)
def test_a_passing_failure_is_tried_again(backend: Backend, step: Step) -> None:
    transport = Scripted(step, replied({"CollectionIds": ["a"]}))
    client = backend.client(transport)
    assert backend.run(client.list_collections).collection_ids == ["a"]
    assert len(transport.sent) == 2


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidParameterException", "LimitExceededException"])
def test_a_lasting_failure_is_not_tried_again(backend: Backend, code: str) -> None:
    transport = Scripted(refused(code))
    client = backend.client(transport)
    with pytest.raises(ServiceError):
        backend.run(client.list_collections)
    assert len(transport.sent) == 1


def test_three_attempts_are_made(backend: Backend) -> None:
    transport = Scripted(THROTTLED)
    client = backend.client(transport)
    with pytest.raises(ThrottlingException) as caught:
        backend.run(client.list_collections)
    assert (len(transport.sent), caught.value.attempts) == (3, 3)


def test_a_transport_error_has_operation_and_attempts(backend: Backend) -> None:
    client = backend.client(Scripted(httpx.ReadError("reset")))
    with pytest.raises(ConnectionLostError, match=r"\(ListCollections, 3 attempts\)"):
        backend.run(client.list_collections)


def test_off_sends_once(backend: Backend) -> None:
    transport = Scripted(THROTTLED)
    client = backend.client(transport, retry=RetryPolicy("off"))
    with pytest.raises(ThrottlingException):
        backend.run(client.list_collections)
    assert len(transport.sent) == 1


def test_a_call_may_have_a_policy_of_its_own(backend: Backend) -> None:
    transport = Scripted(THROTTLED)
    client = backend.client(transport)
    with pytest.raises(ThrottlingException):
        backend.run(lambda: client.list_collections(options=CallOptions(retry=RetryPolicy("off"))))
    assert len(transport.sent) == 1


def test_max_attempts_is_kept(backend: Backend) -> None:
    transport = Scripted(THROTTLED)
    client = backend.client(transport, retry=RetryPolicy(max_attempts=5, wait=AT_ONCE.wait))
    with pytest.raises(ThrottlingException):
        backend.run(client.list_collections)
    assert len(transport.sent) == 5


def test_adaptive_mode_calls_too(backend: Backend) -> None:
    transport = Scripted(replied({"CollectionIds": ["a"]}))
    client = backend.client(transport, retry=RetryPolicy("adaptive"))
    assert backend.run(client.list_collections).collection_ids == ["a"]


@pytest.mark.parametrize("answer", [(End.CLOSE,), reset()], ids=["close", "reset"])
def test_a_stale_connection_costs_an_attempt_and_no_pause(backend: Backend, answer: ScriptedResponse) -> None:
    with ScriptedServer(ok(), answer, ok()) as server:
        never = wait_fixed(3600)  # it would hold a pause up for longer than any test may take
        client = backend.client(endpoint_url=server.url, retry=RetryPolicy(max_attempts=2, wait=never))
        attempts = [backend.run(client.list_collections).response_metadata.attempts for _ in range(2)]
        assert (attempts, len(server.requests)) == ([1, 2], 3)


ONCE = {
    "off": RetryPolicy("off"),
    "one attempt": RetryPolicy(max_attempts=1),
    "a retry of one's own": RetryPolicy(retry=retry_never),
}


@pytest.mark.parametrize("policy", ONCE.values(), ids=ONCE)
def test_who_wants_one_attempt_sends_one_request_on_a_stale_connection_too(
    backend: Backend, policy: RetryPolicy
) -> None:
    with ScriptedServer(ok(), (End.CLOSE,), ok()) as server:
        client = backend.client(endpoint_url=server.url, retry=policy)
        backend.run(client.list_collections)
        with pytest.raises(StaleConnectionError):
            backend.run(client.list_collections)
        assert len(server.requests) == 2


def test_a_retry_is_logged(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    client = backend.client(Scripted(THROTTLED, replied()))
    with caplog.at_level("INFO", "rekog"):
        backend.run(client.list_collections)
    assert re.fullmatch(
        r"ListCollections: attempt 1 ended in ThrottlingException.*; the next begins in \S+ s", caplog.messages[0]
    )


# --- What stays, and what is made anew ---------------------------------------------------------------------------


def tokens(transport: Scripted) -> list[str | None]:
    return [sent.wire.get("ClientRequestToken") for sent in transport.sent]


def test_all_attempts_of_a_call_carry_one_token(backend: Backend) -> None:
    transport = Scripted(THROTTLED, THROTTLED, replied())
    client = backend.client(transport)
    backend.run(lambda: client.create_user("people", "ann"))
    first, *others = tokens(transport)
    assert first is not None
    assert others == [first, first]


def test_another_call_makes_another_token(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    for _ in range(2):
        backend.run(lambda: client.create_user("people", "ann"))
    first, second = tokens(transport)
    assert first != second


def test_a_token_is_a_uuid(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.delete_user("people", "ann"))
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(tokens(transport)[0]))


def test_a_given_token_is_sent(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.create_user("people", "ann", client_request_token="mine"))
    assert tokens(transport) == ["mine"]


def test_a_raw_call_gets_a_token_too(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.call("CreateUser", {"CollectionId": "people", "UserId": "ann"}))
    assert tokens(transport) != [None]


def test_exactly_five_operations_get_a_token() -> None:
    transport = Scripted(lambda sent: replied(sample(f"{sent.operation}Response")))
    client = Backend("sync", None).client(transport)
    for operation in OPERATIONS.values():
        wire = arguments(operation.name)
        wire.pop("ClientRequestToken", None)
        client.call(operation.name, wire)
    assert {sent.operation for sent in transport.sent if "ClientRequestToken" in sent.wire} == {
        "AssociateFaces",
        "CreateUser",
        "DeleteUser",
        "DisassociateFaces",
        "StartMediaAnalysisJob",
    }


def caller(clock: Callable[[], float], tokens: Iterator[object] | None = None) -> Caller:
    source = FixedSource(KEYS)
    config = Config(region_name="eu-west-1", retry=AT_ONCE)
    numbers = tokens or count()
    return Caller(config, source, clock=clock, new_token=lambda: next(numbers))


def ask(backend: Backend, transport: Scripted, caller: Caller, times: int = 1) -> None:
    driver = backend.driver(transport)
    fields = {"next_token": None, "max_results": None}
    for _ in range(times):
        backend.run(lambda: driver.run(caller.call(METHODS["list_collections"], **fields)))


def signatures(transport: Scripted) -> list[str]:
    return [sent.headers["authorization"].rpartition("Signature=")[2] for sent in transport.sent]


def test_each_attempt_is_signed_anew(backend: Backend) -> None:
    transport = Scripted(THROTTLED, replied())
    seconds = count(CLOCK, 1.0)
    ask(backend, transport, caller(lambda: next(seconds)))
    first, second = transport.sent
    assert first.headers["x-amz-date"] < second.headers["x-amz-date"]
    assert len(set(signatures(transport))) == 2


# --- Clocks that differ ------------------------------------------------------------------------------------------


def skewed(code: str = "RequestTimeTooSkewed", seconds: float = 3600.0, **headers: str) -> Step:
    """Refuse a request because the service's clock is so far ahead of ours."""
    return refused(code, "Signature expired", status=403, headers={"Date": formatdate(CLOCK + seconds), **headers})


def hours(transport: Scripted) -> list[str]:
    return [sent.headers["x-amz-date"][9:11] for sent in transport.sent]


@pytest.mark.parametrize("code", ["InvalidSignatureException", "RequestTimeTooSkewed", "SignatureDoesNotMatch"])
@pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
def test_a_wrong_clock_is_corrected_at_once(backend: Backend, code: str, seconds: float) -> None:
    transport = Scripted(skewed(code, seconds), replied())
    ask(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 2
    assert transport.sent[1].headers["x-amz-date"][9:11] == ("16" if seconds < 0 else "18")


def test_a_corrected_clock_is_remembered(backend: Backend) -> None:
    transport = Scripted(skewed(), replied())
    ask(backend, transport, caller(lambda: CLOCK), times=2)
    assert hours(transport) == ["17", "18", "18"]


def test_a_clock_is_corrected_once_in_an_attempt(backend: Backend) -> None:
    transport = Scripted(skewed(seconds=3600), skewed(seconds=7200))
    with pytest.raises(UnknownServiceError, match="RequestTimeTooSkewed"):
        ask(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 2


def test_a_correction_is_no_attempt(backend: Backend) -> None:
    transport = Scripted(skewed(), THROTTLED, skewed(seconds=7200), THROTTLED, replied())
    ask(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 5


def test_a_clock_that_agrees_is_left_alone(backend: Backend) -> None:
    transport = Scripted(skewed("InvalidSignatureException", seconds=200))
    with pytest.raises(UnknownServiceError, match="InvalidSignatureException"):
        ask(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


def test_calls_beside_the_one_that_corrected_the_clock_are_signed_anew_too() -> None:
    shared = caller(lambda: CLOCK)
    late = HttpResponse(403, {"date": formatdate(CLOCK + 3600)}, b'{"__type": "RequestTimeTooSkewed"}')
    flows = [shared.call(METHODS["list_collections"], next_token=None, max_results=None) for _ in range(3)]
    for flow in flows:
        next(flow)
    again = [flow.send(late) for flow in flows[:2]]
    assert [dict(request.headers)[b"x-amz-date"][9:11] for request in map(sent, again)] == [b"18", b"18"]
    with pytest.raises(UnknownServiceError, match="OtherError"):
        flows[2].send(HttpResponse(403, late.headers, b'{"__type": "OtherError"}'))


def sent(effect: Effect) -> HttpRequest:
    assert isinstance(effect, HttpRequest)
    return effect


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
def test_without_a_readable_date_the_clock_is_left_alone(backend: Backend, date: str) -> None:
    transport = Scripted(skewed(Date=date))
    with pytest.raises(UnknownServiceError):
        ask(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


def test_without_a_date_the_clock_is_left_alone(backend: Backend) -> None:
    transport = Scripted(refused("RequestExpired", status=403))
    with pytest.raises(UnknownServiceError):
        ask(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDeniedException", AccessDeniedException), ("InvalidParameterException", InvalidParameterException)],
)
def test_the_date_of_another_refusal_does_not_matter(backend: Backend, code: str, kind: type[ServiceError]) -> None:
    transport = Scripted(skewed(code))
    with pytest.raises(kind):
        ask(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


# --- What the tables say of an error -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "retryable", "throttling"),
    [
        (THROTTLED, True, True),
        (refused("InternalServerError", status=500), True, False),
        (refused("LimitExceededException"), False, False),
    ],
)
def test_an_error_says_whether_it_may_pass(backend: Backend, step: Step, retryable: bool, throttling: bool) -> None:
    client = backend.client(Scripted(step), retry=RetryPolicy("off"))
    with pytest.raises((ThrottlingException, InternalServerError, LimitExceededException)) as caught:
        backend.run(client.list_collections)
    assert (caught.value.retryable, caught.value.throttling) == (retryable, throttling)
