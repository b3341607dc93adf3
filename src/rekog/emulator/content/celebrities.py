"""Celebrities: those enrolled with `Emulator.add_celebrity` are recognised by their faces in images and videos.

The emulator contains no celebrities: a face that matches no enrolled one is unrecognised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from ..state.rows import celebrities
from .neighbours import DEFAULT_THRESHOLD, nearest

if TYPE_CHECKING:
    from ..context import Context
    from ..state.rows.celebrities import CelebrityRow
    from .found_face import FoundFace
    from .neighbours import Match

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
