"""The comparison of a face of one picture with the faces of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from .. import refusals
from ..vision import needs_extra
from .face_quality import judge
from .faces import faces_in
from .pictures import read_source
from .search import DEFAULT_THRESHOLD

if TYPE_CHECKING:
    from ..context import Context
    from .faces import FoundFace
    from .pictures import PictureSource


def compare_faces(context: Context, request: models.CompareFacesRequest) -> models.CompareFacesResponse:
    """Compare the largest face of the source with the faces of the target, leaving out those of low quality."""
    quality_filter = request.quality_filter or models.QualityFilter.NONE
    source, target = read_source(context, request.source_image), read_source(context, request.target_image)
    face, others = _usable(context, source, quality_filter)[0], _usable(context, target, quality_filter)
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
    """Return a face as comparison and celebrity recognition describe it."""
    return models.ComparedFace(
        bounding_box=detail.bounding_box,
        confidence=detail.confidence,
        landmarks=detail.landmarks,
        pose=detail.pose,
        quality=detail.quality,
        emotions=detail.emotions,
        smile=detail.smile,
    )


def _usable(context: Context, source: PictureSource, quality_filter: models.QualityFilterValue) -> list[FoundFace]:
    """Return the faces of a picture that are good enough, the largest first; refuse a picture without any."""
    judged = judge(faces_in(context, source, "CompareFaces"), quality_filter)
    usable = [face for face, reasons in judged if not reasons]
    if not usable:
        raise refusals.nothing_to_compare()
    return usable


def _similarity(embedding: bytes, other: FoundFace) -> float:
    with needs_extra():
        from ..vision.embeddings import cosine
        from ..vision.similarity import similarity

    return similarity(cosine(embedding, other.embed()))
