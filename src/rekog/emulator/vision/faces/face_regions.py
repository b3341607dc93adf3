"""Attributes that are measured in the pixels of parts of a face: eyeglasses, sunglasses, beard, moustache.

No network with a fit licence knows them. The rules compare parts of the face with its cheeks, so that the colour of the
skin and the light count little:

- A frame of glasses crosses the bridge of the nose as a narrow dark line. Frames without a dark bridge are missed.
- Sunglasses are a class of ImageNet; besides, lenses are darker than the cheeks above and below the lids of both eyes.
- A beard is darker than the cheeks and greyer (its red is closer to its green); a shadow is darker only. A moustache
  is darker on both sides of the philtrum, and not only because the whole lower face is. A face that looks like a
  woman's has neither, unless the difference is great.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from .face_attributes import Verdict
from .face_crops import square_crop
from .face_measures import Curve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..images import DecodedImage
    from .face_crops import SquareCrop
    from .face_mesh import Mesh

    Floats = NDArray[np.float32]
    Points = NDArray[np.float64]

_SIDE = 192
_GAMMA, _BLACK, _BLUR = 2.2, 0.003, 1.2
_LUMINANCE = np.array([0.0722, 0.7152, 0.2126])
"""Weights of linear blue, green and red by ITU-R BT.709."""
_GREEN, _RED = 1, 2

_CHEEK_LEFT, _CHEEK_RIGHT = (117, 118, 101, 36, 205, 50, 187, 123), (346, 347, 330, 266, 425, 280, 411, 352)
_LIP_LEFT, _LIP_RIGHT = ((97, 37), (98, 39), (97, 39)), ((326, 267), (327, 269), (326, 269))
"""Lines from the nose to the upper lip."""
_CHIN = ((17, 152), (84, 148), (314, 377), (181, 176), (405, 400))
"""Lines from the lower lip to the edge of the chin."""
_EYE_LEFT, _EYE_RIGHT = (159, 158, 160, 145, 144, 153), (386, 385, 387, 374, 373, 380)
_UNDER_LEFT, _UNDER_RIGHT = (118, 119, 120, 117), (347, 348, 349, 346)
"""Points below the eyes, which lenses cover."""
_BRIDGE = (8, 197)
_FRONTAL, _UNKNOWN = 35.0, 0.55
"""Degrees, and the confidence in the absence of glasses beyond them: most faces wear none."""
_BRIDGE_STEPS, _BRIDGE_END, _BRIDGE_LINE = 48, 4, 13
_BRIDGE_LINES = (-0.05, -0.025, 0.0, 0.025, 0.05)
_OUTER_LEFT, _OUTER_RIGHT = 33, 263

_EYEGLASSES = Curve(0.08, 0.02, 0.85, 0.95)
_SUNGLASSES = Curve(0.0, 0.6, 0.98, 0.98)
_BEARD = Curve(1.75, 0.35, 0.9, 0.8)
_MUSTACHE = Curve(0.55, 0.15, 0.93, 0.8)
_SUNGLASSES_CLASS, _LENS = 0.1, 0.8
_CHROMA = 4.0
_WOMAN = 1.5


class FaceRegions:
    """The pixels of a face, in linear light, at the points of its mesh."""

    def __init__(self, image: DecodedImage, mesh: Mesh) -> None:
        crop = square_crop(image, mesh.square, _SIDE)
        self._points: Points = crop.from_image(mesh.points)
        self._grey = _grey(crop)
        linear = (crop.pixels.astype(np.float32) / 255) ** _GAMMA + _BLACK
        self._light: Floats = np.asarray(cv2.GaussianBlur(linear, (0, 0), _BLUR), np.float32)
        self._cheeks = self._median(self._points[[*_CHEEK_LEFT]]), self._median(self._points[[*_CHEEK_RIGHT]])

    def eyeglasses(self, yaw: float, reliability: float) -> Verdict:
        """Return whether a dark line crosses the bridge of the nose; of a head turned far that may be its outline."""
        if abs(yaw) > _FRONTAL:
            return Verdict(value=False, confidence=_UNKNOWN)
        return _EYEGLASSES.verdict(self._bridge(), reliability)

    def sunglasses(self, probability: float, reliability: float) -> Verdict:
        """Return whether lenses hide the eyes, also by the `probability` of sunglasses in a classification."""
        by_class = np.log(max(probability, 1e-6) / _SUNGLASSES_CLASS)
        darkness = [
            _darkness(cheek, self._median(self._points[[*numbers]]))
            for cheek, numbers in zip(
                (*self._cheeks, *self._cheeks), (_EYE_LEFT, _EYE_RIGHT, _UNDER_LEFT, _UNDER_RIGHT), strict=True
            )
        ]
        by_lens = (min(darkness) - _LENS) / 0.2
        return _SUNGLASSES.verdict(float(max(by_class, by_lens)), reliability)

    def beard(self, male: float, reliability: float) -> Verdict:
        """Return whether the chin is darker and greyer than the cheeks."""
        both = np.sqrt(self._cheeks[0] * self._cheeks[1])
        chin = self._median(self._along(_CHIN, (0.45, 0.6, 0.75, 0.9)))
        score = _darkness(both, chin) + _CHROMA * _greyness(both, chin)
        return _BEARD.verdict(score - _doubt(male), reliability)

    def mustache(self, male: float, reliability: float) -> Verdict:
        """Return whether both sides of the philtrum are darker than the cheeks."""
        lips = [self._median(self._along(lines, (0.3, 0.5, 0.7))) for lines in (_LIP_LEFT, _LIP_RIGHT)]
        both = np.sqrt(self._cheeks[0] * self._cheeks[1])
        chin = _darkness(both, self._median(self._along(_CHIN, (0.45, 0.6, 0.75, 0.9))))
        darker = min(_darkness(cheek, lip) for cheek, lip in zip(self._cheeks, lips, strict=True))
        return _MUSTACHE.verdict(darker - max(0.0, chin) / 2 - _doubt(male), reliability)

    def _bridge(self) -> float:
        """Return how much darker than its surroundings, in ratios of the cheeks, a line across the nose is."""
        points = self._points
        start, end = points[_BRIDGE[0]], points[_BRIDGE[1]]
        axis = (end - start) / max(1e-6, float(np.hypot(*(end - start))))
        eyes = float(np.hypot(*(points[_OUTER_LEFT] - points[_OUTER_RIGHT])))
        steps = np.linspace(0.0, 1.0, _BRIDGE_STEPS)[:, np.newaxis]
        across = np.array([-axis[1], axis[0]]) * eyes
        lines = [_sampled(self._grey, start + (end - start) * steps + across * offset) for offset in _BRIDGE_LINES]
        profile = np.median(lines, axis=0)[np.newaxis].astype(np.float32)
        closed = cv2.morphologyEx(profile, cv2.MORPH_CLOSE, np.ones((1, _BRIDGE_LINE), np.uint8))
        cheeks = np.median(_sampled(self._grey, points[[*_CHEEK_LEFT[:6], *_CHEEK_RIGHT[:6]]]))
        return float((closed - profile)[0, _BRIDGE_END:-_BRIDGE_END].max()) / max(1.0, float(cheeks))

    def _along(self, lines: Sequence[tuple[int, int]], places: Sequence[float]) -> Points:
        """Return points at the given parts of lines between points of the mesh."""
        points = self._points
        return np.array([points[a] + (points[b] - points[a]) * place for a, b in lines for place in places])

    def _median(self, places: Points) -> NDArray[np.float64]:
        x, y = np.clip(np.round(places).astype(int), 0, _SIDE - 1).T
        return np.asarray(np.median(self._light[y, x], axis=0), np.float64)


def _grey(crop: SquareCrop) -> Floats:
    grey = cv2.cvtColor(crop.pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.float32)


def _sampled(grey: Floats, places: Points) -> Floats:
    x, y = places.astype(np.float32).T
    return np.asarray(cv2.remap(grey, x[np.newaxis], y[np.newaxis], cv2.INTER_LINEAR)[0], np.float32)


def _darkness(skin: NDArray[np.float64], part: NDArray[np.float64]) -> float:
    return float(np.log(skin @ _LUMINANCE) - np.log(part @ _LUMINANCE))


def _greyness(skin: NDArray[np.float64], part: NDArray[np.float64]) -> float:
    return float(np.log(skin[_RED] / skin[_GREEN]) - np.log(part[_RED] / part[_GREEN]))


def _doubt(male: float) -> float:
    """Return by how much the score must be higher for a face that is a man's with this probability."""
    return _WOMAN * max(0.0, 0.6 - male)
