"""Data of a training: usable and invalid lines of its manifests, the errors that make it fail, and their summary.

Codes, messages, limits and the form of the summary are those of the service's guide, unless they are marked as ours.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from . import manifests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...state.rows.datasets import Entry
    from .manifests import Manifest

MIN_LABELS = {"IMAGE_LEVEL_LABELS": 2, "OBJECT_LOCALIZATION": 1}
"""Minimum number of labels in the training and in the test data, by use case."""
MAX_LABELS = 250
MIN_OVERLAP = 0.5
"""Minimum share of the training labels that the test data have."""
MIN_IMAGES_TO_SPLIT = 2
"""Minimum number of images of each label, one for each part, if the test data are split off (assumed)."""

TRAINING, TESTING, BOTH = "training", "testing", ""


class Data(NamedTuple):
    """Manifests for the training and for the test; `split` tells that the test data were split off."""

    train: Manifest
    test: Manifest
    split: bool


class Part(NamedTuple):
    """The training or the test data: usable entries, and the line numbers of invalid ones, from 1 on."""

    name: str
    manifest: Manifest
    used: Sequence[Entry]
    invalid: Sequence[int]

    @property
    def labels(self) -> set[str]:
        """The labels of the usable entries."""
        return {label for entry in self.used for label in entry.labels}

    @property
    def use_case(self) -> str:
        """The kind of the labels: of objects if any usable entry has a box (assumed for mixed data)."""
        if not self.used:
            return "NOT_DETERMINED"
        located = any(boxes for entry in self.used for boxes in entry.labels.values())
        return "OBJECT_LOCALIZATION" if located else "IMAGE_LEVEL_LABELS"


class ContentError(NamedTuple):
    """An error that makes the training fail. `part` is the name of the data that have it, or BOTH."""

    part: str
    code: str
    message: str


def part_of(name: str, manifest: Manifest, unreadable: Mapping[str, str], *, adapter: bool) -> Part:
    """Return a part of the data; `unreadable` has the lines, with errors, of images that can't be read, by image."""
    lines = [
        entry._replace(line=unreadable[entry.source_ref], labels={}, labeled=False, faulty=True)
        if entry.source_ref in unreadable
        else entry
        for entry in manifest.entries
    ]
    used = [entry for entry in lines if entry.labeled or adapter]
    invalid = [number for number, entry in enumerate(lines, 1) if entry.faulty and not entry.labeled]
    return Part(name, manifest._replace(entries=lines), used, invalid)


def row_errors(parts: Sequence[Part]) -> list[ContentError]:
    """Return the errors of parts with too many invalid lines: a fifth of the lines may be invalid."""
    return [
        ContentError(
            part.name, "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", "The manifest file contains too many invalid rows."
        )
        for part in parts
        if len(part.invalid) + part.manifest.left_out > manifests.MAX_INVALID_SHARE * _line_count(part)
    ]


def content_errors(train: Part, test: Part, unreadable: Mapping[str, str], *, split: bool) -> list[ContentError]:
    """Return the errors of data with which no classifier can be trained; the first one is the training's message."""
    errors = [error for part in (train, test) for error in _copy_errors(part, unreadable)]
    errors += row_errors((train, test))
    if split:
        errors += _split_errors(train, test)
    errors += [error for part in (train, test) for error in _label_errors(part, train.use_case)]
    labels = train.labels
    if len(labels & test.labels) < MIN_OVERLAP * len(labels):
        share = f"{MIN_OVERLAP:.0%}"
        message = f"Less than {share} label overlap between the training and testing manifest files."
        errors.append(ContentError(BOTH, "ERROR_INSUFFICIENT_LABEL_OVERLAP", message))
    return errors


def _copy_errors(part: Part, unreadable: Mapping[str, str]) -> list[ContentError]:
    if part.used or not any(entry.source_ref in unreadable for entry in part.manifest.entries):
        return []
    return [ContentError(part.name, "ERROR_FAILED_IMAGES_S3_COPY", "Failed to copy images from S3 bucket.")]


def _split_errors(train: Part, test: Part) -> list[ContentError]:
    images: dict[str, int] = {}
    for entry in (*train.used, *test.used):
        for label in entry.labels:
            images[label] = images.get(label, 0) + 1
    if all(count >= MIN_IMAGES_TO_SPLIT for count in images.values()):
        return []
    message = "The manifest file contains insufficient labeled images per label to perform auto-split."
    return [ContentError(TRAINING, "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT", message)]


def _label_errors(part: Part, use_case: str) -> list[ContentError]:
    count = len(part.labels)
    if count < MIN_LABELS.get(use_case, 1):
        return [ContentError(part.name, "ERROR_MANIFEST_TOO_FEW_LABELS", "The manifest file has too few labels.")]
    if count > MAX_LABELS:
        return [ContentError(part.name, "ERROR_MANIFEST_TOO_MANY_LABELS", "The manifest file has too many labels.")]
    return []


def summary(parts: Sequence[Part], errors: Sequence[ContentError] = ()) -> bytes:
    """Return the manifest summary."""

    def described(name: str) -> list[dict[str, str]]:
        return [{"code": error.code, "message": error.message} for error in errors if error.part == name]

    statistics = {
        part.name: {
            "use_case": part.use_case,
            "total_json_lines": _line_count(part),
            "valid_json_lines": len(part.used),
            "invalid_json_lines": len(part.invalid) + part.manifest.left_out,
            "ignored_json_lines": len(part.manifest.entries) - len(part.used) - len(part.invalid),
            "error_json_line_indices": part.invalid,
            "errors": described(part.name),
        }
        for part in parts
    }
    return json.dumps({"statistics": statistics, "errors": described(BOTH)}).encode()


def _line_count(part: Part) -> int:
    return len(part.manifest.entries) + part.manifest.left_out
