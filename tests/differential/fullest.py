"""Values with every member, or with none that may be left out; no two texts are alike, so none can be mixed up."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.differential.strategies import ALWAYS, Wire, shape

_WHEN = 1_700_000_000.25


def fullest_request(operation: str) -> Wire:
    """Return arguments with every member but one: a picture has bytes, or else an S3 object."""
    found: Wire = _full(f"{operation}Request", count(1))
    return found


def fullest_answer(operation: str) -> Wire:
    """Return an answer with every member, and two items in every list."""
    found: Wire = _full(f"{operation}Response", count(1))
    return found


def least_request(operation: str) -> Wire:
    """Return arguments with required members only."""
    found: Wire = _least(f"{operation}Request")
    return found


def least_answer(operation: str) -> Wire:
    """Return an answer with nothing that may be left out."""
    found: Wire = _least(f"{operation}Response")
    return found


def _full(name: str, numbers: count[int]) -> Any:
    found = shape(name)
    if name == "Image":
        image = {"Bytes": b"\xff\xd8\xff picture %d" % next(numbers)}
        return image if next(numbers) % 2 else {"S3Object": _full("S3Object", numbers)}
    match found.type_name:
        case "structure":
            return {wire: _full(member.name, numbers) for wire, member in found.members.items()}
        case "list":
            return [_full(found.member.name, numbers) for _ in range(max(2, found.metadata.get("min", 0)))]
        case "map":
            return {_full(found.key.name, numbers): _full(found.value.name, numbers) for _ in range(2)}
        case "string":
            return found.enum[next(numbers) % len(found.enum)] if found.enum else _text(found, next(numbers))
        case "blob":
            return b"blob %d" % next(numbers)
        case "boolean":
            return bool(next(numbers) % 2)
        case "timestamp":
            return _WHEN + next(numbers)
        case _:
            return found.metadata.get("min", 0) + next(numbers)


def _text(found: Any, number: int) -> str:
    return f"{found.name}{number}".ljust(found.metadata.get("min", 0), "x")


def _least(name: str) -> Any:
    found = shape(name)
    least = found.metadata.get("min", 0)
    match found.type_name:
        case "structure" if name in ("Image", "Video"):
            return {"S3Object": {"Bucket": "buc", "Name": "n"}}
        case "structure":
            needed = [*found.required_members, *ALWAYS.get(name, ())]
            return {wire: _least(found.members[wire].name) for wire in dict.fromkeys(needed)}
        case "list":
            return [_least(found.member.name) for _ in range(least)]
        case "map":
            return {}
        case "string":
            return found.enum[0] if found.enum else "x" * least
        case "blob":
            return b"x" * least
        case "boolean":
            return False
        case _:
            return least
