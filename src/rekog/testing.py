"""A pytest plugin: an emulator for each test, and clients of it. It is there wherever `rekog` is installed.

    def test_people(rekognition):
        rekognition.create_collection("people")
        assert rekognition.list_collections().collection_ids == ["people"]

    @pytest.mark.rekog(faults=[{"operation": "DetectFaces", "calls": [1], "error": "ThrottlingException"}])
    def test_that_we_try_again(rekog_emulator, rekognition):
        ...
        assert len(rekog_emulator.calls.of("DetectFaces")) == 2

The marker takes `faults`, each a mapping of the arguments of `emulator.faults.add`, and whatever `Emulator` takes, such
as `durations={"job": 5}` and `limits={"concurrent_jobs": 2}`. A marker nearer to the test wins, its faults come in
addition; in `pytest.param(..., marks=...)` it makes a parameter of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from . import AsyncRekognitionClient, RekognitionClient
    from .emulator import Emulator

_MARKER = "rekog(faults=..., durations=..., **settings): how the emulator of this test behaves"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def rekog_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Give an emulator of this test's own, in memory, as the markers want it."""
    faults, settings = _wanted(request.node)
    # The emulator is looked up at run time: this module is loaded in every pytest run, and few need it.
    opened: Emulator = import_module("rekog.emulator").Emulator(**settings)
    with opened as emulator:
        for fault in faults:
            emulator.faults.add(**fault)
        yield emulator


@pytest.fixture
def rekognition(rekog_emulator: Emulator) -> Iterator[RekognitionClient]:
    """Give a client of the test's emulator."""
    from . import RekognitionClient

    with RekognitionClient.local(rekog_emulator) as client:
        yield client


@pytest.fixture
def async_rekognition(rekog_emulator: Emulator) -> AsyncRekognitionClient:
    """Give an async client of the test's emulator, for asyncio and trio; there is nothing in it to be closed."""
    from . import AsyncRekognitionClient

    return AsyncRekognitionClient.local(rekog_emulator)


@pytest.fixture
def rekog_endpoint(rekog_emulator: Emulator) -> Iterator[str]:
    """Give the URL at which the test's emulator is served over HTTP, for boto3 and any other client."""
    with rekog_emulator.serve() as url:
        yield url


def _wanted(node: pytest.Item) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the faults of all markers, and their settings."""
    faults: list[dict[str, Any]] = []
    settings: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("rekog"))):
        if marker.args:
            raise pytest.UsageError(f"the marker rekog takes its arguments by name, as in {_MARKER}")
        settings |= {name: value for name, value in marker.kwargs.items() if name != "faults"}
        faults += marker.kwargs.get("faults", ())
    return faults, settings
