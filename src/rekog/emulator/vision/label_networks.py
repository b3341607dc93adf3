"""Labels by two networks: an object detector, which locates 80 classes, and a classifier of the whole image.

docs/design/vision-labels.md gives the measurements behind the numbers here.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .labels import DetectedLabel, LabelBox
from .ssd import SsdMobileNet
from .vocabulary import ancestors, label_classes, label_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .efficientnet import EfficientNet
    from .images import DecodedImage
    from .networks import Floats
    from .ssd import DetectedObject

MIN_SCORE = 0.4
"""Minimum score of an object."""
MIN_PROBABILITY = 0.1
"""Minimum probability of a label of the classifier."""


class LabelNetworks:
    """Detects labels, all of them names of `vocabulary`."""

    def __init__(self, classifier: EfficientNet) -> None:
        self._objects = SsdMobileNet()
        self._classifier = classifier

    def detect(self, image: DecodedImage) -> list[DetectedLabel]:
        """Return the labels of either network; the confidence of a label of both is the greater one."""
        located = _located(self._objects.detect(image, MIN_SCORE))
        confidences = _classified(self._classifier.classify(image).probabilities)
        for name, boxes in located.items():
            confidences[name] = max(confidences.get(name, 0.0), *(each.confidence for each in boxes))
        return [
            DetectedLabel(name, confidence, located.get(name, ()) if label_names()[name].has_boxes else ())
            for name, confidence in confidences.items()
        ]


def _located(objects: Iterable[DetectedObject]) -> dict[str, list[LabelBox]]:
    """Return the boxes of each label, and those of labels without boxes also at their nearest ancestor with boxes."""
    located: defaultdict[str, list[LabelBox]] = defaultdict(list)
    for each in objects:
        name = label_classes("coco").get(each.number)
        if name is not None:
            for label in dict.fromkeys((name, _boxed(name))):
                located[label].append(LabelBox(each.box, each.score))
    return dict(located)


def _boxed(name: str) -> str:
    """Return the name itself or its nearest ancestor that has boxes; the name if there is none."""
    return next((each for each in (name, *ancestors(name)) if label_names()[each].has_boxes), name)


def _classified(probabilities: Floats) -> dict[str, float]:
    """Return the probability of each label: the sum over the classes of the label and of its descendants."""
    sums: defaultdict[str, float] = defaultdict(float)
    for number, name in label_classes("imagenet").items():
        for label in (name, *ancestors(name)):
            sums[label] += float(probabilities[number])
    return {name: min(1.0, value) for name, value in sums.items() if value >= MIN_PROBABILITY}
