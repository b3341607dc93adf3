"""Marks: what is drawn on an image for each result of an answer that has a place in it. Coordinates are ratios."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from ..._values.errors import ParamValidationError
from ..._values.model import Response
from ..._values.narrow import is_mapping
from ..codecs import generated_class

Side = Literal["source", "target"]


class Mark(NamedTuple):
    """The outline of a result, what it is, and its landmarks. Marks of one group have one colour.

    `caption` is for an image with space; `short` is the same without the confidence, or a number.
    """

    outline: tuple[tuple[float, float], ...]
    name: str
    caption: str
    short: str
    confidence: float | None
    group: str = ""
    points: tuple[tuple[float, float], ...] = ()
    is_read: bool = False


def marks_of(answer: object, *, side: Side, min_confidence: float | None) -> list[Mark]:
    """Return the marks of a response, without those of a lower confidence."""
    if not isinstance(answer, Response):
        remedy = ": DetectFacesResponse.from_dict(...), and so on, reads one" if is_mapping(answer) else ""
        raise ParamValidationError(f"answer: must be a response of a method, not {type(answer).__name__}{remedy}")
    name = generated_class(type(answer)).__name__
    if name not in MARKS:
        raise ParamValidationError(f"answer: {name} has no results with a place in an image")
    least = min_confidence or 0.0
    marks = (mark for mark in MARKS[name](answer, side) if mark.outline)
    return [mark for mark in marks if mark.confidence is None or mark.confidence >= least]


def _corners(box: Any) -> tuple[tuple[float, float], ...]:
    """Return the corners of a box; none if it, or a side of it, is missing in the response."""
    sides: list[Any] = [getattr(box, side, None) for side in ("left", "top", "width", "height")]
    if None in sides:
        return ()
    left, top, width, height = sides
    return ((left, top), (left + width, top), (left + width, top + height), (left, top + height))


def _points(points: Iterable[Any]) -> tuple[tuple[float, float], ...]:
    return tuple((point.x, point.y) for point in points if None not in (point.x, point.y))


def _outline(geometry: Any) -> tuple[tuple[float, float], ...]:
    """Return the polygon of a geometry, else its box."""
    polygon = _points(geometry.polygon)
    return polygon if len(polygon) > 2 else _corners(geometry.bounding_box)


def _percent(name: object, confidence: float | None) -> str:
    return f"{name}" if confidence is None else f"{name} {confidence:.1f} %".strip()


def _words(name: object) -> str:
    """Return a name of the service, such as HAND_COVER, as words."""
    return str(name).replace("_", " ").lower()


def _mark(
    place: Any, name: str | None, confidence: float | None, *, group: str | None = "", caption: str | None = None
) -> Mark:
    """Return the mark of a box or a geometry; a response may lack the name."""
    outline = _outline(place) if hasattr(place, "polygon") else _corners(place)
    named = name or ""
    return Mark(outline, named, caption or _percent(named, confidence), caption or named, confidence, group or "")


def _face(face: Any, name: str, confidence: float | None, caption: str, short: str, group: str = "") -> Mark:
    points = _points(getattr(face, "landmarks", ()))
    return Mark(_corners(getattr(face, "bounding_box", None)), name, caption, short, confidence, group, points)


def _confidence(face: Any) -> float | None:
    """Return the confidence of a face; a response may lack the face."""
    return getattr(face, "confidence", None)


def _numbered(face: Any, number: int, group: str = "") -> Mark:
    confidence = _confidence(face)
    return _face(face, "face", confidence, _percent(f"{number}:", confidence), f"{number}", group)


def _faces(answer: Any, _: Side) -> Iterator[Mark]:
    for number, face in enumerate(answer.face_details, 1):
        yield _numbered(face, number)


def _labels(answer: Any, _: Side) -> Iterator[Mark]:
    for label in answer.labels:
        for instance in label.instances:
            yield _mark(instance.bounding_box, label.name, instance.confidence, group=label.name)


def _texts(answer: Any, _: Side) -> Iterator[Mark]:
    """Yield words, and lines of which no word is in the answer: lines of few words would cover their words."""
    split = {text.parent_id for text in answer.text_detections if text.type == "WORD"}
    for text in answer.text_detections:
        if text.geometry and (text.type == "WORD" or text.id not in split):
            mark = _mark(text.geometry, text.detected_text, text.confidence, caption=text.detected_text)
            yield mark._replace(is_read=True)


def _custom_labels(answer: Any, _: Side) -> Iterator[Mark]:
    for label in answer.custom_labels:
        if label.geometry:
            yield _mark(label.geometry, label.name, label.confidence, group=label.name)


def _celebrities(answer: Any, _: Side) -> Iterator[Mark]:
    for celebrity in answer.celebrity_faces:
        name, confidence = celebrity.name or "celebrity", celebrity.match_confidence
        yield _face(celebrity.face, name, confidence, _percent(name, confidence), name, "known")
    for face in answer.unrecognized_faces:
        yield _face(face, "unrecognized", _confidence(face), "unrecognized", "?", "unknown")


def _persons(answer: Any, _: Side) -> Iterator[Mark]:
    for person in answer.persons:
        caption = _percent(f"person {person.id}", person.confidence)
        mark = _mark(person.bounding_box, "person", person.confidence, group="person", caption=caption)
        yield mark._replace(short=f"{person.id}")
        for part in person.body_parts:
            for equipment in part.equipment_detections:
                yield _equipment(equipment, part.name)


def _equipment(equipment: Any, part: object) -> Mark:
    covers = equipment.covers_body_part
    is_on = covers is not None and covers.value
    name, confidence = str(equipment.type or "equipment"), equipment.confidence
    kind = _words(name)
    caption = kind if is_on else f"{kind}, not on {_words(part)}"
    mark = _mark(equipment.bounding_box, name, confidence, group="worn" if is_on else "not worn")
    return mark._replace(caption=_percent(caption, confidence), short=caption)


def _comparison(answer: Any, side: Side) -> Iterator[Mark]:
    if side == "source":
        face = answer.source_image_face
        if face:
            yield _mark(face.bounding_box, "source", face.confidence)
        return
    for match in answer.face_matches:
        similarity = match.similarity
        yield _face(match.face, "match", similarity, _percent("match", similarity), "match", "match")
    for face in answer.unmatched_faces:
        yield _face(face, "no match", _confidence(face), "no match", "no match", "no match")


def _indexed(answer: Any, _: Side) -> Iterator[Mark]:
    for number, record in enumerate(answer.face_records, 1):
        yield _numbered(record.face_detail, number, "indexed")
    for rejected in answer.unindexed_faces:
        face, why = rejected.face_detail, ", ".join(map(_words, rejected.reasons))
        caption = f"not indexed: {why}" if why else "not indexed"
        yield _face(face, "not indexed", _confidence(face), caption, "not indexed", "not indexed")


def _searched(answer: Any, _: Side) -> Iterator[Mark]:
    yield _mark(answer.searched_face_bounding_box, "searched", answer.searched_face_confidence)


MARKS: Mapping[str, Callable[[Any, Side], Iterable[Mark]]] = {
    "CompareFacesResponse": _comparison,
    "DetectCustomLabelsResponse": _custom_labels,
    "DetectFacesResponse": _faces,
    "DetectLabelsResponse": _labels,
    "DetectProtectiveEquipmentResponse": _persons,
    "DetectTextResponse": _texts,
    "IndexFacesResponse": _indexed,
    "RecognizeCelebritiesResponse": _celebrities,
    "SearchFacesByImageResponse": _searched,
}
