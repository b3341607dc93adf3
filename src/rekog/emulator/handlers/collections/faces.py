"""Index, list and delete the faces of a collection."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .... import models
from ... import refusals
from ...content.face_quality import grade, judge
from ...content.faces import faces_in
from ...content.found_face import MAX_FACES
from ...content.images import read_source
from ...state.rows import faces
from .. import lookups
from ..pages import OLDEST, Listing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from ...content.face_quality import Judged
    from ...content.found_face import FoundFace
    from ...content.images import ImageSource
    from ...context import Context
    from ...state.rows.collections import CollectionRow
    from ...state.rows.faces import FaceRow

DEFAULT_PAGE = 1000
"""Faces per page when MaxResults is absent or 0 (assumed)."""

_NAMES = uuid.UUID("6f1d7c52-0b0e-5c43-9a5e-2f3c1c7f7e11")
"""Namespace of face and image ids, which are derived from content: the same image always gets the same ids."""


def index_faces(context: Context, request: models.IndexFacesRequest) -> models.IndexFacesResponse:
    """Store the faces of an image that are good enough, and list the others with their reasons."""
    with context.state.read() as connection:
        collection = lookups.collection(context, connection, request.collection_id)
    source = read_source(context, request.image)
    detected = faces_in(context, source, "IndexFaces", request.detection_attributes or ())
    judged = judge(detected, request.quality_filter or models.QualityFilter.AUTO)
    chosen, rejected = _choose(judged, min(MAX_FACES, request.max_faces or MAX_FACES))
    image_id = _image_id(context, source)
    identified = {_face_id(collection, image_id, request.external_image_id, face): face for face in chosen}
    with context.state.read() as connection:
        known = faces.by_id(connection, collection.key, identified)
    embeddings = {face_id: face.embed() for face_id, face in identified.items() if face_id not in known}
    with context.state.write() as connection:
        collection = lookups.collection(context, connection, request.collection_id)
        rows = _store(context, connection, collection, request.external_image_id, image_id, identified, embeddings)
    return models.IndexFacesResponse(
        face_records=[
            models.FaceRecord(face=indexed_face(rows[face_id]), face_detail=face.detail)
            for face_id, face in identified.items()
        ],
        face_model_version=collection.face_model_version,
        unindexed_faces=[
            models.UnindexedFace(face_detail=face.detail, reasons=[*reasons]) for face, reasons in rejected
        ],
    )


def list_faces(context: Context, request: models.ListFacesRequest) -> models.ListFacesResponse:
    """List the faces of a collection in the order of indexing (assumed), a page at a time."""
    limit = request.max_results or DEFAULT_PAGE
    requested = None if request.face_ids is None else sorted(set(request.face_ids))
    with context.state.read() as connection:
        collection = lookups.collection(context, connection, request.collection_id)
        listing = Listing(context, ("ListFaces", collection.key, request.user_id, requested))
        position = listing.resume(request.next_token, OLDEST)
        rows = faces.after(connection, collection.key, position, limit + 1, user_id=request.user_id, face_ids=requested)
    page, token = listing.cut(rows, limit)
    return models.ListFacesResponse(
        faces=[stored_face(collection, row) for row in page],
        next_token=token,
        face_model_version=collection.face_model_version,
    )


def delete_faces(context: Context, request: models.DeleteFacesRequest) -> models.DeleteFacesResponse:
    """Delete faces, except those that belong to a user."""
    reason = models.UnsuccessfulFaceDeletionReason
    requested = dict.fromkeys(request.face_ids)
    with context.state.write() as connection:
        collection = lookups.collection(context, connection, request.collection_id)
        rows = faces.by_id(connection, collection.key, requested)
        free = [row for face_id in requested if (row := rows.get(face_id)) and row.user is None]
        faces.delete(connection, [row.key for row in free])
    deleted = [row.face_id for row in free]
    kept = [face_id for face_id in requested if face_id not in set(deleted)]
    return models.DeleteFacesResponse(
        deleted_faces=deleted,
        unsuccessful_face_deletions=[
            models.UnsuccessfulFaceDeletion(
                face_id=face_id, user_id=rows[face_id].user_id, reasons=[reason.ASSOCIATED_TO_AN_EXISTING_USER]
            )
            if face_id in rows
            else models.UnsuccessfulFaceDeletion(face_id=face_id, reasons=[reason.FACE_NOT_FOUND])
            for face_id in kept
        ],
    )


def stored_face(collection: CollectionRow, row: FaceRow) -> models.Face:
    """Return the service's description of a stored face in lists and searches, with the version of the model."""
    face = indexed_face(row)
    face.index_faces_model_version = collection.face_model_version
    return face


