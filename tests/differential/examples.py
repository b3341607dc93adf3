"""Requests and responses with every member, or with the required members only.

In full values each text is unique, so that a test detects two members that are exchanged.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.differential.strategies import ALWAYS, Wire, shape_of

_WHEN = 1_700_000_000.25


def full_request(operation: str) -> Wire:
    """Return arguments with every member, except that an image has either bytes or an S3 object."""
    wire: Wire = _full(f"{operation}Request", count(1))
    return wire


def full_response(operation: str) -> Wire:
    """Return a response with every member and two items in every list."""
    wire: Wire = _full(f"{operation}Response", count(1))
    return wire


def minimal_request(operation: str) -> Wire:
    """Return arguments with the required members only."""
    wire: Wire = _minimal(f"{operation}Request")
    return wire


def minimal_response(operation: str) -> Wire:
    """Return a response with the required members only."""
    wire: Wire = _minimal(f"{operation}Response")
    return wire


def _full(name: str, numbers: count[int]) -> Any:
    shape = shape_of(name)
    if name == "Image":
        image = {"Bytes": b"\xff\xd8\xff image %d" % next(numbers)}
        return image if next(numbers) % 2 else {"S3Object": _full("S3Object", numbers)}
    match shape.type_name:
        case "structure":
            return {wire: _full(member.name, numbers) for wire, member in shape.members.items()}
        case "list":
            return [_full(shape.member.name, numbers) for _ in range(max(2, shape.metadata.get("min", 0)))]
        case "map":
            return {_full(shape.key.name, numbers): _full(shape.value.name, numbers) for _ in range(2)}
        case "string":
            return shape.enum[next(numbers) % len(shape.enum)] if shape.enum else _text(shape, next(numbers))
        case "blob":
            return b"blob %d" % next(numbers)
        case "boolean":
            return bool(next(numbers) % 2)
        case "timestamp":
            return _WHEN + next(numbers)
        case _:
            return shape.metadata.get("min", 0) + next(numbers)


def _text(shape: Any, number: int) -> str:
    return f"{shape.name}{number}".ljust(shape.metadata.get("min", 0), "x")


def _minimal(name: str) -> Any:
    shape = shape_of(name)
    minimum = shape.metadata.get("min", 0)
    match shape.type_name:
        case "structure" if name in ("Image", "Video"):
            return {"S3Object": {"Bucket": "buc", "Name": "n"}}
        case "structure":
            required = [*shape.required_members, *ALWAYS.get(name, ())]
            return {wire: _minimal(shape.members[wire].name) for wire in dict.fromkeys(required)}
        case "list":
            return [_minimal(shape.member.name) for _ in range(minimum)]
        case "map":
            return {}
        case "string":
            return shape.enum[0] if shape.enum else "x" * minimum
        case "blob":
            return b"x" * minimum
        case "boolean":
            return False
        case _:
            return minimum
