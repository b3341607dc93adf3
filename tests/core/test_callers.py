"""Calls that are driven by hand: their requests, the settings that decide, the service's clock, and the log lines."""

from __future__ import annotations

import io
import logging
import re
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest

from rekog import RateLimit, RetryPolicy, Timeout
from rekog._core.call import MINIMUM_SKEW, SKEW_CODES, USER_AGENT
from rekog._core.flow import Blocking, HttpRequest, Sleep, TakeSlot
from rekog._generated.operations import METHODS
from rekog._settings.values import CallOptions
from rekog.errors import ConnectError, DecodeError, ParamValidationError, ServiceError
from tests.kit.backends import PNG
from tests.kit.driving import KEYS, caller, reply, run
from tests.kit.samples import sample
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from pathlib import Path

    from rekog._core.call import Caller
    from tests.kit.driving import Run

NOW = 1_700_000_000.0
STAMP = "20231114T221320Z"
COLLECTIONS, LABELS, FACES = METHODS["list_collections"], METHODS["detect_labels"], METHODS["detect_faces"]
ASSOCIATE = METHODS["associate_faces"]
USER: dict[str, Any] = {"collection_id": "c", "user_id": "u", "face_ids": ["f"]}
WIRE_USER: dict[str, Any] = {"CollectionId": "c", "UserId": "u", "FaceIds": ["f"]}


def headers(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in request.headers]


def stamps(ran: Run) -> list[str]:
    """Return the dates of the signatures."""
    return [dict(headers(request))["x-amz-date"] for request in ran.requests]


# --- The request ---------------------------------------------------------------------------------------------------


def test_a_request_has_these_headers_in_their_order() -> None:
    calls = caller(clock=lambda: NOW, user_agent_extra="app/1", headers={"X-Own": "a", "x-other": "b"})
    options = CallOptions(headers={"x-other": "c", "X-Call": "d"})
    (request,) = run(calls.call(COLLECTIONS, options, max_results=7), reply()).requests
    *sent, (name, signature), length = headers(request)
    assert sent == [
        ("host", "rekognition.eu-west-1.amazonaws.com"),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "RekognitionService.ListCollections"),
        ("user-agent", f"{USER_AGENT} app/1"),
        ("X-Own", "a"),
        ("x-other", "c"),
        ("x-call", "d"),
        ("x-amz-date", STAMP),
    ]
    assert (name, length) == ("authorization", ("content-length", "16"))
    signed = "content-type;host;x-amz-date;x-amz-target;x-call;x-other;x-own"
    assert re.fullmatch(
        "AWS4-HMAC-SHA256 Credential=AKIDOFATEST/20231114/eu-west-1/rekognition/aws4_request,"
        f" SignedHeaders={signed}, Signature=[0-9a-f]{{64}}",
        signature,
    )
    assert (request.url, request.method, request.content) == (
        "https://rekognition.eu-west-1.amazonaws.com/", "POST", (b'{"MaxResults":7}',)
    )  # fmt: skip


def test_the_user_agent_names_the_package_and_python() -> None:
    (request,) = run(caller().call(COLLECTIONS), reply()).requests
    assert dict(headers(request))["user-agent"] == USER_AGENT
    assert re.fullmatch(r"rekog/[0-9.]+\S* python/3\.[0-9]+\.[0-9]+", USER_AGENT)


def test_an_image_is_a_part_of_its_own_and_the_length_counts_all_parts() -> None:
    (request,) = run(caller().call(FACES, image=PNG), reply()).requests
    assert len(request.content) == 3
    assert dict(headers(request))["content-length"] == str(len(b"".join(request.content)))


def test_a_call_without_a_total_timeout_sends_its_own_limits_unchanged() -> None:
    limits = Timeout(None, connect=1, read=2, pool=3)
    ran = run(caller(timeout=limits).call(COLLECTIONS), reply())
    assert ran.effects[0] == TakeSlot(3)
    assert ran.requests[0].timeout == limits
    options = CallOptions(timeout=Timeout(None, connect=4, read=5, pool=6))
    ran = run(caller(timeout=limits).call(COLLECTIONS, options), reply())
    assert ran.effects[0] == TakeSlot(6)
    assert ran.requests[0].timeout == options.timeout


