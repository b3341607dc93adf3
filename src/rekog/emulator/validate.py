"""A request against every constraint of the model, and the front end's way to say what is wrong.

`N validation errors detected: Value 'V' at 'image.bytes' failed to satisfy constraint: Member must ...; Value ...`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast

from .._core.validate import WORDS, problems
from .._generated.shapes import SHAPES
from .refusals import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._core.shape import Shape
    from .._core.validate import Problem

ValidationCode: TypeAlias = Literal["InvalidParameterException", "ValidationException"]
"""The error's name: the modelled one, or the front end's own, which no model lists (BEHAVIOUR 1.1, 15) [I]."""


class _Place(NamedTuple):
    """Where a problem is told: a member, or the list or map whose element it is."""

    path: str
    value: object
    wrapping: str = ""


def check(name: str, wire: object, code: ValidationCode) -> None:
    """Refuse a wire value of the named shape that breaks a constraint; members that the model lacks are ignored."""
    found = [problem for problem in problems(name, wire, full=True) if problem.rule != "unknown"]
    wrong_types = [problem for problem in found if problem.rule == "type"]
    if wrong_types:
        raise serialization(_dotted(wrong_types[0].path), wrong_types[0])
    told = list(dict.fromkeys(_sentence(name, wire, problem) for problem in found))
    if told:
        count = f"{len(told)} validation error{'s' if len(told) > 1 else ''} detected: "
        raise RefusalError(code, count + "; ".join(told))


def serialization(place: str, problem: Problem) -> RefusalError:
    """Return the refusal of JSON whose values are of other types than the model's [I]."""
    kind, value = problem.shape.kind, type(problem.value).__name__
    if kind == "blob" and value == "str":
        value = "text that is not base64"
    return RefusalError("SerializationException", f"{place or 'the body'} must be {WORDS[kind]}, not {value}")


def _sentence(name: str, wire: object, problem: Problem) -> str:
    place = _place(name, wire, problem)
    rules = [_rule(problem)] if not place.wrapping else list(_all_rules(problem.shape))
    constraint = f"{place.wrapping}: [{', '.join(rules)}]" if place.wrapping else rules[0]
    shown = "null" if problem.rule == "required" else f"'{_shown(place.value)}'"
    return f"Value {shown} at '{place.path}' failed to satisfy constraint: {constraint}"


def _place(name: str, wire: object, problem: Problem) -> _Place:
    """Find where to tell a problem: the front end tells a plain element's under its whole list or map."""
    if not problem.path or problem.rule == "required":
        return _Place(_dotted(problem.path), problem.value)
    shape, value = SHAPES[name], wire
    for part in problem.path[:-1]:
        shape, value = _step(shape, value, part)
    path = _dotted(problem.path[:-1])
    plain = problem.shape.kind not in ("structure", "list", "map")
    if shape.kind == "list" and plain:
        return _Place(path, value, "Member must satisfy constraint")
    if shape.kind == "map":
        of_key = problem.shape is SHAPES[shape.key] and problem.value == problem.path[-1]
        return _Place(path, value, f"Map {'keys' if of_key else 'value'} must satisfy constraint")
    return _Place(_dotted(problem.path), problem.value)


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


def _dotted(path: tuple[str | int, ...]) -> str:
    """Return a path as `image.s3Object.name`, list members counted from 1 as in `changes.2.member.type`."""
    return ".".join(f"{part + 1}.member" if isinstance(part, int) else part[:1].lower() + part[1:] for part in path)


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    if isinstance(value, list):
        items = cast("list[object]", value)  # cast: of a JSON value
        return f"[{', '.join(_shown(item) for item in items)}]"
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)  # cast: of a JSON value
        return f"{{{', '.join(f'{key}={_shown(item)}' for key, item in members.items())}}}"
    return str(value).lower() if isinstance(value, bool) else str(value)
