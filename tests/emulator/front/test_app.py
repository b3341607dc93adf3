"""Requests that are refused before their operation runs, and the form of every response."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

from rekog._generated.operations import OPERATIONS
from rekog.emulator import NOT_SERVED, Emulator, handlers
from rekog.emulator.front.exchange import Request
from rekog.emulator.state import StorageError
from tests.kit.wire import CONTENT_TYPE, WireClient, image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import DecodedImage, DetectedFace


class FailingDetector:
    """A face detector that always raises an exception."""

    def detect(self, image: DecodedImage) -> Sequence[DetectedFace]:
        raise RuntimeError("detector failure")


def request(content: bytes = b"{}", **headers: str) -> httpx.Request:
    named = {"Content_Type": CONTENT_TYPE, "X_Amz_Target": "RekognitionService.ListCollections", **headers}
    return httpx.Request(
        "POST", "http://rekog/", content=content, headers={name.replace("_", "-"): v for name, v in named.items()}
    )


def test_every_response_has_a_request_id_of_its_own(wire: WireClient) -> None:
    ids = {wire("ListCollections").headers["x-amzn-RequestId"] for _ in range(3)}
    assert len({uuid.UUID(text) for text in ids}) == 3


def test_every_response_is_json(wire: WireClient) -> None:
    assert wire("ListCollections").headers["content-type"] == wire("Nothing").headers["content-type"] == CONTENT_TYPE


def test_an_error_has_the_body_of_the_services_errors(wire: WireClient) -> None:
    response = wire("DeleteCollection", CollectionId="missing")
    assert response.status == 400
    assert response.body == {
        "__type": "ResourceNotFoundException",
        "Code": "ResourceNotFoundException",
        "Logref": response.headers["x-amzn-RequestId"],
        "Message": "The collection id: missing does not exist",
    }


@pytest.mark.parametrize("target", ["", "RekognitionService.Nothing", "Other.ListCollections", "ListCollections"])
def test_an_unknown_target_is_refused(wire: WireClient, target: str) -> None:
    response = wire.send(request(X_Amz_Target=target))
    text = "X-Amz-Target must be RekognitionService. and an operation's name"
    assert (response.status, response.refusal) == (400, ("UnknownOperationException", text))
    assert response.body.keys() == {"__type", "Code", "Logref", "Message"}


def test_the_first_of_several_mistakes_is_named() -> None:
    with Emulator(limits={"request_bytes": 2}, verify_signatures={"AKID": "secret"}) as emulator:
        wire = WireClient(emulator)
        wrong = {"Content_Type": "text/plain", "X_Amz_Target": "Nothing"}
        texts = [
            wire.send(each).refusal[1]
            for each in (
                request(b"{ }", **wrong),
                httpx.Request("PUT", "http://rekog/a", headers={"content-type": "text/plain"}),
                request(b"{", **wrong),
                request(b"{", X_Amz_Target="Nothing"),
                request(b"{"),
            )
        ]
    assert texts == [
        "The request has more than 2 bytes.",
        "Every operation is POST /, not PUT /a",
        "Content-Type must be application/x-amz-json-1.1",
        "X-Amz-Target must be RekognitionService. and an operation's name",
        "Request is missing Authentication Token",
    ]


@pytest.mark.parametrize("form", ["application/x-amz-json-1.1;charset=utf-8", " APPLICATION/x-amz-json-1.1 ;"])
def test_a_content_type_counts_up_to_its_parameters_in_any_case(wire: WireClient, form: str) -> None:
    assert wire.send(request(Content_Type=form)).status == 200
    assert wire.send(request(Content_Type=f"x{form.strip()}")).status == 400


REGION = "Credential=AKID/20260101/{}/rekognition/aws4_request"


@pytest.mark.parametrize(
    ("header", "region"),
    [
        (REGION.format("eu-west-1"), "eu-west-1"),
        (f"AWS4-HMAC-SHA256 {REGION.format('ap-south-1')}, Signature=0", "ap-south-1"),
        (REGION.format("EU-WEST-1"), "us-east-1"),
        (REGION.format("a" * 32), "a" * 32),
        (REGION.format("a" * 33), "us-east-1"),
        (REGION.format("eu-west-1").replace("rekognition", "s3"), "us-east-1"),
        ("", "us-east-1"),
    ],
)
def test_the_region_of_a_request_is_that_of_its_signature(
    emulator: Emulator, wire: WireClient, header: str, region: str
) -> None:
    wire.send(request(Authorization=header))
    url = f"http://rekog/?X-Amz-Credential={quote(header.partition('Credential=')[2])}"
    wire.send(httpx.Request("POST", url, headers=wire.headers("ListCollections"), content=b"{}"))
    assert [(call.region, call.account) for call in emulator.calls] == [(region, "123456789012")] * 2


@pytest.mark.parametrize("form", ["", "application/json", "text/plain; charset=utf-8"])
def test_another_content_type_is_refused(wire: WireClient, form: str) -> None:
    code, message = wire.send(request(Content_Type=form)).refusal
    assert (code, message) == ("UnknownOperationException", f"Content-Type must be {CONTENT_TYPE}")


def test_a_content_type_may_have_parameters(wire: WireClient) -> None:
    assert wire.send(request(Content_Type="Application/X-Amz-JSON-1.1; charset=utf-8")).status == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("PUT", "/"), ("POST", "/faces")])
def test_another_method_or_path_is_refused(wire: WireClient, method: str, path: str) -> None:
    http_request = httpx.Request(method, f"http://rekog{path}", headers=wire.headers("ListCollections"))
    code, message = wire.send(http_request).refusal
    assert (code, message) == ("UnknownOperationException", f"Every operation is POST /, not {method} {path}")


@pytest.mark.parametrize("body", [b"{", b"nothing", b"\xff", b"[" * 100_000, b'{"MaxResults": 1} x'])
def test_a_body_that_is_not_json_is_refused(wire: WireClient, body: bytes) -> None:
    assert wire.send(request(body)).refusal == ("SerializationException", "The body is not JSON")


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null"])
def test_a_body_that_is_not_an_object_is_refused(wire: WireClient, body: bytes) -> None:
    assert wire.send(request(body)).refusal == ("SerializationException", "The body must be a JSON object")


def test_an_empty_body_is_an_empty_object(wire: WireClient) -> None:
    assert wire.send(request(b"")).status == 200


def test_unknown_members_are_ignored(wire: WireClient) -> None:
    assert wire("ListCollections", Colour="blue").status == 200


def test_null_is_absent(wire: WireClient) -> None:
    assert wire("ListCollections", MaxResults=None, NextToken=None).status == 200


def test_a_value_of_another_type_is_refused_with_its_path(wire: WireClient) -> None:
    assert wire("ListCollections", MaxResults="two").refusal == (
        "SerializationException",
        "maxResults must be a whole number, not str",
    )


def test_text_that_is_not_base64_is_refused(wire: WireClient) -> None:
    refusal = wire("DetectFaces", Image={"Bytes": "not base64!"}).refusal
    assert refusal == ("SerializationException", "image.bytes must be bytes, not text that is not base64")


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_served(wire: WireClient, name: str) -> None:
    response = wire(name)
    assert response.status in (200, 400)
    assert response.status == 200 or response.refusal[0] == "ValidationException"


def test_undetectable_content_is_refused_as_not_served() -> None:
    with Emulator(vision="off") as emulator:
        response = WireClient(emulator)("DetectLabels", Image={"Bytes": image_file(plain_image())})
    assert (response.status, response.refusal[0]) == (501, NOT_SERVED)


def test_an_exception_of_the_emulator_is_an_internal_error_and_its_cause_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Emulator(face_detector=FailingDetector()) as emulator, caplog.at_level(logging.ERROR, "rekog.emulator"):
        response = WireClient(emulator)("DetectFaces", Image={"Bytes": image_file(plain_image())})
    text = "The emulator failed; its log has the cause."  # which may have paths and data of the user
    assert (response.status, response.refusal) == (500, ("InternalServerError", text))
    (record,) = caplog.records
    request_id = response.headers["x-amzn-RequestId"]
    assert record.getMessage() == f"request {request_id} (DetectFaces) failed"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "detector failure"


def test_an_error_of_storage_is_an_internal_error_with_its_text(
    emulator: Emulator, wire: WireClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(handlers, "call", fail)
    response = wire("ListCollections")
    assert (response.status, response.refusal) == (
        500,
        ("InternalServerError", "The emulator failed: the disk is full."),
    )
    (record,) = caplog.records
    assert (record.name, record.levelno, record.exc_info) == ("rekog.emulator", logging.ERROR, None)
    request_id = response.headers["x-amzn-RequestId"]
    assert record.getMessage() == f"request {request_id} (ListCollections) failed: the disk is full"
    assert response.body["Logref"] == request_id


@pytest.mark.parametrize("account", ["12345", "12345678901x", ""])
def test_an_account_is_twelve_digits(account: str) -> None:
    with pytest.raises(ValueError, match="account must be 12 digits"):
        Emulator(account=account)


@pytest.mark.parametrize("region", ["eu west", "EU-WEST-1", "", "a" * 33, "eu-west-1\n"])
def test_a_region_must_be_valid_in_arns(region: str) -> None:
    with pytest.raises(ValueError, match="region must be 1 to 32 lowercase letters, digits and hyphens"):
        Emulator(region=region)


def test_a_box_without_a_side_is_refused_with_its_path(wire: WireClient) -> None:
    regions = [{"BoundingBox": {"Left": 0.1, "Top": 0.1, "Width": 0.1}}]
    image = {"Bytes": image_file(plain_image())}
    assert wire("DetectText", Image=image, Filters={"RegionsOfInterest": regions}).refusal == (
        "InvalidParameterException",
        "Request has invalid parameters: Filters.RegionsOfInterest[0].BoundingBox.Height is missing",
    )


def test_a_request_shows_its_method_its_path_and_its_size() -> None:
    assert repr(Request("POST", "/a", {"b": "c"}, b"12345", "d=e")) == "<Request POST /a, 5 bytes>"


def test_an_emulator_of_one_region_serves_every_request_in_it() -> None:
    with Emulator(region="eu-west-1") as emulator:
        created = WireClient(emulator, "us-west-2")("CreateCollection", CollectionId="people")
        assert created.body["CollectionArn"].endswith(":eu-west-1:123456789012:collection/people")
        assert emulator.calls[0].region == "eu-west-1"


def test_the_repr_of_an_emulator_has_its_account_and_region() -> None:
    with Emulator(region="eu-west-1") as one, Emulator() as other:
        assert [repr(one), repr(other)] == [
            "<Emulator 123456789012 eu-west-1>",
            "<Emulator 123456789012 of all regions>",
        ]
