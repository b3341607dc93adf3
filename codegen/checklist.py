"""The list of files to change for a new operation: it is written once, in CONTRIBUTING.md."""

from __future__ import annotations

from pathlib import Path

from rekog._core.names import snake

CONTRIBUTING = Path(__file__).parent.parent / "CONTRIBUTING.md"
HEADING = "## A new operation"


def checklist(operation: str = "FooBar") -> str:
    """Return the section of CONTRIBUTING.md, with the operation's name for the placeholders `FooBar` and `foo_bar`."""
    _, heading, rest = CONTRIBUTING.read_text("utf-8").partition(f"\n{HEADING}\n")
    if not heading:
        raise LookupError(f"CONTRIBUTING.md has no section `{HEADING}`")
    section = rest.partition("\n## ")[0].strip()
    return section.replace("FooBar", operation).replace("foo_bar", snake(operation))
