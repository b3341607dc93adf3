"""Resident memory of this process, in MiB.

The `ru_maxrss` of a child begins at the value of its parent (Linux keeps it over exec), so all small children of a
large harness would report the same. `VmHWM` in /proc belongs to the address space: it starts anew and can be reset.
"""

from __future__ import annotations

import os
import sys

KIB = 1024
STATUS = "/proc/self/status"
UNIT = KIB * KIB if sys.platform == "darwin" else KIB  # units of `ru_maxrss` in one MiB
HAS_STATUS = os.path.exists(STATUS)  # Linux


def peak() -> float:
    """Return the peak of resident memory."""
    return _status("VmHWM")


def resident() -> float:
    """Return the resident memory; the peak on systems without /proc."""
    return _status("VmRSS")


def forget_peak() -> None:
    """Reset the peak to the resident memory; does nothing on systems without /proc."""
    if HAS_STATUS:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def _status(name: str) -> float:
    if HAS_STATUS:
        with open(STATUS) as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name)) / KIB
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT
