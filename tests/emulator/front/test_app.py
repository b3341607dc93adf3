"""Requests that are refused before their operation runs, and the form of every response."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

import httpx
import pytest

from rekog._generated.operations import OPERATIONS
from rekog.emulator import NOT_SERVED, Emulator
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
    assert (response.status, response.refusal[0]) == (400, "UnknownOperationException")


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
    assert wire.send(request(body)).refusal[0] == "SerializationException"


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
    assert wire("DetectFaces", Image={"Bytes": "not base64!"}).refusal[0] == "SerializationException"


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
    assert "detector failure" in caplog.text
    assert response.headers["x-amzn-RequestId"] in caplog.text


@pytest.mark.parametrize("account", ["12345", "12345678901x", ""])
def test_an_account_is_twelve_digits(account: str) -> None:
    with pytest.raises(ValueError, match="account must be 12 digits"):
        Emulator(account=account)


@pytest.mark.parametrize("region", ["eu west", "EU-WEST-1", "", "a" * 33, "eu-west-1\n"])
def test_a_region_must_be_valid_in_arns(region: str) -> None:
    with pytest.raises(ValueError, match="region must be 1 to 32 lowercase letters, digits and hyphens"):
        Emulator(region=region)


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
