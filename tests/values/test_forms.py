"""Models as dicts and JSON text, with Python's names and the service's, and back."""

from __future__ import annotations

import doctest
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rekog import Response, from_wire, models, to_wire
from rekog._values.model import Model
from rekog.conversion import converter
from rekog.errors import ConfigError, DecodeError, ParamValidationError
from rekog.models import (
    Celebrity,
    DatasetDescription,
    DetectFacesResponse,
    DetectTextRequest,
    Image,
    Label,
    Point,
    TagResourceRequest,
    TextDetection,
)
from tests.kit.samples import sample

ALL: list[Any] = [getattr(models, name) for name in dir(models)]
KINDS: list[type[Model]] = [kind for kind in ALL if isinstance(kind, type) and issubclass(kind, Model)]
BOTH = pytest.mark.parametrize("names", ["python", "wire"])
MOMENT = datetime(2030, 1, 2, 3, 4, 5, 678901, UTC)


def filled(kind: type[Model]) -> Model:
    return from_wire(kind, sample(kind.__name__))


@BOTH
def test_every_model_survives_both_forms(names: Any) -> None:
    assert len(KINDS) > 250
    for kind in KINDS:
        model = filled(kind)
        assert kind.from_dict(model.to_dict(names=names)) == model
        assert kind.from_json(model.to_json(names=names)) == model


def test_a_dict_has_the_names_of_the_fields_and_plain_values() -> None:
    text = TextDetection(detected_text="EXIT", type=models.TextTypes.WORD)
    values = text.to_dict()
    assert values == {"detected_text": "EXIT", "type": "WORD"}
    assert type(values["type"]) is str


def test_a_dict_has_the_names_of_the_service_on_demand() -> None:
    label = Label(name="Cat", confidence=99.5, instances=[], parents=[models.Parent(name="Animal")])
    assert label.to_dict(names="wire") == to_wire(label)


@BOTH
def test_a_dict_has_bytes_and_datetimes(names: Any) -> None:
    assert list(DatasetDescription(creation_timestamp=MOMENT).to_dict(names=names).values()) == [MOMENT]
    (image,) = DetectTextRequest(image=Image(bytes=b"\0\1")).to_dict(names=names).values()
    assert list(image.values()) == [b"\0\1"]


def test_the_names_in_a_map_of_the_caller_stay() -> None:
    request = TagResourceRequest(resource_arn="arn:aws:rekognition", tags={"CostCenter": "a", "cost_center": "b"})
    assert request.to_dict()["tags"] == {"CostCenter": "a", "cost_center": "b"}
    assert TagResourceRequest.from_dict(request.to_dict()) == request


def test_json_with_pythons_names_is_that_of_the_converter() -> None:
    kinds = [Celebrity, DatasetDescription, DetectFacesResponse, DetectTextRequest]
    for kind in kinds:
        model = filled(kind)
        assert json.loads(model.to_json()) == converter("python").unstructure(model)


def test_json_with_the_services_names_has_epoch_seconds_and_base64() -> None:
    assert json.loads(DatasetDescription(creation_timestamp=MOMENT).to_json(names="wire")) == {
        "CreationTimestamp": MOMENT.timestamp()
    }
    assert DetectTextRequest(image=Image(bytes=b"\0\1\2")).to_json(names="wire") == '{"Image":{"Bytes":"AAEC"}}'


@BOTH
def test_other_letters_than_ascii_survive(names: Any) -> None:
    label = Label(name="Größe 猫", confidence=1.0)
    assert Label.from_json(label.to_json(names=names).encode()) == label


def test_a_response_of_boto3_is_read() -> None:
    values = {"CreationTimestamp": MOMENT, "ResponseMetadata": {"RequestId": "1"}}
    assert DatasetDescription.from_dict(values) == DatasetDescription(creation_timestamp=MOMENT)


def test_both_names_may_be_mixed() -> None:
    assert Label.from_dict({"name": "Cat", "Confidence": 9.5, "parents": [{"Name": "Animal"}]}) == Label(
        name="Cat", confidence=9.5, parents=[models.Parent(name="Animal")]
    )


def test_none_counts_as_absent() -> None:
    assert Label.from_dict({"name": "Cat", "confidence": 9.5, "instances": None}).instances == []


def test_a_subclass_is_returned_as_such() -> None:
    class Corner(Point):
        __slots__ = ()

    assert type(Corner.from_dict(Corner(x=1, y=2).to_dict())) is Corner


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "Label: the body must be an object, not list"),
        ({"instances": {}}, r"Label: Instances must be a list, not dict"),
        ({"instances": [{"bounding_box": 7}]}, r"Label: Instances\[0\]\.BoundingBox must be an object, not int"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(values: Any, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        Label.from_dict(values)


@pytest.mark.parametrize("text", ["", "{", b"\xff", "[" * 100_000])
def test_a_text_that_is_not_json_is_a_decode_error(text: str) -> None:
    with pytest.raises(DecodeError, match=r"^Label: the text is not JSON"):
        Label.from_json(text)


def test_a_field_of_the_wrong_kind_is_reported_as_by_to_wire() -> None:
    invalid: Any = 7
    with pytest.raises(ParamValidationError, match="Label: instances: must be a list, not int"):
        Label(name="Cat", confidence=1, instances=invalid).to_dict()


@pytest.mark.parametrize("method", [Point.to_dict, Point.to_json])
def test_other_names_are_refused(method: Any) -> None:
    with pytest.raises(ConfigError, match="names must be 'python' or 'wire', not 'snake'"):
        method(Point(x=1, y=2), names="snake")


@pytest.mark.parametrize("method", [Model.to_dict, Model.from_dict, Response.to_rows])
def test_the_examples_of_the_methods_run(method: Any) -> None:
    # pytest looks for examples in the module that a class names, which is the public one.
    (example,) = doctest.DocTestFinder().find(method, method.__name__, globs={})
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0
