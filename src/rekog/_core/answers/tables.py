"""Answers as HTML tables, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from ..._values.model import field_names
from .rows import has_rows, to_rows

if TYPE_CHECKING:
    from ..._values.model import Response

MAX_ROWS = 50


def to_html(answer: Response) -> str:
    """Return the rows of an answer as a table without empty columns; without rows, its fields and their values."""
    rows = to_rows(answer, {}) if has_rows(answer) else []
    title = f"<p>{type(answer).__name__}{_count(len(rows)) if has_rows(answer) else ''}</p>"
    if rows:
        columns = [name for name in rows[0] if any(row[name] is not None for row in rows)]
        return title + _table(columns, ([row[name] for name in columns] for row in rows[:MAX_ROWS]))
    fields: list[tuple[str, object]] = [(name, getattr(answer, name)) for name in field_names(type(answer))]
    return title + _table(["field", "value"], [field for field in fields if field[1] is not None])


def _count(number: int) -> str:
    shown = f", the first {MAX_ROWS} shown" if number > MAX_ROWS else ""
    return f": {number} row{'' if number == 1 else 's'}{shown}"


def _table(columns: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(_text(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.4g}"
    return "" if cell is None else str(cell)
