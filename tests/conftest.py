"""Load our own plugin late: as an entry point it comes before coverage is measured, and `rekog` with it."""

from __future__ import annotations

import faulthandler
import os

pytest_plugins = ["rekog.testing"]

LEAVE_WITHIN = 60  # seconds


def pytest_unconfigure() -> None:
    """A thread that a test left behind is shown and ended: Python would wait for it for ever.

    A worker of pytest-xdist waits here for the others, however long they take, and is ended by them.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        faulthandler.dump_traceback_later(LEAVE_WITHIN, exit=True)
