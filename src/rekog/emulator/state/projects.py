"""Rows of projects, versions, datasets and policies."""

from __future__ import annotations

TABLES: tuple[str, ...] = ()
