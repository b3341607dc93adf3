"""Faces of an image, declared or else detected: boxes in ratios of the image, confidences in percent, largest first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ... import models
from .. import refusals
from ..vision import needs_extra
from .declared_faces import declared_faces
from .found_face import MAX_FACES, FoundFace
from .images import decode_image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..context import Context
    from ..vision.faces import DetectedFace
    from ..vision.images import DecodedImage
    from .images import ImageSource

_SETS = (models.Attribute.DEFAULT, models.Attribute.ALL)

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

    Every operation on the faces of an image starts here, so declared faces replace detected ones everywhere. An
    attribute of `attributes` that is neither declared nor detected is refused; one of `optional` is left out.
    """
    declared = declared_faces(context, source, operation, attributes, optional)
    if declared is not None:
        return declared
    image = decode_image(source)
    _check_attributes(operation, attributes)
    return detect_faces(context, image)


def _check_attributes(operation: str, attributes: Iterable[str]) -> None:
    """Refuse face attributes that no detector returns; leaving them out of the response would hide the gap."""
    requested = set(attributes)
    names = set(models.Attribute) if models.Attribute.ALL in requested else requested
    missing = [name for name in models.Attribute if name in names and name not in _SETS]
    if missing:
        raise refusals.not_served(
            f"{operation}: this emulator can't detect {', '.join(missing)} of a face, and invents nothing. "
            "Request Attributes=['DEFAULT'], or declare the attributes with Emulator.declare(image, faces=[...])."
        )


def detect_faces(context: Context, image: DecodedImage) -> list[FoundFace]:
    """Return the faces that the detector sees in an image or frame: at most 100, the largest box first (assumed)."""
    with needs_extra():
        faces = context.vision.face_detector.detect(image)
    ordered = sorted(faces, key=lambda face: (-face.box.area, face.box.left, face.box.top))
    return [FoundFace(_face_detail(image, face), partial(_embed, context, image, face)) for face in ordered[:MAX_FACES]]


def _embed(context: Context, image: DecodedImage, face: DetectedFace) -> bytes:
    with needs_extra():
        return context.vision.face_embedder.embed(image, face)


def _face_detail(image: DecodedImage, face: DetectedFace) -> models.FaceDetail:
    """Return the service's description of a detected face."""
    from ..vision.pose import estimate_pose
    from ..vision.quality import measure_quality

    width, height, box = image.width, image.height, face.box
    pose = estimate_pose(face.landmarks)
    quality = measure_quality(image, box)
    points = face.landmarks._asdict()
    return models.FaceDetail(
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
