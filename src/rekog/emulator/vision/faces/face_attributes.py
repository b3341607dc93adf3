"""Attributes of a face: the Protocol of their analysis, and the values that it returns.

All confidences are 0 to 1 and belong to the value that is returned, whether it is true or false.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .... import models  # noqa: TC001 (for tools that evaluate annotations)
from ...._values.frozen import Frozen
from ...._values.lazy import LazyModule
from ...._values.public import publish
from ..boxes import Point  # noqa: TC001 (as above)
from . import DetectedFace  # noqa: TC001 (as above)

if TYPE_CHECKING:
    from .. import images
else:  # for tools that evaluate annotations; the module loads NumPy and Pillow
    images = LazyModule("rekog.emulator.vision.images")

__all__ = ["AgeEstimate", "AnalysedFace", "FaceAnalyser", "GazeEstimate", "GenderEstimate", "Verdict"]


class Verdict(NamedTuple):
    """A property that a face has or has not, and the confidence in this answer."""

    value: bool
    confidence: float


class AgeEstimate(NamedTuple):
    """The range of years within which the age is."""

    low: int
    high: int


class GenderEstimate(NamedTuple):
    """The gender that a face appears to have, and the confidence in it."""

    value: models.GenderType
    confidence: float


class GazeEstimate(NamedTuple):
    """Direction of the eyes relative to the camera, in degrees, with the signs of the head's pose."""

    yaw: float
    pitch: float
    confidence: float


class AnalysedFace(Frozen, public="rekog.emulator"):
    """Attributes of a face; None for those that were not requested or that the analyser can't see.

    `landmarks` are further points by type; those that the detector returned stay as they are.
    """

    landmarks: Mapping[models.LandmarkType, Point] | None = None
    age_range: AgeEstimate | None = None
    gender: GenderEstimate | None = None
    emotions: Mapping[models.EmotionName, float] | None = None
    eye_direction: GazeEstimate | None = None
    smile: Verdict | None = None
    eyeglasses: Verdict | None = None
    sunglasses: Verdict | None = None
    beard: Verdict | None = None
    mustache: Verdict | None = None
    eyes_open: Verdict | None = None
    mouth_open: Verdict | None = None
    face_occluded: Verdict | None = None


class FaceAnalyser(Protocol):
    """Analyses detected faces. Several threads may call it at once."""

    def analyse(self, image: images.DecodedImage, face: DetectedFace, attributes: Collection[str]) -> AnalysedFace:
        """Return the requested attributes of a face, named by `rekog.models.Attribute`.

        ALL requests everything, `landmarks` included; DEFAULT adds nothing.
        """
        ...


publish("rekog.emulator", FaceAnalyser, AgeEstimate, GazeEstimate, GenderEstimate, Verdict)
