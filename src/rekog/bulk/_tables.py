"""Outcomes as files: a table in CSV, and JSON Lines."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .._core.answers.rows import columns_of
from .._core.codecs import generated_class
from .._values.errors import ParamValidationError
from .._values.model import Model, Response
from .._values.public import publish

if TYPE_CHECKING:
    from ._outcomes import Outcome


def write_csv(outcomes: Iterable[Outcome[object, Response]], path: str | os.PathLike[str]) -> int:
    """Write the results of outcomes as a table in CSV, and return the number of rows.

    Each result is a row: `key`, `error`, then the columns of the answer's `to_rows`. A source with an error has one row
    with the text of the error; an answer without results has none. The file is written while the outcomes arrive.
    Raise `ParamValidationError` for answers that have no rows, or of several operations.
    """
    count = 0
    columns: list[str] = []
    failed: list[dict[str, object]] = []  # until an answer tells the columns
    with open(path, "w", newline="", encoding="utf-8") as file:
        table: csv.DictWriter[str] = csv.DictWriter(file, ["key", "error"], restval="")
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
    with open(path, "w", newline="\n", encoding="utf-8") as file:
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


publish("rekog.bulk", write_csv, write_jsonl)
