"""Marks: what is drawn on an image for each result of an answer that has a place in it. Coordinates are ratios."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..._values.errors import ParamValidationError
from ..codecs import generated_class

if TYPE_CHECKING:
    from ..._values.model import Response

Side = Literal["source", "target"]


class Mark(NamedTuple):
    """The outline of a result with its caption, and the landmarks in it. Marks of one group have one colour."""

    outline: tuple[tuple[float, float], ...]
    caption: str
    confidence: float | None
    group: str = ""
    points: tuple[tuple[float, float], ...] = ()


def marks_of(answer: Response, *, side: Side, min_confidence: float | None) -> list[Mark]:
    """Return the marks of a response, without those of a lower confidence."""
    name = generated_class(type(answer)).__name__
    if name not in MARKS:
        raise ParamValidationError(f"images.draw: answer: {name} has no results with a place in an image")
    least = min_confidence or 0.0
    marks = (mark for mark in MARKS[name](answer, side) if mark.outline)
    return [mark for mark in marks if mark.confidence is None or mark.confidence >= least]


def _corners(box: Any) -> tuple[tuple[float, float], ...]:
    if box is None:
        return ()
    right, bottom = box.left + box.width, box.top + box.height
    return ((box.left, box.top), (right, box.top), (right, bottom), (box.left, bottom))


def _outline(geometry: Any) -> tuple[tuple[float, float], ...]:
    """Return the polygon of a geometry, else its box."""
    if len(geometry.polygon) > 2:
        return tuple((point.x, point.y) for point in geometry.polygon)
    return _corners(geometry.bounding_box)


def _percent(name: object, confidence: float | None) -> str:
    return f"{name}" if confidence is None else f"{name} {confidence:.1f} %"


def _face(face: Any, caption: str, group: str = "", confidence: float | None = None) -> Mark:
    points = tuple((point.x, point.y) for point in face.landmarks)
    shown = face.confidence if confidence is None else confidence
    return Mark(_corners(face.bounding_box), _percent(caption, shown), shown, group, points)


def _faces(faces: Iterable[Any]) -> list[Mark]:
    return [_face(face, f"{number}:") for number, face in enumerate(faces, 1)]


def _labels(answer: Any, _: Side) -> Iterator[Mark]:
    for label in answer.labels:
        for instance in label.instances:
            caption = _percent(label.name, instance.confidence)
            yield Mark(_corners(instance.bounding_box), caption, instance.confidence, label.name)


def _texts(answer: Any, _: Side) -> Iterator[Mark]:
    """Yield words, and lines of which no word is in the answer: lines of few words would cover their words."""
    split = {text.parent_id for text in answer.text_detections if text.type == "WORD"}
    for text in answer.text_detections:
        if text.geometry and (text.type == "WORD" or text.id not in split):
            yield Mark(_outline(text.geometry), text.detected_text, text.confidence)


def _custom_labels(answer: Any, _: Side) -> Iterator[Mark]:
    for label in answer.custom_labels:
        if label.geometry:
            yield Mark(_outline(label.geometry), _percent(label.name, label.confidence), label.confidence, label.name)


def _celebrities(answer: Any, _: Side) -> Iterator[Mark]:
    for celebrity in answer.celebrity_faces:
        if celebrity.face:
            yield _face(celebrity.face, celebrity.name or "celebrity", "known", celebrity.match_confidence)
    for face in answer.unrecognized_faces:
        yield _face(face, "unrecognised", "unknown")


def _persons(answer: Any, _: Side) -> Iterator[Mark]:
    for person in answer.persons:
        caption = _percent(f"person {person.id}", person.confidence)
        yield Mark(_corners(person.bounding_box), caption, person.confidence, "person")
        for part in person.body_parts:
            for equipment in part.equipment_detections:
                yield _equipment(equipment, part.name)


def _equipment(equipment: Any, part: object) -> Mark:
    covers = equipment.covers_body_part
    is_on = covers is not None and covers.value
    kind = str(equipment.type).replace("_", " ").lower()
    where = str(part).replace("_", " ").lower()
    caption = _percent(kind if is_on else f"{kind}, not on {where}", equipment.confidence)
    return Mark(_corners(equipment.bounding_box), caption, equipment.confidence, "worn" if is_on else "not worn")


def _comparison(answer: Any, side: Side) -> Iterator[Mark]:
    if side == "source":
        face = answer.source_image_face
        if face:
            yield Mark(_corners(face.bounding_box), _percent("source", face.confidence), face.confidence)
        return
    for match in answer.face_matches:
        yield _face(match.face, "match", "match", match.similarity)
    for face in answer.unmatched_faces:
        yield _face(face, "no match:", "no match")


def _indexed(answer: Any, _: Side) -> Iterator[Mark]:
    for number, record in enumerate(answer.face_records, 1):
        yield _face(record.face_detail, f"{record.face.external_image_id or number}:", "indexed")
    for face in answer.unindexed_faces:
        yield _face(face.face_detail, "not indexed:", "not indexed")


def _searched(answer: Any, _: Side) -> Iterator[Mark]:
    confidence = answer.searched_face_confidence
    yield Mark(_corners(answer.searched_face_bounding_box), _percent("searched", confidence), confidence)


MARKS: Mapping[str, Callable[[Any, Side], Iterable[Mark]]] = {
    "CompareFacesResponse": _comparison,
    "DetectCustomLabelsResponse": _custom_labels,
    "DetectFacesResponse": lambda answer, _: _faces(answer.face_details),
    "DetectLabelsResponse": _labels,
    "DetectProtectiveEquipmentResponse": _persons,
    "DetectTextResponse": _texts,
    "IndexFacesResponse": _indexed,
    "RecognizeCelebritiesResponse": _celebrities,
    "SearchFacesByImageResponse": _searched,
}
