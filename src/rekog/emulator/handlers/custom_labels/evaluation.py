"""Evaluation of a classifier on test images: assumed thresholds, precision, recall, F1 score, confusion matrix.

The assumed threshold of a label is the one with the best F1 score on the test images, as the service's guide says. The
scores of all labels together are means over the labels, which is how the recall and the F1 score in the guide's example
follow from those of its labels; a label without test images has no scores and does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

UNTESTED_THRESHOLD = 0.5
"""Assumed threshold of a label without test images (assumed)."""


class LabelResult(NamedTuple):
    """Results of a label at its assumed threshold, from 0 to 1; None without a test image of the label."""

    label: str
    threshold: float
    precision: float | None
    recall: float | None
    f1_score: float | None
    images: int


class Cell(NamedTuple):
    """Share of the images with a label for which a label is predicted, the same or another."""

    truth: str
    predicted: str
    share: float


class Evaluation(NamedTuple):
    """Results of each label, and of all together; None without any tested label."""

    labels: Sequence[LabelResult]
    confusion: Sequence[Cell]
    precision: float | None
    recall: float | None
    f1_score: float | None

    @property
    def thresholds(self) -> dict[str, float]:
        """The assumed threshold of each label."""
        return {result.label: result.threshold for result in self.labels}


def evaluate(scores: Sequence[Mapping[str, float]], truths: Sequence[Set[str]], labels: Sequence[str]) -> Evaluation:
    """Evaluate the scores of all labels for each test image; `truths` has the labels of each image."""
    results = [
        _label_result(label, [each[label] for each in scores], [label in truth for truth in truths]) for label in labels
    ]
    tested = [result for result in results if result.images]
    thresholds = {result.label: result.threshold for result in results}
    return Evaluation(
        results,
        _confusion(scores, truths, thresholds, [result.label for result in tested]),
        _mean([result.precision for result in tested]),
        _mean([result.recall for result in tested]),
        _mean([result.f1_score for result in tested]),
    )


def best_threshold(scores: Sequence[float], present: Sequence[bool]) -> float:
    """Return the threshold with the best F1 score, in the middle between two scores (assumed).

    Of equally good ones it is the highest. A score that reaches the threshold counts as a prediction.

    >>> best_threshold([0.75, 0.5, 0.25], [True, True, False])
    0.375
    """
    ranked = sorted(zip(scores, present, strict=True), reverse=True)
    images, right = sum(present), 0
    best, cut = -1.0, (0.0, 0.0)
    for count, (score, is_present) in enumerate(ranked, 1):
        right += is_present
        is_last = count == len(ranked)
        below = 0.0 if is_last else ranked[count][0]
        f1_score = 2 * right / (count + images)
        if f1_score > best and (is_last or below < score):  # a threshold can't separate equal scores
            best, cut = f1_score, (score, below)
    score, below = cut
    middle = (score + below) / 2
    return middle if middle > below else score


def _label_result(label: str, scores: Sequence[float], present: Sequence[bool]) -> LabelResult:
    images = sum(present)
    if not images:
        return LabelResult(label, UNTESTED_THRESHOLD, None, None, None, 0)
    threshold = best_threshold(scores, present)
    right, wrong, missed = _counts(scores, present, threshold)
    # at the best threshold at least one prediction is right: at the lowest score all images with the label are
    f1_score = 2 * right / (2 * right + wrong + missed)
    return LabelResult(label, threshold, right / (right + wrong), right / (right + missed), f1_score, images)


def _counts(scores: Sequence[float], present: Sequence[bool], threshold: float) -> tuple[int, int, int]:
    """Return the number of true positives, false positives and false negatives."""
    predicted = [score >= threshold for score in scores]
    pairs = list(zip(predicted, present, strict=True))
    return pairs.count((True, True)), pairs.count((True, False)), pairs.count((False, True))


def _confusion(
    scores: Sequence[Mapping[str, float]],
    truths: Sequence[Set[str]],
    thresholds: Mapping[str, float],
    tested: Sequence[str],
) -> list[Cell]:
    """Return the confusion matrix. An image counts for each label that it has, and for each that is predicted."""
    cells: list[Cell] = []
    for truth in tested:
        rows = [each for each, labels in zip(scores, truths, strict=True) if truth in labels]
        for predicted, threshold in thresholds.items():
            cells.append(Cell(truth, predicted, sum(row[predicted] >= threshold for row in rows) / len(rows)))
    return cells


def _mean(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) / len(numbers) if numbers else None
