"""Search a collection for faces similar to one of its own faces or to a face in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ... import refusals
from ...content.face_quality import judge
from ...content.faces import faces_in
from ...content.images import read_source
from ...content.neighbours import nearest
from ...state import vectors
from ...state.rows import faces
from .. import lookups
from .faces import stored_face

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from ...context import Context
    from ...state.rows.collections import CollectionRow
    from ...state.rows.faces import FaceRow

MAX_MATCHES = 4096
"""Maximum number of matches, and the number when MaxFaces is absent (assumed)."""


def search_faces(context: Context, request: models.SearchFacesRequest) -> models.SearchFacesResponse:
    """Find the faces similar to a face of the collection, which is left out itself."""
    with context.state.read() as connection:
        collection = lookups.collection(context, connection, request.collection_id)
        face = lookups.searchable_face(context, connection, collection, request.face_id)
        embedding = vectors.read(connection, face.key)
    matches = similar_faces(
        context, collection, embedding, request.face_match_threshold, request.max_faces, without=face.key
    )
    return models.SearchFacesResponse(
        searched_face_id=face.face_id, face_matches=matches, face_model_version=collection.face_model_version
    )


def search_faces_by_image(
    context: Context, request: models.SearchFacesByImageRequest
) -> models.SearchFacesByImageResponse:
    """Find the faces similar to the largest face of an image that is good enough."""
    with context.state.read() as connection:
        collection = lookups.collection(context, connection, request.collection_id)
    detected = faces_in(context, read_source(context, request.image), "SearchFacesByImage")
    judged = judge(detected, request.quality_filter or models.QualityFilter.NONE)
    face = next((face for face, reasons in judged if not reasons), None)
    if face is None:
        raise refusals.no_faces()
    return models.SearchFacesByImageResponse(
        searched_face_bounding_box=face.detail.bounding_box,
        searched_face_confidence=face.detail.confidence,
        face_matches=similar_faces(context, collection, face.embed(), request.face_match_threshold, request.max_faces),
        face_model_version=collection.face_model_version,
    )


def similar_faces(
    context: Context,
    collection: CollectionRow,
    embedding: bytes,
    threshold: float | None = None,
    limit: int | None = None,
    *,
    without: int | None = None,
) -> list[models.FaceMatch]:
    """Return the faces of a collection similar to an embedding; `without` is the key of a face to leave out."""
    now = context.clock()

    def rows_of(connection: sqlite3.Connection, keys: Iterable[int]) -> dict[int, FaceRow]:
        rows = faces.by_key(connection, keys)
        return {key: row for key, row in rows.items() if row.findable <= now and key != without}

    gallery = faces.gallery(collection.key)
    matches = nearest(context, gallery, embedding, rows_of, threshold=threshold, limit=limit or MAX_MATCHES)
    return [models.FaceMatch(similarity=similarity, face=stored_face(collection, row)) for similarity, row in matches]
