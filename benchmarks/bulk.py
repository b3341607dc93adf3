"""Many images: the calls of `client.bulk`, and the same calls without it, of rekog and of boto3.

Each source is an object in S3, so that a call sends a small request; the response has ten labels. Without `bulk`, the
calls of rekog come from a loop in each thread or task over a shared iterator, which is the least work that calls them
all; those of boto3 from a `ThreadPoolExecutor`.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clients import BUCKET, REGION

if TYPE_CHECKING:
    from .child import Job, Measures, Stopwatch

BARE, BULK, RECORDED = "labels", "bulk", "bulk with a checkpoint"
TASKS = (BARE, BULK, RECORDED)
WARM_UP = 5
"""Calls of each worker before the measurement: they open its connection."""
Watch = Callable[[], "Stopwatch"]


def measure(job: Job, watch: Watch) -> Measures:
    """Measure the job of one of the tasks."""
    if job["client"] == "boto3":
        return _boto3(job, watch)
    if job["client"] == "rekog":
        return (_threads if job["task"] == BARE else _bulk_threads)(job, watch)
    return asyncio.run(_in_tasks(job, watch))


def sources(count: int) -> list[str]:
    """Return the sources of a run."""
    return [f"s3://{BUCKET}/{number:06}.jpg" for number in range(count)]


def _client(job: Job, name: str) -> Any:
    """Return a client without credentials of its own; `Any` stands for both kinds."""
    client: Callable[..., Any] = getattr(import_module("rekog"), name)
    return client(REGION, endpoint_url=job["url"], max_connections=job["workers"])


def _threads(job: Job, watch: Watch) -> Measures:
    client, workers = _client(job, "RekognitionClient"), job["workers"]

    def work(urls: Iterator[str]) -> None:
        for url in urls:
            client.detect_labels(url)

    def run(count: int) -> None:
        urls = iter(sources(count))
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, [urls] * workers))

    run(workers * WARM_UP)
    clock = watch()
    run(job["calls"])
    return clock.read(job["calls"])


def _bulk_threads(job: Job, watch: Watch) -> Measures:
    client = _client(job, "RekognitionClient")

    def run(count: int, checkpoint: str | None) -> None:
        with client.bulk.detect_labels(sources(count), concurrency=job["workers"], checkpoint=checkpoint) as outcomes:
            done = sum(outcome.ok for outcome in outcomes)
        _check(done, count)

    with tempfile.TemporaryDirectory() as directory:
        first, second = _checkpoints(job, directory)
        run(job["workers"] * WARM_UP, first)
        clock = watch()
        run(job["calls"], second)
        return clock.read(job["calls"])


def _boto3(job: Job, watch: Watch) -> Measures:
    config = import_module("botocore.config").Config(max_pool_connections=job["workers"])
    client: Any = import_module("boto3").client(
        "rekognition", region_name=REGION, endpoint_url=job["url"], config=config
    )

    def call(url: str) -> object:
        return client.detect_labels(Image={"S3Object": {"Bucket": BUCKET, "Name": url.rpartition("/")[2]}})

    with ThreadPoolExecutor(job["workers"]) as pool:
        list(pool.map(call, sources(job["workers"] * WARM_UP)))
        clock = watch()
        list(pool.map(call, sources(job["calls"])))
        return clock.read(job["calls"])


async def _in_tasks(job: Job, watch: Watch) -> Measures:
    async with _client(job, "AsyncRekognitionClient") as client:
        with tempfile.TemporaryDirectory() as directory:
            first, second = _checkpoints(job, directory)
            run = _tasks if job["task"] == BARE else _bulk_tasks
            await run(client, job, job["workers"] * WARM_UP, first)
            clock = watch()
            await run(client, job, job["calls"], second)
            return clock.read(job["calls"])


async def _tasks(client: Any, job: Job, count: int, _checkpoint: str | None) -> None:
    urls = iter(sources(count))

    async def work() -> None:
        for url in urls:
            await client.detect_labels(url)

    await asyncio.gather(*(work() for _ in range(job["workers"])))


async def _bulk_tasks(client: Any, job: Job, count: int, checkpoint: str | None) -> None:
    run = client.bulk.detect_labels(sources(count), concurrency=job["workers"], checkpoint=checkpoint)
    done = 0
    async with run:
        async for outcome in run:
            done += outcome.ok
    _check(done, count)


def _checkpoints(job: Job, directory: str) -> tuple[str | None, str | None]:
    if job["task"] != RECORDED:
        return None, None
    return str(Path(directory, "first.jsonl")), str(Path(directory, "second.jsonl"))


def _check(done: int, count: int) -> None:
    if done != count:
        raise RuntimeError(f"{done} of {count} sources have an answer")
