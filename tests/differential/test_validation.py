"""Bad input: our default checks refuse what botocore's refuse, and let through what those let through.

The differences that are meant stand in `DESIGNED`: values that Python or botocore lets pass and the service would not
read as the caller meant them. `botocore` here is its `ParamValidator`, which its clients run before they send.
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
from rekog.errors import ValidationError
from tests.differential.fullest import fullest_request, least_request
from tests.differential.oracle import their_problems, typed_arguments
from tests.differential.strategies import OPERATIONS, Wire, shape, with_token

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end:DeprecationWarning")

NUMBERS = ("integer", "long", "float")


class Place(NamedTuple):
    """A value inside of arguments: where it stands, and what the model says it is."""

    path: tuple[str | int, ...]
    shape: Any


def places(name: str, value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Place]:
    """Give every place of a valid wire value, itself first."""
    found = shape(name)
    yield Place(path, found)
    if found.type_name == "structure":
        for wire, item in value.items():
            yield from places(found.members[wire].name, item, (*path, wire))
    elif found.type_name == "list":
        for index, item in enumerate(value):
            yield from places(found.member.name, item, (*path, index))
    elif found.type_name == "map":
        for key, item in value.items():
            yield from places(found.value.name, item, (*path, key))


def replaced(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    """Return arguments with another value in one place."""
    if not path:
        return new
    step: Any = path[0]
    changed = replaced(value[step], path[1:], new)
    if isinstance(value, dict):
        return {**cast("Wire", value), step: changed}  # cast: wire dicts have text keys
    return [changed if index == step else item for index, item in enumerate(value)]


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    """Return the value in one place."""
    for step in path:
        value = value[step]
    return value


def others() -> list[object]:
    """Return values of every kind, new ones each time: a file is used up by reading."""
    return [
        None, "text", "", 7, -1, 10**30, 1.5, -0.5, math.nan, math.inf, True, False, Decimal(1), b"raw", b"",
        bytearray(b"raw"), BytesIO(b"file"), [], ["text"], [None], ("text",), {"text"}, {}, {"Key": "value"},
        {"Key": None}, {1: 2}, object(),
    ]  # fmt: skip


def too_small(found: Any) -> list[object]:
    """Return values just below and far below a shape's minimum."""
    least = found.metadata.get("min", 0)
    match found.type_name:
        case "string":
            return ["x" * size for size in {0, least - 1} if 0 <= size < least]
        case "float" | "integer" | "long":
            return [least - 1, least - 10**9, least - 0.5]
        case _:
            return []


def mutations(found: Any, value: Any, path: tuple[str | int, ...]) -> Iterator[object]:
    """Give what to put in a place instead; a few of these are valid, too."""
    if path:
        yield from others()
    yield from too_small(found)
    if found.type_name == "structure":
        yield {**value, "Unknown": 1}
        yield {**value, "Unknown": None}
        yield from ({k: v for k, v in value.items() if k != name} for name in found.members)
    if found.type_name == "list":
        yield from ([*value[:size]] for size in range(len(value)))
        yield tuple(value)


def is_required(operation: str, place: Place) -> bool:
    """Tell whether the model requires the member in a place."""
    found = shape(f"{operation}Request")
    if not place.path:
        return True
    for step in place.path[:-1]:
        found = found.members[step] if found.type_name == "structure" else getattr(found, "member", None) or found.value
    return found.type_name != "structure" or place.path[-1] in found.required_members


# What is meant to differ: who lets it through, and which value where.
DESIGNED: dict[str, tuple[str, Callable[[str, Place, Any], bool]]] = {
    "a boolean is no number": (
        "botocore",
        lambda _, place, new: isinstance(new, bool) and place.shape.type_name in NUMBERS,
    ),
    "JSON has no NaN and no infinity": (
        "botocore",
        lambda _, place, new: isinstance(new, float) and not math.isfinite(new) and place.shape.type_name == "float",
    ),
    "a Decimal is not turned into a float behind the caller's back": (
        "botocore",
        lambda _, place, new: isinstance(new, Decimal) and place.shape.type_name == "float",
    ),
    "text and files are no bytes": (
        "botocore",
        lambda _, place, new: isinstance(new, str | BytesIO) and place.shape.type_name == "blob",
    ),
    "an empty blob is too short": (
        "botocore",
        lambda _, place, new: new in (b"", bytearray()) and place.shape.type_name == "blob",
    ),
    "None is not sent": (
        "rekog",
        lambda operation, place, new: new is None and not is_required(operation, place),
    ),
}


def refuses(send: Callable[[], object]) -> bool:
    """Tell whether a call is refused before it is sent; the recorder refuses it after."""
    try:
        send()
    except ValidationError:
        return True
    except ServiceError:
        return False
    raise AssertionError("the recorder always refuses")


def verdict(operation: str, place: Place, new: object, report: str) -> bool:
    """Tell whether our client must refuse a value in a place, of which botocore reports this."""
    meant = {who for who, applies in DESIGNED.values() if applies(operation, place, new)}
    return "botocore" in meant or (bool(report) and "rekog" not in meant)


def test_broken_arguments_are_refused_exactly_when_botocore_refuses_them(client: RekognitionClient) -> None:
    known: set[object] = set()  # what many operations take by one name is broken in one of them
    for operation in OPERATIONS:
        valid = with_token(operation, fullest_request(operation))
        for place in places(f"{operation}Request", valid):
            key = place.path[-1:], place.shape.name, is_required(operation, place)
            if place.path and key in known:
                continue
            known.add(key)
            for new in mutations(place.shape, at(valid, place.path), place.path):
                wire = replaced(valid, place.path, new)
                report = their_problems(operation, wire)

                ours = refuses(partial(client.call, operation, wire))

                assert ours == verdict(operation, place, new, report), (operation, place.path, new, report)


def test_broken_typed_arguments_are_refused_exactly_when_botocore_refuses_them(client: RekognitionClient) -> None:
    for operation in OPERATIONS:
        valid = with_token(operation, least_request(operation))
        typed = typed_arguments(operation, valid)
        method: Callable[..., object] = getattr(client, snake(operation))
        members = shape(f"{operation}Request").members.items()
        for name, member in members:
            if member.type_name in ("structure", "map"):  # models and mappings have a form of their own here
                continue
            for new in mutations(member, valid.get(name, []), (name,)):
                report = their_problems(operation, {**valid, name: new})

                ours = refuses(partial(method, **{**typed, snake(name): new}))

                assert ours == verdict(operation, Place((name,), member), new, report), (operation, name, new, report)


@pytest.mark.parametrize("name", ["TagKey", "TagValue"])
def test_tags_may_hold_the_characters_of_the_models_classes(name: str) -> None:
    assert r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*" in shape(name).metadata["pattern"]  # which Python's re cannot read
    allowed = {c for c in map(chr, range(0x3100)) if category(c)[0] in "LZN" or c in "_.:/=+-@"}

    assert {c for c in map(chr, range(0x3100)) if not problems(name, c, full=True)} == allowed
