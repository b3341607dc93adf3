"""`python -m codegen` writes the generated files; `--check` fails when one of them differs by a byte.

Both refuse a signature that is narrower than the stored one (`codegen/signatures.py`); `--accept` writes and stores it.
`--new NAME` prints the list of files to change for an operation that the service has added.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from . import bulk, clients, codecs, dicts, jobs, models, partitions, service, signatures, tables
from .checklist import checklist
from .known import NewOperationError, UnknownFeatureError
from .load import Service, read_installed

PACKAGE = Path(__file__).parent.parent / "src" / "rekog"
USAGE = "usage: python -m codegen [--check | --accept | --new NAME], NAME as in FooBar"
WIRE_NAME = re.compile(r"[A-Z][A-Za-z0-9]+")


def render(model: Service) -> dict[str, str]:
    """Return every generated file by its path below the package."""
    files: dict[str, str] = {}
    for renderer in (models, dicts, codecs, clients, jobs, bulk, tables, service):
        files |= renderer.render(model)
    return files


def drift(files: dict[str, str], package: Path) -> list[str]:
    """Return the paths whose text differs on disk, and generated files on disk that are no longer rendered."""
    changed = [path for path, text in files.items() if _read(package / path) != text]
    existing = (path for folder in ("models", "_generated") for path in (package / folder).rglob("*.py"))
    return sorted([*changed, *({path.relative_to(package).as_posix() for path in existing} - set(files))])


def _read(path: Path) -> str | None:
    return path.read_bytes().decode() if path.exists() else None


def main(arguments: list[str], package: Path = PACKAGE, stored: Path = signatures.SIGNATURES) -> int:
    """Write or check the files, or print the checklist of a new operation; return the exit status."""
    match arguments:
        case ["--new", name] if WIRE_NAME.fullmatch(name):
            print(checklist(name))
            return 0
        case [] | ["--check"] | ["--accept"]:
            pass
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    try:
        files = render(read_installed())
    except UnknownFeatureError as error:
        print(f"codegen: {error}", file=sys.stderr)
        if isinstance(error, NewOperationError):
            print(f"\n{checklist(*error.names if len(error.names) == 1 else ())}", file=sys.stderr)
        return 1
    files["_generated/partitions.py"] = partitions.render_partitions()
    files["_generated/__init__.py"] = '"""Written by `python -m codegen`; do not edit by hand."""\n'
    present = signatures.signatures(files)
    narrowed = signatures.narrowed(signatures.stored(stored), present) if arguments != ["--accept"] else []
    outdated = drift(files, package)
    listing = signatures.text(present)
    if narrowed:
        problems = [f"{change}, which breaks calls; `python -m codegen --accept` accepts it" for change in narrowed]
    elif arguments == ["--check"]:
        outdated += [stored.name] * (_read(stored) != listing)
        problems = [f"{path} differs from the generator's output; run `python -m codegen`" for path in outdated]
    else:
        _write(files, outdated, package)
        if _read(stored) != listing:
            stored.write_bytes(listing.encode())
            print(f"wrote {stored.name}")
        problems = []
    for problem in problems:
        print(f"codegen: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _write(files: dict[str, str], outdated: list[str], package: Path) -> None:
    for path in outdated:
        target = package / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files[path].encode())
            print(f"wrote {path}")
        else:
            target.unlink()
            print(f"removed {path}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
