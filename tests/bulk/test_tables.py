"""Outcomes as CSV, as Parquet and as JSON Lines."""

from __future__ import annotations

import csv
import json
import sys
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

import rekog.models
from rekog import RekognitionClient, from_wire
from rekog._core.answers.columns import types_of
from rekog._core.answers.rows import LISTINGS, columns_of
from rekog.bulk import Outcome, write_csv, write_jsonl, write_parquet
from rekog.errors import ConfigError, ParamValidationError
from rekog.models import CustomLabel, DetectCustomLabelsResponse, DetectFacesResponse, DetectTextResponse
from tests.kit.samples import sample

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


def test_the_name_of_a_file_that_is_not_utf8_is_escaped(tmp_path: Path) -> None:
    given = [outcome("caf\udce9.jpg", LID), outcome("\udce9", error=ConfigError("no"))]
    assert write_csv(given, tmp_path / "labels.csv") == 2
    assert [row["key"] for row in read(tmp_path / "labels.csv")] == [r"caf\udce9.jpg", r"\udce9"]
    assert write_jsonl(given, tmp_path / "labels.jsonl") == 2
    lines = (tmp_path / "labels.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["caf\udce9.jpg", "\udce9"]
    assert write_parquet(given, tmp_path / "labels.parquet") == 2


def test_without_an_answer_a_table_has_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    assert write_csv([outcome("a.jpg", error=ConfigError("no"))], path) == 1
    assert read(path) == [{"key": "a.jpg", "error": "no"}]
    assert write_csv([], path) == 0
    assert path.read_text() == "key,error\n" or path.read_bytes() == b"key,error\r\n"


def test_the_columns_of_a_run_without_an_answer_are_those_of_its_operation(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    with RekognitionClient.local() as client:
        for sources, rows in (([], 0), ([b"no image"], 1)):
            given: list[bytes] = sources
            with client.bulk.detect_faces(given) as run:
                assert write_csv(run, path) == rows
            with open(path, newline="", encoding="utf-8") as file:
                header, *found = csv.reader(file)
            assert header == ["key", "error", *columns_of("DetectFacesResponse")]
            assert len(found) == rows


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


# --- Parquet -----------------------------------------------------------------------------------------------------

FACE: dict[str, Any] = {
    "BoundingBox": {"Left": 0.25, "Top": 0, "Width": 0.5, "Height": 0.5},
    "Confidence": 99,
    "AgeRange": {"Low": 20, "High": 28},
    "Smile": {"Value": True, "Confidence": 80.5},
    "Gender": {"Value": "Female", "Confidence": 97.5},
}
FACES = DetectFacesResponse.from_dict({"FaceDetails": [FACE, FACE]})
PLAIN = DetectFacesResponse.from_dict({"FaceDetails": [{"BoundingBox": FACE["BoundingBox"], "Confidence": 98.5}]})


def schema_of(path: Path) -> dict[str, str]:
    schema: Any = import_module("pyarrow.parquet").read_schema(path)
    return {name: str(kind) for name, kind in zip(schema.names, schema.types, strict=True)}


def test_pandas_and_polars_read_a_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "faces.parquet"
    given = [outcome("a.jpg", PLAIN), outcome("ü.jpg", error=ConfigError("no\nway")), outcome("b.jpg", FACES)]
    assert write_parquet(given, path) == 4
    frame: Any = import_module("pandas").read_parquet(path)
    assert frame["key"].tolist() == ["a.jpg", "ü.jpg", "b.jpg", "b.jpg"]
    assert frame["confidence"].tolist()[2:] == [99.0, 99.0]
    assert frame["error"].dropna().tolist() == ["no\nway"]
    rows: Any = import_module("polars").read_parquet(path).to_dicts()
    assert rows[0]["smile"] is None
    expected = {**FACES.to_rows(key="b.jpg", error=None)[0]}
    assert rows[2] == rows[3] == expected
    assert [type(rows[3][name]) for name in ("confidence", "age_low", "smile", "gender")] == [float, int, bool, str]


def test_the_types_of_a_parquet_file_do_not_depend_on_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "faces.parquet"
    write_parquet([outcome("a", PLAIN)], path)
    schema = schema_of(path)
    assert schema["age_low"] == "int64"
    assert schema["smile"] == "bool"
    write_parquet([outcome("b", FACES)], path)
    assert schema_of(path) == schema
    none: list[Path] = []
    with RekognitionClient.local() as client, client.bulk.detect_faces(none) as run:
        assert write_parquet(run, path) == 0
    assert schema_of(path) == schema


def test_a_parquet_file_without_an_answer_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "faces.parquet"
    assert write_parquet([], path) == 0
    assert schema_of(path) == {"key": "string", "error": "string"}
    assert write_parquet([outcome("a", error=ConfigError("no"))], path) == 1
    assert import_module("pyarrow.parquet").read_table(path).to_pylist() == [{"key": "a", "error": "no"}]


def test_groups_of_rows_are_written_as_they_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "faces.parquet"
    monkeypatch.setattr("rekog.bulk._tables.ROWS_IN_GROUP", 3)
    # Python's own buffer has 128 KiB since 3.14, which is more than these groups.
    monkeypatch.setattr("rekog.bulk._tables.open", partial(open, buffering=16), raising=False)
    sizes: list[int] = []

    def given() -> Any:
        yield outcome("e", error=ConfigError("early"))
        for number in range(4):
            yield outcome(str(number), FACES)
            sizes.append(path.stat().st_size)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_parquet(given(), path)
    file: Any = import_module("pyarrow.parquet").ParquetFile(path)
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [3, 4, 2]
    assert sizes[0] < sizes[2]


def test_answers_of_several_operations_make_no_parquet_file(tmp_path: Path) -> None:
    answers = [outcome("a", LID), outcome("b", DetectTextResponse(text_detections=[]))]
    with pytest.raises(ParamValidationError, match="write_parquet: outcomes: the answers are of several operations"):
        write_parquet(answers, tmp_path / "a.parquet")


def test_parquet_without_pyarrow_names_the_extra_and_takes_no_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    outcomes = iter([outcome("a", LID)])
    with pytest.raises(ConfigError, match=r"write_parquet needs pyarrow: pip install '\.\[parquet\]'"):
        write_parquet(outcomes, tmp_path / "a.parquet")
    assert len(list(outcomes)) == 1
    assert not (tmp_path / "a.parquet").exists()


@pytest.mark.parametrize("name", [*LISTINGS, "ListCollectionsResponse"])
def test_each_value_of_a_row_has_the_type_of_its_column(name: str) -> None:
    kind: Any = getattr(rekog.models, name)
    types = types_of(kind)
    assert list(types) == columns_of(name)
    answer: Any = from_wire(kind, sample(name))
    rows: list[dict[str, object]] = answer.to_rows()
    found = {column: type(value) for row in rows for column, value in row.items() if value is not None}
    assert found
    assert found.items() <= types.items()
