"""Manifests: JSON Lines with an image and its labels per line; invalid lines, and errors within lines.

As the service's guide describes, a line is left out if it is not a JSON object, is too long or too deeply nested, or
if its image is missing, misspelt or repeated. Errors within a line are written into it, as lists of `errors` beside
the wrong values. If these make the line too long, it stays unchanged (assumed), so that every entry can be sent again.
The images themselves are not read. Of the lines of adapters' datasets only the image is checked. Such a line counts as
labeled if it states the moderation labels of its image, as the guide describes, or any attribute with metadata
(assumed).
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, NamedTuple, cast

from ...._values.narrow import is_mapping
from ...state.rows.datasets import Entry
from ...texts import HALF
from .annotations import label_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import NoReturn

MAX_LINE = 100_000
"""Maximum number of characters in an entry."""
MAX_DEPTH = 100
"""Maximum depth of nested objects and arrays in an entry (assumed); a limit of ours, so that later processing never
fails on an entry that is too deep."""
MAX_INVALID_SHARE = 0.2
"""A manifest fails if a larger share of its lines is left out (assumed: the guide says this of trainings only)."""
TEST_EVERY = 5
"""One entry of this many goes to a test dataset that is split off: 20 %."""

INVALID = "The manifest file extension or contents are invalid."
TOO_LARGE = "The manifest file size exceeds the maximum supported size."
TOO_MANY_ERRORS = "The manifest file has too many terminal errors."

_TRUTH = "content-moderation-groundtruth"
"""Member of an adapter's line with the moderation labels of its image."""
_SOURCE = re.compile(r"s3://[0-9A-Za-z.\-_]{3,255}/.{1,1024}")


class Manifest(NamedTuple):
    """Entries of a manifest, and the number of lines left out; with a `failure` the manifest can't be used."""

    entries: list[Entry]
    left_out: int
    failure: str | None


def parse(data: bytes, *, adapter: bool, limit: int) -> Manifest:
    """Read a manifest of at most `limit` bytes."""
    if len(data) > limit:
        return Manifest([], 0, TOO_LARGE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Manifest([], 0, INVALID)
    # not splitlines(): JSON text may contain the other line separators of Unicode unescaped
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return Manifest([], 0, INVALID)
    entries: dict[str, Entry] = {}
    for line in lines:
        entry = parse_line(line, adapter=adapter)
        if entry is not None:
            entries.setdefault(entry.source_ref, entry)
    left_out = len(lines) - len(entries)
    failure = TOO_MANY_ERRORS if left_out > MAX_INVALID_SHARE * len(lines) else None
    return Manifest(list(entries.values()), left_out, failure)


def parse_line(line: str, *, adapter: bool) -> Entry | None:
    """Return the entry of a line, with errors written into the line; None if the line must be left out."""
    value = _object(line)
    source = None if value is None else value.get("source-ref")
    if value is None or not isinstance(source, str) or not _SOURCE.fullmatch(source) or HALF.search(source):
        return None
    attributes = [name for name in value if isinstance(value.get(f"{name}-metadata"), dict)]
    if adapter:
        return Entry(source, line, {}, bool(attributes) or _has_truth(value), faulty=False)
    cleaned = cast("dict[str, object]", _without_errors(value))  # cast: a dict stays one
    labels, faulty = label_counts(cleaned, attributes)
    if cleaned != value or faulty:
        line = next((text for text in _json_texts(cleaned) if len(text) <= MAX_LINE), line)
    return Entry(source, line, labels, bool(labels), faulty)


def _has_truth(value: Mapping[str, object]) -> bool:
    """Return whether a line of an adapter's data states the moderation labels of its image; there may be none."""
    truth = value.get(_TRUTH)
    return is_mapping(truth) and isinstance(truth.get("ModerationLabels"), list)


def chosen_for_test(count: int) -> range:
    """Return the positions of entries that are split off: the last of every five, or the last of fewer (assumed).

    >>> list(chosen_for_test(11)), list(chosen_for_test(3)), list(chosen_for_test(1))
    ([4, 9], [2], [])
    """
    return range(min(TEST_EVERY, count) - 1, count, TEST_EVERY) if count > 1 else range(0)


def with_error(line: str, code: str, message: str) -> str:
    """Return a line with an error of its image, or the same line if the error makes it too long."""
    value = cast("dict[str, object]", json.loads(line))  # cast: a JSON object, as `parse_line` has checked
    value["errors"] = [{"code": code, "message": message}]
    return next((text for text in _json_texts(value) if len(text) <= MAX_LINE), line)


def _json_texts(value: object) -> Iterator[str]:
    """Yield a value as JSON with spaces, then without; only halves of surrogate pairs are escaped."""
    for separators in ((", ", ": "), (",", ":")):
        text = json.dumps(value, ensure_ascii=False, separators=separators)
        yield HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _object(line: str) -> Mapping[str, object] | None:
    if len(line) > MAX_LINE or not line.startswith("{"):  # to catch an error for each of millions of lines is slow
        return None
    try:
        value: object = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return None
    if _is_deeper(value, MAX_DEPTH):
        return None
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None  # cast: of a JSON object


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a finite number")


def _finite(text: str) -> float:
    """Return a number; raise ValueError if it is too large for a float, because JSON can't express infinity."""
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
"""`json.loads` would create one for each line."""


def _is_deeper(value: object, depth: int) -> bool:
    """Return whether objects and arrays are nested more deeply than `depth`."""
    if not isinstance(value, dict | list):
        return False
    inner = cast("Iterable[object]", value.values() if isinstance(value, dict) else value)  # cast: of a JSON value
    return not depth or any(_is_deeper(item, depth - 1) for item in inner)


def _without_errors(value: object) -> object:
    """Return a JSON value without the errors that an earlier check wrote into it."""
    if isinstance(value, dict):
        members = cast("Mapping[str, object]", value)  # cast: of a JSON object
        return {name: _without_errors(item) for name, item in members.items() if name != "errors"}
    if isinstance(value, list):
        return [_without_errors(item) for item in cast("list[object]", value)]  # cast: of a JSON array
    return value
