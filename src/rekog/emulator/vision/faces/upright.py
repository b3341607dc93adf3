"""Faces at any tilt: their landmarks, taken from a small crop that is turned until the face is upright.

YuNet's five points lean towards those of an upright face, the more the larger the face is seen: of a head tilted by 30
degrees they show about 23 if the face is 80 pixels large, 12 if it has 140, and none if it has 200. So the points are
taken again from a crop in which the face has 80 pixels, and again from the crop turned by the roll of these points,
until the roll no longer changes. The result is the mean of these points and of those in an upright crop in which the
face has 160 pixels: its distance from 43 faces annotated by hand (dlib's example faces) is 0.09 of the distance
between the eyes, and that of YuNet's points in the whole image 0.15.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2
import numpy as np

from ..boxes import Box, Point
from ..images import DecodedImage, warped
from ..weights import weights_path
from . import DetectedFace, Landmarks

if TYPE_CHECKING:
    from numpy.typing import NDArray

WEIGHTS = "models/face_detection_yunet_2023mar_int8bq.onnx"

SURE = 0.86
"""Score in an upright crop from which there is a face for certain."""
_UPRIGHT = 0.91
"""Score from which a face in the crop is upright for certain: faces upside down get up to 0.9."""

_ROLL_FACE = 80
_CLOSE_FACE = 160
"""Pixels of the face in the crops: the first shows the roll, and the mean of both the places of the landmarks. Crops
have twice this side."""
_MIN_SCORE = 0.5
_SAME_FACE = 0.3
_MAX_CANDIDATES = 100
_OFF_CENTRE = 0.4
"""Distance from the centre of the crop, in sides of the face, at which a detection is another face."""
_SIZES = (0.5, 1.8)
"""Size of the detection, in sides of the face, beyond which it is another face or a part of one."""
_STEADY = 3.0
"""Degrees: a smaller change of the roll ends the search for it."""
_MAX_LOOKS = 4
_TURNS = tuple(range(45, 360, 45))
"""Degrees by which a crop is turned further if it shows no face that is upright for certain."""


class _Look(NamedTuple):
    """A face in the turned crop: its score, its landmarks in the image's own pixels, and its roll in degrees."""

    score: float
    landmarks: Landmarks
    roll: float


class _Crop(NamedTuple):
    """The place of a face in an image, and the size of the face in the pixels of a crop that is turned."""

    image: DecodedImage
    box: Box
    face: int

    @property
    def scale(self) -> float:
        """Pixels of the crop for each pixel of the image."""
        return self.face / max(self.box.width, self.box.height, 1.0)


class UprightCrops:
    """Looks at faces in crops that are turned upright. One network for each size of crop, behind a lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._networks = {
            face: cv2.FaceDetectorYN.create(
                str(weights_path(WEIGHTS)), "", (2 * face, 2 * face), _MIN_SCORE, _SAME_FACE, _MAX_CANDIDATES
            )
            for face in (_ROLL_FACE, _CLOSE_FACE)
        }

    def refine(self, image: DecodedImage, face: DetectedFace) -> DetectedFace:
        """Return a face with its landmarks in an upright crop, and the greater of its two scores.

        The face is returned unchanged if the crop shows none.
        """
        crop = _Crop(image, face.box, _ROLL_FACE)
        best = self._upright(crop, roll(face.landmarks))
        if best is None or best.score < _UPRIGHT:
            start = roll(face.landmarks) if best is None else best.roll
            looks = [self._look(crop, start + turn) for turn in _TURNS]
            likely = max((look for look in looks if look is not None), key=_score, default=None)
            if likely is not None:
                best = max((each for each in (best, likely, self._upright(crop, likely.roll)) if each), key=_score)
        if best is None:
            return face
        closer = self._look(_Crop(image, face.box, _CLOSE_FACE), best.roll)
        landmarks = best.landmarks if closer is None else _mean(best.landmarks, closer.landmarks)
        return DetectedFace(face.box, max(face.confidence, best.score), landmarks)

    def _upright(self, crop: _Crop, start: float) -> _Look | None:
        """Return the face in the crop turned by its own roll, which is searched for from a first estimate."""
        angle, found = start, None
        for _ in range(_MAX_LOOKS):
            look = self._look(crop, angle)
            if look is None:
                break
            steady = abs((look.roll - angle + 180.0) % 360.0 - 180.0) < _STEADY
            angle, found = look.roll, look
            if steady:
                break
        return found

    def _look(self, crop: _Crop, angle: float) -> _Look | None:
        """Return the face in the middle of the crop, which is turned by an angle in degrees, counter-clockwise."""
        side = 2 * crop.face
        centre = crop.box.left + crop.box.width / 2, crop.box.top + crop.box.height / 2
        turn = np.asarray(cv2.getRotationMatrix2D(centre, angle, crop.scale), dtype=np.float64)
        turn[:, 2] += crop.face - np.array(centre)
        pixels = warped(crop.image, turn, side, side, border=cv2.BORDER_CONSTANT)
        with self._lock:
            # cast: OpenCV's stubs do not say that it returns None if there is no face
            rows = cast("NDArray[np.float32] | None", self._networks[crop.face].detect(pixels)[1])
        central = [row for row in (() if rows is None else rows) if _is_central(row, crop.face)]
        if not central:
            return None
        row = max(central, key=lambda each: float(each[14]))
        back = cv2.invertAffineTransform(turn)
        points = row[4:14].reshape(5, 2) @ back[:, :2].T + back[:, 2]
        landmarks = Landmarks(*(Point(float(x), float(y)) for x, y in points))
        return _Look(float(row[14]), landmarks, roll(landmarks))


def _score(look: _Look) -> float:
    return look.score


def roll(landmarks: Landmarks) -> float:
    """Return the tilt of a face in degrees, clockwise: the direction of its eyes, its mouth and the line between them.

    >>> point = Point(0.0, 0.0)
    >>> roll(Landmarks(point, Point(0.0, 9.0), point, Point(-9.0, 0.0), Point(-9.0, 9.0)))
    90.0
    """
    (a, b), (c, d), _, (e, f), (g, h) = landmarks  # eyes, nose, corners of the mouth
    down = (e + g - a - c) / 2, (f + h - b - d) / 2
    across = c - a + g - e + down[1], d - b + h - f - down[0]
    return math.degrees(math.atan2(across[1], across[0]))


def _mean(one: Landmarks, other: Landmarks) -> Landmarks:
    return Landmarks(*(Point((a.x + b.x) / 2, (a.y + b.y) / 2) for a, b in zip(one, other, strict=True)))


def _is_central(row: NDArray[np.float32], face: int) -> bool:
    x, y, width, height = (float(number) for number in row[:4])
    off_centre = math.hypot(x + width / 2 - face, y + height / 2 - face)
    return off_centre < _OFF_CENTRE * face and _SIZES[0] * face < max(width, height) < _SIZES[1] * face
