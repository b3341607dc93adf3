"""Validation: an error names the field, the value's type and the rule, and is raised before a request is sent."""

from __future__ import annotations

import math
from typing import Any

import pytest

from rekog._core.validate import described, problems
from rekog.errors import ParamValidationError
from rekog.models import (
    BoundingBox,
    DetectLabelsFeatureName,
    DetectLabelsSettings,
    DetectTextFilters,
    Image,
    RegionOfInterest,
)
from tests.kit.backends import PNG, Backend, Scripted, Unused


def error_text(backend: Backend, method: str, /, *arguments: Any, strict: bool = False, **named: Any) -> str:
    """Return the text of the error for these arguments."""
    client: Any = backend.client(Unused(), strict=strict)
    with pytest.raises(ParamValidationError) as caught:
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
    "minimum": ("detect_labels", {**LABELS, "max_labels": -1}, "max_labels: must be at least 0, not -1"),
    "minimum of a fraction": (
        "detect_labels",
        {**LABELS, "min_confidence": -0.5},
        "min_confidence: must be at least 0, not",
    ),
    "list": ("delete_faces", {"collection_id": "c", "face_ids": "hunter2"}, "face_ids: must be a list, not str"),
    "list of values": (
        "detect_faces",
        {**LABELS, "attributes": "ALL"},
        'attributes: must be a list, not str: write ["ALL"]',
    ),
    "list of other values": (
        "detect_faces",
        {**LABELS, "attributes": "hunter2"},
        "attributes: must be a list, not str",
    ),
    "bytes for a list": (
        "delete_faces",
        {"collection_id": "c", "face_ids": b"a"},
        "face_ids: must be a list, not bytes",
    ),
    "view of bytes for a list": (
        "delete_faces",
        {"collection_id": "c", "face_ids": memoryview(b"a")},
        "face_ids: must be a list, not memoryview",
    ),
    "mapping for a list": (
        "delete_faces",
        {"collection_id": "c", "face_ids": {"a": 1}},
        "face_ids: must be a list, no",
    ),
    "number for a list": ("delete_faces", {"collection_id": "c", "face_ids": 7}, "face_ids: must be a list, not int"),
    "set": ("delete_faces", {"collection_id": "c", "face_ids": {7}}, "face_ids[0]: must be text, not int"),
    "set of structures": (
        "detect_text",
        {**LABELS, "filters": DetectTextFilters(regions_of_interest={1})},  # type: ignore[arg-type]  # runtime check
        "filters.regions_of_interest[0]: must be a RegionOfInterest, not int",
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
    "map key that is not text": (
        "create_collection",
        {"collection_id": "c", "tags": {None: "v"}},
        "tags.None: must be text, not NoneType",
    ),
    "structure with an S3 name": (
        "detect_labels",
        {"image": Image(s3_object=7)},  # type: ignore[arg-type]  # runtime check
        "image.s3_object: must be an S3Object, not int",
    ),
    "structure": (
        "detect_labels",
        {**LABELS, "settings": "hunter2"},
        "settings: must be a DetectLabelsSettings, not str",
    ),
    "nested structure": (
        "detect_labels",
        {**LABELS, "settings": DetectLabelsSettings(general_labels=["hunter2"])},  # type: ignore[arg-type]  # runtime check
        "settings.general_labels: must be a GeneralLabelsSettings, not list",
    ),
    "nested list item": (
        "detect_text",
        {**LABELS, "filters": DetectTextFilters(regions_of_interest=[RegionOfInterest(polygon=[7])])},  # type: ignore[list-item]  # runtime check
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
            "data_sharing_preference": {"opt_in": "hunter2"},
        },
        "data_sharing_preference.opt_in: must be True or False, not str",
    ),
    "dict with the service's names": (
        "detect_labels",
        {**LABELS, "settings": {"GeneralLabels": {}}},
        "settings.GeneralLabels: no such member; there are general_labels, image_properties; did you mean general_la",
    ),
    "dict with a name in capitals": (
        "detect_text",
        {**LABELS, "filters": {"regions_of_interest": [{"polygon": [{"X": 1, "y": 1}]}]}},
        "filters.regions_of_interest[0].polygon[0].X: no such member; there are x, y; did you mean x?",
    ),
    "dict with a misspelt name": (
        "start_segment_detection",
        {
            "video": "s3://films/a.mp4",
            "segment_types": ["SHOT"],
            "filters": {"shot_filter": {"min_confidnce": "hunter2"}},
        },
        "filters.shot_filter.min_confidnce: no such member; there are min_segment_confidence; did you mean min_segment",
    ),
    "dict with an unlike name": (
        "detect_labels",
        {**LABELS, "settings": {"colour": 7}},
        "settings.colour: no such member; there are general_labels, image_properties",
    ),
    "dict with a key that is not text": (
        "detect_labels",
        {**LABELS, "settings": {7: "hunter2"}},
        "settings.7: no such member; there are general_labels, image_properties",
    ),
    "dict inside of a model": (
        "detect_labels",
        {**LABELS, "settings": DetectLabelsSettings(general_labels={"label_filters": []})},  # type: ignore[arg-type]  # runtime check
        "settings.general_labels.label_filters: no such member",
    ),
    "dict inside of a list": (
        "detect_text",
        {**LABELS, "filters": {"regions_of_interest": [{"polygon": [{"x": 1, "y": 1}, {"x": 1, "z": 1}]}]}},
        "filters.regions_of_interest[0].polygon[1].z: no such member; there are x, y",
    ),
    "dict without a required member": (
        "start_media_analysis_job",
        {"input": {}, "operations_config": {}, "output_config": {"s3_bucket": "bucket"}},
        "input.s3_object: required, and must be an S3Object",
    ),
    "value in a dict": (
        "detect_labels",
        {**LABELS, "settings": {"general_labels": {"label_inclusion_filters": "hunter2"}}},
        "settings.general_labels.label_inclusion_filters: must be a list, not str",
    ),
}


