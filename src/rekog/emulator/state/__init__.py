"""State of the emulator: one SQLite database, in memory or in a file."""

from __future__ import annotations

from .store import ClosedError, State, StateError, StorageError, open_existing

__all__ = ["ClosedError", "State", "StateError", "StorageError", "open_existing"]
