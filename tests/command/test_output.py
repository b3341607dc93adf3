"""The forms of a result without a terminal, and the tables of a terminal."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rekog.command.tables import show_record, show_rows
from rekog.command.texts import dumped, exact, short
from tests.kit.backends import Scripted, json_reply
from tests.kit.samples import sample

if TYPE_CHECKING:
    from tests.command.conftest import Run

Service = Callable[..., Scripted]
LABELS = {"Labels": [{"Name": "Cat\tand\ndog", "Confidence": 97.123456, "Parents": [{"Name": "Pet"}]}]}
HEADER = "name confidence parents categories aliases instance_confidence left top width height".split()


def test_a_pipe_gets_tab_separated_values_in_full(run: Run, service: Service) -> None:
    service(json_reply(LABELS))
    header, row = run("detect-labels", "s3://photos/cat.jpg").out.splitlines()
    assert header.split("\t") == HEADER
    assert row.split("\t")[:3] == ["Cat and dog", "97.123456", "Pet"]


def test_csv_and_json_lines_have_the_rows(run: Run, service: Service) -> None:
    service(json_reply(LABELS))
    table = list(csv.DictReader(io.StringIO(run("detect-labels", "s3://photos/cat.jpg", "--format", "csv").out)))
    lines = run("--format", "jsonl", "detect-labels", "s3://photos/cat.jpg").out.splitlines()
    assert list(table[0]) == HEADER
    assert [json.loads(line)["name"] for line in lines] == ["Cat\tand\ndog"] == [row["name"] for row in table]


@pytest.mark.parametrize(("form", "expected"), [("csv", ",".join(HEADER) + "\n"), ("jsonl", "")])
def test_a_result_without_rows_has_its_header(run: Run, service: Service, form: str, expected: str) -> None:
    service(json_reply({"Labels": []}))
    assert run("detect-labels", "s3://photos/cat.jpg", "--format", form).out == expected


def test_a_listing_without_columns_of_its_own_has_the_fields_of_its_items(run: Run, service: Service) -> None:
    service(json_reply({"ProjectDescriptions": [{"ProjectArn": "arn:1", "Status": "CREATED"}]}))
    header, row = run("describe-projects").out.splitlines()
    assert dict(zip(header.split("\t"), row.split("\t"), strict=True)) == {
        "project_arn": "arn:1", "creation_timestamp": "", "status": "CREATED", "datasets": "[]", "feature": "",
        "auto_update": "",
    }  # fmt: skip


def test_an_empty_listing_of_unknown_columns_is_empty(run: Run, service: Service) -> None:
    service(json_reply({"ProjectDescriptions": []}))
    assert run("describe-projects", "--format", "csv").out == ""


def test_the_pages_of_a_listing_have_one_header(run: Run, service: Service) -> None:
    service(json_reply({"CollectionIds": ["a"], "NextToken": "t"}), json_reply({"CollectionIds": ["b"]}))
    assert run("list-collections", "--format", "csv").out == "collection_id,face_model_version\na,\nb,\n"


def test_a_listing_of_texts_has_one_column(run: Run, service: Service) -> None:
    service(json_reply({"DatasetEntries": ["{}"]}))
    assert run("list-dataset-entries", "arn:aws:rekognition:eu-west-1:1:dataset").out == "entry\n{}\n"


def test_a_response_without_a_list_is_a_line_for_each_field(run: Run, service: Service) -> None:
    service(json_reply({"FaceCount": 2, "CreationTimestamp": 0}))
    assert run("describe-collection", "staff").out == ("face_count\t2\ncreation_timestamp\t1970-01-01T00:00:00+00:00\n")
    assert run("describe-collection", "staff", "--format", "csv").out == (
        "face_count,creation_timestamp\n2,1970-01-01T00:00:00+00:00\n"
    )


def test_nested_fields_have_their_path_as_name(run: Run, service: Service) -> None:
    service(json_reply({"Tags": {"team": "door"}}))
    assert run("list-tags-for-resource", "arn:aws:rekognition:eu-west-1:1:x").out == "tags.team\tdoor\n"


def test_an_empty_response_writes_nothing(run: Run, service: Service) -> None:
    service(json_reply({}))
    assert run("delete-project-policy", "arn:aws:rekognition:eu-west-1:1:project", "p").out == ""


def test_values_in_full_and_in_short() -> None:
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert [exact(value) for value in (None, True, False, when, [1], "a\nb")] == [
        "", "true", "false", "2026-01-02T03:04:05+00:00", "[1]", "a\nb",
    ]  # fmt: skip
    assert [short(value) for value in (None, True, False, when, 99.98765, "a\nb")] == [
        "", "yes", "no", "2026-01-02 03:04:05", "99.99", "a b",
    ]  # fmt: skip


def test_json_is_ascii_on_a_stream_that_is_not_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dumped("\u00e9", indent=None) == '"\u00e9"'
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    assert dumped("\u00e9", indent=None) == '"\\u00e9"'
    assert dumped({"a": object}, indent=None).startswith('{"a": "<class')


# --- On a terminal -----------------------------------------------------------------------------------------------


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return the function that makes the output a terminal of some columns, without colours."""

    def of_width(columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("TERM", "dumb")

    return of_width


def test_columns_that_belong_together_are_one(terminal: Callable[[int], None], run: Run, service: Service) -> None:
    terminal(200)
    service(json_reply({"FaceDetails": [{
        "BoundingBox": {"Left": 0.25, "Top": 0.125, "Width": 0.5, "Height": 0.75}, "AgeRange": {"Low": 20, "High": 29},
        "Smile": {"Value": True, "Confidence": 88.88}, "Beard": {"Value": False}, "Confidence": 99.99,
    }]}))  # fmt: skip
    header, row = run("detect-faces", "s3://photos/cat.jpg").out.splitlines()
    assert header.split() == ["confidence", "box", "age", "smile", "beard"]
    assert row.split() == ["99.99", "0.250", "0.125", "0.500x0.750", "20-29", "yes", "88.9%", "no"]


def test_rows_that_do_not_fit_are_blocks_of_lines(terminal: Callable[[int], None], run: Run, service: Service) -> None:
    terminal(40)
    service(json_reply({"FaceDetails": [sample("FaceDetail", 1), sample("FaceDetail", 2) | {"Gender": None}]}))
    lines = run("detect-faces", "s3://photos/cat.jpg").out.splitlines()
    assert max(map(len, lines)) <= 40
    assert lines.count("") == 1
    assert [line.split() for line in lines if line.startswith("age")] == [["age", "1-1"], ["age", "2-2"]]


def test_a_long_text_is_folded_in_its_column(
    terminal: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal(40)
    show_rows([{"name": "x" * 60, "count": 3}, {"name": "y", "count": 12}])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:2]] == [["name", "count"], ["x" * 33, "3"]]
    assert lines[-1].rstrip().endswith("12")


