"""What comes in: our answers hold the data that botocore's parser finds, for every operation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from rekog import RekognitionClient, from_wire, models, to_wire
from rekog._core.names import snake
from tests.differential.fullest import fullest_answer, fullest_request, least_answer, least_request
from tests.differential.oracle import Recorder, as_body, as_wire, call_typed, law, their_answer, without_empty_lists
from tests.differential.strategies import MODEL, OPERATIONS, Wire, answer_of, shape

if TYPE_CHECKING:
    from rekog._values.model import Response

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end:DeprecationWarning")

NO_OUTPUT = [name for name in OPERATIONS if not MODEL.operation_model(name).output_shape.members]
NEW = "NAMED_AFTER_THIS_RELEASE"


def lists_of(operation: str) -> list[str]:
    """Return the names of the lists in an operation's answer."""
    members = MODEL.operation_model(operation).output_shape.members
    return [name for name, member in members.items() if member.type_name == "list"]


def answered(client: RekognitionClient, recorder: Recorder, operation: str, body: bytes) -> Response:
    """Return what the method of an operation gives when this is the body that comes back."""
    recorder.answer(body)
    return call_typed(client, operation, least_request(operation))


def parsed(operation: str, body: bytes) -> Wire:
    """Return botocore's data of an answer; lists that are there and empty are left out."""
    found = their_answer(operation, body)
    del found["ResponseMetadata"]
    filled: Wire = without_empty_lists(found)
    return filled


def read(operation: str, answer: Response) -> Wire:
    """Return our data of an answer in the same form, read from the fields."""
    filled: Wire = without_empty_lists(as_wire(f"{operation}Response", answer))
    return filled


@pytest.mark.parametrize("operation", OPERATIONS)
def test_random_valid_answers_have_the_data_that_botocore_finds(
    operation: str, client: RekognitionClient, recorder: Recorder
) -> None:
    @law(5)
    @given(answer_of(operation))
    def check(wire: Wire) -> None:
        body = as_body(wire)
        answer = answered(client, recorder, operation, body)
        assert read(operation, answer) == parsed(operation, body), operation
        assert from_wire(type(answer), to_wire(answer)) == answer

    check()


def test_every_member_is_found_under_its_own_name(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        body = as_body(fullest_answer(operation))

        assert read(operation, answered(client, recorder, operation, body)) == parsed(operation, body), operation


def test_an_answer_goes_back_to_the_wire_as_it_came(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = fullest_answer(operation)

        assert to_wire(answered(client, recorder, operation, as_body(wire))) == wire, operation


def test_call_gives_the_wire_dict_with_blobs_as_bytes(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = fullest_answer(operation)
        recorder.answer(as_body(wire))

        assert client.call(operation, least_request(operation)) == wire, operation


def test_requests_survive_a_round_trip_through_models() -> None:
    for operation in OPERATIONS:
        wire = fullest_request(operation)

        assert to_wire(from_wire(getattr(models, f"{operation}Request"), wire)) == wire, operation


def test_members_that_the_model_does_not_know_are_ignored(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = fullest_answer(operation)
        grown = changed(f"{operation}Response", wire, unknown=True)

        answer = answered(client, recorder, operation, as_body(grown))

        assert answer == answered(client, recorder, operation, as_body(wire)), operation


def test_null_reads_as_absent(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        least = least_answer(operation)
        nulls = {**dict.fromkeys(shape(f"{operation}Response").members), **least}

        answer = answered(client, recorder, operation, as_body(nulls))

        assert answer == answered(client, recorder, operation, as_body(least)), operation
        assert read(operation, answer) == parsed(operation, as_body(nulls)), operation


def test_absent_lists_are_empty_lists(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in [name for name in OPERATIONS if lists_of(name)]:
        wire = {name: value for name, value in least_answer(operation).items() if name not in lists_of(operation)}

        answer = answered(client, recorder, operation, as_body(wire))

        assert {name: getattr(answer, snake(name)) for name in lists_of(operation)} == {
            name: [] for name in lists_of(operation)
        }, operation


def test_enum_values_of_a_newer_service_survive(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = changed(f"{operation}Response", fullest_answer(operation), enums=True)

        answer = answered(client, recorder, operation, as_body(wire))

        assert read(operation, answer) == parsed(operation, as_body(wire)), operation
        assert to_wire(answer) == wire, operation


def test_known_enum_values_are_members_of_their_enum(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        answer = answered(client, recorder, operation, as_body(fullest_answer(operation)))

        for name, value in enum_values(f"{operation}Response", answer):
            assert type(value) is getattr(models, name)


@pytest.mark.parametrize("body", [b"", b"{}", b" "], ids=["nothing", "object", "blank"])
def test_an_answer_without_members_may_have_no_body(body: bytes, client: RekognitionClient, recorder: Recorder) -> None:
    for operation in NO_OUTPUT:
        answer = answered(client, recorder, operation, body)

        assert read(operation, answer) == parsed(operation, body.strip()) == {}, operation


@pytest.mark.parametrize("form", ["1.7E9", "1700000000", "1700000000.25", '"2023-11-14T22:13:20Z"', '"1700000000"'])
def test_timestamps_of_every_form_are_botocores(form: str, client: RekognitionClient, recorder: Recorder) -> None:
    wire = least_answer("DescribeCollection")
    body = f'{json.dumps(wire)[:-1]}, "CreationTimestamp": {form}}}'.encode()

    answer = answered(client, recorder, "DescribeCollection", body)

    assert read("DescribeCollection", answer) == parsed("DescribeCollection", body)


def test_metadata_of_an_answer_is_botocores(client: RekognitionClient, recorder: Recorder) -> None:
    headers = {"x-amzn-requestid": "8f6e0d1c", "content-type": "application/x-amz-json-1.1"}
    body = as_body(least_answer("ListFaces"))
    recorder.answer(body, headers=headers)

    ours = call_typed(client, "ListFaces", least_request("ListFaces")).response_metadata
    theirs = their_answer("ListFaces", body, headers=headers)["ResponseMetadata"]

    assert (ours.request_id, ours.http_status) == (theirs["RequestId"], theirs["HTTPStatusCode"])
    assert {name: ours.headers[name] for name in headers} == theirs["HTTPHeaders"]


def changed(name: str, value: Any, *, unknown: bool = False, enums: bool = False) -> Any:
    """Return a wire value with a member more in every structure, or with other values in place of all enum members."""
    found = shape(name)
    if found.type_name == "structure":
        members = {
            wire: changed(found.members[wire].name, item, unknown=unknown, enums=enums) for wire, item in value.items()
        }
        return {**members, NEW: {"Deep": [1, None]}} if unknown else members
    if found.type_name == "list":
        return [changed(found.member.name, item, unknown=unknown, enums=enums) for item in value]
    return NEW if enums and getattr(found, "enum", None) else value


def enum_values(name: str, value: Any) -> list[tuple[str, object]]:
    """Return the enum values in a model, each with the name of its enum."""
    found = shape(name)
    if value is None:
        return []
    if found.type_name == "structure":
        fields = [(member.name, getattr(value, snake(wire))) for wire, member in found.members.items()]
        return [pair for member, item in fields for pair in enum_values(member, item)]
    if found.type_name == "list":
        return [pair for item in value for pair in enum_values(found.member.name, item)]
    return [(name, value)] if getattr(found, "enum", None) else []
