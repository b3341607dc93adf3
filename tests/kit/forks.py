"""Forked children of the test process."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 60  # seconds after which a child that hangs is ended


def succeeds_in_child(function: Callable[[], object]) -> bool:
    """Call a function in a forked child, and return whether it ended without an error and in time."""
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    child = os.fork()
    if child == 0:  # the child must not continue the test run
        code = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(LIMIT)
            function()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
