"""Rows of faces and their embeddings."""

from __future__ import annotations

TABLES: tuple[str, ...] = ()
