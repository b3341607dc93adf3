"""One measurement in a fresh process: `python -m benchmarks.child JOB`; the job and the result are JSON.

The module also runs in the peers' environment, so it needs the standard library only. CPU time is the process's own
clock (user and system, all threads); `os.times` has the same sum with a resolution of 10 ms.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import TypedDict

from . import bulk, memory
from .clients import ASYNC_CLIENTS, CLIENTS, AsyncClient, Client
from .responses import LISTED_FACES, face_detection_page, image


class Job(TypedDict):
    """One measurement: `calls` runs of `task` by a client in `workers` threads or tasks; `latency` is the server's."""

    client: str
    task: str
    calls: int
    workers: int
    url: str
    latency: float
    orjson: bool


Measures = dict[str, float]


class Stopwatch:
    """CPU time, wall time and growth of peak memory since the stopwatch was created."""

    def __init__(self) -> None:
        gc.collect()
        memory.forget_peak()
        self._resident = memory.resident()
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def added_memory(self) -> float:
        """Return the MiB by which the peak exceeds the resident memory at the start."""
        return memory.peak() - self._resident

    def read(self, calls: int) -> Measures:
        """Return CPU and wall seconds per call, and calls per second of wall time and of CPU time."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        return {"cpu": cpu / calls, "wall": wall / calls, "rate": calls / wall, "cpu_rate": calls / cpu}


def measure(job: Job) -> Measures:
    """Run one job."""
    for name in ("pybase64",) if job["orjson"] else ("orjson", "pybase64"):
        sys.modules[name] = None  # type: ignore[assignment]  # documented: the import then fails as if it were not installed
    if job["task"] == "decode":
        return decode(job)
    if job["task"] in bulk.TASKS:
        return bulk.measure(job, Stopwatch)
    if job["client"] in CLIENTS:
        return in_threads(CLIENTS[job["client"]](job["url"], job["workers"]), job)
    return asyncio.run(in_tasks(job))


def in_threads(client: Client, job: Job) -> Measures:
    """Measure a sync client, called from threads."""
    calls, workers = job["calls"], job["workers"]
    if job["task"] == "page":
        client.tiny()
        return walked(client.listed())
    if job["task"] == "upload":
        data = image()
        client.tiny()
        watch = Stopwatch()
        client.upload(data)
        added = watch.added_memory()
        watch = Stopwatch()
        for _ in range(calls):
            client.upload(data)
        return {**watch.read(calls), "added": added}
    call: Callable[[], object] = getattr(client, job["task"])
    repeat(call, max(calls // 10, 20))
    if workers == 1:
        watch = Stopwatch()
        repeat(call, calls)
        return watch.read(calls)
    threaded(call, 5, workers)  # opens the connection of each worker
    watch = Stopwatch()
    threaded(call, calls // workers, workers)
    return watch.read(calls // workers * workers)


def threaded(call: Callable[[], object], times: int, workers: int) -> None:
    """Call from many threads concurrently."""
    threads = [threading.Thread(target=repeat, args=(call, times)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def repeat(call: Callable[[], object], times: int) -> None:
    """Call a function `times` times."""
    for _ in range(times):
        call()


async def in_tasks(job: Job) -> Measures:
    """Measure an async client, called from tasks."""
    client = ASYNC_CLIENTS[job["client"]](job["url"], job["workers"])
    try:
        return await _in_tasks(client, job)
    finally:
        await client.close()


async def _in_tasks(client: AsyncClient, job: Job) -> Measures:
    calls, workers = job["calls"], job["workers"]
    await client.tiny()
    if job["task"] == "page":
        return await walked_by_task(client.listed())
    if job["task"] == "upload":
        data = image()
        watch = Stopwatch()
        await client.upload(data)
        added = watch.added_memory()
        watch = Stopwatch()
        for _ in range(calls):
            await client.upload(data)
        return {**watch.read(calls), "added": added}

    async def worker(times: int) -> None:
        call = getattr(client, job["task"])
        for _ in range(times):
            await call()

    if workers == 1:
        await worker(max(calls // 10, 20))
        watch = Stopwatch()
        await worker(calls)
        return watch.read(calls)
    await asyncio.gather(*(worker(5) for _ in range(workers)))
    watch = Stopwatch()
    await asyncio.gather(*(worker(calls // workers) for _ in range(workers)))
    return with_share(watch.read(calls // workers * workers), workers, job["latency"])


def with_share(measures: Measures, workers: int, latency: float) -> Measures:
    """Add the share of the ceiling: the rate that the latency allows, or that of one core if it is lower."""
    if latency:
        measures["share"] = measures["rate"] / min(workers / latency, measures["cpu_rate"])
    return measures


def walked(items: Iterator[object]) -> Measures:
    """Walk through a listing; `growth` is the peak memory at its end divided by the peak after a tenth of it."""
    watch = Stopwatch()
    early = 0.0
    count = 0
    for _ in items:
        count += 1
        if count == LISTED_FACES // 10:
            early = memory.peak()
    return _walked(watch, count, early)


async def walked_by_task(items: AsyncIterator[object]) -> Measures:
    """Walk through an async listing as `walked` does."""
    watch = Stopwatch()
    early = 0.0
    count = 0
    async for _ in items:
        count += 1
        if count == LISTED_FACES // 10:
            early = memory.peak()
    return _walked(watch, count, early)


def _walked(watch: Stopwatch, count: int, early: float) -> Measures:
    if count != LISTED_FACES:
        raise RuntimeError(f"the listing has {count} faces; the server sends {LISTED_FACES}")
    return {**watch.read(1), "growth": memory.peak() / early}


def decode(job: Job) -> Measures:
    """Measure the decoding of a GetFaceDetection page from bytes to the value that the caller gets."""
    body = face_detection_page()
    run = rekog_decoder(body) if job["client"] == "rekog" else botocore_decoder(body)
    run()
    watch = Stopwatch()
    repeat(run, job["calls"])
    return watch.read(job["calls"])


def rekog_decoder(body: bytes, operation: str = "GetFaceDetection") -> Callable[[], object]:
    """Return a function that decodes a response body as rekog's client does."""
    from rekog._core.wire import decode_output
    from rekog._generated.operations import OPERATIONS

    return lambda: decode_output(OPERATIONS[operation], body, None)


def botocore_decoder(body: bytes) -> Callable[[], object]:
    """Return a function that decodes the same body as boto3's client does."""
    model, loaders, parsers = (import_module(f"botocore.{name}") for name in ("model", "loaders", "parsers"))
    service = loaders.Loader().load_service_model("rekognition", "service-2")
    shape = model.ServiceModel(service).operation_model("GetFaceDetection").output_shape
    parser = parsers.create_parser("json")
    response: dict[str, object] = {"status_code": 200, "headers": {}, "body": body}

    def run() -> object:
        return parser.parse(response, shape)

    return run


if __name__ == "__main__":
    received: Job = json.loads(sys.argv[1])
    print(json.dumps(measure(received)))
