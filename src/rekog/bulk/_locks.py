"""An advisory lock on an open file, which ends with the process, also when that is killed."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from importlib import import_module
from typing import Any

_NAME = "msvcrt" if os.name == "nt" else "fcntl"
_PLACE = 2**31 - 2
"""The byte that Windows locks: no other process could read it, so it is far behind the lines of most checkpoints."""
_HELD = (errno.EACCES, errno.EAGAIN)


def lock(number: int) -> bool:
    """Lock the file of a descriptor, and return False if another descriptor has the lock, in this process or another.

    A file system without locks leaves the file unlocked, and so does a file of 2 GiB on Windows.
    """
    system: Any = import_module(_NAME)  # `Any`: each of the modules has types on its own system only
    try:
        if _NAME == "fcntl":
            system.flock(number, system.LOCK_EX | system.LOCK_NB)
        elif os.fstat(number).st_size <= _PLACE:
            os.lseek(number, _PLACE, os.SEEK_SET)
            system.locking(number, system.LK_NBLCK, 1)
    except OSError as error:
        return error.errno not in _HELD
    return True


def unlock(number: int) -> None:
    """Unlock the file at once: a process that was forked during the run would keep it locked until it ends."""
    system: Any = import_module(_NAME)
    with suppress(OSError):
        if _NAME == "fcntl":
            system.flock(number, system.LOCK_UN)
        else:
            os.lseek(number, _PLACE, os.SEEK_SET)
            system.locking(number, system.LK_UNLCK, 1)
