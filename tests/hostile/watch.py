"""Watch a process during an attack: silent errors, its environment, its memory and its descriptors."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
import threading
from collections.abc import Generator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hostile.attack import Report

KIB = 1024


@contextlib.contextmanager
def watching(report: Report) -> Generator[None]:
    """Count errors that reach no caller: unraisable ones, those of threads, and those that an event loop logs."""

    def unraisable(event: sys.UnraisableHookArgs) -> None:
        report.fault(f"unraisable {event.exc_type.__name__}: {event.exc_value}"[:200])

    def in_thread(event: threading.ExceptHookArgs) -> None:
        report.fault(f"in a thread {event.exc_type.__name__}: {event.exc_value}"[:200])

    class Loop(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            report.fault(f"logged by {record.name}: {record.getMessage()}".splitlines()[0][:200])

    handler = Loop(logging.ERROR)
    loops = logging.getLogger("asyncio")
    before = sys.unraisablehook, threading.excepthook
    sys.unraisablehook, threading.excepthook = unraisable, in_thread
    loops.addHandler(handler)
    try:
        yield
        gc.collect()  # unclosed resources report themselves now
    finally:
        loops.removeHandler(handler)
        sys.unraisablehook, threading.excepthook = before


def clean_environment() -> None:
    """Remove the settings of AWS and of proxies from the environment of this process, and drop the log's warnings."""
    logging.lastResort = logging.NullHandler()
    for name in list(os.environ):
        if (
            name.startswith("AWS_")
            or name.lower().endswith("_proxy")
            or name in {"REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}
        ):
            del os.environ[name]
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true"
    )


@contextlib.contextmanager
def environment(**values: str) -> Generator[None]:
    """Set variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def resident_mib(pid: int | None = None) -> float | None:
    """Return the resident memory of this or another process in MiB, or None where /proc does not exist."""
    try:
        with open(f"/proc/{pid or 'self'}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / KIB**2
    except OSError:
        return None


def descriptors() -> int | None:
    """Return the number of open descriptors of this process, or None where /proc does not exist."""
    gc.collect()
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return None


class Growth:
    """Compares memory, descriptors and threads with those at its creation, after a warm-up."""

    def __init__(self) -> None:
        gc.collect()
        self._memory = resident_mib()
        self._descriptors = descriptors()
        self._threads = threading.active_count()

    def check(self, report: Report, place: str, *, mib: float, open_files: int = 4, threads: int = 2) -> None:
        """Count a fault for each quantity that grew by more than its limit."""
        grown = (descriptors() or 0) - (self._descriptors or 0)
        report.check(grown <= open_files, f"the number of open descriptors grew by {grown} in {place}")
        more = threading.active_count() - self._threads
        report.check(more <= threads, f"the number of threads grew by {more} in {place}")
        memory = resident_mib()
        if memory is not None and self._memory is not None:
            report.largest("MiB of growth", round(memory - self._memory))
            report.check(memory - self._memory <= mib, f"memory grew by more than {mib:g} MiB in {place}")
