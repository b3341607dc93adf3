"""The JSON protocol over plain HTTP."""

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
from tests.kit.wire import CONTENT_TYPE

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

Send = Callable[..., httpx.Response]


@pytest.fixture
def send(control_api: ControlApi) -> Iterator[Send]:
    """Return a function that sends one request to an empty emulator."""
    control_api.reset()
    http = httpx.Client(base_url=control_api.url, trust_env=False, verify=False, timeout=RESPONSE_TIMEOUT)

    def post(operation: str, body: object, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = {"X-Amz-Target": f"RekognitionService.{operation}", "Content-Type": CONTENT_TYPE}
        return http.post("/", content=content, headers={**head, **headers})

    with http:
        yield post


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["__type"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_target_header_selects_the_operation(send: Send, operation: str) -> None:
    response = send(operation, {})
    required = SHAPES[f"{operation}Request"].required
    assert response.status_code == 400 if required else 200
    if required:  # the error names a member of this operation
        assert f"'{required[0][0].lower()}{required[0][1:]}'" in response.json()["message"]


def test_responses_are_json_with_unique_request_ids(send: Send) -> None:
    first, second = (send("ListCollections", {}) for _ in range(2))
    assert first.headers["content-type"] == CONTENT_TYPE
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
def test_an_invalid_body_is_a_serialization_exception(send: Send, body: bytes) -> None:
    assert code(send("ListCollections", body)) == (400, "SerializationException")


def test_text_that_is_not_base64_is_a_serialization_exception(send: Send) -> None:
    assert code(send("DetectFaces", {"Image": {"Bytes": "?"}})) == (400, "SerializationException")


def test_bytes_encoded_twice_are_not_an_image(send: Send) -> None:
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
def test_constraints_that_clients_check_are_checked_again(
    send: Send, operation: str, members: dict[str, object], message: str
) -> None:
    response = send(operation, members)
    assert code(response) == (400, "ValidationException")
    assert response.json()["message"].startswith(f"1 validation error detected: {message}")


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if "MaxResults" in SHAPES[f"{name}Request"].members])
def test_only_three_operations_accept_max_results_of_zero(send: Send, operation: str) -> None:
    message = send(operation, {"MaxResults": 0}).json().get("message", "")
    accepted = operation in ("ListCollections", "ListFaces", "DetectCustomLabels")
    assert ("'maxResults'" in message) is not accepted


def test_a_segment_filter_of_less_than_fifty_is_refused(send: Send) -> None:
    low = {"ShotFilter": {"MinSegmentConfidence": 0}}  # prose calls 0 the lowest, the model's range begins at 50
    location = {"S3Object": {"Bucket": "films", "Name": "street.mp4"}}
    response = send("StartSegmentDetection", {"Video": location, "SegmentTypes": ["SHOT"], "Filters": low})
    assert code(response) == (400, "ValidationException")


def test_all_broken_constraints_are_reported_together(send: Send) -> None:
    message = send("ListUsers", {"CollectionId": "a b", "MaxResults": 501}).json()["message"]
    assert message.startswith("2 validation errors detected: ")


def test_unknown_members_are_ignored(send: Send) -> None:
    assert send("ListCollections", {"Colour": "red"}).status_code == 200


def test_null_counts_as_absent(send: Send) -> None:
    assert send("ListCollections", {"MaxResults": None, "NextToken": None}).status_code == 200


def test_absent_members_have_no_key(send: Send) -> None:
    send("CreateCollection", {"CollectionId": "people"})
    assert set(send("ListCollections", {}).json()) == {"CollectionIds", "FaceModelVersions"}
    assert b"null" not in send("DescribeCollection", {"CollectionId": "people"}).content


def test_an_empty_output_is_an_empty_object(send: Send) -> None:
    send("CreateCollection", {"CollectionId": "people"})
    response = send("CreateUser", {"CollectionId": "people", "UserId": "Ann", "ClientRequestToken": "t"})
    assert (response.status_code, response.json()) == (200, {})


def test_timestamps_are_epoch_seconds(send: Send, control_api: ControlApi) -> None:
    send("CreateCollection", {"CollectionId": "people"})
    created = send("DescribeCollection", {"CollectionId": "people"}).json()["CreationTimestamp"]
    assert created == pytest.approx(control_api.request("GET", "/clock")["now"], abs=0.001)


def test_an_error_has_the_members_of_recorded_responses(send: Send) -> None:
    response = send("DescribeCollection", {"CollectionId": "nobody"})
    assert response.status_code == 400
    assert response.json() == {
        "__type": "ResourceNotFoundException",
        "Code": "ResourceNotFoundException",
        "Logref": response.headers["x-amzn-requestid"],
        "Message": "The collection id: nobody does not exist",
    }


def test_regions_are_isolated(send: Send) -> None:
    def signed(region: str) -> str:
        return f"AWS4-HMAC-SHA256 Credential=AKID/20260101/{region}/rekognition/aws4_request, Signature=0"

    send("CreateCollection", {"CollectionId": "people"}, Authorization=signed("eu-west-1"))
    assert send("ListCollections", {}).json()["CollectionIds"] == []
    result = send("DescribeCollection", {"CollectionId": "people"}, Authorization=signed("eu-west-1")).json()
    assert result["CollectionARN"] == "arn:aws:rekognition:eu-west-1:123456789012:collection/people"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_than_post_are_refused(control_api: ControlApi, method: str) -> None:
    head = {"X-Amz-Target": "RekognitionService.ListCollections", "Content-Type": CONTENT_TYPE}
    response = httpx.request(method, control_api.url, headers=head, trust_env=False, timeout=RESPONSE_TIMEOUT)
    assert response.status_code == 400


def test_the_health_route_returns_ok(control_api: ControlApi) -> None:
    assert control_api.request("GET", "/health")["status"] == "ok"