def test_each_check_is_one_of_its_own_setting() -> None:
    def problems(strict: Any) -> list[bool]:
        calls = caller(strict=strict)
        small = run(calls.call(FACES, image=image_file(plain_image(10, 10))), reply())
        described = reply(sample("DescribeCollectionResponse"))
        pattern = run(calls.call(METHODS["describe_collection"], collection_id="a b"), described)
        missing = run(calls.call(LABELS, image="s3://bucket/a.jpg"), reply({"Labels": [{"Name": "Cat"}]}))
        assert isinstance(small.error, ParamValidationError | None)
        assert isinstance(pattern.error, ParamValidationError | None)
        assert isinstance(missing.error, DecodeError | None)
        return [ran.error is not None for ran in (small, pattern, missing)]

    assert problems([]) == [False, False, False]
    assert problems(["images"]) == [True, False, False]
    assert problems(["requests"]) == [False, True, False]
    assert problems(["answers"]) == [False, False, True]
    plain = run(caller(strict=["requests"]).call_wire(METHODS["describe_collection"], {"CollectionId": "a b"}), reply())
    assert isinstance(plain.error, ParamValidationError)


def test_other_settings_of_calls_replace_all_checks_and_headers() -> None:
    first = caller(strict=["requests"], user_agent_extra="one")
    second = first.with_config(caller(strict=["answers"], user_agent_extra="two").config)
    call = METHODS["describe_collection"]
    ran = run(second.call(call, collection_id="a b"), reply())
    assert dict(headers(ran.requests[0]))["user-agent"] == f"{USER_AGENT} two"
    assert isinstance(run(first.call(call, collection_id="a b"), reply()).error, ParamValidationError)


def test_a_token_is_new_for_each_call_and_that_of_the_caller_if_given() -> None:
    tokens = iter(["t-1", "t-2"])
    calls = caller(new_token=lambda: next(tokens), retry=RetryPolicy(max_attempts=2, pause=lambda _: 0.0))
    again = run(calls.call(ASSOCIATE, **USER), ConnectError("lost"), reply())
    assert again.bodies == [{**WIRE_USER, "ClientRequestToken": "t-1"}] * 2
    given = run(calls.call(ASSOCIATE, **USER, client_request_token="own"), reply())
    assert given.bodies == [{**WIRE_USER, "ClientRequestToken": "own"}]
    none = run(calls.call_wire(ASSOCIATE, {**WIRE_USER, "ClientRequestToken": None}), reply())
    assert none.bodies == [{**WIRE_USER, "ClientRequestToken": "t-2"}]
    assert run(calls.call(COLLECTIONS), reply()).bodies == [{}]


