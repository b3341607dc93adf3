"""Fixtures: an emulator for each test, and clients of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rekog.emulator import Emulator
from tests.kit.clock import NOW
from tests.kit.people import People
from tests.kit.wire import WireClient


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
    """A client of one emulator for the whole session, so that its face detector is loaded once."""
    with Emulator() as opened:
        yield WireClient(opened)
