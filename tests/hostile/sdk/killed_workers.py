"""Killed workers: a run on a Dask cluster that loses a worker to SIGKILL has one outcome for each image.

`client.bulk` works on a folder of small images with two worker processes of Dask, against a server that throttles,
fails with status 500 and resets connections. One of the workers is killed when half of the images are recorded. Each
image has one outcome and one line in the checkpoint, with its own label; only the parts of the killed worker are called
again. The memory of the program and of the worker that lives on is the same after a quarter of the images and after
all, within a limit.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from rekog import RekognitionClient, bulk
from tests.hostile.sdk.killed_runs import CONCURRENCY, FAULTS, LONGEST, Site, make_images, settings, tell
from tests.hostile.watch import resident_mib
from tests.kit.process import running_server

if TYPE_CHECKING:
    from tests.hostile.attack import Report

MIB = 16.0  # growth of memory between a quarter and the end: Dask's own logs are a part of it
PARTS = 2 * CONCURRENCY  # sources in flight: those of the killed worker are among them


def attack(count: int, report: Report) -> None:
    """Run over the images with two workers, and kill one of them."""
    distributed: Any = import_module("distributed")
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory, "images")
        hashes = make_images(folder, count)
        with (
            running_server("--vision", "off", "--declare", Site.declared(directory, hashes)) as server,
            httpx.Client(base_url=server.url, timeout=60, trust_env=False) as control,
            distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        ):
            for fault in FAULTS:
                control.post("/_rekog/faults", json={"operation": "DetectLabels", **fault}).raise_for_status()
            checkpoint = Path(directory, "labels.jsonl")
            site = Site(server.url, control, folder, checkpoint, hashes)
            pids: list[int] = [worker.pid for worker in cluster.workers.values()]
            words = (server.url, str(folder), str(checkpoint), cluster.scheduler_address)
            began = time.monotonic()
            with open(f"{checkpoint}.out", "wb") as output:
                command = [sys.executable, "-c", f"from {__name__} import run; run()", *words]
                process = subprocess.Popen(command, stdout=output)
            with process:
                site.wait_for(count // 4, process, report)
                early = resident_mib(pids[1]) or 0
                site.check_calls(set(), report)  # the server keeps 10,000 calls
                site.wait_for(count // 2, process, report)
                site.check_calls(set(), report)
                os.kill(pids[0], signal.SIGKILL)
                report.figure("killed workers")
                site.wait_for(count * 3 // 4, process, report)
                site.check_calls(set(), report)
                site.wait_for(count - PARTS, process, report)
                late = resident_mib(pids[1]) or 0
                report.check(process.wait(LONGEST) == 0, "the run failed")
                site.check_calls(set(), report)
            report.largest("seconds", round(time.monotonic() - began))
            report.largest("MiB of the other worker after a quarter", round(early))
            report.largest("MiB of the other worker at the end", round(late))
            report.check(0 < late <= early + MIB, f"memory of a worker grew by more than {MIB:g} MiB")
            site.check_single_run(report, PARTS, MIB)


# --- The process of the program ----------------------------------------------------------------------------------


def run() -> None:
    """Run as the command line says."""
    url, folder, checkpoint, scheduler = sys.argv[1:]
    images = bulk.folder(folder)
    distributed: Any = import_module("distributed")
    with (
        distributed.Client(scheduler) as dask,
        RekognitionClient("us-east-1", **settings(url)) as client,
        client.bulk.detect_labels(images, checkpoint=checkpoint, concurrency=CONCURRENCY, cluster=dask) as outcomes,
    ):
        for outcome in outcomes:
            tell(outcome, outcomes.progress.done, len(images))
