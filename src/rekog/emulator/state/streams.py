"""Rows of stream processors."""

from __future__ import annotations

TABLES: tuple[str, ...] = ()
