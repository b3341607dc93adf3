"""Attributes of detected faces, in the form of the service's responses; one that can't be seen is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ... import models
from .. import refusals
from ..refusals import RefusalError
from ..vision import NetworksOffError, needs_extra
from .declared import declaring
from .declared_faces import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..context import Context
    from ..vision.boxes import Point
    from ..vision.faces import DetectedFace
    from ..vision.faces.face_attributes import AnalysedFace, FaceAnalyser, Verdict
    from ..vision.images import DecodedImage

_UNSEEN = frozenset({models.Attribute.FACE_OCCLUDED})
"""Attributes that our analyser can't see. ALL leaves them out: refusing it would refuse most programs, and an answer
would be made up. By name they are refused."""
_ATTRIBUTES = frozenset(FIELDS)

IN_VIDEOS = ("StartFaceDetection", "StartFaceSearch")
_DECLARATIONS = ("image, faces=[...]", "'s3://BUCKET/KEY', faces=[...]")
"""The declaration that replaces the analysis, of an image and of a video."""

Answer = TypeVar("Answer")


class FaceAnalysis:
    """The analysis of the faces of one request or video: what is requested, and the analyser if anything is.

    An attribute of `attributes` that can't be seen is refused, one of `optional` is left out.
    """

    def __init__(
        self,
        context: Context,
        operation: str,
        attributes: Iterable[str] = (),
        optional: Iterable[models.Attribute] = (),
    ) -> None:
        self._operation = operation
        names = set(attributes) - {models.Attribute.DEFAULT}
        self._everything = models.Attribute.ALL in names
        self._required = _ATTRIBUTES - _UNSEEN | names if self._everything else names
        self._requested = _ATTRIBUTES | names if self._everything else names.union(optional)
        self._analyser = self._find_analyser(context) if self._requested else None

    def complete(self, detail: models.FaceDetail, image: DecodedImage, face: DetectedFace) -> None:
        """Add the requested attributes to a face."""
        if self._analyser is None:
            return
        with needs_extra():
            seen = self._analyser.analyse(image, face, self._requested)
        members = {name: value for name, value in _members(seen).items() if name in self._requested}
        missing = [name for name in FIELDS if name in self._required and members[name] is None]
        if missing:
            raise self._refused(missing)
        for name, value in members.items():
            setattr(detail, name.lower(), value)
        if self._everything and seen.landmarks is not None:
            detail.landmarks = [*detail.landmarks, *_landmarks(seen.landmarks, image)]

    def _find_analyser(self, context: Context) -> FaceAnalyser | None:
        try:
            with needs_extra():
                return context.vision.face_analyser
        except NetworksOffError:
            if self._required:
                raise self._refused(name for name in FIELDS if self._everything or name in self._required) from None
        except RefusalError:  # the networks are not installed
            if self._required:
                raise
        return None

    def _refused(self, names: Iterable[str]) -> RefusalError:
        in_video = self._operation in IN_VIDEOS
        request = "FaceAttributes='DEFAULT'" if in_video else "Attributes=['DEFAULT']"
        return refusals.not_served(
            f"{self._operation}: this emulator can't detect these face attributes and does not make up values: "
            f"{', '.join(names)}. Request {request}, or declare the attributes with "
            f"{declaring(_DECLARATIONS[in_video])}."
        )


def _members(seen: AnalysedFace) -> dict[models.Attribute, object]:
    """Return the attributes in the form of the service's responses."""
    age, gender, gaze, emotions = seen.age_range, seen.gender, seen.eye_direction, seen.emotions
    return {
        models.Attribute.AGE_RANGE: age and models.AgeRange(low=age.low, high=age.high),
        models.Attribute.GENDER: gender and models.Gender(value=gender.value, confidence=100.0 * gender.confidence),
        models.Attribute.EMOTIONS: None if emotions is None else _emotions(emotions),
        models.Attribute.EYE_DIRECTION: gaze
        and models.EyeDirection(yaw=gaze.yaw, pitch=gaze.pitch, confidence=100.0 * gaze.confidence),
        models.Attribute.SMILE: _answer(models.Smile, seen.smile),
        models.Attribute.EYEGLASSES: _answer(models.Eyeglasses, seen.eyeglasses),
        models.Attribute.SUNGLASSES: _answer(models.Sunglasses, seen.sunglasses),
        models.Attribute.BEARD: _answer(models.Beard, seen.beard),
        models.Attribute.MUSTACHE: _answer(models.Mustache, seen.mustache),
        models.Attribute.EYES_OPEN: _answer(models.EyeOpen, seen.eyes_open),
        models.Attribute.MOUTH_OPEN: _answer(models.MouthOpen, seen.mouth_open),
        models.Attribute.FACE_OCCLUDED: _answer(models.FaceOccluded, seen.face_occluded),
    }


def _answer(kind: Callable[..., Answer], verdict: Verdict | None) -> Answer | None:
    return None if verdict is None else kind(value=verdict.value, confidence=100.0 * verdict.confidence)


def _emotions(emotions: Mapping[models.EmotionName, float]) -> list[models.Emotion]:
    """Return the emotions, the most likely first."""
    ordered = sorted(emotions.items(), key=lambda pair: -pair[1])
    return [models.Emotion(type=name, confidence=100.0 * confidence) for name, confidence in ordered]


def _landmarks(points: Mapping[models.LandmarkType, Point], image: DecodedImage) -> list[models.Landmark]:
    return [
        models.Landmark(type=name, x=point.x / image.width, y=point.y / image.height) for name, point in points.items()
    ]
