"""Retries: which failures are retried, the number of attempts, and the idempotency token that attempts share."""

from __future__ import annotations

import re

import httpx
import pytest

from rekog import CallOptions, RetryPolicy
from rekog._generated.operations import OPERATIONS
from rekog.errors import (
    ConnectionLostError,
    InternalServerError,
    LimitExceededException,
    ServiceError,
    StaleConnectionError,
    ThrottlingException,
)
from tests.kit.backends import AT_ONCE, Backend, Scripted, Step, error_reply, json_reply
from tests.kit.samples import arguments, sample
from tests.kit.servers import End, ScriptedResponse, ScriptedServer, ok, reset

THROTTLED = error_reply("ThrottlingException", "Rate exceeded")

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
    client = backend.client(transport, retry=RetryPolicy(mode="off"))
    with pytest.raises(ThrottlingException):
        backend.run(client.list_collections)
    assert len(transport.sent) == 1


def test_a_call_may_have_a_policy_of_its_own(backend: Backend) -> None:
    transport = Scripted(THROTTLED)
    client = backend.client(transport)
    with pytest.raises(ThrottlingException):
        backend.run(lambda: client.list_collections(options=CallOptions(retry=RetryPolicy(mode="off"))))
    assert len(transport.sent) == 1


def test_max_attempts_limits_the_requests(backend: Backend) -> None:
    transport = Scripted(THROTTLED)
    client = backend.client(transport, retry=RetryPolicy(max_attempts=5, pause=AT_ONCE.pause))
    with pytest.raises(ThrottlingException):
        backend.run(client.list_collections)
    assert len(transport.sent) == 5


def test_a_call_in_adaptive_mode_succeeds(backend: Backend) -> None:
    transport = Scripted(json_reply({"CollectionIds": ["a"]}))
    client = backend.client(transport, retry=RetryPolicy(mode="adaptive"))
    assert backend.run(client.list_collections).collection_ids == ["a"]


@pytest.mark.parametrize("response", [(End.CLOSE,), reset()], ids=["close", "reset"])
def test_a_stale_connection_uses_an_attempt_without_a_pause(backend: Backend, response: ScriptedResponse) -> None:
    with ScriptedServer(ok(), response, ok()) as server:
        policy = RetryPolicy(max_attempts=2, pause=lambda _: 3600)  # a pause would exceed the time limit of a test
        client = backend.client(endpoint_url=server.url, retry=policy)
        attempts = [backend.run(client.list_collections).response_metadata.attempts for _ in range(2)]
        assert (attempts, len(server.requests)) == ([1, 2], 3)


ONE_ATTEMPT = {
    "off": RetryPolicy(mode="off"),
    "one attempt": RetryPolicy(max_attempts=1),
    "never": RetryPolicy(retry_if=lambda _: False),
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
        r"ListCollections: attempt 1 ended in .*\(ThrottlingException, .*; the next begins in \S+ s", caplog.messages[0]
    )


# --- Idempotency tokens ------------------------------------------------------------------------------------------


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
    client = backend.client(Scripted(step), retry=RetryPolicy(mode="off"))
    with pytest.raises((ThrottlingException, InternalServerError, LimitExceededException)) as caught:
        backend.run(client.list_collections)
    assert (caught.value.retryable, caught.value.throttling) == (retryable, throttling)
