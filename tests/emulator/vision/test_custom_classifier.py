"""Classifiers of custom labels: laws of the regression, a minimum found by hand, and the stored form."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator.vision.custom_classifier import (
    PENALTY,
    CustomClassifier,
    UnreadableClassifierError,
    fit,
)

few = settings(derandomize=True, max_examples=25, deadline=None)
seeds = st.integers(0, 2**32 - 1)
names = st.lists(st.text(min_size=1, max_size=5), min_size=2, max_size=5, unique=True)


def features(seed: int, count: int, size: int = 12) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).random((count, size), dtype=np.float32)


def one_each(labels: list[str], count: int) -> list[set[str]]:
    """Return a label for each image, in turn."""
    return [{labels[number % len(labels)]} for number in range(count)]


@pytest.mark.slow
@few
@given(seeds, names)
def test_equal_images_give_equal_bytes(seed: int, labels: list[str]) -> None:
    images, truths = features(seed, 8), one_each(labels, 8)
    assert fit(images, truths).to_bytes() == fit(images.copy(), truths).to_bytes()


@few
@given(seeds, names)
def test_a_classifier_survives_its_stored_form(seed: int, labels: list[str]) -> None:
    classifier = fit(features(seed, 8), one_each(labels, 8))
    restored = CustomClassifier.from_bytes(classifier.to_bytes())
    image = features(seed + 1, 1)[0]
    assert restored.scores(image) == classifier.scores(image)
    assert restored.to_bytes() == classifier.to_bytes()


@pytest.mark.slow
@few
@given(seeds, names)
def test_the_names_and_the_order_of_images_do_not_matter(seed: int, labels: list[str]) -> None:
    images, truths = features(seed, 10), one_each(labels, 10)
    shuffled = np.random.default_rng(seed).permutation(10)
    renamed = dict(zip(labels, [f"name {number}" for number in range(len(labels))][::-1], strict=True))
    first = fit(images, truths)
    other = fit(images[shuffled], [{renamed[name] for name in truths[int(index)]} for index in shuffled])
    image = features(seed + 1, 1)[0]
    scores = {renamed[name]: score for name, score in first.scores(image).items()}
    assert other.scores(image) == pytest.approx(scores, abs=1e-3)


@few
@given(seeds, names)
def test_scores_of_exclusive_labels_add_up_to_1(seed: int, labels: list[str]) -> None:
    classifier = fit(features(seed, 8), one_each(labels, 8))
    assert classifier.exclusive
    assert sum(classifier.scores(features(seed + 1, 1)[0]).values()) == pytest.approx(1)


def test_labels_of_one_image_have_separate_scores() -> None:
    images = np.eye(4, 12, dtype=np.float32)
    classifier = fit(images, [{"cat", "indoors"}, {"cat"}, {"dog", "indoors"}, {"dog"}])
    assert not classifier.exclusive
    scores = classifier.scores(images[0])
    assert scores["cat"] > 0.5
    assert scores["indoors"] > 0.5
    assert scores["dog"] < 0.5


def test_the_loss_is_the_least() -> None:
    """Compare with bisection: of two opposite images, only the difference of two coefficients is free.

    Each label has half of the difference, so the slope of the penalty is half of it too.
    """

    def slope(difference: float) -> float:
        return PENALTY * difference / 2 - (1 - 1 / (1 + math.exp(-difference)))

    low, high = 0.0, 100.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    weights = fit(np.array([[1, 0], [-1, 0]], dtype=np.float32), [{"a"}, {"b"}]).weights
    assert float(weights[0, 0] - weights[0, 1]) == pytest.approx(low, abs=1e-3)


@pytest.mark.parametrize("labels", [[{"a"}, {"a"}], [set[str](), set[str]()], [{"a", "b"}, {"a", "b"}]])
def test_images_with_the_same_labels_are_refused(labels: list[set[str]]) -> None:
    with pytest.raises(ValueError, match="nothing to tell apart"):
        fit(features(1, 2), labels)


@pytest.mark.parametrize("change", [b"", b"{}\n", b"x" * 9, b'{"format": 2, "labels": [], "features": 0}\n'])
def test_other_bytes_are_no_classifier(change: bytes) -> None:
    with pytest.raises(UnreadableClassifierError):
        CustomClassifier.from_bytes(change)


def test_a_cut_classifier_is_refused() -> None:
    data = fit(features(1, 4), one_each(["a", "b"], 4)).to_bytes()
    with pytest.raises(UnreadableClassifierError):
        CustomClassifier.from_bytes(data[:-4])
    assert json.loads(data.partition(b"\n")[0])["labels"] == ["a", "b"]
