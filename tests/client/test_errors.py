"""Errors: the class for each response, the message and fields, the class tree, and pickling."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from traceback import format_exception_only
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import RetryPolicy, errors
from rekog._core.service_errors import from_answer
from rekog._generated.errors import MODELLED
from rekog.errors import (
    CallError,
    FaceIdNotFoundError,
    HumanLoopQuotaExceededException,
    InvalidParameterException,
    NoFacesInImageError,
    ParamValidationError,
    RekogError,
    ResourceNotFoundException,
    ServiceError,
    ThrottlingException,
    TransportError,
    UnmodeledServiceError,
    ValidationException,
)
from rekog.models import DetectLabelsResponse
from tests.kit.backends import PNG, Backend, Reply, Scripted, error_reply, json_reply

NAMES: list[str] = vars(errors)["__all__"]  # pyright cannot read an `__all__` that is extended
OTHERS = {"RekogWarning", "THROTTLING"}
CLASSES: list[type[RekogError]] = [getattr(errors, name) for name in NAMES if name not in OTHERS]


def error_for(backend: Backend, reply: Reply) -> ServiceError:
    """Return the error of a call that gets this reply."""
    client = backend.client(Scripted(reply), retry=RetryPolicy(mode="off"))
    with pytest.raises(ServiceError) as caught:
        backend.run(lambda: client.detect_labels(PNG))
    return caught.value


# --- From a response ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(MODELLED))
def test_a_modelled_error_has_its_class(code: str) -> None:
    assert type(from_answer(400, {}, {"__type": code, "Message": "m"}, "DetectLabels")) is MODELLED[code]


def test_an_unknown_code_is_an_unmodeled_service_error(backend: Backend) -> None:
    error = error_for(backend, error_reply("SomethingNewException", "too many"))
    assert (type(error), error.code, error.message) == (UnmodeledServiceError, "SomethingNewException", "too many")


RULE = (
    "1 validation error detected: Value '' at 'image.bytes' failed to satisfy constraint: Member must have length"
    " greater than or equal to 1"
)


def test_a_broken_constraint_has_its_class_and_is_not_retried(backend: Backend) -> None:
    transport = Scripted(json_reply({"__type": "ValidationException", "message": RULE}, status=400))
    client = backend.client(transport)
    with pytest.raises(ValidationException) as caught:
        backend.run(lambda: client.detect_labels(PNG))
    error = caught.value
    assert (error.code, error.message, error.is_client_fault) == ("ValidationException", RULE, True)
    assert (type(error), error.retryable, len(transport.sent)) == (errors.ValidationException, False, 1)


def test_the_text_of_an_error_has_code_message_operation_status_and_request(backend: Backend) -> None:
    error = error_for(backend, error_reply("ResourceNotFoundException", "The collection id: people does not exist"))
    assert str(error) == (
        "The collection id: people does not exist"
        " (ResourceNotFoundException, DetectLabels, HTTP 400, request request-1)"
    )


def test_a_traceback_has_the_code_once_in_front_of_the_message() -> None:
    last_line = "".join(format_exception_only(ThrottlingException("Rate exceeded", operation="DetectFaces")))
    assert last_line == "rekog.errors.ThrottlingException: Rate exceeded (ThrottlingException, DetectFaces)\n"


def test_the_text_of_an_error_of_a_finer_class_has_its_code() -> None:
    error = NoFacesInImageError("no face", code="InvalidParameterException")
    assert str(error) == "no face (InvalidParameterException)"


def test_the_text_of_an_error_without_a_message_is_its_code() -> None:
    assert str(ResourceNotFoundException()) == "ResourceNotFoundException"


def test_an_error_has_fields(backend: Backend) -> None:
    error = error_for(backend, error_reply("AccessDeniedException", "no", status=403, headers={"X-More": "yes"}))
    fields = (error.status_code, error.request_id, error.operation, error.attempts, error.headers["x-more"])
    assert fields == (403, "request-1", "DetectLabels", 1, "yes")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"__type": "com.amazon.coral#InvalidParameterException"}, {}),
        ({"__type": "InvalidParameterException:http://internal/"}, {}),
        ({"__type": "com.amazon.coral#InvalidParameterException:http://internal/#validate"}, {}),
        ({"code": "InvalidParameterException"}, {}),
        ({"Code": "InvalidParameterException"}, {}),
        ({}, {"x-amzn-errortype": "InvalidParameterException:"}),
    ],
)
def test_the_code_is_read_from_every_known_location(body: dict[str, object], headers: dict[str, str]) -> None:
    assert type(from_answer(400, headers, body, "DetectLabels")) is InvalidParameterException


@pytest.mark.parametrize("key", ["message", "Message"])
def test_the_message_is_read_in_either_spelling(key: str) -> None:
    assert from_answer(400, {}, {"__type": "X", key: "text"}, "DetectLabels").message == "text"


@pytest.mark.parametrize("content", [b"<html><h1>502 Bad Gateway</h1></html>", b"[]", b"", b"\xff"])
def test_a_response_of_a_gateway_is_an_error_with_its_status(backend: Backend, content: bytes) -> None:
    error = error_for(backend, Reply(502, content, {"content-type": "text/html"}))
    assert (error.code, error.status_code, error.retryable) == ("HTTP502", 502, True)


def test_an_error_shows_the_beginning_of_a_body_that_is_not_json(backend: Backend) -> None:
    page = b"<html>\n  <h1>Blocked by the proxy of Example \xff</h1>" + b"." * 1000
    error = error_for(backend, Reply(403, page, {"content-type": "text/html"}))
    assert error.message.startswith("<html> <h1>Blocked by the proxy of Example \ufffd</h1>...")
    assert len(error.message) < 310
    assert error.body == {}


def test_a_redirect_is_an_error(backend: Backend) -> None:
    assert error_for(backend, Reply(301, b"", {"location": "https://elsewhere.test/"})).code == "HTTP301"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_error_of_a_redirect_names_its_target_without_the_query(backend: Backend, status: int) -> None:
    reply = Reply(status, b"<a>Moved</a>", {"Location": "https://proxy.test/login?token=abc"})
    text = "the endpoint redirects to https://proxy.test/login: endpoint_url must be the service's own URL"
    assert error_for(backend, reply).message == f"{text}; <a>Moved</a>"


def test_the_error_of_a_redirect_without_content_has_no_more_text(backend: Backend) -> None:
    message = error_for(backend, Reply(301, b"", {"location": "https://elsewhere.test/"})).message
    assert message.endswith("https://elsewhere.test/: endpoint_url must be the service's own URL")


def test_the_location_of_another_status_is_no_redirect(backend: Backend) -> None:
    assert error_for(backend, Reply(403, b"no", {"location": "https://elsewhere.test/"})).message == "no"


SUBCLASSES = {
    "There are no faces in the image. Should be at least 1.": NoFacesInImageError,
    "faceId was not found in the collection.": FaceIdNotFoundError,
    "Request has invalid parameters": InvalidParameterException,
}


@pytest.mark.parametrize(("message", "kind"), SUBCLASSES.items(), ids=[kind.__name__ for kind in SUBCLASSES.values()])
def test_a_known_message_selects_a_subclass(backend: Backend, message: str, kind: type[ServiceError]) -> None:
    assert type(error_for(backend, error_reply("InvalidParameterException", message))) is kind


@pytest.mark.parametrize("message", SUBCLASSES)
def test_a_known_message_inside_of_another_one_selects_no_subclass(message: str) -> None:
    body = {"__type": "InvalidParameterException", "Message": f"Not so: {message}"}
    assert type(from_answer(400, {}, body, "SearchFaces")) is InvalidParameterException


def test_a_known_message_of_another_code_selects_no_subclass(backend: Backend) -> None:
    error = error_for(backend, error_reply("ResourceNotFoundException", "There are no faces in the image."))
    assert type(error) is ResourceNotFoundException


def test_an_error_of_a_subclass_keeps_the_services_code(backend: Backend) -> None:
    error = error_for(backend, error_reply("InvalidParameterException", "There are no faces in the image."))
    assert error.code == "InvalidParameterException"


def test_the_details_of_a_quota_are_fields() -> None:
    body = {"__type": "HumanLoopQuotaExceededException", "ResourceType": "loop", "QuotaCode": "L-1"}
    error = from_answer(402, {}, body, "DetectModerationLabels")
    assert isinstance(error, HumanLoopQuotaExceededException)
    assert (error.resource_type, error.quota_code, error.service_code) == ("loop", "L-1", None)


# --- The tree ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_is_a_rekog_error(kind: type[RekogError]) -> None:
    assert issubclass(kind, RekogError)


def test_service_and_transport_errors_are_the_subclasses_of_call_error() -> None:
    assert {kind for kind in CLASSES if kind.__base__ is CallError} == {ServiceError, TransportError}


def test_a_validation_error_is_a_value_error() -> None:
    assert issubclass(ParamValidationError, ValueError)


def test_every_error_is_in_the_tree_of_the_docstring() -> None:
    tree = str(errors.__doc__)
    modelled = set(MODELLED) - {"InvalidParameterException", "ResourceNotFoundException"}
    assert [name for name in NAMES if name not in tree and name not in modelled] == []


# --- Pickling ----------------------------------------------------------------------------------------------------

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": st.text(max_size=9),
    "str | None": st.none() | st.text(max_size=9),
    "int": st.integers(0, 999),
    "decimal.Decimal | None": st.none() | st.decimals(0, 99, places=2),
    "bool | None": st.none() | st.booleans(),
    "object": st.builds(DetectLabelsResponse, label_model_version=st.text()),
    "Sequence[str]": st.lists(st.text(max_size=9), max_size=3),
    "Mapping[str, str] | None": st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3),
    "Mapping[str, object] | None": st.dictionaries(st.text(max_size=9), st.integers(), max_size=3),
}


@st.composite
def errors_of_any_class(draw: st.DrawFn) -> RekogError:
    kind: Callable[..., RekogError] = draw(st.sampled_from(CLASSES))
    parameters = list(inspect.signature(kind).parameters.values())
    values: dict[str, Any] = {parameter.name: draw(VALUES[str(parameter.annotation)]) for parameter in parameters}
    return kind(**values)


@given(error=errors_of_any_class())
@settings(derandomize=True, max_examples=300, deadline=None)
def test_a_pickled_error_keeps_all_fields(error: RekogError) -> None:
    loaded = pickle.loads(pickle.dumps(error))
    assert type(loaded) is type(error)
    assert (loaded.args, str(loaded), vars(loaded)) == (error.args, str(error), vars(error))


@pytest.mark.parametrize("kind", CLASSES)
def test_a_pickled_error_with_only_a_message_keeps_it(kind: type[RekogError]) -> None:
    loaded = pickle.loads(pickle.dumps(kind("text")))
    assert (type(loaded), loaded.message) == (kind, "text")


def test_an_error_can_be_copied() -> None:
    error = ResourceNotFoundException("text", status_code=400, request_id="r")
    assert vars(copy.copy(error)) == vars(error)


def test_an_error_without_arguments_has_an_empty_message() -> None:
    error = RekogError()
    error.args = ()
    assert error.message == ""
