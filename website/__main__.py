"""The command line: `python -m website [--output DIR] [--pages]`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from . import pages


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m website", description="Build the documentation site.")
    parser.add_argument("--output", type=Path, default=pages.BUILD / "site", help="folder of the site")
    parser.add_argument("--pages", action="store_true", help="write the Markdown pages only, for `mkdocs serve`")
    options = parser.parse_args()
    settings = pages.write(pages.BUILD)
    if options.pages:
        print(f"Pages: {settings.parent}; python -m mkdocs serve -f {settings}")
        return 0
    # Not with --quiet, which also hides warnings from --strict.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(settings)]
    command += ["-d", str(options.output.resolve())]
    # The theme prints an advertisement of its successor for each build otherwise.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "true", "PYTHONPATH": str(pages.ROOT)}
    status = subprocess.run(command, check=False, env=environment, cwd=pages.ROOT).returncode
    if status == 0:
        print(f"Site: {options.output}")
    return status


if __name__ == "__main__":
    sys.exit(main())
