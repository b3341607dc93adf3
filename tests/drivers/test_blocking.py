"""What may block is bounded in threads too."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from rekog._drivers.blocking import call_within


class Kept:
    """Something that can be referred to weakly."""


def test_what_a_function_returns_in_time_is_returned() -> None:
    assert call_within(5, lambda: "found") == "found"


def test_what_a_function_raises_in_time_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        call_within(5, lambda: 1 / 0)


@pytest.mark.parametrize("seconds", [-1, 0, 0.01])
def test_a_function_that_takes_longer_is_left_to_itself(seconds: float) -> None:
    with pytest.raises(TimeoutError):
        call_within(seconds, lambda: time.sleep(0.2))


def test_without_a_thread_to_be_had_it_is_called_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert call_within(5, threading.current_thread) is threading.current_thread()


def test_nothing_refers_to_a_failure_once_it_is_handled() -> None:
    kept: list[weakref.ref[Kept]] = []

    def fail() -> None:
        large = Kept()
        kept.append(weakref.ref(large))
        raise LookupError

    gc.disable()
    try:
        with pytest.raises(LookupError):
            call_within(5, fail)
        assert kept[0]() is None
    finally:
        gc.enable()
