"""What was asked, as an emulator remembers it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rekog.emulator.front.calls import Call, Calls
from rekog.emulator.scope import Scope
from tests.kit.clock import NOW
from tests.kit.wire import CONTENT_TYPE, WireClient, image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Emulator


def test_a_call_says_what_whose_where_when_and_how_it_went(emulator: Emulator) -> None:
    answer = WireClient(emulator, "eu-west-1")("CreateCollection", CollectionId="people")
    call = emulator.calls[0]
    assert (call.operation, call.request) == ("CreateCollection", {"CollectionId": "people"})
    assert (call.account, call.region, call.time) == ("123456789012", "eu-west-1", NOW)
    assert (call.status, call.error, call.request_id) == (200, None, answer.headers["x-amzn-requestid"])


def test_a_refused_call_has_its_error(emulator: Emulator, wire: WireClient) -> None:
    wire("DeleteCollection", CollectionId="nobody")
    assert (emulator.calls[0].status, emulator.calls[0].error) == (400, "ResourceNotFoundException")


def test_a_call_that_meets_a_fault_is_kept_with_what_was_asked(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add(calls=[1], error="InternalServerError")
    emulator.faults.add(calls=[2], reset=True)
    wire("ListCollections", MaxResults=3)
    with pytest.raises(httpx.ReadError):
        wire("ListCollections", MaxResults=4)
    said = [(call.request, call.status) for call in emulator.calls]
    assert said == [({"MaxResults": 3}, 500), ({"MaxResults": 4}, None)]


def test_bytes_of_images_are_kept_by_the_name_of_their_content(emulator: Emulator, wire: WireClient) -> None:
    image = image_file(plain_image())
    emulator.declare(image, faces=[])
    wire("DetectFaces", Image={"Bytes": image})
    name = f"sha256:{hashlib.sha256(image).hexdigest()}"
    assert emulator.calls[0].request == {"Image": {"Bytes": name}}


def test_a_request_that_is_not_understood_is_kept_too(emulator: Emulator, wire: WireClient) -> None:
    wire.send(
        httpx.Request("POST", "http://rekog/", headers={"X-Amz-Target": "nonsense", "Content-Type": CONTENT_TYPE})
    )
    wire.send(httpx.Request("POST", "http://rekog/", headers=wire.headers("ListFaces"), content=b"{"))
    said = [(call.operation, call.request, call.error) for call in emulator.calls]
    assert said == [("", None, "UnknownOperationException"), ("ListFaces", None, "SerializationException")]


def test_calls_are_a_sequence_that_can_be_asked_for_one_operation_and_cleared(
    emulator: Emulator, wire: WireClient
) -> None:
    for operation in ("ListCollections", "ListFaces", "ListCollections"):
        wire(operation, CollectionId="people")
    assert [call.operation for call in emulator.calls[1:]] == ["ListFaces", "ListCollections"]
    assert (len(emulator.calls), len(emulator.calls.of("ListCollections"))) == (3, 2)
    emulator.calls.clear()
    assert list(emulator.calls) == []


@pytest.mark.parametrize("name", ["create_collection", "", ["ListFaces"]])
def test_calls_of_what_is_no_operation_can_not_be_asked_for(emulator: Emulator, name: Any) -> None:
    with pytest.raises(ValueError, match="operation must be one of the service's, like 'DetectFaces', not "):
        emulator.calls.of(name)


def test_no_more_calls_are_kept_than_ten_thousand() -> None:
    calls = Calls()
    for number in range(10_001):
        calls.add(Call(scope=Scope("1", "r"), time=float(number), request_id=""))
    assert (len(calls), calls[0].time) == (10_000, 1.0)
