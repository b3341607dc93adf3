"""Labels of images and videos: declared, else detected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from ..vision.labels import vocabulary
from .analysis import ImageAnalysis, VideoAnalysis, frame_by_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..context import Context
    from ..vision.images import DecodedImage
    from ..vision.labels import LabelBox


def see_labels(context: Context, image: DecodedImage) -> list[models.Label]:
    """Return the labels of an image or frame, and the ancestors of those that the vocabulary has.

    An ancestor that is not detected itself has the highest confidence of its descendants, and no boxes.
    """
    detected = context.vision.label_detector.detect(image)
    labels = {each.name: _label(image, each.name, each.confidence, each.boxes) for each in detected}
    for each in sorted(detected, key=lambda label: -label.confidence):
        for name in vocabulary.ancestors(each.name):
            labels.setdefault(name, _label(image, name, each.confidence))
    return list(labels.values())


def _label(image: DecodedImage, name: str, confidence: float, boxes: Sequence[LabelBox] = ()) -> models.Label:
    """Return a label in the form of the service's responses; a name outside the vocabulary has no relations."""
    entry = vocabulary.label_names().get(name)
    return models.Label(
        name=name,
        confidence=_percent(confidence),
        instances=[_instance(image, each) for each in sorted(boxes, key=lambda each: -each.confidence)],
        parents=[models.Parent(name=parent) for parent in vocabulary.ancestors(name)],
        aliases=[models.LabelAlias(name=alias) for alias in entry.aliases] if entry else [],
        categories=[models.LabelCategory(name=entry.category)] if entry else [],
    )


def _instance(image: DecodedImage, found: LabelBox) -> models.Instance:
    box = found.box.scaled(1.0 / image.width, 1.0 / image.height)
    return models.Instance(
        bounding_box=models.BoundingBox(width=box.width, height=box.height, left=box.left, top=box.top),
        confidence=_percent(found.confidence),
    )


def _percent(confidence: float) -> float:
    return 100.0 * min(1.0, confidence)


def _at(timestamp: int, label: models.Label) -> models.LabelDetection:
    return models.LabelDetection(timestamp=timestamp, label=label)


IMAGE_LABELS = ImageAnalysis(capability="labels", model=models.Label, see=see_labels)
VIDEO_LABELS = VideoAnalysis(capability="labels", model=models.LabelDetection, watch=frame_by_frame(see_labels, _at))
