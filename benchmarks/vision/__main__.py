"""`python -m benchmarks.vision [CAPABILITY...]` measures accuracy; `--write` puts the tables into docs/vision.md."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, cast

from . import __path__ as folder
from .tables import replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .tables import Table

DOCUMENT = Path(__file__).parents[2] / "docs" / "vision.md"
SHARED = ("__main__", "tables", "images", "films")
"""Modules that measure nothing."""


def main() -> None:
    """Run the measurements."""
    names = [module.name for module in iter_modules(folder) if module.name not in SHARED]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vision")
    parser.add_argument("capability", nargs="*", help=f"one of {', '.join(names)} (default: all)")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/vision.md")
    options = parser.parse_args()
    unknown = set(options.capability) - set(names)
    if unknown:
        parser.error(f"no such capability: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    for name in options.capability or names:
        measure = cast("Callable[[], Sequence[Table]]", import_module(f"{__package__}.{name}").tables)
        tables = measure()
        print("\n\n".join(table.markdown() for table in tables), end="\n\n", flush=True)
        if options.write:
            DOCUMENT.write_text(replaced(DOCUMENT.read_text("utf-8"), name, tables), "utf-8")


if __name__ == "__main__":
    main()
