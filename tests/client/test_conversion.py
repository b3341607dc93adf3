"""to_wire and from_wire: accepted values, and errors that name the invalid field."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from rekog import from_wire, to_wire
from rekog._core.json_body import serialise
from rekog._core.validate import problems
from rekog.errors import DecodeError, ParamValidationError
from rekog.models import (
    BoundingBox,
    Celebrity,
    CreateCollectionRequest,
    DatasetDescription,
    DatasetStats,
    DetectLabelsRequest,
    DetectTextRequest,
    GeneralLabelsSettings,
    Image,
    Label,
    Point,
    Smile,
)
from tests.kit.backends import PNG
from tests.kit.samples import sample


def test_the_error_of_to_wire_names_the_invalid_field() -> None:
    invalid: Any = "hunter2"
    with pytest.raises(ParamValidationError) as caught:
        to_wire(Label(name="Cat", confidence=1, instances=invalid))
    assert str(caught.value).startswith("Label: instances: must be a list, not str")


def test_to_wire_accepts_a_dict_for_a_nested_model() -> None:
    request = DetectLabelsRequest(image=Image(bytes=PNG), settings={"general_labels": {}})
    assert to_wire(request) == {"Image": {"Bytes": PNG}, "Settings": {"GeneralLabels": {}}}


def test_to_wire_accepts_a_dict_that_was_assigned_to_a_field() -> None:
    request: Any = DetectLabelsRequest(image=Image(bytes=PNG))
    request.settings = {"general_labels": GeneralLabelsSettings()}
    assert to_wire(request) == {"Image": {"Bytes": PNG}, "Settings": {"GeneralLabels": {}}}


def test_to_wire_refuses_a_dict_with_the_services_names_in_a_model() -> None:
    settings: Any = {"GeneralLabels": {}}
    rule = r"settings\.GeneralLabels: no such member; .*; did you mean general_labels\?"
    with pytest.raises(ParamValidationError, match=rule):
        to_wire(DetectLabelsRequest(image=Image(bytes=PNG), settings=settings))


def test_to_wire_checks_the_fields_beside_a_timestamp() -> None:
    invalid: Any = 7
    with pytest.raises(
        ParamValidationError, match=r"^DatasetDescription: dataset_stats: must be a DatasetStats, not int$"
    ):
        to_wire(DatasetDescription(creation_timestamp=datetime(2030, 1, 1, tzinfo=UTC), dataset_stats=invalid))


def test_to_wire_accepts_models_of_the_service_only() -> None:
    from rekog._values.model import Model

    class Stray(Model):
        __slots__ = ()

    with pytest.raises(ParamValidationError, match="Stray is not a model of the service"):
        to_wire(Stray())


def test_to_wire_omits_none() -> None:
    assert to_wire(CreateCollectionRequest(collection_id="people")) == {"CollectionId": "people"}


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        (7, "Label: the body must be an object, not int"),
        (
            {"Name": "Cat", "Confidence": 1, "Instances": [{"BoundingBox": 7}]},
            r"Label: Instances\[0\]\.BoundingBox must",
        ),
    ],
)
def test_the_error_of_from_wire_names_the_invalid_member(wire: Any, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        from_wire(Label, wire)


def test_from_wire_checks_the_members_beside_a_list_of_strings() -> None:
    invalid = {**sample("Celebrity"), "KnownGender": 7}
    with pytest.raises(DecodeError, match="Celebrity: KnownGender must be an object, not int"):
        from_wire(Celebrity, invalid)


def test_a_value_without_a_json_form_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="complex has no JSON form"):
        serialise({"Name": 1j})


def test_from_wire_accepts_any_mapping() -> None:
    assert from_wire(Point, MappingProxyType({"X": 1, "Y": 2})) == Point(x=1, y=2)


def test_from_wire_decodes_a_request() -> None:
    request = from_wire(DetectTextRequest, {"Image": {"Bytes": PNG}})
    assert request == DetectTextRequest(image=Image(bytes=PNG))


def test_from_wire_decodes_base64() -> None:
    assert from_wire(Image, {"Bytes": "AAEC"}) == Image(bytes=b"\x00\x01\x02")


def test_to_wire_refuses_a_model_of_another_class() -> None:
    other: Any = Smile(value=True, confidence=99)
    with pytest.raises(ParamValidationError, match="dataset_stats: must be a DatasetStats, not Smile"):
        to_wire(DatasetDescription(dataset_stats=other))


def test_to_wire_refuses_an_empty_model_of_another_class() -> None:
    other: Any = GeneralLabelsSettings()
    with pytest.raises(ParamValidationError, match="dataset_stats: must be a DatasetStats, not GeneralLabelsSettings"):
        to_wire(DatasetDescription(dataset_stats=other))


def test_the_numbers_of_a_bounding_box_have_no_limits() -> None:
    box = BoundingBox(width=2, height=0.1, left=-0.5, top=1.5)
    assert problems("BoundingBox", to_wire(box), full=True) == []


def test_to_wire_accepts_a_valid_model() -> None:
    stats = DatasetStats(labeled_entries=1)
    assert to_wire(DatasetDescription(dataset_stats=stats)) == {"DatasetStats": {"LabeledEntries": 1}}
