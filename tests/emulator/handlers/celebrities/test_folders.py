"""`add_celebrities`: the celebrities of a folder of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rekog import RekognitionClient
from tests.kit.wire import ASTRONAUT, HOPPER, image_file, plain_image

if TYPE_CHECKING:
    from pathlib import Path

    from rekog.emulator import Emulator
    from tests.kit.people import People


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


def declared(people: People, folder: Path, **files: str | bytes) -> Path:
    """Write images with the declared face of a person each, and other files, named as in `fill`."""
    return fill(
        folder, **{name: people.image(person) if isinstance(person, str) else person for name, person in files.items()}
    )


def test_the_images_of_a_folder_enrol_a_celebrity_for_each_name(people: People, tmp_path: Path) -> None:
    declared(
        people,
        tmp_path,
        Grace__a_DOT_png="Grace",
        Grace__b_DOT_png="Young Grace",
        Grace__old__c_DOT_png="Old Grace",
        _DOT_hidden__d_DOT_png="Hidden",
        Ada_1_DOT_png="Ada",
        Ada_2_DOT_png="Young Ada",
        Eve_Smith_Jr_DOT_png="Eve",
    )
    (tmp_path / "Grace" / ".hidden.png").write_bytes(people.image("Hidden"))
    added = people.emulator.add_celebrities(str(tmp_path))
    assert added.rejected == {}
    assert list(added.ids) == ["Ada", "Eve Smith Jr", "Grace"]
    known: dict[str, list[str]] = {}
    for person in ("Grace", "Young Grace", "Old Grace", "Hidden", "Ada", "Young Ada", "Eve"):
        response = people.wire("RecognizeCelebrities", Image={"Bytes": people.image(person)}).body
        known[person] = [celebrity["Name"] for celebrity in response["CelebrityFaces"]]
    assert known == {
        "Grace": ["Grace"],
        "Young Grace": ["Grace"],
        "Old Grace": [],
        "Hidden": [],
        "Ada": ["Ada"],
        "Young Ada": ["Ada"],
        "Eve": ["Eve Smith Jr"],
    }
    assert people.wire("GetCelebrityInfo", Id=added.ids["Grace"]).body == {"Name": "Grace", "Urls": []}


NUMBERED = ["Ada King.png", "Ada_King.png", "Ada  King 2.png", "Ada_King-02.png", "Ada King (3).png", "Ada King_4.png"]
NAMES = {
    **dict.fromkeys(NUMBERED, "Ada King"),
    "Ada2.png": "Ada",
    "Ada King 2nd.png": "Ada King 2nd",
    "2 Ada.png": "2 Ada",
    "Ada.King 7.png": "Ada.King",
    "Ada": "Ada",
    "ada-king.png": "ada-king",
}


def test_a_file_has_the_name_of_its_celebrity_without_its_number(people: People, tmp_path: Path) -> None:
    for number, (file, name) in enumerate(NAMES.items()):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        (folder / file).write_bytes(people.image("Ada"))
        assert list(people.emulator.add_celebrities(folder).ids) == [name], file


def test_each_file_that_cannot_be_used_is_returned_by_its_path_with_the_reason(people: People, tmp_path: Path) -> None:
    declared(people, tmp_path, Grace__a_DOT_png="Grace", Grace__wall_DOT_png=people.image(), notes_DOT_txt=b"a note")
    declared(people, tmp_path, Nobody__wall_DOT_png=people.image())
    (tmp_path / "7.png").write_bytes(people.image("Ada"))
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    added = people.emulator.add_celebrities(tmp_path)
    no_face = "no face is detected; each image must show the celebrity's face"
    assert list(added.ids) == ["Grace"]
    assert added.rejected == {
        "7.png": "name must not be empty",
        "Grace/wall.png": no_face,
        "Nobody/wall.png": no_face,
        "gone.png": f"[Errno 2] No such file or directory: '{tmp_path / 'gone.png'}'",
        "notes.txt": "Request has invalid image format",
    }


def test_a_missing_folder_is_an_error(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        emulator.add_celebrities(tmp_path / "lost")


def test_an_empty_folder_adds_nothing(emulator: Emulator, tmp_path: Path) -> None:
    added = emulator.add_celebrities(tmp_path)
    assert (added.ids, added.rejected) == ({}, {})
