"""Remove a person, with its faces if that is wanted: a face is deletable only once its user is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core.flow import sleep
from .._generated import operations as ops
from .._values.errors import RekogError
from ._enrolling import LAG_ATTEMPTS, LAG_PAUSE
from ._listing import faces_of
from ._results import UnfinishedError

if TYPE_CHECKING:
    from .. import models
    from .._core.call import Caller
    from .._core.flow import Flow

MOST_FACES = 4096
"""Faces of one DeleteFaces request, by the service model."""
_BELONGS = "ASSOCIATED_TO_AN_EXISTING_USER"


def remove(caller: Caller, collection_id: str, user_id: str, delete_faces: bool) -> Flow[None]:  # noqa: FBT001 (a Flow)
    """Delete a user, and its faces if `delete_faces` is true."""
    faces = (yield from faces_of(caller, collection_id, user_id)) if delete_faces else []
    yield from caller.call(ops.DELETE_USER, collection_id=collection_id, user_id=user_id)
    left = {face.face_id: face for face in faces}
    try:
        for start in range(0, len(faces), MOST_FACES):
            yield from _delete(caller, collection_id, faces[start : start + MOST_FACES], left)
    except RekogError as error:
        raise _unfinished(user_id, left, str(error)) from error
    if left:
        raise _unfinished(user_id, left, "the service did not delete them")


def _delete(caller: Caller, collection_id: str, faces: list[models.Face], left: dict[str, models.Face]) -> Flow[None]:
    """Delete faces, again after a pause those that seem to belong to the user still, and take them out of `left`."""
    for attempt in range(LAG_ATTEMPTS):
        face_ids = [face.face_id for face in faces if face.face_id in left]
        if not face_ids:
            return
        yield from sleep(LAG_PAUSE if attempt else 0)
        response = yield from caller.call(ops.DELETE_FACES, collection_id=collection_id, face_ids=face_ids)
        kept = {each.face_id for each in response.unsuccessful_face_deletions if _BELONGS in each.reasons}
        for face_id in face_ids:
            if face_id not in kept:
                del left[face_id]


def _unfinished(user_id: str, left: dict[str, models.Face], reason: str) -> UnfinishedError:
    text = f"remove: the user {user_id!r} is deleted, but {len(left)} of its faces are not: {reason}"
    return UnfinishedError(text, faces=list(left.values()))
