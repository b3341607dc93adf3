"""Celebrities: those enrolled with `Emulator.add_celebrity` are recognised by their faces in images and videos.

The emulator contains no celebrities: a face that matches no enrolled one is unrecognised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from ..state.rows import celebrities
from .analysis import VideoAnalysis
from .face_attributes import FaceAnalysis
from .faces import detect_faces
from .neighbours import DEFAULT_THRESHOLD, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..context import Context
    from ..state.rows.celebrities import CelebrityRow
    from .found_face import FoundFace
    from .neighbours import Match
    from .videos import VideoContent

MAX_FACES = 64


def recognise(context: Context, face: FoundFace) -> Match[CelebrityRow] | None:
    """Return the enrolled celebrity whose face matches by the default threshold (assumed), or None."""
    with context.state.read() as connection:
        if not celebrities.any_enrolled(connection):
            return None
    embedding = face.embed()
    matches = nearest(
        context, celebrities.GALLERY, embedding, celebrities.by_face, threshold=DEFAULT_THRESHOLD, limit=1
    )
    return matches[0] if matches else None


def known_gender(gender: str | None) -> models.KnownGender | None:
    """Return the gender of a celebrity in the form of a response."""
    return None if gender is None else models.KnownGender(type=gender)


def _watch(content: VideoContent, operation: str) -> Iterator[models.CelebrityRecognition]:
    """Yield the enrolled celebrities among the largest faces of each frame; other faces are left out."""
    analysis = FaceAnalysis(content.context, operation)
    for frame in content.frames(operation):
        for face in detect_faces(content.context, frame.image, analysis)[:MAX_FACES]:
            match = recognise(content.context, face)
            if match is not None:
                yield models.CelebrityRecognition(timestamp=frame.timestamp, celebrity=_detail(match, face))


def _detail(match: Match[CelebrityRow], face: FoundFace) -> models.CelebrityDetail:
    row = match.row
    return models.CelebrityDetail(
        id=row.celebrity_id,
        name=row.name,
        urls=row.urls,
        confidence=match.similarity,
        bounding_box=face.detail.bounding_box,
        face=face.detail,
        known_gender=known_gender(row.gender),
    )


VIDEO_CELEBRITIES = VideoAnalysis(capability="celebrities", model=models.CelebrityRecognition, watch=_watch)
