"""The `backend` of the clients' tests, here too."""

from __future__ import annotations

from tests.client.conftest import backend, bare_environment

__all__ = ["backend", "bare_environment"]
