"""Messages of the front end for broken constraints."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from rekog._core.validate import each_problem
from rekog._generated.shapes import SHAPES
from rekog.emulator import Emulator
from rekog.emulator.front import constraints
from tests.kit.wire import WireClient

ATTRIBUTES = (
    "DEFAULT, ALL, AGE_RANGE, BEARD, EMOTIONS, EYE_DIRECTION, EYEGLASSES, EYES_OPEN, GENDER, MOUTH_OPEN, MUSTACHE, "
    "FACE_OCCLUDED, SMILE, SUNGLASSES"
)
FACE_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
S3 = {"Bucket": "photos", "Name": "one.jpg"}


def failed(value: str, path: str, rule: str) -> str:
    return f"Value {value} at '{path}' failed to satisfy constraint: {rule}"


CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("missing", "CreateCollection", {}, failed("null", "collectionId", "Member must not be null")),
    (
        "empty text",
        "CreateCollection",
        {"CollectionId": "", "Tags": {}},
        failed("''", "collectionId", "Member must have length greater than or equal to 1")
        + "; "
        + failed("''", "collectionId", r"Member must satisfy regular expression pattern: [a-zA-Z0-9_.\-]+"),
    ),
    (
        "long text",
        "DeleteCollection",
        {"CollectionId": "a" * 256},
        failed(f"'{'a' * 256}'", "collectionId", "Member must have length less than or equal to 255"),
    ),
    (
        "pattern",
        "DescribeCollection",
        {"CollectionId": "a b"},
        failed("'a b'", "collectionId", r"Member must satisfy regular expression pattern: [a-zA-Z0-9_.\-]+"),
    ),
    (
        "empty bytes",
        "DetectFaces",
        {"Image": {"Bytes": b""}},
        failed(
            "'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]'",
            "image.bytes",
            "Member must have length greater than or equal to 1",
        ),
    ),
    (
        "too many bytes",
        "DetectFaces",
        {"Image": {"Bytes": bytes(5_242_881)}},
        failed(
            "'java.nio.HeapByteBuffer[pos=0 lim=5242881 cap=5242881]'",
            "image.bytes",
            "Member must have length less than or equal to 5242880",
        ),
    ),
    (
        "deep member",
        "DetectFaces",
        {"Image": {"S3Object": {"Bucket": "ab", "Name": "one.jpg"}}},
        failed("'ab'", "image.s3Object.bucket", "Member must have length greater than or equal to 3"),
    ),
    (
        "enum in a list",
        "DetectFaces",
        {"Image": {"S3Object": S3}, "Attributes": ["DEFAULT", "SHOES", "HATS"]},
        failed(
            "'[DEFAULT, SHOES, HATS]'",
            "attributes",
            f"Member must satisfy constraint: [Member must satisfy enum value set: [{ATTRIBUTES}]]",
        ),
    ),
    (
        "pattern in a list",
        "DeleteFaces",
        {"CollectionId": "people", "FaceIds": ["x"]},
        failed(
            "'[x]'",
            "faceIds",
            f"Member must satisfy constraint: [Member must satisfy regular expression pattern: {FACE_ID}]",
        ),
    ),
    (
        "empty list",
        "DeleteFaces",
        {"CollectionId": "people", "FaceIds": []},
        failed("'[]'", "faceIds", "Member must have length greater than or equal to 1"),
    ),
    (
        "structure in a list",
        "DetectText",
        {"Image": {"S3Object": S3}, "Filters": {"RegionsOfInterest": [{}] * 11}},
        failed(
            "'[{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}]'",
            "filters.regionsOfInterest",
            "Member must have length less than or equal to 10",
        ),
    ),
    (
        "enum",
        "SearchFacesByImage",
        {"CollectionId": "people", "Image": {"S3Object": S3}, "QualityFilter": "BEST"},
        failed("'BEST'", "qualityFilter", "Member must satisfy enum value set: [NONE, AUTO, LOW, MEDIUM, HIGH]"),
    ),
    (
        "number",
        "SearchFaces",
        {"CollectionId": "people", "FaceId": str(uuid.UUID(int=1)), "FaceMatchThreshold": 100.5},
        failed("'100.5'", "faceMatchThreshold", "Member must have value less than or equal to 100"),
    ),
    (
        "missing in a member",
        "UpdateStreamProcessor",
        {
            "Name": "door",
            "RegionsOfInterestForUpdate": [{}],
            "DataSharingPreferenceForUpdate": {},
        },
        failed("null", "dataSharingPreferenceForUpdate.optIn", "Member must not be null"),
    ),
]


@pytest.mark.parametrize(
    ("operation", "members", "text"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_broken_constraint_is_reported(wire: WireClient, operation: str, members: dict[str, Any], text: str) -> None:
    count = text.count("failed to satisfy")
    head = f"{count} validation error{'s' if count > 1 else ''} detected: "
    assert wire(operation, **members).refusal == ("ValidationException", head + text)


IMAGE = {"S3Object": S3}
MANY: list[tuple[str, str, dict[str, Any], str]] = [
    ("bad ids", "DeleteFaces", {"CollectionId": "c", "FaceIds": [f"ID{n}" for n in range(50_000)]}, "2 "),
    ("bad enums", "DetectFaces", {"Image": IMAGE, "Attributes": ["SHOES"] * 50_000}, "1 "),
    ("bad keys", "TagResource", {"ResourceArn": "a" * 20, "Tags": {f"{n:0200}": "v" for n in range(20_000)}}, "2 "),
    (
        "bad structures",
        "CreateFaceLivenessSession",
        {"Settings": {"ChallengePreferences": [{"Type": "x"}] * 5000}},
        "5000 ",
    ),
]


@pytest.mark.parametrize(("operation", "members", "count"), [case[1:] for case in MANY], ids=[case[0] for case in MANY])
def test_many_broken_constraints_are_reported_fast_and_briefly(
    wire: WireClient, operation: str, members: dict[str, Any], count: str
) -> None:
    began = time.process_time()
    _, message = wire(operation, **members).refusal
    assert time.process_time() - began < 10  # less than a second; with the whole list in each error it would be minutes
    assert message.startswith(f"{count}validation error")
    assert len(message) < 50_000


def test_at_most_ten_thousand_broken_rules_are_looked_for(monkeypatch: pytest.MonkeyPatch, wire: WireClient) -> None:
    found = 0

    def counted(*arguments: Any, **options: Any) -> Iterator[Any]:
        nonlocal found
        for problem in each_problem(*arguments, **options):
            found += 1
            yield problem

    monkeypatch.setattr(constraints, "each_problem", counted)
    preferences = [{"Type": "x"}] * 20_000
    _, message = wire("CreateFaceLivenessSession", Settings={"ChallengePreferences": preferences}).refusal
    assert (found, message.partition(" ")[0]) == (10_000, "10000")


def test_the_message_has_the_first_hundred_errors(wire: WireClient) -> None:
    preferences = [{"Type": "x"}] * 150
    _, message = wire("CreateFaceLivenessSession", Settings={"ChallengePreferences": preferences}).refusal
    assert message.startswith("150 validation errors detected: Value 'x' at 'settings.challengePreferences.1.member.")
    assert message.count("failed to satisfy constraint") == 100


@pytest.mark.parametrize("length", [10_000, 10_001])
def test_the_message_has_the_first_ten_thousand_characters_of_a_value(wire: WireClient, length: int) -> None:
    _, message = wire("DescribeCollection", CollectionId="a" * length).refusal
    value = "a" * 10_000 + ("" if length == 10_000 else "...")
    assert message.startswith(f"1 validation error detected: Value '{value}' at 'collectionId' failed")


def test_a_long_list_is_cut_like_a_long_text(wire: WireClient) -> None:
    _, message = wire("DeleteFaces", CollectionId="people", FaceIds=["x"] * 4000).refusal
    value = f"[{', '.join(['x'] * 4000)}"[:10_000]
    assert message.startswith(f"1 validation error detected: Value '{value}...' at 'faceIds' failed")


def test_a_deep_value_is_cut(wire: WireClient) -> None:
    deep: list[Any] = []
    for _ in range(120):
        deep = [deep]
    code, message = wire("DetectText", Image=IMAGE, Filters={"RegionsOfInterest": [{"Other": deep}] * 11}).refusal
    assert (code, f"{'[' * 98}...{']' * 98}" in message) == ("ValidationException", True)


def test_keys_and_values_of_a_map_are_separate_errors(wire: WireClient) -> None:
    value = "2" * 257
    refusal = wire("CreateCollection", CollectionId="people", Tags={"aws:x": "1", "y": value}).refusal
    tags = f"'{{aws:x=1, y={value}}}'"
    rules = (
        "must satisfy constraint: [Member must have length less than or equal to {}, Member must have length greater"
        " than or equal to {}, Member must satisfy regular expression pattern: {}]"
    )
    keys = "Map keys " + rules.format(128, 1, SHAPES["TagKey"].pattern)
    values = "Map value " + rules.format(256, 0, SHAPES["TagValue"].pattern)
    text = f"2 validation errors detected: {failed(tags, 'tags', keys)}; {failed(tags, 'tags', values)}"
    assert refusal == ("ValidationException", text)


def test_a_member_of_a_structure_in_a_list_is_reported_with_its_own_path(wire: WireClient) -> None:
    arn = "arn:aws:rekognition:us-east-1:123456789012:project/p/dataset/train/1"
    code, message = wire("DistributeDatasetEntries", Datasets=[{"Arn": arn}, {"Arn": "1" * 20}]).refusal
    assert code == "ValidationException"
    assert message.startswith(f"1 validation error detected: Value '{'1' * 20}' at 'datasets.2.member.arn' failed to ")


def test_a_list_member_of_another_type_is_reported_with_its_number(wire: WireClient) -> None:
    refusal = wire("DetectFaces", Image={"S3Object": S3}, Attributes=["DEFAULT", 7]).refusal
    assert refusal == ("SerializationException", "attributes.2.member must be text, not int")


NULL = "1 validation error detected: " + failed("null", "collectionId", "Member must not be null")


def test_the_error_has_the_form_of_recorded_responses(wire: WireClient) -> None:
    response = wire("CreateCollection")
    assert (response.status, response.body) == (400, {"__type": "ValidationException", "message": NULL})


def test_the_error_can_have_the_name_of_the_api_model() -> None:
    with Emulator(validation_code="InvalidParameterException") as emulator:
        response = WireClient(emulator)("CreateCollection")
    assert response.status == 400
    assert response.body == {
        "__type": "InvalidParameterException",
        "Code": "InvalidParameterException",
        "Logref": response.headers["x-amzn-requestid"],
        "Message": NULL,
    }


def test_lengths_are_counted_in_characters(wire: WireClient) -> None:
    tags = {"name": "\u00e9" * 256}
    assert wire("CreateCollection", CollectionId="people", Tags=tags).status == 200


def test_a_refused_request_changes_nothing(wire: WireClient) -> None:
    wire("CreateCollection", CollectionId="people", Tags={"aws:x": "1"})
    assert wire("ListCollections").body == {"CollectionIds": [], "FaceModelVersions": []}


def test_a_list_whose_elements_break_several_rules_is_one_error(wire: WireClient) -> None:
    names = ["", "x" * 300, "?"]
    rules = (
        "Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length"
        " greater than or equal to 1, Member must satisfy regular expression pattern: [a-zA-Z0-9_.\\-]+]"
    )
    text = failed(f"'[{', '.join(names)}]'", "projectNames", rules)
    assert wire("DescribeProjects", ProjectNames=names).refusal[1] == f"1 validation error detected: {text}"


def test_a_truth_value_is_written_as_in_java(wire: WireClient) -> None:
    _, message = wire("DistributeDatasetEntries", Datasets=[{"Other": True, "More": [False, None]}]).refusal
    assert "Value '[{Other=true, More=[false, None]}]' at 'datasets' failed" in message, message
