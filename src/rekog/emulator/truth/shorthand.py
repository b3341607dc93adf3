"""Short forms of the service's structures, and what must be in one that somebody declares.

The model requires next to nothing of what the service answers with; a declaration that leaves out a label's name or a
box's width is a mistake all the same. And what is declared plainly (`"Cat"`) is certain: it gets the confidence 100.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..._core.validate import Problem, described, dotted, problems
from ..._core.wire import to_wire
from ..._generated.shapes import SHAPES
from ..._values.model import Model
from ..._values.narrow import is_mapping, is_sequence

if TYPE_CHECKING:
    from ..._core.validate import Path

SURE = 100.0
"""Confidence of what is declared without one (assumed)."""

_CONFIDENCES = ("Confidence", "MatchConfidence")
_YES_OR_NO = (
    "Beard", "CoversBodyPart", "EyeOpen", "Eyeglasses", "FaceOccluded", "Gender", "MouthOpen", "Mustache", "Smile",
    "Sunglasses",
)  # fmt: skip
_NAMED = ("ContentType", "CustomLabel", "Label", "ModerationLabel", "ProtectiveEquipmentBodyPart")

ORDER: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_YES_OR_NO, ("Value", "Confidence")),
    **dict.fromkeys(_NAMED, ("Name", "Confidence")),
    **dict.fromkeys(("LabelAlias", "LabelCategory", "Parent"), ("Name",)),
    "AgeRange": ("Low", "High"),
    "BoundingBox": ("Left", "Top", "Width", "Height"),
    "Emotion": ("Type", "Confidence"),
    "EquipmentDetection": ("Type", "Confidence"),
    "EyeDirection": ("Yaw", "Pitch", "Confidence"),
    "ImageQuality": ("Brightness", "Sharpness"),
    "KnownGender": ("Type",),
    "Landmark": ("Type", "X", "Y"),
    "Point": ("X", "Y"),
    "Pose": ("Roll", "Yaw", "Pitch"),
    "TextDetection": ("DetectedText", "Confidence"),
}
"""The members that a bare value, or a list of values, stands for."""

WRAPPED: Mapping[str, str] = dict.fromkeys(("ComparedFace", "FaceDetail", "Geometry", "Instance"), "BoundingBox")
"""The member that a bare list stands for, or a model of it: a face may be given as its box."""

EXTRA: Mapping[str, Mapping[str, str]] = {
    "FaceDetail": {"Identity": "QueryString"},  # as a type: text of which something is not a space
    "CustomLabel": {"AssumedThreshold": "Percent"},
}
"""Members of a declaration that the service's structures don't have, and their types."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    **{name: tuple(member for member in order if member != "Confidence") for name, order in ORDER.items()},
    **dict.fromkeys(("ComparedFace", "FaceDetail", "Instance"), ("BoundingBox",)),
    "Celebrity": ("Name", "Face"),
    "CelebrityDetail": ("Name",),
    "CelebrityRecognition": ("Timestamp", "Celebrity"),
    "ContentModerationDetection": ("Timestamp", "ModerationLabel"),
    "FaceDetection": ("Timestamp", "Face"),
    "LabelDetection": ("Timestamp", "Label"),
    "PersonDetail": ("Index",),
    "PersonDetection": ("Timestamp", "Person"),
    "SegmentDetection": ("Type", "StartTimestampMillis", "EndTimestampMillis"),
    "TechnicalCueSegment": ("Type",),
    "TextDetectionResult": ("Timestamp", "TextDetection"),
}

_MOST_RATIO = 2.0
"""A box may reach past the picture's edges; one twice as large as the picture is meant in pixels."""
_LEAST_EQUIPMENT = 50.0


def expand(name: str, value: object) -> object:
    """Return a value of the named shape in the service's own form; what makes no sense is left for `faults` to tell.

    >>> expand("Label", ("Cat", 91.5))
    {'Name': 'Cat', 'Confidence': 91.5}
    """
    shape = SHAPES[name]
    if shape.kind == "list" and is_sequence(value):
        return [expand(shape.item, item) for item in value]
    if shape.kind != "structure":
        return value
    whole = _whole(name, value)
    if not is_mapping(whole):
        return whole
    given = {**{member: item for member, item in whole.items() if item is not None}, **_defaults(name, whole)}
    members = shape.members
    return {member: expand(members[member], item) if member in members else item for member, item in given.items()}


