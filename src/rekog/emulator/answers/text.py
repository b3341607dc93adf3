"""Text of images and videos: lines and their words, the filters of a request, and the numbers in a response."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from ... import models
from .. import refusals
from .polygons import corners, share_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .polygons import Point

MIN_CONFIDENCE = 80.0
MODEL_VERSION = "3.0"
MAX_WORDS = 100
_DEFAULT_CONFIDENCE = 100.0
"""Of declared text without a confidence."""
_INSIDE = 0.5
"""A word counts as inside an area if a greater share of it is inside."""
_MIN_POINTS = 3
"""Minimum number of points of a polygon (assumed)."""
_MAX_POINTS = 10
_WHOLE = models.BoundingBox(left=0.0, top=0.0, width=1.0, height=1.0)
_LINE, _WORD = models.TextTypes.LINE, models.TextTypes.WORD


class Area(NamedTuple):
    """Area of a line or word in the image: its box and its outline."""

    box: models.BoundingBox
    outline: Sequence[Point]


class Word(NamedTuple):
    """A word of a line."""

    text: str
    confidence: float
    area: Area


class Line(NamedTuple):
    """A line with its words, in reading order."""

    text: str
    confidence: float
    area: Area
    words: Sequence[Word]


def laid_out(detections: Sequence[models.TextDetection]) -> list[Line]:
    """Return declared text as lines from top to bottom (assumed), with at most 100 words in total.

    A line without words is split at its spaces, and each word gets the part of the line's box that its characters
    take up. A line without an area gets the area around its words, or else the whole image. A word without a line
    becomes a line of its own (assumed).
    """
    of_line: dict[int | None, list[models.TextDetection]] = {}
    ids = {detection.id for detection in detections if detection.type == _LINE} - {None}
    for word in detections:
        if word.type == _WORD and word.parent_id in ids:
            of_line.setdefault(word.parent_id, []).append(word)
    alone = [word for word in detections if word.type == _WORD and word.parent_id not in ids]
    lines = [_line(line, of_line.pop(line.id, [])) for line in detections if line.type == _LINE]
    lines += [_line(word, [word]) for word in alone]
    lines.sort(key=lambda line: (line.area.box.top, line.area.box.left))
    return _first_words(lines, MAX_WORDS)


def _line(line: models.TextDetection, words: Sequence[models.TextDetection]) -> Line:
    areas = [_area(word.geometry) for word in words]
    area = _area(line.geometry) or _around([area for area in areas if area]) or _of_box(_WHOLE)
    confidence = _confidence(line)
    if not words:
        texts = line.detected_text.split()
        parted = [Word(text, confidence, part) for text, part in zip(texts, _parts(area.box, texts), strict=True)]
    else:
        parts = _parts(area.box, [word.detected_text for word in words])
        parted = [
            Word(word.detected_text, _confidence(word), own or part)
            for word, own, part in zip(words, areas, parts, strict=True)
        ]
    return Line(line.detected_text, confidence, area, parted)


def _confidence(detection: models.TextDetection) -> float:
    return _DEFAULT_CONFIDENCE if detection.confidence is None else detection.confidence


def _area(geometry: models.Geometry | None) -> Area | None:
    box = geometry.bounding_box if geometry else None
    outline = [(point.x, point.y) for point in geometry.polygon] if geometry else []
    if len(outline) < _MIN_POINTS:
        return _of_box(box) if box else None
    return Area(box or _box_around(outline), outline)


def _of_box(box: models.BoundingBox) -> Area:
    return Area(box, corners(box.left, box.top, box.width, box.height))


def _around(areas: Sequence[Area]) -> Area | None:
    return _of_box(_box_around([point for area in areas for point in area.outline])) if areas else None


def _box_around(points: Sequence[Point]) -> models.BoundingBox:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return models.BoundingBox(left=min(xs), top=min(ys), width=max(xs) - min(xs), height=max(ys) - min(ys))


def _parts(box: models.BoundingBox, texts: Sequence[str]) -> list[Area]:
    """Return the parts of a line's box for its words, as if all characters and spaces were equally wide."""
    ends = list(accumulate(len(text) + 1 for text in texts))
    unit = box.width / max(1, ends[-1] - 1) if ends else 0.0
    return [
        _of_box(
            models.BoundingBox(
                left=box.left + unit * (end - len(text) - 1), top=box.top, width=unit * len(text), height=box.height
            )
        )
        for text, end in zip(texts, ends, strict=True)
    ]


def _first_words(lines: Iterable[Line], limit: int) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        if limit > 0:
            kept.append(line._replace(words=line.words[:limit]))
        limit -= len(line.words)
    return kept


def check_regions(regions: Iterable[models.RegionOfInterest] | None) -> None:
    """Refuse regions of interest that are not one box or one polygon of 3 (assumed) to 10 points."""
    for region in regions or ():
        if (region.bounding_box is None) == (region.polygon is None):
            raise refusals.invalid_parameter("A region of interest must have either a BoundingBox or a Polygon.")
        if region.polygon is not None and not _MIN_POINTS <= len(region.polygon) <= _MAX_POINTS:
            raise refusals.invalid_parameter("A region of interest's Polygon must have 3 to 10 points.")


def filtered(
    lines: Iterable[Line],
    words: models.DetectionFilter | None = None,
    regions: Sequence[models.RegionOfInterest] | None = None,
) -> list[Line]:
    """Return lines without the words of low confidence, small size, or at most half their area in any region.

    A line without remaining words is left out (assumed); any other line keeps its text and area.
    """
    areas = [_outline(region) for region in regions or ()]
    kept = [line._replace(words=[word for word in line.words if _passes(word, words, areas)]) for line in lines]
    return [line for line in kept if line.words]


def _outline(region: models.RegionOfInterest) -> Sequence[Point]:
    if region.bounding_box is None:
        return [(point.x, point.y) for point in region.polygon or ()]
    return _of_box(region.bounding_box).outline


def _passes(word: Word, bounds: models.DetectionFilter | None, areas: Sequence[Sequence[Point]]) -> bool:
    minimum = bounds.min_confidence if bounds and bounds.min_confidence is not None else MIN_CONFIDENCE
    height = (bounds.min_bounding_box_height if bounds else None) or 0.0
    width = (bounds.min_bounding_box_width if bounds else None) or 0.0
    if word.confidence < minimum or word.area.box.height < height or word.area.box.width < width:
        return False
    return not areas or any(share_inside(word.area.outline, area) > _INSIDE for area in areas)


def numbered(lines: Sequence[Line]) -> list[models.TextDetection]:
    """Return lines and words in the form of a response: first all lines, then the words, numbered from 0 (assumed)."""
    detections = [_detection(line, _LINE, number) for number, line in enumerate(lines)]
    words = [(word, parent) for parent, line in enumerate(lines) for word in line.words]
    return detections + [
        _detection(word, _WORD, number, parent) for number, (word, parent) in enumerate(words, start=len(lines))
    ]


def _detection(item: Line | Word, kind: str, number: int, parent: int | None = None) -> models.TextDetection:
    outline = [models.Point(x=x, y=y) for x, y in item.area.outline]
    return models.TextDetection(
        detected_text=item.text,
        type=kind,
        id=number,
        parent_id=parent,
        confidence=item.confidence,
        geometry=models.Geometry(bounding_box=item.area.box, polygon=outline),
    )
