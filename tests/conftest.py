"""Load our own plugin, as users may do who have turned off the plugins of installed packages, and share out the tests.

Half of the time of the tests is waiting: for sockets, processes and timeouts. Two workers per core use it. Files that
take longest begin first, so that no worker begins one of them when the others have ended.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
from collections.abc import Generator
from functools import cache
from importlib import import_module

import pytest

pytest_plugins = ["rekog.pytest_plugin"]

EXIT_SECONDS = 60
MAX_WORKERS = 8
"""Maximum number of workers above one per core: each imports all tests, which takes seconds of CPU and 400 MB."""

MANY = 1000
"""Number of tests above which the objects of the collected tests slow each collection of garbage down."""

THREADS = ("OPENCV_FOR_THREADS_NUM", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Numbers of threads of OpenCV and NumPy: those of several workers would wait for one another in busy loops."""

LONG = """
    tests/drivers/test_lifetimes.py
    tests/client/test_plugin.py
    tests/planted/test_runner.py
    tests/emulator/serving/
    tests/emulator/test_command_line.py
    tests/emulator/reference/test_reference_model.py
    tests/emulator/handlers/test_page_tokens.py
    tests/drivers/test_effects.py
    weights/tests/
    tests/emulator/vision/
""".split()
"""Files that take more than four seconds, and folders with such files."""


def pytest_xdist_auto_num_workers() -> int:
    """Return two workers per core, but at most `MAX_WORKERS` unless there are as many cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(cores, min(2 * cores, MAX_WORKERS))


def pytest_configure() -> None:
    """Let Python store byte code: a process that a test starts takes three times as long if it compiles our modules."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    for name in THREADS:
        os.environ.setdefault(name, "1")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while pytest collects the tests: nearly all of the objects remain."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the tests of the long files to the front; xdist keeps the order by `--no-loadscope-reorder`."""
    items.sort(key=lambda item: rank(item.nodeid.partition("::")[0]))


@cache
def rank(path: str) -> int:
    """Return the place of a file in `LONG`, or a higher number."""
    return next((number for number, long in enumerate(LONG) if path.startswith(long)), len(LONG))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Exempt the collected tests and their modules from later collections, which some tests do many times."""
    if len(session.items) > MANY:
        import_module("hypothesis")  # it looks for the referrers of generators: a frozen object has none
        gc.collect()
        gc.freeze()


def pytest_unconfigure() -> None:
    """Print all stacks and exit if a thread outlives the tests: Python would wait for it for ever.

    A worker of pytest-xdist has no time limit: it waits here for the other workers, and the main process ends it.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        faulthandler.dump_traceback_later(EXIT_SECONDS, exit=True)
