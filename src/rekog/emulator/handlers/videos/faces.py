"""Faces of a video: declared, or seen frame by frame; and the persons they belong to, searched in a collection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from .... import models
from ...._core.wire import from_wire, to_wire
from ... import refusals
from ...content.declared_faces import FIELDS, asked_for, embedding_of
from ...content.faces import FoundFace, faces_seen
from .. import lookups
from ..collections.searches import similar_faces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...content.declared import Entries
    from ...content.videos import VideoContent

_NEVER = (models.Attribute.FACE_OCCLUDED, models.Attribute.EYE_DIRECTION)
"""Attributes that videos never give, not even with ALL."""
IN_VIDEO = [name for name in FIELDS if name not in _NEVER]


class TimedFace(NamedTuple):
    """A face at a moment of a video, in milliseconds."""

    timestamp: int
    face: FoundFace


def detected(content: VideoContent, attributes: str | None) -> list[models.FaceDetection]:
    """Return the faces of a video, with the five default attributes or with all that videos give."""
    return [
        models.FaceDetection(timestamp=found.timestamp, face=found.face.detail)
        for found in _faces(content, "StartFaceDetection", _asked(attributes))
    ]


def _asked(attributes: str | None) -> Sequence[str]:
    return IN_VIDEO if attributes == models.FaceAttributes.ALL else []


def analyse(
    content: VideoContent, attributes: str | None = None, *, embedded: bool = False
) -> list[dict[str, object]] | None:
    """Return the faces that are seen in a video, in a form that can be kept; None if what there is was declared."""
    if content.declared("faces") is not None:
        return None
    return [
        {
            "Timestamp": found.timestamp,
            "Face": to_wire(found.face.detail),
            "Embedding": found.face.embed().hex() if embedded else "",
        }
        for found in _seen(content, "StartFaceSearch" if embedded else "StartFaceDetection", _asked(attributes))
    ]


def matched(content: VideoContent, collection_id: str, threshold: float | None = None) -> list[models.PersonMatch]:
    """Return the persons of a video that look like faces of a collection, and no others (assumed)."""
    context = content.context
    with context.state.read() as connection:
        collection = lookups.collection(context, connection, collection_id)
    people = _People()
    found: list[models.PersonMatch] = []
    for timestamp, face in _faces(content, "StartFaceSearch"):
        context.worker.raise_if_closed()
        embedding = face.embed()
        index = people.number(face.identity, embedding)
        matches = similar_faces(context, collection, embedding, threshold)
        if matches:
            person = models.PersonDetail(index=index, bounding_box=face.detail.bounding_box, face=face.detail)
            found.append(models.PersonMatch(timestamp=timestamp, person=person, face_matches=matches))
    return found


def without_attributes(face: models.FaceDetail | None) -> models.FaceDetail | None:
    """Return a face with the five default attributes and no others."""
    if face is None:
        return None
    return models.FaceDetail(
        bounding_box=face.bounding_box,
        confidence=face.confidence,
        landmarks=face.landmarks,
        pose=face.pose,
        quality=face.quality,
    )


def _faces(content: VideoContent, operation: str, attributes: Sequence[str] = ()) -> Iterable[TimedFace]:
    entries = content.declared("faces")
    return _seen(content, operation, attributes) if entries is None else _said(content, entries, operation, attributes)


def _said(content: VideoContent, entries: Entries, operation: str, attributes: Sequence[str]) -> Iterator[TimedFace]:
    faces = [cast("dict[str, object]", entry["Face"]) for entry in entries]  # cast: checked when it was declared
    left_out = {"Identity", *FIELDS.values()} - set(asked_for(operation, faces, attributes))
    for index, (entry, face) in enumerate(zip(entries, faces, strict=True)):
        detail = from_wire(models.FaceDetail, {name: value for name, value in face.items() if name not in left_out})
        identity, place = str(face.get("Identity", "")), f"{content.names[0]} {index}"
        time = cast("int", entry["Timestamp"])  # cast: as above
        # a face that nobody is said to have is like no other
        yield TimedFace(time, FoundFace(detail, partial(embedding_of, identity or place, place), identity))


def _seen(content: VideoContent, operation: str, attributes: Sequence[str]) -> Iterator[TimedFace]:
    if attributes:
        raise refusals.not_served(
            f"{operation}: this emulator can't tell {', '.join(attributes)} from a video, and invents nothing. "
            "It answers FaceAttributes='DEFAULT', or what is declared of the faces."
        )
    if content.detections is not None:
        yield from map(_kept, content.detections)
        return
    for frame in content.frames(operation):
        for face in faces_seen(content.context, frame.image):
            yield TimedFace(frame.timestamp, face)


def _kept(entry: Mapping[str, object]) -> TimedFace:
    detail = from_wire(models.FaceDetail, cast("Mapping[str, object]", entry["Face"]))
    return TimedFace(int(str(entry["Timestamp"])), FoundFace(detail, partial(bytes.fromhex, str(entry["Embedding"]))))


class _People:
    """Numbers the persons of one video in the order they appear: by name where faces have one, else by likeness."""

    def __init__(self) -> None:
        self._named: dict[str, int] = {}
        self._known: list[tuple[int, bytes]] = []
        self._count = 0

    def number(self, identity: str, embedding: bytes) -> int:
        """Return the number of the person that a face belongs to, a new one for a stranger."""
        if identity:
            if identity not in self._named:
                self._named[identity] = self._next()
            return self._named[identity]
        from ...vision.embeddings import cosine, mean
        from ...vision.similarity import LIKE

        likeness = [(cosine(embedding, known), place) for place, (_, known) in enumerate(self._known)]
        best, place = max(likeness, default=(-1.0, -1))
        if best < LIKE[0]:  # as alike as the faces that a search finds by default (assumed)
            number = self._next()
            self._known.append((number, embedding))
            return number
        number, known = self._known[place]
        self._known[place] = (number, mean([known, embedding]))
        return number

    def _next(self) -> int:
        self._count += 1
        return self._count - 1
