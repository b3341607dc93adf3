"""Responses in other libraries: fields of pydantic models, and serialisers."""

from __future__ import annotations

import json
from inspect import cleandoc
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
        ({"bounding_box": 7}, "bounding_box", "Input should be a valid dictionary"),
    ],
)
def test_an_invalid_dict_is_refused_with_its_path(changed: dict[str, object], member: str, error: str) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        Visitor.model_validate({"face": {**FACE_DICT, **changed}})
    path = ("face", "bounding_box", "height") if member == "height" else ("face", member)
    errors = [(each["loc"], each["msg"].partition(",")[0]) for each in caught.value.errors()]
    assert (path, error) in errors
    assert {loc[:2] for loc, _ in errors} == {path[:2]}


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


@pytest.mark.parametrize(("mode", "required"), [("validation", 4), ("serialization", 0)])
def test_a_json_schema_has_a_definition_for_each_model(mode: Any, required: int) -> None:
    schema = Visitor.model_json_schema(mode=mode)
    assert sorted(schema["$defs"]) == ["AuditImage", "BoundingBox", "Face", "S3Object"]
    assert schema["properties"]["face"] == {"$ref": "#/$defs/Face"}
    face = schema["$defs"]["Face"]
    assert (face["title"], face["description"]) == ("Face", "A face stored in a collection.")
    assert face["properties"]["bounding_box"]["$ref"] == "#/$defs/BoundingBox"
    assert face["properties"]["confidence"] == {
        "type": "number",
        "title": "Confidence",
        "description": "How sure it is that the box holds a face, in percent.",
    }
    assert len(face.get("required", [])) == required  # members that are always present; an answer may lack any


@pytest.mark.parametrize(("mode", "is_null"), [("validation", True), ("serialization", False)])
def test_a_member_that_is_none_is_read_but_never_written(mode: Any, is_null: bool) -> None:
    user = pydantic.TypeAdapter(Face).json_schema(mode=mode)["properties"]["user_id"]
    assert ({"type": "null"} in user.get("anyOf", [])) == is_null


def test_each_field_with_a_text_is_described_in_a_json_schema() -> None:
    described = 0
    for model in full_models():
        kind = type(model)
        adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(kind)
        attributes = cleandoc(kind.__doc__ or "").partition("Attributes:")[2]
        for name, field in adapter.json_schema()["properties"].items():
            text = field.get("description")
            assert (text is not None) == (f"\n    {name}: " in attributes), (kind, name)
            assert text is None or f"{name}: {text}" in " ".join(attributes.split())
            described += text is not None
    assert described > 500


def test_a_response_that_lacks_members_is_serialised() -> None:
    assert json.loads(Visitor(face=partial_model(Face, face_id="a")).model_dump_json())["face"] == {"face_id": "a"}


def test_msgspec_encodes_a_response_with_to_wire() -> None:
    response = from_wire(DetectFacesResponse, sample("DetectFacesResponse"))
    assert json.loads(msgspec.json.encode(response, enc_hook=to_wire)) == to_wire(response)
