"""An attack and its report.

An attack is a function that takes the number of its attempts and a report. The docstring of its module states the law
that it attacks. It counts each attempt, and each violation of the law as a fault with a short text. The texts of equal
faults are equal, so that the report counts them.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass


class Report:
    """The attempts, faults and figures of one run of an attack. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.attempts = 0
        self.faults: Counter[str] = Counter()
        self.figures: Counter[str] = Counter()

    def attempt(self, count: int = 1) -> None:
        """Count attempts."""
        with self._lock:
            self.attempts += count

    def fault(self, text: str) -> None:
        """Count a violation of the law."""
        with self._lock:
            self.faults[text] += 1

    def figure(self, name: str, count: int = 1) -> None:
        """Count an outcome that the law allows."""
        with self._lock:
            self.figures[name] += count

    def largest(self, name: str, value: int) -> None:
        """Keep the largest value of a figure."""
        with self._lock:
            self.figures[name] = max(self.figures[name], value)

    def check(self, holds: object, text: str) -> None:
        """Count a fault unless the condition holds."""
        if not holds:
            self.fault(text)


@dataclass(frozen=True)
class Attack:
    """An attack with its usual number of attempts."""

    name: str
    count: int
    run: Callable[[int, Report], None]
    seconds: float = 600.0
    """The limit for the usual number of attempts; after it, the process prints its stacks and ends."""
    minimum: int = 1
    """The smallest number of attempts that includes each kind of input once."""

    @property
    def law(self) -> str:
        """The docstring of the attack's module."""
        return (sys.modules[self.run.__module__].__doc__ or "").strip()

    def scaled(self, share: float) -> int:
        """Return the number of attempts for a share of the usual one."""
        return max(self.minimum, round(self.count * share))
