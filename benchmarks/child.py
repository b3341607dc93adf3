"""One measurement in a fresh process: `python -m benchmarks.child JOB`, both ways JSON.

It runs in the peers' environment too, so it stands on the standard library alone. CPU time is the process's own clock
(user and system, all threads); `os.times` has the same sum, in steps of 10 ms.
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

from . import memory
from .answers import LISTED_FACES, face_detection_page, picture
from .clients import ASYNC_CLIENTS, CLIENTS, AsyncClient, Client


class Job(TypedDict):
    """What to measure: `calls` times `task` with a client, by so many `workers` at once; `latency` is the server's."""

    client: str
    task: str
    calls: int
    workers: int
    url: str
    latency: float
    orjson: bool


Measures = dict[str, float]


class Stopwatch:
    """CPU and wall time, and the growth of peak memory, since it was made."""

    def __init__(self) -> None:
        gc.collect()
        memory.forget_peak()
        self._resident = memory.resident()
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def added(self) -> float:
        """Return by how many MiB the peak is above what was resident at the start."""
        return memory.peak() - self._resident

    def read(self, calls: int) -> Measures:
        """Return seconds of CPU and of wall time for one of so many calls, and calls a second of either."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        return {"cpu": cpu / calls, "wall": wall / calls, "rate": calls / wall, "cpu_rate": calls / cpu}


def measure(job: Job) -> Measures:
    """Run one job."""
    if not job["orjson"]:
        sys.modules["orjson"] = None  # type: ignore[assignment]  # documented: importing it fails, as if not installed
    if job["task"] == "decode":
        return decode(job)
    if job["client"] in CLIENTS:
        return in_threads(CLIENTS[job["client"]](job["url"], job["workers"]), job)
    return asyncio.run(in_tasks(job))


def in_threads(client: Client, job: Job) -> Measures:
    """Measure a client for threads."""
    calls, workers = job["calls"], job["workers"]
    if job["task"] == "page":
        client.tiny()
        return walked(client.listed())
    if job["task"] == "upload":
        data = picture()
        client.tiny()
        watch = Stopwatch()
        client.upload(data)
        added = watch.added()
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
    threaded(call, 5, workers)  # every worker's connection is open
    watch = Stopwatch()
    threaded(call, calls // workers, workers)
    return watch.read(calls // workers * workers)


def threaded(call: Callable[[], object], times: int, workers: int) -> None:
    """Call from many threads at once."""
    threads = [threading.Thread(target=repeat, args=(call, times)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def repeat(call: Callable[[], object], times: int) -> None:
    """Call again and again."""
    for _ in range(times):
        call()


async def in_tasks(job: Job) -> Measures:
    """Measure a client for tasks."""
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
        data = picture()
        watch = Stopwatch()
        await client.upload(data)
        added = watch.added()
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
    """Add which share of the ceiling was reached: what the latency allows, or one core where that is less."""
    if latency:
        measures["share"] = measures["rate"] / min(workers / latency, measures["cpu_rate"])
    return measures


def walked(items: Iterator[object]) -> Measures:
    """Walk over a listing; `growth` is the peak at its end against the peak after a tenth of it."""
    watch = Stopwatch()
    early = 0.0
    count = 0
    for _ in items:
        count += 1
        if count == LISTED_FACES // 10:
            early = memory.peak()
    return _walked(watch, count, early)


async def walked_by_task(items: AsyncIterator[object]) -> Measures:
    """Do the same with an async listing."""
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
        raise RuntimeError(f"{count} faces came, not {LISTED_FACES}")
    return {**watch.read(1), "growth": memory.peak() / early}


def decode(job: Job) -> Measures:
    """Measure how long a page of a video's faces takes from bytes to what the caller sees."""
    body = face_detection_page()
    run = rekog_decoder(body) if job["client"] == "rekog" else botocore_decoder(body)
    run()
    watch = Stopwatch()
    repeat(run, job["calls"])
    return watch.read(job["calls"])


def rekog_decoder(body: bytes, operation: str = "GetFaceDetection") -> Callable[[], object]:
    """Return what our client does with the body of an answer."""
    from rekog._core.wire import decode_output
    from rekog._generated.operations import OPERATIONS

    return lambda: decode_output(OPERATIONS[operation], body, None)


def botocore_decoder(body: bytes) -> Callable[[], object]:
    """Return what boto3's client does with it."""
    model, loaders, parsers = (import_module(f"botocore.{name}") for name in ("model", "loaders", "parsers"))
    service = loaders.Loader().load_service_model("rekognition", "service-2")
    shape = model.ServiceModel(service).operation_model("GetFaceDetection").output_shape
    parser = parsers.create_parser("json")
    answer: dict[str, object] = {"status_code": 200, "headers": {}, "body": body}

    def run() -> object:
        return parser.parse(answer, shape)

    return run


if __name__ == "__main__":
    received: Job = json.loads(sys.argv[1])
    print(json.dumps(measure(received)))
