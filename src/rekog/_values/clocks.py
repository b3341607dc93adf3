"""The clocks of the process.

A default argument `time.time` would keep the function that the module had at its import. Libraries that freeze time,
such as freezegun, replace it later, or have replaced it then. These functions look it up at each call, as does
`(clock or time.monotonic)()` in the places that every call passes.
"""

from __future__ import annotations

import time


def real_time() -> float:
    """Return the time in epoch seconds."""
    return time.time()


def monotonic() -> float:
    """Return the seconds of a clock that only advances."""
    return time.monotonic()
