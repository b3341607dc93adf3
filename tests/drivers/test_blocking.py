"""`call_within`: a limit on the time of a blocking call in threads."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from rekog._drivers.blocking import call_within


class Kept:
    """An object that can have a weak reference."""


def test_the_value_of_a_function_that_ends_in_time_is_returned() -> None:
    assert call_within(5, lambda: "value") == "value"


def test_the_error_of_a_function_that_ends_in_time_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        call_within(5, lambda: 1 / 0)


@pytest.mark.parametrize("seconds", [-1, 0, 0.01])
def test_a_function_that_takes_longer_is_a_timeout(seconds: float) -> None:
    with pytest.raises(TimeoutError):
        call_within(seconds, lambda: time.sleep(0.2))


def test_without_a_new_thread_the_function_runs_in_the_calling_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert call_within(5, threading.current_thread) is threading.current_thread()


def test_a_handled_error_leaves_no_reference_to_its_objects() -> None:
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
