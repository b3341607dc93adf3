"""Public error classes: common bases, fields of errors that a program creates, and the modules that they name."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

import rekog
from rekog import AsyncRekognitionClient, RekognitionClient, RetryPolicy, errors, models
from rekog._core.retries.rules import classify
from rekog._generated.errors import MODELLED
from rekog.emulator import NOT_SERVED, Emulator
from tests.kit.backends import PNG, Backend, Scripted, Unused, error_reply, json_reply
from tests.kit.wire import ASTRONAUT

Call: TypeAlias = Callable[[Any], Any]

NAMES: list[str] = vars(errors)["__all__"]  # pyright cannot read an `__all__` that is extended
TIMEOUTS = [name for name in NAMES if name.endswith("TimeoutError")]
AT_ONCE = RetryPolicy(mode="off")


def raised(backend: Backend, call: Any) -> Any:
    """Return the error that a call raises."""
    with pytest.raises(errors.RekogError) as caught:
        backend.run(call)
    return caught.value


# --- Bases -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TIMEOUTS)
def test_every_timeout_is_a_builtin_timeout_error(name: str) -> None:
    assert issubclass(getattr(errors, name), TimeoutError)


def test_there_are_six_timeouts() -> None:
    assert len(TIMEOUTS) == 6


def test_no_other_error_is_an_os_error() -> None:
    others = [getattr(errors, name) for name in NAMES if name not in (*TIMEOUTS, "THROTTLING")]
    assert [kind for kind in others if issubclass(kind, OSError)] == []


def pickled(error: errors.RekogError) -> object:
    return pickle.loads(pickle.dumps(error))


TWO_BASES = [
    *(getattr(errors, name)("slow", operation="DetectFaces") for name in TIMEOUTS),
    errors.ReadTimeoutError("slow", operation="DetectFaces", attempts=3),
    errors.WaiterTimeoutError("slow", waiter="user_active", operation="ListUsers", reason="used up", last_response=3),
    errors.ClientClosedError("closed"),
    errors.ParamValidationError("wrong", operation="DetectFaces", problems=["image: wrong"]),
]


@pytest.mark.parametrize("error", TWO_BASES, ids=repr)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_of_an_error_with_two_bases_keeps_everything(error: errors.RekogError, duplicate: Any) -> None:
    other = duplicate(error)
    assert (type(other), other.args, vars(other)) == (type(error), error.args, vars(error))
    assert (str(other), repr(other), other.message) == (str(error), repr(error), error.message)


def test_the_text_of_a_timeout_has_operation_and_attempts() -> None:
    assert str(errors.ReadTimeoutError("slow", operation="DetectFaces", attempts=3)) == "slow (DetectFaces, 3 attempts)"
    assert str(errors.PoolTimeoutError("busy", attempts=0)) == "busy (0 attempts)"


def test_a_read_timeout_is_caught_as_a_timeout_error(backend: Backend) -> None:
    import httpx

    client = backend.client(Scripted(httpx.ReadTimeout("slow")), retry=AT_ONCE)
    with pytest.raises(TimeoutError):
        backend.run(client.list_collections)


def test_a_closed_client_raises_client_closed_error(backend: Backend) -> None:
    client = backend.client(Unused())
    backend.run(client.close)
    error = raised(backend, client.list_collections)
    assert type(error) is errors.ClientClosedError
    assert isinstance(error, RuntimeError)


def test_the_classes_of_waiters_form_one_line() -> None:
    assert errors.JobFailedError.__mro__[1:3] == (errors.WaiterFailedError, errors.WaiterError)


# --- Jobs and resources ------------------------------------------------------------------------------------------

FAILED = json_reply({"JobStatus": "FAILED", "StatusMessage": "no frames"})


def test_a_waiter_of_a_job_raises_job_failed_error_with_the_job_id(backend: Backend) -> None:
    client = backend.client(Scripted(FAILED))
    error = raised(backend, lambda: client.wait_until_face_detection_completed("job-1", delay=0))
    assert (type(error), error.job_id, error.waiter) == (errors.JobFailedError, "job-1", "face_detection_completed")
    assert (error.operation, error.status_message) == ("GetFaceDetection", "no frames")


def test_a_pager_of_a_job_raises_job_failed_error_with_the_job_id(backend: Backend) -> None:
    client = backend.client(Scripted(FAILED))
    error = raised(backend, lambda: client.paginate_get_face_detection("job-1").collect())
    assert (type(error), error.job_id, error.waiter) == (errors.JobFailedError, "job-1", "")
    assert error.operation == "GetFaceDetection"


def test_a_waiter_of_another_resource_raises_waiter_failed_error(backend: Backend) -> None:
    reply = json_reply({"ProjectVersionDescriptions": [{"ProjectVersionArn": "a", "Status": "TRAINING_FAILED"}]})
    client = backend.client(Scripted(reply))
    error = raised(backend, lambda: client.wait_until_project_version_training_completed("arn:" + "x" * 20, delay=0))
    assert (type(error), error.operation) == (errors.WaiterFailedError, "DescribeProjectVersions")


# --- The emulator ------------------------------------------------------------------------------------------------


def test_a_request_that_the_emulator_cannot_serve_has_its_own_class() -> None:
    with (
        Emulator(vision="off") as emulator,
        RekognitionClient.local(emulator) as client,
        pytest.raises(errors.NotServedByEmulatorError) as caught,
    ):
        client.detect_labels(ASTRONAUT)
    error = caught.value
    assert (error.code, error.retryable, error.status_code, error.operation) == (NOT_SERVED, False, 501, "DetectLabels")
    assert not error.is_client_fault


@pytest.mark.parametrize("status", [400, 429, 500, 501, 503])
def test_a_refusal_of_the_emulator_is_never_retried(backend: Backend, status: int) -> None:
    transport = Scripted(error_reply(NOT_SERVED, status=status))
    client = backend.client(transport)
    error = raised(backend, client.list_collections)
    assert (error.retryable, error.throttling, len(transport.sent)) == (False, False, 1)


# --- Errors that a program creates -------------------------------------------------------------------------------


def test_a_created_throttle_is_throttling() -> None:
    error = errors.ThrottlingException("slow")
    assert (error.throttling, error.retryable, error.code) == (True, True, "ThrottlingException")


@pytest.mark.parametrize("code", sorted(MODELLED))
def test_a_created_error_has_the_retry_classes_of_its_code(code: str) -> None:
    error = MODELLED[code]("text")
    assert (error.retryable, error.throttling) == classify(code, 0)


def test_given_retry_classes_replace_those_of_the_class() -> None:
    error = errors.ThrottlingException("slow", throttling=False, retryable=False)
    assert (error.throttling, error.retryable) == (False, False)
    assert vars(pickle.loads(pickle.dumps(error))) == vars(error)


@pytest.mark.parametrize("kind", [errors.NoFacesInImageError, errors.FaceIdNotFoundError])
def test_a_created_error_of_a_subclass_has_the_services_code(kind: type[errors.ServiceError]) -> None:
    assert kind("text").code == "InvalidParameterException"


def test_a_created_refusal_of_the_emulator_has_its_code() -> None:
    assert errors.NotServedByEmulatorError("text").code == NOT_SERVED


def test_throttling_has_the_modelled_throttles() -> None:
    assert set(errors.THROTTLING) == {kind for kind in MODELLED.values() if kind.throttling}


def test_throttling_catches_a_throttle(backend: Backend) -> None:
    client = backend.client(Scripted(error_reply("ThrottlingException")), retry=AT_ONCE)
    with pytest.raises(errors.THROTTLING):
        backend.run(client.list_collections)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.AccessDeniedException("no"), True),
        (errors.AccessDeniedException("no", status_code=400), True),
        (errors.ThrottlingException("slow", status_code=400), False),
        (errors.InternalServerError("oh", status_code=500), False),
        (errors.InternalServerError("oh"), False),
        (errors.UnmodeledServiceError("", code="HTTP301", status_code=301), False),
        (errors.UnmodeledServiceError("", code="HTTP501", status_code=501), False),
    ],
    ids=str,
)
def test_a_client_fault_would_happen_again(error: errors.ServiceError, expected: bool) -> None:
    assert error.is_client_fault is expected


# --- Response metadata -------------------------------------------------------------------------------------------


def test_an_error_has_the_metadata_of_its_response(backend: Backend) -> None:
    reply = error_reply("AccessDeniedException", "no", status=403, headers={"X-More": "yes"})
    client = backend.client(Scripted(reply), retry=AT_ONCE)
    metadata = raised(backend, client.list_collections).response_metadata
    assert (metadata.request_id, metadata.status_code, metadata.attempts) == ("request-1", 403, 1)
    assert metadata.headers["x-more"] == "yes"


def test_the_metadata_of_an_error_and_of_a_response_have_one_type(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply(), error_reply("AccessDeniedException")), retry=AT_ONCE)
    response: Any = backend.run(client.list_collections)
    error = raised(backend, client.list_collections)
    assert type(response.response_metadata) is type(error.response_metadata) is rekog.ResponseMetadata
    assert response.response_metadata.status_code == 200


# --- Operation names ---------------------------------------------------------------------------------------------

FACES = "paginate_list_faces"
JOB = json_reply({"JobStatus": "IN_PROGRESS"})
TWICE = json_reply({"Faces": [], "NextToken": "t"})
OPERATIONS: dict[str, tuple[Any, Call, str]] = {
    "argument": (Unused(), lambda c: c.detect_faces(PNG, attributes=3), "DetectFaces"),
    "image": (Unused(), lambda c: c.detect_faces(b""), "DetectFaces"),
    "wire dict": (Unused(), lambda c: c.call("detect_faces", {"Image": 3}), "DetectFaces"),
    "presigned URL": (Unused(), lambda c: c.generate_presigned_url("detect_faces", {"Image": 3}), "DetectFaces"),
    "pager's argument": (Unused(), lambda c: c.paginate_list_faces("people", max_items=-1), "ListFaces"),
    "waiter's argument": (Unused(), lambda c: c.wait_until_user_active("people", "ann", delay=-1), "ListUsers"),
    "service": (Scripted(error_reply("AccessDeniedException")), lambda c: c.list_collections(), "ListCollections"),
    "malformed response": (Scripted(json_reply([])), lambda c: c.list_collections(), "ListCollections"),
    "unfinished job": (Scripted(JOB), lambda c: c.paginate_get_face_search("j").collect(), "GetFaceSearch"),
    "repeated token": (Scripted(TWICE), lambda c: c.paginate_list_faces("people").collect(), "ListFaces"),
    "poll": (
        Scripted(error_reply("AccessDeniedException")),
        lambda c: c.wait_until_face_search_completed("j"),
        "GetFaceSearch",
    ),
    "end of a wait": (
        Scripted(JOB),
        lambda c: c.wait_until_face_search_completed("j", delay=0, max_attempts=1),
        "GetFaceSearch",
    ),
    "no paginator": (Unused(), lambda c: c.get_paginator("detect_faces"), "DetectFaces"),
    "no operation": (Unused(), lambda c: c.can_paginate("detect_facs"), ""),
    "no waiter": (Unused(), lambda c: c.get_waiter("user_activ"), ""),
}


@pytest.mark.parametrize(("transport", "call", "name"), OPERATIONS.values(), ids=OPERATIONS)
def test_the_operation_of_an_error_is_the_services_name(
    backend: Backend, transport: Any, call: Call, name: str
) -> None:
    client = backend.client(transport)
    assert raised(backend, lambda: call(client)).operation == name


def test_the_error_of_a_conversion_has_no_operation() -> None:
    wrong: Any = 7
    with pytest.raises(errors.ParamValidationError) as caught:
        rekog.to_wire(models.Label(name="Cat", confidence=wrong, instances=wrong))
    assert caught.value.operation == ""


@pytest.mark.parametrize("name", ["list_faces", "ListFaces"])
def test_a_look_up_takes_both_spellings_of_an_operation(backend: Backend, name: str) -> None:
    client: Any = backend.client(Scripted(json_reply({"Faces": []})))
    assert client.can_paginate(name)
    assert backend.items(lambda: client.get_paginator(name).paginate("people")) == []
    assert backend.run(lambda: client.call(name, {"CollectionId": "people"})) == {"Faces": []}
    url = backend.run(lambda: client.generate_presigned_url(name, {"CollectionId": "people"}))
    assert "X-Amz-Signature" in str(url)


@pytest.mark.parametrize("name", ["face_search_completed", "FaceSearchCompleted"])
def test_a_waiter_is_found_in_both_spellings(backend: Backend, name: str) -> None:
    client: Any = backend.client(Scripted(json_reply({"JobStatus": "SUCCEEDED"})))
    response: Any = backend.run(lambda: client.get_waiter(name).wait("job-1"))
    assert response.job_status == "SUCCEEDED"


# --- Public modules ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in NAMES if name != "THROTTLING"])
def test_every_class_of_errors_names_the_public_module(name: str) -> None:
    kind = getattr(errors, name)
    assert (kind.__module__, getattr(errors, kind.__qualname__)) == ("rekog.errors", kind)


@pytest.mark.parametrize("name", ["AsyncRekognitionClient", "Model", "RekognitionClient", "Response"])
def test_a_class_of_the_package_names_the_package(name: str) -> None:
    kind = getattr(rekog, name)
    assert (kind.__module__, kind.__qualname__) == ("rekog", name)


def test_a_pickled_error_names_no_private_module() -> None:
    assert b"rekog._" not in pickle.dumps([errors.ThrottlingException("x"), errors.NoFacesInImageError("x")])


def test_a_pickled_model_names_no_private_module() -> None:
    label = models.Label(name="Cat", confidence=99.0)
    pickled = pickle.dumps(label)
    assert (pickle.loads(pickled), b"rekog._" in pickled) == (label, False)


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_a_pickled_client_names_its_class_in_the_package(kind: type[RekognitionClient]) -> None:
    client = kind("eu-west-1", credentials=rekog.Credentials("AKID", "secret"))
    assert type(pickle.loads(pickle.dumps(client))) is kind


@pytest.mark.parametrize("name", ["Model", "Response", "RekognitionClient", "AsyncRekognitionClient", "ServiceError"])
def test_the_annotations_of_a_class_in_the_package_resolve(name: str) -> None:
    from typing import get_type_hints

    assert isinstance(get_type_hints(getattr(rekog, name)), dict)


def test_the_warnings_of_the_package_are_user_warnings() -> None:
    assert issubclass(errors.RekogWarning, UserWarning)
    assert not issubclass(errors.RekogWarning, errors.RekogError)


def test_an_error_keeps_its_own_headers_and_body() -> None:
    headers, body = {"x-a": "1"}, dict[str, object](code=1)
    error = errors.ServiceError("text", headers=headers, body=body)
    headers.clear()
    body.clear()
    assert (error.headers, error.body) == ({"x-a": "1"}, {"code": 1})
