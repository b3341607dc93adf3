"""Moderation labels of images and videos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from .. import refusals
from . import declared
from .analysis import ImageAnalysis, VideoAnalysis, frame_by_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..context import Context
    from ..vision.images import DecodedImage
    from .images import ImageSource


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


def moderation_in(
    context: Context, source: ImageSource, image: DecodedImage, operation: str, adapter: str | None
) -> Sequence[models.ModerationLabel]:
    """Return the moderation labels of an image: declared, else seen, else refused.

    `adapter` is the ARN of an adapter that the labels are requested of. Adapters learn nothing here, so only declared
    labels can be those of one; the labels that the networks see would be those of the base model under its name.
    """
    if adapter is not None and declared.declared(context, source, IMAGE_MODERATION.capability) is None:
        raise refusals.not_served(
            f"{operation}: this emulator trains no adapters and does not make up values, so it can't detect the "
            f"moderation labels of {adapter}. Leave out ProjectVersion for those of the base model, or declare the "
            f"adapter's with {declared.declaring('image, moderation=[...]')}; an empty list says that there are none."
        )
    return IMAGE_MODERATION.entries(context, source, image, operation)
