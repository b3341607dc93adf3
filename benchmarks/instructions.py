"""`python -m benchmarks.instructions` fails when a call or decode path executes over 25 % more than its baseline.

Instruction counts do not depend on the clock or on the load of the machine. valgrind counts them. Without valgrind the
interpreter counts its own events, which have a baseline of their own. The baseline is committed, one set for each minor
version of Python, and `--update` replaces the set of the running one. Counts are relative to a calibration workload
without code of rekog, because another build of the same Python executes more or fewer instructions for everything.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from .local import Local, running
from .peers import ROOT
from .workloads import MARK, TIMES

BASELINE = Path(__file__).with_name("instructions.json")
LIMIT = 1.25
CALIBRATION = "calibration"
TIMEOUT = 600.0

Counts = dict[str, float]


def count_instructions(local: Local) -> Counts:
    """Return the machine instructions of one run of each workload, counted by valgrind."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "part"
        _run(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", f"--dump-before={MARK}*"],
            "valgrind",
            local,
        )
        # The parts alternate: the code before a section, then the section.
        sections = [_total(Path(f"{out}.{2 * (number + 1)}")) for number in range(len(TIMES))]
    return {name: total / times for (name, times), total in zip(TIMES.items(), sections, strict=True)}


def count_events(local: Local) -> Counts:
    """Return the interpreter's events in one run of each workload."""
    counts: Counts = json.loads(_run([], "events", local))
    return counts


def compared(counts: Mapping[str, float], baseline: Mapping[str, float]) -> Counts:
    """Return each count divided by its baseline, both relative to the calibration."""
    drift = counts[CALIBRATION] / baseline[CALIBRATION]
    names = [name for name in counts if name in baseline and name != CALIBRATION]
    return {name: counts[name] / baseline[name] / drift for name in names}


def report(counts: Mapping[str, float], ratios: Mapping[str, float]) -> str:
    """Return the table of counts in Markdown."""
    lines = ["| workload | count | against the baseline |", "| --- | --- | --- |"]
    for name, count in counts.items():
        ratio = ratios.get(name)
        lines.append(f"| {name} | {count:,.0f} | {'' if ratio is None else _verdict(ratio)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Count, compare and report; return 1 when a count exceeds its baseline by more than 25 %."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description=__doc__)
    parser.add_argument("--update", action="store_true", help="store the counts of this run as the baseline")
    parser.add_argument(
        "--events", action="store_true", help="count the interpreter's events even if valgrind is installed"
    )
    options = parser.parse_args(arguments)
    kind = "valgrind" if shutil.which("valgrind") and not options.events else "events"
    if kind == "events" and not options.events:
        print("valgrind is not installed: counting the interpreter's events instead")
    with running() as local:
        counts = count_instructions(local) if kind == "valgrind" else count_events(local)
    stored: dict[str, dict[str, Counts]] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if options.update:
        stored.setdefault(kind, {})[version] = {name: round(count) for name, count in counts.items()}
        BASELINE.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n")
    baseline = stored.get(kind, {}).get(version)
    ratios = compared(counts, baseline) if baseline else {}
    print(report(counts, ratios))
    if baseline is None:
        print(f"no baseline: {BASELINE.name} has no {kind} counts for Python {version}; --update stores them")
    return int(any(ratio > LIMIT for ratio in ratios.values()))


def _run(prefix: Sequence[str], kind: str, local: Local) -> str:
    command = [*prefix, sys.executable, "-m", "benchmarks.workloads", kind, local.urls["http"]]
    environment = {**local.environment("http"), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT, check=True
    )
    return done.stdout


def _total(part: Path) -> int:
    total = re.search(r"^totals: (\d+)", part.read_text(), re.MULTILINE)
    if total is None:
        raise RuntimeError(f"{part.name} has no totals line; check the installation of valgrind")
    return int(total[1])


def _verdict(ratio: float) -> str:
    change = f"{ratio - 1:+.1%}"
    if ratio > LIMIT:
        return f"**{change}: more than {LIMIT - 1:.0%}**"
    return f"{change}: update the baseline with `--update`" if ratio < 1 / LIMIT else change


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