def indexed_face(row: FaceRow) -> models.Face:
    """Return the service's description of a stored face in the response of IndexFaces.

    It has no version of the model: so in recorded responses of the service, which has the version beside the faces.
    """
    return models.Face(
        face_id=row.face_id,
        bounding_box=models.BoundingBox(left=row.left, top=row.top, width=row.width, height=row.height),
        image_id=row.image_id,
        external_image_id=row.external_image_id,
        confidence=row.confidence,
        user_id=row.user_id,
    )


def _choose(
    judged: Sequence[Judged], limit: int
) -> tuple[list[FoundFace], list[tuple[FoundFace, list[models.Reason]]]]:
    """Return the faces to store, and the other faces with the reasons: low quality, or more faces than the limit.

    Faces beyond the limit are those of the lowest grade, and among equals the smallest.
    """
    good = [index for index, (_, reasons) in enumerate(judged) if not reasons]  # the largest face comes first
    best = set(sorted(good, key=lambda index: -grade(judged[index].face))[:limit])
    chosen = [judged[index].face for index in sorted(best)]
    rejected = [
        (face, reasons or [models.Reason.EXCEEDS_MAX_FACES])
        for index, (face, reasons) in enumerate(judged)
        if index not in best
    ]
    return chosen, rejected


def _image_id(context: Context, source: ImageSource) -> str:
    return _name(*context.scope, source.digest.removeprefix("sha256:"))


def _face_id(collection: CollectionRow, image_id: str, external_image_id: str | None, face: FoundFace) -> str:
    box = face.detail.bounding_box
    corners = " ".join(f"{side:.4f}" for side in (box.left, box.top, box.width, box.height))
    return _name(collection.arn, image_id, external_image_id or "", corners, face.identity)


def _name(*parts: str) -> str:
    return str(uuid.uuid5(_NAMES, "\n".join(parts)))


def _store(
    context: Context,
    connection: sqlite3.Connection,
    collection: CollectionRow,
    external_image_id: str | None,
    image_id: str,
    identified: Mapping[str, FoundFace],
    embeddings: Mapping[str, bytes],
) -> dict[str, FaceRow]:
    """Store the faces that are not in the collection yet, and return the rows of all by face id."""
    known = faces.by_id(connection, collection.key, identified)
    fresh = {face_id: face for face_id, face in identified.items() if face_id not in known}
    limit = context.limits.faces_per_collection
    if fresh and not faces.has_capacity(connection, collection.key, len(fresh), limit):
        raise refusals.quota_exceeded("faces in a collection", limit)
    findable = context.due(context.durations.indexing)
    for face_id, face in fresh.items():
        box = face.detail.bounding_box
        new = faces.NewFace(
            face_id=face_id,
            image_id=image_id,
            external_image_id=external_image_id,
            box=(box.left, box.top, box.width, box.height),
            confidence=face.detail.confidence,
            findable=findable,
        )
        # a face that was deleted after the first query has no embedding yet
        faces.insert(connection, collection.key, new, embeddings.get(face_id) or face.embed())
    return faces.by_id(connection, collection.key, identified)
