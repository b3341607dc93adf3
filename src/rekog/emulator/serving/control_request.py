"""Requests of the control API: decode their JSON, and check the types of its values."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from ... import models
from ..._core.wire import from_wire
from ..._values.narrow import is_mapping, is_sequence

Json: TypeAlias = "Mapping[str, object]"


class ControlRequest(NamedTuple):
    """A request to a route. `rest` is the part of the path after the route's own."""

    rest: str
    query: Mapping[str, str]
    body: bytes
    content_type: str

    def members(self, *optional: str, required: tuple[str, ...] = ()) -> dict[str, object]:
        """Return the members of the JSON object in the body; raise `ValueError` for unknown and missing ones."""
        members: object = json.loads(self.body or b"{}")
        if not is_mapping(members):
            raise ValueError("the body must be a JSON object")
        if unknown := set(members) - {*optional, *required}:
            raise ValueError(
                f"no such member: {', '.join(sorted(unknown))}; there are {', '.join([*required, *optional])}"
            )
        if missing := set(required) - set(members):
            raise ValueError(f"required: {', '.join(sorted(missing))}")
        return dict(members)


def check_texts(members: Json, *optional: str, required: tuple[str, ...] = ()) -> None:
    """Raise `TypeError` for a member that is not text. Optional members may be null, required ones may not."""
    for name in (*optional, *required):
        value = members.get(name)
        if not isinstance(value, str) and (value is not None or name in required):
            raise TypeError(f"{name} must be text, not {value!r}")


def as_object(value: object, name: str) -> Json:
    """Return a JSON object; raise `TypeError` for any other value."""
    if not is_mapping(value):
        raise TypeError(f"{name} must be a JSON object, not {type(value).__name__}")
    return value


def as_items(value: object, name: str) -> list[object]:
    """Return the items of a JSON array; raise `TypeError` for any other value."""
    if not is_sequence(value):
        raise TypeError(f"{name} must be a JSON array, not {type(value).__name__}")
    return list(value)


def as_texts(value: object, name: str) -> list[str]:
    """Return the texts of a JSON array; raise `TypeError` for any other value."""
    items = as_items(value, name)
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) < len(items):
        raise TypeError(f"{name} must be a JSON array of texts")
    return texts


def as_source(text: object) -> str:
    """Return the name of an image or a video. Paths are refused: a client must not read files of the server."""
    if not isinstance(text, str) or not text.startswith(("s3://", "sha256:")):
        raise ValueError("of must begin with s3:// or sha256:")
    return text


def as_image(text: str) -> str | bytes:
    """Return an image: `s3://BUCKET/KEY` unchanged, or the bytes of base64."""
    return text if text.startswith("s3://") else _from_base64(text, "images")


def as_audit_image(value: object, name: str) -> bytes | models.AuditImage:
    """Return an image of a liveness check: the bytes of base64, or a model of the wire form."""
    if isinstance(value, str):
        return _from_base64(value, name)
    wire = dict(as_object(value, name))
    if "Bytes" in wire:
        wire["Bytes"] = _from_base64(str(wire["Bytes"]), name)
    return from_wire(models.AuditImage, wire, strict=True)


def _from_base64(text: str, name: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError(f"{name} must be base64: {error}") from error
