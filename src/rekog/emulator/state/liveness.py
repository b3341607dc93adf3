"""Rows of liveness sessions."""

from __future__ import annotations

TABLES: tuple[str, ...] = ()
