"""Validation of wire dicts against the service model's constraints.

By default a client checks the same as botocore: required members, unknown names, types, and minimums. `full` adds
maximums, patterns and enum members: `strict=True` in a client, always in the emulator.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from .._generated.shapes import SHAPES
from .._values.narrow import is_mapping, is_sequence
from .names import snake

if TYPE_CHECKING:
    from .operation import Shape

Rule: TypeAlias = Literal["required", "unknown", "type", "min", "max", "pattern", "enum", "percent"]
Path: TypeAlias = tuple[str | int, ...]

KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "blob": (bytes, bytearray, memoryview),
    "timestamp": (int, float, str),
    "list": (list, tuple),
    "map": (Mapping,),
    "structure": (Mapping,),
}
WORDS = {
    "string": "text", "integer": "a whole number", "long": "a whole number", "float": "a finite number",
    "double": "a finite number", "boolean": "True or False", "blob": "bytes", "timestamp": "a point in time",
    "list": "a list", "map": "a mapping of text to text", "structure": "a mapping",
}  # fmt: skip
LINEAR: Mapping[str, str] = {
    r"(^arn:aws:sns:.*:\w{12}:.+$)": r"arn:aws:sns:(?>.*?:\w{12}:).+",
    r".*\S.*": r"[^\S\n]*+\S.*",
}
"""Equivalent forms, in linear time, of the service's patterns whose matching time grows with the square of the text."""
PERCENT = 100
UNITS = {"string": " characters", "blob": " bytes", "list": " members", "map": " members"}


class Key(str):
    """A key of a map in a path: a text of the caller, not a name of the model."""

    __slots__ = ()


class Problem(NamedTuple):
    """One broken rule: its path (wire names and list indices), the rule, the name of the shape, and the value."""

    path: Path
    rule: Rule
    name: str
    value: object = None

    @property
    def shape(self) -> Shape:
        """The shape at the path; for an unknown member, the structure that contains it."""
        return SHAPES[self.name]


def problems(shape: str, value: object, *, full: bool) -> list[Problem]:
    """Return every broken rule of a wire value of the named shape; an empty list for a valid value."""
    return list(each_problem(shape, value, full=full))


def each_problem(shape: str, value: object, *, full: bool) -> Iterator[Problem]:
    """Yield the broken rules one by one, for callers that stop before the last of possibly millions."""
    return (problem for problem in _problems(shape, value, (), full=full) if problem.rule != "percent")


def suspicions(shape: str, value: object, *, full: bool) -> list[Problem]:
    """Return every broken rule, and as `percent` each percentage that looks like a share: the service accepts it."""
    return list(_problems(shape, value, (), full=full))


def _problems(name: str, value: object, path: Path, *, full: bool) -> Iterator[Problem]:
    shape = SHAPES[name]
    if not _fits(shape.kind, value):
        yield Problem(path, "type", name, value)
    elif shape.kind == "structure" and is_mapping(value):
        yield from _structure(name, value, path, full=full)
    else:
        size = _size(value)
        if size is not None and shape.min is not None:
            if size < shape.min:
                yield Problem(path, "min", name, value)
            elif size <= 1 and shape.max == PERCENT and shape.kind == "float" and size > 0:
                yield Problem(path, "percent", name, value)
        if full:
            yield from _upper(name, value, size, path)
        if is_mapping(value):
            for key, item in value.items():
                yield from _problems(shape.key, key, (*path, Key(key)), full=full)
                yield from _problems(shape.item, item, (*path, Key(key)), full=full)
        elif is_sequence(value):
            for index, item in enumerate(value):
                yield from _problems(shape.item, item, (*path, index), full=full)


def _structure(name: str, value: Mapping[str, object], path: Path, *, full: bool) -> Iterator[Problem]:
    shape = SHAPES[name]
    for wire in shape.required:
        if value.get(wire) is None:
            yield Problem((*path, wire), "required", shape.members[wire])
    for wire, item in value.items():
        member = shape.members.get(wire)
        if member is None:
            yield Problem((*path, wire), "unknown", name, item)
        elif item is not None:
            yield from _problems(member, item, (*path, wire), full=full)


