"""Faces of a video, declared or detected frame by frame, and their matches in a collection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from .... import models
from ...._core.wire import from_wire, to_wire
from ...content.declared_faces import FIELDS, embedding_of, requested_members
from ...content.face_attributes import FaceAnalysis
from ...content.faces import detect_faces
from ...content.found_face import FoundFace
from .. import lookups
from ..collections.searches import similar_faces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...content.declared import Entries
    from ...content.videos import VideoContent

_NEVER = (models.Attribute.FACE_OCCLUDED, models.Attribute.EYE_DIRECTION)
"""Attributes that the service never returns for videos, not even with ALL."""
IN_VIDEO = [name for name in FIELDS if name not in _NEVER]


class TimedFace(NamedTuple):
    """A face at a moment of a video, in milliseconds."""

    timestamp: int
    face: FoundFace


def detected(content: VideoContent, attributes: str | None) -> list[models.FaceDetection]:
    """Return the faces of a video, with the default attributes or, for ALL, with every attribute of videos."""
    return [
        models.FaceDetection(timestamp=timed.timestamp, face=timed.face.detail)
        for timed in _faces(content, "StartFaceDetection", _attributes(attributes))
    ]


def _attributes(attributes: str | None) -> Sequence[str]:
    return IN_VIDEO if attributes == models.FaceAttributes.ALL else []


def analyse(
    content: VideoContent, attributes: str | None = None, *, embedded: bool = False
) -> list[dict[str, object]] | None:
    """Return the faces detected in a video in a form that can be stored; None if faces are declared."""
    if content.declared("faces") is not None:
        return None
    operation = "StartFaceSearch" if embedded else "StartFaceDetection"
    return stored(detect(content, operation, _attributes(attributes)), embedded=embedded)


def stored(faces: Iterable[TimedFace], *, embedded: bool) -> list[dict[str, object]]:
    """Return faces in a form that can be stored, with their embeddings if they are needed."""
    return [
        {
            "Timestamp": timed.timestamp,
            "Face": to_wire(timed.face.detail),
            "Embedding": timed.face.embed().hex() if embedded else "",
        }
        for timed in faces
    ]


def detect(content: VideoContent, operation: str, attributes: Sequence[str] = ()) -> Iterator[TimedFace]:
    """Yield the faces that were stored by an earlier analysis of a video, or else those detected in its frames."""
    if content.detections is not None:
        yield from map(_restored, content.detections)
        return
    analysis = FaceAnalysis(content.context, operation, [models.Attribute.ALL] if attributes else [])
    for frame in content.frames(operation):
        for face in detect_faces(content.context, frame.image, analysis):
            for name in _NEVER:
                setattr(face.detail, name.lower(), None)
            yield TimedFace(frame.timestamp, face)


def search(content: VideoContent, collection_id: str, threshold: float | None = None) -> list[models.PersonMatch]:
    """Return every face of a video with its matches in a collection.

    A face without a match is listed too, as in recorded responses of the service.
    """
    context = content.context
    with context.state.read() as connection:
        collection = lookups.collection(context, connection, collection_id)
    persons = _Persons()
    results: list[models.PersonMatch] = []
    for timestamp, face in _faces(content, "StartFaceSearch"):
        context.worker.raise_if_closed()
        embedding = face.embed()
        index = persons.number(face.identity, embedding)
        matches = similar_faces(context, collection, embedding, threshold)
        person = models.PersonDetail(index=index, bounding_box=face.detail.bounding_box, face=face.detail)
        results.append(models.PersonMatch(timestamp=timestamp, person=person, face_matches=matches))
    return results


def without_attributes(face: models.FaceDetail | None) -> models.FaceDetail | None:
    """Return a face with the five default attributes only."""
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
    return (
        detect(content, operation, attributes)
        if entries is None
        else _declared(content, entries, operation, attributes)
    )


def _declared(
    content: VideoContent, entries: Entries, operation: str, attributes: Sequence[str]
) -> Iterator[TimedFace]:
    faces = [cast("dict[str, object]", entry["Face"]) for entry in entries]  # cast: checked when it was declared
    left_out = {"Identity", *FIELDS.values()} - set(requested_members(operation, faces, attributes))
    for index, (entry, face) in enumerate(zip(entries, faces, strict=True)):
        detail = from_wire(models.FaceDetail, {name: value for name, value in face.items() if name not in left_out})
        identity, own = str(face.get("Identity", "")), f"{content.names[0]} {index}"
        time = cast("int", entry["Timestamp"])  # cast: as above
        # a face without identity is similar to no other
        yield TimedFace(time, FoundFace(detail, partial(embedding_of, identity or own, own), identity))


def _restored(entry: Mapping[str, object]) -> TimedFace:
    detail = from_wire(models.FaceDetail, cast("Mapping[str, object]", entry["Face"]))
    return TimedFace(int(str(entry["Timestamp"])), FoundFace(detail, partial(bytes.fromhex, str(entry["Embedding"]))))


class _Persons:
    """Numbers the persons of a video in order of appearance, by declared identity or else by similarity."""

    def __init__(self) -> None:
        self._named: dict[str, int] = {}
        self._known: list[tuple[int, bytes]] = []
        self._count = 0

    def number(self, identity: str, embedding: bytes) -> int:
        """Return the number of the person that a face belongs to, or a new number."""
        if identity:
            if identity not in self._named:
                self._named[identity] = self._next()
            return self._named[identity]
        from ...vision.embeddings import cosine, mean
        from ...vision.similarity import LIKE

        similarities = [(cosine(embedding, known), index) for index, (_, known) in enumerate(self._known)]
        best, index = max(similarities, default=(-1.0, -1))
        if best < LIKE[0]:  # the similarity of faces that a search finds by default (assumed)
            number = self._next()
            self._known.append((number, embedding))
            return number
        number, known = self._known[index]
        self._known[index] = (number, mean([known, embedding]))
        return number

    def _next(self) -> int:
        self._count += 1
        return self._count - 1
