"""How much memory this process has taken, in MiB.

A child's `ru_maxrss` begins at what its parent had when it was started (Linux keeps it over exec), so small children of a
large harness would all look alike. Linux's own record of the address space does not have that flaw and can be reset.
"""

from __future__ import annotations

import sys

KIB = 1024


def peak() -> float:
    """Return the peak of resident memory."""
    return _status("VmHWM")


def resident() -> float:
    """Return what is resident now; the peak where the system does not tell."""
    return _status("VmRSS")


def forget_peak() -> None:
    """Let the peak begin at what is resident now, where the system can."""
    if sys.platform == "linux":
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def _status(name: str) -> float:
    if sys.platform == "linux":
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name)) / KIB
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (KIB * KIB if sys.platform == "darwin" else KIB)
