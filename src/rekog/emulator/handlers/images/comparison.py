"""CompareFaces: the comparison of a face of one image with the faces of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import models
from ... import refusals
from ...content.face_quality import judge
from ...content.faces import faces_in
from ...content.images import read_source
from ...content.neighbours import DEFAULT_THRESHOLD
from ...vision import needs_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...content.found_face import FoundFace
    from ...context import Context

COMPARED = (models.Attribute.EMOTIONS, models.Attribute.SMILE)
"""Attributes that the service always returns for a `ComparedFace`; here unless they are neither declared nor
seen."""


def compare_faces(context: Context, request: models.CompareFacesRequest) -> models.CompareFacesResponse:
    """Compare the largest face of the source with the faces of the target, leaving out those of low quality."""
    quality_filter = request.quality_filter or models.QualityFilter.NONE
    sources = [read_source(context, image) for image in (request.source_image, request.target_image)]
    # the response has no attributes of the source's face
    faces_of = [
        faces_in(context, source, "CompareFaces", optional=optional)
        for source, optional in zip(sources, ((), COMPARED), strict=True)
    ]
    (face, *_), others = [_usable(faces, quality_filter) for faces in faces_of]
    embedding = face.embed()
    similarities = [_similarity(embedding, other) for other in others]
    threshold = DEFAULT_THRESHOLD if request.similarity_threshold is None else request.similarity_threshold
    compared = list(zip(similarities, others, strict=True))
    matches = sorted((pair for pair in compared if pair[0] >= threshold), key=lambda pair: -pair[0])
    return models.CompareFacesResponse(
        source_image_face=models.ComparedSourceImageFace(
            bounding_box=face.detail.bounding_box, confidence=face.detail.confidence
        ),
        face_matches=[
            models.CompareFacesMatch(similarity=similarity, face=compared_face(other.detail))
            for similarity, other in matches
        ],
        unmatched_faces=[compared_face(other.detail) for similarity, other in compared if similarity < threshold],
    )


def compared_face(detail: models.FaceDetail) -> models.ComparedFace:
    """Return a face in the form of comparison and celebrity recognition."""
    return models.ComparedFace(
        bounding_box=detail.bounding_box,
        confidence=detail.confidence,
        landmarks=detail.landmarks,
        pose=detail.pose,
        quality=detail.quality,
        emotions=detail.emotions,
        smile=detail.smile,
    )


def _usable(faces: Sequence[FoundFace], quality_filter: models.QualityFilterValue) -> list[FoundFace]:
    """Return the faces of an image that pass the filter, the largest first; refuse an image without any."""
    usable = [face for face, reasons in judge(faces, quality_filter) if not reasons]
    if not usable:
        raise refusals.nothing_to_compare()
    return usable


def _similarity(embedding: bytes, other: FoundFace) -> float:
    with needs_extra():
        from ...vision.embeddings import cosine
        from ...vision.similarity import similarity

    return similarity(cosine(embedding, other.embed()))
