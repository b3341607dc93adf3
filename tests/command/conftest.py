"""The command in this process, and a scripted service for it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import pytest

from rekog import RekognitionClient
from rekog.command import main, session
from tests.kit.backends import KEYS, Scripted, Step
from tests.kit.fixtures import bare_environment

__all__ = ["bare_environment"]


class Done(NamedTuple):
    """The end of a command: its exit status and what it wrote."""

    status: int
    out: str
    err: str


class Run(Protocol):
    """Runs a command line."""

    def __call__(self, *words: object) -> Done: ...


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the function that runs a command line without a terminal."""
    for name in [name for name in os.environ if name.startswith("REKOG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")

    def run_words(*words: object) -> Done:
        status = main([str(word) for word in words])
        written = capsys.readouterr()
        return Done(status, written.out, written.err)

    return run_words


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Return the function that makes some bytes the standard input."""

    def pipe(content: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))

    return pipe


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Scripted]:
    """Return the function that puts a scripted service in place of the real one."""

    def scripted(*script: Step) -> Scripted:
        transport = Scripted(*script)

        def client(*region: str | None, **settings: Any) -> RekognitionClient:
            found = [each or "eu-west-1" for each in region]
            return RekognitionClient(*found, **settings, credentials=KEYS, transport=transport)

        monkeypatch.setattr(session, "RekognitionClient", client)
        return transport

    return scripted
