"""What the emulator remembers: one SQLite database, in memory or in a file."""

from __future__ import annotations

from .store import State, StateError

__all__ = ["State", "StateError"]
