"""The protocol itself, spoken by hand."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from rekog._generated.operations import OPERATIONS
from rekog._generated.shapes import SHAPES
from tests.kit.process import RESPONSE_TIMEOUT
from tests.kit.service import ControlApi, blank_png

JSON = "application/x-amz-json-1.1"
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

Send = Callable[..., httpx.Response]


@pytest.fixture
def send(control_api: ControlApi) -> Iterator[Send]:
    """Send one request by hand to an emulator that has forgotten everything."""
    control_api.reset()
    http = httpx.Client(base_url=control_api.url, trust_env=False, verify=False, timeout=RESPONSE_TIMEOUT)

    def post(operation: str, body: object, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = {"X-Amz-Target": f"RekognitionService.{operation}", "Content-Type": JSON}
        return http.post("/", content=content, headers={**head, **headers})

    with http:
        yield post


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["__type"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_target_alone_tells_operations_apart(send: Send, operation: str) -> None:
    answer = send(operation, {})
    required = SHAPES[f"{operation}Request"].required
    assert answer.status_code == 400 if required else 200
    if required:  # and the error tells of this operation's own members
        assert f"'{required[0][0].lower()}{required[0][1:]}'" in answer.json()["Message"]


def test_answers_are_json_and_have_a_request_id_each(send: Send) -> None:
    first, second = (send("ListCollections", {}) for _ in range(2))
    assert first.headers["content-type"] == JSON
    assert re.fullmatch(_UUID, first.headers["x-amzn-requestid"])
    assert first.headers["x-amzn-requestid"] != second.headers["x-amzn-requestid"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Amz-Target": "RekognitionService.DetectDogs"},
        {"X-Amz-Target": "OtherService.ListCollections"},
        {"X-Amz-Target": "ListCollections"},
        {"Content-Type": "application/json"},
    ],
)
def test_an_unknown_target_or_type_is_refused(send: Send, headers: dict[str, str]) -> None:
    assert code(send("ListCollections", {}, **headers)) == (400, "UnknownOperationException")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"MaxResults": "many"}', b'{"NextToken": 1}']
)
def test_a_body_that_is_no_request_is_a_serialization_exception(send: Send, body: bytes) -> None:
    assert code(send("ListCollections", body)) == (400, "SerializationException")


def test_text_that_is_not_base64_is_a_serialization_exception(send: Send) -> None:
    assert code(send("DetectFaces", {"Image": {"Bytes": "?"}})) == (400, "SerializationException")


def test_a_blob_that_is_encoded_twice_is_no_image(send: Send) -> None:
    twice = base64.b64encode(base64.b64encode(blank_png())).decode()
    assert code(send("DetectFaces", {"Image": {"Bytes": twice}})) == (400, "InvalidImageFormatException")


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        ("CreateCollection", {}, "Value null at 'collectionId' failed to satisfy constraint: Member must not be null"),
        ("ListCollections", {"MaxResults": -1}, "Value '-1' at 'maxResults' failed to satisfy constraint"),
        ("DeleteFaces", {"CollectionId": "c", "FaceIds": []}, "Value '[]' at 'faceIds' failed to satisfy constraint"),
        (
            "DetectFaces",
            {"Image": {"Bytes": ""}},
            "Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'image.bytes'",
        ),
    ],
)
def test_what_clients_check_themselves_is_checked_again(
    send: Send, operation: str, members: dict[str, object], message: str
) -> None:
    answer = send(operation, members)
    assert code(answer) == (400, "InvalidParameterException")
    assert answer.json()["Message"].startswith(f"1 validation error detected: {message}")


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if "MaxResults" in SHAPES[f"{name}Request"].members])
def test_no_results_may_be_asked_for_of_some_alone(send: Send, operation: str) -> None:
    message = send(operation, {"MaxResults": 0}).json().get("Message", "")
    may = operation in ("ListCollections", "ListFaces", "DetectCustomLabels")
    assert ("'maxResults'" in message) is not may


def test_a_segment_filter_of_less_than_fifty_is_refused(send: Send) -> None:
    low = {"ShotFilter": {"MinSegmentConfidence": 0}}  # prose calls 0 the lowest, the model's range begins at 50
    place = {"S3Object": {"Bucket": "films", "Name": "street.mp4"}}
    answer = send("StartSegmentDetection", {"Video": place, "SegmentTypes": ["SHOT"], "Filters": low})
    assert code(answer) == (400, "InvalidParameterException")


def test_all_broken_constraints_are_told_at_once(send: Send) -> None:
    message = send("ListUsers", {"CollectionId": "a b", "MaxResults": 501}).json()["Message"]
    assert message.startswith("2 validation errors detected: ")


def test_unknown_members_are_ignored(send: Send) -> None:
    assert send("ListCollections", {"Colour": "red"}).status_code == 200


def test_null_counts_as_absent(send: Send) -> None:
    assert send("ListCollections", {"MaxResults": None, "NextToken": None}).status_code == 200


def test_what_is_absent_has_no_key(send: Send) -> None:
    send("CreateCollection", {"CollectionId": "people"})
    assert set(send("ListCollections", {}).json()) == {"CollectionIds", "FaceModelVersions"}
    assert b"null" not in send("DescribeCollection", {"CollectionId": "people"}).content


def test_an_empty_output_is_an_empty_object(send: Send) -> None:
    send("CreateCollection", {"CollectionId": "people"})
    answer = send("CreateUser", {"CollectionId": "people", "UserId": "Ann", "ClientRequestToken": "t"})
    assert (answer.status_code, answer.json()) == (200, {})


def test_moments_are_epoch_seconds(send: Send, control_api: ControlApi) -> None:
    send("CreateCollection", {"CollectionId": "people"})
    created = send("DescribeCollection", {"CollectionId": "people"}).json()["CreationTimestamp"]
    assert created == pytest.approx(control_api.request("GET", "/clock")["now"], abs=0.001)


def test_an_error_has_the_forms_that_were_seen(send: Send) -> None:
    response = send("DescribeCollection", {"CollectionId": "nobody"})
    assert response.status_code == 400
    assert response.json() == {
        "__type": "ResourceNotFoundException",
        "Code": "ResourceNotFoundException",
        "Logref": response.headers["x-amzn-requestid"],
        "Message": "The collection id: nobody does not exist",
    }


def test_regions_know_nothing_of_each_other(send: Send) -> None:
    def signed(region: str) -> str:
        return f"AWS4-HMAC-SHA256 Credential=AKID/20260101/{region}/rekognition/aws4_request, Signature=0"

    send("CreateCollection", {"CollectionId": "people"}, Authorization=signed("eu-west-1"))
    assert send("ListCollections", {}).json()["CollectionIds"] == []
    found = send("DescribeCollection", {"CollectionId": "people"}, Authorization=signed("eu-west-1")).json()
    assert found["CollectionARN"] == "arn:aws:rekognition:eu-west-1:123456789012:collection/people"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_an_operation(control_api: ControlApi, method: str) -> None:
    head = {"X-Amz-Target": "RekognitionService.ListCollections", "Content-Type": JSON}
    response = httpx.request(method, control_api.url, headers=head, trust_env=False, timeout=RESPONSE_TIMEOUT)
    assert response.status_code == 400


def test_it_says_that_it_is_well(control_api: ControlApi) -> None:
    assert control_api.request("GET", "/health")["status"] == "ok"
