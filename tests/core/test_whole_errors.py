"""Errors of calls, walks and waits that are driven by hand: their class, whole text and all attributes."""

from __future__ import annotations

import math
from functools import partial
from itertools import chain, count, repeat
from typing import TYPE_CHECKING, Any

import jmespath  # pyright: ignore[reportMissingTypeStubs]
import pytest

from rekog import Credentials, RetryPolicy, Timeout, models
from rekog._core.answers.forms import from_json, to_dict
from rekog._core.answers.rows import to_rows
from rekog._core.call import Caller
from rekog._core.codecs import generated_class
from rekog._core.compat.page_results import compiled
from rekog._core.flow import Blocking, TakeSlot
from rekog._core.json_body import parse, serialise
from rekog._core.paging_rules import Listing, Walk, check_arguments
from rekog._core.rejected.incomplete import decode_incomplete
from rekog._core.service_errors import FaceIdNotFoundError, NoFacesInImageError, from_answer
from rekog._core.signing import presign
from rekog._core.waiting_rules import wait
from rekog._generated.errors import InvalidParameterException, ThrottlingException
from rekog._generated.operations import METHODS
from rekog._generated.paging import PAGED
from rekog._generated.waiting import WAITERS
from rekog._settings.values import CallOptions, Config
from rekog.errors import (
    CallTimeoutError,
    ConfigError,
    ConnectError,
    DecodeError,
    JobFailedError,
    PaginationError,
    ParamValidationError,
    PoolTimeoutError,
    RekogError,
    UnmodeledServiceError,
    WaiterError,
    WaiterFailedError,
    WaiterTimeoutError,
)
from tests.kit.driving import KEYS, caller, reply, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from rekog._core.flow import Flow


def driven(flow: Flow[Any], *script: Any) -> Any:
    """Return the value of a Flow whose requests have these results, or raise its error."""
    ran = run(flow, *script)
    if ran.error is not None:
        raise ran.error
    return ran.value


def error_of(work: Callable[[], object]) -> RekogError:
    with pytest.raises(RekogError) as caught:
        work()
    return caught.value


def whole(error: RekogError) -> tuple[type[RekogError], str, dict[str, object]]:
    """Return the class of an error, its text and its attributes."""
    return type(error), str(error), {name: value for name, value in vars(error).items() if name != "message"}


class WholePages(Walk[Any, Any]):
    """A walk by pages."""

    def following(self) -> Flow[Any]:
        """Return the next page; None at the end."""
        return self._next_page()


def test_errors_of_a_listing_are_these() -> None:
    tags = PAGED["list_faces"]
    job = PAGED["get_face_detection"]

    def of_page(paged: Any, *bodies: Any, **arguments: Any) -> Any:
        pages = WholePages(Listing(caller(), paged, None, None, None, None, arguments))

        def all_pages() -> None:
            script = iter(map(reply, bodies))
            while driven(pages.following(), next(script)) is not None:
                pass

        return whole(error_of(all_pages))

    page: dict[str, Any] = {"Faces": [{}], "NextToken": "a", "FaceModelVersion": "7"}
    text = "ListFaces: the service returned the same page token twice"
    assert of_page(tags, page, page, collection_id="c") == (PaginationError, text, {"operation": "ListFaces"})
    text = "GetFaceDetection: the job is in progress: call `wait_until_face_detection_completed` first"
    running = {"JobStatus": "IN_PROGRESS"}
    assert of_page(job, running, job_id="j") == (PaginationError, text, {"operation": "GetFaceDetection"})
    for message, shown in ((None, ""), ("no frames", " (no frames)")):
        failed: Any = {"JobStatus": "FAILED", "StatusMessage": message, "Faces": []}
        kind, text, attributes = of_page(job, failed, job_id="j-7")
        assert (kind, text) == (JobFailedError, f"GetFaceDetection: the job has failed{shown}")
        assert attributes.pop("last_response").job_status == "FAILED"
        assert attributes == {
            "waiter": "", "operation": "GetFaceDetection", "reason": "GetFaceDetection returned FAILED",
            "status_message": message, "job_id": "j-7",
        }  # fmt: skip

    pages = WholePages(Listing(caller(), tags, None, None, None, None, {"collection_id": "c"}))
    first = pages.following()
    next(first)
    text = "ListFaces: only one thread or task may use an iterator of a pager at a time; the pager itself may be shared"
    assert whole(error_of(lambda: next(pages.following()))) == (PaginationError, text, {"operation": "ListFaces"})