def _whole(name: str, value: object) -> object:
    """Return the structure that a value stands for, its members still as they were given."""
    if isinstance(value, Model):
        if is_a(value, name):
            return to_wire(value)
        return {WRAPPED[name]: value} if name in WRAPPED and is_a(value, WRAPPED[name]) else value
    order = ORDER.get(name, ())
    if is_sequence(value):
        if name in WRAPPED:
            return {WRAPPED[name]: value}
        return dict(zip(order, value, strict=False)) if 0 < len(value) <= len(order) else value
    return {order[0]: value} if order and isinstance(value, str | bool) else value


def is_a(model: Model, name: str) -> bool:
    """Tell whether a model is one of the named shape, or of a user's subclass of it."""
    return any(cls.__name__ == name for cls in type(model).__mro__)


def _defaults(name: str, given: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {member: SURE for member in _CONFIDENCES if member in SHAPES[name].members}
    if name == "EquipmentDetection":
        found["CoversBodyPart"] = True
    if name == "TextDetection":
        found["Type"] = "LINE" if given.get("ParentId") is None else "WORD"
    return {member: value for member, value in found.items() if given.get(member) is None}


def faults(name: str, wire: object, place: Path) -> Iterator[str]:
    """Tell what is wrong with an expanded value of the named shape that stands at a place, as `labels[0].Name: ...`."""
    for problem in problems(name, wire, full=True):
        yield from _told(problem, place)
    yield from _missing(name, wire, place)


def _told(problem: Problem, place: Path) -> Iterator[str]:
    extra = EXTRA.get(problem.name, {}).get(str(problem.path[-1])) if problem.rule == "unknown" else None
    if extra is not None:
        yield from faults(extra, problem.value, (*place, *problem.path))
        return
    short = ORDER.get(problem.name) if problem.rule == "type" else None
    hint = f", or in short: {', '.join(short)}" if short else ""
    yield described(problem._replace(path=(*place, *problem.path)), python_names=False) + hint


def _missing(name: str, wire: object, place: Path) -> Iterator[str]:
    shape = SHAPES[name]
    if shape.kind == "list" and is_sequence(wire):
        for index, item in enumerate(wire):
            yield from _missing(shape.item, item, (*place, index))
    if shape.kind != "structure" or not is_mapping(wire):
        return
    for member in NEEDED.get(name, ()):
        if member not in wire:
            yield described(Problem((*place, member), "required", shape.members[member]), python_names=False)
    for member, text in _own_rules(name, wire):
        yield f"{dotted((*place, member), python_names=False)}: {text}"
    for member, item in wire.items():
        if member in shape.members:
            yield from _missing(shape.members[member], item, (*place, member))


def _own_rules(name: str, wire: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    numbers = {member: value for member, value in wire.items() if isinstance(value, int | float)}
    if name == "BoundingBox":
        for side in ("Width", "Height"):
            if side in numbers and not 0 < numbers[side] <= _MOST_RATIO:
                yield side, f"must be a ratio of the picture's {side.lower()}, more than 0, not {numbers[side]}"
    if name == "AgeRange" and numbers.get("Low", 0) > numbers.get("High", numbers.get("Low", 0)):
        yield "High", f"must be at least Low, {numbers['Low']}"
    for member in ("DetectedText", "Name"):
        if isinstance(text := wire.get(member), str) and not text.strip():
            yield member, "must not be blank"
    if numbers.get("Timestamp", 0) < 0:
        yield "Timestamp", f"must be 0 or more milliseconds, not {numbers['Timestamp']}"
    if name in _EQUIPMENT and numbers.get("Confidence", SURE) < _LEAST_EQUIPMENT:
        yield "Confidence", f"must be at least 50, the service tells nothing less sure, not {numbers['Confidence']}"


_EQUIPMENT = ("CoversBodyPart", "EquipmentDetection", "ProtectiveEquipmentBodyPart", "ProtectiveEquipmentPerson")
