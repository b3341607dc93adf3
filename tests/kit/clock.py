"""Time in tests: the fixed time of the emulators that they open, and waiting for a condition."""

from __future__ import annotations

import time
from collections.abc import Callable

NOW = 1_700_000_000.5
"""Epoch seconds that the clock of the fixture `emulator` returns."""

LIMIT_SECONDS = 60.0
"""Real seconds after which `wait_until` fails."""


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait in real time until a condition is true."""
    end = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
