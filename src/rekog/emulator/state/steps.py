"""Due steps that are done once, whoever looks at them how often."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from . import schedule

if TYPE_CHECKING:
    from .schedule import Event


def claim(connection: sqlite3.Connection, event: Event) -> bool:
    """Tell whether a step is still to be done, and take it; to be asked in the transaction in which it is done.

    Two threads may find the same step due, and one may come to it only when its resource is in a later round of the
    same states, where the step must do nothing.
    """
    before = connection.total_changes
    schedule.forget(connection, event.key)
    return connection.total_changes > before


def row_key(event: Event) -> int:
    """Return the key of the row that a step is about."""
    return int(str(event.detail["key"]))
