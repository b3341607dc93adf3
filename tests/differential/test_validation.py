"""Validation: our default checks refuse the same arguments as botocore's.

`DIFFERENCES` lists the intended differences, such as values that Python or botocore accepts and the service would read
differently from the caller's intention. Here botocore is its `ParamValidator`, which its clients run before they send.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple, cast
from unicodedata import category

import pytest

from rekog import RekognitionClient, ServiceError
from rekog._core.names import snake
from rekog._core.validate import problems
from rekog._values.model import as_list
from rekog.errors import ParamValidationError
from tests.differential.examples import full_request, minimal_request
from tests.differential.oracle import botocore_report, typed_arguments
from tests.differential.strategies import OPERATIONS, Wire, shape_of, with_token

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end:DeprecationWarning")

NUMBERS = ("integer", "long", "float")


class Location(NamedTuple):
    """The location of a value inside arguments, and its shape in the model."""

    path: tuple[str | int, ...]
    shape: Any


def locations(name: str, value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Location]:
    """Yield the location of a valid wire value and of each value in it."""
    shape = shape_of(name)
    yield Location(path, shape)
    if shape.type_name == "structure":
        for wire, item in value.items():
            yield from locations(shape.members[wire].name, item, (*path, wire))
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            yield from locations(shape.member.name, item, (*path, index))
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from locations(shape.value.name, item, (*path, key))


def replaced(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    """Return arguments with another value at a path."""
    if not path:
        return new
    step: Any = path[0]
    changed = replaced(value[step], path[1:], new)
    if isinstance(value, dict):
        return {**cast("Wire", value), step: changed}  # cast: wire dicts have text keys
    return [changed if index == step else item for index, item in enumerate(value)]


def value_at(value: Any, path: tuple[str | int, ...]) -> Any:
    """Return the value value_at a path."""
    for step in path:
        value = value[step]
    return value


def values_of_every_kind() -> list[object]:
    """Return new values of every kind: a file object can be read once."""
    return [
        None, "text", "", 7, -1, 10**30, 1.5, -0.5, math.nan, math.inf, True, False, Decimal(1), b"raw", b"",
        bytearray(b"raw"), BytesIO(b"file"), [], ["text"], [None], ("text",), {"text"}, {}, {"Key": "value"},
        {"Key": None}, {1: 2}, object(),
    ]  # fmt: skip


def too_small(shape: Any) -> list[object]:
    """Return values just below and far below a shape's minimum."""
    minimum = shape.metadata.get("min", 0)
    match shape.type_name:
        case "string":
            return ["x" * size for size in {0, minimum - 1} if 0 <= size < minimum]
        case "float" | "integer" | "long":
            return [minimum - 1, minimum - 10**9, minimum - 0.5]
        case _:
            return []


def replacements(shape: Any, value: Any, path: tuple[str | int, ...]) -> Iterator[object]:
    """Yield replacements of a value; a few of them are valid too."""
    if path:
        yield from values_of_every_kind()
    yield from too_small(shape)
    if shape.type_name == "structure":
        yield {**value, "Unknown": 1}
        yield {**value, "Unknown": None}
        yield from ({k: v for k, v in value.items() if k != name} for name in shape.members)
    if shape.type_name == "list":
        yield from ([*value[:size]] for size in range(len(value)))
        yield tuple(value)


def is_required(operation: str, location: Location) -> bool:
    """Return whether the model requires the member at a location."""
    shape = shape_of(f"{operation}Request")
    if not location.path:
        return True
    for step in location.path[:-1]:
        shape = shape.members[step] if shape.type_name == "structure" else getattr(shape, "member", None) or shape.value
    return shape.type_name != "structure" or location.path[-1] in shape.required_members


