"""The part of a request that is recorded with its call, and the limits of all records."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import tracemalloc
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rekog.emulator.front.calls import Call, CallLog
from rekog.emulator.front.recorded import names, recorded, size_of
from tests.emulator.serving.asgi_client import ask

if TYPE_CHECKING:
    from rekog.emulator import Emulator
    from tests.kit.wire import WireClient

MIB = 1024**2
OMITTED = "..."


def sha(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def test_short_members_are_recorded_as_they_are() -> None:
    request: dict[str, Any] = {
        "CollectionId": "people",
        "MaxResults": 3,
        "FaceMatchThreshold": 80.5,
        "FaceIds": ["a", "b"],
        "Tags": {},
    }
    assert recorded(request) == request


@pytest.mark.parametrize("length", [1024, 1025])
def test_a_long_text_is_recorded_as_its_hash_and_length(length: int) -> None:
    text = "é" * length
    expected = text if length == 1024 else f"{sha(text)}, 1025 characters"
    assert recorded({"PolicyDocument": text}) == {"PolicyDocument": expected}


def test_a_long_name_is_recorded_as_its_hash_and_length() -> None:
    assert recorded({"Tags": {"n" * 2000: "v"}}) == {"Tags": {f"{sha('n' * 2000)}, 2000 characters": "v"}}


def test_bytes_are_recorded_as_the_name_that_declare_takes() -> None:
    assert recorded({"Image": {"Bytes": b"..."}}) == {"Image": {"Bytes": sha("...")}}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (10**4000, "a number of 13288 bits"),
        (2**63, 2**63),
        (None, None),
    ],
)
def test_every_recorded_value_has_a_short_form_in_json(value: object, shown: object) -> None:
    assert recorded({"MaxResults": value}) == {"MaxResults": shown}
    assert len(json.dumps(recorded({"MaxResults": value}), allow_nan=False)) < 100


LARGE: dict[str, Any] = {
    "lists": [[]] * 100_000,
    "texts": ["x" * 1000] * 10_000,
    "members": {f"{number}": "x" * 1000 for number in range(10_000)},
    "nested": {f"{number}": [[{}] * 100] * 100 for number in range(100)},
    "names": [{"n" * 1000: "x"}] * 10_000,
    "text": "x" * 16 * MIB,
}


@pytest.mark.parametrize("value", LARGE.values(), ids=LARGE)
def test_the_size_of_a_record_is_limited(value: object) -> None:
    tracemalloc.start()
    record = recorded({"Other": value})
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < MIB
    assert size_of(record) < MIB // 4
    assert OMITTED in json.dumps(record) or "characters" in json.dumps(record)


def test_a_long_list_is_recorded_up_to_its_thousandth_item() -> None:
    assert recorded({"FaceIds": ["x"] * 1000}) == {"FaceIds": ["x"] * 1000}
    assert recorded({"FaceIds": ["x"] * 1001}) == {"FaceIds": ["x"] * 1000 + [OMITTED]}


def test_the_size_of_a_value_is_64_bytes_and_its_characters() -> None:
    sizes: list[tuple[object, int]] = [
        (None, 64), (5, 64), ("", 64), ("abc", 67), ([], 64), (["a", "b"], 194), ({}, 64), ({"ab": "c"}, 195)
    ]  # fmt: skip
    for value, size in sizes:
        assert size_of(value) == size
    assert size_of({"a": [{"b": ["c"]}]}) == 64 + 65 + 64 + 64 + 65 + 64 + 65


def test_a_record_has_two_thousand_values_at_most() -> None:
    def lists(a: int, b: int, **more: Any) -> dict[str, Any]:
        empty: list[object] = []
        return {"a": [empty] * a, "b": [empty] * b, **more}

    whole = lists(999, 998)  # with the lists a and b, and the whole request
    assert recorded(whole) == whole
    assert recorded(lists(999, 999)) == {**whole, "b": [*whole["b"], OMITTED]}
    assert recorded({**whole, "c": 1}) == {**whole, OMITTED: OMITTED}
    assert recorded(lists(999, 997, c=1)) == lists(999, 997, c=1)
    assert recorded(lists(999, 997, c=1, d=2)) == {**lists(999, 997, c=1), OMITTED: OMITTED}
    assert recorded(lists(999, 997, c=[5])) == lists(999, 997, c=[OMITTED])
    assert recorded(lists(999, 997, c={"d": 5})) == lists(999, 997, c={OMITTED: OMITTED})


def test_a_record_ends_with_the_value_that_reaches_its_size() -> None:
    texts = ["x" * 1000] * 61  # with a further one of 503 characters and the name, 64 KiB
    exact: list[object] = [*texts, "x" * 503]
    assert recorded({"a": exact}) == {"a": exact}
    assert recorded({"a": [*exact, "y"]}) == {"a": [*exact, OMITTED]}
    assert recorded({"a": exact, "b": 1}) == {"a": exact, OMITTED: OMITTED}
    assert recorded({"a": [*exact, dict[str, object]()]}) == {"a": [*exact, OMITTED]}
    less = [*texts, "x" * 502]
    assert recorded({"a": [*less, "y" * 1024, "z"]}) == {"a": [*less, "y" * 1024, OMITTED]}
    assert recorded({"a": less, "b": 1}) == {"a": less, "b": OMITTED}  # its name has reached it
    assert recorded({"a": less, "b": 1, "c": 2}) == {"a": less, "b": OMITTED, OMITTED: OMITTED}


def test_a_map_is_recorded_up_to_its_thousandth_member() -> None:
    members: dict[str, object] = {"": [], **{chr(500 + number): [] for number in range(1000)}}
    whole = dict(list(members.items())[:1000])
    assert recorded(whole) == whole
    assert recorded(members) == {**whole, OMITTED: OMITTED}


@pytest.mark.parametrize("value", [2**512 - 1, 2**512, -(2**512), True, 1.5])
def test_a_number_of_more_than_512_bits_is_recorded_by_its_length(value: float) -> None:
    is_long = isinstance(value, int) and abs(value) >= 2**512
    assert recorded({"a": value}) == {"a": "a number of 513 bits" if is_long else value}


def test_names_have_no_values_and_no_unknown_members() -> None:
    wire = {"Image": {"S3Object": {"Bucket": 5, "Colour": "x"}, "Bytes": "no"}, "Attributes": ["x"], "Colour": "red"}
    assert names("DetectFacesRequest", wire) == {
        "Image": {"S3Object": {"Bucket": OMITTED}, "Bytes": OMITTED},
        "Attributes": OMITTED,
    }


OTHER_TYPES: list[Any] = [[], "people", None, {"Bytes": [{}]}]


@pytest.mark.parametrize("value", OTHER_TYPES)
def test_names_are_those_of_a_request_whose_values_have_another_type(value: Any) -> None:
    assert json.dumps(names("DetectFacesRequest", {"Image": value})) in (
        '{"Image": "..."}', '{"Image": {"Bytes": "..."}}'
    )  # fmt: skip


# --- Calls --------------------------------------------------------------------------------------------------------


def wrapped(image: bytes) -> str:
    """Return base64 with line ends, as many encoders write it."""
    return base64.encodebytes(image).decode()


@pytest.mark.parametrize("bad", [{"Image": {"Bytes": wrapped(os.urandom(300_000))}}, {"Image": {"S3Object": 5}}])
def test_a_request_that_breaks_a_constraint_is_recorded_by_its_names(
    emulator: Emulator, wire: WireClient, bad: dict[str, Any]
) -> None:
    wire("DetectFaces", **bad)
    (call,) = emulator.calls
    assert (call.status, call.request) == (400, {"Image": dict.fromkeys(bad["Image"], OMITTED)})


def test_a_request_that_the_handler_refuses_is_recorded_with_its_values(emulator: Emulator, wire: WireClient) -> None:
    wire("DescribeCollection", CollectionId="missing")
    assert emulator.calls[0].request == {"CollectionId": "missing"}


def test_a_request_of_an_injected_error_is_recorded_within_the_limits(emulator: Emulator, wire: WireClient) -> None:
    emulator.faults.add(error="InternalServerError")
    wire("DetectFaces", Image={"Bytes": wrapped(bytes(3 * MIB))})
    request = emulator.calls[0].request
    assert request is not None
    assert size_of(request) < 1000


def test_calls_of_every_size_can_be_listed(emulator: Emulator, wire: WireClient) -> None:
    deep = b'{"CollectionId": "people", "Other": ' + b"[" * 140 + b"]" * 140 + b"}"
    wire.send(httpx.Request("POST", "http://rekog/", headers=wire.headers("CreateCollection"), content=deep))
    wire("CreateCollection", CollectionId="more", Other=10**300)
    response = ask(emulator.asgi(), "GET", "/_rekog/calls", {}, ())
    assert [call["status"] for call in json.loads(response.content)["calls"]] == [200, 200]


def test_all_records_are_limited_by_their_size() -> None:
    calls = CallLog()
    request = recorded({"FaceIds": [f"{number:036}" for number in range(500)]})
    for number in range(2000):
        calls.add(Call(account="1", region="r", time=float(number), request_id="", request=request))
    assert 100 < len(calls) < 2000
    assert calls[-1].time == 1999.0
    assert sum(size_of(call.request) for call in calls) <= 64 * MIB
    calls.clear()
    calls.add(Call(account="1", region="r", time=0.0, request_id="", request=request))
    assert len(calls) == 1
