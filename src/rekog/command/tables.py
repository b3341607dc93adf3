"""Tables for people, drawn by rich: columns side by side if they fit, else each row as a block of lines.

Columns that belong together become one: a value with its confidence, the four numbers of a box, the ends of a range.
Columns without a value are left out. CSV and JSON have all of them.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .texts import short

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Row = Mapping[str, object]
Cells = Mapping[str, str]

_GAP = 2
_SHORTEST = 16
"""Columns to which a long text may be folded before the rows become blocks."""
_BOX = ("left", "top", "width", "height")
_RANGES = {"age": ("age_low", "age_high")}


def show_rows(rows: Sequence[Row]) -> None:
    """Print rows on the standard output."""
    from rich.cells import cell_len  # a letter of Chinese is two columns wide

    console = console_of(sys.stdout)
    if not rows:
        console_of(sys.stderr).print("no results", style="dim")
        return
    folded = [_folded(row) for row in rows]
    names = list(dict.fromkeys(name for cells in folded for name in cells))
    cells = [{name: each.get(name, "") for name in names} for each in folded]
    columns = [name for name in names if any(each[name] for each in cells)]
    widths = {name: max(map(cell_len, (name, *(each[name] for each in cells)))) for name in columns}
    console.print(_grid(cells, columns) if _fits(widths, console.width) else _blocks(cells, columns))


def show_record(record: Row) -> None:
    """Print the fields of one thing on the standard output."""
    cells = {name: short(value) for name, value in record.items()}
    console_of(sys.stdout).print(_blocks([cells], list(cells)))


def console_of(stream: object) -> Console:
    """Return the console of a standard stream."""
    from rich.console import Console

    width, height = shutil.get_terminal_size()  # rich assumes 80 columns for TERM=dumb
    is_error = stream is sys.stderr
    return Console(stderr=is_error, width=width, height=height, highlight=False, markup=False, emoji=False)


def _fits(widths: Mapping[str, int], width: int) -> bool:
    """Tell whether columns fit side by side, when long texts are folded."""
    return sum(min(each, _SHORTEST) for each in widths.values()) + _GAP * (len(widths) - 1) <= width


def _grid(cells: Iterable[Cells], columns: Sequence[str]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    rows = list(cells)
    for name in columns:
        is_number = all(_is_number(row[name]) for row in rows)
        table.add_column(
            Text(name.replace("_", " ")), justify="right" if is_number else "left", overflow="fold", no_wrap=is_number
        )
    for row in rows:
        table.add_row(*(Text(row[name]) for name in columns))
    return table


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).replace("e", "", 1).isdecimal() or not text


def _blocks(cells: Iterable[Cells], columns: Sequence[str]) -> RenderableType:
    """Return each row as lines of names and values."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    blocks: list[RenderableType] = []
    width = max((len(name) for name in columns), default=0)
    for row in cells:
        block = Table(box=None, show_header=False, padding=(0, _GAP, 0, 0), pad_edge=False)
        block.add_column(style="bold", overflow="fold", min_width=min(width, _SHORTEST))
        block.add_column(overflow="fold")
        for name in columns:
            if row[name]:
                block.add_row(Text(name.replace("_", " ")), Text(row[name]))
        blocks += [*([Text()] if blocks else []), block]
    return Group(*blocks)


def _folded(row: Row) -> dict[str, str]:
    """Return the cells of a row, with columns that belong together as one."""
    cells: dict[str, str] = {}
    taken: set[str] = set()
    for name, value in row.items():
        if name in taken:
            continue
        for fold in _FOLDS:
            joined = fold(row, name)
            if joined is not None:
                column, text, used = joined
                cells[column] = text
                taken.update(used)
                break
        else:
            cells[name] = short(value)
    return cells


Fold = Callable[[Row, str], tuple[str, str, Iterable[str]] | None]


def _box(row: Row, name: str) -> tuple[str, str, Iterable[str]] | None:
    """Join the numbers of a box: left and top, width and height, as ratios of the image."""
    if not name.endswith("left"):
        return None
    prefix = name.removesuffix("left")
    names = [prefix + side for side in _BOX]
    values = [row.get(each) for each in names]
    numbers = [f"{value:.3f}" for value in values if isinstance(value, float | int)]
    if len(numbers) != len(names):
        return (f"{prefix}box", "", names) if values == [None] * len(names) and names[-1] in row else None
    left, top, width, height = numbers
    return f"{prefix}box", f"{left} {top} {width}x{height}", names


def _judged(row: Row, name: str) -> tuple[str, str, Iterable[str]] | None:
    """Join a value with its confidence."""
    confidence = f"{name}_confidence"
    if confidence not in row:
        return None
    value, number = row[name], row[confidence]
    text = "" if value is None else short(value)
    return name, f"{text} {number:.1f}%".strip() if isinstance(number, float | int) else text, (name, confidence)


def _range(row: Row, name: str) -> tuple[str, str, Iterable[str]] | None:
    """Join the ends of a range."""
    for column, (low, high) in _RANGES.items():
        if name == low:
            text = "" if row[low] is None else f"{short(row[low])}-{short(row.get(high))}"
            return column, text, (low, high)
    return None


_FOLDS: tuple[Fold, ...] = (_box, _judged, _range)
