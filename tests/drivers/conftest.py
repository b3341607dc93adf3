"""Fixtures of the driver tests: those of the client tests, with uvloop in addition to asyncio's own event loop."""

from __future__ import annotations

from collections.abc import Iterator

import anyio.from_thread
import pytest

from tests.client.conftest import Backend, bare_environment

__all__ = ["bare_environment"]


@pytest.fixture(params=["sync", "asyncio", "uvloop", "trio"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Run the test in threads, under asyncio with its own loop and with uvloop, and under trio."""
    name: str = request.param
    if name == "sync":
        threads = Backend(name, None)
        yield threads
        threads.close_all()
        return
    if name == "uvloop":
        pytest.importorskip("uvloop", reason="rekog[speed] installs uvloop on the systems that it supports")
    kind, options = ("asyncio", {"use_uvloop": True}) if name == "uvloop" else (name, {})
    with anyio.from_thread.start_blocking_portal(kind, options) as portal:
        tasks = Backend(name, portal)
        yield tasks
        tasks.close_all()