def test_errors_of_the_arguments_of_a_listing_are_these() -> None:
    paged = PAGED["list_faces"]
    for arguments, problems in [
        ((-1, None, None), ["max_items: must be a whole number, 0 or more, not -1"]),
        ((True, None, None), ["max_items: must be a whole number, 0 or more, not True"]),
        ((None, 0, None), ["page_size: must be a whole number, 1 or more, not 0"]),
        (
            ("a", 1.0, 7),
            [
                "max_items: must be a whole number, 0 or more, not 'a'",
                "page_size: must be a whole number, 1 or more, not 1.0",
                "starting_token: must be text, not int",
            ],
        ),
    ]:
        text = f"paginate_list_faces: {'; '.join(problems)}"
        found = whole(error_of(partial(check_arguments, paged, *arguments)))
        assert found == (ParamValidationError, text, {"operation": "ListFaces", "problems": tuple(problems)})
    check_arguments(paged, None, None, None)
    check_arguments(paged, 0, 1, "")


JOB = WAITERS["face_detection_completed"]
RUNNING = reply({"JobStatus": "IN_PROGRESS"})


def waited(*script: Any, rule: Any = JOB, clock: Any = None, **settings: Any) -> Any:
    """Return the whole error of a wait; its clock advances by a second with each look."""
    seconds = count()
    keys = ("delay", "max_attempts", "timeout", "on_poll")
    delay, limit, timeout, on_poll = (settings.pop(key, None) for key in keys)
    arguments = settings or {"job_id": "j-7"}
    time = clock or (lambda: float(next(seconds)))
    flow: Any = wait(caller(), rule, None, delay, limit, timeout, on_poll, time, **arguments)
    kind, text, attributes = whole(error_of(lambda: driven(flow, *script)))
    last: Any = attributes.get("last_response")
    return kind, text, attributes | ({"last_response": last and last.response_metadata.attempts} if last else {})


def test_errors_of_a_wait_are_these() -> None:
    common: dict[str, object] = {
        "waiter": "face_detection_completed", "operation": "GetFaceDetection", "last_response": 1,
        "status_message": None,
    }  # fmt: skip
    name = "the waiter face_detection_completed"
    text = f"{name} polled 2 times, every 0.5 s, without a result: raise max_attempts"
    used_up = {**common, "reason": "max_attempts used up"}
    assert waited(RUNNING, RUNNING, delay=0.5, max_attempts=2) == (WaiterTimeoutError, text, used_up)
    text = f"{name} has no result after 0.5 s (1 polls): raise timeout"
    timed_out = {**common, "reason": "timeout used up"}
    stopped = waited(RUNNING, timeout=0.5, clock=chain([0.0, 0.1], repeat(0.5)).__next__)
    assert stopped == (WaiterTimeoutError, text, timed_out)
    for message, shown in ((None, ""), ("no frames", " (no frames)")):
        failed = reply({"JobStatus": "FAILED", "StatusMessage": message})
        reason = "GetFaceDetection returned FAILED"
        text = f"{name} will not succeed: {reason}{shown}"
        attributes = {**common, "reason": reason, "status_message": message, "job_id": "j-7"}
        assert waited(RUNNING, failed, delay=0) == (JobFailedError, text, attributes)
    refused = reply({"__type": "InvalidParameterException", "Message": "bad"}, 400)
    reason = "bad (InvalidParameterException, GetFaceDetection, HTTP 400, request r-1)"
    text = f"{name} stopped at an error of the service: {reason}"
    assert waited(RUNNING, refused, delay=0) == (WaiterError, text, {**common, "reason": reason})
    assert waited(refused, delay=0) == (WaiterError, text, {**common, "reason": reason, "last_response": None})


def test_the_error_of_a_resource_that_is_no_job_has_all_its_states() -> None:
    rule = WAITERS["project_version_training_completed"]
    body = [{"Status": "TRAINING_FAILED", "StatusMessage": "a"}, {"Status": "TRAINING_IN_PROGRESS"}]
    kind, text, attributes = waited(
        reply({"ProjectVersionDescriptions": body}), rule=rule, delay=0, project_arn="arn:aws:rekognition:project"
    )
    reason = "DescribeProjectVersions returned TRAINING_FAILED, TRAINING_IN_PROGRESS"
    assert (kind, text) == (WaiterFailedError, f"the waiter {rule.name} will not succeed: {reason} (a)")
    assert attributes == {
        "waiter": rule.name, "operation": "DescribeProjectVersions", "reason": reason, "last_response": 1,
        "status_message": "a",
    }  # fmt: skip


