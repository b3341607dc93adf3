"""The complete schemas of models for pydantic: JSON schemas, and the core schema of a model with each kind of field."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest

from rekog._values.narrow import is_mapping
from rekog._values.pydantic_schema import model_schema
from rekog.models import DeleteCollectionRequest, Emotion, EmotionName, Geometry, Image, Point, S3Object

TEXTS = {
    "bytes": "Raw bytes of the image, not base64 text.",
    "s3_object": "Object that holds the image, in the endpoint's region; instead of bytes.",
    "bucket": "Name of the bucket; it must be in the endpoint's region.",
    "name": "Key of the object.",
    "version": "Version of the object, for a bucket that keeps versions.",
}
SUMMARY = "A PNG or JPEG image, given either as bytes or as an S3 object."


def schema_of(kind: Any, mode: Any) -> dict[str, Any]:
    return pydantic.TypeAdapter(kind).json_schema(mode=mode)


def field(name: str, kind: dict[str, Any], *, nullable: bool = False) -> dict[str, Any]:
    shown: dict[str, Any] = {"anyOf": [kind, {"type": "null"}]} if nullable else kind
    return {**shown, "description": TEXTS[name], "title": name.title()}


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_a_json_schema_is_complete(mode: str) -> None:
    nullable = mode == "validation"
    content = {"type": "string", "format": "binary"} if nullable else {"type": "string"}
    bucket = {
        "type": "object",
        "title": "S3Object",
        "description": "An object in an S3 bucket.",
        "properties": {
            name: field(name, {"type": "string"}, nullable=nullable) for name in ("bucket", "name", "version")
        },
    }
    reference: dict[str, Any] = {"$ref": "#/$defs/S3Object"}
    shown = {"anyOf": [reference, {"type": "null"}]} if nullable else reference
    assert schema_of(Image, mode) == {
        "type": "object",
        "title": "Image",
        "description": SUMMARY,
        "properties": {
            "bytes": field("bytes", content, nullable=nullable),
            "s3_object": {**shown, "description": TEXTS["s3_object"]},
        },
        "$defs": {"S3Object": bucket},
    }
    emotion = {
        "type": "object",
        "title": "Emotion",
        "description": "An emotion that a face appears to show.",
        "properties": {
            "type": {"type": "string", "title": "Type", "description": "The emotion."},
            "confidence": {
                "type": "number",
                "title": "Confidence",
                "description": "How sure it is that the face shows the emotion, in percent.",
            },
        },
    }
    assert schema_of(Emotion, mode) == emotion | ({"required": ["type", "confidence"]} if nullable else {})
    assert schema_of(Geometry, mode)["properties"]["polygon"] == {
        "type": "array",
        "items": {"$ref": "#/$defs/Point"},
        "title": "Polygon",
        "description": "Finer outline; its points are ratios of width and height.",
    }


def test_a_model_without_texts_has_a_title(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Point, "__doc__", None)  # as under -OO
    number = {"type": "number"}
    assert schema_of(Point, "validation") == {
        "type": "object",
        "title": "Point",
        "properties": {"x": number | {"title": "X"}, "y": number | {"title": "Y"}},
        "required": ["x", "y"],
    }


def test_a_text_of_several_lines_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    attributes = "        x: One: two\n            three\n            four.\n        y: Five.\n"
    text = f"A place: here.\n\n    Attributes:\n{attributes}"
    monkeypatch.setattr(Point, "__doc__", text)
    schema = schema_of(Point, "validation")
    shown = {name: each["description"] for name, each in schema["properties"].items()}
    assert (schema["description"], shown) == ("A place: here.", {"x": "One: two three four.", "y": "Five."})


def test_a_core_schema_is_complete() -> None:
    """The functions are left out; tests of pydantic's results have them."""

    def generate(kind: Any) -> dict[str, Any]:
        return {"type": getattr(kind, "__name__", str(kind))}

    def plain(value: Any) -> Any:
        if is_mapping(value):
            return {key: plain(each) for key, each in value.items()}
        return "function" if callable(value) else value

    def fields(kind: Any, required: bool, **schemas: Any) -> dict[str, Any]:
        texts = {name: kind.__doc__.split(f"{name}: ")[1].partition("\n")[0] for name in schemas}
        return {
            "type": "typed-dict",
            "cls_name": kind.__name__,
            "extra_behavior": "ignore",
            "metadata": {
                "pydantic_js_updates": {"title": kind.__name__, "description": kind.__doc__.partition("\n")[0]}
            },
            "fields": {
                name: {
                    "type": "typed-dict-field",
                    "schema": schema,
                    "required": required,
                    "metadata": {"pydantic_js_updates": {"description": texts[name]}},
                }
                for name, schema in schemas.items()
            },
        }

    def whole(kind: Any, read: Any, written: Any) -> dict[str, Any]:
        made = {"type": "function-after", "function": {"type": "no-info", "function": "function"}, "schema": read}
        return {
            "type": "json-or-python",
            "json_schema": made,
            "python_schema": {
                "type": "function-wrap",
                "function": {"type": "no-info", "function": "function"},
                "schema": made,
            },
            "serialization": {"type": "function-plain", "function": "function", "return_schema": written},
            "ref": f"{kind.__module__}.{kind.__name__}:{id(kind)}",
        }

    data = {
        "type": "function-before",
        "function": {"type": "no-info", "function": "function"},
        "schema": {"type": "bytes"},
        "serialization": {
            "type": "function-plain",
            "function": "function",
            "when_used": "json",
            "return_schema": {"type": "str"},
        },
    }
    place = {"type": "S3Object"}
    assert plain(model_schema(Image, generate)) == whole(
        Image,
        fields(
            Image,
            False,
            bytes={"type": "nullable", "schema": data},
            s3_object={"type": "nullable", "schema": place},
        ),
        fields(Image, False, bytes=data, s3_object=place),
    )
    number = {"type": "float"}
    assert plain(model_schema(Point, generate)) == whole(
        Point, fields(Point, True, x=number, y=number), fields(Point, False, x=number, y=number)
    )
    enum = {
        "type": "function-after",
        "function": {"type": "no-info", "function": "function"},
        "schema": {"type": "str"},
    }
    assert plain(model_schema(Emotion, generate))["json_schema"]["schema"]["fields"]["type"]["schema"] == enum
    points = plain(model_schema(Geometry, generate))["json_schema"]["schema"]["fields"]["polygon"]["schema"]
    assert points == {"type": "list", "items_schema": {"type": "Point"}}


def test_values_are_read_and_written_as_they_are() -> None:
    images = pydantic.TypeAdapter(Image)
    image = Image(bytes=b"\xff\xfe\n")
    assert images.dump_python(image) == {"bytes": b"\xff\xfe\n"}
    assert images.dump_json(image) == b'{"bytes":"//4K"}'
    assert images.validate_json(b'{"bytes": "//4K"}') == image == images.validate_python({"bytes": b"\xff\xfe\n"})
    assert images.validate_python({"bytes": "//4K", "s3_object": None, "other": 1}) == image
    assert images.validate_python(image) is image
    place = S3Object(bucket="b", name="n")
    assert images.validate_python({"s3_object": place}).s3_object is place
    assert pydantic.TypeAdapter(DeleteCollectionRequest).validate_json(b'{"collection_id": "a"}').collection_id == "a"
    emotions = pydantic.TypeAdapter(Emotion)
    assert emotions.validate_json(b'{"type": "HAPPY", "confidence": 1}').type is EmotionName.HAPPY
    assert emotions.validate_json(b'{"type": "happy", "confidence": 1}').type == "happy"
    for text in ("//4", "//4K!", "//4K\n"):
        with pytest.raises(pydantic.ValidationError):
            images.validate_python({"bytes": text})
