"""Tables in Markdown, and their places in a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table with a sentence above it."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def markdown(self) -> str:
        """Return the table as Markdown."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "\n".join([self.caption, "", *(f"| {' | '.join(map(str, line))} |" for line in lines)])


def replaced(document: str, name: str, tables: Sequence[Table]) -> str:
    """Return a document with the tables of a capability between its two marks, `<!-- NAME -->` and `<!-- /NAME -->`."""
    text = "\n\n".join(table.markdown() for table in tables)
    between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not between.search(document):
        raise ValueError(f"the document has no marks for {name}")
    return between.sub(lambda match: f"{match[1]}{text}\n{match[2]}", document)
