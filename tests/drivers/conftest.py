"""The `backend` of each driver, uvloop included, and an environment without AWS settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kit.backends import Backend, open_backend
from tests.kit.fixtures import bare_environment

__all__ = ["bare_environment"]


@pytest.fixture(params=["sync", "asyncio", "uvloop", "trio"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Run the test in threads, under asyncio with both of its event loops, and under trio."""
    name: str = request.param
    if name == "uvloop":
        pytest.importorskip("uvloop", reason="rekog[speed] installs uvloop where it is available")
    with open_backend(name) as opened:
        yield opened
