"""Rows of users."""

from __future__ import annotations

TABLES: tuple[str, ...] = ()
