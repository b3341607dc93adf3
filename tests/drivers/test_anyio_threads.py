"""The threads of anyio, which a program shares: no call waits for them, and files have a limited number of others."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest
from PIL import Image

from rekog import AsyncRekognitionClient, CallOptions
from rekog._core.flow import run_blocking
from rekog._drivers.aio import MAXIMUM_THREADS, AsyncDriver
from rekog.emulator import Emulator
from tests.drivers.calls import run_in
from tests.kit.colour_faces import ColourFaceDetector

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("image", ["file", "bytes"])
@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_call_needs_none_of_the_threads_of_anyio(kind: str, image: str, tmp_path: Path) -> None:
    """Plain endpoints of FastAPI run in these threads and call an async client of the application from there."""
    path = tmp_path / "image.png"
    Image.new("RGB", (100, 100)).save(path)

    async def call_from_all_threads() -> int:
        client = AsyncRekognitionClient.local(emulator)
        given = str(path) if image == "file" else path.read_bytes()
        answered: list[object] = []
        threads = int(anyio.to_thread.current_default_thread_limiter().total_tokens)
        all_running = threading.Barrier(threads)

        def endpoint() -> None:
            all_running.wait(20)
            answered.append(anyio.from_thread.run(partial(client.detect_faces, given, options=CallOptions(timeout=20))))

        async with anyio.create_task_group() as requests:
            for _ in range(threads):
                requests.start_soon(anyio.to_thread.run_sync, endpoint)
        await client.close()
        return len(answered) - threads

    with Emulator(face_detector=ColourFaceDetector()) as emulator:
        assert run_in(kind, call_from_all_threads) == 0


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_the_files_of_many_calls_are_read_by_a_limited_number_of_threads(kind: str) -> None:
    lock = threading.Lock()
    now = maximum = 0

    def read() -> None:
        nonlocal now, maximum
        with lock:
            now += 1
            maximum = max(maximum, now)
        time.sleep(0.1)  # longer than the start of all threads takes
        with lock:
            now -= 1

    async def read_many() -> None:
        driver = AsyncDriver()
        async with anyio.create_task_group() as tasks:
            for _ in range(3 * MAXIMUM_THREADS):
                tasks.start_soon(driver.run, run_blocking(read))

    run_in(kind, read_many)
    assert 1 < maximum <= MAXIMUM_THREADS
