"""The parser of JSON bodies: orjson if it is installed, and never imported twice."""

from __future__ import annotations

import json
from importlib import import_module

import pytest

from rekog._core import json_body
from rekog._core.json_body import parse


@pytest.fixture(autouse=True)
def not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_body, "_chosen", [])


def test_orjson_is_imported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []

    def record(name: str) -> object:
        imported.append(name)
        return import_module(name)

    monkeypatch.setattr(json_body, "import_module", record)
    assert [parse(b'{"a": 1}'), parse(b"[]")] == [{"a": 1}, []]
    assert imported == ["orjson"]


def test_orjson_is_not_imported_again_after_a_signal_interrupted_its_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second import of a half-initialised orjson crashes the interpreter."""
    imported: list[str] = []

    def interrupt(name: str) -> object:
        imported.append(name)
        raise KeyboardInterrupt

    monkeypatch.setattr(json_body, "import_module", interrupt)
    with pytest.raises(KeyboardInterrupt):
        parse(b"{}")
    assert parse(b'{"a": 1}') == {"a": 1}
    assert imported == ["orjson"]


def test_another_thread_is_not_held_up_by_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[object] = []

    def parse_meanwhile(name: str) -> object:
        parsed.append(parse(b'{"a": 1}'))
        return json  # with the same function as orjson

    monkeypatch.setattr(json_body, "import_module", parse_meanwhile)
    assert [parse(b'{"b": 2}'), *parsed] == [{"b": 2}, {"a": 1}]
