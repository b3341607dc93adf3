"""How much memory this process has taken, in MiB.

A child's `ru_maxrss` begins at what its parent had when it was started (Linux keeps it over exec), so small children of
a large harness would all look alike. Linux's record of the address space does not have that flaw and can be reset.
"""

from __future__ import annotations

import os
import sys

KIB = 1024
STATUS = "/proc/self/status"
UNIT = KIB * KIB if sys.platform == "darwin" else KIB  # of `ru_maxrss` in a MiB
HAS_STATUS = os.path.exists(STATUS)  # Linux


def peak() -> float:
    """Return the peak of resident memory."""
    return _status("VmHWM")


def resident() -> float:
    """Return what is resident now; the peak where the system does not tell."""
    return _status("VmRSS")


def forget_peak() -> None:
    """Let the peak begin at what is resident now, where the system can."""
    if HAS_STATUS:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def _status(name: str) -> float:
    if HAS_STATUS:
        with open(STATUS) as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name)) / KIB
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT
