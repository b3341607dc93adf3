"""Retries: which failures are retried, idempotency tokens, signatures, and the correction of clock skew."""

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
from tests.kit.backends import AT_ONCE, KEYS, Backend, Scripted, Step, error_reply, json_reply
from tests.kit.samples import arguments, sample
from tests.kit.servers import Answer, End, ScriptedServer, ok, reset

THROTTLED = error_reply("ThrottlingException", "Rate exceeded")
CLOCK = 1_900_000_000.0

RETRIED: dict[str, Step] = {
    "throttle": THROTTLED,
    "throttle with status 500": error_reply("ThrottlingException", status=500),
    "throughput": error_reply("ProvisionedThroughputExceededException"),
    "server error": error_reply("InternalServerError", status=500),
    "gateway error": error_reply("", status=503),
    "lost connection": httpx.ReadError("reset"),
    "no connection": httpx.ConnectError("refused"),
}


@pytest.mark.parametrize("step", RETRIED.values(), ids=RETRIED)
def test_a_transient_failure_is_retried(backend: Backend, step: Step) -> None:
    transport = Scripted(step, json_reply({"CollectionIds": ["a"]}))
    client = backend.client(transport)
    assert backend.run(client.list_collections).collection_ids == ["a"]
    assert len(transport.sent) == 2


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidParameterException", "LimitExceededException"])
def test_a_permanent_failure_is_not_retried(backend: Backend, code: str) -> None:
    transport = Scripted(error_reply(code))
    client = backend.client(transport)
    with pytest.raises(ServiceError):
        backend.run(client.list_collections)
    assert len(transport.sent) == 1


def test_the_default_is_three_attempts(backend: Backend) -> None:
    transport = Scripted(THROTTLED)
    client = backend.client(transport)
    with pytest.raises(ThrottlingException) as caught:
        backend.run(client.list_collections)
    assert (len(transport.sent), caught.value.attempts) == (3, 3)


def test_a_transport_error_has_operation_and_attempts(backend: Backend) -> None:
    client = backend.client(Scripted(httpx.ReadError("reset")))
    with pytest.raises(ConnectionLostError, match=r"\(ListCollections, 3 attempts\)"):
        backend.run(client.list_collections)


def test_mode_off_sends_one_request(backend: Backend) -> None:
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


def test_max_attempts_limits_the_requests(backend: Backend) -> None:
    transport = Scripted(THROTTLED)
    client = backend.client(transport, retry=RetryPolicy(max_attempts=5, wait=AT_ONCE.wait))
    with pytest.raises(ThrottlingException):
        backend.run(client.list_collections)
    assert len(transport.sent) == 5


def test_a_call_in_adaptive_mode_succeeds(backend: Backend) -> None:
    transport = Scripted(json_reply({"CollectionIds": ["a"]}))
    client = backend.client(transport, retry=RetryPolicy("adaptive"))
    assert backend.run(client.list_collections).collection_ids == ["a"]


@pytest.mark.parametrize("response", [(End.CLOSE,), reset()], ids=["close", "reset"])
def test_a_stale_connection_uses_an_attempt_without_a_pause(backend: Backend, response: Answer) -> None:
    with ScriptedServer(ok(), response, ok()) as server:
        never = wait_fixed(3600)  # a pause would exceed the time limit of a test
        client = backend.client(endpoint_url=server.url, retry=RetryPolicy(max_attempts=2, wait=never))
        attempts = [backend.run(client.list_collections).response_metadata.attempts for _ in range(2)]
        assert (attempts, len(server.requests)) == ([1, 2], 3)


ONE_ATTEMPT = {
    "off": RetryPolicy("off"),
    "one attempt": RetryPolicy(max_attempts=1),
    "custom retry": RetryPolicy(retry=retry_never),
}


@pytest.mark.parametrize("policy", ONE_ATTEMPT.values(), ids=ONE_ATTEMPT)
def test_a_policy_of_one_attempt_sends_one_request_on_a_stale_connection(backend: Backend, policy: RetryPolicy) -> None:
    with ScriptedServer(ok(), (End.CLOSE,), ok()) as server:
        client = backend.client(endpoint_url=server.url, retry=policy)
        backend.run(client.list_collections)
        with pytest.raises(StaleConnectionError):
            backend.run(client.list_collections)
        assert len(server.requests) == 2


def test_a_retry_is_logged(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    client = backend.client(Scripted(THROTTLED, json_reply()))
    with caplog.at_level("INFO", "rekog"):
        backend.run(client.list_collections)
    assert re.fullmatch(
        r"ListCollections: attempt 1 ended in ThrottlingException.*; the next begins in \S+ s", caplog.messages[0]
    )


# --- Idempotency tokens and signatures ---------------------------------------------------------------------------


def tokens(transport: Scripted) -> list[str | None]:
    return [sent.wire.get("ClientRequestToken") for sent in transport.sent]


def test_all_attempts_of_a_call_have_the_same_token(backend: Backend) -> None:
    transport = Scripted(THROTTLED, THROTTLED, json_reply())
    client = backend.client(transport)
    backend.run(lambda: client.create_user("people", "ann"))
    first, *others = tokens(transport)
    assert first is not None
    assert others == [first, first]


def test_each_call_has_a_new_token(backend: Backend) -> None:
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


def test_a_raw_call_has_a_token(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.call("CreateUser", {"CollectionId": "people", "UserId": "ann"}))
    assert tokens(transport) != [None]


def test_five_operations_have_an_idempotency_token() -> None:
    transport = Scripted(lambda sent: json_reply(sample(f"{sent.operation}Response")))
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


def list_collections(backend: Backend, transport: Scripted, caller: Caller, times: int = 1) -> None:
    driver = backend.driver(transport)
    fields = {"next_token": None, "max_results": None}
    for _ in range(times):
        backend.run(lambda: driver.run(caller.call(METHODS["list_collections"], **fields)))


def signatures(transport: Scripted) -> list[str]:
    return [sent.headers["authorization"].rpartition("Signature=")[2] for sent in transport.sent]


def test_each_attempt_has_a_new_signature(backend: Backend) -> None:
    transport = Scripted(THROTTLED, json_reply())
    seconds = count(CLOCK, 1.0)
    list_collections(backend, transport, caller(lambda: next(seconds)))
    first, second = transport.sent
    assert first.headers["x-amz-date"] < second.headers["x-amz-date"]
    assert len(set(signatures(transport))) == 2


# --- Clock skew --------------------------------------------------------------------------------------------------


def skewed(code: str = "RequestTimeTooSkewed", seconds: float = 3600.0, **headers: str) -> Step:
    """Return an error of the service whose clock is this many seconds ahead of ours."""
    return error_reply(code, "Signature expired", status=403, headers={"Date": formatdate(CLOCK + seconds), **headers})


def signed_hours(transport: Scripted) -> list[str]:
    return [sent.headers["x-amz-date"][9:11] for sent in transport.sent]


@pytest.mark.parametrize("code", ["InvalidSignatureException", "RequestTimeTooSkewed", "SignatureDoesNotMatch"])
@pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
def test_clock_skew_is_corrected_without_a_pause(backend: Backend, code: str, seconds: float) -> None:
    transport = Scripted(skewed(code, seconds), json_reply())
    list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 2
    assert transport.sent[1].headers["x-amz-date"][9:11] == ("16" if seconds < 0 else "18")


def test_a_clock_correction_applies_to_later_calls(backend: Backend) -> None:
    transport = Scripted(skewed(), json_reply())
    list_collections(backend, transport, caller(lambda: CLOCK), times=2)
    assert signed_hours(transport) == ["17", "18", "18"]


def test_the_clock_is_corrected_once_per_attempt(backend: Backend) -> None:
    transport = Scripted(skewed(seconds=3600), skewed(seconds=7200))
    with pytest.raises(UnknownServiceError, match="RequestTimeTooSkewed"):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 2


def test_a_clock_correction_is_not_counted_as_an_attempt(backend: Backend) -> None:
    transport = Scripted(skewed(), THROTTLED, skewed(seconds=7200), THROTTLED, json_reply())
    list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 5


def test_a_clock_within_the_tolerance_is_not_corrected(backend: Backend) -> None:
    transport = Scripted(skewed("InvalidSignatureException", seconds=200))
    with pytest.raises(UnknownServiceError, match="InvalidSignatureException"):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


def test_concurrent_calls_are_signed_again_after_a_clock_correction() -> None:
    shared = caller(lambda: CLOCK)
    skew_error = HttpResponse(403, {"date": formatdate(CLOCK + 3600)}, b'{"__type": "RequestTimeTooSkewed"}')
    flows = [shared.call(METHODS["list_collections"], next_token=None, max_results=None) for _ in range(3)]
    for flow in flows:
        next(flow)
    resent = [flow.send(skew_error) for flow in flows[:2]]
    assert [dict(request.headers)[b"x-amz-date"][9:11] for request in map(as_request, resent)] == [b"18", b"18"]
    with pytest.raises(UnknownServiceError, match="OtherError"):
        flows[2].send(HttpResponse(403, skew_error.headers, b'{"__type": "OtherError"}'))


def as_request(effect: Effect) -> HttpRequest:
    assert isinstance(effect, HttpRequest)
    return effect


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
def test_an_unreadable_date_corrects_no_clock(backend: Backend, date: str) -> None:
    transport = Scripted(skewed(Date=date))
    with pytest.raises(UnknownServiceError):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


def test_a_missing_date_corrects_no_clock(backend: Backend) -> None:
    transport = Scripted(error_reply("RequestExpired", status=403))
    with pytest.raises(UnknownServiceError):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDeniedException", AccessDeniedException), ("InvalidParameterException", InvalidParameterException)],
)
def test_the_date_of_another_error_corrects_no_clock(backend: Backend, code: str, kind: type[ServiceError]) -> None:
    transport = Scripted(skewed(code))
    with pytest.raises(kind):
        list_collections(backend, transport, caller(lambda: CLOCK))
    assert len(transport.sent) == 1


# --- Fields of an error ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "retryable", "throttling"),
    [
        (THROTTLED, True, True),
        (error_reply("InternalServerError", status=500), True, False),
        (error_reply("LimitExceededException"), False, False),
    ],
)
def test_an_error_has_retryable_and_throttling(backend: Backend, step: Step, retryable: bool, throttling: bool) -> None:
    client = backend.client(Scripted(step), retry=RetryPolicy("off"))
    with pytest.raises((ThrottlingException, InternalServerError, LimitExceededException)) as caught:
        backend.run(client.list_collections)
    assert (caught.value.retryable, caught.value.throttling) == (retryable, throttling)
