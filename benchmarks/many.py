"""Many calls at once: `python -m benchmarks.many` measures the added memory of uploads, and calls under a quota.

The memory is that of 120 uploads of a 4 MB file over 8 connections, in a fresh process for each client. The quota is
the published one of DescribeCollection, 5 calls per second, which an emulator enforces; 200 calls are made at once, for
each kind of retries and with a rate limit.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .child import Stopwatch
from .clients import REGION
from .local import Local, running
from .peers import ROOT

if TYPE_CHECKING:
    from rekog import RateLimit, RetryPolicy

CALLS, CONNECTIONS, SIZE = 120, 8, 4_000_000
QUOTA_CALLS = 200
CLIENTS = ("rekog", "rekog async", "boto3")
TIMEOUT = 600.0


def main(arguments: Sequence[str]) -> int:
    """Print the tables that the arguments name, by default both."""
    if arguments[:1] == ["child"]:
        print(json.dumps(added_memory(*arguments[1:])))
        return 0
    if not arguments or "memory" in arguments:
        with running() as local, tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "image.jpg")
            path.write_bytes(b"\xff\xd8\xff" + bytes(SIZE))
            print(memory_table(local, path))
    if not arguments or "quota" in arguments:
        print(quota_table())
    return 0


# --- Memory ------------------------------------------------------------------------------------------------------


def memory_table(local: Local, path: Path) -> str:
    """Return the added memory of each client as a Markdown table."""
    head = ("client", "1 call", f"{CONNECTIONS} calls", f"{CALLS} calls", f"{CALLS} calls against boto3")
    lines = [f"| {' | '.join(head)} |", "| --- | --- | --- | --- | --- |"]
    counts = (1, CONNECTIONS, CALLS)
    added = {client: [_measured(local, client, path, calls) for calls in counts] for client in CLIENTS}
    for client, figures in added.items():
        cells = [client, *(f"{figure:.1f} MiB" for figure in figures), f"{figures[-1] / added['boto3'][-1]:.2f} ×"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _measured(local: Local, client: str, path: Path, calls: int) -> float:
    command = [sys.executable, "-m", "benchmarks.many", "child", client, local.urls["http"], str(path), str(calls)]
    environment = local.environment("http")
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=TIMEOUT
    )
    added: float = json.loads(done.stdout)
    return added


def added_memory(client: str, url: str, path: str, calls: str) -> float:
    """Return the MiB by which the peak of this process grows while it makes calls at once."""
    return _UPLOADS[client](url, path, int(calls))


def _rekog(url: str, path: str, calls: int) -> float:
    import rekog

    client = rekog.RekognitionClient(REGION, endpoint_url=url, max_connections=CONNECTIONS)
    client.delete_collection("people")
    watch = Stopwatch()
    with ThreadPoolExecutor(calls) as threads:
        list(threads.map(client.detect_labels, [path] * calls))
    return watch.added_memory()


def _rekog_async(url: str, path: str, calls: int) -> float:
    import rekog

    async def upload() -> float:
        async with rekog.AsyncRekognitionClient(REGION, endpoint_url=url, max_connections=CONNECTIONS) as client:
            await client.delete_collection("people")
            watch = Stopwatch()
            await asyncio.gather(*[client.detect_labels(path) for _ in range(calls)])
            return watch.added_memory()

    return asyncio.run(upload())


def _boto3(url: str, path: str, calls: int) -> float:
    """Upload from as many threads as there are connections: boto3 reads no files, so its callers bound the memory."""
    config = import_module("botocore.config").Config(max_pool_connections=CONNECTIONS)
    client: Any = import_module("boto3").client("rekognition", region_name=REGION, endpoint_url=url, config=config)
    client.delete_collection(CollectionId="people")

    def upload(file: str) -> object:
        return client.detect_labels(Image={"Bytes": Path(file).read_bytes()})

    watch = Stopwatch()
    with ThreadPoolExecutor(min(calls, CONNECTIONS)) as threads:
        list(threads.map(upload, [path] * calls))
    return watch.added_memory()


_UPLOADS: dict[str, Callable[[str, str, int], float]] = {
    "rekog": _rekog,
    "rekog async": _rekog_async,
    "boto3": _boto3,
}


# --- Quota -------------------------------------------------------------------------------------------------------


def quota_table() -> str:
    """Return the results of many calls against a quota as a Markdown table."""
    from rekog import RateLimit, RetryPolicy

    rows: dict[str, tuple[RetryPolicy, RateLimit | None]] = {
        "`standard`, 3 attempts": (RetryPolicy(), None),
        "`standard`, 10 attempts": (RetryPolicy(max_attempts=10), None),
        "`adaptive`, 10 attempts": (RetryPolicy(mode="adaptive", max_attempts=10), None),
        "`rate_limit=RateLimit.published()`": (RetryPolicy(), RateLimit.published()),
    }
    lines = ["| settings | succeeded | failed | requests | seconds |", "| --- | --- | --- | --- | --- |"]
    for name, (retry, limit) in rows.items():
        succeeded, requests, seconds = under_quota(retry, limit)
        lines.append(f"| {name} | {succeeded} | {QUOTA_CALLS - succeeded} | {requests} | {seconds:.0f} |")
    return "\n".join(lines)


def under_quota(retry: RetryPolicy, limit: RateLimit | None) -> tuple[int, int, float]:
    """Return how many of the calls succeed, the number of requests, and the time of all."""
    from rekog import RekogError, RekognitionClient
    from rekog.emulator import Emulator

    def succeeds(client: RekognitionClient) -> bool:
        try:
            client.describe_collection("people")
        except RekogError:
            return False
        return True

    with Emulator() as emulator, RekognitionClient.local(emulator, retry=retry, rate_limit=limit) as client:
        client.create_collection("people")
        emulator.faults.throttle_by_tps(REGION)
        started = time.perf_counter()
        with ThreadPoolExecutor(QUOTA_CALLS) as threads:
            succeeded = sum(threads.map(succeeds, [client] * QUOTA_CALLS))
        seconds = time.perf_counter() - started
        return succeeded, len(emulator.calls.of("DescribeCollection")), seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
