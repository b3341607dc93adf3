"""Measure the tests: `python -m tests.planted record`, then `lists` or `mutants`.

The status is 0 when every fault is caught, except those with a reason in the list.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.planted import mutants
from tests.planted.faults import ROOT, Fault, Verdict, read_lists
from tests.planted.recorder import FOLDER, SELECTION
from tests.planted.runner import Runner

AREAS = """
    src/rekog/_core src/rekog/_drivers src/rekog/_settings src/rekog/paging.py src/rekog/waiting.py
    src/rekog/emulator/handlers src/rekog/emulator/state src/rekog/emulator/serving
""".split()


def record(tests: Sequence[str]) -> int:
    """Run these tests, by default all, and record the lines that each executes; return the status of pytest."""
    if not tests and FOLDER.exists():
        for path in FOLDER.iterdir():
            path.unlink()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.planted.recorder", "-m", SELECTION, *tests]
    return subprocess.call(command, cwd=ROOT)


def plant(faults: Sequence[Fault], given: argparse.Namespace) -> int:
    """Plant the faults, print each that no test notices, and return the status."""
    totals = Counter[str]()
    output: Path | None = given.output
    with open(1, "w", encoding="utf-8", closefd=False) as screen:  # the standard output is that of pytest below

        def report(verdict: Verdict) -> None:
            known = verdict.outcome == "survives" and bool(verdict.fault.reason)
            totals["known survivors" if known else verdict.outcome] += 1
            if not verdict.caught:
                print(verdict, file=screen, flush=True)
            if output:
                entry = {"fault": verdict.fault.name, "outcome": verdict.outcome, "test": verdict.test}
                with output.open("a", encoding="utf-8") as file:
                    print(json.dumps({**entry, "difference": verdict.fault.difference()}), file=file)

        runner = Runner(faults, report, given.jobs, given.seconds)
        arguments = ["-q", "-n", "0", "-p", "no:cacheprovider", "--capture=sys", "-m", "not live"]
        modules = {test.partition("::")[0] for fault in faults for test in fault.tests}
        with open(os.devnull, "w", encoding="utf-8") as null, contextlib.redirect_stdout(null):
            pytest.main([*arguments, *sorted(modules)], plugins=[runner])
        print(f"{totals.total()} faults: " + ", ".join(f"{n} {name}" for name, n in totals.most_common()), file=screen)
        for test in sorted(runner.failing):
            print(f"fails without a fault: {test}", file=screen)
    return int(totals.total() != totals["caught"] + totals["hangs"] + totals["known survivors"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description="Measure the tests by planted faults.")
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="record which tests execute which lines")
    recording.add_argument(
        "tests", nargs="*", metavar="TEST", help="add these to the record (default: record all anew)"
    )
    listed = commands.add_parser("lists", help="plant the faults of the lists in tests/planted")
    listed.add_argument("areas", nargs="*", metavar="AREA", help="name of a list, or a file (default: all)")
    drawn = commands.add_parser("mutants", help="plant mutants of mutmut")
    drawn.add_argument(
        "paths", nargs="*", metavar="PATH", default=AREAS, help="module, folder, or FILE:NUMBER of a mutant"
    )
    drawn.add_argument("--sample", type=int, default=100, help="number of mutants that are drawn (default: 100)")
    drawn.add_argument("--seed", type=int, default=0, help="start of the random numbers (default: 0)")
    for command in (listed, drawn):
        command.add_argument("--jobs", type=int, default=2, help="faults at the same time (default: 2)")
        command.add_argument("--seconds", type=float, default=60, help="longest time of a fault's tests (default: 60)")
        command.add_argument("--output", type=Path, help="file that gets a line of JSON per fault")
    given = parser.parse_args(arguments)
    if given.command == "record":
        return record(given.tests)
    if given.command == "lists":
        faults = read_lists(given.areas)
        stale = [str(fault) for fault in faults if fault.is_stale()]
        print(*(f"stale: {fault}" for fault in stale), sep="\n", end="\n" if stale else "", flush=True)
        return plant([fault.fault() for fault in faults if not fault.is_stale()], given) or int(bool(stale))
    names = [path for path in given.paths if ":" in path]
    return plant(mutants.named(names) if names else mutants.draw(given.paths, given.sample, given.seed), given)


if __name__ == "__main__":
    sys.exit(main())
