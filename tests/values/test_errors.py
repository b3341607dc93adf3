"""Errors as values: each argument is the attribute of its name, and the complete text of each kind."""

from __future__ import annotations

from inspect import Parameter, signature
from typing import Any

from rekog import ResponseMetadata, errors
from rekog.errors import (
    BudgetExceededError,
    CallError,
    DecodeError,
    JobFailedError,
    NotServedByEmulatorError,
    ParamValidationError,
    RekogError,
    ServiceError,
    ThrottlingException,
    TransportError,
    UnmodeledServiceError,
    WaiterError,
)

KINDS: list[type[RekogError]] = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, RekogError)
]
VALUES: dict[str, Any] = {
    "problems": ("a", "b"),
    "headers": {"a": "b"},
    "body": {"c": "d"},
    "retryable": True,
    "throttling": True,
    "attempts": 3,
    "status_code": 418,
    "last_response": object(),
}
"""Values of arguments; the others are texts."""
DEFAULTS: dict[str, Any] = {
    "problems": (),
    "headers": {},
    "body": {},
    "attempts": 1,
    "status_code": 0,
    "request_id": None,
    "last_response": None,
    "status_message": None,
    "limit": None,
    "left": None,
    "price": None,
}
"""Attributes of an error that was created without arguments; the others are empty texts."""


def arguments_of(kind: type[RekogError]) -> list[str]:
    parameters = signature(kind).parameters.values()
    return [each.name for each in parameters if each.kind is Parameter.KEYWORD_ONLY]


def test_each_argument_of_an_error_is_an_attribute() -> None:
    for kind in KINDS:
        given = {name: VALUES.get(name, f"the {name}") for name in arguments_of(kind)}
        error = kind("text", **given)
        assert {name: getattr(error, name) for name in given} == given, kind
        assert (error.message, error.args) == ("text", ("text",))


def test_an_error_without_arguments_has_the_documented_defaults() -> None:
    for kind in KINDS:
        error = kind()
        names = set(arguments_of(kind)) - {"code", "retryable", "throttling"}
        assert {name: getattr(error, name) for name in names} == {name: DEFAULTS.get(name, "") for name in names}, kind
        assert (error.message, error.args) == ("", ("",))


def test_a_service_error_has_the_class_of_its_code() -> None:
    expected = {
        ServiceError: ("ServiceError", False, False),
        UnmodeledServiceError: ("UnmodeledServiceError", False, False),
        NotServedByEmulatorError: ("NotServedByEmulator", False, False),
        ThrottlingException: ("ThrottlingException", True, True),
        errors.NoFacesInImageError: ("InvalidParameterException", False, False),
        errors.InternalServerError: ("InternalServerError", True, False),
    }
    assert {kind: (kind().code, kind().retryable, kind().throttling) for kind in expected} == expected
    other = ThrottlingException(code="Slow", retryable=False, throttling=False)
    assert (other.code, other.retryable, other.throttling) == ("Slow", False, False)


def test_the_text_of_an_error_has_its_context() -> None:
    texts = {
        RekogError("a"): "a",
        RekogError(): "",
        ParamValidationError("a", operation="DetectFaces", problems=["b"]): "a",
        DecodeError("a", operation="DetectFaces", path="b", request_id="c"): "a",
        BudgetExceededError("a", operation="DetectFaces"): "a",
        WaiterError("a", waiter="b", operation="c", reason="d", status_message="e"): "a",
        JobFailedError("a", job_id="b"): "a",
        CallError("a"): "a",
        CallError("a", operation="DetectFaces"): "a (DetectFaces)",
        CallError("a", attempts=2): "a (2 attempts)",
        CallError("a", attempts=0): "a (0 attempts)",
        TransportError("a", operation="DetectFaces", attempts=3): "a (DetectFaces, 3 attempts)",
        ServiceError(): "ServiceError",
        ServiceError("a"): "a (ServiceError)",
        ServiceError(code="b", status_code=400): "b (HTTP 400)",
        ThrottlingException(
            "a", status_code=400, request_id="r-1", operation="DetectFaces", attempts=2
        ): "a (ThrottlingException, DetectFaces, 2 attempts, HTTP 400, request r-1)",
    }
    assert {error: str(error) for error in texts} == texts


def test_a_client_fault_is_a_status_of_400_to_499_without_a_retry() -> None:
    statuses = {0: True, 399: False, 400: True, 499: True, 500: False}
    assert {status: ServiceError(status_code=status).is_client_fault for status in statuses} == statuses
    assert not ServiceError(status_code=400, retryable=True).is_client_fault
    assert not ThrottlingException(status_code=400).is_client_fault


def test_the_metadata_of_an_error_are_its_own() -> None:
    error = ServiceError("a", status_code=418, request_id="r-1", attempts=3, headers={"b": "c"})
    assert error.response_metadata == ResponseMetadata(
        request_id="r-1", status_code=418, headers={"b": "c"}, attempts=3
    )
    assert ServiceError().response_metadata == ResponseMetadata(request_id=None, status_code=0, headers={}, attempts=1)


def test_an_error_has_copies_of_its_mappings_and_lists() -> None:
    headers, body, problems = {"a": "b"}, {"c": "d"}, ["e"]
    error, other = ServiceError(headers=headers, body=body), ParamValidationError(problems=problems)
    for given in (headers, body, problems):
        given.clear()
    assert (error.headers, error.body, other.problems) == ({"a": "b"}, {"c": "d"}, ("e",))


def test_a_detail_of_a_body_is_a_text() -> None:
    kind = errors.HumanLoopQuotaExceededException
    error = kind(body={"ResourceType": "a", "QuotaCode": 5})
    assert (error.resource_type, error.quota_code, error.service_code) == ("a", "5", None)
