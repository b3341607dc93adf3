"""The two networks of face-api.js: the expression of a face, and its age and gender.

Both see the face's box without a margin. The second changes its mind with the crop (one face is 31 or 40), so it sees
two crops, and the results are their means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .... import models
from ..images import remembered
from ..networks import Network
from .face_crops import square_crop
from .face_mesh import face_square

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..images import DecodedImage
    from . import DetectedFace

_SIDE = 112
_AGE_CROPS = (1.0, 1.2)
"""Sides of the crops, in sides of the face's box."""
_TEMPERATURE = 2.5
"""Flattens the probabilities of the expressions: the network gives 1.00 to every second face."""
EXPRESSIONS = (
    models.EmotionName.CALM,
    models.EmotionName.HAPPY,
    models.EmotionName.SAD,
    models.EmotionName.ANGRY,
    models.EmotionName.FEAR,
    models.EmotionName.DISGUSTED,
    models.EmotionName.SURPRISED,
)
"""The service's names of the network's classes, in its order; it says neutral for CALM."""


class AgeGender(NamedTuple):
    """The age in years, and the probability that a face is a man's."""

    age: float
    male: float


class FaceExpression:
    """Classifies expressions."""

    def __init__(self) -> None:
        self._network = Network("face_expression", "probabilities")

    def probabilities(self, image: DecodedImage, face: DetectedFace) -> Mapping[models.EmotionName, float]:
        """Return the probability of each expression of `EXPRESSIONS`, flattened."""
        return remembered(image, (self, face), lambda: self._probabilities(image, face))

    def _probabilities(self, image: DecodedImage, face: DetectedFace) -> Mapping[models.EmotionName, float]:
        (output,) = self._network.run(square_crop(image, face_square(face, 1.0), _SIDE).blob())
        flat = np.maximum(output[0].astype(np.float64), 1e-12) ** (1 / _TEMPERATURE)
        return dict(zip(EXPRESSIONS, (flat / flat.sum()).tolist(), strict=True))


class FaceAgeGender:
    """Estimates age and gender."""

    def __init__(self) -> None:
        self._network = Network("face_age_gender", "age", "gender")

    def estimate(self, image: DecodedImage, face: DetectedFace) -> AgeGender:
        """Return the means of the crops."""
        return remembered(image, (self, face), lambda: self._estimate(image, face))

    def _estimate(self, image: DecodedImage, face: DetectedFace) -> AgeGender:
        crops = [square_crop(image, face_square(face, around), _SIDE) for around in _AGE_CROPS]
        outputs = [self._network.run(crop.blob()) for crop in crops]
        ages, genders = zip(*outputs, strict=True)
        return AgeGender(
            float(np.mean([age.ravel()[0] for age in ages])), float(np.mean([each.ravel()[0] for each in genders]))
        )
