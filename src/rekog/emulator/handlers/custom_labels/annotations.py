"""Labels of a manifest line, and errors in them: codes and positions are the guide's, messages are ours."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeGuard, cast

from ...settings import is_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    Object = dict[str, object]

CLASSIFICATION = "groundtruth/image-classification"
DETECTION = "groundtruth/object-detection"
MAX_LABEL = 255

_MESSAGES = {
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": "The label attribute does not have the form that its type requires.",
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": "The metadata does not have the form that its type requires.",
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": f"The type of the metadata must be {CLASSIFICATION} or {DETECTION}.",
    "ERROR_INVALID_LABEL_NAME_LENGTH": f"A label has 1 to {MAX_LABEL} characters.",
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": "Each bounding box needs a confidence in the metadata.",
    "ERROR_MISSING_CLASS_MAP_ID": "The class id of the bounding box is not in the class map.",
    "ERROR_BOUNDING_BOX_TOO_SMALL": "The bounding box must be more than a pixel wide and high.",
    "ERROR_INVALID_BOUNDING_BOX": "The bounding box extends beyond the image.",
}


def label_counts(line: Object, attributes: Iterable[str]) -> tuple[dict[str, int], bool]:
    """Return the number of boxes per label (0 for a label of the whole image), and whether the line has errors.

    Errors are written into the line, as `errors` beside the wrong value.
    """
    counts: Counter[str] = Counter()
    errors = 0
    for name in attributes:
        metadata = cast("Object", line[f"{name}-metadata"])  # cast: the caller checked it
        kind = metadata.get("type")
        if kind == CLASSIFICATION:
            errors += _classify(line[name], metadata, counts)
        elif kind == DETECTION:
            errors += _detect(line[name], metadata, counts)
        else:
            errors += _add_error(metadata, "ERROR_UNSUPPORTED_USE_CASE_TYPE")
    return dict(counts), bool(errors)


def _classify(value: object, metadata: Object, counts: Counter[str]) -> int:
    label = metadata.get("class-name")
    if not isinstance(label, str):
        return _add_error(metadata, "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT")
    if not _is_name(label):
        return _add_error(metadata, "ERROR_INVALID_LABEL_NAME_LENGTH")
    if not is_number(value):
        return _add_error(metadata, "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT")
    counts[label] += 0
    return 0


def _detect(value: object, metadata: Object, counts: Counter[str]) -> int:
    names, objects = metadata.get("class-map"), metadata.get("objects")
    if not _is_object(names) or not _is_objects(objects) or not all(isinstance(name, str) for name in names.values()):
        return _add_error(metadata, "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT")
    if not all(_is_name(str(name)) for name in names.values()):
        return _add_error(metadata, "ERROR_INVALID_LABEL_NAME_LENGTH")
    boxes, sizes = (value.get("annotations"), value.get("image_size")) if _is_object(value) else (None, None)
    if not _is_objects(boxes) or not _is_objects(sizes) or len(sizes) != 1 or not _numbers(sizes[0], "width", "height"):
        return _add_error(value if _is_object(value) else metadata, "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT")
    if len(objects) != len(boxes) or not all(is_number(item.get("confidence")) for item in objects):
        return _add_error(metadata, "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE")
    errors = 0
    for box in boxes:
        label, code = names.get(str(box.get("class_id"))), _box_error(box, sizes[0])
        if label is None:
            errors += _add_error(box, "ERROR_MISSING_CLASS_MAP_ID")
        elif code:
            errors += _add_error(box, code)
        else:
            counts[str(label)] += 1
    return errors


def _box_error(box: Object, size: Object) -> str | None:
    numbers, (width, height) = _numbers(box, "left", "top", "width", "height"), _numbers(size, "width", "height")
    if not numbers:
        return "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"
    left, top, box_width, box_height = numbers
    if box_width <= 1 or box_height <= 1:
        return "ERROR_BOUNDING_BOX_TOO_SMALL"
    inside = left >= 0 and top >= 0 and left + box_width <= width and top + box_height <= height
    return None if inside else "ERROR_INVALID_BOUNDING_BOX"


def _add_error(part: Object, code: str) -> int:
    """Write an error into a part of the line, and return the number of errors added: 1."""
    part["errors"] = [{"code": code, "message": _MESSAGES[code]}]
    return 1


def _numbers(value: Object, *names: str) -> list[float]:
    """Return the members with these names; an empty list unless all of them are numbers."""
    members = [value.get(name) for name in names]
    return [item for item in members if is_number(item)] if all(is_number(item) for item in members) else []


def _is_name(label: str) -> bool:
    return 0 < len(label) <= MAX_LABEL and not any("\ud800" <= character <= "\udfff" for character in label)


def _is_object(value: object) -> TypeGuard[Object]:
    return isinstance(value, dict)


def _is_objects(value: object) -> TypeGuard[list[Object]]:
    return isinstance(value, list) and all(isinstance(item, dict) for item in cast("list[object]", value))
