"""Text: lines and their words, the filters of a request, and how an answer numbers them. For pictures and videos."""

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
MOST_WORDS = 100
_SURE = 100.0
_INSIDE = 0.5
_CORNERS = 3
"""Least points of a polygon (assumed)."""
_MOST_CORNERS = 10
_WHOLE = models.BoundingBox(left=0.0, top=0.0, width=1.0, height=1.0)
_LINE, _WORD = models.TextTypes.LINE, models.TextTypes.WORD


class Place(NamedTuple):
    """Where some text is."""

    box: models.BoundingBox
    outline: Sequence[Point]


class Word(NamedTuple):
    """A word of a line."""

    text: str
    confidence: float
    place: Place


class Line(NamedTuple):
    """A line with its words, from its beginning to its end."""

    text: str
    confidence: float
    place: Place
    words: Sequence[Word]


def laid_out(detections: Sequence[models.TextDetection]) -> list[Line]:
    """Return declared text as lines from top to bottom (assumed), with at most 100 words together.

    A line without words is split at its spaces, and each word gets the part of the line's box that its characters
    take up. A line without a place lies where its words lie, or else anywhere: over the whole picture. A word of no
    line makes a line of its own (assumed).
    """
    of_line: dict[int | None, list[models.TextDetection]] = {}
    ids = {detection.id for detection in detections if detection.type == _LINE} - {None}
    for word in detections:
        if word.type == _WORD and word.parent_id in ids:
            of_line.setdefault(word.parent_id, []).append(word)
    alone = [word for word in detections if word.type == _WORD and word.parent_id not in ids]
    lines = [_line(line, of_line.pop(line.id, [])) for line in detections if line.type == _LINE]
    lines += [_line(word, [word]) for word in alone]
    lines.sort(key=lambda line: (line.place.box.top, line.place.box.left))
    return _first_words(lines, MOST_WORDS)


def _line(line: models.TextDetection, words: Sequence[models.TextDetection]) -> Line:
    places = [_place(word.geometry) for word in words]
    place = _place(line.geometry) or _around([place for place in places if place]) or _of_box(_WHOLE)
    confidence = _confidence(line)
    if not words:
        texts = line.detected_text.split()
        told = [Word(text, confidence, part) for text, part in zip(texts, _parts(place.box, texts), strict=True)]
    else:
        parts = _parts(place.box, [word.detected_text for word in words])
        told = [
            Word(word.detected_text, _confidence(word), own or part)
            for word, own, part in zip(words, places, parts, strict=True)
        ]
    return Line(line.detected_text, confidence, place, told)


def _confidence(detection: models.TextDetection) -> float:
    return _SURE if detection.confidence is None else detection.confidence


def _place(geometry: models.Geometry | None) -> Place | None:
    box = geometry.bounding_box if geometry else None
    outline = [(point.x, point.y) for point in geometry.polygon] if geometry else []
    if len(outline) < _CORNERS:
        return _of_box(box) if box else None
    return Place(box or _box_around(outline), outline)


def _of_box(box: models.BoundingBox) -> Place:
    return Place(box, corners(box.left, box.top, box.width, box.height))


def _around(places: Sequence[Place]) -> Place | None:
    return _of_box(_box_around([point for place in places for point in place.outline])) if places else None


def _box_around(points: Sequence[Point]) -> models.BoundingBox:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return models.BoundingBox(left=min(xs), top=min(ys), width=max(xs) - min(xs), height=max(ys) - min(ys))


def _parts(box: models.BoundingBox, texts: Sequence[str]) -> list[Place]:
    """Return the parts of a line's box that its words take up, as if all characters and spaces were equally wide."""
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


def _first_words(lines: Iterable[Line], most: int) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        if most > 0:
            kept.append(line._replace(words=line.words[:most]))
        most -= len(line.words)
    return kept


def check_regions(regions: Iterable[models.RegionOfInterest] | None) -> None:
    """Refuse regions of interest that are not one box or one polygon of 3 (assumed) to 10 points."""
    for region in regions or ():
        if (region.bounding_box is None) == (region.polygon is None):
            raise refusals.invalid_parameter("A region of interest must have either a BoundingBox or a Polygon.")
        if region.polygon is not None and not _CORNERS <= len(region.polygon) <= _MOST_CORNERS:
            raise refusals.invalid_parameter("A region of interest's Polygon must have 3 to 10 points.")


def filtered(
    lines: Iterable[Line],
    words: models.DetectionFilter | None = None,
    regions: Sequence[models.RegionOfInterest] | None = None,
) -> list[Line]:
    """Return what is left of lines when words are too unsure, too small, or not more than half in any region.

    A line without a word left is left out (assumed); one with some keeps its text and place.
    """
    areas = [_outline(region) for region in regions or ()]
    kept = [line._replace(words=[word for word in line.words if _passes(word, words, areas)]) for line in lines]
    return [line for line in kept if line.words]


def _outline(region: models.RegionOfInterest) -> Sequence[Point]:
    if region.bounding_box is None:
        return [(point.x, point.y) for point in region.polygon or ()]
    return _of_box(region.bounding_box).outline


def _passes(word: Word, bounds: models.DetectionFilter | None, areas: Sequence[Sequence[Point]]) -> bool:
    least = bounds.min_confidence if bounds and bounds.min_confidence is not None else MIN_CONFIDENCE
    height = (bounds.min_bounding_box_height if bounds else None) or 0.0
    width = (bounds.min_bounding_box_width if bounds else None) or 0.0
    if word.confidence < least or word.place.box.height < height or word.place.box.width < width:
        return False
    return not areas or any(share_inside(word.place.outline, area) > _INSIDE for area in areas)


def numbered(lines: Sequence[Line]) -> list[models.TextDetection]:
    """Return lines and words as an answer has them: first all lines, then the words, numbered from 0 on (assumed)."""
    told = [_detection(line, _LINE, number) for number, line in enumerate(lines)]
    words = [(word, parent) for parent, line in enumerate(lines) for word in line.words]
    return told + [
        _detection(word, _WORD, number, parent) for number, (word, parent) in enumerate(words, start=len(lines))
    ]


def _detection(found: Line | Word, kind: str, number: int, parent: int | None = None) -> models.TextDetection:
    outline = [models.Point(x=x, y=y) for x, y in found.place.outline]
    return models.TextDetection(
        detected_text=found.text,
        type=kind,
        id=number,
        parent_id=parent,
        confidence=found.confidence,
        geometry=models.Geometry(bounding_box=found.place.box, polygon=outline),
    )
