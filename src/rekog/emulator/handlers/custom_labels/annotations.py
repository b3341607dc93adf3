"""The labels of one manifest line, and what is wrong with them: codes and places are the guide's, words ours."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeGuard, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    Object = dict[str, object]

CLASSIFICATION = "groundtruth/image-classification"
DETECTION = "groundtruth/object-detection"
MAX_LABEL = 255

_MESSAGES = {
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": "The label attribute has another form than its type asks for.",
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": "The metadata have another form than their type asks for.",
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": f"The type of the metadata must be {CLASSIFICATION} or {DETECTION}.",
    "ERROR_INVALID_LABEL_NAME_LENGTH": f"A label has 1 to {MAX_LABEL} characters.",
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": "Each bounding box needs a confidence in the metadata.",
    "ERROR_MISSING_CLASS_MAP_ID": "The class id of the bounding box is not in the class map.",
    "ERROR_BOUNDING_BOX_TOO_SMALL": "The bounding box must be more than a pixel wide and high.",
    "ERROR_INVALID_BOUNDING_BOX": "The bounding box reaches out of the picture.",
}


def label_counts(line: Object, attributes: Iterable[str]) -> tuple[dict[str, int], bool]:
    """Return how many boxes there are of each label (0 for one of the whole picture), and whether anything is wrong.

    What is wrong is written into the line, as `errors` beside it.
    """
    found: Counter[str] = Counter()
    faults = 0
    for name in attributes:
        metadata = cast("Object", line[f"{name}-metadata"])  # cast: the caller looked
        kind = metadata.get("type")
        if kind == CLASSIFICATION:
            faults += _classify(line[name], metadata, found)
        elif kind == DETECTION:
            faults += _detect(line[name], metadata, found)
        else:
            faults += _tell(metadata, "ERROR_UNSUPPORTED_USE_CASE_TYPE")
    return dict(found), bool(faults)


def _classify(value: object, metadata: Object, found: Counter[str]) -> int:
    label = metadata.get("class-name")
    if not isinstance(label, str):
        return _tell(metadata, "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT")
    if not _is_name(label):
        return _tell(metadata, "ERROR_INVALID_LABEL_NAME_LENGTH")
    if not _is_number(value):
        return _tell(metadata, "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT")
    found[label] += 0
    return 0


def _detect(value: object, metadata: Object, found: Counter[str]) -> int:
    names, objects = metadata.get("class-map"), metadata.get("objects")
    if not _is_object(names) or not _is_objects(objects) or not all(isinstance(name, str) for name in names.values()):
        return _tell(metadata, "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT")
    if not all(_is_name(str(name)) for name in names.values()):
        return _tell(metadata, "ERROR_INVALID_LABEL_NAME_LENGTH")
    boxes, sizes = (value.get("annotations"), value.get("image_size")) if _is_object(value) else (None, None)
    if not _is_objects(boxes) or not _is_objects(sizes) or len(sizes) != 1 or not _numbers(sizes[0], "width", "height"):
        return _tell(value if _is_object(value) else metadata, "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT")
    if len(objects) != len(boxes) or not all(_is_number(item.get("confidence")) for item in objects):
        return _tell(metadata, "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE")
    faults = 0
    for box in boxes:
        label, fault = names.get(str(box.get("class_id"))), _box_fault(box, sizes[0])
        if label is None:
            faults += _tell(box, "ERROR_MISSING_CLASS_MAP_ID")
        elif fault:
            faults += _tell(box, fault)
        else:
            found[str(label)] += 1
    return faults


def _box_fault(box: Object, size: Object) -> str | None:
    numbers, (width, height) = _numbers(box, "left", "top", "width", "height"), _numbers(size, "width", "height")
    if not numbers:
        return "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"
    left, top, box_width, box_height = numbers
    if box_width <= 1 or box_height <= 1:
        return "ERROR_BOUNDING_BOX_TOO_SMALL"
    inside = left >= 0 and top >= 0 and left + box_width <= width and top + box_height <= height
    return None if inside else "ERROR_INVALID_BOUNDING_BOX"


def _tell(place: Object, code: str) -> int:
    """Write an error into a place of the line, and return how many that makes."""
    place["errors"] = [{"code": code, "message": _MESSAGES[code]}]
    return 1


def _numbers(value: Object, *names: str) -> list[float]:
    """Return the numbers of these names, or none of them unless all are there."""
    found = [value.get(name) for name in names]
    return [item for item in found if _is_number(item)] if all(_is_number(item) for item in found) else []


def _is_name(label: str) -> bool:
    return 0 < len(label) <= MAX_LABEL and not any("\ud800" <= character <= "\udfff" for character in label)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_object(value: object) -> TypeGuard[Object]:
    return isinstance(value, dict)


def _is_objects(value: object) -> TypeGuard[list[Object]]:
    return isinstance(value, list) and all(isinstance(item, dict) for item in cast("list[object]", value))
