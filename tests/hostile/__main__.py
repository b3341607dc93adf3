"""Run attacks: `python -m tests.hostile [NAME ...] [--share 0.1] [--list]`.

Each attack has a process of its own, because attacks fork, raise signals, change the environment and measure memory.
The exit status is 1 if a law was violated, or if an attack did not end.
"""

from __future__ import annotations

import argparse
import faulthandler
import subprocess
import sys
import time

from tests.hostile.attack import Attack, Report
from tests.hostile.registry import ATTACKS
from tests.hostile.watch import clean_environment, watching

MARGIN_SECONDS = 60.0  # the least time limit of an attack


def main(words: list[str] | None = None) -> int:
    """Run the attacks of a command line, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description="Run attacks on rekog.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="attacks to run; by default all of them")
    parser.add_argument("--share", type=float, default=1.0, help="share of the usual number of attempts; default 1")
    parser.add_argument("--list", action="store_true", help="print the names, the counts and the laws only")
    options = parser.parse_args(words)
    if unknown := set(options.names) - ATTACKS.keys():
        parser.error(f"there is no attack {sorted(unknown)}; there are {', '.join(ATTACKS)}")
    chosen = [ATTACKS[name] for name in options.names or ATTACKS]
    if options.list:
        for attack in chosen:
            print(f"{attack.name} ({attack.count:,})\n    " + attack.law.replace("\n", "\n    "))
        return 0
    if len(chosen) == 1:
        clean_environment()
        return run_here(chosen[0], options.share)
    command = [sys.executable, "-m", "tests.hostile", "--share", str(options.share)]
    return int(sum(subprocess.run([*command, attack.name], check=False).returncode for attack in chosen) > 0)


def run_here(attack: Attack, share: float) -> int:
    """Run one attack in this process, print its report, and return the exit status."""
    faulthandler.dump_traceback_later(MARGIN_SECONDS + attack.seconds * max(share, 0.05), exit=True, file=2)
    report = Report()
    began = time.monotonic()
    with watching(report):
        attack.run(attack.scaled(share), report)
    seconds = time.monotonic() - began
    faulthandler.cancel_dump_traceback_later()
    faults = report.faults.total()
    print(f"{attack.name}: {report.attempts:,} attempts, {faults:,} faults, {seconds:.1f} s")
    for name, count in sorted(report.figures.items()):
        print(f"    {name}: {count:,}")
    for text, count in report.faults.most_common(20):
        print(f"    FAULT {count:,} x {text}")
    sys.stdout.flush()
    return int(faults > 0 or report.attempts == 0)


if __name__ == "__main__":
    sys.exit(main())
