"""Between models, wire dicts and bytes: the service's JSON 1.1.

A wire dict has the service's own names and is ready for JSON, but that blobs in it are `bytes`. A body is made once, as
parts: a picture's base64 stands between two pieces of JSON text and is never copied again.
"""

from __future__ import annotations

import binascii
import gc
import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .._generated.shapes import SHAPES
from .._values.errors import DecodeError, ValidationError
from .._values.model import Model, field_names
from .._values.narrow import BytesLike, is_bytes, is_mapping, is_sequence
from .names import snake
from .scalars import blob, epoch, moment
from .validate import Path, described, dotted, problems, rule_of

if TYPE_CHECKING:
    from .operation import In, Operation, Out, Shape

M = TypeVar("M", bound=Model)
Codec = Callable[[Any], Any]

# What `json` writes in a blob's place until the body is put together; no text of a caller can be the same.
_MARK = f"rekog-blob-{os.urandom(12).hex()}"
LARGE = 200_000
"""Bytes of an answer from which its decoding is not interrupted by Python's search for garbage."""

READERS: dict[str, Codec] = {"blob": blob, "timestamp": moment}
_FAULTS = (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError)


def to_wire(model: Model) -> dict[str, object]:
    """Return a model as a wire-shaped dict, with the service's names; what is None is left out.

    >>> from rekog.models import BoundingBox
    >>> to_wire(BoundingBox(width=0.5, height=0.25, left=0, top=0))
    {'Width': 0.5, 'Height': 0.25, 'Left': 0, 'Top': 0}
    """
    try:
        return cast("dict[str, object]", _codec("encode", type(model))(model))  # cast: every encoder returns a dict
    except _FAULTS:
        name, wire = _modelled(type(model)).__name__, loose(model)
        if found := problems(name, wire, full=False):
            raise _invalid(name, found, python_names=True) from None
        return wire


def from_wire(model: type[M], wire: Mapping[str, object]) -> M:
    """Return a wire-shaped dict as a model; unknown keys are ignored, null reads as absent.

    >>> from rekog.models import Label
    >>> from_wire(Label, {"Name": "Cat", "Confidence": 99.1}).name
    'Cat'
    """
    try:
        found: M = _codec("decode", model)(wire)
    except _FAULTS as error:
        raise _undecodable(_modelled(model).__name__, wire, error, "") from error
    build: Callable[..., M] = model
    return found if type(found) is model else build(**{name: getattr(found, name) for name in field_names(type(found))})


def encode_input(operation: Operation[In, Out], request: In, *, full: bool) -> dict[str, object]:
    """Return an operation's arguments as a wire dict that may be sent, or raise `ValidationError`."""
    try:
        wire = operation.encode_input(request)
    except _FAULTS:
        wire = loose(request)
    check_input(operation, wire, full=full, python_names=True)
    return wire


def check_input(operation: Operation[In, Out], wire: object, *, full: bool, python_names: bool) -> None:
    """Raise `ValidationError` with every broken rule, if any."""
    found = problems(f"{operation.name}Request", wire, full=full)
    if found:
        name = operation.method_name if python_names else operation.name
        raise _invalid(name, found, python_names=python_names)


def checked_wire(operation: Operation[In, Out], wire: Mapping[str, object], *, full: bool) -> dict[str, object]:
    """Return a caller's wire dict as it may be sent, without what is None in it, or raise `ValidationError`."""
    check_input(operation, wire, full=full, python_names=False)
    return {name: _without_none(value) for name, value in wire.items() if value is not None}


def _without_none(value: object) -> object:
    if is_mapping(value):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if is_sequence(value) else value


def decode_output(operation: Operation[In, Out], content: bytes, request_id: str | None) -> Out:
    """Return an operation's answer, or raise `DecodeError` naming the place that is not as the model says."""
    # All objects of an answer live on: in a large one, looking for garbage among them takes a third of the time.
    pause = len(content) > LARGE and gc.isenabled()
    if pause:
        gc.disable()
    try:
        wire = _parsed_output(operation, content, request_id)
        try:
            return operation.decode_output(wire)
        except _FAULTS as error:
            fault = _undecodable(f"{operation.name}Response", wire, error, operation.name)
            fault.request_id = request_id
            raise fault from error
    finally:
        if pause:
            gc.enable()


def wire_output(operation: Operation[In, Out], content: bytes, request_id: str | None) -> dict[str, object]:
    """Return an operation's answer as a wire dict with blobs as bytes, or raise `DecodeError`."""
    wire = _parsed_output(operation, content, request_id)
    try:
        return cast("dict[str, object]", blobs_from_text(f"{operation.name}Response", wire))  # cast: a dict stays one
    except ValueError as error:
        raise _unreadable(operation, f"a blob is not base64 text ({error})", request_id) from error


def _parsed_output(operation: Operation[In, Out], content: bytes, request_id: str | None) -> dict[str, object]:
    try:
        body = parse(content)
    except (ValueError, RecursionError) as error:
        raise _unreadable(operation, f"the body is not JSON ({error})", request_id) from error
    if not isinstance(body, dict):
        raise _unreadable(operation, f"the body must be a JSON object, not {type(body).__name__}", request_id)
    return cast("dict[str, object]", body)  # cast: the names of a JSON object are text


def _unreadable(operation: Operation[In, Out], reason: str, request_id: str | None) -> DecodeError:
    return DecodeError(f"{operation.name}: {reason}", operation=operation.name, request_id=request_id)


