"""Output of results: a table for people, and JSON, JSON lines, CSV or tab-separated values for programs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._core.answers.rows import columns_of, has_rows, to_rows
from .._core.codecs import generated_class
from .._core.names import snake
from .._generated.shapes import SHAPES
from .._values.model import Model, Response, field_names
from .._values.narrow import is_mapping
from .texts import dumped, exact, plain

if TYPE_CHECKING:
    from .._core.paging_rules import Paged

Row = Mapping[str, object]


class Writer:
    """Writes the rows of a result, in the format of a command line, as they arrive.

    The table of a terminal is written at the end, because the widths of its columns depend on all rows. Without a
    terminal a table is tab-separated values, with a header and in full.
    """

    def __init__(self, output: str) -> None:
        self._is_shown = output == "table" and sys.stdout.isatty()
        self._output = output
        self._kept: list[Row] = []
        self._columns: Sequence[str] = ()

    def add(self, rows: Sequence[Row], columns: Sequence[str] = ()) -> None:
        """Take more rows, all with the same columns; without any row, `columns` makes the header."""
        if self._is_shown:
            self._kept += rows
            return
        if self._output == "jsonl":
            for row in rows:
                print(dumped(row, indent=None))
            return
        if not self._columns:
            self._columns = columns or (list(rows[0]) if rows else [])
            if self._columns:
                self._line(self._columns)
        for row in rows:
            self._line([exact(value) for value in row.values()])

    def _line(self, cells: Sequence[str]) -> None:
        if self._output == "csv":
            csv.writer(sys.stdout, lineterminator="\n").writerow(cells)
        else:
            print("\t".join(map(plain, cells)))

    def close(self) -> None:
        """Write the table, if it is one."""
        if self._is_shown:
            from .tables import show_rows

            show_rows(self._kept)


def write_document(document: object) -> None:
    """Write a value as JSON."""
    print(dumped(document))


def write_rows(output: str, rows: Sequence[Row], document: object, columns: Sequence[str] = ()) -> None:
    """Write rows, or the document that has the same content, if the format is JSON."""
    if output == "json":
        write_document(document)
        return
    writer = Writer(output)
    writer.add(rows, columns)
    writer.close()


def write_record(output: str, record: Row, document: object) -> None:
    """Write one thing: its fields below each other for people."""
    if output == "table":
        if sys.stdout.isatty():
            from .tables import show_record

            show_record(record)
        else:
            for name, value in record.items():
                print(f"{name}\t{plain(exact(value))}")
        return
    write_rows(output, [record], document)


def write_response(output: str, response: Response) -> None:
    """Write a response: its rows if it lists results, else its fields."""
    document = response.to_dict(names="wire")
    if has_rows(response):
        write_rows(output, to_rows(response, {}), document, _columns(response))
    else:
        write_record(output, flat(response.to_dict()), document)


def write_pages(
    output: str, pages: Iterable[Response], paged: Paged[Any, Any], *, before: Callable[[], None]
) -> dict[str, Any]:
    """Write the pages of a listing as they arrive; if the format is JSON, return them as one document instead.

    The document has the lists of all pages, and the other members of the first. A table is written after the last page;
    `before` is called first.
    """
    writer = Writer(output)
    document: dict[str, Any] = {}
    for page in pages:
        if output == "json":
            _merge(document, page, paged)
        else:
            writer.add(rows_of(page, paged), _columns(page))
    before()
    writer.close()
    return document


def _merge(document: dict[str, Any], page: Response, paged: Paged[Any, Any]) -> None:
    members = page.to_dict(names="wire")
    members.pop("NextToken", None)
    if not document:
        document.update(members)
        return
    wire = {snake(name): name for name in SHAPES[f"{paged.operation.name}Response"].members}
    for name in (wire[items] for items in (paged.items, paged.paired) if items):
        document.setdefault(name, []).extend(members.get(name, []))


def _columns(response: Response) -> list[str]:
    """Return the columns of a response's rows; none if it has no rows of its own."""
    return columns_of(generated_class(type(response)).__name__) if has_rows(response) else []


def rows_of(page: Response, paged: Paged[Any, Any]) -> list[Row]:
    """Return the rows of a page; a listing without columns of its own has those of its items."""
    if has_rows(page):
        return list(to_rows(page, {}))
    return [_row_of(item) for item in paged.read(page)]


def _row_of(item: Any) -> Row:
    if isinstance(item, str):
        return {"entry": item}
    model: Model = item
    values = model.to_dict()
    return {name: values.get(name) for name in field_names(type(model))}


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    """Return the fields of nested dicts by their paths, such as `output_config.s3_bucket`."""
    found: dict[str, object] = {}
    for name, value in values.items():
        if is_mapping(value) and value:
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found
