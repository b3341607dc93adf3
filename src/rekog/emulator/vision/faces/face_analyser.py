"""The analysis of a face's attributes by five networks and by rules; each network runs only if it is needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ....models import Attribute, EmotionName, GenderType
from ..efficientnet import EfficientNet  # noqa: TC001 (NamedTuple)
from ..images import remembered, scaled_down
from . import face_measures
from .face_attributes import AgeEstimate, AnalysedFace, GenderEstimate
from .face_crops import square_crop
from .face_landmarks import EYE_LEFT, EYE_RIGHT, five_landmarks, further_landmarks
from .face_mesh import FaceMesh  # noqa: TC001
from .face_networks import FaceAgeGender, FaceExpression
from .face_regions import FaceRegions
from .iris import Iris
from .pose import estimate_pose

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ....models import LandmarkType
    from ..boxes import Point
    from ..images import DecodedImage
    from . import DetectedFace
    from .face_attributes import GazeEstimate, Verdict
    from .face_mesh import Mesh
    from .face_networks import AgeGender
    from .iris import Eye

Seen = TypeVar("Seen")

_CLASSIFIED_SIDE = 224
_SUNGLASSES = (836, 837)
"""ImageNet's classes of sunglasses."""
_RELIABLE_SIDE = 60.0
_LEAST_RELIABLE = 0.2
_AGE_WIDTH, _AGE_WIDTH_PER_YEAR = 4.0, 0.1
"""Years of the range on either side of the estimate: the network's author states a mean error of 4.5 years."""
_TOO_YOUNG_FROM, _TOO_YOUNG = 45.0, 0.2
"""Estimate from which the range reaches further up, and by how much a year: people over 50 are estimated 5 to 10 years
too young."""
_SUREST_GENDER = 0.98


class NetworkFaceAnalyser:
    """Sees all attributes but FACE_OCCLUDED: no network here tells a hand in front of a chin from the chin."""

    def __init__(self, mesh: FaceMesh, classifier: EfficientNet) -> None:
        self._networks = _Networks(mesh, Iris(), FaceExpression(), FaceAgeGender(), classifier)

    def analyse(self, image: DecodedImage, face: DetectedFace, attributes: Collection[str]) -> AnalysedFace:
        """Return the requested attributes of a face; ALL requests everything."""
        look = _Look(self._networks, image, face)
        everything = Attribute.ALL in attributes

        def wanted(attribute: Attribute, see: Callable[[], Seen]) -> Seen | None:
            return see() if everything or attribute in attributes else None

        return AnalysedFace(
            landmarks=look.landmarks() if everything else None,
            age_range=wanted(Attribute.AGE_RANGE, look.age_range),
            gender=wanted(Attribute.GENDER, look.gender),
            emotions=wanted(Attribute.EMOTIONS, look.emotions),
            eye_direction=wanted(Attribute.EYE_DIRECTION, look.eye_direction),
            smile=wanted(Attribute.SMILE, look.smile),
            eyeglasses=wanted(Attribute.EYEGLASSES, look.eyeglasses),
            sunglasses=wanted(Attribute.SUNGLASSES, look.sunglasses),
            beard=wanted(Attribute.BEARD, look.beard),
            mustache=wanted(Attribute.MUSTACHE, look.mustache),
            eyes_open=wanted(Attribute.EYES_OPEN, look.eyes_open),
            mouth_open=wanted(Attribute.MOUTH_OPEN, look.mouth_open),
        )


class _Networks(NamedTuple):
    mesh: FaceMesh
    iris: Iris
    expression: FaceExpression
    age_gender: FaceAgeGender
    classifier: EfficientNet


class _Look:
    """The look at one face: each result of a network is computed once, when an attribute first needs it."""

    def __init__(self, networks: _Networks, image: DecodedImage, face: DetectedFace) -> None:
        self._networks, self._image, self._face = networks, image, face

    @cached_property
    def _mesh(self) -> Mesh:
        return self._networks.mesh.locate(self._image, self._face)

    @cached_property
    def _eyes(self) -> tuple[Eye, Eye]:
        iris, points = self._networks.iris, self._mesh.points
        left, right = ((points[outer], points[inner]) for outer, inner in (EYE_LEFT, EYE_RIGHT))
        return iris.locate(self._image, *left, mirrored=False), iris.locate(self._image, *right, mirrored=True)

    @cached_property
    def _expression(self) -> Mapping[EmotionName, float]:
        return self._networks.expression.probabilities(self._image, self._face)

    @cached_property
    def _age_gender(self) -> AgeGender:
        return self._networks.age_gender.estimate(self._image, self._face)

    @cached_property
    def _regions(self) -> FaceRegions:
        return FaceRegions(self._image, self._mesh)

    def _sunglasses_class(self) -> float:
        crop = square_crop(self._image, self._mesh.square, _CLASSIFIED_SIDE)
        classified = self._networks.classifier.classify(scaled_down(crop.pixels, _CLASSIFIED_SIDE, _CLASSIFIED_SIDE))
        return float(classified.probabilities[[*_SUNGLASSES]].sum())

    @cached_property
    def _reliability(self) -> float:
        """Reliability of the results, 0 to 1: less for small faces, and for those that the mesh does not fit."""
        side = max(self._face.box.width, self._face.box.height)
        return min(1.0, max(_LEAST_RELIABLE, min(side / _RELIABLE_SIDE, self._mesh.face)))

    def landmarks(self) -> Mapping[LandmarkType, Point]:
        return further_landmarks(self._mesh, *self._eyes)

    def age_range(self) -> AgeEstimate:
        age = min(max(self._age_gender.age, 0.0), 100.0)
        width = _AGE_WIDTH + _AGE_WIDTH_PER_YEAR * age
        more = max(0.0, age - _TOO_YOUNG_FROM) * _TOO_YOUNG
        return AgeEstimate(max(0, round(age - width)), round(age + width + more))

    def gender(self) -> GenderEstimate:
        male = self._age_gender.male
        sure = 0.5 + (min(max(male, 1.0 - male), _SUREST_GENDER) - 0.5) * self._reliability
        return GenderEstimate(GenderType.MALE if male >= 0.5 else GenderType.FEMALE, sure)

    def emotions(self) -> Mapping[EmotionName, float]:
        return {**self._expression, EmotionName.CONFUSED: 0.0}  # the network has no such class

    def eye_direction(self) -> GazeEstimate:
        return face_measures.gaze(self._mesh, *self._eyes, self._reliability)

    def smile(self) -> Verdict:
        return face_measures.smile(self._mesh, self._expression[EmotionName.HAPPY], self._reliability)

    def eyeglasses(self) -> Verdict:
        yaw = estimate_pose(five_landmarks(self._mesh)).yaw
        return self._regions.eyeglasses(yaw, self._reliability)

    def sunglasses(self) -> Verdict:
        key = (self._networks.classifier, self._face)
        probability = remembered(self._image, key, self._sunglasses_class)
        return self._regions.sunglasses(probability, self._reliability)

    def beard(self) -> Verdict:
        return self._regions.beard(self._age_gender.male, self._reliability)

    def mustache(self) -> Verdict:
        return self._regions.mustache(self._age_gender.male, self._reliability)

    def eyes_open(self) -> Verdict:
        return face_measures.eyes_open(self._mesh, *self._eyes, self._reliability)

    def mouth_open(self) -> Verdict:
        return face_measures.mouth_open(self._mesh, self._reliability)
