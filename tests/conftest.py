"""Load our own plugin late: as an entry point it comes before coverage is measured, and `rekog` with it."""

from __future__ import annotations

import faulthandler

pytest_plugins = ["rekog.testing"]

LEAVE_WITHIN = 60  # seconds


def pytest_unconfigure() -> None:
    """A thread that a test left behind is shown and ended: Python would wait for it for ever."""
    faulthandler.dump_traceback_later(LEAVE_WITHIN, exit=True)
