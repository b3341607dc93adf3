"""Models as values: attrs's view of each kind of field, copies, comparison, and what their methods pass on."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from rekog import ResponseMetadata, WireResponse
from rekog._core.answers import forms, printing, rows, tables
from rekog._values import pydantic_schema
from rekog._values.model import as_list, as_model, as_models, field_names, received_metadata
from rekog.models import (
    BoundingBox,
    CompareFacesRequest,
    DetectFacesResponse,
    Emotion,
    EmotionName,
    Geometry,
    Image,
    Point,
    S3Object,
)

if TYPE_CHECKING:
    import pytest

POINT = Point(x=0.5, y=0.25)


def view_of(kind: Any) -> list[tuple[object, ...]]:
    """Return name, type, default, and whether a field is shown, of each field in attrs's view."""
    view = attrs.fields(kind)
    assert all(field.kw_only for field in view)
    return [(field.name, field.type, getattr(field.default, "factory", field.default), field.repr) for field in view]


def test_attrs_sees_the_kind_the_default_and_the_form_of_each_field() -> None:
    assert view_of(Image) == [("bytes", bytes | None, None, False), ("s3_object", S3Object | None, None, True)]
    assert view_of(Point) == [("x", float, attrs.NOTHING, True), ("y", float, attrs.NOTHING, True)]
    assert view_of(Geometry) == [
        ("bounding_box", BoundingBox | None, None, True),
        ("polygon", list[Point], list[object], True),
    ]
    assert view_of(Emotion)[0] == ("type", EmotionName | str, attrs.NOTHING, True)
    source, target, threshold, quality = view_of(CompareFacesRequest)
    assert source == ("source_image", Image, attrs.NOTHING, True)
    assert target == ("target_image", Image, attrs.NOTHING, True)
    assert threshold == ("similarity_threshold", float | None, None, True)
    assert (quality[0], quality[2:]) == ("quality_filter", (None, True))
    assert [field.name for field in attrs.fields(DetectFacesResponse)] == ["face_details", "orientation_correction"]
    for kind in (Image, Point, Geometry, Emotion, DetectFacesResponse):
        assert dict(kind.__annotations__) == {field.name: field.type for field in attrs.fields(kind)}
        assert field_names(kind) == tuple(field.name for field in attrs.fields(kind))
        assert type(attrs.fields(kind)).__name__ == f"{kind.__name__}Attributes"


def test_the_annotations_of_a_class_of_a_user_are_its_own() -> None:
    class Marked(Point):
        """A subclass outside of the package."""

        __slots__ = ("note",)
        note: str

    assert Marked.__annotations__ == {"note": "str"}


def test_only_the_fields_of_a_model_count_for_equality_and_copies() -> None:
    assert Point(x=0.5, y=0.25) == POINT
    assert [other == POINT for other in (Point(x=0.5, y=0.5), Point(x=0.25, y=0.25), 5, None)] == [False] * 4
    assert POINT.__eq__((0.5, 0.25)) is NotImplemented
    moved = POINT.__replace__(x=1.0)
    assert (moved, type(moved), POINT.x) == (Point(x=1.0, y=0.25), Point, 0.5)
    for same in (copy.copy(POINT), copy.deepcopy(POINT), pickle.loads(pickle.dumps(POINT)), POINT.__replace__()):
        assert same == POINT
    response = DetectFacesResponse(face_details=[])
    assert response.response_metadata == ResponseMetadata(request_id=None, status_code=200, headers={}, attempts=1)
    response.response_metadata = ResponseMetadata(request_id="r")
    assert response == DetectFacesResponse(face_details=[])
    assert response.response_metadata.request_id == "r"


def test_a_repr_shows_the_fields_that_are_not_none_and_no_bytes() -> None:
    assert repr(POINT) == "Point(x=0.5, y=0.25)"
    shown = {
        "Image()": Image(),
        "Image(bytes=<3 bytes>)": Image(bytes=b"abc"),
        "Image(s3_object=S3Object(bucket='b'))": Image(s3_object=S3Object(bucket="b")),
        "Geometry(polygon=[Point(x=0.5, y=0.25)])": Geometry(polygon=[POINT]),
    }
    assert {text: repr(model) for text, model in shown.items()} == {text: text for text in shown}


