"""Faces of an image: declared, else detected.

Boxes are in ratios of the image's width and height, confidences in percent. The largest face comes first.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ... import models
from ..vision import needs_extra
from .declared_faces import declared_faces
from .face_attributes import FaceAnalysis
from .found_face import MAX_FACES, FoundFace
from .images import decode_image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..context import Context
    from ..vision.faces import DetectedFace, Landmarks
    from ..vision.images import DecodedImage
    from .images import ImageSource

_MESH_FITS = 0.5
"""Probability of a face from which the points of the mesh are used."""

_LANDMARKS = {
    "eye_left": models.LandmarkType.EYE_LEFT,
    "eye_right": models.LandmarkType.EYE_RIGHT,
    "mouth_left": models.LandmarkType.MOUTH_LEFT,
    "mouth_right": models.LandmarkType.MOUTH_RIGHT,
    "nose": models.LandmarkType.NOSE,
}


def faces_in(
    context: Context,
    source: ImageSource,
    operation: str,
    attributes: Iterable[str] = (),
    optional: Iterable[models.Attribute] = (),
) -> list[FoundFace]:
    """Return the faces of an image: at most 100, the largest box first (assumed).

    Every operation on the faces of an image calls this function, so declared faces replace detected ones everywhere. An
    attribute of `attributes` that is neither declared nor detected is refused; one of `optional` is left out.
    """
    declared = declared_faces(context, source, operation, attributes, optional)
    if declared is not None:
        return declared
    image = decode_image(context, source)
    return detect_faces(context, image, FaceAnalysis(context, operation, attributes, optional))


def largest_face_box(context: Context, source: ImageSource, operation: str) -> models.BoundingBox | None:
    """Return the bounding box of the largest face of an image, or None if it shows no face."""
    faces = faces_in(context, source, operation)
    return faces[0].detail.bounding_box if faces else None


def detect_faces(context: Context, image: DecodedImage, analysis: FaceAnalysis) -> list[FoundFace]:
    """Return the detected faces of an image or frame: at most 100, the largest box first (assumed)."""
    with needs_extra():
        faces = context.vision.face_detector.detect(image)
    ordered = sorted(faces, key=lambda face: (-face.box.area, face.box.left, face.box.top))
    return [
        FoundFace(_face_detail(context, image, face, analysis), partial(_embed, context, image, face))
        for face in ordered[:MAX_FACES]
    ]


def _embed(context: Context, image: DecodedImage, face: DetectedFace) -> bytes:
    with needs_extra():
        return context.vision.face_embedder.embed(image, face)


def _face_detail(
    context: Context, image: DecodedImage, face: DetectedFace, analysis: FaceAnalysis
) -> models.FaceDetail:
    """Return a detected face in the form of the service's responses."""
    from ..vision.faces.pose import estimate_pose
    from ..vision.quality import measure_quality

    width, height, box = image.width, image.height, face.box
    pose = estimate_pose(_pose_landmarks(context, image, face))
    quality = measure_quality(image, box)
    points = face.landmarks._asdict()
    detail = models.FaceDetail(
        bounding_box=models.BoundingBox(
            width=box.width / width, height=box.height / height, left=box.left / width, top=box.top / height
        ),
        confidence=100.0 * min(1.0, face.confidence),
        landmarks=[
            models.Landmark(type=name, x=points[field].x / width, y=points[field].y / height)
            for field, name in _LANDMARKS.items()
        ],
        pose=models.Pose(roll=pose.roll, yaw=pose.yaw, pitch=pose.pitch),
        quality=models.ImageQuality(brightness=quality.brightness, sharpness=quality.sharpness),
    )
    analysis.complete(detail, image, face)
    return detail


def _pose_landmarks(context: Context, image: DecodedImage, face: DetectedFace) -> Landmarks:
    """Return the five points that show the pose: those of the mesh if it fits, else those of the detector."""
    mesh = context.vision.face_mesh
    located = None if mesh is None else mesh.locate(image, face)
    if located is None or located.face < _MESH_FITS:
        return face.landmarks
    from ..vision.faces.face_landmarks import five_landmarks

    return five_landmarks(located)
