"""What the emulator remembers: one SQLite database, in memory or in a file."""

from __future__ import annotations

from .store import State, StateError, StorageError, existing

__all__ = ["State", "StateError", "StorageError", "existing"]
