"""Persons of videos: tracked from frame to frame, each with its face if one is detected."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ... import models
from ..vision import needs_extra
from ..vision.boxes import Box
from .analysis import VideoAnalysis
from .face_attributes import FaceAnalysis
from .faces import detect_faces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..vision.images import DecodedImage
    from ..vision.persons import DetectedPerson
    from ..vision.video.tracking import Sighting
    from .videos import VideoContent

_MIN_CONFIDENCE = 0.5
"""The same minimum as for images; the response of a video has no confidence of a person."""
_BODY = (3.0, 6.0)
"""Width and height of the body of a person of which only the face is seen, in face widths (assumed); for tracking."""


def _watch(content: VideoContent, operation: str) -> Iterator[models.PersonDetection]:
    """Yield the persons of each frame; one person keeps its index as long as it is seen."""
    context = content.context
    with needs_extra():
        from ..vision.video.shots import SIZE, is_other_scene
        from ..vision.video.tracking import Tracker

    tracker, detector = Tracker(), context.vision.person_detector
    analysis = FaceAnalysis(context, operation)
    before = None
    for frame in content.frames(operation):
        image = frame.image
        small = image.pixels(*SIZE)
        if before is not None and is_other_scene(before, small):
            tracker.forget()
        before = small
        persons = [person for person in detector.detect(image) if person.confidence >= _MIN_CONFIDENCE]
        details = _with_faces(image, persons, [face.detail for face in detect_faces(context, image, analysis)])
        numbers = tracker.numbers(frame.timestamp, [_sighting(image, detail) for detail in details])
        for number, detail in zip(numbers, details, strict=True):
            detail.index = number
            yield models.PersonDetection(timestamp=frame.timestamp, person=detail)


def _with_faces(
    image: DecodedImage, persons: Sequence[DetectedPerson], faces: Sequence[models.FaceDetail]
) -> list[models.PersonDetail]:
    """Return the persons with their faces, and the faces that belong to no person's box as persons of their own."""
    boxes = [person.box.scaled(1 / image.width, 1 / image.height) for person in persons]
    details = [models.PersonDetail(index=0, bounding_box=_wire(box)) for box in boxes]
    alone: list[models.PersonDetail] = []
    for face in faces:
        x, y = _centre(face.bounding_box)
        free = [
            number
            for number, box in enumerate(boxes)
            if details[number].face is None and box.left <= x <= box.right and box.top <= y <= box.bottom
        ]
        if not free:
            alone.append(models.PersonDetail(index=0, face=face))
            continue

        def distance(number: int, x: float = x, y: float = y) -> float:
            nose = persons[number].key_points.nose
            return (nose.x / image.width - x) ** 2 + (nose.y / image.height - y) ** 2

        details[min(free, key=distance)].face = face
    return details + alone


def _sighting(image: DecodedImage, detail: models.PersonDetail) -> Sighting:
    from ..vision.video.tracking import Sighting, colours_in

    if detail.bounding_box is not None:
        given = detail.bounding_box
        box = Box(given.left, given.top, given.width, given.height)
    else:
        face = cast("models.FaceDetail", detail.face).bounding_box  # cast: a person without a box is a face
        width = face.width * _BODY[0]
        height = face.width * _BODY[1] * image.width / image.height
        left, top = face.left + face.width / 2 - width / 2, face.top
        right, bottom = min(1.0, left + width), min(1.0, top + height)
        box = Box(max(0.0, left), max(0.0, top), right - max(0.0, left), bottom - max(0.0, top))
    return Sighting(box, colours_in(image, box.scaled(image.width, image.height)))


def _centre(box: models.BoundingBox) -> tuple[float, float]:
    return box.left + box.width / 2, box.top + box.height / 2


def _wire(box: Box) -> models.BoundingBox:
    """Return the box, cut at the edges of the frame."""
    left, top = max(0.0, box.left), max(0.0, box.top)
    return models.BoundingBox(
        left=left, top=top, width=max(0.0, min(1.0, box.right) - left), height=max(0.0, min(1.0, box.bottom) - top)
    )


VIDEO_PERSONS = VideoAnalysis(capability="persons", model=models.PersonDetection, watch=_watch)
