"""Modules that another thread is importing: they are in `sys.modules` before they have their contents."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from rekog import RekognitionClient, images
from rekog._core import call
from rekog._drivers.senders import is_asyncio
from tests.kit.backends import KEYS, Scripted, json_reply
from tests.kit.wire import HOPPER


def unfinished(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a module look as at the beginning of its import."""
    monkeypatch.setitem(sys.modules, name, ModuleType(name))


@pytest.mark.parametrize("name", ["PIL.Image", "logging"])
def test_a_call_does_not_need_a_module_that_is_being_imported(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(call, "_loggers", {})
    unfinished(monkeypatch, name)
    scripted = Scripted(json_reply({"FaceDetails": []}))
    with RekognitionClient("eu-west-1", credentials=KEYS, transport=scripted) as client:
        assert client.detect_faces(images.fit(HOPPER)).face_details == []


def test_a_thread_that_is_no_task_is_known_while_asyncio_is_being_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished(monkeypatch, "asyncio")
    assert not is_asyncio()
