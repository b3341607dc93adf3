"""The command `rekog`: every operation, people, jobs and whole folders from a terminal. It needs the extra `cli`.

`main` is the entry point; docs/command.md describes the command. The command is public, the modules here are private.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return the exit status."""
    try:
        import click  # noqa: F401 (the question is whether it is there)
    except ModuleNotFoundError:
        text = "rekog: the command needs click and rich: pip install '.[cli]' in a clone of rekog"
        print(text, file=sys.stderr)
        return 2
    from .program import run

    return run(sys.argv[1:] if arguments is None else arguments)
