"""Runs on Dask: two worker processes, a server that fails at times, and a worker that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from rekog import RateLimit, RekognitionClient, RetryPolicy, errors
from rekog.bulk import _parts, folder
from rekog.emulator import Emulator
from tests.kit.backends import AT_ONCE, KEYS, no_pause

if TYPE_CHECKING:
    from collections.abc import Generator

    from rekog.bulk import BulkProgress

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]  # Dask's own warnings

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "bulk_dask.py"


@contextmanager
def dask(threads: int = 1) -> Generator[Any]:
    """Give the client of a cluster of two worker processes on this machine."""
    distributed: Any = import_module("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=threads, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def served(emulator: Emulator) -> Generator[RekognitionClient]:
    with (
        emulator.serve() as url,
        RekognitionClient("eu-west-1", endpoint_url=url, credentials=KEYS, retry=AT_ONCE) as client,
    ):
        yield client


def declared(path: Path, emulator: Emulator, count: int) -> None:
    """Write small images that differ, and declare the label of each: its name."""
    path.mkdir()
    for number in range(count):
        file = path / f"{number:03}.png"
        Image.new("RGB", (80, 80), (number % 256, number // 256, 99)).save(file)
        emulator.declare(file, labels=[file.stem])


def held_by(cluster: Any) -> list[str]:
    """Return the tasks that the scheduler knows, when there is none or after a minute."""

    def tasks(dask_scheduler: Any) -> list[str]:
        return [str(name) for name in dask_scheduler.tasks]

    found: list[str] = cluster.run_on_scheduler(tasks)
    for _ in range(600):
        if not found:
            break
        time.sleep(0.1)  # a released future is forgotten asynchronously
        found = cluster.run_on_scheduler(tasks)
    return found


def process_of() -> int:
    return os.getpid()


def limits_of_clients() -> list[RateLimit | None]:
    """Return the rate limits of the clients that runs have made in this process."""
    return [client.config.rate_limit for client in _parts.kept_clients()]


def test_each_image_is_answered_once_although_calls_fail_and_a_worker_is_killed(tmp_path: Path) -> None:
    with Emulator(vision="off") as emulator, dask(threads=2) as cluster, served(emulator) as client:
        declared(tmp_path / "photos", emulator, 300)
        emulator.faults.add("detect_labels", every=7, error=errors.ThrottlingException)
        emulator.faults.add("detect_labels", every=11, error=errors.InternalServerError)
        emulator.faults.add("detect_labels", latency=(0.02, 0.05))
        patient = client.with_options(rate_limit=RateLimit(1000), retry=RetryPolicy(max_attempts=20, pause=no_pause))
        (victim, *others) = cluster.run(process_of).values()
        assert len({victim, *others, os.getpid()}) == 3
        path = tmp_path / "labels.jsonl"
        names: dict[str, list[str]] = {}
        photos = folder(tmp_path / "photos")
        with patient.bulk.detect_labels(photos, key=lambda file: file.stem, checkpoint=path, cluster=cluster) as run:
            for outcome in run:
                names.setdefault(outcome.key, []).append(outcome.answer.labels[0].name)
                if run.progress.done == 40:
                    os.kill(victim, signal.SIGKILL)
        assert names == {f"{number:03}": [f"{number:03}"] for number in range(300)}
        assert (run.progress.done, run.progress.failed) == (300, 0)
        failed = {call.error for call in emulator.calls if call.error is not None}
        assert failed == {"ThrottlingException", "InternalServerError"}
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert sorted(line["key"] for line in lines[1:]) == sorted(names)
        assert KEYS.secret_access_key not in path.read_text()
        assert victim not in cluster.run(process_of).values()
        assert all(limits in ([], [RateLimit(500)]) for limits in cluster.run(limits_of_clients).values())
        assert held_by(cluster) == []


def test_break_leaves_no_task_and_the_rest_is_done_by_the_next_run(tmp_path: Path) -> None:
    with Emulator(vision="off") as emulator, dask() as cluster, served(emulator) as client:
        declared(tmp_path / "photos", emulator, 60)
        photos, path = folder(tmp_path / "photos"), tmp_path / "labels.jsonl"
        with client.bulk.detect_labels(photos, checkpoint=path, cluster=cluster) as run:
            for _outcome in run:
                break
        assert held_by(cluster) == []
        with client.bulk.detect_labels(photos, checkpoint=path, cluster=cluster) as again:
            assert {outcome.source.stem for outcome in again} == {f"{number:03}" for number in range(60)}
        assert again.progress.from_checkpoint >= 1


def crash(source: int) -> int:
    if source == 3:
        os._exit(1)
    return source


def test_a_source_that_kills_each_worker_ends_the_run() -> None:
    from distributed import KilledWorker

    with Emulator(vision="off") as emulator, dask() as cluster, served(emulator) as client:
        run = client.bulk.map(crash, range(4), cluster=cluster)
        with pytest.raises(KilledWorker) as caught, run:
            list(run)
    assert caught.value.__notes__[0].startswith("bulk: the source was")


def test_a_closed_cluster_ends_the_run(tmp_path: Path) -> None:
    from distributed.client import ClosedClientError
    from distributed.comm.core import CommClosedError

    with Emulator(vision="off") as emulator, dask() as cluster, served(emulator) as client:
        declared(tmp_path / "photos", emulator, 60)
        emulator.faults.add("detect_labels", latency=0.05)

        def close(progress: BulkProgress) -> None:
            if progress.done == 5:
                cluster.close()

        photos = folder(tmp_path / "photos")
        run = client.bulk.detect_labels(photos, cluster=cluster, concurrency=2, on_progress=close)
        # A part is cancelled, its answer is on its way, or it is submitted afterwards.
        with pytest.raises((errors.RekogError, CommClosedError, ClosedClientError)) as caught, run:
            list(run)
    assert caught.value.__notes__[0].startswith("bulk: the source was")


def test_the_example_prints_its_results() -> None:
    done = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["40 images, 0 failed, 40 faces", "40 calls of 2 workers"]
