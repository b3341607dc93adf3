"""`python -m benchmarks` prints the table of goals; a full run renews it in the documentation, with its picture."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from . import peers
from .goals import ROWS
from .harness import SHORT, Scale, measure
from .local import running
from .picture import draw
from .report import as_json, clients_table, page_with, table

DOCS = peers.ROOT / "docs"


def main(arguments: Sequence[str]) -> int:
    """Measure and report; the status is 0 whatever is met, because a machine's load decides that too."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer calls and rounds: a few minutes, rough figures")
    parser.add_argument("--only", action="append", choices=[row.name for row in ROWS], help="a row; may be repeated")
    parser.add_argument("--calls", type=float, help="part of the full number of calls")
    parser.add_argument("--rounds", type=float, help="part of the full number of rounds")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--picture", type=Path, help="draw the figures to this SVG file")
    parser.add_argument("--setup", action="store_true", help="only install the peers, or bring them up to date")
    parser.add_argument("--no-peers", action="store_true", help="do not install the peers when they are absent")
    options = parser.parse_args(arguments)
    if options.setup or not (options.no_peers or peers.is_installed()):
        peers.install()
    if options.setup:
        return 0
    usual = SHORT if options.short else Scale()
    scale = Scale(options.calls or usual.calls, options.rounds or usual.rounds)
    with running() as local:
        rows = [row for row in ROWS if options.only is None or row.name in options.only]
        found = [measure(row, local, scale, _note) for row in rows]
    print(f"{table(found)}\n\n{clients_table(found)}")
    full = scale == Scale() and options.only is None
    if full:
        page = DOCS / "performance.md"
        page.write_text(page_with(page.read_text(), found))
    _write(json.dumps(as_json(found, scale), indent=1) + "\n", options.json, full, DOCS / "performance.json")
    _write(draw(found), options.picture, full, DOCS / "performance.svg")
    return 0


def _write(text: str, wished: Path | None, full: bool, documented: Path) -> None:
    for path in filter(None, (wished, documented if full else None)):
        path.write_text(text)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
