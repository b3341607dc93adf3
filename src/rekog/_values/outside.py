"""The place of a warning: the first frame outside of the package."""

from __future__ import annotations

from inspect import currentframe


def outside_level() -> int:
    """Return the `stacklevel` of a warning at the first frame outside of the package, seen from the caller."""
    frame, level = currentframe(), 0
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "rekog":
        frame, level = frame.f_back, level + 1
    return level
