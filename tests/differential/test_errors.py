"""Errors: code, message, request id and status as botocore's parser reads them, in the class of the code."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import rekog.errors
from rekog import RekognitionClient, ServiceError
from rekog._generated.operations import OPERATIONS as OURS
from tests.differential.examples import minimal_request
from tests.differential.oracle import Recorder, botocore_response, call_typed
from tests.differential.strategies import MODEL, OPERATIONS

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end:DeprecationWarning")

MODELLED = sorted({error.name for name in OPERATIONS for error in MODEL.operation_model(name).error_shapes})
CASES = [(name, error.name) for name in OPERATIONS for error in MODEL.operation_model(name).error_shapes]
SERVER_FAULTS = {error.name for error in MODEL.error_shapes if error.metadata.get("fault")}
MESSAGE = "a text from the service"
NAMESPACE = "com.amazonaws.rekognition#"
URL = ":http://internal.amazon.com/coral/"

FORMS: dict[str, Callable[[str], tuple[dict[str, str], dict[str, object]]]] = {
    "lowercase_message": lambda code: ({}, {"__type": code, "message": MESSAGE}),
    "capitalised_message": lambda code: ({}, {"__type": code, "Message": MESSAGE}),
    "as_the_service_sends_it": lambda code: ({}, {"__type": code, "Code": code, "Logref": "1", "Message": MESSAGE}),
    "namespace": lambda code: ({}, {"__type": NAMESPACE + code, "Message": MESSAGE}),
    "url": lambda code: ({}, {"__type": code + URL, "Message": MESSAGE}),
    "namespace_and_url": lambda code: ({}, {"__type": f"{NAMESPACE}{code}{URL}", "Message": MESSAGE}),
    "no_message": lambda code: ({}, {"__type": code}),
    "null_message": lambda code: ({}, {"__type": code, "message": None}),
}

# Locations of the code that we read and botocore does not; botocore then has the status only.
OTHER_LOCATIONS: dict[str, Callable[[str], tuple[dict[str, str], dict[str, object]]]] = {
    "code": lambda code: ({}, {"code": code, "message": MESSAGE}),
    "capitalised_code": lambda code: ({}, {"Code": code, "Message": MESSAGE}),
    "header": lambda code: ({"x-amzn-errortype": code}, {"message": MESSAGE}),
    "header_with_url": lambda code: ({"x-amzn-errortype": code + URL}, {"message": MESSAGE}),
}


def raised_error(
    client: RekognitionClient, recorder: Recorder, operation: str, status: int, body: bytes, headers: dict[str, str]
) -> ServiceError:
    """Return the error of a call for this response."""
    recorder.set_response(body, status, headers)
    with pytest.raises(ServiceError) as caught:
        call_typed(client, operation, minimal_request(operation))
    return caught.value


def fields(error: ServiceError) -> dict[str, Any]:
    """Return the fields of our error under botocore's names."""
    return {
        "Code": error.code, "Message": error.message, "RequestId": error.request_id, "HTTPStatusCode": error.status_code
    }  # fmt: skip


def botocore_fields(operation: str, status: int, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """Return the fields of an error response as botocore reads them."""
    parsed = botocore_response(operation, body, status, headers)
    error, metadata = parsed["Error"], parsed["ResponseMetadata"]
    return {
        "Code": error["Code"],
        "Message": error["Message"] or "",
        "RequestId": metadata["RequestId"],
        "HTTPStatusCode": metadata["HTTPStatusCode"],
    }


def test_each_modelled_error_of_each_operation_has_its_class(client: RekognitionClient, recorder: Recorder) -> None:
    for operation, code in CASES:
        status = 500 if code in SERVER_FAULTS else 400
        headers = {"x-amzn-requestid": f"id-{operation}"}
        body = json.dumps({"__type": code, "Message": MESSAGE}).encode()

        error = raised_error(client, recorder, operation, status, body, headers)

        assert type(error) is getattr(rekog.errors, code)
        assert error.operation == operation
        assert fields(error) == botocore_fields(operation, status, body, headers)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_error_is_read_as_by_botocore(
    form: str, client: RekognitionClient, recorder: Recorder
) -> None:
    for code in (*MODELLED, "ValidationException"):
        added, content = FORMS[form](code)
        headers = {"x-amzn-requestid": "8f6e0d1c", **added}
        body = json.dumps(content).encode()

        error = raised_error(client, recorder, "ListFaces", 400, body, headers)

        assert fields(error) == botocore_fields("ListFaces", 400, body, headers)
        assert type(error) is getattr(rekog.errors, code, rekog.errors.UnmodeledServiceError)


@pytest.mark.parametrize("location", OTHER_LOCATIONS)
def test_the_code_is_read_from_locations_that_botocore_ignores(
    location: str, client: RekognitionClient, recorder: Recorder
) -> None:
    headers, content = OTHER_LOCATIONS[location]("ResourceNotFoundException")
    body = json.dumps(content).encode()

    error = raised_error(client, recorder, "ListFaces", 400, body, headers)

    assert (type(error), error.message) == (rekog.errors.ResourceNotFoundException, MESSAGE)
    assert botocore_response("ListFaces", body, 400, headers)["Error"]["Code"] == "400"


@pytest.mark.parametrize("status", [400, 403, 413, 500, 503])
def test_an_unknown_code_is_an_unknown_service_error(
    status: int, client: RekognitionClient, recorder: Recorder
) -> None:
    headers = {"x-amzn-requestid": "8f6e0d1c"}
    body = b'{"__type": "SomethingNewException", "message": "new"}'

    error = raised_error(client, recorder, "DetectFaces", status, body, headers)

    assert type(error) is rekog.errors.UnmodeledServiceError
    assert fields(error) == botocore_fields("DetectFaces", status, body, headers)


def test_the_service_error_classes_are_the_modelled_errors() -> None:
    own = {"ServiceError", "UnmodeledServiceError", "NotServedByEmulatorError"}
    own |= {"NoFacesInImageError", "FaceIdNotFoundError", "ValidationException"}
    public = {name: value for name, value in vars(rekog.errors).items() if isinstance(value, type)}
    classes = {name for name, value in public.items() if issubclass(value, ServiceError)}

    assert sorted(classes - own) == MODELLED == sorted(error.name for error in MODEL.error_shapes)


def test_an_operation_lists_its_modelled_errors() -> None:
    errors = {name: {e.name for e in MODEL.operation_model(name).error_shapes} for name in OPERATIONS}
    everywhere = {code for code in MODELLED if all(code in codes for codes in errors.values())}

    assert {name: {*operation.errors, *everywhere} for name, operation in OURS.items()} == errors


def test_members_of_an_error_are_kept(client: RekognitionClient, recorder: Recorder) -> None:
    members = {"ResourceType": "workflow", "QuotaCode": "L-1", "ServiceCode": "sagemaker"}
    body = json.dumps({"__type": "HumanLoopQuotaExceededException", "Message": MESSAGE, **members}).encode()
    theirs = botocore_response("DetectModerationLabels", body, 402)

    error = raised_error(client, recorder, "DetectModerationLabels", 402, body, {})

    assert isinstance(error, rekog.errors.HumanLoopQuotaExceededException)
    assert (error.resource_type, error.quota_code, error.service_code) == tuple(members.values())
    assert theirs["Error"]["Code"] == error.code
