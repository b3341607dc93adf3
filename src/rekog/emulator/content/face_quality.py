"""Quality of faces: the bars of `QualityFilter`, and the reasons why a face does not pass one.

The service's bars are not known; these are ours, for our own measures. Their sharpness rejects faces of less than about
24, 44 and 70 pixels, besides blurred ones, and their brightness a mean luma of less than 3, 6 and 13 %. None of 132
portraits is rejected for its confidence, sharpness or brightness. LOW_FACE_QUALITY is never a reason: the other reasons
are more specific.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ... import models

if TYPE_CHECKING:
    from .found_face import FoundFace


class Bar(NamedTuple):
    """Minimum confidence, sharpness and brightness (percent), maximum yaw and pitch (degrees, either way), and minimum
    height of the box as a ratio of the image's height."""

    confidence: float
    sharpness: float
    brightness: float
    turn: float
    height: float


BARS: Mapping[models.QualityFilter, Bar] = {
    models.QualityFilter.LOW: Bar(78.0, 10.0, 40.0, 75.0, 0.025),
    models.QualityFilter.MEDIUM: Bar(92.0, 25.0, 50.0, 60.0, 0.04),
    models.QualityFilter.HIGH: Bar(98.0, 50.0, 60.0, 40.0, 0.06),
}
AUTO = models.QualityFilter.MEDIUM
"""The bar for AUTO, for which the service is documented to choose one itself."""


class Judged(NamedTuple):
    """A face with the reasons why it does not pass a bar; no reasons if it passes."""

    face: FoundFace
    reasons: list[models.Reason]


def judge(faces: Iterable[FoundFace], quality_filter: models.QualityFilterValue) -> list[Judged]:
    """Return each face with the reasons why it does not pass a quality filter."""
    chosen = models.QualityFilter(quality_filter)
    bar = BARS.get(AUTO if chosen is models.QualityFilter.AUTO else chosen)
    return [Judged(face, _reasons(face, bar) if bar else []) for face in faces]


def grade(face: FoundFace) -> int:
    """Return the number of bars that a face passes, 0 to 3."""
    return sum(not _reasons(face, bar) for bar in BARS.values())


def _reasons(face: FoundFace, bar: Bar) -> list[models.Reason]:
    detail = face.detail
    pose, quality = detail.pose, None if face.quality_exempt else detail.quality
    low = {
        models.Reason.LOW_CONFIDENCE: detail.confidence < bar.confidence,
        models.Reason.LOW_SHARPNESS: quality is not None and quality.sharpness < bar.sharpness,
        models.Reason.LOW_BRIGHTNESS: quality is not None and quality.brightness < bar.brightness,
        models.Reason.EXTREME_POSE: pose is not None and max(abs(pose.yaw), abs(pose.pitch)) > bar.turn,
        models.Reason.SMALL_BOUNDING_BOX: detail.bounding_box.height < bar.height,
    }
    return [reason for reason, applies in low.items() if applies]
