"""Short forms of the service's structures in declarations, and the rules for their members.

The service model requires hardly any member of a response structure. A declaration without a label's name or a box's
width is a mistake all the same, so `NEEDED` lists more. An entry without a confidence (`"Cat"`) gets 100.
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

DEFAULT_CONFIDENCE = 100.0
"""Confidence of an entry that is declared without one (assumed)."""

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
"""Members of a structure in the order of its short form: a list of values, or the first value alone."""

WRAPPED: Mapping[str, str] = dict.fromkeys(("ComparedFace", "FaceDetail", "Geometry", "Instance"), "BoundingBox")
"""The member that a list, or a model of this member, is expanded to: a face may be given as its box."""

EXTRA: Mapping[str, Mapping[str, str]] = {
    "FaceDetail": {"Identity": "QueryString"},  # a shape of text with at least one character that is no space
    "CustomLabel": {"AssumedThreshold": "Percent"},
}
"""Members of declarations that the service's structures don't have, and their shapes."""

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
"""Members that a declaration must have."""

_MAX_RATIO = 2.0
"""A box may extend beyond the image's edges, but a side of more than twice the image's is probably in pixels."""
_EQUIPMENT = ("CoversBodyPart", "EquipmentDetection", "ProtectiveEquipmentBodyPart", "ProtectiveEquipmentPerson")
_MIN_EQUIPMENT_CONFIDENCE = 50.0


def expand(name: str, value: object) -> object:
    """Return a value of the named shape in the service's own form; leave an invalid value to `entry_problems`.

    >>> expand("Label", ("Cat", 91.5))
    {'Name': 'Cat', 'Confidence': 91.5}
    """
    shape = SHAPES[name]
    if shape.kind == "list" and is_sequence(value):
        return [expand(shape.item, item) for item in value]
    if shape.kind != "structure":
        return value
    structure = _structure(name, value)
    if not is_mapping(structure):
        return structure
    given = {**{member: item for member, item in structure.items() if item is not None}, **_defaults(name, structure)}
    members = shape.members
    return {member: expand(members[member], item) if member in members else item for member, item in given.items()}


def _structure(name: str, value: object) -> object:
    """Return the structure of a short form, with its members unchanged."""
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
    """Tell whether a model is of the named shape's class, or of a user's subclass of it."""
    return any(cls.__name__ == name for cls in type(model).__mro__)


def _defaults(name: str, given: Mapping[str, object]) -> dict[str, object]:
    defaults: dict[str, object] = {
        member: DEFAULT_CONFIDENCE for member in _CONFIDENCES if member in SHAPES[name].members
    }
    if name == "EquipmentDetection":
        defaults["CoversBodyPart"] = True
    if name == "TextDetection":
        defaults["Type"] = "LINE" if given.get("ParentId") is None else "WORD"
    return {member: value for member, value in defaults.items() if given.get(member) is None}


def entry_problems(name: str, wire: object, path: Path) -> Iterator[str]:
    """Yield the problems of an expanded value of the named shape, such as `labels[0].Name: must not be blank`."""
    for problem in problems(name, wire, full=True):
        yield from _text(problem, path)
    yield from _missing(name, wire, path)


def _text(problem: Problem, path: Path) -> Iterator[str]:
    extra = EXTRA.get(problem.name, {}).get(str(problem.path[-1])) if problem.rule == "unknown" else None
    if extra is not None:
        yield from entry_problems(extra, problem.value, (*path, *problem.path))
        return
    short = ORDER.get(problem.name) if problem.rule == "type" else None
    hint = f", or in short: {', '.join(short)}" if short else ""
    yield described(problem._replace(path=(*path, *problem.path)), python_names=False) + hint


def _missing(name: str, wire: object, path: Path) -> Iterator[str]:
    shape = SHAPES[name]
    if shape.kind == "list" and is_sequence(wire):
        for index, item in enumerate(wire):
            yield from _missing(shape.item, item, (*path, index))
    if shape.kind != "structure" or not is_mapping(wire):
        return
    for member in NEEDED.get(name, ()):
        if member not in wire:
            yield described(Problem((*path, member), "required", shape.members[member]), python_names=False)
    for member, rule in _broken_rules(name, wire):
        yield f"{dotted((*path, member), python_names=False)}: {rule}"
    for member, item in wire.items():
        if member in shape.members:
            yield from _missing(shape.members[member], item, (*path, member))


def _broken_rules(name: str, wire: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each member that breaks a rule of ours, with the rule."""
    numbers = {member: value for member, value in wire.items() if isinstance(value, int | float)}
    if name == "BoundingBox":
        for side in ("Width", "Height"):
            if side in numbers and not 0 < numbers[side] <= _MAX_RATIO:
                yield side, f"must be a ratio of the image's {side.lower()}, more than 0, not {numbers[side]}"
    if name == "AgeRange" and numbers.get("Low", 0) > numbers.get("High", numbers.get("Low", 0)):
        yield "High", f"must be at least Low, {numbers['Low']}"
    for member in ("DetectedText", "Name"):
        if isinstance(text := wire.get(member), str) and not text.strip():
            yield member, "must not be blank"
    if numbers.get("Timestamp", 0) < 0:
        yield "Timestamp", f"must be 0 or more milliseconds, not {numbers['Timestamp']}"
    if name in _EQUIPMENT and numbers.get("Confidence", DEFAULT_CONFIDENCE) < _MIN_EQUIPMENT_CONFIDENCE:
        yield "Confidence", f"must be at least 50, as in the service's responses, not {numbers['Confidence']}"