# Intended differences: the library that accepts the value, and a predicate of location and value.
DIFFERENCES: dict[str, tuple[str, Callable[[str, Location, Any], bool]]] = {
    "a boolean is not a number": (
        "botocore",
        lambda _, location, new: isinstance(new, bool) and location.shape.type_name in NUMBERS,
    ),
    "JSON has no NaN and no infinity": (
        "botocore",
        lambda _, location, new: (
            isinstance(new, float) and not math.isfinite(new) and location.shape.type_name == "float"
        ),
    ),
    "a Decimal is not converted to a float silently": (
        "botocore",
        lambda _, location, new: isinstance(new, Decimal) and location.shape.type_name == "float",
    ),
    "text and files are not bytes": (
        "botocore",
        lambda _, location, new: isinstance(new, str | BytesIO) and location.shape.type_name == "blob",
    ),
    "an empty blob is too short": (
        "botocore",
        lambda _, location, new: new in (b"", bytearray()) and location.shape.type_name == "blob",
    ),
    "None is not sent": (
        "rekog",
        lambda operation, location, new: new is None and not is_required(operation, location),
    ),
}


def refuses(send: Callable[[], object]) -> bool:
    """Return whether a call is refused before it is sent; a recorder answers every sent request with an error."""
    try:
        send()
    except ParamValidationError:
        return True
    except ServiceError:
        return False
    raise AssertionError("the recorder answers every request with an error")


def must_refuse(operation: str, location: Location, new: object, report: str) -> bool:
    """Return whether our client must refuse a value for which botocore gives this report."""
    accepting = {library for library, applies in DIFFERENCES.values() if applies(operation, location, new)}
    return "botocore" in accepting or (bool(report) and "rekog" not in accepting)


def with_python_names(value: object) -> object:
    """Return a list of wire dicts with the names of typed arguments, and any other value as it is."""
    if not isinstance(value, list | tuple):
        return value
    items = cast("list[object] | tuple[object, ...]", value)  # cast: a list or tuple of anything
    renamed = [
        {snake(str(name)): member for name, member in cast("Wire", item).items()} if isinstance(item, dict) else item
        for item in items
    ]
    return renamed if isinstance(value, list) else tuple(renamed)


def test_invalid_arguments_are_refused_exactly_when_botocore_refuses_them(client: RekognitionClient) -> None:
    tested: set[object] = set()  # a member that many operations share is tested in one of them
    for operation in OPERATIONS:
        valid = with_token(operation, full_request(operation))
        for location in locations(f"{operation}Request", valid):
            key = location.path[-1:], location.shape.name, is_required(operation, location)
            if location.path and key in tested:
                continue
            tested.add(key)
            for new in replacements(location.shape, value_at(valid, location.path), location.path):
                wire = replaced(valid, location.path, new)
                report = botocore_report(operation, wire)

                ours = refuses(partial(client.call, operation, wire))

                assert ours == must_refuse(operation, location, new, report), (operation, location.path, new, report)


def test_invalid_typed_arguments_are_refused_exactly_when_botocore_refuses_them(client: RekognitionClient) -> None:
    for operation in OPERATIONS:
        valid = with_token(operation, minimal_request(operation))
        typed = typed_arguments(operation, valid)
        method: Callable[..., object] = getattr(client, snake(operation))
        members = shape_of(f"{operation}Request").members.items()
        for name, member in members:
            if member.type_name in ("structure", "map"):  # typed arguments have models and mappings in another form
                continue
            for new in replacements(member, valid.get(name, []), (name,)):
                sent = as_list(new) if new.__class__ is set else new  # typed arguments take a set as a list
                report = botocore_report(operation, {**valid, name: sent})

                ours = refuses(partial(method, **{**typed, snake(name): with_python_names(new)}))

                assert ours == must_refuse(operation, Location((name,), member), sent, report), (
                    operation,
                    name,
                    new,
                    report,
                )


@pytest.mark.parametrize("name", ["TagKey", "TagValue"])
def test_tags_accept_the_character_classes_of_the_model(name: str) -> None:
    assert r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*" in shape_of(name).metadata["pattern"]  # `re` has no \p
    allowed = {c for c in map(chr, range(0x3100)) if category(c)[0] in "LZN" or c in "_.:/=+-@"}

    assert {c for c in map(chr, range(0x3100)) if not problems(name, c, full=True)} == allowed
