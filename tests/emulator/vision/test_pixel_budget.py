"""The limit on pixels that are decoded at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from rekog.emulator.vision import decoding
from rekog.emulator.vision.pixel_budget import PixelBudget
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from collections.abc import Generator

SECONDS = 20
"""Until a thread that should run counts as hanging."""


class Counter:
    """Counts the pixels that threads hold at once."""

    def __init__(self) -> None:
        self.held = self.maximum = 0
        self._lock = threading.Lock()

    def change(self, pixels: int) -> None:
        with self._lock:
            self.held += pixels
            self.maximum = max(self.maximum, self.held)


@pytest.mark.parametrize(("pixels", "maximum"), [(10, 100), (60, 60), (100, 100), (30, 90)])
def test_threads_hold_no_more_than_the_budget(pixels: int, maximum: int) -> None:
    budget, counter = PixelBudget(100), Counter()

    def work() -> None:
        for _ in range(5):
            with budget.reserve(pixels):
                counter.change(pixels)
                time.sleep(0.001)
                counter.change(-pixels)

    with ThreadPoolExecutor(16) as pool:
        for future in [pool.submit(work) for _ in range(16)]:
            future.result(SECONDS)
    assert 0 < counter.maximum <= maximum


def test_more_than_the_budget_is_held_alone() -> None:
    budget = PixelBudget(100)
    with budget.reserve(5_000):
        waiting = threading.Thread(target=lambda: budget.reserve(1).__enter__(), daemon=True)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(SECONDS)
    assert not waiting.is_alive()


def test_more_than_the_budget_does_not_enlarge_it() -> None:
    budget = PixelBudget(100)
    with budget.reserve(5_000):
        pass
    with budget.reserve(60):
        waiting = threading.Thread(target=lambda: budget.reserve(60).__enter__(), daemon=True)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(SECONDS)
    assert not waiting.is_alive()


def test_small_images_do_not_overtake_a_large_one_for_ever() -> None:
    budget, done, large = PixelBudget(100), threading.Event(), threading.Event()

    def small() -> None:
        while not done.is_set():
            with budget.reserve(60):
                time.sleep(0.001)

    def take_all() -> None:
        with budget.reserve(100):
            large.set()

    with ThreadPoolExecutor(5) as pool:
        for _ in range(4):
            pool.submit(small)
        pool.submit(take_all)
        served = large.wait(SECONDS)
        done.set()
    assert served


def test_an_error_returns_the_pixels() -> None:
    budget = PixelBudget(100)
    for _ in range(3):
        with pytest.raises(KeyError), budget.reserve(100):
            raise KeyError
    with budget.reserve(100):
        pass


def test_images_are_decoded_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    reserved: list[int] = []

    class Recording:
        @contextmanager
        def reserve(self, pixels: int) -> Generator[None]:
            reserved.append(pixels)
            yield

    monkeypatch.setattr(decoding, "BUDGET", Recording())
    for form in ("PNG", "JPEG"):
        decoding.decode(image_file(plain_image(120, 90), form))
    assert reserved == [10_800, 10_800]
