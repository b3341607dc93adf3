"""Event loops of asyncio that end without closing their async generators, as those of nest_asyncio do."""

from __future__ import annotations

import asyncio
import gc
import sys
import warnings
from asyncio import base_events
from types import SimpleNamespace
from typing import Any

import pytest

from rekog._core.flow import send
from rekog._drivers.aio import AsyncDriver
from tests.drivers.calls import request
from tests.kit.servers import ScriptedServer


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The errors that Python reports because it cannot raise them."""
    reported: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: reported.append(report.exc_value))
    return reported


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "left open"])
def test_a_loop_that_does_not_close_its_generators_ends_in_silence(
    unraisable: list[object], monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    without_hooks: Any = SimpleNamespace(**{**vars(sys), "set_asyncgen_hooks": lambda *_, **__: None})
    monkeypatch.setattr(base_events, "sys", without_hooks)
    loop = asyncio.new_event_loop()
    with ScriptedServer() as server:
        driver = AsyncDriver()
        assert loop.run_until_complete(driver.run(send(request(server.url)))).status == 200
        if closed:
            loop.close()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the connection of a closed loop stays open
            del driver
            gc.collect()
            if not closed:
                loop.run_until_complete(asyncio.sleep(0))
                loop.close()
            del loop
            gc.collect()
    assert unraisable == []