def serialise(wire: Mapping[str, object]) -> tuple[bytes, ...]:
    """Return a wire dict as the parts of a JSON body."""
    blobs: list[BytesLike] = []

    def mark(value: object) -> object:
        if is_mapping(value):
            return dict(value)
        if not is_bytes(value):
            raise TypeError(f"{type(value).__name__} has no JSON form")
        blobs.append(value)
        return _MARK

    text = json.dumps(wire, separators=(",", ":"), default=mark)
    if not blobs:
        return (text.encode(),)
    pieces = text.split(_MARK)
    parts = [pieces[0].encode()]
    for value, piece in zip(blobs, pieces[1:], strict=True):
        parts += [binascii.b2a_base64(value, newline=False), piece.encode()]
    return tuple(parts)


def parse(content: bytes) -> object:
    """Return what a JSON body says; an empty body is an empty object. Uses orjson when it is installed."""
    return _loads()(content) if content.strip() else {}


@cache
def _loads() -> Callable[[bytes], object]:
    try:
        return cast("Callable[[bytes], object]", import_module("orjson").loads)  # cast: an optional package
    except ImportError:
        return json.loads


def blobs_from_text(shape: str, value: object, read: Callable[[str], object] = blob) -> object:
    """Return a JSON value of the named shape with base64 text turned into bytes wherever the model has a blob."""
    return _with_blobs(SHAPES[shape], value, read) if _has_blob(shape, set()) else value


def _with_blobs(shape: Shape, value: object, read: Callable[[str], object]) -> object:
    if shape.kind == "blob" and isinstance(value, str):
        return read(value)
    if shape.kind == "structure" and is_mapping(value):
        members = {wire: SHAPES[name] for wire, name in shape.members.items()}
        return {k: _with_blobs(members[k], v, read) if k in members else v for k, v in value.items()}
    if shape.kind == "list" and is_sequence(value):
        return [_with_blobs(SHAPES[shape.item], item, read) for item in value]
    return value


def _has_blob(name: str, seen: set[str]) -> bool:
    if name in seen:
        return False
    seen.add(name)
    shape = SHAPES[name]
    inner = [*shape.members.values(), *([shape.item] if shape.item else [])]
    return shape.kind == "blob" or any(_has_blob(part, seen) for part in inner)


def loose(model: Model) -> dict[str, object]:
    """Return a model as a wire dict whatever its fields hold, for the validator to say what is wrong with them."""
    members = SHAPES[_modelled(type(model)).__name__].members
    fields = {wire: _loosely(name, getattr(model, snake(wire), None)) for wire, name in members.items()}
    return {wire: item for wire, item in fields.items() if item is not None}


def _loosely(name: str, value: object) -> object:
    shape = SHAPES[name]
    if shape.kind == "list" and is_sequence(value):
        return [_loosely(shape.item, item) for item in value]
    if shape.kind == "structure" and is_mapping(value):
        return {k: _loosely(shape.members[k], v) if k in shape.members else v for k, v in value.items()}
    if isinstance(value, datetime):
        return epoch(value)
    # A model of another structure stays one: an empty one would pass for whatever is wanted.
    return loose(value) if isinstance(value, Model) and _modelled(type(value)).__name__ == name else value


def _modelled(model: type[Model]) -> type[Model]:
    """Return the generated class behind a class, which may be a user's subclass of it."""
    parents: tuple[type, ...] = getattr(model, "__mro__", ())  # an untyped caller may give anything
    for cls in parents:
        if cls.__module__.startswith("rekog.models.") and issubclass(cls, Model):
            return cls
    raise ValidationError(f"{getattr(model, '__name__', model)!s} is not a model of the service")


def _codec(direction: str, model: type[Model]) -> Codec:
    home = _modelled(model)
    module = import_module(home.__module__.replace("rekog.models.", "rekog._generated.codec."))
    return cast("Codec", getattr(module, f"{direction}_{home.__name__}"))  # cast: the module holds codecs only


def _invalid(name: str, found: list[Any], *, python_names: bool) -> ValidationError:
    lines = [described(problem, python_names=python_names) for problem in found]
    text = lines[0] if len(lines) == 1 else f"{len(lines)} problems:" + "".join(f"\n  {line}" for line in lines)
    return ValidationError(f"{name}: {text}", operation=name, problems=lines)


def _undecodable(shape: str, wire: object, error: Exception, operation: str) -> DecodeError:
    path, reason = _fault(shape, wire, (), error)
    place = dotted(path, python_names=False) or "the body"
    return DecodeError(f"{operation or shape}: {place} {reason}", operation=operation, path=place)


def _fault(name: str, wire: object, path: Path, error: Exception) -> tuple[Path, str]:
    """Find the innermost structure that does not decode, and say why not."""
    if not is_mapping(wire):
        return path, f"must be an object, not {type(wire).__name__}"
    from .. import models

    for place, target, value in _structures(SHAPES[name], wire):
        try:
            _codec("decode", getattr(models, target))(value)
        except _FAULTS as inner:
            return _fault(target, value, (*path, *place), inner)
    if isinstance(error, KeyError):
        return (*path, str(error.args[0])), "is missing"
    for found in problems(name, wire, full=False):
        if found.rule == "type" and found.shape.kind != "blob":
            return (*path, *found.path), rule_of(found, python_names=False)
    for member, target in SHAPES[name].members.items():
        read = READERS.get(SHAPES[target].kind)
        try:
            if read is not None and wire.get(member) is not None:
                read(wire[member])
        except _FAULTS as inner:
            path, error = (*path, member), inner
    return path, f"can't be read ({error})"


def _structures(shape: Shape, wire: Mapping[str, object]) -> Iterator[tuple[Path, str, object]]:
    for member, target in shape.members.items():
        value = wire.get(member)
        if value is None:
            continue
        if SHAPES[target].kind == "structure":
            yield (member,), target, value
        item_name = SHAPES[target].item
        if is_sequence(value) and item_name and SHAPES[item_name].kind == "structure":
            for index, item in enumerate(value):
                yield (member, index), item_name, item
