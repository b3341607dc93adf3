"""Labels by two networks: an object detector, which locates 80 classes, and a classifier of the whole image.

The probability of a label is the sum over its classes and those of its descendants: of 118 breeds for Dog. A label that
both networks give has the greater confidence. The detector knows ten animals and takes each other animal for one of
them, so the classifier has the last word on animals. docs/design/vision-labels.md has the measurements behind the
numbers here.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from . import DetectedLabel, LabelBox
from .ssd import SsdMobileNet
from .vocabulary import ancestors, label_classes, label_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from ..efficientnet import EfficientNet
    from ..images import DecodedImage
    from ..networks import Floats

MIN_SCORE = 0.3
"""Minimum score of an object."""
MIN_PROBABILITY = 0.1
"""Minimum probability of a label of the classifier."""
_ANIMAL = "Animal"
_CERTAIN = 0.5
"""Probability from which the classifier's animal replaces that of the detector."""
_NO_ANIMAL = 0.1
"""Probability of an animal below which a large animal of the detector is none, such as a bird that is a church."""
_LARGE = 0.3
"""Part of the image that a large object covers."""


class _Found(NamedTuple):
    """A label of the detector, and the box that it has."""

    name: str
    box: LabelBox


class LabelNetworks:
    """Detects labels, all of them names of `vocabulary`."""

    def __init__(self, classifier: EfficientNet) -> None:
        self._detector = SsdMobileNet()
        self._classifier = classifier

    def detect(self, image: DecodedImage) -> list[DetectedLabel]:
        """Return the labels of either network. Boxes are given for the labels that have some in the service."""
        classify = self._classifier.prepared(image)
        classes = label_classes("coco")
        objects = [
            _Found(classes[each.number], LabelBox(each.box, each.score))
            for each in self._detector.detect(image, MIN_SCORE)
            if each.number in classes
        ]
        probabilities = label_probabilities(classify().probabilities)
        located = _located(_checked(objects, probabilities, image.width * image.height))
        confidences = {name: value for name, value in probabilities.items() if value >= MIN_PROBABILITY}
        for name, boxes in located.items():
            confidences[name] = max(confidences.get(name, 0.0), *(each.confidence for each in boxes))
        return [
            DetectedLabel(name, confidence, located.get(name, ()) if label_names()[name].has_boxes else ())
            for name, confidence in confidences.items()
        ]


def label_probabilities(classes: Floats) -> dict[str, float]:
    """Return the probability of each label that the classifier has, from the probabilities of its classes."""
    table = _sums()
    sums = np.bincount(table.labels, classes[table.classes], len(table.names))
    return dict(zip(table.names, np.minimum(sums, 1.0).tolist(), strict=True))


class _Sums(NamedTuple):
    """The labels of the classifier, and the classes that each one is the sum of: pairs of a label and a class."""

    names: Sequence[str]
    labels: NDArray[np.intp]
    classes: NDArray[np.intp]


@cache
def _sums() -> _Sums:
    pairs = [
        (label, number) for number, name in label_classes("imagenet").items() for label in (name, *ancestors(name))
    ]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(label for label, _ in pairs))}
    labels, classes = np.array([(numbers[label], number) for label, number in pairs], np.intp).T
    return _Sums(list(numbers), labels, classes)


def _located(objects: Iterable[_Found]) -> dict[str, list[LabelBox]]:
    """Return the boxes of each label, and those of labels without boxes also at their nearest ancestor with boxes."""
    located: defaultdict[str, list[LabelBox]] = defaultdict(list)
    for name, box in objects:
        boxed = next((each for each in (name, *ancestors(name)) if label_names()[each].has_boxes), name)
        for label in dict.fromkeys((name, boxed)):
            located[label].append(box)
    return dict(located)


def _checked(objects: Sequence[_Found], probabilities: Mapping[str, float], pixels: int) -> list[_Found]:
    """Return the objects with the classifier's animals for those that it contradicts, without animals that are none."""
    animals = [each for each in objects if _ANIMAL in ancestors(each.name)]
    if probabilities[_ANIMAL] < _NO_ANIMAL:
        return [each for each in objects if each not in animals or each.box.box.area < _LARGE * pixels]
    certain = _certain_animal(probabilities)
    if certain is None or any(_related(each.name, certain) for each in animals):
        return list(objects)
    probability = probabilities[certain]
    return [
        _Found(certain, LabelBox(each.box.box, min(each.box.confidence, probability))) if each in animals else each
        for each in objects
    ]


def _certain_animal(probabilities: Mapping[str, float]) -> str | None:
    """Return the narrowest kind of animal of which the classifier is certain."""
    certain = [name for name, value in probabilities.items() if value >= _CERTAIN and _ANIMAL in ancestors(name)]
    return max(certain, key=lambda name: (len(ancestors(name)), probabilities[name]), default=None)


def _related(one: str, other: str) -> bool:
    return one == other or one in ancestors(other) or other in ancestors(one)
