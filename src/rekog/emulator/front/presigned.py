"""Arguments of presigned requests, which are in the query of the URL instead of a body."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from ..._generated.shapes import SHAPES
from ..refusals import RefusalError

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNATURE = "X-Amz-Signature"
_SIGNING = "X-Amz-"


def is_presigned(query: str) -> bool:
    """Tell whether a query has a signature; then it has the arguments too."""
    return any(name == SIGNATURE for name, _ in parse_qsl(query, keep_blank_values=True))


def arguments(operation: str, query: str) -> dict[str, object]:
    """Return the members of an operation's request as JSON values; refuse a query that can't be decoded.

    Structures are JSON, as rekog writes them, or Python literals, as botocore does. It is not known whether the service
    reads either form.

    >>> arguments("ListFaces", "CollectionId=people&MaxResults=3&FaceIds=a&FaceIds=b&X-Amz-Signature=0")
    {'CollectionId': 'people', 'MaxResults': 3, 'FaceIds': ['a', 'b']}
    >>> arguments("DetectText", "Image=%7B%27S3Object%27%3A+%7B%27Bucket%27%3A+%27photos%27%7D%7D&X-Amz-Signature=0")
    {'Image': {'S3Object': {'Bucket': 'photos'}}}
    """
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if not name.startswith(_SIGNING):
            given.setdefault(name, []).append(value)
    members = SHAPES[f"{operation}Request"].members
    return {name: _value(name, members.get(name, ""), texts) for name, texts in given.items()}


def _value(name: str, shape_name: str, texts: Sequence[str]) -> object:
    shape = SHAPES.get(shape_name)
    if shape is None or shape.kind in ("string", "blob"):
        return texts[-1]
    if shape.kind == "list":
        return [_value(name, shape.item, [text]) for text in texts]
    try:
        return _read(texts[-1])
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise RefusalError("SerializationException", f"{name} in the URL must be JSON or a Python literal") from None


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        literal: object = ast.literal_eval(text)  # evaluates literals only
        return json.loads(json.dumps(literal))
