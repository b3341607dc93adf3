"""`python -m benchmarks.instructions` fails when the call or decode paths execute a quarter more than they did.

Instructions do not depend on the clock or on what else the machine does. valgrind counts them; where it is not
installed, the interpreter counts its own steps, which are kept apart. The counts to hold against are committed, one set
for each minor version of Python, and `--update` renews those of this one. A count is taken relative to a calibration
that our code has no part in, because another build of the same Python executes more or less for everything.
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
MOST = 1.25
CALIBRATION = "calibration"
TIMEOUT = 600.0

Counts = dict[str, float]


def count_instructions(local: Local) -> Counts:
    """Count the machine instructions of one run of each workload, with valgrind."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "part"
        _run(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", f"--dump-before={MARK}*"],
            "valgrind",
            local,
        )
        # The parts alternate: what is before a section, and the section.
        sections = [_total(Path(f"{out}.{2 * (number + 1)}")) for number in range(len(TIMES))]
    return {name: total / times for (name, times), total in zip(TIMES.items(), sections, strict=True)}


def count_events(local: Local) -> Counts:
    """Count the interpreter's steps in one run of each workload."""
    counts: Counts = json.loads(_run([], "events", local))
    return counts


def compared(counts: Mapping[str, float], baseline: Mapping[str, float]) -> Counts:
    """Return each count divided by the committed one, both relative to the calibration."""
    drift = counts[CALIBRATION] / baseline[CALIBRATION]
    names = [name for name in counts if name in baseline and name != CALIBRATION]
    return {name: counts[name] / baseline[name] / drift for name in names}


def report(counts: Mapping[str, float], ratios: Mapping[str, float]) -> str:
    """Return the table."""
    lines = ["| workload | count | against the baseline |", "| --- | --- | --- |"]
    for name, count in counts.items():
        ratio = ratios.get(name)
        lines.append(f"| {name} | {count:,.0f} | {'' if ratio is None else _verdict(ratio)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Count, compare, report; the status is 1 when something became a quarter dearer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description=__doc__)
    parser.add_argument("--update", action="store_true", help="commit to the counts of this run")
    parser.add_argument("--events", action="store_true", help="count the interpreter's steps though valgrind is there")
    options = parser.parse_args(arguments)
    kind = "valgrind" if shutil.which("valgrind") and not options.events else "events"
    if kind == "events" and not options.events:
        print("valgrind is not installed: the interpreter counts its own steps instead")
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
        print(f"nothing to compare with: {BASELINE.name} has no counts by {kind} for Python {version}; see --update")
    return int(any(ratio > MOST for ratio in ratios.values()))


def _run(prefix: Sequence[str], kind: str, local: Local) -> str:
    command = [*prefix, sys.executable, "-m", "benchmarks.workloads", kind, local.urls["http"]]
    environment = {**local.environment("http"), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT, check=True
    )
    return done.stdout


def _total(part: Path) -> int:
    found = re.search(r"^totals: (\d+)", part.read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"valgrind wrote no total to {part.name}")
    return int(found[1])


def _verdict(ratio: float) -> str:
    change = f"{ratio - 1:+.1%}"
    if ratio > MOST:
        return f"**{change}: more than {MOST - 1:.0%}**"
    return f"{change}, time for `--update`" if ratio < 1 / MOST else change


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
