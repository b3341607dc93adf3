"""The command `rekog`: every operation, people, jobs and whole folders from a terminal. It needs the extra `cli`.

`main` is the entry point; docs/command.md describes the command. The command is public, the modules here are private.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return the exit status."""
    try:
        missing = [name for name in ("click", "rich") if find_spec(name) is None]
        if missing:
            text = f"rekog: the command needs {' and '.join(missing)}: pip install '.[cli]' in a clone of rekog"
            print(text, file=sys.stderr)
            return 2
        from .program import run

        return run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # while modules are loaded
        return 130
