"""Members of requests to the control API: each rule with its whole message, and the values that it accepts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from rekog import models
from rekog._values.errors import DecodeError
from rekog.emulator.serving.control_request import (
    ControlRequest,
    as_audit_image,
    as_image,
    as_items,
    as_object,
    as_source,
    as_texts,
    check_texts,
)

BOX = {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}
IMAGE = b"\xff\x00 image"
TEXT = base64.b64encode(IMAGE).decode()


def members(body: bytes) -> dict[str, object]:
    return ControlRequest("", {}, body, "").members("later", "also", required=("name", "images"))


def test_members_are_those_of_the_object_in_the_body() -> None:
    given: dict[str, Any] = {"name": "a", "images": [], "also": None}
    assert members(json.dumps(given).encode()) == given
    assert ControlRequest("", {}, b"", "").members("name") == {}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("[]", "the body must be a JSON object"),
        ("null", "the body must be a JSON object"),
        (
            '{"name": 1, "images": 1, "zoo": 1, "colour": 1}',
            "no such member: colour, zoo; there are name, images, later, also",
        ),
        ('{"later": 1}', "required: images, name"),
        ('{"name": 1}', "required: images"),
        ("", "required: images, name"),
    ],
)
def test_unknown_and_missing_members_are_named(body: str, text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        members(body.encode())
    assert str(caught.value) == text


def test_an_optional_text_may_be_null_or_absent_and_a_required_one_may_not() -> None:
    check_texts({"a": "text", "b": None, "other": 5}, "b", "c", required=("a",))
    check_texts({})


NO_BASE64 = "{} must be base64: Only base64 data is allowed"
WRONG: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "optional text": (lambda: check_texts({"a": 5}, "a"), TypeError, "a must be text, not 5"),
    "second text": (lambda: check_texts({"a": "x", "b": []}, "a", "b"), TypeError, "b must be text, not []"),
    "required text": (lambda: check_texts({"a": None}, required=("a",)), TypeError, "a must be text, not None"),
    "missing text": (lambda: check_texts({}, required=("a",)), TypeError, "a must be text, not None"),
    "object": (lambda: as_object([], "a"), TypeError, "a must be a JSON object, not list"),
    "items": (lambda: as_items("ab", "a"), TypeError, "a must be a JSON array, not str"),
    "texts": (lambda: as_texts(["x", 5], "a"), TypeError, "a must be a JSON array of texts"),
    "no texts": (lambda: as_texts({}, "a"), TypeError, "a must be a JSON array, not dict"),
    "path": (lambda: as_source("/etc/s3://"), ValueError, "of must begin with s3:// or sha256:"),
    "no name": (lambda: as_source(5), ValueError, "of must begin with s3:// or sha256:"),
    "image": (lambda: as_image("?"), ValueError, NO_BASE64.format("images")),
    "audit image": (lambda: as_audit_image("?", "a"), ValueError, NO_BASE64.format("a")),
    "its bytes": (lambda: as_audit_image({"Bytes": "?", "BoundingBox": BOX}, "a"), ValueError, NO_BASE64.format("a")),
    "a number": (lambda: as_audit_image(5, "a"), TypeError, "a must be a JSON object, not int"),
    "half a model": (
        lambda: as_audit_image({"Bytes": TEXT, "BoundingBox": {"Left": 0.1}}, "a"), DecodeError,
        "AuditImage: BoundingBox.Width is missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_breaks_a_rule_is_named_with_the_rule(name: str) -> None:
    convert, kind, text = WRONG[name]
    with pytest.raises(kind) as caught:
        convert()
    assert str(caught.value) == text


@pytest.mark.parametrize("source", ["s3://b/k", "sha256:00"])
def test_objects_and_hashes_are_sources(source: str) -> None:
    assert as_source(source) == source


def test_images_are_bytes_names_or_models() -> None:
    assert (as_image(TEXT), as_image("s3://b/k"), as_audit_image(TEXT, "a")) == (IMAGE, "s3://b/k", IMAGE)
    box = models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
    given: Any = {"Bytes": TEXT, "BoundingBox": BOX}
    assert as_audit_image(given, "a") == models.AuditImage(bytes=IMAGE, bounding_box=box)
    assert given["Bytes"] == TEXT  # the request's own object stays as it is
    assert as_texts(("a", "b"), "a") == as_items(["a", "b"], "a") == ["a", "b"]
