"""Every rule of the model, broken in every place of all 75 operations: the right error names it, and nothing changes.

The rules and the values that break them come from botocore's copy of the service model, not from our tables, and go in
as JSON, past every client. The members around a broken value work, so that letting it pass would do something.
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
from tests.kit.wire import WireClient, WireResponse, json_ready

TIMES = 3
"""Values a rule and place in a normal run. Of the megabytes that are too many for a blob one has to do."""
MANY_TIMES = 100


class Town(NamedTuple):
    """An emulator with one of everything, the members that work in it, and an eye on its file."""

    wire: WireClient
    members: dict[str, dict[str, Any]]
    file: sqlite3.Connection
    snapshot: Path

    def version(self) -> int:
        """Return a number that is another one after any commit that changed something."""
        found: int = self.file.execute("PRAGMA data_version").fetchone()[0]
        return found

    def rows(self) -> list[str]:
        """Return all that is stored, as SQL."""
        return list(self.file.iterdump())


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with Emulator(data=folder, clock=lambda: NOW) as emulator:
        members = populate(emulator)
        (path,) = folder.glob("*.sqlite3")
        file = sqlite3.connect(path)
        wait_until(
            lambda: not file.execute("SELECT 1 FROM event WHERE stage > 0").fetchall()
        )  # the worker has nothing left
        emulator.snapshot(folder / "snapshot")
        yield Town(WireClient(emulator), members, file, folder / "snapshot")
        file.close()


@pytest.fixture
def copy(town: Town) -> Iterator[WireClient]:
    """Another emulator with the same things in it, to change them."""
    with Emulator(clock=lambda: NOW) as emulator:
        emulator.restore(town.snapshot)
        yield WireClient(emulator)


def complaint(place: Constraint, value: object, answer: WireResponse) -> str | None:
    """Return what is wrong with the answer to a broken rule, if anything is."""
    expected = "SerializationException" if place.rule == "type" else "InvalidParameterException"
    code, message = answer.refusal if answer.status >= 400 else ("no error", "")
    at = reported_location(place)
    named = message.startswith(f"{at} must be ") if place.rule == "type" else f" at '{at}' failed" in message
    if (answer.status, code) == (400, expected) and named and reported_text(place) in message:
        return None
    return f"{place} broken by {str(value)[:60]!r}: {answer.status} {code}: {message[:200]}"


def complaints(town: Town, operation: str, times: int) -> Iterator[str]:
    """Break every rule of an operation so many times, and give what is wrong with the answers."""
    for place in constraints(operation):
        heavy = (SHAPES[place.shape]["type"], place.rule) == ("blob", "max")
        for number in range(1 if heavy else times):
            value = invalid_value(place, Random(f"{operation} {place} {number}"))
            before = town.version()
            answer = town.wire(operation, **request_with(operation, town.members[operation], place.path, value))
            if wrong := complaint(place, value, answer):
                yield wrong
            if town.version() != before:
                yield f"{place} broken by {str(value)[:60]!r}: the state has changed"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_broken_rule_is_told_at_its_place_and_changes_nothing(town: Town, operation: str) -> None:
    before = town.rows()
    assert list(complaints(town, operation, TIMES)) == []
    assert town.rows() == before


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_rule_broken_in_many_ways_is_told_at_its_place_and_changes_nothing(town: Town, operation: str) -> None:
    assert list(complaints(town, operation, MANY_TIMES)) == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_members_around_a_broken_rule_work(town: Town, copy: WireClient, operation: str) -> None:
    answer = copy(operation, **town.members[operation])
    assert (answer.status, answer.body) == (200, answer.body)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_valid_value_at_the_place_of_a_rule_breaks_none(town: Town, copy: WireClient, operation: str) -> None:
    for place in dict.fromkeys(Constraint(place.path, "type", place.shape) for place in constraints(operation)):
        answer = copy(
            operation, **request_with(operation, town.members[operation], place.path, valid_value(place.shape))
        )
        code, message = answer.refusal if answer.status >= 400 else ("", "")
        assert (place, code) not in ((place, "SerializationException"), (place, "InternalServerError")), message
        assert " detected: Value " not in message, place


ODD: dict[str, list[object]] = {
    "string": ["\ud800", "\x00", "a\x00b", "\U0001f600", "%", "'", "../..", "/", "x" * 300],
    "integer": [2**31, 2**63 - 1, 2**63, 2**64, 10**40, -(2**63) - 1],
    "long": [2**63, 2**64, 10**40, -(2**63) - 1],
    "float": [1e39, -1e39, 1e308, 10**400, 5e-324, -0.0],
}
"""What may be valid or not, by the kind of the place."""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_odd_value_makes_the_emulator_fail(town: Town, copy: WireClient, operation: str) -> None:
    for place in constraints(operation):
        for value in ODD.get(SHAPES[place.shape]["type"], ()) if place.rule == "type" or place.path[-1] == KEY else ():
            members = request_with(operation, town.members[operation], place.path, value)
            content = json.dumps(
                json_ready(members)
            ).encode()  # with escapes, so that half a surrogate pair can be sent
            answer = copy.send(httpx.Request("POST", "http://rekog/", headers=copy.headers(operation), content=content))
            assert (place, value, answer.status) == (place, value, answer.status if answer.status != 500 else 400)


def test_no_rule_of_the_model_is_left_out() -> None:
    assert len(OPERATIONS) == 75
    covered = {(place.shape, place.rule) for operation in OPERATIONS for place in constraints(operation)}
    reached = {place.shape for operation in OPERATIONS for place in constraints(operation)}
    ruled = {(name, rule) for name in reached for rule in ("min", "max", "pattern", "enum") if rule in SHAPES[name]}
    left = ruled - covered
    assert {(rule, SHAPES[name]["min"]) for name, rule in left} == {("min", 0)}  # no length is less than 0
    assert not any(SHAPES[name]["type"] in ("integer", "long", "float") for name, _ in left)


def test_the_rules_are_as_many_as_when_they_were_counted() -> None:
    counts = Counter(place.rule for operation in OPERATIONS for place in constraints(operation))
    assert counts.total() >= 1500, counts
    assert set(counts) == {"required", "type", "min", "max", "pattern", "enum"}


def test_a_change_of_state_is_noticed(town: Town) -> None:
    before, rows = town.version(), town.rows()
    assert town.wire("CreateCollection", CollectionId="noticed").status == 200
    assert town.version() != before
    assert town.rows() != rows
    assert town.wire("DeleteCollection", CollectionId="noticed").status == 200


@pytest.mark.parametrize("digit", ["\u0661", "\uff11"])
def test_a_digit_of_another_script_is_none_in_an_arn(wire: WireClient, digit: str) -> None:
    arn = f"arn:aws:rekognition:us-east-1:12345678901{digit}:project/dogs/1"
    code, message = wire("DescribeProjectVersions", ProjectArn=arn).refusal
    assert code == "InvalidParameterException"
    assert " at 'projectArn' failed to satisfy constraint: Member must satisfy regular expression" in message


def test_a_tag_may_hold_letters_and_digits_of_any_script(wire: WireClient) -> None:
    assert wire("CreateCollection", CollectionId="people", Tags={"\u540d\u524d": "\u0661"}).status == 200


def test_text_that_is_not_base64_is_told_at_its_own_place(wire: WireClient) -> None:
    refusal = wire("CompareFaces", SourceImage={"Bytes": b"picture"}, TargetImage={"Bytes": "picture!"}).refusal
    assert refusal == ("SerializationException", "targetImage.bytes must be bytes, not text that is not base64")


def test_half_a_surrogate_pair_is_no_text(wire: WireClient) -> None:
    content = rb'{"CollectionId": "people", "Tags": {"name": "\ud800"}}'
    half = httpx.Request("POST", "http://rekog/", headers=wire.headers("CreateCollection"), content=content)
    assert wire.send(half).refusal[0] == "SerializationException"
    assert wire("ListCollections").body["CollectionIds"] == []


# What the model can't say, and the service's documentation does

INCOMPLETE = [
    (operation, place.path, whole, member)
    for operation in OPERATIONS
    for place in constraints(operation)
    for whole in ({"Left": 0.1, "Top": 0.1, "Width": 0.5, "Height": 0.5}, {"X": 0.1, "Y": 0.1})
    for member in whole
    if place.rule == "type" and SHAPES[place.shape].get("members", {}).keys() == whole.keys()
]


@pytest.mark.parametrize(("operation", "path", "whole", "member"), INCOMPLETE)
def test_a_box_without_a_side_or_a_point_without_a_coordinate_is_refused_at_its_place(
    town: Town, operation: str, path: tuple[str, ...], whole: dict[str, float], member: str
) -> None:
    before = town.version()
    part = {name: value for name, value in whole.items() if name != member}
    code, message = town.wire(operation, **request_with(operation, town.members[operation], path, part)).refusal
    assert code == "InvalidParameterException"
    at = ".".join((*path, member)).replace(f".{ITEM}", "[0]")
    assert message == f"Request has invalid parameters: {at} is missing"
    assert town.version() == before


LINES = {"S3Object": {"Bucket": "photos", "Name": "lines.jsonl"}}
WATCH = {"Name": "door", "StopSelector": {"MaxDurationInSeconds": 5}}


class OneOf(NamedTuple):
    """A place where one of two must be, and members that work with either of them."""

    operation: str
    path: tuple[str, ...]
    one: dict[str, Any]
    other: dict[str, Any]
    members: dict[str, Any]


EITHER = [
    *(
        OneOf(operation, (member,), PHOTO, {"Bytes": b"picture"}, {})
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
def test_both_or_neither_of_two_that_exclude_each_other_are_refused(
    town: Town, copy: WireClient, either: OneOf
) -> None:
    def asked(value: dict[str, Any]) -> dict[str, Any]:
        return request_with(either.operation, {**town.members[either.operation], **either.members}, either.path, value)

    before = town.version()
    for value in ({**either.one, **either.other}, {}):
        answer = town.wire(either.operation, **asked(value))
        assert (answer.refusal[0], value) == ("InvalidParameterException", value)
    assert town.version() == before
    answer = copy(either.operation, **asked(either.one))
    assert (answer.status, answer.body) == (200, answer.body)
