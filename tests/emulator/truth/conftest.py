"""Fixture: a client of the test's emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from rekog import RekognitionClient

if TYPE_CHECKING:
    from rekog.emulator import Emulator


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened
