"""`add_faces`: the faces of a folder of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rekog import RekognitionClient
from rekog.emulator import Emulator
from tests.kit.wire import ASTRONAUT, HOPPER, image_file, plain_image

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two images of people, in subfolders, and a hidden file."""
    for name, image in (("ann/first day.jpg", HOPPER), ("bob/1.jpg", ASTRONAUT)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(image.read_bytes())
    (tmp_path / ".hidden.jpg").write_bytes(b"")
    return tmp_path


def test_the_faces_of_all_files_are_found_by_their_paths_and_a_second_call_adds_none(
    emulator: Emulator, folder: Path
) -> None:
    added = emulator.add_faces("people", folder)
    with RekognitionClient.local(emulator) as client:
        (match,) = client.search_faces_by_image("people", HOPPER).face_matches
        assert emulator.add_faces("people", str(folder)) == added
        assert client.describe_collection("people").face_count == 2
    assert match.face is not None
    assert (match.face.external_image_id, added.faces["ann/first day.jpg"]) == (
        "ann:first_day.jpg",
        [match.face.face_id],
    )
    assert (list(added.faces), added.rejected) == (["ann/first day.jpg", "bob/1.jpg"], {})


def test_a_file_that_cannot_be_used_is_returned_with_the_reason(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a note")
    (tmp_path / "wall.png").write_bytes(image_file(plain_image(200, 200)))
    deep = tmp_path / ("a" * 200) / ("b" * 200)
    deep.mkdir(parents=True)
    (deep / "c.jpg").write_bytes(HOPPER.read_bytes())
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    added = emulator.add_faces("people", tmp_path)
    assert added.faces == {}
    assert added.rejected == {
        deep.relative_to(tmp_path).as_posix() + "/c.jpg": "the path must have at most 255 characters, not 407",
        "gone.png": f"[Errno 2] No such file or directory: '{tmp_path / 'gone.png'}'",
        "notes.txt": "Request has invalid image format",
        "wall.png": "nothing is indexed: no face is detected",
    }


def test_a_missing_folder_creates_no_collection(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        emulator.add_faces("people", tmp_path / "nowhere")
    with RekognitionClient.local(emulator) as client:
        assert client.list_collections().collection_ids == []


@pytest.mark.parametrize("collection_id", ["", "two words", "a" * 256, "people/ann"])
def test_an_invalid_id_is_an_error(emulator: Emulator, tmp_path: Path, collection_id: str) -> None:
    with pytest.raises(ValueError, match=r"collection_id must be 1 to 255 letters, digits, '_', '-' and '\.', not "):
        emulator.add_faces(collection_id, tmp_path)


def test_the_limit_of_collections_applies(tmp_path: Path) -> None:
    with Emulator(limits={"collections": 0}) as emulator, pytest.raises(ValueError, match="collections"):
        emulator.add_faces("people", tmp_path)
