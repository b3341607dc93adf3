"""Outcomes as files: a table in CSV or Parquet, and JSON Lines."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

from .._core.answers.columns import types_of
from .._core.answers.rows import columns_of
from .._core.codecs import generated_class
from .._values.errors import ConfigError, ParamValidationError
from .._values.model import Model, Response
from .._values.public import publish
from ._runs import answers_of

if TYPE_CHECKING:
    from ._outcomes import Outcome

ROWS_IN_GROUP = 10_000
"""Rows of a Parquet file that are in memory until they are written."""
ESCAPED = "backslashreplace"
"""For the name of a file that is not UTF-8: Python has it with characters that UTF-8 cannot write."""


def write_csv(outcomes: Iterable[Outcome[object, Response]], path: str | os.PathLike[str]) -> int:
    """Write the results of outcomes as a table in CSV, and return the number of rows.

    Each result is a row: `key`, `error`, then the columns of the answer's `to_rows`. A source with an error has one row
    with the text of the error; an answer without results has none. The file is written while the outcomes arrive.
    The columns are those of the run's operation; in other outcomes the first answer tells them, and without one there
    are `key` and `error` only. Raise `ParamValidationError` for answers that have no rows, or of several operations.
    """
    count = 0
    kind = answers_of(outcomes)
    columns = [] if kind is None else columns_of(kind.__name__)
    failed: list[dict[str, object]] = []  # until an answer tells the columns
    with open(path, "w", newline="", encoding="utf-8", errors=ESCAPED) as file:
        table: csv.DictWriter[str] = csv.DictWriter(file, ["key", "error", *columns], restval="")
        if columns:
            table.writeheader()
        for outcome in outcomes:
            if outcome.error is not None:
                rows: list[dict[str, object]] = [{"key": outcome.key, "error": str(outcome.error)}]
            else:
                rows = outcome.answer.to_rows(key=outcome.key, error=None)
                found = columns_of(generated_class(type(outcome.answer)).__name__)
                if columns and found != columns:
                    raise ParamValidationError("write_csv: outcomes: the answers are of several operations")
                if not columns:
                    columns = found
                    table.fieldnames = ["key", "error", *columns]
                    table.writeheader()
                    table.writerows(failed)
            (table.writerows if columns else failed.extend)(rows)
            count += len(rows)
        if not columns:
            table.writeheader()
            table.writerows(failed)
    return count


def write_jsonl(outcomes: Iterable[Outcome[object, object]], path: str | os.PathLike[str]) -> int:
    """Write outcomes as JSON Lines, and return the number of lines.

    A line has `key`, and `answer` with Python's names, or `error` with the text of the error. An answer of a function
    must be a model or have a JSON form. The file is written while the outcomes arrive.
    """
    count = 0
    with open(path, "w", newline="\n", encoding="utf-8", errors=ESCAPED) as file:
        for outcome in outcomes:
            if outcome.error is not None:
                text = json.dumps(str(outcome.error))
            else:
                answer = outcome.answer
                text = answer.to_json() if isinstance(answer, Model) else json.dumps(answer)
            name = "answer" if outcome.ok else "error"
            file.write(f'{{"key": {json.dumps(outcome.key)}, "{name}": {text}}}\n')
            count += 1
    return count


def write_parquet(outcomes: Iterable[Outcome[object, Response]], path: str | os.PathLike[str]) -> int:
    """Write the results of outcomes as a Parquet file, and return the number of rows.

    The rows are those of `write_csv`. The columns have the types of the operation (text, double, int64 or bool), which
    do not depend on the answers; without an answer and without a run of an operation there are `key` and `error` only.
    A group of rows is written when 10,000 have arrived, and the last one at the end, after an error too. Requires the
    extra `parquet`, `ConfigError` without it. Raise `ParamValidationError` as `write_csv` does.
    """
    try:
        arrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise ConfigError("write_parquet needs pyarrow: pip install '.[parquet]' in a clone of rekog") from error
    count = 0
    with open(path, "wb") as file, closing(_Groups(arrow, parquet, file, answers_of(outcomes))) as groups:
        for outcome in outcomes:
            key = outcome.key.encode("utf-8", ESCAPED).decode()
            if outcome.error is not None:
                rows: list[dict[str, object]] = [{"key": key, "error": str(outcome.error)}]
            else:
                rows = outcome.answer.to_rows(key=key, error=None)
                groups.check(generated_class(type(outcome.answer)))
            groups.add(rows)
            count += len(rows)
    return count


class _Groups:
    """The groups of rows of a Parquet file. The file is opened when the class of the answers is known."""

    def __init__(self, arrow: Any, parquet: Any, file: BinaryIO, kind: type[Any] | None) -> None:
        self._arrow = arrow
        self._parquet = parquet
        self._file = file
        self._kind = kind
        self._rows: list[dict[str, object]] = []
        self._writer: Any = None

    def check(self, kind: type[Any]) -> None:
        if self._kind not in (None, kind):
            raise ParamValidationError("write_parquet: outcomes: the answers are of several operations")
        self._kind = kind

    def add(self, rows: list[dict[str, object]]) -> None:
        self._rows += rows
        if self._kind is not None and len(self._rows) >= ROWS_IN_GROUP:
            self._write()

    def close(self) -> None:
        with closing(self._opened()):
            self._write()

    def _write(self) -> None:
        if self._rows:
            writer = self._opened()
            writer.write_table(self._arrow.Table.from_pylist(self._rows, writer.schema))
            self._rows.clear()

    def _opened(self) -> Any:
        if self._writer is None:
            self._writer = self._parquet.ParquetWriter(self._file, self._schema())
        return self._writer

    def _schema(self) -> Any:
        arrow = self._arrow
        names = {str: arrow.string(), float: arrow.float64(), int: arrow.int64(), bool: arrow.bool_()}
        columns = {"key": str, "error": str, **({} if self._kind is None else types_of(self._kind))}
        return arrow.schema([(name, names[kind]) for name, kind in columns.items()])


publish("rekog.bulk", write_csv, write_jsonl, write_parquet)
