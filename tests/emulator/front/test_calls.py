"""Recorded calls."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rekog.emulator.front.calls import Call, CallLog
from rekog.emulator.front.recorded import size_of
from tests.kit.clock import NOW
from tests.kit.wire import CONTENT_TYPE, WireClient, image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Emulator


def test_a_call_has_its_operation_request_scope_time_and_result(emulator: Emulator) -> None:
    response = WireClient(emulator, "eu-west-1")("CreateCollection", CollectionId="people")
    call = emulator.calls[0]
    assert (call.operation, call.request) == ("CreateCollection", {"CollectionId": "people"})
    assert (call.account, call.region, call.time) == ("123456789012", "eu-west-1", NOW)
    assert (call.status, call.error, call.request_id) == (200, None, response.headers["x-amzn-requestid"])


def test_a_refused_call_has_its_error(emulator: Emulator, wire: WireClient) -> None:
    wire("DeleteCollection", CollectionId="missing")
    assert (emulator.calls[0].status, emulator.calls[0].error) == (400, "ResourceNotFoundException")


def test_a_call_with_a_fault_is_recorded_with_its_request(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add(calls=[1], error="InternalServerError")
    emulator.faults.add(calls=[2], reset=True)
    wire("ListCollections", MaxResults=3)
    with pytest.raises(httpx.ReadError):
        wire("ListCollections", MaxResults=4)
    recorded = [(call.request, call.status) for call in emulator.calls]
    assert recorded == [({"MaxResults": 3}, 500), ({"MaxResults": 4}, None)]


def test_bytes_of_images_are_recorded_as_their_hash(emulator: Emulator, wire: WireClient) -> None:
    image = image_file(plain_image())
    emulator.declare(image, faces=[])
    wire("DetectFaces", Image={"Bytes": image})
    name = f"sha256:{hashlib.sha256(image).hexdigest()}"
    assert emulator.calls[0].request == {"Image": {"Bytes": name}}


def test_an_invalid_request_is_recorded_too(emulator: Emulator, wire: WireClient) -> None:
    wire.send(
        httpx.Request("POST", "http://rekog/", headers={"X-Amz-Target": "nonsense", "Content-Type": CONTENT_TYPE})
    )
    wire.send(httpx.Request("POST", "http://rekog/", headers=wire.headers("ListFaces"), content=b"{"))
    recorded = [(call.operation, call.request, call.error) for call in emulator.calls]
    assert recorded == [("", None, "UnknownOperationException"), ("ListFaces", None, "SerializationException")]


def test_calls_are_a_sequence_that_can_be_filtered_and_cleared(emulator: Emulator, wire: WireClient) -> None:
    for operation in ("ListCollections", "ListFaces", "ListCollections"):
        wire(operation, CollectionId="people")
    assert [call.operation for call in emulator.calls[1:]] == ["ListFaces", "ListCollections"]
    assert (len(emulator.calls), len(emulator.calls.of("ListCollections"))) == (3, 2)
    emulator.calls.clear()
    assert list(emulator.calls) == []


@pytest.mark.parametrize("name", ["createCollection", "", ["ListFaces"]])
def test_calls_of_an_unknown_operation_are_an_error(emulator: Emulator, name: Any) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        emulator.calls.of(name)
    near = {"createCollection": "CreateCollection", "": None}.get(str(name), "ListFaces")
    hint = f"; did you mean {near!r}?" if near else ""
    text = f"operation must be one of the service's, like 'DetectFaces' or 'detect_faces', not {name!r}{hint}"
    assert str(caught.value) == text


@pytest.mark.parametrize("name", ["ListCollections", "list_collections"])
def test_calls_are_found_by_both_names_of_an_operation(emulator: Emulator, wire: WireClient, name: str) -> None:
    wire("ListCollections")
    wire("CreateCollection", CollectionId="people")
    assert [call.operation for call in emulator.calls.of(name)] == ["ListCollections"]


def test_a_misspelt_operation_gets_a_suggestion(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="not 'detect_face'; did you mean 'detect_faces'"):
        emulator.calls.of("detect_face")


def test_calls_print_their_operations_and_results(emulator: Emulator, wire: WireClient) -> None:
    assert repr(emulator.calls) == "<Calls: 0>"
    emulator.faults.add(calls=[2], reset=True)
    wire("ListCollections")
    with pytest.raises(httpx.ReadError):
        wire("ListCollections")
    wire("ListFaces", CollectionId="missing")
    shown = "ListCollections (200), ListCollections (no response), ListFaces (ResourceNotFoundException)"
    assert repr(emulator.calls) == f"<Calls: 3: {shown}>"


def test_many_calls_print_the_last_ten() -> None:
    calls = CallLog()
    for number in range(12):
        calls.add(Call(operation=str(number), account="1", region="r", time=0.0, request_id="", status=200))
    shown = [f"{number} (200)" for number in range(12)]
    assert repr(calls) == f"<Calls: 12, the last 10: {', '.join(shown[2:])}>"
    few = CallLog()
    for call in calls[:10]:
        few.add(call)
    assert repr(few) == f"<Calls: 10: {', '.join(shown[:10])}>"
    few.add(Call(account="1", region="r", time=0.0, request_id="", error="UnknownOperationException"))
    assert repr(few).endswith(", 9 (200), unknown operation (UnknownOperationException)>")


def test_one_large_call_replaces_as_many_small_ones_as_it_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rekog.emulator.front.calls._MAX_BYTES", 2_000)
    calls = CallLog()
    for number in range(9):
        request = {"CollectionId": "x" * (1_000 if number == 8 else 100)}
        calls.add(Call(account="1", region="r", time=float(number), request_id="", request=request))
    kept = [call.time for call in calls]
    assert kept[-1] == 8.0
    assert sum(size_of(call.request) for call in calls) <= 2_000
    assert 2 <= len(kept) < 8  # the newest small ones still fit


def test_at_most_ten_thousand_calls_are_recorded() -> None:
    calls = CallLog()
    for number in range(10_001):
        calls.add(Call(account="1", region="r", time=float(number), request_id=""))
    assert (len(calls), calls[0].time) == (10_000, 1.0)
