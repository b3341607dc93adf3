"""Every rule of the service model, broken at every path of all 75 operations: the error names it, nothing changes.

The rules and the values that break them come from botocore's copy of the service model, not from our tables. They are
sent as JSON without any client. All other members are valid, so that an accepted value would change the state.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx
import pytest

from rekog.emulator import Emulator
from tests.kit.clock import NOW, wait_until
from tests.kit.invalid_requests import (
    ITEM,
    KEY,
    OPERATIONS,
    SHAPES,
    Constraint,
    constraints,
    invalid_value,
    reported_location,
    reported_text,
    request_with,
    valid_value,
)
from tests.kit.populated import PHOTO, populate
from tests.kit.request_members import manifest_lines
from tests.kit.wire import WireClient, WireResponse, json_ready

TIMES = 3
"""Values per rule and path in a normal run. A blob of too many bytes is sent once only."""
MANY_TIMES = 100


class Populated(NamedTuple):
    """An emulator with one resource of each kind, valid members for each operation, and its database."""

    wire: WireClient
    members: dict[str, dict[str, Any]]
    file: sqlite3.Connection
    snapshot: Path

    def version(self) -> int:
        """Return a number that changes with every commit of a change."""
        number: int = self.file.execute("PRAGMA data_version").fetchone()[0]
        return number

    def rows(self) -> list[str]:
        """Return the whole database as SQL."""
        return list(self.file.iterdump())


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Populated]:
    folder = tmp_path_factory.mktemp("populated")
    with Emulator(vision="off", data=folder, clock=lambda: NOW) as emulator:
        members = populate(emulator)
        emulator.put_object("photos", "lines.jsonl", manifest_lines(10).encode())
        (path,) = folder.glob("*.sqlite3")
        file = sqlite3.connect(path)
        wait_until(
            lambda: not file.execute("SELECT 1 FROM event WHERE stage > 0").fetchall()
        )  # the worker has nothing left
        emulator.snapshot(folder / "snapshot")
        yield Populated(WireClient(emulator), members, file, folder / "snapshot")
        file.close()


@pytest.fixture
def copy(populated: Populated) -> Iterator[WireClient]:
    """Another emulator with the same state, for tests that change it."""
    with Emulator(vision="off", clock=lambda: NOW) as emulator:
        emulator.restore(populated.snapshot)
        yield WireClient(emulator)


def mistake(place: Constraint, value: object, response: WireResponse) -> str | None:
    """Return a text if the response to a broken rule is wrong."""
    expected = "SerializationException" if place.rule == "type" else "ValidationException"
    code, message = response.refusal if response.status >= 400 else ("no error", "")
    at = reported_location(place)
    named = message.startswith(f"{at} must be ") if place.rule == "type" else f" at '{at}' failed" in message
    if (response.status, code) == (400, expected) and named and reported_text(place) in message:
        return None
    return f"{place} broken by {str(value)[:60]!r}: {response.status} {code}: {message[:200]}"


def mistakes(populated: Populated, operation: str, times: int) -> Iterator[str]:
    """Break every rule of an operation several times, and yield the mistakes of the responses."""
    for place in constraints(operation):
        heavy = (SHAPES[place.shape]["type"], place.rule) == ("blob", "max")
        for number in range(1 if heavy else times):
            value = invalid_value(place, Random(f"{operation} {place} {number}"))
            before = populated.version()
            response = populated.wire(
                operation, **request_with(operation, populated.members[operation], place.path, value)
            )
            if text := mistake(place, value, response):
                yield text
            if populated.version() != before:
                yield f"{place} broken by {str(value)[:60]!r}: the state has changed"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_broken_rule_is_reported_with_its_path_and_changes_nothing(populated: Populated, operation: str) -> None:
    before = populated.rows()
    assert list(mistakes(populated, operation, TIMES)) == []
    assert populated.rows() == before


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_rule_broken_in_many_ways_is_reported_and_changes_nothing(populated: Populated, operation: str) -> None:
    assert list(mistakes(populated, operation, MANY_TIMES)) == []


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_members_around_a_broken_rule_work(populated: Populated, copy: WireClient, operation: str) -> None:
    response = copy(operation, **populated.members[operation])
    assert (response.status, response.body) == (200, response.body)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_valid_value_breaks_no_rule(populated: Populated, copy: WireClient, operation: str) -> None:
    for place in dict.fromkeys(Constraint(place.path, "type", place.shape) for place in constraints(operation)):
        response = copy(
            operation, **request_with(operation, populated.members[operation], place.path, valid_value(place.shape))
        )
        code, message = response.refusal if response.status >= 400 else ("", "")
        assert (place, code) not in ((place, "SerializationException"), (place, "InternalServerError")), message
        assert " detected: Value " not in message, place


ODD: dict[str, list[object]] = {
    "string": ["\ud800", "\x00", "a\x00b", "\U0001f600", "%", "'", "../..", "/", "x" * 300],
    "integer": [2**31, 2**63 - 1, 2**63, 2**64, 10**40, -(2**63) - 1],
    "long": [2**63, 2**64, 10**40, -(2**63) - 1],
    "float": [1e39, -1e39, 1e308, 10**400, 5e-324, -0.0],
}
"""Values at the limits of their types, by the type of the shape. Some of them are valid."""


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_odd_value_makes_the_emulator_fail(populated: Populated, copy: WireClient, operation: str) -> None:
    for place in constraints(operation):
        for value in ODD.get(SHAPES[place.shape]["type"], ()) if place.rule == "type" or place.path[-1] == KEY else ():
            members = request_with(operation, populated.members[operation], place.path, value)
            content = json.dumps(
                json_ready(members)
            ).encode()  # with escapes, so that half a surrogate pair can be sent
            response = copy.send(
                httpx.Request("POST", "http://rekog/", headers=copy.headers(operation), content=content)
            )
            assert (place, value, response.status) == (place, value, response.status if response.status != 500 else 400)


def test_no_rule_of_the_model_is_left_out() -> None:
    assert len(OPERATIONS) == 75
    covered = {(place.shape, place.rule) for operation in OPERATIONS for place in constraints(operation)}
    reached = {place.shape for operation in OPERATIONS for place in constraints(operation)}
    ruled = {(name, rule) for name in reached for rule in ("min", "max", "pattern", "enum") if rule in SHAPES[name]}
    left = ruled - covered
    assert {(rule, SHAPES[name]["min"]) for name, rule in left} == {("min", 0)}  # no length is less than 0
    assert not any(SHAPES[name]["type"] in ("integer", "long", "float") for name, _ in left)


def test_the_number_of_rules_has_not_shrunk() -> None:
    counts = Counter(place.rule for operation in OPERATIONS for place in constraints(operation))
    assert counts.total() >= 1500, counts
    assert set(counts) == {"required", "type", "min", "max", "pattern", "enum"}


def test_a_change_of_state_is_noticed(populated: Populated) -> None:
    before, rows = populated.version(), populated.rows()
    assert populated.wire("CreateCollection", CollectionId="noticed").status == 200
    assert populated.version() != before
    assert populated.rows() != rows
    assert populated.wire("DeleteCollection", CollectionId="noticed").status == 200


@pytest.mark.parametrize("digit", ["\u0661", "\uff11"])
def test_a_digit_of_another_script_is_invalid_in_an_arn(wire: WireClient, digit: str) -> None:
    arn = f"arn:aws:rekognition:us-east-1:12345678901{digit}:project/dogs/1"
    code, message = wire("DescribeProjectVersions", ProjectArn=arn).refusal
    assert code == "ValidationException"
    assert " at 'projectArn' failed to satisfy constraint: Member must satisfy regular expression" in message


def test_a_tag_may_have_letters_and_digits_of_any_script(wire: WireClient) -> None:
    assert wire("CreateCollection", CollectionId="people", Tags={"\u540d\u524d": "\u0661"}).status == 200


def test_text_that_is_not_base64_is_reported_with_its_path(wire: WireClient) -> None:
    refusal = wire("CompareFaces", SourceImage={"Bytes": b"image"}, TargetImage={"Bytes": "image!"}).refusal
    assert refusal == ("SerializationException", "targetImage.bytes must be bytes, not text that is not base64")


def test_half_a_surrogate_pair_is_refused(wire: WireClient) -> None:
    content = rb'{"CollectionId": "people", "Tags": {"name": "\ud800"}}'
    half = httpx.Request("POST", "http://rekog/", headers=wire.headers("CreateCollection"), content=content)
    assert wire.send(half).refusal[0] == "SerializationException"
    assert wire("ListCollections").body["CollectionIds"] == []


# Rules of the service's documentation that the model does not have

INCOMPLETE = [
    (operation, place.path, whole, member)
    for operation in OPERATIONS
    for place in constraints(operation)
    for whole in ({"Left": 0.1, "Top": 0.1, "Width": 0.5, "Height": 0.5}, {"X": 0.1, "Y": 0.1})
    for member in whole
    if place.rule == "type" and SHAPES[place.shape].get("members", {}).keys() == whole.keys()
]


@pytest.mark.parametrize(("operation", "path", "whole", "member"), INCOMPLETE)
def test_a_box_without_a_side_or_a_point_without_a_coordinate_is_refused_with_its_path(
    populated: Populated, operation: str, path: tuple[str, ...], whole: dict[str, float], member: str
) -> None:
    before = populated.version()
    part = {name: value for name, value in whole.items() if name != member}
    code, message = populated.wire(
        operation, **request_with(operation, populated.members[operation], path, part)
    ).refusal
    assert code == "InvalidParameterException"
    at = ".".join((*path, member)).replace(f".{ITEM}", "[0]")
    assert message == f"Request has invalid parameters: {at} is missing"
    assert populated.version() == before


LINES = {"S3Object": {"Bucket": "photos", "Name": "lines.jsonl"}}
WATCH = {"Name": "door", "StopSelector": {"MaxDurationInSeconds": 5}}


class OneOf(NamedTuple):
    """A path with two exclusive values, and members that are valid with either of them."""

    operation: str
    path: tuple[str, ...]
    one: dict[str, Any]
    other: dict[str, Any]
    members: dict[str, Any]


EITHER = [
    *(
        OneOf(operation, (member,), PHOTO, {"Bytes": b"image"}, {})
        for operation in OPERATIONS
        for member in ("Image", "SourceImage", "TargetImage")
        if any(place.path == (member,) for place in constraints(operation))
    ),
    OneOf(
        "CreateDataset",
        ("DatasetSource",),
        {"GroundTruthManifest": LINES},
        {"DatasetArn": valid_value("DatasetArn")},
        {},
    ),
    OneOf(
        "CreateStreamProcessor",
        ("Settings",),
        {"FaceSearch": {"CollectionId": "people"}},
        {"ConnectedHome": {"Labels": ["PERSON"]}},
        {},
    ),
    OneOf(
        "StartStreamProcessor",
        ("StartSelector", "KVSStreamStartSelector"),
        {"ProducerTimestamp": 1},
        {"FragmentNumber": "1"},
        WATCH,
    ),
]


@pytest.mark.parametrize("either", EITHER, ids=lambda either: f"{either.operation}-{either.path[-1]}")
def test_exactly_one_of_two_members_is_required(populated: Populated, copy: WireClient, either: OneOf) -> None:
    def members(value: dict[str, Any]) -> dict[str, Any]:
        return request_with(
            either.operation, {**populated.members[either.operation], **either.members}, either.path, value
        )

    before = populated.version()
    for value in ({**either.one, **either.other}, {}):
        response = populated.wire(either.operation, **members(value))
        assert (response.refusal[0], value) == ("InvalidParameterException", value)
    assert populated.version() == before
    response = copy(either.operation, **members(either.one))
    assert (response.status, response.body) == (200, response.body)