def test_a_body_with_an_image_keeps_its_slot_between_attempts() -> None:
    def slots(calls: Caller, *arguments: Any, **fields: Any) -> list[type]:
        flow: Any = calls.call(*arguments, **fields)
        return [type(effect) for effect in run(flow, ConnectError("lost"), reply()).effects]

    calls = caller(retry=RetryPolicy(max_attempts=2, pause=lambda _: 0.5))
    assert slots(calls, FACES, image=PNG) == [TakeSlot, HttpRequest, Sleep, HttpRequest]
    assert slots(calls, FACES, image="s3://bucket/a.jpg") == [TakeSlot, HttpRequest, Sleep, TakeSlot, HttpRequest]


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of the waits for a rate, which their pauses advance then."""
    monkeypatch.setattr("rekog._core.retries.retry.monotonic", lambda: 100.0)


@pytest.mark.usefixtures("still_clock")
def test_the_published_rate_is_that_of_the_region_and_of_the_operation() -> None:
    for region, rate in (("us-east-1", 50), ("eu-central-1", 5)):
        calls = caller(region_name=region, rate_limit=RateLimit.published(), timeout=Timeout(None))
        place = {"image": "s3://bucket/a.jpg"}
        first, second, other = calls.call(LABELS, **place), calls.call(LABELS, **place), calls.call(COLLECTIONS)
        assert isinstance(next(first), TakeSlot)
        pause = next(second)
        assert isinstance(pause, Sleep)
        assert pause.seconds == pytest.approx(1 / rate)
        assert isinstance(next(other), TakeSlot)


@pytest.mark.usefixtures("still_clock")
def test_a_lost_connection_is_no_throttle_in_adaptive_mode() -> None:
    calls = caller(retry=RetryPolicy(mode="adaptive", max_attempts=2, pause=lambda _: 0.5))
    for failure in (ConnectError("lost"), reply({"__type": "InternalServerError"}, 500)):
        ran = run(calls.call(COLLECTIONS), failure, reply())
        assert (ran.pauses, ran.error) == ([0.5], None)
    throttled = run(calls.call(COLLECTIONS), reply({"__type": "ThrottlingException"}, 400), reply())
    assert throttled.pauses[0] == 0.5


# --- The response ---------------------------------------------------------------------------------------------------


def test_metadata_are_those_of_the_response() -> None:
    for status in (200, 204, 299):
        response = run(caller().call(COLLECTIONS), reply({"CollectionIds": ["a"]}, status, other="h")).value
        assert response.collection_ids == ["a"]
        metadata = response.response_metadata
        assert (metadata.request_id, metadata.status_code, metadata.attempts) == ("r-1", status, 1)
        assert metadata.headers == {"x-amzn-requestid": "r-1", "other": "h"}
    for status in (199, 300, 404, 500):
        assert isinstance(run(caller().call(COLLECTIONS), reply({}, status)).error, ServiceError)


def test_an_error_response_of_any_form_is_an_error_of_the_service() -> None:
    nested = b"[" * 200_000
    for body, message in ((b"<html>\n no", "<html> no"), (b"[1]", "[1]"), (nested, "[" * 300), (b"", "")):
        error: Any = run(caller().call(COLLECTIONS), reply(body, 503)).error
        assert (error.code, error.message, error.body) == ("HTTP503", message, {})


def test_pages_that_repeat_the_request_show_no_secret() -> None:
    for status in (200, 503):
        page = f"<html>{KEYS.secret_access_key}</html>".encode()
        error = run(caller().call(COLLECTIONS), reply(page, status, own=KEYS.access_key_id)).error
        assert "(removed)" in str(error)
        assert KEYS.secret_access_key not in str(error)


# --- The service's clock --------------------------------------------------------------------------------------------


def skewed(seconds: float, code: str = "RequestTimeTooSkewed") -> Any:
    return reply({"__type": code}, 403, date=formatdate(NOW + seconds, usegmt=True))


def test_the_clock_of_the_service_is_adopted_from_the_minimum_on() -> None:
    for code in SKEW_CODES:
        for seconds in (MINIMUM_SKEW, -MINIMUM_SKEW, 3600):
            calls = caller(clock=lambda: NOW)
            ran = run(calls.call(COLLECTIONS), skewed(seconds, code), reply())
            assert stamps(ran)[0] == STAMP
            assert stamps(ran)[1] != STAMP
            assert ran.value.response_metadata.attempts == 1
            assert stamps(run(calls.call(COLLECTIONS), reply())) == stamps(ran)[1:]
    for seconds, code in ((MINIMUM_SKEW - 1, "RequestTimeTooSkewed"), (1 - MINIMUM_SKEW, "RequestTimeTooSkewed"),
                          (3600, "AccessDeniedException")):  # fmt: skip
        calls = caller(clock=lambda: NOW)
        ran = run(calls.call(COLLECTIONS), skewed(seconds, code))
        assert isinstance(ran.error, ServiceError)
        assert stamps(run(calls.call(COLLECTIONS), reply())) == [STAMP]
    without: Any = reply({"__type": "RequestTimeTooSkewed"}, 403)
    assert isinstance(run(caller().call(COLLECTIONS), without).error, ServiceError)


def test_the_clock_is_corrected_once_an_attempt() -> None:
    ran = run(caller(clock=lambda: NOW).call(COLLECTIONS), skewed(3600), skewed(7200))
    assert isinstance(ran.error, ServiceError)
    assert len(ran.requests) == 2
    twice = caller(clock=lambda: NOW, retry=RetryPolicy(max_attempts=2, pause=lambda _: 0.0))
    slow = reply({"__type": "ThrottlingException"}, 400)
    ran = run(twice.call(COLLECTIONS), skewed(3600), slow, skewed(7200), reply())
    assert (len(ran.requests), ran.value.response_metadata.attempts) == (4, 2)


# --- The log --------------------------------------------------------------------------------------------------------


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines of the log without their times."""
    found = [re.sub(r"[0-9.]+ ms", "T ms", record.getMessage()) for record in caplog.records if record.name == "rekog"]
    caplog.clear()
    return found


