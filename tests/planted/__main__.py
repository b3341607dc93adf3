"""Plant each fault and run its tests: `python -m tests.planted [--jobs N] [AREA ...]`.

The status is 0 when every fault is caught, except those with a reason in the list.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
LIMIT = 600  # seconds for the tests of one fault; more counts as caught, because the default tests would hang too


class PlantedFault(NamedTuple):
    """A change of one file, and the tests that must fail with it."""

    area: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    reason: str = ""

    def __str__(self) -> str:
        removed, added = (" ".join(text.split())[:70] for text in (self.old, self.new))
        return f"{self.area}: {self.file}: {removed!r} -> {added!r}"


def read_faults(areas: Iterable[str]) -> list[PlantedFault]:
    """Return the faults of these areas, by default of all."""
    wanted, faults = set(areas), list[PlantedFault]()
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        if wanted and path.stem not in wanted:
            continue
        entries: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["fault"]
        for entry in entries:
            reason = entry.get("harmless") or entry.get("survives") or ""
            fault = PlantedFault(path.stem, entry["file"], entry["old"], entry["new"], tuple(entry["tests"]), reason)
            faults.append(fault)
    return faults


def is_stale(fault: PlantedFault) -> bool:
    """Return whether the code that the fault replaces, or a file of its tests, is no longer there."""
    paths = [ROOT / fault.file, *(ROOT / test.split("::")[0] for test in fault.tests)]
    return not all(path.exists() for path in paths) or paths[0].read_text("utf-8").count(fault.old) != 1


def outcome(fault: PlantedFault) -> str:
    """Return how the tests deal with the fault: `caught`, `survives`, `stale`, or `broken` when they cannot run."""
    if is_stale(fault):
        return "stale"
    text = (ROOT / fault.file).read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "src")
        shutil.copytree(ROOT / "src", source)  # with the compiled modules: Python compiles the changed one only
        Path(folder, fault.file).write_text(text.replace(fault.old, fault.new), "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", "not live"]
        environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                [*command, *fault.tests], cwd=ROOT, env=environment, capture_output=True, check=False, timeout=LIMIT
            )
        except subprocess.TimeoutExpired:
            return "caught"
    # 0: all passed. 1: a test failed. 2: a test module does not import, which the default run reports as well.
    return {0: "survives", 1: "caught", 2: "caught"}.get(done.returncode, "broken")


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant the faults of the areas on the command line and print the result of each that is not caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description="Measure the tests by planted faults.")
    parser.add_argument("areas", nargs="*", metavar="AREA", help="name of a list of faults, by default all")
    parser.add_argument("--jobs", type=int, default=2, help="faults at the same time (default: 2)")
    given = parser.parse_args(arguments)
    faults, totals, failed = read_faults(given.areas), Counter[str](), False
    with ThreadPoolExecutor(given.jobs) as pool:
        for fault, result in zip(faults, pool.map(outcome, faults), strict=True):
            known = result == "survives" and bool(fault.reason)
            totals["known survivor" if known else result] += 1
            failed = failed or not (known or result == "caught")
            if result != "caught":
                print(f"{result}: {fault}{f' ({fault.reason})' if fault.reason else ''}", flush=True)
    print(f"{len(faults)} faults: " + ", ".join(f"{number} {name}" for name, number in totals.most_common()))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