def test_wide_letters_count_for_two_columns(
    terminal: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal(24)
    show_rows([{"a": "\u4f60" * 8, "b": "\u4f60" * 6}])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["a", "b"]  # blocks: 16 and 12 columns do not fit


def test_a_table_without_rows_says_so_on_the_standard_error(
    terminal: Callable[[int], None], run: Run, service: Service
) -> None:
    terminal(80)
    service(json_reply({"Labels": []}))
    done = run("detect-labels", "s3://photos/cat.jpg")
    assert (done.status, done.out, done.err) == (0, "", "no results\n")


def test_a_record_is_lines_of_names_and_values(terminal: Callable[[int], None], run: Run, service: Service) -> None:
    terminal(80)
    service(json_reply({"FaceCount": 2, "FaceModelVersion": "7.0"}))
    done = run("describe-collection", "staff")
    assert [line.split() for line in done.out.splitlines()] == [
        ["face", "count", "2"],
        ["face", "model", "version", "7.0"],
    ]


def test_texts_are_no_markup_and_no_control_sequences(
    terminal: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal(80)
    show_record({"text": "[bold]:smile:\x1b[31m"})
    assert capsys.readouterr().out.split() == ["text", "[bold]:smile:", "[31m"]


def test_a_box_that_is_incomplete_or_absent(
    terminal: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal(80)
    sides = ("left", "top", "width", "height")
    show_rows([{"name": "a", **dict.fromkeys(sides)}, {"name": "b", **dict.fromkeys(sides, 0.5)}])
    show_rows([{"name": "c", **dict.fromkeys(sides), "left": 0.5}])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["name", "box"], ["a"], ["b", "0.500", "0.500", "0.500x0.500"], ["name", "left"], ["c", "0.5"]]
