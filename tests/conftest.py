"""Load our own plugin late: as an entry point it comes before coverage is measured, and `rekog` with it."""

from __future__ import annotations

pytest_plugins = ["rekog.testing"]
