"""Warn about a region that no partition lists: a typing error would show only at the first call, as an unknown host.

The region is used all the same, because AWS opens regions that the installed list does not have yet.
"""

from __future__ import annotations

import warnings
from difflib import get_close_matches

from .._generated.partitions import REGIONS
from .._values.errors import RekogWarning
from .._values.outside import outside_level

_WARNED: set[str] = set()


def warn_of_region(region: str, host: str) -> None:
    """Warn about an unlisted region at the line of the caller, once in a process."""
    if region in _WARNED:
        return
    name = region.lower()
    near = (
        get_close_matches(name, REGIONS, n=3)
        or [known for known in REGIONS if known[:2] == name[:2] and "iso" not in known][:3]
    )
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "the names are like 'us-east-1'."
    warnings.warn(
        f"region {region!r} is not in the list of AWS regions: {hint} Requests go to {host}; ignore this warning for a"
        " region that is newer than the list",
        RekogWarning,
        stacklevel=outside_level(),
    )
    _WARNED.add(region)  # only now: a filter may have made an error of the warning
