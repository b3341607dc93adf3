"""Fixtures that several folders of tests share: each conftest imports the fixtures that its tests need."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.kit.backends import Backend, open_backend


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Hide the AWS settings of the machine that runs the tests."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name in ("REQUESTS_CA_BUNDLE", "REKOG_LOG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


@pytest.fixture(params=["sync", "asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Run the test in threads, under asyncio and under trio."""
    with open_backend(request.param) as opened:
        yield opened
