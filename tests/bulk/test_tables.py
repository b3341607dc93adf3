"""Outcomes as CSV and as JSON Lines."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from rekog.bulk import Outcome, write_csv, write_jsonl
from rekog.errors import ConfigError, ParamValidationError
from rekog.models import CustomLabel, DetectCustomLabelsResponse, DetectTextResponse

if TYPE_CHECKING:
    from pathlib import Path

LID = DetectCustomLabelsResponse(custom_labels=[CustomLabel(name='a "lid"', confidence=97.5)])
NONE = DetectCustomLabelsResponse(custom_labels=[])


def outcome(key: str, answer: Any = None, **other: Any) -> Outcome[str, Any]:
    return Outcome(key, key, answer=answer, **other)


def read(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_result_is_a_row_and_each_error_too(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    given = [outcome("ü.jpg", error=ConfigError("no\nway")), outcome("b.jpg", LID), outcome("c.jpg", NONE)]
    assert write_csv([*given, outcome("d.jpg", LID), outcome("e.jpg", error=ConfigError("late"))], path) == 4
    rows = read(path)
    assert [(row["key"], row["error"], row["name"], row["confidence"]) for row in rows] == [
        ("ü.jpg", "no\nway", "", ""),
        ("b.jpg", "", 'a "lid"', "97.5"),
        ("d.jpg", "", 'a "lid"', "97.5"),
        ("e.jpg", "late", "", ""),
    ]


def test_without_an_answer_a_table_has_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    assert write_csv([outcome("a.jpg", error=ConfigError("no"))], path) == 1
    assert read(path) == [{"key": "a.jpg", "error": "no"}]
    assert write_csv([], path) == 0
    assert path.read_text() == "key,error\n" or path.read_bytes() == b"key,error\r\n"


def test_answers_of_several_operations_make_no_table(tmp_path: Path) -> None:
    answers = [outcome("a", LID), outcome("b", DetectTextResponse(text_detections=[]))]
    with pytest.raises(ParamValidationError, match="write_csv: outcomes: the answers are of several operations"):
        write_csv(answers, tmp_path / "a.csv")


def test_json_lines_have_the_answer_or_the_error(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    given = [outcome("a", LID), outcome("b", error=ConfigError("no")), outcome("c", {"faces": 3})]
    assert write_jsonl(given, path) == 3
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"key": "a", "answer": LID.to_dict()},
        {"key": "b", "error": "no"},
        {"key": "c", "answer": {"faces": 3}},
    ]
