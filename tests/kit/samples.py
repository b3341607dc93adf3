"""Example wire values of every shape, made from the shape table. A number always gives the same value."""

from __future__ import annotations

from typing import Any

from rekog._core.names import snake
from rekog._generated.shapes import SHAPES


def sample(name: str, number: int = 0) -> Any:
    """Return a wire value with every member, in its JSON form; another number gives another value."""
    shape = SHAPES[name]
    if shape.kind == "structure":
        return {member: sample(target, number) for member, target in shape.members.items()}
    if shape.kind == "list":
        return [sample(shape.item, number)] * max(1, int(shape.min or 0))
    if shape.kind == "map":
        return {f"key-{number}": f"value-{number}"}
    if shape.enum:
        return shape.enum[number % len(shape.enum)]
    minimum = int(shape.min or 0)
    fraction = 50.5 if (shape.min, shape.max) == (0, 100) else 0.5  # a percentage of 1 or less looks like a share
    values: dict[str, object] = {
        "string": f"text-{number}".ljust(minimum, "-"),
        "integer": number + minimum,
        "long": number + minimum,
        "float": number + minimum + fraction,
        "double": number + minimum + fraction,
        "boolean": number % 2 == 0,
        "timestamp": 1_700_000_000 + number,
        "blob": "AAEC",
    }
    return values[shape.kind]


def arguments(operation: str, number: int = 0) -> dict[str, Any]:
    """Return arguments that may be sent, with blobs as bytes; each image is an S3 object, because bytes exclude it."""
    wire: dict[str, Any] = sample(f"{operation}Request", number)
    for name in {"Image", "SourceImage", "TargetImage"} & set(wire):
        del wire[name]["Bytes"]
    if "Changes" in wire:
        wire["Changes"]["GroundTruth"] = b"\x00\x01\x02"
    return wire


def wire_name(shape: str, field: str) -> str:
    """Return the wire name of a structure's field."""
    return next(wire for wire in SHAPES[shape].members if snake(wire) == field)


def item_shape(shape: str, member: str) -> str:
    """Return the shape of the items of a list member."""
    return SHAPES[SHAPES[shape].members[member]].item
