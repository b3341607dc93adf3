"""Manifests: JSON Lines, one a picture, with its labels; what can't be used of them, and why.

As the service's guide has it: a line that is no JSON object, is too long or too deep, or whose picture is missing,
misspelt or was named before is left out; what is wrong inside a line is told in lists of `errors` beside it. A line
that would grow too long by that stays as it came (assumed), so that every entry can be sent again. Nobody looks at the
pictures themselves. The lines of adapters' datasets have a form that our sources don't tell: of these only the picture
is looked at, and a line counts as labeled when it has any attribute with metadata (assumed).
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, NamedTuple, cast

from ...state.rows.datasets import Entry
from ...texts import HALF
from .annotations import label_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NoReturn

MAX_LINE = 100_000
"""Characters of an entry."""
MAX_DEPTH = 100
"""Objects and arrays within each other in an entry (assumed); a bound of ours, so that no entry is too deep for what is
done with it later."""
FAULTY_PART = 0.2
"""More than this part of the lines left out fails a manifest (assumed: the guide says so of a training's alone)."""
TEST_EVERY = 5
"""One entry in so many goes to a test dataset that is split off: 20 %."""

INVALID = "The manifest file extension or contents are invalid."
TOO_LARGE = "The manifest file size exceeds the maximum supported size."
TOO_MANY_ERRORS = "The manifest file has too many terminal errors."

_SOURCE = re.compile(r"s3://[0-9A-Za-z.\-_]{3,255}/.{1,1024}")


class Manifest(NamedTuple):
    """A manifest as it was read; with a `failure` it can't be used at all."""

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
    # not splitlines(): JSON text may hold the other line separators of Unicode as they are
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return Manifest([], 0, INVALID)
    entries: dict[str, Entry] = {}
    for line in lines:
        entry = parse_line(line, adapter=adapter)
        if entry is not None:
            entries.setdefault(entry.source_ref, entry)
    left_out = len(lines) - len(entries)
    failure = TOO_MANY_ERRORS if left_out > FAULTY_PART * len(lines) else None
    return Manifest(list(entries.values()), left_out, failure)


def parse_line(line: str, *, adapter: bool) -> Entry | None:
    """Return what a line says, with its errors written into it, or None where it has to be left out."""
    value = _object(line)
    source = None if value is None else value.get("source-ref")
    if value is None or not isinstance(source, str) or not _SOURCE.fullmatch(source) or HALF.search(source):
        return None
    attributes = [name for name in value if isinstance(value.get(f"{name}-metadata"), dict)]
    if adapter:
        return Entry(source, line, {}, bool(attributes), faulty=False)
    cleaned = cast("dict[str, object]", _without_errors(value))  # cast: a dict stays one
    labels, faulty = label_counts(cleaned, attributes)
    if cleaned != value or faulty:
        line = next((text for text in _written(cleaned) if len(text) <= MAX_LINE), line)
    return Entry(source, line, labels, bool(labels), faulty)


def split(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return the entries that stay, and every fifth, which goes to the test."""
    chosen = set(chosen_for_test(len(entries)))
    return (
        [entry for place, entry in enumerate(entries) if place not in chosen],
        [entry for place, entry in enumerate(entries) if place in chosen],
    )


def chosen_for_test(count: int) -> range:
    """Return the places of those that are split off: the last of each five, of fewer than five the last (assumed).

    >>> list(chosen_for_test(11)), list(chosen_for_test(3)), list(chosen_for_test(1))
    ([4, 9], [2], [])
    """
    return range(min(TEST_EVERY, count) - 1, count, TEST_EVERY) if count > 1 else range(0)


def _written(value: object) -> Iterator[str]:
    """Give a JSON value as text, with and without spaces; all characters are as they are but halves of some."""
    for separators in ((", ", ": "), (",", ":")):
        text = json.dumps(value, ensure_ascii=False, separators=separators)
        yield HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _object(line: str) -> Mapping[str, object] | None:
    if len(line) > MAX_LINE:
        return None
    try:
        value: object = json.loads(line, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    if _deeper(value, MAX_DEPTH):
        return None
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None  # cast: of a JSON object


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _finite(text: str) -> float:
    """Return a number, or refuse one that is too large to be one here, and so could not be written again."""
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _deeper(value: object, depth: int) -> bool:
    """Tell whether objects and arrays stand deeper in each other than that."""
    if not isinstance(value, dict | list):
        return False
    inner = cast("Iterable[object]", value.values() if isinstance(value, dict) else value)  # cast: of a JSON value
    return not depth or any(_deeper(item, depth - 1) for item in inner)


def _without_errors(value: object) -> object:
    """Return a JSON value without the errors that an earlier look wrote into it."""
    if isinstance(value, dict):
        members = cast("Mapping[str, object]", value)  # cast: of a JSON object
        return {name: _without_errors(item) for name, item in members.items() if name != "errors"}
    if isinstance(value, list):
        return [_without_errors(item) for item in cast("list[object]", value)]  # cast: of a JSON array
    return value
