"""Decoding of a wire value that a codec rejects: a member may be missing, or have the wrong kind.

A member that the service always sends is missing in some responses: in recorded and published ones, in those of
emulators and stubs, perhaps in those of a later service. The model then has None in its place, or an empty list, and
a log line names the member. Structures that are complete still pass through their codecs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ... import models
from ..._generated.shapes import SHAPES
from ..._values.errors import DecodeError
from ..._values.model import Model
from ..._values.narrow import is_mapping, is_sequence
from ..codecs import FAILURES, Codec, find_codec, generated_class
from ..names import snake
from ..scalars import blob, moment, new
from ..validate import WORDS, Path, dotted

if TYPE_CHECKING:
    from ..operation import Shape

M = TypeVar("M", bound=Model)

_LOG = logging.getLogger("rekog")
_READERS: dict[str, Codec] = {"blob": blob, "timestamp": moment}
_LISTS = ("Items[", "list[", "Sequence[", "Iterable[")
_logged: set[tuple[str, str]] = set()
"""Structure and member of each log line of this process."""


class Gap(NamedTuple):
    """A member that the model declares as always present, and that is missing or null."""

    path: Path
    structure: str
    value: str
    """The value that takes its place, in words."""


class Field(NamedTuple):
    """A field of a model: its wire name, its shape, and its value when the member is missing."""

    wire: str
    shape: str
    is_present: bool
    is_list: bool


class _Mismatch(Exception):  # noqa: N818 (becomes a DecodeError)
    """A value of the wrong kind, with its path and the reason."""

    def __init__(self, path: Path, reason: str, cause: Exception | None = None) -> None:
        super().__init__()
        self.path, self.reason, self.cause = path, reason, cause


@cache
def fields_of(name: str) -> Mapping[str, Field]:
    """Return the fields of a generated model by their Python names, read from its `__init__`."""
    build: Any = getattr(models, name).__init__
    required = set(build.__annotations__) - set(build.__kwdefaults__ or {})
    return {
        snake(wire): Field(wire, target, snake(wire) in required, _is_list(build, snake(wire), required))
        for wire, target in SHAPES[name].members.items()
    }


def _is_list(build: Any, name: str, required: set[str]) -> bool:
    """Return whether a missing list is empty, because the field is never None."""
    kind: str = build.__annotations__[name]
    return kind.startswith("Items[") or (name in required and kind.startswith(_LISTS))


def empty_model(model: type[M]) -> M:
    """Return a model in which every member is missing."""
    made = new(model)
    for name, field in fields_of(generated_class(model).__name__).items():
        setattr(made, name, [] if field.is_list else None)
    return made


def decode_incomplete(
    name: str,
    wire: object,
    *,
    operation: str = "",
    request_id: str | None = None,
    strict: bool = False,
    exact: bool = True,
    quiet: bool = False,
) -> Any:
    """Return the model of a wire value in which members may be missing, or raise `DecodeError`.

    `strict` makes a missing member an error, too. `exact` finds nulls as well, which a codec accepts in place of a
    number or a text; it is slower. `quiet` logs nothing.
    """
    reader = _Reader(exact=exact)
    try:
        model = reader.structure(name, wire, (), whole=True)
    except _Mismatch as error:
        raise _error(operation or name, operation, error.path, error.reason, request_id) from error.cause
    if strict and reader.gaps:
        raise _error(operation or name, operation, reader.gaps[0].path, "is missing", request_id)
    for gap in [] if quiet else reader.gaps:
        _report(operation or name, gap)
    return model


def _error(title: str, operation: str, path: Path, reason: str, request_id: str | None) -> DecodeError:
    location = dotted(path, python_names=False) or "the body"
    return DecodeError(f"{title}: {location} {reason}", operation=operation, path=location, request_id=request_id)


def _report(title: str, gap: Gap) -> None:
    member = (gap.structure, str(gap.path[-1] if isinstance(gap.path[-1], str) else gap.path[-2]))
    if member not in _logged:
        _logged.add(member)
        path = dotted(gap.path, python_names=False)
        text = "%s: %s is missing: %s. The client's strict=['answers'] makes this an error; no later line names it"
        _LOG.warning(text, title, path, gap.value)


class _Reader:
    """A walk through a wire value that creates its models and collects what is missing."""

    def __init__(self, *, exact: bool) -> None:
        self.exact = exact
        self.gaps: list[Gap] = []

    def structure(self, name: str, wire: object, path: Path, *, whole: bool = False) -> Any:
        """Return the model of a structure; `whole` is the value that the codec has rejected already."""
        if not is_mapping(wire):
            raise _Mismatch(path, f"must be an object, not {type(wire).__name__}")
        if not (self.exact or whole):
            try:
                return _codec(name)(wire)
            except FAILURES:
                pass  # a member in it is missing or of the wrong kind: the code below finds it
        model = new(_model(name))
        for field, (member, target, is_present, is_list) in fields_of(name).items():
            value = wire.get(member)
            if value is None:
                if is_present:
                    self.gaps.append(Gap((*path, member), name, "the list is empty" if is_list else "it is None"))
                setattr(model, field, [] if is_list else None)
            else:
                setattr(model, field, self._value(target, value, (*path, member)))
        return model

    def _value(self, name: str, value: object, path: Path) -> object:
        shape = SHAPES[name]
        if shape.kind == "structure":
            return self.structure(name, value, path)
        if shape.kind == "list":
            return self._list(shape, value, path)
        if shape.enum:
            return _enum_member(name, value, path)
        read = _READERS.get(shape.kind)
        if read is None:
            return value
        try:
            return read(value)
        except FAILURES as error:
            raise _Mismatch(path, f"can't be read ({error})", error) from error

    def _list(self, shape: Shape, value: object, path: Path) -> object:
        item = SHAPES[shape.item]
        if item.kind in ("string", "integer", "float") and not item.enum:
            return value or []  # as the codecs, which copy such a list
        if not is_sequence(value):
            raise _Mismatch(path, f"must be {WORDS['list']}, not {type(value).__name__}")
        entries = [(entry, (*path, index)) for index, entry in enumerate(value)]
        self.gaps += (Gap(place, shape.item, "it is left out") for entry, place in entries if entry is None)
        return [self._value(shape.item, entry, place) for entry, place in entries if entry is not None]


def _enum_member(name: str, value: object, path: Path) -> object:
    try:
        return _members(name).get(value, value)
    except TypeError as error:  # not hashable
        raise _Mismatch(path, f"must be {WORDS['string']}, not {type(value).__name__}", error) from error


@cache
def _members(name: str) -> Mapping[object, object]:
    return {member.value: member for member in getattr(models, name)}


@cache
def _model(name: str) -> type[Model]:
    model: type[Model] = getattr(models, name)
    return model


@cache
def _codec(name: str) -> Callable[[object], object]:
    return find_codec("decode", _model(name))