async def coroutine(_: object) -> None:
    raise AssertionError


def test_errors_of_the_arguments_of_a_wait_are_these() -> None:
    plain = "on_poll: must be a plain function, which is called after each poll and not awaited"
    seconds, attempts = "must be a number of seconds", "must be a whole number, 1 or more, not"
    cases: list[tuple[dict[str, Any], list[str]]] = [
        *(({"delay": value}, [f"delay: {seconds}, 0 or more, not {value!r}"]) for value in (-0.1, math.inf, True, "1")),
        *(
            ({"timeout": value}, [f"timeout: {seconds} above 0, for the whole wait, not {value!r}"])
            for value in (0, -1, math.nan, -math.inf, False)
        ),
        *(({"max_attempts": value}, [f"max_attempts: {attempts} {value!r}"]) for value in (0, True, 1.5, "2")),
        ({"on_poll": 7}, [plain]),
        ({"on_poll": coroutine, "delay": -1}, [f"delay: {seconds}, 0 or more, not -1", plain]),
    ]
    for settings, problems in cases:
        attributes = {"operation": "GetFaceDetection", "problems": tuple(problems)}
        text = f"wait_until_face_detection_completed: {'; '.join(problems)}"
        assert waited(**settings) == (ParamValidationError, text, attributes)
    rule = WAITERS["user_active"]
    for users in ({}, {"user_id": 7}):
        problem = "user_id: required, and must be text"
        attributes = {"operation": "ListUsers", "problems": (problem,)}
        error = waited(rule=rule, collection_id="c", **users)
        assert error == (ParamValidationError, f"wait_until_user_active: {problem}", attributes)


LABELS = METHODS["detect_labels"]
PLACE = models.Image(s3_object=models.S3Object(bucket="bucket", name="n"))


