"""The files of the package `rekog_weights`, its manifest and its notices."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

import rekog_weights
from convert import files, onnx_file
from convert.sources import networks
from rekog_weights import __main__ as command

ROOT = Path(__file__).parents[1]
ENTRIES = rekog_weights.manifest()["networks"]
LIMIT = 45_000_000  # bytes of the networks; the history of the repository keeps each version


def listed() -> dict[str, rekog_weights.File]:
    return {name: file for entry in ENTRIES.values() for name, file in entry["files"].items()}


@pytest.mark.parametrize("name", sorted(listed()))
def test_a_file_has_the_size_and_sha256_of_the_manifest(name: str) -> None:
    data = (files.PACKAGE / name).read_bytes()
    assert {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} == listed()[name]


def test_no_other_file_is_shipped() -> None:
    shipped = {path.name for path in files.PACKAGE.iterdir() if path.is_file() and path.suffix != ".py"}
    assert shipped == {*listed(), files.MANIFEST, "py.typed"}


def test_the_package_stays_small() -> None:
    assert sum(file["size"] for file in listed().values()) <= LIMIT


def test_the_manifest_has_the_words_of_the_table() -> None:
    table = networks()
    assert list(ENTRIES) == list(table)
    for name, entry in ENTRIES.items():
        assert entry["license"] == table[name].license
        assert entry["copyright"] == list(table[name].holders)
        assert entry["source"]["files"] == table[name].files
        assert entry["changes"].endswith(table[name].changes)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_a_network_says_inside_that_it_was_changed(name: str) -> None:
    graph = onnx_file.read(rekog_weights.path(name).read_bytes())
    entry = ENTRIES[name]
    assert graph.metadata["license"] == entry["license"]
    assert graph.metadata["changes"].startswith("Changed by the rekog developers in 2026; not an official release.")
    assert all(holder in graph.metadata["copyright"] for holder in entry["copyright"])
    assert all(sha256 in graph.metadata["source_files"] for sha256 in entry["source"]["files"].values())


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_the_manifest_has_the_shapes_of_the_network(name: str) -> None:
    graph = onnx_file.read(rekog_weights.path(name).read_bytes())
    for values, described in ((graph.inputs, ENTRIES[name]["inputs"]), (graph.outputs, ENTRIES[name]["outputs"])):
        assert {value.name: list(value.shape) for value in values} == {
            key: tensor["shape"] for key, tensor in described.items()
        }


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_notice_and_readme_describe_the_network(name: str) -> None:
    notice, readme = ((ROOT / file).read_text("utf-8") for file in ("NOTICE", "README.md"))
    for holder in ENTRIES[name]["copyright"]:
        assert holder.partition(" (")[0].removesuffix(" All Rights Reserved.") in notice
    assert f"{name}.onnx" in notice
    assert f"### `{name}`" in readme


def test_the_licence_texts_are_shipped() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0 AND MIT AND BSD-2-Clause"
    assert project["license-files"] == ["LICENSE", "NOTICE", "licenses/*"]
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "licenses").iterdir()}
    assert "END OF TERMS AND CONDITIONS" in texts["Apache-2.0.txt"]
    assert "Copyright (c) 2018 Vincent Mühler" in texts["MIT-muehler.txt"]
    assert "Copyright (c) 2021 Vladimir Mandic" in texts["MIT-mandic.txt"]
    assert "Copyright (c) 2016, Yahoo Inc." in texts["BSD-2-Clause-yahoo.txt"]


def test_the_files_of_faces_attributes_are_separate() -> None:
    names = {name for name, entry in ENTRIES.items() if entry["face_attributes"]}
    assert names == {"face_age_gender", "face_expression", "face_mesh", "iris"}


def test_the_characters_match_the_classes_of_the_recognition() -> None:
    shape = ENTRIES["text_recognition"]["outputs"]["logits"]["shape"]
    characters = rekog_weights.characters()
    assert len(characters) == len(set(characters)) == shape[1]
    assert (characters[0], characters[-1]) == ("", " ")


def test_an_unknown_name_is_an_error_that_lists_the_names() -> None:
    with pytest.raises(ValueError, match="'face' is no network of rekog-weights; the networks are efficientnet_lite0"):
        rekog_weights.path("face")


def test_differences_are_named(tmp_path: Path) -> None:
    for name, data in (("same.onnx", b"1"), ("other.onnx", b"2"), ("unknown.onnx", b"3")):
        (tmp_path / name).write_bytes(data)
    built = {"same.onnx": b"1", "other.onnx": b"1", "absent.onnx": b"1"}
    assert files.differences(built, tmp_path) == ["absent.onnx", "other.onnx", "unknown.onnx"]


def test_the_command_compares_the_files_with_the_manifest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert command.changed() == []

    def absent(name: str) -> Path:
        return tmp_path / f"{name}.onnx"

    monkeypatch.setattr(command, "path", absent)
    assert command.changed() == list(listed())
