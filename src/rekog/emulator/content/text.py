"""Text of images and videos: declared, else detected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from .analysis import ImageAnalysis, VideoAnalysis, frame_by_frame

if TYPE_CHECKING:
    from ..context import Context
    from ..vision.images import DecodedImage
    from ..vision.text import TextLine, TextWord


def detect_text(context: Context, image: DecodedImage) -> list[models.TextDetection]:
    """Return the detected lines and words of an image or frame; the response orders and numbers them."""
    found: list[models.TextDetection] = []
    for number, line in enumerate(context.vision.text_detector.detect(image)):
        found.append(_detection(image, line, models.TextTypes.LINE, number=number))
        found += [_detection(image, word, models.TextTypes.WORD, parent=number) for word in line.words]
    return found


def _detection(
    image: DecodedImage, text: TextLine | TextWord, kind: str, *, number: int | None = None, parent: int | None = None
) -> models.TextDetection:
    outline = [models.Point(x=point.x / image.width, y=point.y / image.height) for point in text.corners]
    return models.TextDetection(
        detected_text=text.text,
        type=kind,
        id=number,
        parent_id=parent,
        confidence=100.0 * min(1.0, text.confidence),
        geometry=models.Geometry(polygon=outline),
    )


def _at(timestamp: int, detection: models.TextDetection) -> models.TextDetectionResult:
    return models.TextDetectionResult(timestamp=timestamp, text_detection=detection)


IMAGE_TEXT = ImageAnalysis(capability="text", model=models.TextDetection, see=detect_text)
VIDEO_TEXT = VideoAnalysis(
    capability="text",
    model=models.TextDetectionResult,
    watch=frame_by_frame(detect_text, _at),
)
