"""Errors of the data of a training: the numbers of labels and images that the service's guide demands."""

from __future__ import annotations

import pytest

from rekog.emulator.handlers.custom_labels.manifests import Manifest, parse_line
from rekog.emulator.handlers.custom_labels.training_data import (
    MAX_LABELS,
    TESTING,
    TRAINING,
    ContentError,
    Part,
    content_errors,
    part_of,
    row_errors,
)
from rekog.emulator.state.rows.datasets import Entry
from tests.kit.custom_labels import box_line, label_line

AUTOSPLIT = "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT"
FEW, MANY = "ERROR_MANIFEST_TOO_FEW_LABELS", "ERROR_MANIFEST_TOO_MANY_LABELS"
OVERLAP = "ERROR_INSUFFICIENT_LABEL_OVERLAP"
ROWS, COPY = "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", "ERROR_FAILED_IMAGES_S3_COPY"
TEXTS = {
    AUTOSPLIT: "The manifest file contains insufficient labeled images per label to perform auto-split.",
    FEW: "The manifest file has too few labels.",
    MANY: "The manifest file has too many labels.",
    OVERLAP: "Less than 50% label overlap between the training and testing manifest files.",
    ROWS: "The manifest file contains too many invalid rows.",
}


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
    assert all(error.message == TEXTS[error.code] for error in found)


def lines(*names: str, faulty: int = 0, left_out: int = 0) -> Manifest:
    """Return a manifest of valid entries, entries with errors in them, and lines left out."""
    texts = [label_line(f"{name}.jpg", name) for name in names]
    texts += [label_line(f"faulty-{number}.jpg", value="x") for number in range(faulty)]
    entries = [parse_line(text, adapter=False) for text in texts]
    return Manifest([entry for entry in entries if entry], left_out, None)


@pytest.mark.parametrize(
    ("faulty", "left_out", "fails"),
    [(0, 0, False), (2, 0, False), (3, 0, True), (1, 1, False), (1, 2, True), (0, 3, True)],
)
def test_a_fifth_of_the_lines_of_a_part_may_be_invalid(faulty: int, left_out: int, fails: bool) -> None:
    names = [f"{number}" for number in range(8)]
    found = part_of(TESTING, lines(*names, faulty=faulty, left_out=left_out), {}, adapter=False)
    good = part_of(TRAINING, lines(*names), {}, adapter=False)
    expected = [ContentError(TESTING, ROWS, TEXTS[ROWS])] if fails else []
    assert row_errors((good, found)) == expected
    assert [error for error in content_errors(good, found, {}, split=False) if error.code == ROWS] == expected


def test_an_image_that_cannot_be_read_is_an_invalid_line_with_its_error() -> None:
    manifest = lines("a", "b", "c")
    source = manifest.entries[1].source_ref
    found = part_of(TRAINING, manifest, {source: "the error"}, adapter=False)
    assert found.manifest.entries[1] == Entry(source, "the error", {}, labeled=False, faulty=True)
    assert ([entry.line for entry in found.used], found.invalid, found.labels) == (
        [manifest.entries[0].line, manifest.entries[2].line],
        [2],
        {"a", "c"},
    )
    assert found.manifest._replace(entries=[]) == manifest._replace(entries=[])


def test_a_part_without_any_readable_image_fails_to_be_copied() -> None:
    train, test = lines("a", "b"), lines("a", "b", left_out=1)
    unreadable = {entry.source_ref: "the error" for entry in train.entries}
    parts = [part_of(name, each, unreadable, adapter=False) for name, each in ((TRAINING, train), (TESTING, test))]
    errors = content_errors(parts[0], parts[1], unreadable, split=False)
    assert [(error.part, error.code) for error in errors] == [
        *((name, COPY) for name in (TRAINING, TESTING)),
        *((name, ROWS) for name in (TRAINING, TESTING)),
        *((name, FEW) for name in (TRAINING, TESTING)),
    ]
    assert errors[0].message == "Failed to copy images from S3 bucket."
    one = {next(iter(unreadable)): "the error"}
    parts = [part_of(name, each, one, adapter=False) for name, each in ((TRAINING, train), (TESTING, test))]
    assert COPY not in {error.code for error in content_errors(parts[0], parts[1], one, split=False)}


def test_lines_without_labels_are_used_for_adapters_only() -> None:
    entry = Entry("s3://photos/a.jpg", "{}", {}, labeled=False, faulty=False)
    for adapter in (True, False):
        found = part_of(TRAINING, Manifest([entry], 0, None), {}, adapter=adapter)
        assert (list(found.used), found.invalid) == ([entry] if adapter else [], [])