@pytest.mark.parametrize(("method", "arguments", "rule"), DEFAULT.values(), ids=DEFAULT)
def test_the_error_for_an_invalid_argument_names_field_and_rule(
    backend: Backend, method: str, arguments: dict[str, Any], rule: str
) -> None:
    assert f"{method}: {rule}" in error_text(backend, method, **arguments)


def test_one_error_lists_all_problems(backend: Backend) -> None:
    text = error_text(backend, "detect_labels", PNG, max_labels="a", min_confidence="b")
    assert text == (
        "detect_labels: 2 problems:\n"
        "  max_labels: must be a whole number, not str\n"
        "  min_confidence: must be a finite number, not str"
    )


def test_an_error_has_a_problem_for_each_rule(backend: Backend) -> None:
    client: Any = backend.client(Unused())
    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: client.detect_labels(PNG, max_labels="a", min_confidence="b"))
    assert len(caught.value.problems) == 2
    assert caught.value.operation == "DetectLabels"


def test_a_missing_argument_is_a_type_error(backend: Backend) -> None:
    client: Any = backend.client(Unused())
    with pytest.raises(TypeError, match="collection_id"):
        backend.run(client.describe_collection)


def test_an_unknown_argument_of_a_paginator_is_a_type_error(backend: Backend) -> None:
    paginator = backend.client(Unused()).get_paginator("list_faces")
    with pytest.raises(TypeError, match="color"):
        paginator.paginate(collection_id="people", color="red")


# --- Strict checks ----------------------------------------------------------------------------------------------------


