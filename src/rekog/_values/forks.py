"""Locks in a forked process: the child gets new ones.

A fork copies each lock in its present state, but only the thread that forks. So a lock that another thread holds at
that moment stays locked in the child for ever. `os.register_at_fork` calls a function in the child before other code.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from weakref import WeakSet


class Forkable:
    """Base class of objects with a lock that several threads use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _living.add(self)

    def _renew(self) -> None:
        """Make a new lock in a child process; subclasses also forget the work of threads that the child lacks."""
        self._lock = threading.Lock()


_living: WeakSet[Forkable] = WeakSet()


def _renew_all() -> None:
    for value in list(_living):
        value._renew()  # pyright: ignore[reportPrivateUsage]  # the class is of this module


_register: Callable[..., object] = getattr(os, "register_at_fork", dict)  # Windows has no such function and no forks
_register(after_in_child=_renew_all)
