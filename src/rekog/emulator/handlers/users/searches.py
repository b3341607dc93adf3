"""Search a collection for users similar to one of its faces or users, or to a face in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ... import refusals
from ...content.face_quality import judge
from ...content.faces import faces_in
from ...content.images import read_source
from ...content.neighbours import nearest
from ...state import vectors
from ...state.rows import users
from .. import lookups
from .faces import status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from ...content.face_quality import Judged
    from ...content.found_face import FoundFace
    from ...context import Context
    from ...state.rows.collections import CollectionRow
    from ...state.rows.users import UserRow

MAX_MATCHES = 500
"""Maximum number of matches, and the number when MaxUsers is absent (assumed)."""


def search_users(context: Context, request: models.SearchUsersRequest) -> models.SearchUsersResponse:
    """Find the users similar to a face of the collection or to another user."""
    if (request.face_id is None) == (request.user_id is None):
        raise refusals.invalid_parameter("Request should contain either UserId or FaceId.")  # our wording
    with context.state.read() as connection:
        collection = lookups.collection(context, connection, request.collection_id)
        face = user = None
        if request.face_id is not None:
            face = lookups.searchable_face(context, connection, collection, request.face_id)
        if request.user_id is not None:
            user = lookups.user(connection, collection, request.user_id)
        vector = face.key if face else user.vector_at(context.clock()) if user else None
        embedding = None if vector is None else vectors.read(connection, vector)
    return models.SearchUsersResponse(
        user_matches=_similar(
            context, collection, embedding, request.user_match_threshold, request.max_users, without=user
        ),
        face_model_version=collection.face_model_version,
        searched_face=models.SearchedFace(face_id=face.face_id) if face else None,
        searched_user=models.SearchedUser(user_id=user.user_id) if user else None,
    )


def search_users_by_image(
    context: Context, request: models.SearchUsersByImageRequest
) -> models.SearchUsersByImageResponse:
    """Find the users similar to the largest face of an image that is good enough; no face, no matches."""
    with context.state.read() as connection:
        collection = lookups.collection(context, connection, request.collection_id)
    detected = faces_in(context, read_source(context, request.image), "SearchUsersByImage")
    judged = judge(detected, request.quality_filter or models.QualityFilter.NONE)
    face = next((face for face, reasons in judged if not reasons), None)
    return models.SearchUsersByImageResponse(
        user_matches=_similar(
            context, collection, face and face.embed(), request.user_match_threshold, request.max_users
        ),
        face_model_version=collection.face_model_version,
        searched_face=models.SearchedFaceDetails(face_detail=face.detail) if face else None,
        unsearched_faces=_unsearched(judged, face),
    )


def _similar(
    context: Context,
    collection: CollectionRow,
    embedding: bytes | None,
    threshold: float | None,
    limit: int | None,
    *,
    without: UserRow | None = None,
) -> list[models.UserMatch]:
    """Return the users similar to an embedding; `without` is left out: no user matches itself (assumed)."""
    if embedding is None:
        return []
    now = context.clock()

    def rows_of(connection: sqlite3.Connection, keys: Iterable[int]) -> dict[int, UserRow]:
        rows = users.by_vector(connection, keys, now)
        return {key: row for key, row in rows.items() if without is None or row.key != without.key}

    gallery = users.gallery(collection.key)
    matches = nearest(context, gallery, embedding, rows_of, threshold=threshold, limit=limit or MAX_MATCHES)
    return [
        models.UserMatch(
            similarity=similarity, user=models.MatchedUser(user_id=row.user_id, user_status=status(row, now))
        )
        for similarity, row in matches
    ]


def _unsearched(judged: Sequence[Judged], searched: FoundFace | None) -> list[models.UnsearchedFace]:
    """Return the faces that were not searched for, each with its reasons."""
    unsearched: list[models.UnsearchedFace] = []
    smaller = False
    for face, reasons in judged:
        if face is searched:
            smaller = True
            continue
        face_reasons = [models.UnsearchedFaceReason(reason.value) for reason in reasons]
        if smaller:
            face_reasons.append(models.UnsearchedFaceReason.FACE_NOT_LARGEST)
        unsearched.append(models.UnsearchedFace(face_details=face.detail, reasons=[*face_reasons]))
    return unsearched
