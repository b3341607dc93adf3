"""Count the lines of the package: `python -m benchmarks.lines`.

`all` is the count of `wc -l`. `code` leaves out blank lines, comments and docstrings; the goals apply to `code`. The
emulator is not part of the SDK and is counted separately.
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
GENERATED = ("_generated", "models")
NOT_CODE = (
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
)  # fmt: skip


def docstring_lines(source: str) -> set[int]:
    """Return the numbers of the lines of docstrings, attribute docstrings included."""
    statements = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr))
    texts = (node for node in statements if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
    return {line for node in texts for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


def code_lines(source: str) -> int:
    """Return the number of lines of code in a module."""
    tokens = (token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type not in NOT_CODE)
    return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)} - docstring_lines(source))


def count(paths: Iterable[Path]) -> tuple[int, int, int, Path]:
    """Return the lines of code, all lines, the lines of the longest file, and the path of that file."""
    sources = {path: path.read_text("utf-8") for path in paths}
    longest = max(sources, key=lambda path: sources[path].count("\n"))
    everything = sum(source.count("\n") for source in sources.values())
    return sum(map(code_lines, sources.values())), everything, sources[longest].count("\n"), longest.relative_to(ROOT)


def parts() -> Iterator[tuple[str, list[Path]]]:
    """Yield the parts of the project with their files; an indented part is a folder of the part above it.

    A folder of the package that is neither generated nor the emulator belongs to the SDK.
    """
    files = sorted(PACKAGE.rglob("*.py"))
    sdk = [path for path in files if _folder(path) not in (*GENERATED, "emulator")]
    yield "SDK, hand-written", sdk
    for folder in sorted({_folder(path) for path in sdk} - {""}):
        yield f"  {folder}", [path for path in sdk if _folder(path) == folder]
    yield "SDK, generated", [path for path in files if _folder(path) in GENERATED]
    yield "generator", sorted((ROOT / "codegen").glob("*.py"))
    yield "emulator", [path for path in files if _folder(path) == "emulator"]


def _folder(path: Path) -> str:
    """Return the folder of the package in which a file is, an empty text for a module of the package itself."""
    parents = path.relative_to(PACKAGE).parts[:-1]
    return parents[0] if parents else ""


def main() -> None:
    """Print the table."""
    sys.stdout.write(f"{'':20} {'code':>7} {'all':>7}  longest file\n")
    for name, paths in parts():
        code, everything, lines, longest = count(paths)
        sys.stdout.write(f"{name:20} {code:7,} {everything:7,}  {lines:5,} {longest.as_posix()}\n")


if __name__ == "__main__":
    main()
