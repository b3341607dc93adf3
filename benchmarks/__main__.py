"""`python -m benchmarks` prints the table of goals; a full run also updates the tables and the chart in docs/."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from . import peers
from .chart import draw
from .goals import ROWS
from .harness import SHORT, Scale, measure
from .local import running
from .report import as_json, clients_table, page_with, table

DOCS = peers.ROOT / "docs"


def main(arguments: Sequence[str]) -> int:
    """Measure and report; return 0 even when a goal is missed, because the machine's load affects the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer calls and rounds: a few minutes, rough figures")
    parser.add_argument("--only", action="append", choices=[row.name for row in ROWS], help="one row; repeatable")
    parser.add_argument("--calls", type=float, help="fraction of the full number of calls")
    parser.add_argument("--rounds", type=float, help="fraction of the full number of rounds")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--chart", "--picture", type=Path, help="draw the figures as a chart in this SVG file")
    parser.add_argument("--setup", action="store_true", help="only install or update the peers")
    parser.add_argument("--no-peers", action="store_true", help="do not install the peers when they are missing")
    options = parser.parse_args(arguments)
    if options.setup or not (options.no_peers or peers.is_installed()):
        peers.install()
    if options.setup:
        return 0
    default = SHORT if options.short else Scale()
    scale = Scale(options.calls or default.calls, options.rounds or default.rounds)
    with running() as local:
        rows = [row for row in ROWS if options.only is None or row.name in options.only]
        results = [measure(row, local, scale, _log) for row in rows]
    print(f"{table(results)}\n\n{clients_table(results)}")
    full = scale == Scale() and options.only is None
    if full:
        page = DOCS / "performance.md"
        page.write_text(page_with(page.read_text(), results))
    _write(json.dumps(as_json(results, scale), indent=1) + "\n", options.json, full, DOCS / "performance.json")
    _write(draw(results), options.chart, full, DOCS / "performance.svg")
    return 0


def _write(text: str, requested: Path | None, full: bool, documented: Path) -> None:
    for path in filter(None, (requested, documented if full else None)):
        path.write_text(text)


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
