"""Run a row: each client in a fresh process, in turns, so that drift of the machine's speed affects all alike."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from statistics import median

import attrs

from . import peers
from .child import Job, Measures
from .goals import Figure, Row, Run
from .local import Local
from .memory import KIB, UNIT
from .responses import LATENCY
from .scripts import script

TIMEOUT = 300.0


@attrs.frozen
class Scale:
    """The length of a measurement, as fractions of the full number of calls and rounds."""

    calls: float = 1.0
    rounds: float = 1.0

    def job(self, run: Run, url: str) -> Job:
        """Return the job that describes a run to its process."""
        minimum = run.workers if run.task in ("tiny", "faces") else 1
        return Job(
            client=run.client,
            task=run.task,
            calls=max(minimum, round(run.calls * self.calls)),
            workers=run.workers,
            url=url,
            latency=LATENCY if run.server == "slow" else 0.0,
            orjson=run.orjson,
        )


SHORT = Scale(calls=0.25, rounds=0.4)


@attrs.frozen
class Outcome:
    """The value of a figure and the medians of both sides."""

    figure: Figure
    value: float
    ours: float
    theirs: float | None

    @property
    def met(self) -> bool:
        """True when the goal is reached."""
        return self.figure.is_met(self.value)


@attrs.frozen
class Measured:
    """A row with the measures of its runs, one entry per round."""

    row: Row
    rounds: dict[Run, list[Measures]]

    def median_of(self, run: Run, quantity: str) -> float | None:
        """Return the median of a quantity of a run; None when the run does not have it."""
        values = [measures[quantity] for measures in self.rounds[run] if quantity in measures]
        return median(values) if values else None

    @property
    def outcomes(self) -> list[Outcome]:
        """The figures; a ratio is the median of the rounds' ratios, as runs of one round share the machine's load."""
        return [self._outcome(figure) for figure in self.row.figures]

    def _outcome(self, figure: Figure) -> Outcome:
        ours = [measures[figure.quantity] for measures in self.rounds[figure.ours]]
        if figure.theirs is None:
            return Outcome(figure, median(ours), median(ours), None)
        theirs = [measures[figure.quantity] for measures in self.rounds[figure.theirs]]
        ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
        return Outcome(figure, median(ratios), median(ours), median(theirs))


def measure(row: Row, local: Local, scale: Scale, log: Callable[[str], None]) -> Measured:
    """Run all rounds of a row; each round begins with another client."""
    runs = [run for run in row.runs if run.client not in peers.CLIENTS or peers.is_installed()]
    figures = tuple(figure for figure in row.figures if {figure.ours, figure.theirs} - {None} <= set(runs))
    results: dict[Run, list[Measures]] = {run: [] for run in runs}
    rounds = max(1, round(row.rounds * scale.rounds))
    if any(is_cold(run) for run in runs):
        each(runs, local, scale)  # not counted: writes bytecode and fills the page cache
    for number in range(rounds):
        log(f"{row.title}: round {number + 1} of {rounds}")
        turn = number % len(runs)
        for run, measures in each(runs[turn:] + runs[:turn], local, scale):
            results[run].append(measures)
    return Measured(attrs.evolve(row, figures=figures), results)


def each(runs: Iterable[Run], local: Local, scale: Scale) -> list[tuple[Run, Measures]]:
    """Run each of the runs once."""
    return [(run, (cold if is_cold(run) else warm)(run, local, scale)) for run in runs]


def is_cold(run: Run) -> bool:
    """Return True when the whole process of a run is measured."""
    return run.task in ("import", "first")


def warm(run: Run, local: Local, scale: Scale) -> Measures:
    """Measure calls within a running process."""
    job = scale.job(run, local.urls[run.server])
    command = [peers.interpreter(run.client), "-m", "benchmarks.child", json.dumps(job)]
    done = subprocess.run(
        command, env=local.environment(run.server), cwd=peers.ROOT, stdout=subprocess.PIPE, timeout=TIMEOUT, check=True
    )
    measures: Measures = json.loads(done.stdout)
    return measures


def cold(run: Run, local: Local, scale: Scale) -> Measures:
    """Measure a process from start to exit."""
    code = script(run.client, run.task, local.urls[run.server])
    began = time.perf_counter()
    with subprocess.Popen(
        [peers.interpreter(run.client), "-c", code], env=local.environment(run.server), stdout=subprocess.PIPE
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.stdout is not None
        printed = process.stdout.read().split()
    if process.returncode:
        raise RuntimeError(f"the process of {run.name} ({run.task}) exited with status {process.returncode}")
    peak = int(printed[0]) / KIB if printed else usage.ru_maxrss / UNIT
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "memory": peak}
