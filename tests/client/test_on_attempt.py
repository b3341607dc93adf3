"""Callbacks after each attempt: the fields of the record, the moment of the call, and errors in callbacks."""

from __future__ import annotations

import base64
import gc
import logging
import pickle
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from rekog import Attempt, RateLimit, RekogError, RetryPolicy
from rekog import config as config_module
from rekog._core.call import Caller
from rekog._core.flow import HttpRequest, HttpResponse, Sleep, TakeSlot
from rekog._core.watched import watched
from rekog._generated.operations import METHODS
from rekog._settings.sources import FixedSource
from rekog.config import Config
from rekog.errors import CallTimeoutError, ConfigError, ConnectionLostError, ThrottlingException
from tests.kit.backends import KEYS, PNG, Backend, Scripted, Unused, error_reply, json_reply
from tests.kit.flows import no_release

THROTTLED = error_reply("ThrottlingException", "Rate exceeded")
LISTING = json_reply({"CollectionIds": ["a"]})


def test_a_successful_attempt_has_the_facts_of_its_request_and_response(backend: Backend) -> None:
    attempts: list[Attempt] = []
    before = datetime.now(UTC)
    client = backend.client(Scripted(json_reply({"FaceDetails": []})), on_attempt=attempts.append)
    backend.run(lambda: client.detect_faces(PNG))
    (attempt,) = attempts
    assert (attempt.operation, attempt.number, attempt.region_name) == ("DetectFaces", 1, "eu-west-1")
    assert (attempt.status_code, attempt.request_id, attempt.error, attempt.next_in) == (200, "request-1", None, None)
    body = b'{"Image":{"Bytes":"%s"}}' % base64.b64encode(PNG)
    assert (attempt.request_bytes, attempt.response_bytes) == (len(body), 19)
    assert before <= attempt.started <= datetime.now(UTC)
    assert attempt.started.utcoffset() == timedelta(0)
    assert attempt.queued >= 0
    assert attempt.seconds >= 0


def test_each_attempt_of_a_retried_call_is_reported(backend: Backend) -> None:
    attempts: list[Attempt] = []
    script = Scripted(THROTTLED, httpx.ReadError("reset"), LISTING)
    policy = RetryPolicy(pause=lambda failed: 0.001 * failed.number)
    client = backend.client(script, on_attempt=attempts.append, retry=policy)
    assert backend.run(client.list_collections).collection_ids == ["a"]
    assert [attempt.number for attempt in attempts] == [1, 2, 3]
    assert [attempt.next_in for attempt in attempts] == [0.001, 0.002, None]
    assert [type(attempt.error) for attempt in attempts] == [ThrottlingException, ConnectionLostError, type(None)]
    assert [attempt.status_code for attempt in attempts] == [400, None, 200]
    assert [attempt.response_bytes for attempt in attempts][1] == 0
    assert [attempt.request_bytes for attempt in attempts] == [2, 2, 2]
    assert attempts[1].request_id is None


def test_the_last_error_is_that_of_the_call(backend: Backend) -> None:
    attempts: list[Attempt] = []
    client = backend.client(Scripted(THROTTLED), on_attempt=attempts.append)
    with pytest.raises(ThrottlingException) as caught:
        backend.run(client.list_collections)
    assert len(attempts) == 3
    assert attempts[-1].error is caught.value
    assert attempts[-1].next_in is None


def test_calls_of_wire_dicts_pagers_and_waiters_are_reported(backend: Backend) -> None:
    attempts: list[Attempt] = []
    client = backend.client(Scripted(json_reply({"CollectionIds": ["a"], "Faces": []})), on_attempt=attempts.append)
    backend.run(lambda: client.call("ListCollections", {}))
    backend.items(lambda: client.paginate_list_faces("people"))
    assert [attempt.operation for attempt in attempts] == ["ListCollections", "ListFaces"]


