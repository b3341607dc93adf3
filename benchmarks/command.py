"""Start of the command against the AWS CLI: `python -m benchmarks.command [--rounds N]`.

The AWS CLI gets a virtual environment of its own, `.venv-aws`, because it pins another botocore. Each run is a fresh
process; the two programs take turns, and the call goes to the local server of the other benchmarks. The figure is the
median of the CPU seconds of all rounds; the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from .local import Local, running
from .peers import ROOT

HOME = ROOT / ".venv-aws"
GOAL = 0.4
"""Maximum ratio of the CPU time of `rekog` to that of `aws`."""


@attrs.frozen
class Task:
    """A command line of each program that does the same."""

    title: str
    rekog: Sequence[str]
    aws: Sequence[str]


TASKS = (
    Task("print the version", ["--version"], ["--version"]),
    Task("report a missing argument", ["detect-labels"], ["rekognition", "detect-labels"]),
    Task("a call", ["list-collections", "--json"], ["rekognition", "list-collections"]),
)


def aws() -> Path:
    """Return the AWS CLI, which is installed first unless it is there."""
    folder = HOME / ("Scripts" if sys.platform == "win32" else "bin")
    if not (folder / "aws").exists():
        venv.create(HOME, with_pip=True)
        subprocess.run([str(folder / "python"), "-m", "pip", "install", "--quiet", "awscli"], check=True)
    return folder / "aws"


def seconds(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Return the CPU seconds and the seconds of a process."""
    began, before = time.perf_counter(), os.times()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, time.perf_counter() - began


def measured(task: Task, local: Local, rounds: int) -> str:
    """Return the row of a task."""
    url = ["--endpoint-url", local.urls["http"]] if task.title == "a call" else []
    environment = local.environment("http")
    commands = {
        "rekog": [sys.executable, "-m", "rekog", *task.rekog, *url],
        "aws": [str(aws()), *task.aws, *url],
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(seconds(command, environment))
    medians = {name: [statistics.median(each) for each in zip(*values, strict=True)] for name, values in found.items()}
    ours, theirs = medians["rekog"], medians["aws"]
    ratio = ours[0] / theirs[0]
    mark = "" if ratio <= GOAL else f", more than {GOAL}"
    return f"| {task.title} | {ours[0]:.2f} s | {theirs[0]:.2f} s | {ratio:.2f} ×{mark} | {ours[1] / theirs[1]:.2f} × |"


def main(arguments: Sequence[str]) -> int:
    """Print a table; return 0 even when a goal is missed, because the machine's load affects the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.command", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    aws()
    print("| task | rekog, CPU | aws, CPU | ratio of CPU | ratio of time |\n| --- | --- | --- | --- | --- |")
    with running() as local:
        for task in TASKS:
            print(measured(task, local, options.rounds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
