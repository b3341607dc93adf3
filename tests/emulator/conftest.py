"""An emulator for each test, and a way to call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rekog.emulator import Emulator
from tests.kit.people import People
from tests.kit.wire import WireClient

NOW = 1_700_000_000.5


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def wire(emulator: Emulator) -> WireClient:
    return WireClient(emulator)


@pytest.fixture
def people(emulator: Emulator) -> People:
    return People(emulator)


@pytest.fixture(scope="session")
def session_wire() -> Iterator[WireClient]:
    """An emulator whose detector is loaded once for all tests that look at pictures."""
    with Emulator() as opened:
        yield WireClient(opened)
