"""Which faces are good enough: the bars of `QualityFilter`, and what is wrong with a face that is under one.

Where the service's bars lie is not known; these are ours, against our own measures. They were set by looking at the
measures of 92 faces in 73 photographs, so what they do there is no test of them: LOW stops 2 faces, MEDIUM 8, HIGH 11.
Of the 73 that are the largest of their picture MEDIUM and HIGH stop one, a sharp and large face of a group whose
detector was only 80 % sure. LOW_FACE_QUALITY is never given: the others say what is low.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ... import models

if TYPE_CHECKING:
    from .faces import FoundFace


class Bar(NamedTuple):
    """The least confidence, sharpness and brightness (percent), the most degrees a head may be turned to a side or
    nodded, and the least height of the box as a ratio of the picture's."""

    confidence: float
    sharpness: float
    brightness: float
    turn: float
    height: float


BARS: Mapping[models.QualityFilter, Bar] = {
    models.QualityFilter.LOW: Bar(78.0, 10.0, 15.0, 75.0, 0.025),
    models.QualityFilter.MEDIUM: Bar(82.0, 25.0, 25.0, 60.0, 0.04),
    models.QualityFilter.HIGH: Bar(88.0, 50.0, 35.0, 40.0, 0.06),
}
AUTO = models.QualityFilter.MEDIUM
"""The bar that the service is said to choose itself."""


class Judged(NamedTuple):
    """A face, and why it is not good enough; no reasons for one that is."""

    face: FoundFace
    reasons: list[models.Reason]


def judge(found: Iterable[FoundFace], quality_filter: models.QualityFilterValue) -> list[Judged]:
    """Return each face with what a quality filter has against it."""
    chosen = models.QualityFilter(quality_filter)
    bar = BARS.get(AUTO if chosen is models.QualityFilter.AUTO else chosen)
    return [Judged(face, _reasons(face, bar) if bar else []) for face in found]


def grade(face: FoundFace) -> int:
    """Return how many of the bars a face passes, 0 to 3."""
    return sum(not _reasons(face, bar) for bar in BARS.values())


def _reasons(face: FoundFace, bar: Bar) -> list[models.Reason]:
    detail = face.detail
    pose, quality = detail.pose, None if face.assured else detail.quality
    low = {
        models.Reason.LOW_CONFIDENCE: detail.confidence < bar.confidence,
        models.Reason.LOW_SHARPNESS: quality is not None and quality.sharpness < bar.sharpness,
        models.Reason.LOW_BRIGHTNESS: quality is not None and quality.brightness < bar.brightness,
        models.Reason.EXTREME_POSE: pose is not None and max(abs(pose.yaw), abs(pose.pitch)) > bar.turn,
        models.Reason.SMALL_BOUNDING_BOX: detail.bounding_box.height < bar.height,
    }
    return [reason for reason, applies in low.items() if applies]
