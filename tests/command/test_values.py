"""Values of options: JSON, files, pairs, members of enums, places of images."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
import pytest

from rekog._generated.shapes import SHAPES
from rekog.command.values import Json, ListOf, Media, Member, Pairs, Text, fields

if TYPE_CHECKING:
    from pathlib import Path


def converted(kind: click.ParamType[Any], value: str) -> Any:
    return kind.convert(value, None, None)


def error_of(kind: click.ParamType[Any], value: str) -> str:
    with pytest.raises(click.BadParameter) as caught:
        converted(kind, value)
    return caught.value.message


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "value.json"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("prefix", ["@", "file://"])
def test_json_may_be_in_a_file(file: Callable[[str], Path], prefix: str) -> None:
    path = file('{"S3Bucket": "b\u00fccher"}\n')
    assert converted(Json("OutputConfig"), f"{prefix}{path}") == {"s3_bucket": "b\u00fccher"}


def test_json_may_come_from_the_standard_input(piped: Callable[[bytes], None]) -> None:
    piped(b'{"S3Bucket": "b"}')
    assert converted(Json("OutputConfig"), "@-") == {"s3_bucket": "b"}
    piped(b"\0\1")
    assert converted(Json("Image"), '{"Bytes": "@-"}') == {"bytes": b"\0\1"}


def test_texts_from_files_and_the_standard_input_are_the_same(
    file: Callable[[str], Path], piped: Callable[[bytes], None]
) -> None:
    content = b"\xef\xbb\xbfa\r\nb\r\n"  # as programs of Windows write it
    path = file("")
    path.write_bytes(content)
    piped(content)
    kind = Text(is_document=True)
    assert converted(kind, f"@{path}") == converted(kind, "@-") == "a\nb"


def test_fields_have_the_services_names_or_pythons() -> None:
    expected = {"general_labels": {"label_inclusion_filters": ["Cat"]}}
    assert fields("DetectLabelsSettings", {"GeneralLabels": {"label_inclusion_filters": ["Cat"]}}, "") == expected


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", "'{' is not JSON (Expecting property name"),
        ("labels", "'labels' is not JSON (Expecting value: line 1 column 1 (char 0)); @PATH reads a file"),
        ("[" * 100_000, "the JSON is nested too deeply"),
        ("3", "DetectLabelsSettings: must be a JSON object, not a number"),
        ("null", "DetectLabelsSettings: must be a JSON object, not null"),
        ('{"GeneralLabels": true}', "GeneralLabels: must be a JSON object, not a truth value"),
        ('{"GeneralLabel": {}}', "DetectLabelsSettings: has no field 'GeneralLabel'; did you mean GeneralLabels?"),
        ('{"x": {}}', "DetectLabelsSettings: has no field 'x'; there are GeneralLabels, ImageProperties"),
        ('{"GeneralLabels": {"LabelInclusionFilters": "Cat"}}',
         "GeneralLabels.LabelInclusionFilters: must be a JSON list, not text"),
    ],
)  # fmt: skip
def test_wrong_json_is_an_error_with_its_place(text: str, error: str) -> None:
    assert error_of(Json("DetectLabelsSettings"), text).startswith(error)


def test_one_structure_may_stand_for_a_list_of_one() -> None:
    kind = Json("DistributeDatasetMetadataList")
    assert converted(kind, '{"Arn": "a"}') == converted(kind, '[{"Arn": "a"}]') == [{"arn": "a"}]
    assert error_of(kind, "3") == "it: must be a JSON list, not a number"
    assert error_of(kind, '[{"Arm": "a"}]') == "[0]: has no field 'Arm'; did you mean Arn?"


def test_blobs_are_base64_text_or_files(file: Callable[[str], Path]) -> None:
    kind, path = Json("DatasetChanges"), file("{}")
    assert converted(kind, '{"GroundTruth": "AAEC"}') == {"ground_truth": b"\0\1\2"}
    assert fields("DatasetChanges", {"GroundTruth": f"@{path}"}, "") == {"ground_truth": b"{}"}
    assert "must be base64 text" in error_of(kind, '{"GroundTruth": "?"}')
    assert "'none' cannot be read: No such file" in error_of(kind, '{"GroundTruth": "fileb://none"}')


def test_texts_may_be_in_files(file: Callable[[str], Path]) -> None:
    path = file("policy\n")
    assert converted(Text(), f"file://{path}") == "policy"
    assert converted(Text(is_document=True), f"@{path}") == "policy"
    assert converted(Text(), "@policy") == "@policy"
    path.write_bytes(b"\xff")
    assert error_of(Text(), f"file://{path}").endswith("is not UTF-8 text")
    assert error_of(Text(), "file://none") == "'none' cannot be read: No such file or directory"


def test_pairs_are_words_json_or_a_file(file: Callable[[str], Path]) -> None:
    assert converted(Pairs(), "team=a=b") == {"team": "a=b"}
    assert converted(Pairs(), "team=") == {"team": ""}
    assert converted(Pairs(), ' {"team": 1}') == converted(Pairs(), f"@{file('team=1')}") == {"team": "1"}
    assert error_of(Pairs(), "team") == "'team' is neither KEY=VALUE nor a JSON object"


def test_a_list_of_scalars_takes_items_and_json_lists() -> None:
    kind = ListOf(Member(SHAPES["Attribute"].enum))
    assert converted(kind, "all") == ["ALL"]
    assert converted(kind, '["ALL", "smile"]') == ["ALL", "SMILE"]
    assert "'x' is not one of" in error_of(kind, '["x"]')


def test_an_image_is_a_path_a_url_or_the_services_structure() -> None:
    image = Media("image")
    assert [converted(image, text) for text in ("a.jpg", "fileb://a.jpg", "file:///a.jpg", "-")] == [
        "a.jpg", "a.jpg", "/a.jpg", "-",
    ]  # fmt: skip
    assert converted(image, '{"S3Object": {"Bucket": "b", "Name": "n"}}') == {"s3_object": {"bucket": "b", "name": "n"}}


def test_a_local_video_is_an_error_with_the_remedy() -> None:
    assert error_of(Media("video"), "party.mp4") == (
        "'party.mp4' is not in S3: the service reads stored videos from S3 only; copy it there (aws s3 cp party.mp4 "
        "s3://BUCKET/KEY) and give s3://BUCKET/KEY"
    )


def test_a_terminal_is_no_standard_input(monkeypatch: pytest.MonkeyPatch, piped: Callable[[bytes], None]) -> None:
    piped(b"")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    with pytest.raises(click.UsageError, match="which is a terminal here"):
        converted(Json("OutputConfig"), "@-")
