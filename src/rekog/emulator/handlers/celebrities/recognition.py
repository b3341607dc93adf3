"""Recognition of celebrities: those enrolled with `Emulator.add_celebrity`, and those declared for an image.

The emulator contains no celebrities: a face that matches no enrolled one is unrecognised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ...._core.wire import from_wire
from ...._values.narrow import is_mapping
from ... import refusals
from ...content.celebrities import MAX_FACES, known_gender, recognise
from ...content.declared import declared
from ...content.faces import faces_in
from ...content.images import read_source
from ...state.rows import celebrities, truth
from ...vision.boxes import Box
from ..images.comparison import COMPARED, compared_face

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...content.found_face import FoundFace
    from ...content.neighbours import Match
    from ...context import Context
    from ...state.rows.celebrities import CelebrityRow

_SAME_FACE = 0.3
"""Two boxes with a larger overlap than this are one face."""


def recognize_celebrities(
    context: Context, request: models.RecognizeCelebritiesRequest
) -> models.RecognizeCelebritiesResponse:
    """Return the celebrities among the largest faces of an image, and the other faces."""
    source = read_source(context, request.image)
    faces = faces_in(context, source, "RecognizeCelebrities", optional=COMPARED)[:MAX_FACES]
    entries = declared(context, source, "celebrities")
    if entries is not None:
        return _as_declared([from_wire(models.Celebrity, with_id(entry)) for entry in entries], faces)
    matches = [(face, recognise(context, face)) for face in faces]
    return models.RecognizeCelebritiesResponse(
        celebrity_faces=[_celebrity(match, compared_face(face.detail)) for face, match in matches if match is not None],
        unrecognized_faces=[compared_face(face.detail) for face, match in matches if match is None],
    )


def get_celebrity_info(context: Context, request: models.GetCelebrityInfoRequest) -> models.GetCelebrityInfoResponse:
    """Return the facts about a celebrity who is enrolled, or declared for some image or video."""
    with context.state.read() as connection:
        row = celebrities.find(connection, request.id)
        entries = () if row else truth.entries(connection, "celebrities")
    if row is not None:
        return models.GetCelebrityInfoResponse(name=row.name, urls=row.urls, known_gender=known_gender(row.gender))
    info = next((each for entry in entries if (each := _info(entry)).get("Id") == request.id), None)
    if info is None:
        raise refusals.celebrity_missing(request.id)
    return from_wire(models.GetCelebrityInfoResponse, info)


def with_id(entry: Mapping[str, object]) -> Mapping[str, object]:
    """Return a declared celebrity with its declared id, or else the id derived from its name."""
    return {"Id": celebrities.id_of(str(entry["Name"])), **entry}


def _info(entry: Mapping[str, object]) -> Mapping[str, object]:
    """Return the celebrity of an entry that is declared for an image or a video."""
    inner = entry.get("Celebrity")
    return with_id(inner if is_mapping(inner) else entry)


def _as_declared(
    declared: Sequence[models.Celebrity], faces: Sequence[FoundFace]
) -> models.RecognizeCelebritiesResponse:
    """Return the response for declared celebrities; the faces that overlap none of theirs are unrecognised."""
    others = [compared_face(face.detail) for face in faces]
    for celebrity in declared:
        overlaps = [_overlap(celebrity.face, other) for other in others]
        if overlaps and max(overlaps) > _SAME_FACE:
            del others[overlaps.index(max(overlaps))]
    return models.RecognizeCelebritiesResponse(celebrity_faces=[*declared], unrecognized_faces=others)


def _overlap(one: models.ComparedFace | None, other: models.ComparedFace) -> float:
    """Return the overlap of the boxes of two faces, 0 to 1."""
    if one is None:
        return 0.0
    first, second = (Box(box.left, box.top, box.width, box.height) for box in (one.bounding_box, other.bounding_box))
    return first.overlap(second)


def _celebrity(match: Match[CelebrityRow], face: models.ComparedFace) -> models.Celebrity:
    row = match.row
    return models.Celebrity(
        id=row.celebrity_id,
        name=row.name,
        urls=row.urls,
        face=face,
        match_confidence=match.similarity,
        known_gender=known_gender(row.gender),
    )
