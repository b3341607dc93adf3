"""Faces as the service describes them: ratios of the picture, percents, the largest first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ... import models
from .. import refusals
from ..vision import needs_extra
from .declared_faces import declared_faces
from .images import decode_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..context import Context
    from ..vision.faces import DetectedFace
    from ..vision.images import DecodedImage
    from .images import ImageSource

MAX_FACES = 100

_SETS = (models.Attribute.DEFAULT, models.Attribute.ALL)

_LANDMARKS = {
    "eye_left": models.LandmarkType.EYE_LEFT,
    "eye_right": models.LandmarkType.EYE_RIGHT,
    "mouth_left": models.LandmarkType.MOUTH_LEFT,
    "mouth_right": models.LandmarkType.MOUTH_RIGHT,
    "nose": models.LandmarkType.NOSE,
}


def check_attributes(operation: str, attributes: Iterable[str]) -> None:
    """Refuse to answer for face attributes that no model here can tell, rather than leave out what was asked for."""
    asked = set(attributes)
    named = set(models.Attribute) if models.Attribute.ALL in asked else asked
    unseen = [name for name in models.Attribute if name in named and name not in _SETS]
    if unseen:
        raise refusals.not_served(
            f"{operation}: this emulator can't tell {', '.join(unseen)} from a picture yet, and invents nothing. "
            "It answers Attributes=['DEFAULT'], or what Emulator.declare(picture, faces=[...]) says."
        )


class FoundFace(NamedTuple):
    """A face of a picture: its description, and what makes its embedding when somebody needs it.

    `identity` tells it apart from another face that may be found at the same place of the same picture (a declared
    one), and goes into its FaceId. No quality filter looks at the pixels of a face that is `assured`, as one is that
    was declared without a quality: the picture behind it may be anything.
    """

    detail: models.FaceDetail
    embed: Callable[[], bytes]
    identity: str = ""
    assured: bool = False


def faces_in(
    context: Context,
    source: ImageSource,
    operation: str,
    attributes: Iterable[str] = (),
    also: Iterable[models.Attribute] = (),
) -> list[FoundFace]:
    """Return the faces of a picture: at most 100, the largest box first (assumed).

    Every operation on faces of a picture begins here, so here declared faces replace those that are seen. What of
    `attributes` can't be told is refused, what of `also` can't be told is left out.
    """
    declared = declared_faces(context, source, operation, attributes, also)
    if declared is not None:
        return declared
    image = decode_image(source)
    check_attributes(operation, attributes)
    return faces_seen(context, image)


def faces_seen(context: Context, image: DecodedImage) -> list[FoundFace]:
    """Return the faces that the detector sees in a picture or a frame: at most 100, the largest box first (assumed)."""
    with needs_extra():
        faces = context.vision.face_detector.detect(image)
    ordered = sorted(faces, key=lambda face: (-face.box.area, face.box.left, face.box.top))
    return [FoundFace(face_detail(image, face), partial(_embed, context, image, face)) for face in ordered[:MAX_FACES]]


def _embed(context: Context, image: DecodedImage, face: DetectedFace) -> bytes:
    with needs_extra():
        return context.vision.face_embedder.embed(image, face)


def face_detail(image: DecodedImage, face: DetectedFace) -> models.FaceDetail:
    """Return the service's description of a face that was found."""
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
