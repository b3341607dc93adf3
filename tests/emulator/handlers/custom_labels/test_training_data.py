"""Errors of the data of a training: the numbers of labels and images that the service's guide demands."""

from __future__ import annotations

import pytest

from rekog.emulator.handlers.custom_labels.manifests import Manifest, parse_line
from rekog.emulator.handlers.custom_labels.training_data import (
    MAX_LABELS,
    TESTING,
    TRAINING,
    Part,
    content_errors,
    part_of,
)
from tests.kit.custom_labels import box_line, label_line

AUTOSPLIT = "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT"
FEW, MANY = "ERROR_MANIFEST_TOO_FEW_LABELS", "ERROR_MANIFEST_TOO_MANY_LABELS"
OVERLAP = "ERROR_INSUFFICIENT_LABEL_OVERLAP"


def part(name: str, labels: list[str]) -> Part:
    """Return a part with an image of each label; `box` is a label of an object."""
    lines = [
        box_line(f"{name}-{number}.jpg", (1, 1, 9, 9), names={"0": label})
        if label.startswith("box")
        else label_line(f"{name}-{number}.jpg", label)
        for number, label in enumerate(labels)
    ]
    entries = [parse_line(line, adapter=False) for line in lines]
    return part_of(name, Manifest([entry for entry in entries if entry], 0, None), {}, adapter=False)


@pytest.mark.parametrize(
    ("train", "test", "split", "errors"),
    [
        ("ab", "ab", True, []),  # two images of each label, one in each part
        ("ab", "ab", False, []),
        ("aabb", "a", False, [("testing", FEW)]),
        ("abc", "ab", True, [("training", AUTOSPLIT)]),  # a single image of c
        ("abc", "ab", False, []),
        ("aabbcc", "ab", True, []),  # two images of c, both for the training
        ("aa", "aa", False, [("training", FEW), ("testing", FEW)]),
        (["box"], ["box"], False, []),  # one label of objects is enough
        ("abcd", "ab", False, []),  # half of the labels are tested
        ("abcde", "ab", False, [("", OVERLAP)]),
        ("ab", "abcd", False, []),  # further labels in the test do not matter
        ([f"{number}" for number in range(MAX_LABELS)], [f"{number}" for number in range(MAX_LABELS)], False, []),
        (
            [f"{number}" for number in range(MAX_LABELS + 1)], [f"{number}" for number in range(MAX_LABELS)], False,
            [("training", MANY)],
        ),
    ],
)  # fmt: skip
def test_the_errors_are_those_of_the_guide(
    train: str | list[str], test: str | list[str], split: bool, errors: list[tuple[str, str]]
) -> None:
    found = content_errors(part(TRAINING, [*train]), part(TESTING, [*test]), {}, split=split)
    assert [(error.part, error.code) for error in found] == errors
