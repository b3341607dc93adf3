"""Responses in other libraries: fields of pydantic models, and serialisers."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pydantic
import pytest

from rekog import from_wire, models, to_wire
from rekog.models import AuditImage, BoundingBox, DetectFacesResponse, EmotionName, Face
from rekog.testing import partial_model
from tests.kit.samples import sample
from tests.property.models import full_models

BOX = BoundingBox(width=0.5, height=0.5, left=0, top=0)
FACE = Face(face_id="f", image_id="i", confidence=99.0, bounding_box=BOX)
FACE_DICT = {
    "face_id": "f",
    "image_id": "i",
    "confidence": 99.0,
    "bounding_box": {"width": 0.5, "height": 0.5, "left": 0, "top": 0},
}


class Visitor(pydantic.BaseModel):
    """A pydantic model with models of the service in its fields."""

    face: Face
    image: AuditImage | None = None


VISITOR = Visitor(face=FACE, image=AuditImage(bytes=b"\x00\x01\x02"))


def test_a_field_accepts_an_instance() -> None:
    assert Visitor(face=FACE).face is FACE


def test_a_field_accepts_a_dict_with_python_names() -> None:
    assert Visitor.model_validate({"face": FACE_DICT}).face == FACE


def test_a_field_is_json_without_none_and_with_base64() -> None:
    assert json.loads(VISITOR.model_dump_json()) == {"face": FACE_DICT, "image": {"bytes": "AAEC"}}


def test_a_dict_of_a_field_has_bytes() -> None:
    assert VISITOR.model_dump() == {"face": FACE_DICT, "image": {"bytes": b"\x00\x01\x02"}}


def test_a_field_is_equal_after_a_round_trip() -> None:
    text = VISITOR.model_dump_json()
    assert Visitor.model_validate_json(text) == VISITOR
    assert Visitor.model_validate(json.loads(text)) == VISITOR  # as frameworks do with the body of a request
    assert Visitor.model_validate(VISITOR.model_dump()) == VISITOR


def test_every_model_is_equal_after_a_round_trip() -> None:
    for model in full_models():
        kind = type(model)
        adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(kind)
        parsed = adapter.validate_json(adapter.dump_json(model))
        assert (parsed, type(parsed)) == (model, kind)
        assert adapter.validate_python(adapter.dump_python(model)) == model, kind


def test_a_model_with_missing_members_can_be_serialised() -> None:
    adapter = pydantic.TypeAdapter(models.Emotion)
    assert adapter.dump_python(partial_model(models.Emotion, confidence=9.0)) == {"confidence": 9.0}
    assert adapter.json_schema(mode="serialization").get("required") is None


@pytest.mark.parametrize(
    ("changed", "member", "error"),
    [
        ({"face_id": None}, "face_id", "Input should be a valid string"),
        ({"bounding_box": {"width": 0.5}}, "height", "Field required"),
        ({"confidence": "high"}, "confidence", "Input should be a valid number"),
    ],
)
def test_an_invalid_dict_is_refused_with_its_path(changed: dict[str, object], member: str, error: str) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        Visitor.model_validate({"face": {**FACE_DICT, **changed}})
    assert (member, error) in [(each["loc"][-1], each["msg"].partition(",")[0]) for each in caught.value.errors()]


def test_unknown_keys_are_ignored() -> None:
    assert Visitor.model_validate({"face": {**FACE_DICT, "new": 1}}).face == FACE


def test_values_are_converted_unless_the_validation_is_strict() -> None:
    text = {"face": {**FACE_DICT, "confidence": "99.0"}}
    assert Visitor.model_validate(text).face == FACE
    with pytest.raises(pydantic.ValidationError, match="Input should be a valid number"):
        Visitor.model_validate(text, strict=True)


@pytest.mark.parametrize(("value", "kind"), [("HAPPY", EmotionName), ("NEW", str)])
def test_enums_are_open(value: str, kind: type[str]) -> None:
    adapter = pydantic.TypeAdapter(models.Emotion)
    emotion = adapter.validate_python({"type": value, "confidence": 1.0})
    assert (emotion.type, type(emotion.type)) == (value, kind)
    assert json.loads(adapter.dump_json(emotion)) == {"type": value, "confidence": 1.0}


def test_bytes_that_are_not_base64_are_refused() -> None:
    with pytest.raises(pydantic.ValidationError, match="bytes"):
        pydantic.TypeAdapter(AuditImage).validate_python({"bytes": "?"})


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_a_field_has_a_json_schema(mode: Any) -> None:
    schema = Visitor.model_json_schema(mode=mode)["properties"]["face"]
    assert {name: part.get("type") for name, part in schema["properties"].items()}["confidence"] == "number"
    assert schema["properties"]["bounding_box"]["title"] == "Bounding Box"


def test_members_that_are_always_present_are_required_in_a_json_schema() -> None:
    schema = Visitor.model_json_schema()["properties"]["face"]
    assert sorted(schema["required"]) == ["bounding_box", "confidence", "face_id", "image_id"]


def test_a_response_that_lacks_members_is_serialised() -> None:
    assert json.loads(Visitor(face=partial_model(Face, face_id="a")).model_dump_json())["face"] == {"face_id": "a"}


def test_msgspec_encodes_a_response_with_to_wire() -> None:
    response = from_wire(DetectFacesResponse, sample("DetectFacesResponse"))
    assert json.loads(msgspec.json.encode(response, enc_hook=to_wire)) == to_wire(response)
