"""Accuracy of labels and their boxes on named photographs."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict, cast

from PIL import Image

from rekog.emulator import Box, DecodedImage, DetectedLabel
from rekog.emulator.vision import Vision
from rekog.emulator.vision.labels.vocabulary import ancestors, label_names
from tests.kit.photographs import FILES, photograph

from .images import package_image
from .tables import Table

EXPECTED = Path(__file__).with_name("labels.toml")
THRESHOLDS = (0.4, 0.55, 0.7, 0.8)
DEFAULT = 0.55
"""MinConfidence of DetectLabels without one."""
SAME_BOX = 0.5


class _Shown(TypedDict):
    main: list[str]
    also: NotRequired[list[str]]
    boxes: NotRequired[list[tuple[str, int, int, int, int]]]


class Seen(NamedTuple):
    """A photograph: its subjects, all names that are right for it, its stated boxes, and the detected labels."""

    name: str
    main: Sequence[str]
    right: frozenset[str]
    boxes: Sequence[tuple[str, int, int, int, int]]
    labels: Sequence[DetectedLabel]

    def answered(self, threshold: float = DEFAULT) -> list[DetectedLabel]:
        """Return the labels with at least a confidence, the surest first."""
        likely = [label for label in self.labels if label.confidence >= threshold]
        return sorted(likely, key=lambda label: -label.confidence)


def tables() -> list[Table]:
    """Return the rates at several thresholds, the answers for each photograph, and the boxes."""
    detector = Vision().label_detector
    photographs = [_seen(name, shown, detector.detect(_image(name))) for name, shown in _expected().items()]
    return [_rates(photographs), _answers(photographs), _boxes(photographs)]


def _expected() -> dict[str, _Shown]:
    document = cast("dict[str, _Shown]", tomllib.loads(EXPECTED.read_text("utf-8")))  # cast: a file of ours
    named = {name for shown in document.values() for name in (*shown["main"], *shown.get("also", ()))}
    assert named <= set(label_names()), named - set(label_names())
    return document


def _image(name: str) -> DecodedImage:
    with Image.open(io.BytesIO(photograph(name) if name in FILES else package_image(name))) as opened:
        return DecodedImage(opened.convert("RGB"))


def _seen(name: str, shown: _Shown, labels: Sequence[DetectedLabel]) -> Seen:
    named = [*shown["main"], *shown.get("also", ())]
    right = frozenset([*named, *(above for each in named for above in ancestors(each))])
    return Seen(name, shown["main"], right, shown.get("boxes", ()), labels)


def _rates(photographs: Sequence[Seen]) -> Table:
    rows: list[list[object]] = []
    subjects = sum(len(each.main) for each in photographs)
    for threshold in THRESHOLDS:
        answers = [(each, label.name) for each in photographs for label in each.answered(threshold)]
        wrong = [name for each, name in answers if name not in each.right]
        found = sum(name in each.main for each, name in answers)
        clean = sum(all(label.name in each.right for label in each.answered(threshold)) for each in photographs)
        rows.append(
            [
                f"{threshold:.0%}{' (default)' if threshold == DEFAULT else ''}",
                f"{len(answers) - len(wrong)} of {len(answers)}",
                f"{found} of {subjects}",
                f"{clean} of {len(photographs)}",
            ]
        )
    return Table(
        "All answered names, ancestors included, and the main subjects of the photographs, by minimum confidence:",
        ["confidence", "right names", "subjects found", "images without a wrong name"],
        rows,
    )


def _answers(photographs: Sequence[Seen]) -> Table:
    rows: list[list[str]] = []
    for each in photographs:
        answered = each.answered()
        names = {label.name for label in answered}
        wrong = [label for label in answered if label.name not in each.right]
        right = [label for label in answered if label.name in each.right]
        missed = [name for name in each.main if name not in names]
        rows.append([each.name, _listed(right), _listed(wrong), ", ".join(missed)])
    return Table(
        "Answers of at least 55 %, with their confidences in percent, and the main subjects that were missed:",
        ["image", "right", "wrong", "missed"],
        rows,
    )


def _listed(labels: Iterable[DetectedLabel]) -> str:
    return ", ".join(f"{label.name} {100 * label.confidence:.0f}" for label in labels)


def _boxes(photographs: Sequence[Seen]) -> Table:
    rows: list[list[str]] = []
    for each in photographs:
        for name, left, top, right, bottom in each.boxes:
            stated = Box(left, top, right - left, bottom - top)
            found = [box for label in each.answered() if label.name == name for box in label.boxes]
            overlap = max((box.box.overlap(stated) for box in found), default=0.0)
            rows.append([each.name, name, f"{overlap:.2f}", "" if overlap >= SAME_BOX else "missed"])
    hits = sum(not row[-1] for row in rows)
    return Table(
        f"Boxes against boxes that were read off the images: {hits} of {len(rows)} overlap by at least 0.5 "
        "(intersection over union):",
        ["image", "label", "overlap", ""],
        rows,
    )
