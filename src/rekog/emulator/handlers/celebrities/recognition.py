"""Celebrities: who was enrolled with `Emulator.enrol_celebrity` is recognised, and who was declared to be in a picture.

The emulator comes without any: a face that looks like nobody enrolled is an unrecognised one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ...._core.wire import from_wire
from ...._values.narrow import is_mapping
from ... import refusals
from ...content.declared import declared
from ...content.faces import faces_in
from ...content.images import read_source
from ...content.neighbours import nearest
from ...state.rows import celebrities, truth
from ...vision.faces import Box
from ..images.comparison import COMPARED, compared_face

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...content.faces import FoundFace
    from ...content.neighbours import Match
    from ...context import Context
    from ...state.rows.celebrities import CelebrityRow

MOST_FACES = 64
THRESHOLD = 80.0
"""Least similarity to one of a celebrity's faces that makes a face that celebrity's (assumed)."""

_SAME_PLACE = 0.3
"""Boxes that share more of their area are those of one face."""


def recognize_celebrities(
    context: Context, request: models.RecognizeCelebritiesRequest
) -> models.RecognizeCelebritiesResponse:
    """Tell the celebrities among the largest faces of a picture from the others."""
    source = read_source(context, request.image)
    found = faces_in(context, source, "RecognizeCelebrities", also=COMPARED)[:MOST_FACES]
    entries = declared(context, source, "celebrities")
    if entries is not None:
        return _as_declared([from_wire(models.Celebrity, with_id(entry)) for entry in entries], found)
    known = [(face, recognise(context, face)) for face in found]
    return models.RecognizeCelebritiesResponse(
        celebrity_faces=[_celebrity(match, compared_face(face.detail)) for face, match in known if match is not None],
        unrecognized_faces=[compared_face(face.detail) for face, match in known if match is None],
    )


def get_celebrity_info(context: Context, request: models.GetCelebrityInfoRequest) -> models.GetCelebrityInfoResponse:
    """Tell what is known of a celebrity: one who was enrolled, or was declared to be in some picture or video."""
    with context.state.read() as connection:
        row = celebrities.find(connection, request.id)
        entries = () if row else truth.entries(connection, "celebrities")
    if row is not None:
        return models.GetCelebrityInfoResponse(name=row.name, urls=row.urls, known_gender=_known_gender(row.gender))
    told = next((info for entry in entries if (info := _told(entry)).get("Id") == request.id), None)
    if told is None:
        raise refusals.celebrity_missing(request.id)
    return from_wire(models.GetCelebrityInfoResponse, told)


def recognise(context: Context, face: FoundFace) -> Match[CelebrityRow] | None:
    """Return the enrolled celebrity whose face it is, or None."""
    with context.state.read() as connection:
        if not celebrities.any_enrolled(connection):
            return None
    found = nearest(context, celebrities.GALLERY, face.embed(), celebrities.by_face, threshold=THRESHOLD, most=1)
    return found[0] if found else None


def with_id(entry: Mapping[str, object]) -> Mapping[str, object]:
    """Return a declared celebrity with an id: without one of its own it gets the one that goes with its name."""
    return {"Id": celebrities.id_of(str(entry["Name"])), **entry}


def _told(entry: Mapping[str, object]) -> Mapping[str, object]:
    """Return what an entry of a picture or of a video says of a celebrity."""
    inner = entry.get("Celebrity")
    return with_id(inner if is_mapping(inner) else entry)


def _as_declared(said: Sequence[models.Celebrity], found: Sequence[FoundFace]) -> models.RecognizeCelebritiesResponse:
    others = [compared_face(face.detail) for face in found]
    for celebrity in said:
        shared = [_shared(celebrity.face, other) for other in others]
        if shared and max(shared) > _SAME_PLACE:
            del others[shared.index(max(shared))]
    return models.RecognizeCelebritiesResponse(celebrity_faces=[*said], unrecognized_faces=others)


def _shared(one: models.ComparedFace | None, other: models.ComparedFace) -> float:
    """Return how much of their area two faces share, 0 to 1."""
    boxes = [face.bounding_box for face in (one, other) if face]
    places = [Box(box.left, box.top, box.width, box.height) for box in boxes]
    return places[0].overlap(places[1]) if len(places) > 1 else 0.0


def _celebrity(match: Match[CelebrityRow], face: models.ComparedFace) -> models.Celebrity:
    row = match.row
    return models.Celebrity(
        id=row.celebrity_id,
        name=row.name,
        urls=row.urls,
        face=face,
        match_confidence=match.similarity,
        known_gender=_known_gender(row.gender),
    )


def _known_gender(gender: str | None) -> models.KnownGender | None:
    return None if gender is None else models.KnownGender(type=gender)
