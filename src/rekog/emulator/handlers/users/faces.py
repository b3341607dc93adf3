"""Associate faces with a user and disassociate them, face by face.

A user is represented by the mean of its faces' embeddings (assumed). A change of faces returns at once and leaves the
user UPDATING for `Durations.user` seconds. Meanwhile searches match its former faces, and other changes are refused.
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
"""Minimum similarity in percent of a further face to the user, when UserMatchThreshold is absent."""

Request = TypeVar("Request", models.AssociateFacesRequest, models.DisassociateFacesRequest)
Result = TypeVar("Result", models.AssociateFacesResponse, models.DisassociateFacesResponse)

_Rejected = models.UnsuccessfulFaceAssociation
_Reason = models.UnsuccessfulFaceAssociationReason


def associate_faces(context: Context, request: models.AssociateFacesRequest) -> models.AssociateFacesResponse:
    """Associate faces that belong to no user and are similar to the faces that the user has."""
    return _once(context, "AssociateFaces", request, models.AssociateFacesResponse, _associate)


def disassociate_faces(context: Context, request: models.DisassociateFacesRequest) -> models.DisassociateFacesResponse:
    """Remove faces from a user."""
    return _once(context, "DisassociateFaces", request, models.DisassociateFacesResponse, _disassociate)


def status(user: UserRow, now: float) -> models.UserStatus:
    """Return the status of a user at a time."""
    if user.due > now:
        return models.UserStatus.UPDATING
    return models.UserStatus.CREATED if user.vector is None else models.UserStatus.ACTIVE


def _once(
    context: Context,
    operation: str,
    request: Request,
    response_type: type[Result],
    change: Callable[[Context, sqlite3.Connection, UserRow, Request], Result],
) -> Result:
    """Change the faces of a user once per request token: a repeated token gets the first response again."""
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
    """Return a user, or refuse one that is UPDATING."""
    user = lookups.user(connection, collection, user_id)
    if status(user, context.clock()) is models.UserStatus.UPDATING:
        raise refusals.user_updating(user_id)
    return user


def _associate(
    context: Context, connection: sqlite3.Connection, user: UserRow, request: models.AssociateFacesRequest
) -> models.AssociateFacesResponse:
    limit = context.limits.faces_per_user
    owned = faces.of_user(connection, user.key)
    if len(owned) >= limit:
        raise refusals.quota_exceeded("faces of a user", limit)
    threshold = DEFAULT_THRESHOLD if request.user_match_threshold is None else request.user_match_threshold
    requested = dict.fromkeys(request.face_ids)
    rows = faces.by_id(connection, user.collection, requested)
    known = [rows[face_id] for face_id in requested if face_id in rows]
    rejected = [_of_other_user(row) for row in known if row.user not in (user.key, None)]
    rejected += [_Rejected(face_id=each, reasons=[_Reason.FACE_NOT_FOUND]) for each in requested if each not in rows]
    added: list[FaceRow] = []
    embeddings = [vectors.read(connection, row.key) for row in owned]
    for row in (row for row in known if row.user is None):
        embedding = vectors.read(connection, row.key)
        confidence = _similarity(embeddings, embedding)
        if len(embeddings) >= limit:
            rejected.append(_Rejected(face_id=row.face_id))  # no reason exists for a user that is full (assumed)
        elif confidence < threshold:
            rejected.append(_dissimilar(row, confidence))
        else:
            embeddings.append(embedding)
            added.append(row)
    faces.assign(connection, [row.key for row in added], user.key)
    return models.AssociateFacesResponse(
        associated_faces=[models.AssociatedFace(face_id=row.face_id) for row in added],
        unsuccessful_face_associations=rejected,
        user_status=_changed(context, connection, user, embeddings) if added else status(user, context.clock()),
    )


def _of_other_user(row: FaceRow) -> _Rejected:
    reason = _Reason.ASSOCIATED_TO_A_DIFFERENT_USER
    return _Rejected(face_id=row.face_id, user_id=row.user_id, reasons=[reason])


def _dissimilar(row: FaceRow, confidence: float) -> _Rejected:
    return _Rejected(face_id=row.face_id, confidence=confidence, reasons=[_Reason.LOW_MATCH_CONFIDENCE])


def _disassociate(
    context: Context, connection: sqlite3.Connection, user: UserRow, request: models.DisassociateFacesRequest
) -> models.DisassociateFacesResponse:
    reason = models.UnsuccessfulFaceDisassociationReason
    requested = dict.fromkeys(request.face_ids)
    rows = faces.by_id(connection, user.collection, requested)
    removed = [row for face_id in requested if (row := rows.get(face_id)) and row.user == user.key]
    others = [row for face_id in requested if (row := rows.get(face_id)) and row.user not in (user.key, None)]
    faces.assign(connection, [row.key for row in removed], None)
    remaining = [vectors.read(connection, row.key) for row in faces.of_user(connection, user.key)]
    return models.DisassociateFacesResponse(
        disassociated_faces=[models.DisassociatedFace(face_id=row.face_id) for row in removed],
        unsuccessful_face_disassociations=[
            *(_kept(row.face_id, row.user_id, reason.ASSOCIATED_TO_A_DIFFERENT_USER) for row in others),
            *(_kept(face_id, None, reason.FACE_NOT_FOUND) for face_id in requested if face_id not in rows),
        ],
        user_status=_changed(context, connection, user, remaining) if removed else status(user, context.clock()),
    )


def _kept(
    face_id: str, user_id: str | None, reason: models.UnsuccessfulFaceDisassociationReason
) -> models.UnsuccessfulFaceDisassociation:
    return models.UnsuccessfulFaceDisassociation(face_id=face_id, user_id=user_id, reasons=[reason])


def _similarity(embeddings: Sequence[bytes], embedding: bytes) -> float:
    """Return the similarity in percent of a face to a user with these faces; 100 for the first face."""
    if not embeddings:
        return 100.0
    with needs_extra():
        from ...vision.embeddings import cosine, mean
        from ...vision.similarity import similarity

    return similarity(cosine(mean(embeddings), embedding))


def _changed(
    context: Context, connection: sqlite3.Connection, user: UserRow, embeddings: Sequence[bytes]
) -> models.UserStatus:
    """Store the user's new mean embedding, which applies once the change is done, and return UPDATING."""
    with needs_extra():
        from ...vision.embeddings import mean

    users.change(connection, user, mean(embeddings) if embeddings else None, context.due(context.durations.user))
    return models.UserStatus.UPDATING