STRICT: dict[str, tuple[str, dict[str, Any], str]] = {
    "maximum": ("detect_labels", {**LABELS, "min_confidence": 101}, "min_confidence: must be at most 100, not 101"),
    "maximum length": (
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
    "maximum items": (
        "detect_labels",
        {**LABELS, "features": ["GENERAL_LABELS"] * 3},
        "features: must have at most 2 members, not 3",
    ),
}


@pytest.mark.parametrize(("method", "arguments", "rule"), STRICT.values(), ids=STRICT)
def test_strict_checks_the_whole_model(backend: Backend, method: str, arguments: dict[str, Any], rule: str) -> None:
    assert error_text(backend, method, strict=True, **arguments) == f"{method}: {rule}"


@pytest.mark.parametrize(("method", "arguments", "rule"), STRICT.values(), ids=STRICT)
def test_without_strict_the_request_is_sent(
    backend: Backend, method: str, arguments: dict[str, Any], rule: str
) -> None:
    transport = Scripted()
    client: Any = backend.client(transport)
    backend.run(lambda: getattr(client, method)(**arguments))
    assert len(transport.sent) == 1


def test_strict_accepts_valid_arguments(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport, strict=True)
    features: list[DetectLabelsFeatureName] = [DetectLabelsFeatureName.GENERAL_LABELS]
    backend.run(lambda: client.detect_labels(PNG, features=features, min_confidence=100))
    assert len(transport.sent) == 1


# --- Raw calls ---------------------------------------------------------------------------------------------------


def test_the_error_of_a_raw_call_has_the_services_names(backend: Backend) -> None:
    text = error_text(backend, "call", "DetectLabels", {"Image": {"S3Object": {"Bucket": 7}}})
    assert text == "DetectLabels: Image.S3Object.Bucket: must be text, not int"


def test_the_error_of_a_raw_call_names_a_missing_member(backend: Backend) -> None:
    assert error_text(backend, "call", "CreateUser", {"UserId": "ann"}) == (
        "CreateUser: CollectionId: required, and must be text"
    )


def test_the_error_of_a_raw_call_names_an_unknown_member(backend: Backend) -> None:
    text = error_text(backend, "call", "DescribeCollection", {"CollectionId": "c", "Id": "hunter2"})
    assert text == "DescribeCollection: Id: no such member; there are CollectionId"


def test_a_raw_call_may_be_strict(backend: Backend) -> None:
    text = error_text(backend, "call", "DescribeCollection", {"CollectionId": "hunter2 "}, strict=True)
    assert "must match the pattern" in text


@pytest.mark.parametrize("parameters", [["hunter2"], "hunter2"])
def test_a_raw_call_needs_a_mapping(backend: Backend, parameters: Any) -> None:
    text = error_text(backend, "call", "DescribeCollection", parameters)
    assert text == f"DescribeCollection: the whole: must be a mapping, not {type(parameters).__name__}"


def test_the_error_for_a_structure_without_members_lists_none() -> None:
    assert "no such member; there are none" in str(problem_text("DeleteUserResponse", {"Id": 1}))


def problem_text(shape: str, wire: object) -> str:
    return described(problems(shape, wire, full=False)[0], python_names=False)


@pytest.mark.parametrize("data", [b"", bytearray(), memoryview(b"")], ids=["bytes", "bytearray", "memoryview"])
def test_empty_bytes_are_below_the_minimum_length(data: object) -> None:
    assert problem_text("Image", {"Bytes": data}) == "Bytes: must have at least 1 bytes, not 0"


def test_a_null_member_is_treated_as_absent() -> None:
    assert problems("DetectLabelsRequest", {"Image": {}, "MaxLabels": None}, full=True) == []


def test_a_null_is_a_missing_member(backend: Backend) -> None:
    text = error_text(backend, "call", "CreateUser", {"CollectionId": None, "UserId": "ann"})
    assert text == "CreateUser: CollectionId: required, and must be text"


def test_the_length_of_a_view_is_counted_in_bytes() -> None:
    wide = memoryview(bytes(5_242_884)).cast("I")
    assert problems("Image", {"Bytes": wide}, full=True)[0].rule == "max"


def test_a_model_of_another_structure_is_no_empty_one(backend: Backend) -> None:
    """Also where another argument breaks a rule, so that all problems are listed."""
    wrong: Any = BoundingBox(left=0, top=0, width=1, height=1)
    client = backend.client(Unused())
    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: client.detect_text("s3://bucket/key", filters=DetectTextFilters(word_filter=wrong)))
    assert "BoundingBox" in str(caught.value)
