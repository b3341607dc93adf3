"""A pytest plugin: an emulator for each test, and clients of it. pytest loads it wherever `rekog` is installed.

    def test_people(rekog_client):
        rekog_client.create_collection("people")
        assert rekog_client.list_collections().collection_ids == ["people"]

    @pytest.mark.rekog(faults=[{"operation": "detect_faces", "calls": [1], "error": "ThrottlingException"}])
    def test_a_throttled_call_is_retried(rekog_emulator, rekog_client):
        rekog_client.detect_faces("group.jpg")
        assert len(rekog_emulator.calls.of("detect_faces")) == 2

The marker takes `faults`, each a mapping of the arguments of `emulator.faults.add`, and any argument of `Emulator`,
such as `durations={"job": 5}` and `limits={"concurrent_jobs": 2}`. With several markers, the settings of the one
nearest to the test win, and the faults of all apply. `pytest.param(..., marks=...)` sets a marker for one parameter.

`rekog_session_emulator` is one emulator for the whole run, with `rekog_session_client` and `rekog_session_endpoint`. It
keeps its state between tests: content that is slow to create is created once. A test that uses `rekog_session_reset`
leaves it as it was before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from . import AsyncRekognitionClient, RekognitionClient
    from .emulator import Emulator

__all__ = [
    "rekog_async_client", "rekog_client", "rekog_emulator", "rekog_endpoint", "rekog_session_client",
    "rekog_session_emulator", "rekog_session_endpoint", "rekog_session_reset",
]  # fmt: skip

_MARKER = "rekog(faults=..., durations=..., **settings): how the emulator of this test behaves"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def rekog_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Yield a new emulator in memory, with the settings and faults of the test's markers."""
    faults, settings = _marked(request.node)
    with _open(settings) as emulator:
        for fault in faults:
            emulator.faults.add(**fault)
        yield emulator


@pytest.fixture(scope="session")
def rekog_session_emulator() -> Iterator[Emulator]:
    """Yield an emulator in memory that keeps its state until the end of the run; markers have no effect on it."""
    with _open({}) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def rekog_session_client(rekog_session_emulator: Emulator) -> Iterator[RekognitionClient]:
    """Yield a client of the session's emulator, for fixtures of every scope."""
    from . import RekognitionClient

    with RekognitionClient.local(rekog_session_emulator) as client:
        yield client


@pytest.fixture(scope="session")
def rekog_session_endpoint(rekog_session_emulator: Emulator) -> Iterator[str]:
    """Yield the URL of the session's emulator, served over HTTP for boto3 and any other client."""
    with rekog_session_emulator.serve() as url:
        yield url


@pytest.fixture
def rekog_session_reset(rekog_session_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Restore the state and the durations of the session's emulator after the test; faults and calls are removed.

    The state that is restored has the content of all fixtures of a wider scope, which pytest sets up before.
    """
    durations = rekog_session_emulator.durations
    snapshot = tmp_path_factory.mktemp("rekog") / "before"
    rekog_session_emulator.snapshot(snapshot)
    yield
    rekog_session_emulator.reset()
    rekog_session_emulator.restore(snapshot)
    rekog_session_emulator.durations = durations
    snapshot.unlink()


@pytest.fixture
def rekog_client(rekog_emulator: Emulator) -> Iterator[RekognitionClient]:
    """Yield a client of the test's emulator."""
    from . import RekognitionClient

    with RekognitionClient.local(rekog_emulator) as client:
        yield client


@pytest.fixture
def rekog_async_client(rekog_emulator: Emulator) -> AsyncRekognitionClient:
    """Return an async client of the test's emulator, for asyncio and trio. It needs no closing."""
    from . import AsyncRekognitionClient

    return AsyncRekognitionClient.local(rekog_emulator)


@pytest.fixture
def rekog_endpoint(rekog_emulator: Emulator) -> Iterator[str]:
    """Yield the URL of the test's emulator, served over HTTP for boto3 and any other client."""
    with rekog_emulator.serve() as url:
        yield url


def _open(settings: dict[str, Any]) -> Emulator:
    # Imported at run time: every pytest run loads this module, and few of them need the emulator.
    kind: type[Emulator] = import_module("rekog.emulator").Emulator
    _check_names(settings, kind)
    return kind(**settings)


def _marked(node: pytest.Item) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the faults and the settings of all markers of a test."""
    faults: list[dict[str, Any]] = []
    settings: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("rekog"))):
        if marker.args:
            raise pytest.UsageError(f"the marker rekog takes its arguments by name, as in {_MARKER}")
        settings |= {name: value for name, value in marker.kwargs.items() if name != "faults"}
        faults += marker.kwargs.get("faults", ())
    return faults, settings


def _check_names(settings: dict[str, Any], kind: type[Emulator]) -> None:
    from inspect import signature

    names = ["faults", *signature(kind).parameters]
    for name in settings:
        if name not in names:
            raise pytest.UsageError(f"the marker rekog has no argument {name!r}; there are {', '.join(names)}")
