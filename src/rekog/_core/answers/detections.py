"""Results as the detections of supervision, which has annotators, trackers and metrics for boxes of any detector.

supervision is imported on use. It is no extra of rekog: a program that wants its detections has it, and its versions
before 0.30 install an OpenCV that excludes the one of our extra `emulator`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..._values.errors import ConfigError

if TYPE_CHECKING:
    import supervision

    from .marks import Mark

_NAMES, _CORNERS = "class_name", "xyxyxyxy"  # keys of supervision's `data`
_READ = "text"
"""The class of all texts: each of them would be a class of its own."""


def detections(marks: Sequence[Mark], width: int, height: int, classes: dict[str, int]) -> supervision.Detections:
    """Return marks as detections in an image of this size; classes that are not in the dict are added to it."""
    try:
        library: Any = import_module("supervision")
    except ModuleNotFoundError as error:
        raise ConfigError("images.to_supervision needs supervision: pip install supervision") from error
    numpy: Any = import_module("numpy")
    corners = [[(x * width, y * height) for x, y in mark.outline] for mark in marks]
    boxes = numpy.array([_box(outline) for outline in corners], numpy.float32).reshape(-1, 4)
    shares = [numpy.nan if mark.confidence is None else mark.confidence / 100 for mark in marks]
    data: dict[str, object] = {_NAMES: numpy.array([mark.name for mark in marks], dtype=str)}
    if marks and all(mark.is_read and len(mark.outline) == 4 for mark in marks):
        data[_CORNERS] = numpy.array(corners, numpy.float32)
    found: supervision.Detections = library.Detections(
        xyxy=boxes.clip(0, (width, height, width, height)).astype(numpy.float32),
        confidence=numpy.array(shares, numpy.float32),
        class_id=numpy.array([_class_id(mark, classes) for mark in marks], int),
        data=data,
    )
    return found


def _box(corners: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _class_id(mark: Mark, classes: dict[str, int]) -> int:
    following = max(classes.values(), default=-1) + 1
    return classes.setdefault(_READ if mark.is_read else mark.name, following)
