"""Rows of video and media analysis jobs."""

from __future__ import annotations

TABLES: tuple[str, ...] = ()
