"""Count the lines of the package: `python -m benchmarks.lines`.

`all` is what `wc -l` counts. `code` leaves out blank lines, comments and docstrings: these are what a reader has to
follow, so the goals are held against them. The emulator is counted apart, it is no part of the SDK.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "rekog"
SILENT = (
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
)  # fmt: skip


def docstring_lines(source: str) -> set[int]:
    """Return the numbers of the lines that docstrings take, those of attributes among them."""
    statements = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr))
    texts = (node for node in statements if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
    return {line for node in texts for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


def code_lines(source: str) -> int:
    """Return how many lines of a module hold code."""
    tokens = (token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type not in SILENT)
    return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)} - docstring_lines(source))


def count(paths: Iterable[Path]) -> tuple[int, int, int, Path]:
    """Return the lines of code, all lines, the lines of the longest file, and which that is."""
    sources = {path: path.read_text("utf-8") for path in paths}
    longest = max(sources, key=lambda path: sources[path].count("\n"))
    everything = sum(source.count("\n") for source in sources.values())
    return sum(map(code_lines, sources.values())), everything, sources[longest].count("\n"), longest.relative_to(ROOT)


def parts() -> Iterator[tuple[str, list[Path]]]:
    """Give the parts of the project with their files."""
    files = sorted(PACKAGE.rglob("*.py"))
    rooms = {path: path.relative_to(PACKAGE).parts[0] for path in files}
    yield "SDK, hand-written", [path for path in files if rooms[path] not in ("_generated", "models", "emulator")]
    yield "  of it _drivers", [path for path in files if rooms[path] == "_drivers"]
    yield "SDK, generated", [path for path in files if rooms[path] in ("_generated", "models")]
    yield "generator", sorted((ROOT / "codegen").glob("*.py"))
    yield "emulator", [path for path in files if rooms[path] == "emulator"]


def main() -> None:
    """Print the table."""
    sys.stdout.write(f"{'':20} {'code':>7} {'all':>7}  longest file\n")
    for name, paths in parts():
        code, everything, most, longest = count(paths)
        sys.stdout.write(f"{name:20} {code:7,} {everything:7,}  {most:5,} {longest.as_posix()}\n")


if __name__ == "__main__":
    main()
