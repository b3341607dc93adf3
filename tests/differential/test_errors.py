"""Errors: the code, text, id and status that botocore's parser finds, in a class of the service's name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import rekog.errors
from rekog import RekognitionClient, ServiceError
from rekog._generated.operations import OPERATIONS as OURS
from tests.differential.fullest import least_request
from tests.differential.oracle import Recorder, call_typed, their_answer
from tests.differential.strategies import MODEL, OPERATIONS

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end:DeprecationWarning")

MODELLED = sorted({error.name for name in OPERATIONS for error in MODEL.operation_model(name).error_shapes})
CASES = [(name, error.name) for name in OPERATIONS for error in MODEL.operation_model(name).error_shapes]
SERVER_FAULTS = {error.name for error in MODEL.error_shapes if error.metadata.get("fault")}
TEXT = "a text from the service"
NAMESPACE = "com.amazonaws.rekognition#"
URL = ":http://internal.amazon.com/coral/"

FORMS: dict[str, Callable[[str], tuple[dict[str, str], dict[str, object]]]] = {
    "lower_case_text": lambda code: ({}, {"__type": code, "message": TEXT}),
    "upper_case_text": lambda code: ({}, {"__type": code, "Message": TEXT}),
    "as_the_service_writes": lambda code: ({}, {"__type": code, "Code": code, "Logref": "1", "Message": TEXT}),
    "namespace": lambda code: ({}, {"__type": NAMESPACE + code, "Message": TEXT}),
    "url": lambda code: ({}, {"__type": code + URL, "Message": TEXT}),
    "namespace_and_url": lambda code: ({}, {"__type": f"{NAMESPACE}{code}{URL}", "Message": TEXT}),
    "no_text": lambda code: ({}, {"__type": code}),
    "null_text": lambda code: ({}, {"__type": code, "message": None}),
}

# Where botocore, which then knows the status only, does not look for the name and we do.
ELSEWHERE: dict[str, Callable[[str], tuple[dict[str, str], dict[str, object]]]] = {
    "code": lambda code: ({}, {"code": code, "message": TEXT}),
    "upper_case_code": lambda code: ({}, {"Code": code, "Message": TEXT}),
    "header": lambda code: ({"x-amzn-errortype": code}, {"message": TEXT}),
    "header_with_url": lambda code: ({"x-amzn-errortype": code + URL}, {"message": TEXT}),
}


def refused(
    client: RekognitionClient, recorder: Recorder, operation: str, status: int, body: bytes, headers: dict[str, str]
) -> ServiceError:
    """Return the error of a call that is answered like this."""
    recorder.answer(body, status, headers)
    with pytest.raises(ServiceError) as caught:
        call_typed(client, operation, least_request(operation))
    return caught.value


def facts(error: ServiceError) -> dict[str, Any]:
    """Return what botocore would know of an error."""
    return {
        "Code": error.code, "Message": error.message, "RequestId": error.request_id, "HTTPStatusCode": error.status
    }  # fmt: skip


def their_facts(operation: str, status: int, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """Return what botocore knows of an answer that is an error."""
    parsed = their_answer(operation, body, status, headers)
    found, metadata = parsed["Error"], parsed["ResponseMetadata"]
    return {
        "Code": found["Code"],
        "Message": found["Message"] or "",
        "RequestId": metadata["RequestId"],
        "HTTPStatusCode": metadata["HTTPStatusCode"],
    }


def test_modelled_errors_of_every_operation_are_raised_as_their_classes(
    client: RekognitionClient, recorder: Recorder
) -> None:
    for operation, code in CASES:
        status = 500 if code in SERVER_FAULTS else 400
        headers = {"x-amzn-requestid": f"id-{operation}"}
        body = json.dumps({"__type": code, "Message": TEXT}).encode()

        error = refused(client, recorder, operation, status, body, headers)

        assert type(error) is getattr(rekog.errors, code)
        assert error.operation == operation
        assert facts(error) == their_facts(operation, status, body, headers)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_error_reads_as_in_botocore(form: str, client: RekognitionClient, recorder: Recorder) -> None:
    for code in (*MODELLED, "ValidationException"):
        added, content = FORMS[form](code)
        headers = {"x-amzn-requestid": "8f6e0d1c", **added}
        body = json.dumps(content).encode()

        error = refused(client, recorder, "ListFaces", 400, body, headers)

        assert facts(error) == their_facts("ListFaces", 400, body, headers)
        assert type(error) is getattr(rekog.errors, code, rekog.errors.UnknownServiceError)


@pytest.mark.parametrize("place", ELSEWHERE)
def test_error_name_is_found_where_botocore_does_not_look(
    place: str, client: RekognitionClient, recorder: Recorder
) -> None:
    headers, content = ELSEWHERE[place]("ResourceNotFoundException")
    body = json.dumps(content).encode()

    error = refused(client, recorder, "ListFaces", 400, body, headers)

    assert (type(error), error.message) == (rekog.errors.ResourceNotFoundException, TEXT)
    assert their_answer("ListFaces", body, 400, headers)["Error"]["Code"] == "400"


@pytest.mark.parametrize("status", [400, 403, 413, 500, 503])
def test_unknown_error_name_is_an_unknown_service_error(
    status: int, client: RekognitionClient, recorder: Recorder
) -> None:
    headers = {"x-amzn-requestid": "8f6e0d1c"}
    body = b'{"__type": "SomethingNewException", "message": "new"}'

    error = refused(client, recorder, "DetectFaces", status, body, headers)

    assert type(error) is rekog.errors.UnknownServiceError
    assert facts(error) == their_facts("DetectFaces", status, body, headers)


def test_there_is_a_class_for_each_modelled_error_and_no_other() -> None:
    own = {"ServiceError", "UnknownServiceError", "NoFacesInImageError", "FaceIdNotFoundError"}
    found = {name: value for name, value in vars(rekog.errors).items() if isinstance(value, type)}
    classes = {name for name, value in found.items() if issubclass(value, ServiceError)}

    assert sorted(classes - own) == MODELLED == sorted(error.name for error in MODEL.error_shapes)


def test_an_operation_lists_its_modelled_errors() -> None:
    errors = {name: {e.name for e in MODEL.operation_model(name).error_shapes} for name in OPERATIONS}
    everywhere = {code for code in MODELLED if all(code in codes for codes in errors.values())}

    assert {name: {*found.errors, *everywhere} for name, found in OURS.items()} == errors


def test_members_of_an_error_are_kept(client: RekognitionClient, recorder: Recorder) -> None:
    members = {"ResourceType": "workflow", "QuotaCode": "L-1", "ServiceCode": "sagemaker"}
    body = json.dumps({"__type": "HumanLoopQuotaExceededException", "Message": TEXT, **members}).encode()
    client_error = their_answer("DetectModerationLabels", body, 402)

    error = refused(client, recorder, "DetectModerationLabels", 402, body, {})

    assert isinstance(error, rekog.errors.HumanLoopQuotaExceededException)
    assert (error.resource_type, error.quota_code, error.service_code) == tuple(members.values())
    assert client_error["Error"]["Code"] == error.code
