"""Content that a server stores at its start."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from rekog import RekognitionClient
from rekog.emulator import Emulator
from rekog.emulator.launch.options import Put, ServerOptions, server_options
from rekog.emulator.launch.seeds import seed
from tests.kit.wire import ASTRONAUT, HOPPER

if TYPE_CHECKING:
    from pathlib import Path


def test_a_server_starts_with_its_seeds_and_a_second_start_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "hopper.jpg").write_bytes(HOPPER.read_bytes())
    (tmp_path / "people" / "notes.txt").write_text("a note")
    (tmp_path / "content.json").write_text(json.dumps({"declare": [{"of": "s3://photos/a.jpg", "labels": ["Cat"]}]}))
    words = {
        "put": [f"s3://photos/a.jpg={ASTRONAUT}"],
        "declare": [str(tmp_path / "content.json")],
        "collection": [f"people={tmp_path / 'people'}"],
    }
    lines: list[str] = []
    versions: list[object] = []
    for _ in range(2):
        with Emulator(data=tmp_path / "state") as emulator, RekognitionClient.local(emulator) as client:
            seed(emulator, server_options(words, {}), lines.append)
            assert [label.name for label in client.detect_labels("s3://photos/a.jpg").labels] == ["Cat"]
            assert client.describe_collection("people").face_count == 1
        with closing(sqlite3.connect(tmp_path / "state" / "state.sqlite3")) as connection:
            versions += connection.execute("SELECT version FROM object").fetchall()
    assert len(versions) == 2
    assert versions[0] == versions[1]
    assert lines == [f"{tmp_path / 'people'}: notes.txt: Request has invalid image format"] * 2


def test_each_seed_is_stored_and_each_file_that_can_not_be_used_is_reported(emulator: Emulator, tmp_path: Path) -> None:
    words: dict[str, list[str]] = {"put": [], "declare": [], "celebrities": [], "collection": []}
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "notes.txt").write_text(name)
        (folder / "more.txt").write_text(name)
        declared = {"declare": [{"of": f"s3://photos/{name}.jpg", "labels": [name]}]}
        (tmp_path / f"{name}.json").write_text(json.dumps(declared))
        words["put"].append(f"s3://photos/{name}.jpg={ASTRONAUT}")
        words["declare"].append(str(tmp_path / f"{name}.json"))
        words["celebrities"].append(str(folder))
        words["collection"].append(f"people-{name}={folder}")
    lines: list[str] = []
    seed(emulator, server_options(words, {}), lines.append)
    texts = [
        f"{tmp_path / name}: {file}: Request has invalid image format"
        for name in "ab"
        for file in ("more.txt", "notes.txt")
    ]
    assert lines == texts * 2
    with RekognitionClient.local(emulator) as client:
        assert client.list_collections().collection_ids == ["people-a", "people-b"]
        for name in ("a", "b"):
            assert [label.name for label in client.detect_labels(f"s3://photos/{name}.jpg").labels] == [name]


def test_the_name_of_an_object_is_checked_before_its_file_is_read(emulator: Emulator) -> None:
    options = ServerOptions(put=(Put("b", "\ud800", "nowhere"),))
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        seed(emulator, options, print)
    assert str(caught.value) == "key must be text, without half a surrogate pair"


def test_a_changed_file_is_a_further_version_of_its_object(emulator: Emulator, tmp_path: Path) -> None:
    for content in (b"1", b"2"):
        (tmp_path / "file").write_bytes(content)
        seed(emulator, server_options({"put": [f"s3://b/k={tmp_path / 'file'}"]}, {}), print)
        assert emulator.get_object("b", "k") == content


@pytest.mark.parametrize(("name", "word"), [("put", "s3://b/k=nowhere"), ("collection", "people=nowhere")])
def test_a_missing_file_is_an_error_that_names_it(emulator: Emulator, name: str, word: str) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        seed(emulator, server_options({name: [word]}, {}), print)
