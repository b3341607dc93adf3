"""The command line: `python -m tests.mutation record`, `python -m tests.mutation run [PATH ...]`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutation.mutants import ROOT, build, draw
from tests.mutation.recorder import FOLDER
from tests.mutation.runner import Runner, Verdict

TESTS = "not slow and not typing and not live and not alone"


def record(tests: Sequence[str]) -> int:
    """Run these tests, or all default ones, and record which one executes which lines."""
    for path in () if tests else FOLDER.glob("*"):
        path.unlink()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutation.recorder", "-m", TESTS, *tests]
    return subprocess.call(command, cwd=ROOT)


def source_files(paths: Sequence[str]) -> list[str]:
    """Return the hand-written modules below these paths."""
    found: set[str] = set()
    for path in paths:
        full = ROOT / path
        found |= {str(file.relative_to(ROOT)) for file in ([full] if full.is_file() else full.rglob("*.py"))}
    return sorted(file for file in found if "/_generated/" not in file and "/models/" not in file)


def run(given: argparse.Namespace) -> int:
    """Run the tests of each mutant and print those that none of them notices."""
    named = [path.rsplit(":", 1) for path in given.paths if ":" in path]
    if named:
        mutants = list(build((file, int(number)) for file, number in named))
    else:
        mutants = draw(source_files(given.paths), given.sample, given.seed)
    totals = Counter[str]()
    output = Path(given.output).open("a", encoding="utf-8") if given.output else None  # noqa: SIM115

    def report(verdict: Verdict) -> None:
        totals[verdict.outcome] += 1
        if output:
            entry = verdict._asdict() | {"mutant": verdict.mutant.name, "difference": verdict.mutant.difference()}
            print(json.dumps(entry), file=output, flush=True)
        if verdict.outcome not in {"caught"}:
            text = f"{verdict.outcome} {verdict.mutant.name} ({verdict.tests} tests) {verdict.test}\n{verdict.mutant.difference()}\n"
            os.write(2, text.encode())

    arguments = ["-q", "-n", "0", "-p", "no:cacheprovider", "--capture=sys", "-m", TESTS]
    runner = Runner(mutants, report, given.jobs, given.seconds)
    pytest.main(arguments, plugins=[runner])
    os.write(
        2,
        (
            f"{sum(totals.values())} mutants: " + ", ".join(f"{n} {name}" for name, n in totals.most_common()) + "\n"
        ).encode(),
    )
    if runner.broken:
        os.write(2, ("fail without a mutant: " + " ".join(sorted(runner.broken)) + "\n").encode())
    return 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("record").add_argument("paths", nargs="*")
    parse = commands.add_parser("run")
    parse.add_argument("paths", nargs="*", default=["src/rekog"])
    parse.add_argument("--sample", type=int, default=100)
    parse.add_argument("--seed", type=int, default=0)
    parse.add_argument("--jobs", type=int, default=2)
    parse.add_argument("--seconds", type=float, default=20)
    parse.add_argument("--output")
    given = parser.parse_args()
    return record(given.paths) if given.command == "record" else run(given)


if __name__ == "__main__":
    sys.exit(main())
