"""Classifiers of custom labels: regularised regressions on the 1280 features of EfficientNet-Lite0, in NumPy alone.

If every training image has exactly one label, one softmax regression tells the labels apart, and their scores add up to
1. Otherwise each label has a logistic regression of its own. Both are convex with one minimum, found by accelerated
gradient descent from zero, without random numbers: equal features give equal classifiers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from numpy.typing import NDArray

    from .networks import Floats

    Numbers = NDArray[np.float64]

PENALTY = 1e-3
"""Weight of the squared coefficients, beside the mean loss of an image; docs/vision.md has the measurements."""
_TOLERANCE = 1e-6
_MAX_ROUNDS = 2000
_FORMAT = 1


class UnreadableClassifierError(Exception):
    """The bytes are not a classifier that this version can read."""


@attrs.frozen(eq=False)
class CustomClassifier:
    """A trained classifier: the score of each label, from 0 to 1, for the features of an image.

    `mean` and `weights` (features and a constant, by labels) are float32. `exclusive` tells that an image has exactly
    one of the labels, so that the scores add up to 1.
    """

    labels: tuple[str, ...]
    mean: Floats
    weights: Floats
    exclusive: bool

    def scores(self, features: Floats) -> dict[str, float]:
        """Return the score of each label for the features of one image."""
        row = _with_constant(_normalised(features[np.newaxis].astype(np.float64), self.mean.astype(np.float64)))
        logits = row @ self.weights.astype(np.float64)
        (values,) = _softmax(logits) if self.exclusive else _sigmoid(logits)
        return dict(zip(self.labels, values.tolist(), strict=True))

    def to_bytes(self) -> bytes:
        """Return the classifier as a line of JSON and the numbers; the same classifier gives the same bytes."""
        header = {"format": _FORMAT, "labels": self.labels, "features": self.mean.size, "exclusive": self.exclusive}
        numbers = b"".join(array.astype("<f4").tobytes() for array in (self.mean, self.weights))
        return json.dumps(header).encode() + b"\n" + numbers

    @classmethod
    def from_bytes(cls, data: bytes) -> CustomClassifier:
        """Return the classifier that `to_bytes` wrote; raise `UnreadableClassifierError` for anything else."""
        header, _, numbers = data.partition(b"\n")
        try:
            values = json.loads(header)
            labels, features = tuple(map(str, values["labels"])), int(values["features"])
            if values["format"] != _FORMAT:
                raise ValueError(f"the format is {values['format']}")
            array = np.frombuffer(numbers, "<f4").astype(np.float32)
            mean, weights = array[:features], array[features:].reshape(features + 1, len(labels))
            return cls(labels, mean, weights, bool(values["exclusive"]))
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableClassifierError(str(error)) from error


def fit(features: Floats, labels: Sequence[Set[str]], *, penalty: float = PENALTY) -> CustomClassifier:
    """Train a classifier with the features (images, 1280) and the labels of each image.

    `ValueError`: all images have the same labels, so there is nothing to tell apart.

    >>> images = np.eye(3, 1280, dtype=np.float32)
    >>> max(fit(images, [{"a"}, {"b"}, {"c"}]).scores(images[1]).items(), key=lambda item: item[1])[0]
    'b'
    """
    names = sorted({name for present in labels for name in present})
    targets = np.array([[name in present for name in names] for present in labels], dtype=np.float64)
    if not (targets != targets[:1]).any():
        raise ValueError("all images have the same labels, so there is nothing to tell apart")
    mean = features.astype(np.float64).mean(axis=0).astype(np.float32)
    rows = _with_constant(_normalised(features.astype(np.float64), mean.astype(np.float64)))
    exclusive = bool((targets.sum(axis=1) == 1).all())
    weights = _minimum(rows, targets, penalty, exclusive=exclusive)
    return CustomClassifier(tuple(names), mean, weights.astype(np.float32), exclusive)


def _minimum(rows: Numbers, targets: Numbers, penalty: float, *, exclusive: bool) -> Numbers:
    """Return the coefficients with the least penalised loss.

    Nesterov's method for a strongly convex function: the loss curves by at most half the squared length of a row, which
    is 2, and by at least the penalty.
    """
    if len(rows) < rows.shape[1]:  # the minimum is a sum of rows, so it is sought among these: as exact, and faster
        basis, coordinates = np.linalg.qr(rows.T)
        result: Numbers = basis @ _minimum(coordinates.T, targets, penalty, exclusive=exclusive)
        return result
    activation = _softmax if exclusive else _sigmoid
    steepest = 1.0 + penalty
    momentum = (np.sqrt(steepest) - np.sqrt(penalty)) / (np.sqrt(steepest) + np.sqrt(penalty))
    weights = ahead = np.zeros((rows.shape[1], targets.shape[1]))
    for _ in range(_MAX_ROUNDS):
        gradient = rows.T @ (activation(rows @ ahead) - targets) / len(rows) + penalty * ahead
        moved = ahead - gradient / steepest
        ahead = moved + momentum * (moved - weights)
        change, weights = np.abs(moved - weights).max(), moved
        if change < _TOLERANCE:
            break
    return weights


def _softmax(logits: Numbers) -> Numbers:
    """Return the probabilities of the labels of each image, with double precision."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: Numbers = powers / powers.sum(axis=-1, keepdims=True)
    return result


def _sigmoid(logits: Numbers) -> Numbers:
    result: Numbers = 0.5 * (1.0 + np.tanh(0.5 * logits))  # never overflows
    return result


def _normalised(features: Numbers, mean: Numbers) -> Numbers:
    """Return the differences from the mean, scaled to length 1: only the direction of a difference counts."""
    centred = features - mean
    result: Numbers = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    return result


def _with_constant(rows: Numbers) -> Numbers:
    return np.hstack([rows, np.ones((len(rows), 1))])