def syntax_error(content: bytes) -> str:
    """Return the text of the JSON parser's error."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (any text)
        parse(content)
    return str(caught.value)


def decoding(body: Any, **settings: Any) -> Any:
    call = caller(**settings).call(LABELS, image=PLACE)
    return whole(error_of(lambda: driven(call, reply(body))))


def test_errors_of_a_response_that_cannot_be_decoded_are_these() -> None:
    common: dict[str, object] = {"operation": "DetectLabels", "path": "", "request_id": "r-1"}
    for body, begin in ((b"<html> a\npage", ": it begins with '<html> a page'"), (b"{", "")):
        kind, text, attributes = decoding(body)
        assert (kind, attributes) == (DecodeError, common)
        reason = text.removeprefix("DetectLabels: the body is not JSON (").removesuffix(f"){begin}; check endpoint_url")
        assert reason == syntax_error(body)
    others: list[tuple[Any, str]] = [([], "list"), ("a", "str"), (7, "int")]
    for other, name in others:
        text = f"DetectLabels: the body must be a JSON object, not {name}"
        assert decoding(other) == (DecodeError, text, common)
    wrong: list[tuple[Any, str, str]] = [
        ({"Labels": 7}, "Labels", "must be a list, not int"),
        ({"Labels": [7]}, "Labels[0]", "must be an object, not int"),
        ({"Labels": [{"Aliases": [[]]}]}, "Labels[0].Aliases[0]", "must be an object, not list"),
    ]
    for members, path, reason in wrong:
        assert decoding(members) == (DecodeError, f"DetectLabels: {path} {reason}", {**common, "path": path})
    missing: list[tuple[Any, str]] = [
        ({"Labels": [{"Name": "Cat"}]}, "Labels[0].Confidence"),
        ({"Labels": [{"Name": None, "Confidence": 9.5}]}, "Labels[0].Name"),
    ]
    for members, path in missing:
        text = f"DetectLabels: {path} is missing"
        assert decoding(members, strict=["answers"]) == (DecodeError, text, {**common, "path": path})


def test_errors_of_values_that_cannot_be_read_are_these() -> None:
    common: dict[str, object] = {"operation": "", "request_id": None}
    cases: list[tuple[str, Any, str, str]] = [
        ("Label", [], "the body", "must be an object, not list"),
        ("Face", {"FaceId": "f", "BoundingBox": "b"}, "BoundingBox", "must be an object, not str"),
        ("Emotion", {"Type": []}, "Type", "must be text, not list"),
        ("AuditImage", {"Bytes": "#"}, "Bytes", "can't be read (Only base64 data is allowed)"),
        (
            "DatasetDescription",
            {"CreationTimestamp": "soon"},
            "CreationTimestamp",
            "can't be read (Invalid isoformat string: 'soon')",
        ),
    ]
    for name, wire, path, reason in cases:
        error = error_of(partial(decode_incomplete, name, wire))
        assert (error.__cause__ is None) == reason.startswith("must be an object")
        assert whole(error) == (DecodeError, f"{name}: {path} {reason}", {**common, "path": path})


def test_errors_of_forms_and_rows_are_these() -> None:
    label, wrong = models.Label(name="Cat", confidence=1.0), "names must be 'python' or 'wire', not 'json'"
    assert whole(error_of(lambda: to_dict(label, "json"))) == (ConfigError, wrong, {})
    text = "Label: the text is not JSON (Expecting value: line 1 column 1 (char 0))"
    common: dict[str, object] = {"operation": "", "path": "", "request_id": None}
    assert whole(error_of(lambda: from_json(models.Label, "x"))) == (DecodeError, text, common)
    none: dict[str, object] = {"operation": "", "problems": ()}
    for kind, name in ((int, "int"), (7, "7")):
        other: Any = kind
        found = whole(error_of(partial(generated_class, other)))
        assert found == (ParamValidationError, f"{name} is not a model of the service", none)
    text = "to_rows: GetCelebrityInfoResponse has no list of results; to_dict() has all its fields"
    assert whole(error_of(lambda: to_rows(models.GetCelebrityInfoResponse(), {}))) == (ParamValidationError, text, none)
    text = "to_rows: user_id: is a column of ListUsersResponse; give the constant another name"
    users = models.ListUsersResponse()
    found = whole(error_of(lambda: to_rows(users, {"user_status": 1, "user_id": 1, "a": 1})))
    assert found == (ParamValidationError, text, none)
    with pytest.raises(TypeError) as caught:
        serialise({"A": {1}})
    assert str(caught.value) == "set has no JSON form"


def test_errors_of_expressions_are_these() -> None:
    page: dict[str, object] = {"Name": "a"}
    for expression in ("Labels[", "abs(Name)"):
        with pytest.raises(ValueError) as original:  # noqa: PT011 (any text)
            jmespath.search(expression, page)
        text = f"search: {expression!r} cannot be evaluated ({original.value})"
        error = error_of(lambda: compiled(expression)(page))  # noqa: B023 (runs at once)
        assert whole(error) == (ParamValidationError, text, {"operation": "", "problems": (text,)})


def test_errors_of_signed_urls_are_these() -> None:
    none: dict[str, object] = {"operation": "", "problems": ()}
    urls: Any = partial(
        presign, credentials=KEYS, endpoint=caller().endpoint, headers=(), parameters={}, expires_in=1, now=0.0
    )
    for seconds in (0, 604_801, True, 1.0, "1"):
        text = f"expires_in must be a whole number of seconds, 1 to 604800, not {seconds!r}"
        assert whole(error_of(partial(urls, expires_in=seconds))) == (ParamValidationError, text, none)
    for method in ("post", "OPTIONS", None):
        text = f"http_method must be one of DELETE, GET, HEAD, PATCH, POST, PUT, not {method!r}"
        assert whole(error_of(partial(urls, method=method))) == (ParamValidationError, text, none)
    text = "params: a text contains U+DC80, a lone surrogate, which no URL can contain"
    assert whole(error_of(partial(urls, parameters={"A": "b\udc80"}))) == (ParamValidationError, text, none)
    assert urls(expires_in=604_800)
    assert urls(expires_in=1)


def test_errors_of_error_responses_are_these() -> None:
    final: dict[str, object] = {"retryable": False, "throttling": False}
    cases: list[tuple[int, dict[str, str], dict[str, Any], str, type[RekogError], str, str, dict[str, object]]] = [
        (400, {}, {"__type": "InvalidParameterException", "Message": "bad"}, "", InvalidParameterException,
         "InvalidParameterException", "bad", final),
        (400, {}, {"code": "a#InvalidParameterException:x", "message": "There are no faces in the image. Yes"}, "",
         NoFacesInImageError, "InvalidParameterException", "There are no faces in the image. Yes", final),
        (400, {}, {"Code": "InvalidParameterException", "Message": "faceId was not found in"}, "", FaceIdNotFoundError,
         "InvalidParameterException", "faceId was not found in", final),
        (400, {"x-amzn-errortype": "ThrottlingException:http"}, {}, "slow", ThrottlingException, "ThrottlingException",
         "slow", {"retryable": True, "throttling": True}),
        (400, {"x-amzn-errortype": "Other"}, {"__type": "New", "code": "Old", "message": "a", "Message": "b"}, "c",
         UnmodeledServiceError, "New", "a", final),
        (400, {"x-amzn-errortype": "Other"}, {"code": "Old", "Code": "A"}, "", UnmodeledServiceError, "Old", "", final),
        (503, {}, {}, "a page", UnmodeledServiceError, "HTTP503", "a page", {"retryable": True, "throttling": False}),
        (429, {}, {}, "", UnmodeledServiceError, "HTTP429", "", {"retryable": True, "throttling": True}),
        (299, {"location": "http://a/"}, {}, "", UnmodeledServiceError, "HTTP299", "", final),
        (400, {"location": "http://a/"}, {}, "", UnmodeledServiceError, "HTTP400", "", final),
        (399, {}, {}, "moved", UnmodeledServiceError, "HTTP399", "moved", final),
        *((status, {"location": "http://a/?key=1"}, {}, page, UnmodeledServiceError, f"HTTP{status}",
           "the endpoint redirects to http://a/: endpoint_url must be the service's own URL" + (page and f"; {page}"),
           final) for status, page in ((300, ""), (399, "moved"))),
        (301, {"location": "a" * 301}, {}, "", UnmodeledServiceError, "HTTP301",
         f"the endpoint redirects to {'a' * 300}: endpoint_url must be the service's own URL", final),
    ]  # fmt: skip
    for status, given, body, other, kind, code, message, classes in cases:
        headers = {**given, "x-amzn-requestid": "r-1"}
        error = from_answer(status, headers, body, "DetectFaces", other)
        assert (type(error), error.message) == (kind, message)
        assert whole(error)[2] == {
            "code": code, "status_code": status, "request_id": "r-1", "operation": "DetectFaces", "attempts": 1,
            "headers": headers, "body": body, **classes,
        }  # fmt: skip


def test_errors_of_a_call_without_a_slot_are_these() -> None:
    def of_slot(options: CallOptions, seconds: float) -> Any:
        flow = caller().call(METHODS["list_collections"], options)
        assert next(flow) == TakeSlot(seconds)
        return whole(error_of(lambda: flow.throw(TimeoutError())))

    busy = "all connections to https://rekognition.eu-west-1.amazonaws.com were busy"
    nothing: dict[str, object] = {"operation": "ListCollections", "attempts": 0}
    remedy = "increase max_connections or Timeout(pool=...), or make fewer calls at once"
    text = f"{busy} for 0.25 s: {remedy} (ListCollections, 0 attempts)"
    assert of_slot(CallOptions(timeout=Timeout(total=None, pool=0.25)), 0.25) == (PoolTimeoutError, text, nothing)
    assert isinstance(
        next(caller().call(METHODS["list_collections"], CallOptions(timeout=Timeout(total=None)))), TakeSlot
    )


def test_the_error_of_a_call_that_fails_has_its_operation_and_attempts() -> None:
    slow = caller(retry=RetryPolicy(max_attempts=3, pause=lambda _: 0.0))
    flow = slow.call(METHODS["list_collections"])
    lost = [ConnectError("refused") for _ in range(3)]
    kind, text, attributes = whole(error_of(lambda: driven(flow, *lost)))
    assert (kind, text) == (ConnectError, "refused (ListCollections, 3 attempts)")
    assert attributes == {"operation": "ListCollections", "attempts": 3}


def test_the_error_of_a_call_that_waits_for_credentials_says_so() -> None:
    class Slow:
        def cached(self) -> None:
            return None

        def load(self) -> Credentials:
            raise AssertionError

    source: Any = Slow()
    calls = Caller(Config(region_name="eu-west-1", timeout=Timeout(5)), source)
    flow = calls.call(METHODS["list_collections"])
    next(flow)
    effect = flow.send(lambda: None)
    assert isinstance(effect, Blocking)
    assert (effect.shared, 4 < effect.seconds <= 5) == (True, True)
    kind, text, attributes = whole(error_of(lambda: flow.throw(TimeoutError())))
    assert kind is CallTimeoutError
    assert text == (
        "the call's total timeout of 5 s ran out: the credentials were not there yet; increase Timeout(total=...)"
        " (ListCollections)"
    )
    assert attributes == {"operation": "ListCollections", "attempts": 1}