def _fits(kind: str, value: object) -> bool:
    if not isinstance(value, KINDS[kind]):
        return False
    if isinstance(value, bool):
        return kind == "boolean"
    return not isinstance(value, float) or math.isfinite(value)


def _size(value: object) -> float | None:
    """Return the quantity that limits apply to: a number's value, or a length. No limit is one of True and False."""
    if isinstance(value, memoryview):
        return value.nbytes
    if isinstance(value, str | bytes | bytearray) or is_sequence(value) or is_mapping(value):
        return len(value)
    return value if isinstance(value, int | float) else None


def _upper(name: str, value: object, size: float | None, path: Path) -> Iterator[Problem]:
    shape = SHAPES[name]
    if size is not None and shape.max is not None and size > shape.max:
        yield Problem(path, "max", name, value)
    if isinstance(value, str):
        if shape.pattern and not _compiled(shape.pattern).fullmatch(value):
            yield Problem(path, "pattern", name, value)
        if shape.enum and value not in shape.enum:
            yield Problem(path, "enum", name, value)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # The service interprets its patterns as Java does: \d, \w and \S match ASCII only. The exception are the generated
    # patterns of tags, where [\w... matches the letters and digits of all scripts.
    return re.compile(LINEAR.get(pattern, pattern), 0 if r"[\w" in pattern else re.ASCII)


def described(problem: Problem, *, python_names: bool) -> str:
    """Return a problem as `path: rule`, without the value, which may be a secret or an image."""
    path = dotted(problem.path, python_names=python_names) or "the whole"
    return f"{path}: {rule_of(problem, python_names=python_names)}{_remedy(problem)}"


def _remedy(problem: Problem) -> str:
    """Return the remedy for a text in place of a list of texts; it shows members of an enum only."""
    shape, value = problem.shape, problem.value
    if problem.rule != "type" or shape.kind != "list" or not isinstance(value, str):
        return ""
    item = SHAPES[shape.item]
    if item.kind != "string":
        return ""
    return f': write ["{value!s}"]' if value in item.enum else ": put it in a list, [...]"


def dotted(path: Path, *, python_names: bool) -> str:
    """Return a path as `image.s3_object.bucket` or `Image.S3Object.Bucket`, with list indices in brackets."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            unchanged = isinstance(part, Key) or not python_names
            text += ("." if text else "") + (str(part) if unchanged else snake(str(part)))
    return text


def rule_of(problem: Problem, *, python_names: bool) -> str:
    """Return the text of the broken rule."""
    shape, value = problem.shape, problem.value
    kind = WORDS[shape.kind]
    if python_names and shape.kind == "structure":
        kind = f"{'an' if problem.name.startswith(('A', 'E', 'I', 'O', 'Un', 'Up', 'S3')) else 'a'} {problem.name}"
    if problem.rule == "required":
        return f"required, and must be {kind}"
    if problem.rule == "unknown":
        return _unknown(shape, str(problem.path[-1]), python_names=python_names)
    if problem.rule == "type":
        named = isinstance(value, float) and not math.isfinite(value)
        return f"must be {kind}, not {value if named else type(value).__name__}"
    if problem.rule == "percent":
        percents = float(str(value)) * PERCENT
        return f"{value} is {value} percent; for {percents:g} percent write {percents:g}"
    if problem.rule == "pattern":
        return f"must match the pattern {shape.pattern}"
    if problem.rule == "enum":
        return f"must be one of {', '.join(shape.enum)}"
    return _bound(problem)


def _unknown(shape: Shape, given: str, *, python_names: bool) -> str:
    from difflib import get_close_matches  # few calls need it

    names = sorted(map(snake, shape.members) if python_names else shape.members)
    near = [name for name in names if snake(name) == snake(given)] or get_close_matches(given, names, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"no such member; there are {', '.join(names) or 'none'}{hint}"


def _bound(problem: Problem) -> str:
    shape = problem.shape
    bound, word = (shape.min, "at least") if problem.rule == "min" else (shape.max, "at most")
    unit = UNITS.get(shape.kind, "")
    size = _size(problem.value)
    return f"must {'have' if unit else 'be'} {word} {bound}{unit}, not {size}"