def test_each_request_has_a_debug_line(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rekog._core.call._loggers", {})  # as in a process that has written no line
    caplog.set_level(logging.DEBUG, "rekog")
    run(caller().call(COLLECTIONS, max_results=7), reply(b'{"A":1}'))
    assert lines(caplog) == [
        "ListCollections: attempt 1: HTTP 200, request r-1, T ms, 16 bytes sent, 7 bytes received"
    ]  # fmt: skip
    calls = caller(clock=lambda: NOW, retry=RetryPolicy(max_attempts=2, pause=lambda _: 0.5))
    run(calls.call(COLLECTIONS), ConnectError("lost"), skewed(3600), reply())
    received = len('{"__type": "RequestTimeTooSkewed"}')
    refused = f"HTTP 403 RequestTimeTooSkewed, request r-1, T ms, 2 bytes sent, {received} bytes received"
    assert lines(caplog) == [
        "ListCollections: attempt 1: ConnectError, T ms, 2 bytes sent, 0 bytes received",
        "ListCollections: attempt 1 ended in lost (ListCollections); the next begins in 0.5 s",
        f"ListCollections: attempt 2: {refused}",
        "ListCollections: attempt 2: HTTP 200, request r-1, T ms, 2 bytes sent, 2 bytes received",
    ]  # fmt: skip
    caplog.set_level(logging.INFO, "rekog")
    run(caller().call(COLLECTIONS), reply())
    assert lines(caplog) == []


# --- Images and signed URLs -----------------------------------------------------------------------------------------


def test_a_file_is_read_by_an_effect_until_the_deadline(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    ran = run(caller(timeout=Timeout(7)).call(FACES, image=path), reply())
    effect: Any = ran.effects[1]
    assert (type(effect), effect.shared, 6 < effect.seconds <= 7) == (Blocking, False, True)


def test_other_forms_of_an_image_are_read_by_an_effect_until_the_deadline() -> None:
    for image in (io.BytesIO(PNG), plain_image(100, 100)):
        ran = run(caller(timeout=Timeout(7)).call(FACES, image=image), reply())
        effect: Any = ran.effects[1]
        assert (type(effect), effect.shared, 6 < effect.seconds <= 7) == (Blocking, False, True)


def test_a_signed_url_has_the_wire_dict_and_a_token() -> None:
    calls = caller(clock=lambda: NOW, new_token=lambda: "t")
    wire = {"UserId": None, "FaceIds": ["f", "g"], "CollectionId": "c d"}
    failed = run(calls.presign(ASSOCIATE, wire, 60, "GET"))
    assert isinstance(failed.error, ParamValidationError)
    url = run(calls.presign(ASSOCIATE, {**wire, "UserId": "u"}, 60, "GET")).value
    query = "UserId=u&FaceIds=f&FaceIds=g&CollectionId=c%20d&ClientRequestToken=t&"
    assert url.startswith("https://rekognition.eu-west-1.amazonaws.com/?")
    parameters = url.partition("?")[2].partition("X-Amz-Algorithm=AWS4-HMAC-SHA256&")[0]
    assert sorted(parameters.split("&")) == sorted(query.split("&"))
    assert (
        "&X-Amz-Date=20231114T221320Z&X-Amz-Expires=60&X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-target&" in url
    )
    strict = caller(strict=["requests"])
    found = run(strict.presign(METHODS["describe_collection"], {"CollectionId": "a b"}, 60, "GET"))
    assert isinstance(found.error, ParamValidationError)
