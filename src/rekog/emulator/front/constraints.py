"""Constraints of the service's API model, checked for a request, and the message of the service's front end.

`N validation errors detected: Value 'V' at 'image.bytes' failed to satisfy constraint: Member must ...; Value ...`

A list with invalid plain elements is one error, regardless of their number. Limits keep the response to a large request
fast: at most 10,000 broken rules are counted, the message has the first 100 errors, and of a value the first 10,000
characters and `...` (assumed: the service's own limits are not known).
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
"""Name of the error: the one in the API model, or the front end's own, which recorded responses of the service have."""

_MAX_COUNTED = 10_000
"""Maximum number of broken rules that are counted."""
_MAX_ERRORS = 100
"""Maximum number of errors in the message."""
_MAX_CHARACTERS = 10_000
"""Maximum number of characters of a value in the message."""
_MAX_DEPTH = 100
"""Maximum depth of a value in the message. No value of the API model is as deep, but an unknown member may be."""
_CUT = "..."


class _Location(NamedTuple):
    """The location that the message names: a member, or the list or map that contains the invalid element."""

    path: Path
    value: object
    wrapping: str = ""


class _Error(NamedTuple):
    """A broken rule, or all rules for the elements of a list or map."""

    location: _Location
    problem: Problem

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for errors with the same message."""
        rule = self.problem.name if self.location.wrapping else self.problem.rule
        return (self.location.path, self.location.wrapping, rule)


def check(name: str, wire: object, code: ValidationCode) -> None:
    """Refuse a wire value of the named shape that breaks a constraint; ignore members that the API model lacks."""
    broken = (problem for problem in each_problem(name, wire, full=True) if problem.rule != "unknown")
    problems = list(islice(broken, _MAX_COUNTED))
    wrong_types = [problem for problem in problems if problem.rule == "type"]
    if wrong_types:
        raise serialization(_dotted(wrong_types[0].path), wrong_types[0])
    each = (_Error(_location(name, wire, problem), problem) for problem in problems)
    errors = list({error.key: error for error in each}.values())
    if errors:
        count = f"{len(errors)} validation error{'s' if len(errors) > 1 else ''} detected: "
        raise RefusalError(code, count + "; ".join(map(_sentence, errors[:_MAX_ERRORS])))


def serialization(path: str, problem: Problem) -> RefusalError:
    """Return SerializationException: a JSON value has another type than in the API model (assumed)."""
    kind, value = problem.shape.kind, type(problem.value).__name__
    if kind == "blob" and value == "str":
        value = "text that is not base64"
    return RefusalError("SerializationException", f"{path or 'the body'} must be {WORDS[kind]}, not {value}")


def _sentence(error: _Error) -> str:
    location, problem = error
    rules = [_rule(problem)] if not location.wrapping else list(_all_rules(problem.shape))
    constraint = f"{location.wrapping}: [{', '.join(rules)}]" if location.wrapping else rules[0]
    value = "null" if problem.rule == "required" else f"'{_text(location.value)}'"
    return f"Value {value} at '{_dotted(location.path)}' failed to satisfy constraint: {constraint}"


def _location(name: str, wire: object, problem: Problem) -> _Location:
    """Return the location of a problem: for a plain element the front end names the whole list or map."""
    shape, value = SHAPES[name], wire
    for part in problem.path[:-1]:
        shape, value = _step(shape, value, part)
    path = problem.path[:-1]
    if shape.kind == "list" and problem.shape.kind != "structure":  # the API model has no list of lists
        return _Location(path, value, "Member must satisfy constraint")
    if shape.kind == "map":
        of_key = problem.shape is SHAPES[shape.key] and problem.value == problem.path[-1]
        return _Location(path, value, f"Map {'keys' if of_key else 'value'} must satisfy constraint")
    return _Location(problem.path, problem.value)


def _step(shape: Shape, value: object, part: str | int) -> tuple[Shape, object]:
    inner = SHAPES[shape.members.get(str(part), shape.item)]
    if isinstance(part, int):
        return inner, cast("list[object]", value)[part]  # cast: whole numbers of a path are indexes
    return inner, cast("Mapping[str, object]", value)[part]  # cast: texts are keys


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
    """Return a path such as `image.s3Object.name`; list elements count from 1, as in `changes.2.member.type`."""
    return ".".join(f"{part + 1}.member" if isinstance(part, int) else part[:1].lower() + part[1:] for part in path)


def _text(value: object) -> str:
    """Return a value as the front end writes it, cut after the maximum length."""
    pieces: list[str] = []
    length = 0
    for piece in _pieces(value, 0):
        pieces.append(piece[: _MAX_CHARACTERS + 1])
        length += len(pieces[-1])
        if length > _MAX_CHARACTERS:
            return "".join(pieces)[:_MAX_CHARACTERS] + _CUT
    return "".join(pieces)


def _pieces(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, bytes):
        yield f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    elif depth == _MAX_DEPTH:
        yield _CUT
    elif isinstance(value, list):
        items = cast("list[object]", value)  # cast: of a JSON value
        yield "["
        for index, item in enumerate(items):
            yield ", " if index else ""
            yield from _pieces(item, depth + 1)
        yield "]"
    elif isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)  # cast: of a JSON value
        yield "{"
        for index, (key, item) in enumerate(members.items()):
            yield f"{', ' if index else ''}{key}="
            yield from _pieces(item, depth + 1)
        yield "}"
    else:
        yield str(value).lower() if isinstance(value, bool) else str(value)
