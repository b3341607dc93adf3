"""Evaluation of a classifier: thresholds, scores and confusion matrix, with numbers worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator.handlers.custom_labels.evaluation import Cell, LabelResult, best_threshold, evaluate

SCORES = [{"a": 0.75, "b": 0.25}, {"a": 0.5, "b": 0.5}, {"a": 0.625, "b": 0.375}, {"a": 0.125, "b": 0.875}]
TRUTHS = [{"a"}, {"a"}, {"b"}, {"b"}]


def test_each_label_is_evaluated_at_the_threshold_of_its_best_f1_score() -> None:
    """For a, two of three are right at 0.5, so F1 is 4/5, better than 2/3 at 0.75; for b two of three at 0.375."""
    evaluation = evaluate(SCORES, TRUTHS, ["a", "b"])
    precision, f1_score = 2 / 3, 2 * 2 / 5
    assert evaluation.labels == [
        LabelResult("a", (0.5 + 0.125) / 2, precision, 1.0, f1_score, 2),
        LabelResult("b", (0.375 + 0.25) / 2, precision, 1.0, f1_score, 2),
    ]
    assert (evaluation.precision, evaluation.recall, evaluation.f1_score) == (precision, 1.0, f1_score)


def test_the_confusion_matrix_has_the_share_of_the_images_of_each_label() -> None:
    evaluation = evaluate(SCORES, TRUTHS, ["a", "b"])
    assert evaluation.confusion == [Cell("a", "a", 1), Cell("a", "b", 0.5), Cell("b", "a", 0.5), Cell("b", "b", 1)]


def test_a_label_without_test_images_has_no_scores() -> None:
    evaluation = evaluate([{"a": 0.75, "c": 0.5}, {"a": 0.25, "c": 0.5}], [{"a"}, set()], ["a", "c"])
    assert evaluation.labels[1] == LabelResult("c", 0.5, None, None, None, 0)
    assert (evaluation.f1_score, evaluation.precision, evaluation.recall) == (1, 1, 1)


def test_without_test_images_of_any_label_there_are_no_scores() -> None:
    evaluation = evaluate([{"a": 0.75}], [set()], ["a"])
    assert (evaluation.f1_score, evaluation.confusion) == (None, [])


@pytest.mark.parametrize(
    ("rows", "threshold"),
    [
        ([(0.75, True)], 0.375),
        ([(0.75, True), (0.25, False)], 0.5),
        ([(0.75, False), (0.25, True)], 0.125),  # two thirds with both, nothing with the first alone
        ([(0.5, True), (0.5, False)], 0.25),  # equal scores are predicted together
        ([(0.5, True), (0.5, True), (0.25, False)], 0.375),
        ([(1.0, True), (0.75, False), (0.5, False), (0.25, True)], 0.875),  # of equally good ones the highest
        ([(1.0, True), (0.5, True), (0.25, False), (0.125, False)], 0.375),
        ([(0.0, True)], 0.0),
        ([(0.5, False), (0.0, True)], 0.0),
        ([(5e-324, True), (0.0, False)], 5e-324),  # no number is between the two
    ],
)
def test_the_threshold_is_in_the_middle_between_two_scores(rows: list[tuple[float, bool]], threshold: float) -> None:
    for each in (rows, rows[::-1]):
        assert best_threshold([score for score, _ in each], [present for _, present in each]) == threshold


def test_scores_and_confusion_of_labels_with_wrong_and_missed_predictions() -> None:
    """At 0.375 three images are predicted as a, of which two are right, and one of the three images of a is missed."""
    confidences = [1.0, 0.75, 0.5, 0.25, 0.125, 0.0]
    present = [True, True, False, False, False, True]
    scores = [{"a": confidence, "b": 0.5} for confidence in confidences]
    truths = [{"a", "b"} if each else {"b"} for each in present]
    evaluation = evaluate(scores, truths, ["a", "b", "c"][:2])
    a, b = evaluation.labels
    assert a == LabelResult("a", (0.75 + 0.5) / 2, 1.0, 2 / 3, 2 * 2 / 5, 3)
    assert b == LabelResult("b", 0.25, 1.0, 1.0, 1.0, 6)
    assert evaluation.confusion == [
        Cell("a", "a", 2 / 3),
        Cell("a", "b", 1.0),
        Cell("b", "a", 2 / 6),
        Cell("b", "b", 1.0),
    ]
    assert evaluation.thresholds == {"a": (0.75 + 0.5) / 2, "b": 0.25}
    assert (evaluation.precision, evaluation.recall) == (1.0, (2 / 3 + 1) / 2)
    assert evaluation.f1_score == pytest.approx((2 * 2 / 5 + 1) / 2)


scores = st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])
rows_with_the_label = st.lists(st.tuples(scores, st.booleans()), min_size=1, max_size=8).filter(
    lambda rows: any(present for _, present in rows)
)


def f1_score(rows: list[tuple[float, bool]], threshold: float) -> float:
    right = sum(present for score, present in rows if score >= threshold)
    predicted = sum(score >= threshold for score, _ in rows)
    return 2 * right / (predicted + sum(present for _, present in rows))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(rows_with_the_label)
def test_no_threshold_has_a_better_f1_score(rows: list[tuple[float, bool]]) -> None:
    chosen = best_threshold([score for score, _ in rows], [present for _, present in rows])
    others = [f1_score(rows, threshold) for threshold in (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)]
    assert f1_score(rows, chosen) == pytest.approx(max(others))
    found = evaluate([{"a": score} for score, _ in rows], [{"a"} if present else set() for _, present in rows], ["a"])
    images, right = sum(present for _, present in rows), sum(present for score, present in rows if score >= chosen)
    precision = right / sum(score >= chosen for score, _ in rows)
    (result,) = found.labels
    assert result[:4] == ("a", chosen, precision, right / images)
    assert result.f1_score == pytest.approx(f1_score(rows, chosen))
    assert result.images == images
