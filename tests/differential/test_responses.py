"""Responses: our models have the data that botocore's parser reads, for every operation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from rekog import RekognitionClient, from_wire, models, to_wire
from rekog._core.names import snake
from tests.differential.examples import full_request, full_response, minimal_request, minimal_response
from tests.differential.oracle import (
    Recorder,
    as_body,
    as_wire,
    botocore_response,
    call_typed,
    law,
    without_empty_lists,
)
from tests.differential.strategies import MODEL, OPERATIONS, Wire, response_of, shape_of

if TYPE_CHECKING:
    from rekog._values.model import Response

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end:DeprecationWarning")

NO_OUTPUT = [name for name in OPERATIONS if not MODEL.operation_model(name).output_shape.members]
NEW = "NAMED_AFTER_THIS_RELEASE"


def lists_of(operation: str) -> list[str]:
    """Return the names of the lists in an operation's response."""
    members = MODEL.operation_model(operation).output_shape.members
    return [name for name, member in members.items() if member.type_name == "list"]


def call(client: RekognitionClient, recorder: Recorder, operation: str, body: bytes) -> Response:
    """Return the result of an operation's method for a response with this body."""
    recorder.set_response(body)
    return call_typed(client, operation, minimal_request(operation))


def botocore_data(operation: str, body: bytes) -> Wire:
    """Return botocore's data of a response, without empty lists."""
    data = botocore_response(operation, body)
    del data["ResponseMetadata"]
    filled: Wire = without_empty_lists(data)
    return filled


def our_data(operation: str, response: Response) -> Wire:
    """Return our data of a response in the same form, our_data from the fields."""
    filled: Wire = without_empty_lists(as_wire(f"{operation}Response", response))
    return filled


@pytest.mark.parametrize("operation", OPERATIONS)
def test_random_valid_responses_are_read_as_by_botocore(
    operation: str, client: RekognitionClient, recorder: Recorder
) -> None:
    @law(5)
    @given(response_of(operation))
    def check(wire: Wire) -> None:
        body = as_body(wire)
        response = call(client, recorder, operation, body)
        assert our_data(operation, response) == botocore_data(operation, body), operation
        assert from_wire(type(response), to_wire(response)) == response

    check()


def test_every_member_is_read_under_its_own_name(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        body = as_body(full_response(operation))

        assert our_data(operation, call(client, recorder, operation, body)) == botocore_data(operation, body), operation


def test_a_response_converts_back_to_the_same_wire_dict(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = full_response(operation)

        assert to_wire(call(client, recorder, operation, as_body(wire))) == wire, operation


def test_call_returns_the_wire_dict_with_blobs_as_bytes(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = full_response(operation)
        recorder.set_response(as_body(wire))

        assert client.call(operation, minimal_request(operation)) == wire, operation


def test_a_request_converts_to_a_model_and_back() -> None:
    for operation in OPERATIONS:
        wire = full_request(operation)

        assert to_wire(from_wire(getattr(models, f"{operation}Request"), wire)) == wire, operation


def test_unknown_members_are_ignored(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = full_response(operation)
        grown = with_unknown(f"{operation}Response", wire, unknown=True)

        response = call(client, recorder, operation, as_body(grown))

        assert response == call(client, recorder, operation, as_body(wire)), operation


def test_null_is_read_as_absent(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        minimal = minimal_response(operation)
        nulls = {**dict.fromkeys(shape_of(f"{operation}Response").members), **minimal}

        response = call(client, recorder, operation, as_body(nulls))

        assert response == call(client, recorder, operation, as_body(minimal)), operation
        assert our_data(operation, response) == botocore_data(operation, as_body(nulls)), operation


def test_absent_lists_are_read_as_empty_lists(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in [name for name in OPERATIONS if lists_of(name)]:
        wire = {name: value for name, value in minimal_response(operation).items() if name not in lists_of(operation)}

        response = call(client, recorder, operation, as_body(wire))

        assert {name: getattr(response, snake(name)) for name in lists_of(operation)} == {
            name: [] for name in lists_of(operation)
        }, operation


def test_unknown_enum_values_are_kept(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = with_unknown(f"{operation}Response", full_response(operation), enums=True)

        response = call(client, recorder, operation, as_body(wire))

        assert our_data(operation, response) == botocore_data(operation, as_body(wire)), operation
        assert to_wire(response) == wire, operation


def test_known_enum_values_are_members_of_their_enum(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        response = call(client, recorder, operation, as_body(full_response(operation)))

        for name, value in enum_values(f"{operation}Response", response):
            assert type(value) is getattr(models, name)


@pytest.mark.parametrize("body", [b"", b"{}", b" "], ids=["empty", "object", "blank"])
def test_a_response_without_members_may_have_no_body(
    body: bytes, client: RekognitionClient, recorder: Recorder
) -> None:
    for operation in NO_OUTPUT:
        response = call(client, recorder, operation, body)

        assert our_data(operation, response) == botocore_data(operation, body.strip()) == {}, operation


@pytest.mark.parametrize("form", ["1.7E9", "1700000000", "1700000000.25", '"2023-11-14T22:13:20Z"', '"1700000000"'])
def test_timestamps_of_every_form_are_read_as_by_botocore(
    form: str, client: RekognitionClient, recorder: Recorder
) -> None:
    wire = minimal_response("DescribeCollection")
    body = f'{json.dumps(wire)[:-1]}, "CreationTimestamp": {form}}}'.encode()

    response = call(client, recorder, "DescribeCollection", body)

    assert our_data("DescribeCollection", response) == botocore_data("DescribeCollection", body)


def test_the_metadata_of_a_response_is_that_of_botocore(client: RekognitionClient, recorder: Recorder) -> None:
    headers = {"x-amzn-requestid": "8f6e0d1c", "content-type": "application/x-amz-json-1.1"}
    body = as_body(minimal_response("ListFaces"))
    recorder.set_response(body, headers=headers)

    ours = call_typed(client, "ListFaces", minimal_request("ListFaces")).response_metadata
    theirs = botocore_response("ListFaces", body, headers=headers)["ResponseMetadata"]

    assert (ours.request_id, ours.status_code) == (theirs["RequestId"], theirs["HTTPStatusCode"])
    assert {name: ours.headers[name] for name in headers} == theirs["HTTPHeaders"]


def with_unknown(name: str, value: Any, *, unknown: bool = False, enums: bool = False) -> Any:
    """Return a wire value with an unknown member in every structure, or with unknown values for all enum members."""
    shape = shape_of(name)
    if shape.type_name == "structure":
        members = {
            wire: with_unknown(shape.members[wire].name, item, unknown=unknown, enums=enums)
            for wire, item in value.items()
        }
        return {**members, NEW: {"Deep": [1, None]}} if unknown else members
    if shape.type_name == "list":
        return [with_unknown(shape.member.name, item, unknown=unknown, enums=enums) for item in value]
    return NEW if enums and getattr(shape, "enum", None) else value


def enum_values(name: str, value: Any) -> list[tuple[str, object]]:
    """Return the enum values in a model, each with the name of its enum."""
    shape = shape_of(name)
    if value is None:
        return []
    if shape.type_name == "structure":
        fields = [(member.name, getattr(value, snake(wire))) for wire, member in shape.members.items()]
        return [pair for member, item in fields for pair in enum_values(member, item)]
    if shape.type_name == "list":
        return [pair for item in value for pair in enum_values(shape.member.name, item)]
    return [(name, value)] if getattr(shape, "enum", None) else []
