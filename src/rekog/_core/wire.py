"""Conversion between models and wire dicts.

A wire dict has the service's own names and is ready for JSON, except that blobs in it are `bytes`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .._values.errors import DecodeError, ParamValidationError
from .._values.model import Model, field_names
from .._values.narrow import is_mapping, is_sequence
from .codecs import FAILURES, find_codec, generated_class
from .json_body import beginning, blobs_from_text, parse
from .validate import Problem, described, problems, suspicions

if TYPE_CHECKING:
    from .operation import In, Operation, Out

M = TypeVar("M", bound=Model)

LARGE = 200_000
"""Bytes of a response from which the garbage collector pauses while it is decoded."""


def to_wire(model: Model) -> dict[str, object]:
    """Return a model as a wire-shaped dict with the service's names, without fields that are None.

    >>> from rekog.models import BoundingBox
    >>> to_wire(BoundingBox(width=0.5, height=0.25, left=0, top=0))
    {'Width': 0.5, 'Height': 0.25, 'Left': 0, 'Top': 0}
    """
    try:
        return cast("dict[str, object]", find_codec("encode", type(model))(model))  # cast: every encoder returns a dict
    except FAILURES:
        name, (wire, unknown) = generated_class(type(model)).__name__, _loose_wire(model)
        if broken := [*unknown, *problems(name, wire, full=False)]:
            raise _invalid(name, "", broken, python_names=True) from None
        return wire


def from_wire(model: type[M], wire: Mapping[str, object], *, strict: bool = False) -> M:
    """Return a wire-shaped dict as a model; unknown keys are ignored, null counts as absent.

    A member that the service always sends may be missing: it is None, or an empty list, and the first time a line of
    the logger `rekog` names it. With `strict` it is a `DecodeError`. A value of the wrong kind always is.

    >>> from rekog.models import Label
    >>> from_wire(Label, {"Name": "Cat", "Confidence": 99.1}).name
    'Cat'
    """
    kind = generated_class(model)
    value: M | None = None
    if not strict:
        with suppress(*FAILURES):
            value = find_codec("decode", kind)(wire)
    if value is None:
        value = _decode_incomplete(kind.__name__, wire, strict=strict, exact=strict)
    build: Callable[..., M] = model
    return value if type(value) is model else build(**{name: getattr(value, name) for name in field_names(type(value))})


def encode_input(operation: Operation[In, Out], request: In, *, full: bool) -> dict[str, object]:
    """Return an operation's arguments as a wire dict to send, or raise `ParamValidationError`."""
    unknown: list[Problem] = []
    try:
        wire = operation.encode_input(request)
    except FAILURES:
        wire, unknown = _loose_wire(request)
    check_input(operation, wire, unknown, full=full, python_names=True)
    return wire


def check_input(
    operation: Operation[In, Out], wire: object, broken: list[Problem], *, full: bool, python_names: bool
) -> None:
    """Raise `ParamValidationError` with every broken rule, known ones included; warn of shares for percentages."""
    suspected = suspicions(f"{operation.name}Request", wire, full=full)
    if not suspected and not broken:
        return
    name = operation.method_name if python_names else operation.name
    if broken := [*broken, *(problem for problem in suspected if full or problem.rule != "percent")]:
        raise _invalid(name, operation.name, broken, python_names=python_names)
    from .percents import warn  # few calls need it

    for problem in suspected:
        warn(name, problem, python_names=python_names)


def checked_wire(operation: Operation[In, Out], wire: Mapping[str, object], *, full: bool) -> dict[str, object]:
    """Return a caller's wire dict as it is sent, without None values, or raise `ParamValidationError`."""
    check_input(operation, wire, [], full=full, python_names=False)
    return {name: _without_none(value) for name, value in wire.items() if value is not None}


def _without_none(value: object) -> object:
    if is_mapping(value):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if is_sequence(value) else value


def decode_output(
    operation: Operation[In, Out], content: bytes, request_id: str | None, *, strict: bool = False
) -> Out:
    """Return an operation's response, or raise `DecodeError` with the path that does not fit the model.

    Only with `strict` a missing member raises; otherwise it is None, and a log line names it.
    """
    # All objects of a response live on: in a large one, the search for garbage among them takes a third of the time.
    pause = len(content) > LARGE and gc.isenabled()
    if pause:
        gc.disable()
    try:
        wire = _parsed_output(operation, content, request_id)
        has_null = b"null" in content  # a codec accepts null in place of a number or a text
        if not has_null:
            try:
                return operation.decode_output(wire)
            except FAILURES:
                pass  # decoded below; `suppress` would take more time than the decoder of a small response
        name = operation.name
        response: Out = _decode_incomplete(
            f"{name}Response", wire, operation=name, request_id=request_id, strict=strict, exact=has_null
        )
        return response
    finally:
        if pause:
            gc.enable()


def wire_output(operation: Operation[In, Out], content: bytes, request_id: str | None) -> dict[str, object]:
    """Return an operation's response as a wire dict with blobs as bytes, or raise `DecodeError`."""
    wire = _parsed_output(operation, content, request_id)
    try:
        return cast("dict[str, object]", blobs_from_text(f"{operation.name}Response", wire))  # cast: a dict stays one
    except ValueError as error:
        raise _unreadable(operation, f"a blob is not base64 text ({error})", request_id) from error


def _parsed_output(operation: Operation[In, Out], content: bytes, request_id: str | None) -> dict[str, object]:
    try:
        body = parse(content)
    except (ValueError, RecursionError) as error:
        # What begins as JSON was not searched for repeated secrets of the request, as pages of gateways are.
        begin = "" if content[:1] == b"{" else f": it begins with {beginning(content)!r}"
        reason = f"the body is not JSON ({error}){begin}; check endpoint_url"
        raise _unreadable(operation, reason, request_id) from error
    if not isinstance(body, dict):
        raise _unreadable(operation, f"the body must be a JSON object, not {type(body).__name__}", request_id)
    return cast("dict[str, object]", body)  # cast: the names of a JSON object are text


def _unreadable(operation: Operation[In, Out], reason: str, request_id: str | None) -> DecodeError:
    return DecodeError(f"{operation.name}: {reason}", operation=operation.name, request_id=request_id)


def _invalid(name: str, operation: str, broken: list[Problem], *, python_names: bool) -> ParamValidationError:
    texts = [described(problem, python_names=python_names) for problem in broken]
    text = texts[0] if len(texts) == 1 else f"{len(texts)} problems:" + "".join(f"\n  {line}" for line in texts)
    return ParamValidationError(f"{name}: {text}", operation=operation, problems=texts)


def _loose_wire(model: Model) -> tuple[dict[str, object], list[Problem]]:
    from .rejected.mismatch import loose_wire  # few calls need it

    return loose_wire(model)


def _decode_incomplete(name: str, wire: object, **options: Any) -> Any:
    from .rejected.incomplete import decode_incomplete  # few calls need it

    return decode_incomplete(name, wire, **options)


for _public in (to_wire, from_wire):
    _public.__module__ = "rekog"  # the public module, for `help`