def test_an_attempt_that_sends_no_request_is_not_reported(backend: Backend) -> None:
    attempts: list[Attempt] = []
    client = backend.client(Unused(), on_attempt=attempts.append)
    with pytest.raises(RekogError):
        backend.run(lambda: client.detect_faces("no such file"))
    with pytest.raises(CallTimeoutError):
        backend.run(lambda: client.list_collections(options={"timeout": 1e-9}))
    assert attempts == []


def test_the_attempt_is_reported_when_a_function_of_the_policy_fails(backend: Backend) -> None:
    attempts: list[Attempt] = []
    policy = RetryPolicy(retry_if=lambda _: 1 // 0 > 0)
    client = backend.client(Scripted(THROTTLED), on_attempt=attempts.append, retry=policy)
    with pytest.raises(ZeroDivisionError):
        backend.run(client.list_collections)
    assert [attempt.next_in for attempt in attempts] == [None]


# --- Several callbacks, and other clients ------------------------------------------------------------------------


def test_several_callbacks_are_called_in_order_and_once_each(backend: Backend) -> None:
    order: list[str] = []

    def first(_: Attempt) -> None:
        order.append("first")

    def second(_: Attempt) -> None:
        order.append("second")

    client = backend.client(Scripted(LISTING), on_attempt=[first, second, first])
    backend.run(client.list_collections)
    assert order == ["first", "second"]


def test_with_options_adds_callbacks(backend: Backend) -> None:
    first: list[Attempt] = []
    second: list[Attempt] = []
    client = backend.client(Scripted(LISTING), on_attempt=first.append)
    backend.run(client.with_options(on_attempt=second.append).list_collections)
    backend.run(client.list_collections)
    assert (len(first), len(second)) == (2, 1)
    plain = backend.client(Scripted(LISTING))
    backend.run(plain.with_options(on_attempt=second.append).with_options(timeout=9).list_collections)
    backend.run(plain.list_collections)
    assert len(second) == 2


def report(_: Attempt) -> None:
    """Take no note."""


def test_a_pickled_client_keeps_its_callbacks(backend: Backend) -> None:
    client = backend.client(on_attempt=report)
    loaded: Any = backend.closing(pickle.loads(pickle.dumps(client)))
    assert loaded.config.on_attempt == (report,)


async def awaited(_: Attempt) -> None:
    """A callback that would have to be awaited."""


@pytest.mark.parametrize(
    "value",
    [awaited, 3, "print", [print, None], {"a": print}],
    ids=["coroutine function", "number", "text", "list with None", "dict"],
)
def test_another_callback_is_refused(backend: Backend, value: Any) -> None:
    for make in (backend.client, backend.client().with_options):
        with pytest.raises(
            ConfigError, match=r"^on_attempt must be a plain function, which is not awaited, or several"
        ):
            make(on_attempt=value)


# --- Errors in callbacks -----------------------------------------------------------------------------------------


class CallbackError(Exception):
    """The error of a callback."""


def fail(_: Attempt) -> None:
    raise CallbackError("of the callback")


def divide(attempt: Attempt) -> float:
    return 1 / (attempt.number - attempt.number)


def test_an_error_after_a_success_does_not_lose_the_response(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    reported: list[Attempt] = []
    client = backend.client(Scripted(LISTING), on_attempt=[fail, reported.append])
    assert backend.run(client.list_collections).collection_ids == ["a"]
    assert len(reported) == 1
    (record,) = caplog.records
    assert (record.levelno, record.name) == (logging.ERROR, "rekog")
    assert record.getMessage().startswith("ListCollections: on_attempt raised an error after attempt 1")
    assert record.exc_info is not None
    assert record.exc_info[0] is CallbackError


def test_an_error_after_a_failure_ends_the_call(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    reported: list[Attempt] = []
    transport = Scripted(THROTTLED)
    client = backend.client(transport, on_attempt=[fail, reported.append, divide])
    with pytest.raises(CallbackError) as caught:
        backend.run(client.list_collections)
    assert isinstance(caught.value.__cause__, ThrottlingException)
    assert (len(transport.sent), len(reported)) == (1, 1)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]


def test_a_callback_may_raise_the_error_of_the_attempt(backend: Backend) -> None:
    def stop(attempt: Attempt) -> None:
        if attempt.error:
            raise attempt.error

    transport = Scripted(THROTTLED)
    client = backend.client(transport, on_attempt=stop)
    with pytest.raises(ThrottlingException) as caught:
        backend.run(client.list_collections)
    assert (len(transport.sent), caught.value.__cause__) == (1, None)


# --- Time ----------------------------------------------------------------------------------------------------------


def test_the_waits_for_a_slot_are_time_in_the_queue_and_the_pause_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("rekog._core.watched.monotonic", lambda: now[0])
    attempts: list[Attempt] = []
    policy = RetryPolicy(pause=lambda _: 30.0)
    config = Config(region_name="eu-west-1", on_attempt=(attempts.append,), retry=policy)
    flow = watched(Caller(config, FixedSource(KEYS))).call(METHODS["list_collections"])

    def passed(seconds: float, value: object) -> object:
        now[0] += seconds
        return flow.send(value)

    assert isinstance(next(flow), TakeSlot)
    assert isinstance(passed(2.0, no_release), HttpRequest)
    assert passed(0.5, HttpResponse(400, {}, b'{"__type": "ThrottlingException"}')) == Sleep(30.0)
    assert isinstance(passed(31.0, None), TakeSlot)
    assert isinstance(passed(3.0, no_release), HttpRequest)
    with pytest.raises(StopIteration):
        passed(0.25, HttpResponse(200, {}, b"{}"))
    assert [(attempt.queued, attempt.seconds) for attempt in attempts] == [(2.0, 0.5), (4.0, 0.25)]


def test_the_wait_for_a_rate_is_time_in_the_queue(backend: Backend) -> None:
    attempts: list[Attempt] = []
    client = backend.client(Scripted(LISTING), on_attempt=attempts.append, rate_limit=RateLimit(20))
    for _ in range(2):
        backend.run(client.list_collections)
    assert attempts[1].queued > attempts[0].queued


def test_a_request_sent_again_after_a_correction_of_the_clock_is_the_same_attempt(backend: Backend) -> None:
    attempts: list[Attempt] = []
    late = error_reply("RequestExpired", headers={"date": "Mon, 01 Jan 2035 00:00:00 GMT"})
    client = backend.client(Scripted(late, LISTING), on_attempt=attempts.append)
    backend.run(client.list_collections)
    assert [(attempt.number, attempt.status_code) for attempt in attempts] == [(1, 200)]


def test_a_cancelled_request_is_not_reported() -> None:
    attempts: list[Attempt] = []
    config = Config(region_name="eu-west-1", on_attempt=(attempts.append,))
    flow = watched(Caller(config, FixedSource(KEYS))).call(METHODS["list_collections"])
    next(flow)
    flow.send(no_release)
    flow.close()
    assert attempts == []


def test_the_error_of_a_callback_leaves_no_cycle_of_references() -> None:
    client = Backend("sync", None).client(Scripted(error_reply("AccessDeniedException")), on_attempt=fail)
    errors: list[weakref.ref[BaseException]] = []
    gc.collect()
    gc.disable()
    try:
        try:
            client.list_collections()
        except CallbackError as error:
            errors.append(weakref.ref(error))
        assert [error() for error in errors] == [None]
    finally:
        gc.enable()


def test_the_module_of_settings_has_the_record_and_no_misspelt_name() -> None:
    module: Any = config_module
    assert module.Attempt is Attempt
    with pytest.raises(AttributeError, match=r"module 'rekog\.config' has no attribute 'Attemp'"):
        _ = module.Attemp


def test_an_attempt_is_frozen() -> None:
    attempts: list[Attempt] = []
    Backend("sync", None).client(Scripted(LISTING), on_attempt=attempts.append).list_collections()
    with pytest.raises(AttributeError, match="a Attempt is frozen"):
        attempts[0].number = 2  # type: ignore[misc]  # the assignment is the test