def test_lists_and_models_are_taken_in_other_forms() -> None:
    listed, whole = [1, 2], {"x": 0.5, "y": 0.25}
    assert as_list(listed) is listed
    assert [as_list(value) for value in ((1, 2), {1}, iter([1]), {1: 2}.keys())] == [[1, 2], [1], [1], [1]]
    kept: list[Any] = ["ab", b"ab", bytearray(b"ab"), {"a": 1}, None, 5]
    assert all(as_list(value) is value for value in kept)
    assert as_model("Point", whole) == POINT
    assert as_model("S3Object", {"bucket": "b"}) == S3Object(bucket="b")
    assert as_model("S3Object", {}) == S3Object()
    unknown = {"bucket": "b", "other": 1}
    assert all(as_model("S3Object", value) is value for value in (unknown, POINT, None, 5, "ab", [whole]))
    assert as_models("Point", (whole, POINT, None)) == [POINT, POINT, None]
    assert as_models("Point", iter([whole])) == [POINT]
    assert (as_models("Point", "ab"), as_models("Point", None), as_models("Point", whole)) == ("ab", None, whole)


def test_the_metadata_of_a_response_are_a_value() -> None:
    received = received_metadata("r", 418, {"a": "b"}, 3)
    made = ResponseMetadata(request_id="r", status_code=418, headers={"a": "b"}, attempts=3)
    assert (received, hash(received), repr(received), type(received)) == (made, hash(made), repr(made), type(made))
    others = [
        made.__replace__(**{name: value}) for name, value in (("request_id", "s"), ("status_code", 1), ("attempts", 1))
    ]
    assert len({hash(made), *map(hash, others)}) == 4
    wire = WireResponse({"A": 1}, made)
    duplicate = wire.copy()
    assert (wire, wire.response_metadata, duplicate, type(duplicate)) == ({"A": 1}, made, wire, WireResponse)
    assert duplicate is not wire
    assert duplicate.response_metadata is made


def test_the_methods_of_a_model_pass_their_arguments_on(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, tuple[object, ...], dict[str, object]]] = []

    def recorder(name: str) -> Any:
        def call(*given: object, **named: object) -> str:
            calls.append((name, given, named))
            return name

        return call

    targets: Sequence[tuple[Any, str]] = [
        (forms, "to_dict"), (forms, "to_json"), (forms, "from_dict"), (forms, "from_json"), (printing, "fields"),
        (printing, "pretty"), (rows, "to_rows"), (tables, "to_html"), (pydantic_schema, "model_schema"),
    ]  # fmt: skip
    for module, name in targets:
        monkeypatch.setattr(module, name, recorder(name))
    point: Any = POINT
    response: Any = DetectFacesResponse(face_details=[])
    printer, handler = object(), type("Handler", (), {"generate_schema": print})
    results = [
        point.to_dict(), point.to_dict(names="wire"), point.to_json(), point.to_json(names="wire"),
        Point.from_dict({"x": 1}), Point.from_json("{}"), point.__rich_repr__(), response.to_rows(image="a"),
        response._repr_html_(), Point.__get_pydantic_core_schema__(None, handler),
    ]  # fmt: skip
    point._repr_pretty_(printer, True)
    assert calls == [
        ("to_dict", (point, "python"), {}), ("to_dict", (point, "wire"), {}), ("to_json", (point, "python"), {}),
        ("to_json", (point, "wire"), {}), ("from_dict", (Point, {"x": 1}), {}), ("from_json", (Point, "{}"), {}),
        ("fields", (point,), {}), ("to_rows", (response, {"image": "a"}), {}), ("to_html", (response,), {}),
        ("model_schema", (Point, print), {}), ("pretty", (point, printer), {"is_cycle": True}),
    ]  # fmt: skip
    assert results == [name for name, *_ in calls[:-1]]
