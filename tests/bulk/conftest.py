"""The `backend` of each client, and an environment without AWS settings."""

from __future__ import annotations

from tests.kit.fixtures import backend, bare_environment

__all__ = ["backend", "bare_environment"]
