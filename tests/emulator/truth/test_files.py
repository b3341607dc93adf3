"""Documents of declarations, from files and from elsewhere, and the examples of the documentation."""

from __future__ import annotations

import errno
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rekog import RekognitionClient, ServiceError
from rekog.emulator import Emulator, TruthError
from rekog.emulator.truth.capabilities import CAPABILITIES
from rekog.emulator.truth.declaring import checked
from rekog.emulator.truth.files import read_document
from rekog.emulator.truth.names import name_of
from rekog.errors import RekogWarning
from tests.emulator.truth.declarations import IMAGE, OTHER, VERSION, label_names
from tests.kit.clock import NOW
from tests.kit.wire import ASTRONAUT


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator that sees nothing but faces, so that all other content is declared or refused."""
    with Emulator(vision="off", clock=lambda: NOW) as opened:
        yield opened


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


TOML = f"""
[[declare]]
of = "cat.png"
labels = ["Cat", ["Dog", 91.5]]

[[declare]]
of = "s3://photos/stop.png"
text = ["STOP"]
custom_labels = {{ "{VERSION}" = ["sign"] }}

  [[declare.faces]]
  Identity = "Ann"
  BoundingBox = [0.1, 0.2, 0.3, 0.4]
"""


def test_a_toml_file_can_name_files_beside_it(emulator: Emulator, client: RekognitionClient, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(IMAGE)
    emulator.declare_file(write(tmp_path, "content.toml", TOML))
    emulator.put_object("photos", "stop.png", OTHER)
    assert label_names(client) == ["Cat", "Dog"]
    assert len(client.detect_faces("s3://photos/stop.png").face_details) == 1


def test_a_json_file_can_declare_the_same(emulator: Emulator, client: RekognitionClient, tmp_path: Path) -> None:
    document = {"declare": [{"of": name_of(IMAGE), "labels": ["Cat", ["Dog", 91.5]]}]}
    emulator.declare_file(str(write(tmp_path, "content.json", json.dumps(document))))
    assert label_names(client) == ["Cat", "Dog"]


@pytest.mark.parametrize("name", ["content.json", "content.toml", "CONTENT.JSON", "Content.Toml"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_of_windows_can_be_declared(
    emulator: Emulator, client: RekognitionClient, tmp_path: Path, name: str, mark: str
) -> None:
    json_text = json.dumps({"declare": [{"of": name_of(IMAGE), "labels": ["Cat"]}]})
    toml_text = f'[[declare]]\r\nof = "{name_of(IMAGE)}"\r\nlabels = ["Cat"]\r\n'
    text = mark + (json_text if name.lower().endswith("json") else toml_text)  # Notepad begins with a byte order mark
    (tmp_path / name).write_bytes(text.encode())
    emulator.declare_file(tmp_path / name)
    assert label_names(client) == ["Cat"]


def test_a_file_with_a_problem_declares_nothing(emulator: Emulator, client: RekognitionClient, tmp_path: Path) -> None:
    entries: list[dict[str, object]] = [
        {"of": name_of(IMAGE), "labels": ["Cat"]},
        {"of": name_of(OTHER), "labels": [{}]},
    ]
    document = {"declare": entries}
    with pytest.raises(TruthError) as caught:
        emulator.declare_file(write(tmp_path, "content.json", json.dumps(document)))
    assert str(caught.value) == "content.json: declare[1].labels[0].Name: required, and must be text"
    with pytest.raises(ServiceError, match="can't detect the labels"):
        client.detect_labels(IMAGE)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("content.yaml", "", "must end in .json or .toml"),
        ("content", "", "must end in .json or .toml"),
        ("content.json", "[]", "must be one list named 'declare'"),
        ("content.json", "{}", "must be one list named 'declare'"),
        ("content.json", '{"declare": {}}', "must be one list named 'declare'"),
        ("content.json", '{"declare": [], "other": 1}', "must be one list named 'declare'"),
        ("content.json", '{"declare": [7]}', "declare[0].of: required; each entry must be a mapping, not int"),
        ("content.json", '{"declare": [{"labels": []}]}', "declare[0].of: required, and must be text"),
        ("content.json", '{"declare": [{"of": "", "labels": []}]}', "declare[0].of: required, and must be text"),
        ("content.json", '{"declare": [{"of": 7, "labels": []}]}', "declare[0].of: required, and must be text"),
        (
            "content.json",
            '{"declare": [{"of": "s3://x", "labels": []}]}',
            "declare[0].of: 's3://x' must name a bucket and a key: s3://BUCKET/KEY",
        ),
        (
            "content.json",
            '{"declare": [{"of": "sha256:x", "labels": []}]}',
            "declare[0].of: 'sha256:x' must have 64 lowercase hex digits after sha256:",
        ),
        (
            "content.json",
            '{"declare": [{"of": "no.png", "labels": []}]}',
            f"declare[0].of: can't be read ({os.strerror(errno.ENOENT)})",
        ),
    ],
)
def test_the_error_of_a_file_has_the_path_of_the_problem(
    emulator: Emulator, tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises(TruthError) as caught:
        emulator.declare_file(write(tmp_path, name, text))
    assert str(caught.value) == f"{name}: {message}"


@pytest.mark.parametrize(("name", "parse"), [("content.toml", tomllib.loads), ("content.json", json.loads)])
def test_the_error_of_a_file_has_the_reason_of_its_parser(
    emulator: Emulator, tmp_path: Path, name: str, parse: Callable[[str], object]
) -> None:
    with pytest.raises(ValueError) as reason:  # noqa: PT011 (its text is compared below)
        parse("{ 1")
    with pytest.raises(TruthError) as caught:
        emulator.declare_file(write(tmp_path, name, "{ 1"))
    assert str(caught.value) == f"{name}: is not {name[-4:].upper()} ({reason.value})"


UNREADABLE = {
    "Latin-1": "café".encode("latin-1"),
    "UTF-16": "[]".encode("utf-16"),
    "zeros": bytes(4),
    "deep": b"declare = " + b"[" * 100_000,
    "deep JSON": b"[" * 100_000,
    "half a document": b'{"declare": [',
}


@pytest.mark.parametrize("suffix", ["json", "toml"])
@pytest.mark.parametrize("content", UNREADABLE)
def test_a_file_that_is_no_document_is_an_error_with_its_name(
    emulator: Emulator, tmp_path: Path, suffix: str, content: str
) -> None:
    (tmp_path / f"content.{suffix}").write_bytes(UNREADABLE[content])
    with pytest.raises(TruthError, match=rf"content\.{suffix}: is not {suffix.upper()} \("):
        emulator.declare_file(tmp_path / f"content.{suffix}")


def test_the_problems_of_all_entries_are_reported_at_once(emulator: Emulator, tmp_path: Path) -> None:
    text = '{"declare": [{"of": "no.png", "labels": []}, {"labels": []}, {"of": "none.png", "labels": []}]}'
    with pytest.raises(TruthError) as caught:
        emulator.declare_file(write(tmp_path, "content.json", text))
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "declare[0].of", "declare[1].of", "declare[2].of"
    ]  # fmt: skip


def test_a_document_can_not_name_files() -> None:
    entry: dict[str, object] = {"of": "/etc/passwd", "labels": []}
    with pytest.raises(TruthError) as caught:
        read_document({"declare": [entry]})
    assert str(caught.value) == "declare[0].of: must begin with s3:// or sha256:; this document can't name files"
    with pytest.raises(TruthError) as caught:
        read_document({"declare": [entry]}, "content.json: ")
    assert caught.value.problems == ["declare[0].of: must begin with s3:// or sha256:; this document can't name files"]
    assert str(caught.value) == f"content.json: {caught.value.problems[0]}"


def test_every_capability_can_be_declared_empty() -> None:
    lists = [name for name, kind in CAPABILITIES.items() if not kind.single]
    for name in lists:
        assert checked({name: []}) in ({name: []}, {name: {"": []}})


# the documentation

GUIDE = (ASTRONAUT.parents[2] / "docs" / "emulator-truth.md").read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", examples("python"))
def test_the_guides_examples_run(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ASTRONAUT.parents[2])
    exec(compile(example, "emulator-truth.md", "exec"), {})


@pytest.mark.parametrize("name", ["toml", "json"])
def test_the_guides_files_can_be_declared(emulator: Emulator, tmp_path: Path, name: str) -> None:
    (tmp_path / "astronaut.jpg").write_bytes(ASTRONAUT.read_bytes())
    (example,) = examples(name)
    emulator.declare_file(write(tmp_path, f"declarations.{name}", example))


def test_the_guide_has_every_capability() -> None:
    assert re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE) == list(CAPABILITIES)


def test_recorded_declarations_may_have_small_confidences(emulator: Emulator, tmp_path: Path) -> None:
    document = {"recorded": True, "declare": [{"of": "s3://photos/cat.png", "labels": [["Cat", 0.25]]}]}
    emulator.declare_document(document)  # warnings are errors in this run
    emulator.declare_file(write(tmp_path, "content.json", json.dumps(document)))
    with pytest.warns(RekogWarning, match="0.25 is 0.25 percent"):
        emulator.declare_document({**document, "recorded": False})
