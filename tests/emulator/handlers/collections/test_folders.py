"""`add_faces`: the faces of a folder of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rekog import RekognitionClient
from rekog.emulator import Emulator
from tests.kit.wire import ASTRONAUT, HOPPER, image_file, plain_image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.people import People


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


def test_the_files_of_a_folder_and_its_subfolders_are_indexed_in_order_without_hidden_ones(
    people: People, tmp_path: Path
) -> None:
    blurred = {"Identity": "Ann", "Quality": {"Sharpness": 1.0, "Brightness": 50.0}}
    deep = f"d/{'e' * 200}/{'f' * 48}.png"  # 255 characters
    files: dict[str, bytes] = {
        **{
            name: people.image("Ann")
            for name in ("b/2.png", "b/1 (a).png", "c.png", deep, "c/.e.png", ".d/1.png", ".x.png")
        },
        "a.png": people.image("Ann", "Bob"),
        "blurred.png": people.image(blurred),
        "wall.png": people.image(),
    }
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    added = people.emulator.add_faces("people", tmp_path)
    assert added.rejected == {
        "blurred.png": "nothing is indexed: its faces are of low quality, or too small",
        "wall.png": "nothing is indexed: no face is detected",
    }
    assert list(added.faces) == ["a.png", "b/1 (a).png", "b/2.png", "c.png", deep]
    assert [len(ids) for ids in added.faces.values()] == [2, 1, 1, 1, 1]
    listed = people("ListFaces")["Faces"]
    assert [face["FaceId"] for face in listed] == [face_id for ids in added.faces.values() for face_id in ids]
    external = ["a.png", "a.png", "b:1__a_.png", "b:2.png", "c.png", deep.replace("/", ":")]
    assert [face["ExternalImageId"] for face in listed] == external


def test_a_missing_folder_creates_no_collection(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        emulator.add_faces("people", tmp_path / "nowhere")
    with RekognitionClient.local(emulator) as client:
        assert client.list_collections().collection_ids == []


@pytest.mark.parametrize("collection_id", ["a" * 255, "A-z_0.9"])
def test_the_bounds_of_an_id_are_accepted(emulator: Emulator, tmp_path: Path, collection_id: str) -> None:
    assert (emulator.add_faces(collection_id, tmp_path).faces, listed(emulator)) == ({}, [collection_id])


def listed(emulator: Emulator) -> list[str]:
    with RekognitionClient.local(emulator) as client:
        return list(client.list_collections().collection_ids)


@pytest.mark.parametrize("collection_id", ["", "two words", "a" * 256, "people/ann"])
def test_an_invalid_id_is_an_error(emulator: Emulator, tmp_path: Path, collection_id: str) -> None:
    rule = "collection_id must be 1 to 255 letters, digits, '_', '-' and '.', not "
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text)
        emulator.add_faces(collection_id, tmp_path)
    assert str(caught.value) == f"{rule}{collection_id!r}"


def test_the_limit_of_collections_applies(tmp_path: Path) -> None:
    text = r"^There may be at most 0 collections\.$"
    with Emulator(limits={"collections": 0}) as emulator, pytest.raises(ValueError, match=text):
        emulator.add_faces("people", tmp_path)


def test_a_collection_id_with_half_a_surrogate_pair_is_refused(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^collection_id must be text, without half a surrogate pair$"):
        emulator.add_faces("\ud800", tmp_path)
