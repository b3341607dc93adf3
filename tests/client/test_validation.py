"""Arguments that break a rule: refused with the place, the kind and the rule, before anything is sent."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from rekog import from_wire, to_wire
from rekog._core.json_body import serialise
from rekog._core.validate import described, problems
from rekog.errors import DecodeError, ValidationError
from rekog.models import (
    BoundingBox,
    Celebrity,
    CreateCollectionRequest,
    DatasetDescription,
    DatasetStats,
    DetectLabelsFeatureName,
    DetectLabelsRequest,
    DetectLabelsSettings,
    DetectTextFilters,
    DetectTextRequest,
    GeneralLabelsSettings,
    Image,
    Label,
    Point,
    RegionOfInterest,
    Smile,
)
from tests.client.conftest import PNG, Backend, Scripted, Unused
from tests.kit.samples import sample


def refusal(backend: Backend, method: str, /, *arguments: Any, strict: bool = False, **named: Any) -> str:
    """Return why arguments are refused."""
    client: Any = backend.client(Unused(), strict=strict)
    with pytest.raises(ValidationError) as caught:
        backend.run(lambda: getattr(client, method)(*arguments, **named))
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


LABELS = {"image": PNG}

DEFAULT: dict[str, tuple[str, dict[str, Any], str]] = {
    "missing": ("describe_collection", {"collection_id": None}, "collection_id: required, and must be text"),
    "text": ("describe_collection", {"collection_id": 7}, "collection_id: must be text, not int"),
    "empty text": (
        "describe_collection",
        {"collection_id": ""},
        "collection_id: must have at least 1 characters, not 0",
    ),
    "whole number": (
        "detect_labels",
        {**LABELS, "max_labels": "hunter2"},
        "max_labels: must be a whole number, not str",
    ),
    "fraction": ("detect_labels", {**LABELS, "max_labels": 1.5}, "max_labels: must be a whole number, not float"),
    "bool": ("detect_labels", {**LABELS, "max_labels": True}, "max_labels: must be a whole number, not bool"),
    "number": (
        "detect_labels",
        {**LABELS, "min_confidence": "hunter2"},
        "min_confidence: must be a finite number, not str",
    ),
    "NaN": (
        "detect_labels",
        {**LABELS, "min_confidence": math.nan},
        "min_confidence: must be a finite number, not nan",
    ),
    "infinity": (
        "detect_labels",
        {**LABELS, "min_confidence": math.inf},
        "min_confidence: must be a finite number, not inf",
    ),
    "least number": ("detect_labels", {**LABELS, "max_labels": -1}, "max_labels: must be at least 0, not -1"),
    "least confidence": (
        "detect_labels",
        {**LABELS, "min_confidence": -0.5},
        "min_confidence: must be at least 0, not",
    ),
    "list": ("delete_faces", {"collection_id": "c", "face_ids": "hunter2"}, "face_ids: must be a list, not str"),
    "set": ("delete_faces", {"collection_id": "c", "face_ids": {"hunter2"}}, "face_ids: must be a list, not set"),
    "set of structures": (
        "detect_text",
        {**LABELS, "filters": DetectTextFilters(regions_of_interest={1})},  # type: ignore[arg-type]  # the point
        "filters.regions_of_interest: must be a list, not set",
    ),
    "empty list": (
        "delete_faces",
        {"collection_id": "c", "face_ids": []},
        "face_ids: must have at least 1 members, not 0",
    ),
    "list item": ("delete_faces", {"collection_id": "c", "face_ids": ["a", 7]}, r"face_ids[1]: must be text, not int"),
    "map": (
        "create_collection",
        {"collection_id": "c", "tags": ["hunter2"]},
        "tags: must be a mapping of text to text, not list",
    ),
    "map key": (
        "create_collection",
        {"collection_id": "c", "tags": {"": "v"}},
        "tags.: must have at least 1 characters, not 0",
    ),
    "map value": ("create_collection", {"collection_id": "c", "tags": {"team": 7}}, "tags.team: must be text, not int"),
    "map key that looks like a member's name": (
        "create_collection",
        {"collection_id": "c", "tags": {"MyTeam": 7}},
        "tags.MyTeam: must be text, not int",
    ),
    "map key that is no text": (
        "create_collection",
        {"collection_id": "c", "tags": {None: "v"}},
        "tags.None: must be text, not NoneType",
    ),
    "structure with an S3 name": (
        "detect_labels",
        {"image": Image(s3_object=7)},  # type: ignore[arg-type]  # the point
        "image.s3_object: must be an S3Object, not int",
    ),
    "structure": (
        "detect_labels",
        {**LABELS, "settings": "hunter2"},
        "settings: must be a DetectLabelsSettings, not str",
    ),
    "nested structure": (
        "detect_labels",
        {**LABELS, "settings": DetectLabelsSettings(general_labels=["hunter2"])},  # type: ignore[arg-type]  # the point
        "settings.general_labels: must be a GeneralLabelsSettings, not list",
    ),
    "nested list item": (
        "detect_text",
        {**LABELS, "filters": DetectTextFilters(regions_of_interest=[RegionOfInterest(polygon=[7])])},  # type: ignore[list-item]  # the point
        "filters.regions_of_interest[0].polygon[0]: must be a Point, not int",
    ),
    "bool member": (
        "create_stream_processor",
        {
            "input": {},
            "output": {},
            "name": "n",
            "settings": {},
            "role_arn": "r",
            "data_sharing_preference": {"OptIn": "hunter2"},
        },
        "data_sharing_preference.opt_in: must be True or False, not str",
    ),
    "snake-case dict": (
        "detect_labels",
        {**LABELS, "settings": {"general_labels": {}}},
        "settings.general_labels: no such member; there are GeneralLabels, ImageProperties",
    ),
}


@pytest.mark.parametrize(("method", "arguments", "rule"), DEFAULT.values(), ids=DEFAULT)
def test_a_broken_rule_is_told_with_its_place(
    backend: Backend, method: str, arguments: dict[str, Any], rule: str
) -> None:
    assert f"{method}: {rule}" in refusal(backend, method, **arguments)


def test_all_broken_rules_are_told_at_once(backend: Backend) -> None:
    text = refusal(backend, "detect_labels", PNG, max_labels="a", min_confidence="b")
    assert text == (
        "detect_labels: 2 problems:\n"
        "  max_labels: must be a whole number, not str\n"
        "  min_confidence: must be a finite number, not str"
    )


def test_each_broken_rule_is_a_problem(backend: Backend) -> None:
    client: Any = backend.client(Unused())
    with pytest.raises(ValidationError) as caught:
        backend.run(lambda: client.detect_labels(PNG, max_labels="a", min_confidence="b"))
    assert len(caught.value.problems) == 2
    assert caught.value.operation == "detect_labels"


def test_a_missing_argument_is_a_type_error_of_python(backend: Backend) -> None:
    client: Any = backend.client(Unused())
    with pytest.raises(TypeError, match="collection_id"):
        backend.run(client.describe_collection)


def test_an_unknown_argument_of_a_paginator_is_a_type_error_of_python(backend: Backend) -> None:
    paginator = backend.client(Unused()).get_paginator("list_faces")
    with pytest.raises(TypeError, match="color"):
        paginator.paginate(collection_id="people", color="red")


# --- What is let through -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{"GeneralLabels": {"LabelInclusionFilters": ["Cat"]}}], ids=["dict"])
def test_a_wire_dict_may_stand_for_a_nested_model(backend: Backend, settings: Any) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.detect_labels(PNG, settings=settings))
    assert transport.sent[0].wire["Settings"] == settings


def test_a_wire_dict_may_hold_a_model(backend: Backend) -> None:
    settings: Any = {"GeneralLabels": GeneralLabelsSettings(label_inclusion_filters=("Cat",))}
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.detect_labels(PNG, settings=settings))
    assert transport.sent[0].wire["Settings"] == {"GeneralLabels": {"LabelInclusionFilters": ["Cat"]}}


BEYOND: dict[str, tuple[str, dict[str, Any], str]] = {
    "most": ("detect_labels", {**LABELS, "min_confidence": 101}, "min_confidence: must be at most 100, not 101"),
    "longest": (
        "describe_collection",
        {"collection_id": "c" * 256},
        "collection_id: must have at most 255 characters, not 256",
    ),
    "pattern": (
        "describe_collection",
        {"collection_id": "hunter2 "},
        r"collection_id: must match the pattern [a-zA-Z0-9_.\-]+",
    ),
    "enum": (
        "detect_labels",
        {**LABELS, "features": ["hunter2"]},
        "features[0]: must be one of GENERAL_LABELS, IMAGE_PROPERTIES",
    ),
    "most items": (
        "detect_labels",
        {**LABELS, "features": ["GENERAL_LABELS"] * 3},
        "features: must have at most 2 members, not 3",
    ),
}


@pytest.mark.parametrize(("method", "arguments", "rule"), BEYOND.values(), ids=BEYOND)
def test_strict_checks_more(backend: Backend, method: str, arguments: dict[str, Any], rule: str) -> None:
    assert refusal(backend, method, strict=True, **arguments) == f"{method}: {rule}"


@pytest.mark.parametrize(("method", "arguments", "rule"), BEYOND.values(), ids=BEYOND)
def test_without_strict_the_service_decides(
    backend: Backend, method: str, arguments: dict[str, Any], rule: str
) -> None:
    transport = Scripted()
    client: Any = backend.client(transport)
    if method == "describe_collection":
        with pytest.raises(DecodeError):  # the answer is empty
            backend.run(lambda: client.describe_collection(**arguments))
    else:
        backend.run(lambda: getattr(client, method)(**arguments))
    assert len(transport.sent) == 1


def test_strict_lets_good_arguments_through(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport, strict=True)
    features: list[DetectLabelsFeatureName] = [DetectLabelsFeatureName.GENERAL_LABELS]
    backend.run(lambda: client.detect_labels(PNG, features=features, min_confidence=100))
    assert len(transport.sent) == 1


# --- Raw calls ---------------------------------------------------------------------------------------------------


def test_a_raw_call_names_members_as_the_service_does(backend: Backend) -> None:
    text = refusal(backend, "call", "DetectLabels", {"Image": {"S3Object": {"Bucket": 7}}})
    assert text == "DetectLabels: Image.S3Object.Bucket: must be text, not int"


def test_a_raw_call_names_what_is_missing(backend: Backend) -> None:
    assert refusal(backend, "call", "CreateUser", {"UserId": "ann"}) == (
        "CreateUser: CollectionId: required, and must be text"
    )


def test_a_raw_call_names_an_unknown_member(backend: Backend) -> None:
    text = refusal(backend, "call", "DescribeCollection", {"CollectionId": "c", "Id": "hunter2"})
    assert text == "DescribeCollection: Id: no such member; there are CollectionId"


def test_a_raw_call_may_be_strict(backend: Backend) -> None:
    text = refusal(backend, "call", "DescribeCollection", {"CollectionId": "hunter2 "}, strict=True)
    assert "must match the pattern" in text


@pytest.mark.parametrize("parameters", [["hunter2"], "hunter2"])
def test_a_raw_call_needs_a_mapping(backend: Backend, parameters: Any) -> None:
    text = refusal(backend, "call", "DescribeCollection", parameters)
    assert text == f"DescribeCollection: the whole: must be a mapping, not {type(parameters).__name__}"


def test_an_operation_without_members_says_so() -> None:
    assert "no such member; there are none" in str(problem_text("DeleteUserResponse", {"Id": 1}))


def problem_text(shape: str, wire: object) -> str:
    return described(problems(shape, wire, full=False)[0], python_names=False)


@pytest.mark.parametrize("data", [b"", bytearray(), memoryview(b"")], ids=["bytes", "bytearray", "memoryview"])
def test_empty_bytes_are_too_few(data: object) -> None:
    assert problem_text("Image", {"Bytes": data}) == "Bytes: must have at least 1 bytes, not 0"


def test_a_null_member_is_as_good_as_none() -> None:
    assert problems("DetectLabelsRequest", {"Image": {}, "MaxLabels": None}, full=True) == []


def test_bytes_are_counted_in_bytes() -> None:
    wide = memoryview(bytes(5_242_884)).cast("I")
    assert problems("Image", {"Bytes": wide}, full=True)[0].rule == "max"


# --- to_wire and from_wire ---------------------------------------------------------------------------------------


def test_to_wire_says_what_is_wrong_with_a_model() -> None:
    wrong: Any = "hunter2"
    with pytest.raises(ValidationError) as caught:
        to_wire(Label(name="Cat", confidence=1, instances=wrong))
    assert str(caught.value).startswith("Label: instances: must be a list, not str")


def test_to_wire_takes_a_wire_dict_for_a_nested_model() -> None:
    settings: Any = {"GeneralLabels": {}}
    request = DetectLabelsRequest(image=Image(bytes=PNG), settings=settings)
    assert to_wire(request) == {"Image": {"Bytes": PNG}, "Settings": settings}


def test_to_wire_finds_what_is_wrong_beside_a_moment() -> None:
    wrong: Any = 7
    with pytest.raises(ValidationError, match=r"^DatasetDescription: dataset_stats: must be a DatasetStats, not int$"):
        to_wire(DatasetDescription(creation_timestamp=datetime(2030, 1, 1, tzinfo=UTC), dataset_stats=wrong))


def test_to_wire_needs_a_model_of_the_service() -> None:
    from rekog._values.model import Model

    class Stray(Model):
        __slots__ = ()

    with pytest.raises(ValidationError, match="Stray is not a model of the service"):
        to_wire(Stray())


def test_to_wire_leaves_out_what_is_none() -> None:
    assert to_wire(CreateCollectionRequest(collection_id="people")) == {"CollectionId": "people"}


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        ({"Name": "Cat"}, "Label: Confidence is missing"),
        (7, "Label: the body must be an object, not int"),
        (
            {"Name": "Cat", "Confidence": 1, "Instances": [{"BoundingBox": 7}]},
            r"Label: Instances\[0\]\.BoundingBox must",
        ),
    ],
)
def test_from_wire_says_what_is_wrong_with_a_dict(wire: Any, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        from_wire(Label, wire)


def test_from_wire_finds_what_is_wrong_beside_a_list_of_texts() -> None:
    wrong = {**sample("Celebrity"), "KnownGender": 7}
    with pytest.raises(DecodeError, match="Celebrity: KnownGender must be an object, not int"):
        from_wire(Celebrity, wrong)


def test_what_has_no_json_form_is_not_sent() -> None:
    with pytest.raises(TypeError, match="complex has no JSON form"):
        serialise({"Name": 1j})


def test_from_wire_takes_any_mapping() -> None:
    assert from_wire(Point, MappingProxyType({"X": 1, "Y": 2})) == Point(x=1, y=2)


def test_from_wire_of_a_request() -> None:
    request = from_wire(DetectTextRequest, {"Image": {"Bytes": PNG}})
    assert request == DetectTextRequest(image=Image(bytes=PNG))


def test_from_wire_takes_base64_text_as_it_travels() -> None:
    assert from_wire(Image, {"Bytes": "AAEC"}) == Image(bytes=b"\x00\x01\x02")


def test_to_wire_finds_a_model_in_the_place_of_another() -> None:
    other: Any = Smile(value=True, confidence=99)
    with pytest.raises(ValidationError, match="dataset_stats: must be a DatasetStats, not Smile"):
        to_wire(DatasetDescription(dataset_stats=other))


def test_an_empty_model_of_another_class_is_found_too() -> None:
    other: Any = GeneralLabelsSettings()
    with pytest.raises(ValidationError, match="dataset_stats: must be a DatasetStats, not GeneralLabelsSettings"):
        to_wire(DatasetDescription(dataset_stats=other))


def test_numbers_of_a_box_are_not_bounded() -> None:
    box = BoundingBox(width=2, height=0.1, left=-0.5, top=1.5)
    assert problems("BoundingBox", to_wire(box), full=True) == []


def test_a_model_that_is_right_has_no_problem() -> None:
    stats = DatasetStats(labeled_entries=1)
    assert to_wire(DatasetDescription(dataset_stats=stats)) == {"DatasetStats": {"LabeledEntries": 1}}
