"""Moderation labels of images and videos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from .analysis import ImageAnalysis, VideoAnalysis, frame_by_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..context import Context
    from ..vision.images import DecodedImage


def _see(context: Context, image: DecodedImage) -> Sequence[models.ModerationLabel]:
    return [
        models.ModerationLabel(name=label.name, confidence=100.0 * min(1.0, label.confidence))
        for label in context.vision.moderation_detector.detect(image)
    ]


def _at(timestamp: int, label: models.ModerationLabel) -> models.ContentModerationDetection:
    return models.ContentModerationDetection(timestamp=timestamp, moderation_label=label)


IMAGE_MODERATION = ImageAnalysis(capability="moderation", model=models.ModerationLabel, see=_see)
VIDEO_MODERATION = VideoAnalysis(
    capability="moderation", model=models.ContentModerationDetection, watch=frame_by_frame(_see, _at)
)
