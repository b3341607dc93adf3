"""Arguments of a request: JSON in its body, or in the query of a presigned URL.

JSON is read alike with and without orjson. Both refuse numbers that JSON does not have, halves of surrogate pairs, and
deep nesting: the functions that check and decode a value call themselves once or more for each level.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from ..._core.json_body import blobs_from_text, parse
from ..._core.scalars import blob
from ..refusals import RefusalError
from . import presigned

if TYPE_CHECKING:
    from .exchange import Request

MAX_DEPTH = 150
"""Maximum depth of lists and objects. The API model needs less than 20; unknown members may be deeper."""
_ESCAPED_SURROGATES = (b"\\ud", b"\\uD")


def wire_of(operation: str, request: Request) -> dict[str, object]:
    """Return the wire dict of a request; refuse anything that is not a JSON object."""
    try:
        wire = blobs_from_text(f"{operation}Request", _arguments(operation, request), _bytes_or_text)
    except (ValueError, RecursionError):
        raise RefusalError("SerializationException", "The body is not JSON") from None
    if not isinstance(wire, dict):
        raise RefusalError("SerializationException", "The body must be a JSON object")
    return cast("dict[str, object]", wire)  # cast: keys of a JSON object are text


def _arguments(operation: str, request: Request) -> object:
    in_url = presigned.is_presigned(request.query)
    arguments = presigned.arguments(operation, request.query) if in_url else parse(request.body)
    _check(arguments)
    # the search for one byte is ten times as fast, and images in base64 have no backslash
    if in_url or (b"\\" in request.body and any(escape in request.body for escape in _ESCAPED_SURROGATES)):
        # json reads half a surrogate pair, orjson refuses it; encoding raises UnicodeEncodeError, a ValueError
        json.dumps(arguments, ensure_ascii=False).encode()
    return arguments


def _check(value: object) -> None:
    """Raise `ValueError` for a value that is nested too deeply, or has a number that is not finite."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if any(isinstance(item, float | int) and not _is_finite(item) for item in level):
            raise ValueError("a number is not finite")
        level = [inner for item in level for inner in _inner(item)]
        if not level:
            return
    raise ValueError("nested too deeply")


def _is_finite(number: float) -> bool:
    """Tell whether a number is finite in double precision: orjson refuses a whole number that is not, too."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _inner(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(cast("Mapping[str, object]", value).values())  # cast: of a JSON value
    return cast("list[object]", value) if isinstance(value, list) else []  # cast: of a JSON value


def _bytes_or_text(text: str) -> bytes | str:
    """Decode base64; return any other text unchanged, so that the validator names its location."""
    try:
        return blob(text)
    except ValueError:
        return text
