"""Load our own plugin, as users may do who have turned off the plugins of installed packages."""

from __future__ import annotations

import faulthandler
import os

pytest_plugins = ["rekog.pytest_plugin"]

EXIT_SECONDS = 60


def pytest_unconfigure() -> None:
    """Print all stacks and exit if a thread outlives the tests: Python would wait for it for ever.

    A worker of pytest-xdist has no time limit: it waits here for the other workers, and the main process ends it.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        faulthandler.dump_traceback_later(EXIT_SECONDS, exit=True)
