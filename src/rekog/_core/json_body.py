"""JSON bodies of the service's JSON 1.1 protocol, from wire dicts and back.

A body is built once, as parts: the base64 text of an image is one part between two pieces of JSON text and is never
copied again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, cast

from .._generated.shapes import SHAPES
from .._values.narrow import BytesLike, is_bytes, is_mapping, is_sequence
from .base64_text import encoded
from .scalars import blob

if TYPE_CHECKING:
    from .operation import Shape

# `json` writes this in place of a blob until the body is assembled; no text of a caller can equal it.
_MARK = f"rekog-blob-{os.urandom(12).hex()}"

MAXIMUM_TEXT = 300  # bytes of a foreign response that an error shows


def serialise(wire: Mapping[str, object]) -> tuple[bytes, ...]:
    """Return a wire dict as the parts of a JSON body."""
    blobs: list[BytesLike] = []

    def mark(value: object) -> object:
        if is_mapping(value):
            return dict(value)
        if not is_bytes(value):
            raise TypeError(f"{type(value).__name__} has no JSON form")
        blobs.append(value)
        return _MARK

    text = json.dumps(wire, separators=(",", ":"), default=mark)
    if not blobs:
        return (text.encode(),)
    pieces = text.split(_MARK)
    parts = [pieces[0].encode()]
    for value, piece in zip(blobs, pieces[1:], strict=True):
        parts += [encoded(value), piece.encode()]
    return tuple(parts)


def parse(content: bytes) -> object:
    """Return the value of a JSON body; an empty body is an empty object. Uses orjson when it is installed."""
    return _loads()(content) if content.strip() else {}


def beginning(content: bytes) -> str:
    """Return the beginning of a body that is not the service's JSON, on one line: it identifies the gateway."""
    return " ".join(content[:MAXIMUM_TEXT].decode("utf-8", "replace").split())


_chosen: list[Callable[[bytes], object]] = []


def _loads() -> Callable[[bytes], object]:
    if not _chosen:
        # A signal may interrupt the import of orjson, and a second import then crashes the interpreter. So the module
        # of the standard library is the choice until orjson is there.
        _chosen.append(json.loads)
        with suppress(ImportError):
            _chosen[0] = cast("Callable[[bytes], object]", import_module("orjson").loads)  # cast: an optional package
    return _chosen[0]


def blobs_from_text(shape: str, value: object, read: Callable[[str], object] = blob) -> object:
    """Return a JSON value of the named shape with the base64 text of each blob of the model turned into bytes."""
    return _with_blobs(SHAPES[shape], value, read) if _has_blob(shape, set()) else value


def _with_blobs(shape: Shape, value: object, read: Callable[[str], object]) -> object:
    if shape.kind == "blob" and isinstance(value, str):
        return read(value)
    if shape.kind == "structure" and is_mapping(value):
        members = {wire: SHAPES[name] for wire, name in shape.members.items()}
        return {k: _with_blobs(members[k], v, read) if k in members else v for k, v in value.items()}
    if shape.kind == "list" and is_sequence(value):
        return [_with_blobs(SHAPES[shape.item], item, read) for item in value]
    return value


def _has_blob(name: str, seen: set[str]) -> bool:
    if name in seen:
        return False
    seen.add(name)
    shape = SHAPES[name]
    inner = [*shape.members.values(), *([shape.item] if shape.item else [])]
    return shape.kind == "blob" or any(_has_blob(part, seen) for part in inner)
