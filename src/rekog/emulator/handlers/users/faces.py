"""Which faces belong to which user: associate and disassociate, face by face.

A user stands for the mean of its faces' embeddings (assumed). A change of faces is answered at once, but lets the user
be UPDATING for `Durations.user` seconds, in which searches find it by its former faces and no other change is let in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .... import models
from ...._core.wire import from_wire, to_wire
from ... import refusals
from ...state import idempotency, vectors
from ...state.rows import faces, users
from ...vision import needs_extra
from .. import lookups

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from ...context import Context
    from ...state.rows.collections import CollectionRow
    from ...state.rows.faces import FaceRow
    from ...state.rows.users import UserRow

DEFAULT_THRESHOLD = 75.0
"""How similar a further face must be to a user, when UserMatchThreshold is absent."""

Asked = TypeVar("Asked", models.AssociateFacesRequest, models.DisassociateFacesRequest)
Answered = TypeVar("Answered", models.AssociateFacesResponse, models.DisassociateFacesResponse)

_Rejected = models.UnsuccessfulFaceAssociation
_Reason = models.UnsuccessfulFaceAssociationReason


def associate_faces(context: Context, request: models.AssociateFacesRequest) -> models.AssociateFacesResponse:
    """Give faces to a user: those that are free, and that look like the faces it has."""
    return _once(context, "AssociateFaces", request, models.AssociateFacesResponse, _associate)


def disassociate_faces(context: Context, request: models.DisassociateFacesRequest) -> models.DisassociateFacesResponse:
    """Take faces away from a user."""
    return _once(context, "DisassociateFaces", request, models.DisassociateFacesResponse, _disassociate)


def status(user: UserRow, now: float) -> models.UserStatus:
    """Return how a user is at a time."""
    if user.due > now:
        return models.UserStatus.UPDATING
    return models.UserStatus.CREATED if user.vector is None else models.UserStatus.ACTIVE


def _once(
    context: Context,
    operation: str,
    request: Asked,
    response_type: type[Answered],
    change: Callable[[Context, sqlite3.Connection, UserRow, Asked], Answered],
) -> Answered:
    """Change a user's faces, or for a request token that was used before answer as then."""
    wire = to_wire(request)
    with context.state.write() as connection:
        earlier = idempotency.replayed(connection, context.scope, operation, wire)
        if earlier is not None:
            return from_wire(response_type, earlier)
        collection = lookups.collection(context, connection, request.collection_id)
        user = _changeable(context, connection, collection, request.user_id)
        response = change(context, connection, user, request)
        idempotency.store(connection, context.scope, operation, wire, to_wire(response), users.owner(user.key))
    return response


def _changeable(context: Context, connection: sqlite3.Connection, collection: CollectionRow, user_id: str) -> UserRow:
    """Return a user whose faces may be changed, or refuse."""
    user = lookups.user(connection, collection, user_id)
    if status(user, context.clock()) is models.UserStatus.UPDATING:
        raise refusals.user_updating(user_id)
    return user


def _associate(
    context: Context, connection: sqlite3.Connection, user: UserRow, request: models.AssociateFacesRequest
) -> models.AssociateFacesResponse:
    most = context.limits.faces_per_user
    owned = faces.of_user(connection, user.key)
    if len(owned) >= most:
        raise refusals.quota_exceeded("faces of a user", most)
    threshold = DEFAULT_THRESHOLD if request.user_match_threshold is None else request.user_match_threshold
    wanted = dict.fromkeys(request.face_ids)
    rows = faces.by_id(connection, user.collection, wanted)
    known = [rows[face_id] for face_id in wanted if face_id in rows]
    rejected = [_foreign(row) for row in known if row.user not in (user.key, None)]
    rejected += [_Rejected(face_id=each, reasons=[_Reason.FACE_NOT_FOUND]) for each in wanted if each not in rows]
    taken: list[FaceRow] = []
    embeddings = [vectors.read(connection, row.key) for row in owned]
    for row in (row for row in known if row.user is None):
        embedding = vectors.read(connection, row.key)
        confidence = _similarity(embeddings, embedding)
        if len(embeddings) >= most:
            rejected.append(_Rejected(face_id=row.face_id))  # no reason has a value for a user that is full (assumed)
        elif confidence < threshold:
            rejected.append(_unlike(row, confidence))
        else:
            embeddings.append(embedding)
            taken.append(row)
    faces.assign(connection, [row.key for row in taken], user.key)
    return models.AssociateFacesResponse(
        associated_faces=[models.AssociatedFace(face_id=row.face_id) for row in taken],
        unsuccessful_face_associations=rejected,
        user_status=_changed(context, connection, user, embeddings) if taken else status(user, context.clock()),
    )


def _foreign(row: FaceRow) -> _Rejected:
    reason = _Reason.ASSOCIATED_TO_A_DIFFERENT_USER
    return _Rejected(face_id=row.face_id, user_id=row.user_id, reasons=[reason])


def _unlike(row: FaceRow, confidence: float) -> _Rejected:
    return _Rejected(face_id=row.face_id, confidence=confidence, reasons=[_Reason.LOW_MATCH_CONFIDENCE])


def _disassociate(
    context: Context, connection: sqlite3.Connection, user: UserRow, request: models.DisassociateFacesRequest
) -> models.DisassociateFacesResponse:
    reason = models.UnsuccessfulFaceDisassociationReason
    wanted = dict.fromkeys(request.face_ids)
    rows = faces.by_id(connection, user.collection, wanted)
    freed = [row for face_id in wanted if (row := rows.get(face_id)) and row.user == user.key]
    foreign = [row for face_id in wanted if (row := rows.get(face_id)) and row.user not in (user.key, None)]
    faces.assign(connection, [row.key for row in freed], None)
    left = [vectors.read(connection, row.key) for row in faces.of_user(connection, user.key)]
    return models.DisassociateFacesResponse(
        disassociated_faces=[models.DisassociatedFace(face_id=row.face_id) for row in freed],
        unsuccessful_face_disassociations=[
            *(_kept(row.face_id, row.user_id, reason.ASSOCIATED_TO_A_DIFFERENT_USER) for row in foreign),
            *(_kept(face_id, None, reason.FACE_NOT_FOUND) for face_id in wanted if face_id not in rows),
        ],
        user_status=_changed(context, connection, user, left) if freed else status(user, context.clock()),
    )


def _kept(
    face_id: str, user_id: str | None, reason: models.UnsuccessfulFaceDisassociationReason
) -> models.UnsuccessfulFaceDisassociation:
    return models.UnsuccessfulFaceDisassociation(face_id=face_id, user_id=user_id, reasons=[reason])


def _similarity(embeddings: Sequence[bytes], embedding: bytes) -> float:
    """Return how similar a face is to a user with these faces; the first face always is."""
    if not embeddings:
        return 100.0
    with needs_extra():
        from ...vision.embeddings import cosine, mean
        from ...vision.similarity import similarity

    return similarity(cosine(mean(embeddings), embedding))


def _changed(
    context: Context, connection: sqlite3.Connection, user: UserRow, embeddings: Sequence[bytes]
) -> models.UserStatus:
    """Let a user stand for other faces from when the change is done, and tell that the change goes on."""
    with needs_extra():
        from ...vision.embeddings import mean

    users.change(connection, user, mean(embeddings) if embeddings else None, context.due(context.durations.user))
    return models.UserStatus.UPDATING
