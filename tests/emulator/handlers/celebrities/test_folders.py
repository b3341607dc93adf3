"""`add_celebrities`: the celebrities of a folder of images."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from rekog import RekognitionClient
from tests.kit.wire import ASTRONAUT, HOPPER, image_file, plain_image

if TYPE_CHECKING:
    from pathlib import Path

    from rekog.emulator import Emulator


def fill(folder: Path, **files: Path | bytes) -> Path:
    """Write files, named with `__` for a slash, `_DOT_` for a dot and `_` for a space."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_DOT_", ".").replace("_", " ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    return folder


@pytest.mark.slow
def test_each_subfolder_is_a_celebrity_who_is_recognised(emulator: Emulator, tmp_path: Path) -> None:
    fill(tmp_path, Grace_Hopper__portrait_DOT_jpg=HOPPER, Eileen_Collins__1_DOT_jpg=ASTRONAUT)
    added = emulator.add_celebrities(tmp_path)
    assert (list(added.ids), added.rejected) == (["Eileen Collins", "Grace Hopper"], {})
    with RekognitionClient.local(emulator) as client:
        (face,) = client.recognize_celebrities(HOPPER).celebrity_faces
        info = client.get_celebrity_info(added.ids["Grace Hopper"])
    assert (face.name, face.id, info.name) == ("Grace Hopper", added.ids["Grace Hopper"], "Grace Hopper")
    assert added.ids["Grace Hopper"] == emulator.add_celebrity("Grace Hopper", HOPPER)


@pytest.mark.parametrize(
    "file",
    ["Grace Hopper.jpg", "Grace_Hopper.jpg", "Grace Hopper 2.jpg", "Grace_Hopper-02.jpg", "Grace Hopper (3).jpg"],
)
def test_a_file_has_the_name_of_its_celebrity(emulator: Emulator, tmp_path: Path, file: str) -> None:
    shutil.copy(HOPPER, tmp_path / file)
    assert list(emulator.add_celebrities(tmp_path).ids) == ["Grace Hopper"]


@pytest.mark.slow
def test_an_image_that_cannot_be_used_is_returned_with_the_reason(emulator: Emulator, tmp_path: Path) -> None:
    fill(
        tmp_path,
        Grace__portrait_DOT_jpg=HOPPER,
        Grace__wall_DOT_png=image_file(plain_image(200, 200)),
        Nobody__wall_DOT_png=image_file(plain_image(200, 200)),
        notes_DOT_txt=b"a note",
        tiny_DOT_png=image_file(plain_image(20, 20)),
    )
    (tmp_path / "7.jpg").write_bytes(HOPPER.read_bytes())
    added = emulator.add_celebrities(str(tmp_path))
    assert list(added.ids) == ["Grace"]
    no_face = "no face is detected; each image must show the celebrity's face"
    assert added.rejected == {
        "7.jpg": "name must not be empty",
        "Grace/wall.png": no_face,
        "Nobody/wall.png": no_face,
        "notes.txt": "Request has invalid image format",
        "tiny.png": added.rejected["tiny.png"],
    }
    assert "80" in added.rejected["tiny.png"]


@pytest.mark.slow
def test_hidden_files_and_deeper_folders_are_ignored(emulator: Emulator, tmp_path: Path) -> None:
    fill(tmp_path, Grace__portrait_DOT_jpg=HOPPER, Grace__old__portrait_DOT_jpg=ASTRONAUT)
    (tmp_path / ".DS_Store").write_bytes(b"")
    added = emulator.add_celebrities(tmp_path)
    assert (list(added.ids), added.rejected) == (["Grace"], {})


@pytest.mark.slow
def test_a_second_call_replaces_the_celebrities_of_the_same_names(emulator: Emulator, tmp_path: Path) -> None:
    fill(tmp_path, Grace__portrait_DOT_jpg=ASTRONAUT)
    first = emulator.add_celebrities(tmp_path)
    fill(tmp_path, Grace__portrait_DOT_jpg=HOPPER)
    assert emulator.add_celebrities(tmp_path) == first
    with RekognitionClient.local(emulator) as client:
        assert client.recognize_celebrities(ASTRONAUT).celebrity_faces == []


def test_a_missing_folder_is_an_error(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        emulator.add_celebrities(tmp_path / "lost")


def test_an_empty_folder_adds_nothing(emulator: Emulator, tmp_path: Path) -> None:
    added = emulator.add_celebrities(tmp_path)
    assert (added.ids, added.rejected) == ({}, {})
