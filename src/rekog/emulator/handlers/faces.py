"""Faces as the service describes them: ratios of the picture, percents, the largest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import models
from .. import refusals
from ..vision import needs_extra

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..context import Context
    from ..vision.faces import DetectedFace
    from ..vision.pictures import Picture

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
            "It answers Attributes=['DEFAULT']."
        )


def detect(context: Context, picture: Picture) -> list[models.FaceDetail]:
    """Return the faces of a picture with the default attributes: at most 100, the largest box first [I]."""
    with needs_extra():
        faces = context.vision.face_detector.detect(picture)
    ordered = sorted(faces, key=lambda face: (-face.box.area, face.box.left, face.box.top))
    return [face_detail(picture, face) for face in ordered[:MAX_FACES]]


def face_detail(picture: Picture, face: DetectedFace) -> models.FaceDetail:
    """Return the service's description of a face that was found."""
    from ..vision.pose import estimate_pose
    from ..vision.quality import measure_quality

    width, height, box = picture.width, picture.height, face.box
    pose = estimate_pose(face.landmarks)
    quality = measure_quality(picture, box)
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
