"""Arguments in a URL: what a presigned request has in its query in place of a body (BEHAVIOUR 13.4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from .._generated.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNATURE = "X-Amz-Signature"
_SIGNING = "X-Amz-"


def is_presigned(query: str) -> bool:
    """Tell whether a query has a signature, and so the arguments too."""
    return any(name == SIGNATURE for name, _ in parse_qsl(query, keep_blank_values=True))


def arguments(operation: str, query: str) -> dict[str, object]:
    """Return a query's members of an operation's request as JSON has them; `ValueError` when one can't be read.

    >>> arguments("ListFaces", "CollectionId=people&MaxResults=3&FaceIds=a&FaceIds=b&X-Amz-Signature=0")
    {'CollectionId': 'people', 'MaxResults': 3, 'FaceIds': ['a', 'b']}
    """
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if not name.startswith(_SIGNING):
            given.setdefault(name, []).append(value)
    members = SHAPES[f"{operation}Request"].members
    return {name: _value(members.get(name, ""), texts) for name, texts in given.items()}


def _value(shape_name: str, texts: Sequence[str]) -> object:
    shape = SHAPES.get(shape_name)
    if shape is None or shape.kind in ("string", "blob"):
        return texts[-1]
    if shape.kind == "list":
        return [_value(shape.item, [text]) for text in texts]
    return json.loads(texts[-1])
