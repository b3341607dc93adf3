"""A request against every constraint of the model, and the front end's way to say what is wrong.

`N validation errors detected: Value 'V' at 'image.bytes' failed to satisfy constraint: Member must ...; Value ...`

A list's plain elements are told together, once for the whole list, however many of them are wrong. So that a request of
any size is answered soon, N counts at most 10,000 broken rules, the first 100 errors are told, and of a value its first
10,000 characters, with `...` after them (assumed: where the service cuts is not known).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast

from ..._core.validate import WORDS, each_problem
from ..._generated.shapes import SHAPES
from ..refusals import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..._core.operation import Shape
    from ..._core.validate import Path, Problem

ValidationCode: TypeAlias = Literal["InvalidParameterException", "ValidationException"]
"""The error's name: the modelled one, or the front end's own, which no model lists. Which of them comes is assumed."""

_MOST_COUNTED = 10_000
"""Broken rules that are looked at to tell errors."""
_MOST_TOLD = 100
"""Errors that are told, of those that are counted."""
_MOST_SHOWN = 10_000
"""Characters of a value that are shown."""
_DEEPEST = 100
"""Levels of a value that are shown; none of the model's is as deep, but what it does not know may be."""
_CUT = "..."


class _Place(NamedTuple):
    """Where a problem is told: a member, or the list or map whose element it is."""

    path: Path
    value: object
    wrapping: str = ""


class _Error(NamedTuple):
    """One broken rule as it is told, or all rules of the elements of a list or map."""

    place: _Place
    problem: Problem

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same for errors that are told in the same words."""
        rule = self.problem.name if self.place.wrapping else self.problem.rule
        return (self.place.path, self.place.wrapping, rule)


def check(name: str, wire: object, code: ValidationCode) -> None:
    """Refuse a wire value of the named shape that breaks a constraint; members that the model lacks are ignored."""
    broken = (problem for problem in each_problem(name, wire, full=True) if problem.rule != "unknown")
    found = list(islice(broken, _MOST_COUNTED))
    wrong_types = [problem for problem in found if problem.rule == "type"]
    if wrong_types:
        raise serialization(_dotted(wrong_types[0].path), wrong_types[0])
    placed = (_Error(_place(name, wire, problem), problem) for problem in found)
    errors = list({error.key: error for error in placed}.values())
    if errors:
        count = f"{len(errors)} validation error{'s' if len(errors) > 1 else ''} detected: "
        raise RefusalError(code, count + "; ".join(map(_sentence, errors[:_MOST_TOLD])))


def serialization(place: str, problem: Problem) -> RefusalError:
    """Return the refusal of JSON whose values are of other types than the model's (assumed)."""
    kind, value = problem.shape.kind, type(problem.value).__name__
    if kind == "blob" and value == "str":
        value = "text that is not base64"
    return RefusalError("SerializationException", f"{place or 'the body'} must be {WORDS[kind]}, not {value}")


def _sentence(error: _Error) -> str:
    place, problem = error
    rules = [_rule(problem)] if not place.wrapping else list(_all_rules(problem.shape))
    constraint = f"{place.wrapping}: [{', '.join(rules)}]" if place.wrapping else rules[0]
    shown = "null" if problem.rule == "required" else f"'{_shown(place.value)}'"
    return f"Value {shown} at '{_dotted(place.path)}' failed to satisfy constraint: {constraint}"


def _place(name: str, wire: object, problem: Problem) -> _Place:
    """Find where to tell a problem: the front end tells a plain element's under its whole list or map."""
    if not problem.path or problem.rule == "required":
        return _Place(problem.path, problem.value)
    shape, value = SHAPES[name], wire
    for part in problem.path[:-1]:
        shape, value = _step(shape, value, part)
    path = problem.path[:-1]
    plain = problem.shape.kind not in ("structure", "list", "map")
    if shape.kind == "list" and plain:
        return _Place(path, value, "Member must satisfy constraint")
    if shape.kind == "map":
        of_key = problem.shape is SHAPES[shape.key] and problem.value == problem.path[-1]
        return _Place(path, value, f"Map {'keys' if of_key else 'value'} must satisfy constraint")
    return _Place(problem.path, problem.value)


def _step(shape: Shape, value: object, part: str | int) -> tuple[Shape, object]:
    inner = SHAPES[shape.members.get(str(part), shape.item)]
    if isinstance(part, int):
        return inner, cast("list[object]", value)[part]  # cast: a path's whole numbers are places in lists
    return inner, cast("Mapping[str, object]", value)[part]  # cast: its texts are members of structures and maps


def _rule(problem: Problem) -> str:
    shape = problem.shape
    match problem.rule:
        case "required":
            return "Member must not be null"
        case "min":
            return _bound(shape, "greater", shape.min)
        case "max":
            return _bound(shape, "less", shape.max)
        case "pattern":
            return f"Member must satisfy regular expression pattern: {shape.pattern}"
        case _:
            return f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


def _all_rules(shape: Shape) -> Iterator[str]:
    if shape.max is not None:
        yield _bound(shape, "less", shape.max)
    if shape.min is not None:
        yield _bound(shape, "greater", shape.min)
    if shape.pattern:
        yield f"Member must satisfy regular expression pattern: {shape.pattern}"
    if shape.enum:
        yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


def _bound(shape: Shape, word: str, bound: float | None) -> str:
    measure = "value" if shape.kind in ("integer", "long", "float", "double") else "length"
    return f"Member must have {measure} {word} than or equal to {bound}"


def _dotted(path: Path) -> str:
    """Return a path as `image.s3Object.name`, list members counted from 1 as in `changes.2.member.type`."""
    return ".".join(f"{part + 1}.member" if isinstance(part, int) else part[:1].lower() + part[1:] for part in path)


def _shown(value: object) -> str:
    """Return a value as the front end writes it, without the end of a long one."""
    pieces: list[str] = []
    length = 0
    for piece in _pieces(value, 0):
        pieces.append(piece[: _MOST_SHOWN + 1])
        length += len(pieces[-1])
        if length > _MOST_SHOWN:
            return "".join(pieces)[:_MOST_SHOWN] + _CUT
    return "".join(pieces)


def _pieces(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, bytes):
        yield f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    elif depth == _DEEPEST:
        yield _CUT
    elif isinstance(value, list):
        items = cast("list[object]", value)  # cast: of a JSON value
        yield "["
        for place, item in enumerate(items):
            yield ", " if place else ""
            yield from _pieces(item, depth + 1)
        yield "]"
    elif isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)  # cast: of a JSON value
        yield "{"
        for place, (key, item) in enumerate(members.items()):
            yield f"{', ' if place else ''}{key}="
            yield from _pieces(item, depth + 1)
        yield "}"
    else:
        yield str(value).lower() if isinstance(value, bool) else str(value)
