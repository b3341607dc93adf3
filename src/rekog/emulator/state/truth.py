"""What pictures and videos contain by declaration."""

from __future__ import annotations

TABLES: tuple[str, ...] = ()
