"""RecognizeCelebrities and GetCelebrityInfo, for enrolled and declared celebrities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rekog.emulator import Emulator
from tests.kit.people import People, face_declaration
from tests.kit.wire import ASTRONAUT, HOPPER, image_file, plain_image

URLS = ("www.wikidata.org/wiki/Q11641",)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as opened:
        yield opened


@pytest.fixture(scope="module")
def people(emulator: Emulator) -> People:
    return People(emulator)


def recognised(people: People, image: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    response = people.wire("RecognizeCelebrities", Image={"Bytes": image})
    assert response.status == 200, response.body
    return response.body["CelebrityFaces"], response.body["UnrecognizedFaces"]


@pytest.fixture
def ann(people: People) -> str:
    return people.emulator.add_celebrity("Ann", [people.image("Ann") for _ in range(2)], urls=URLS, gender="Female")


@pytest.mark.slow
def test_a_celebrity_is_recognised_in_another_photograph(emulator: Emulator, people: People) -> None:
    chosen = emulator.add_celebrity("Grace Hopper", HOPPER, id="Q11641", urls=URLS, gender="Female")
    portrait = Image.open(HOPPER).convert("L").resize((400, 469)).rotate(5).convert("RGB")
    (celebrity,), others = recognised(people, image_file(portrait))
    assert (chosen, others) == ("Q11641", [])
    assert celebrity["MatchConfidence"] > 99
    assert celebrity["Face"] == people.wire.faces(image_file(portrait), "EMOTIONS", "SMILE")[0]
    assert {name: celebrity[name] for name in ("Id", "Name", "Urls", "KnownGender")} == {
        "Id": "Q11641",
        "Name": "Grace Hopper",
        "Urls": [*URLS],
        "KnownGender": {"Type": "Female"},
    }


def test_another_person_is_not_recognised(people: People) -> None:
    celebrities, (other,) = recognised(people, ASTRONAUT.read_bytes())
    assert celebrities == []
    assert other == people.wire.faces(ASTRONAUT.read_bytes(), "EMOTIONS", "SMILE")[0]


def test_each_face_is_in_one_of_the_two_lists(people: People, ann: str) -> None:
    known, others = recognised(people, people.image("Bob", "Ann", "Cid", "Ann"))
    assert [celebrity["Id"] for celebrity in known] == [ann, ann]
    assert len(others) == 2


def test_without_enrolled_celebrities_all_faces_are_unrecognised() -> None:
    with Emulator() as emulator:
        people = People(emulator)
        celebrities, others = recognised(people, people.image("Ann", "Bob"))
    assert (celebrities, len(others)) == ([], 2)


def test_an_image_without_faces_has_two_empty_lists(people: People) -> None:
    assert recognised(people, image_file(plain_image(300, 300))) == ([], [])


def test_only_the_64_largest_faces_are_returned(people: People) -> None:
    crowd = [{"BoundingBox": [0, 0, 0.2 + number / 1000, 0.2]} for number in range(70)]
    _, others = recognised(people, people.image(*crowd))
    assert [len(others), min(other["BoundingBox"]["Width"] for other in others)] == [64, pytest.approx(0.206)]


def test_info_has_the_enrolled_facts(people: People, ann: str) -> None:
    response = people.wire("GetCelebrityInfo", Id=ann).body
    assert response == {"Name": "Ann", "Urls": [*URLS], "KnownGender": {"Type": "Female"}}


def test_an_unknown_id_is_refused(people: People) -> None:
    assert people.wire("GetCelebrityInfo", Id="unknown").refusal[0] == "ResourceNotFoundException"


def test_an_id_is_derived_from_the_name_unless_given(people: People) -> None:
    first, second = (people.emulator.add_celebrity(name, people.image(name)) for name in ("Dan", "Eve"))
    assert first != second
    assert first == people.emulator.add_celebrity("Dan", people.image("Dan"))
    assert first.isalnum()


def test_a_second_enrolment_with_the_same_id_replaces_the_first(people: People) -> None:
    emulator = people.emulator
    for name in ("Fay", "Gus"):
        emulator.add_celebrity(name, people.image(name), id="same")
    assert people.wire("GetCelebrityInfo", Id="same").body["Name"] == "Gus"
    assert recognised(people, people.image("Fay"))[0] == []
    assert [one["Name"] for one in recognised(people, people.image("Gus"))[0]] == ["Gus"]


def test_celebrities_are_known_in_all_regions_and_after_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        people = People(emulator)
        chosen = emulator.add_celebrity("Ann", people.image("Ann"))
    with Emulator(data=tmp_path, account="2" * 12) as emulator:
        abroad = People(emulator, region="eu-west-1")
        assert [one["Id"] for one in recognised(abroad, abroad.image("Ann", number=9))[0]] == [chosen]


def test_an_image_may_be_an_s3_object_or_a_file(people: People, tmp_path: Path) -> None:
    (tmp_path / "hal.png").write_bytes(people.image("Hal"))
    people.emulator.put_object("photos", "hal.png", people.image("Hal"))
    people.emulator.add_celebrity("Hal", [tmp_path / "hal.png", "s3://photos/hal.png", str(tmp_path / "hal.png")])
    assert [one["Name"] for one in recognised(people, people.image("Hal"))[0]] == ["Hal"]


def test_a_celebrity_may_have_255_urls(people: People) -> None:
    urls = [f"example.org/{number}" for number in range(255)]
    chosen = people.emulator.add_celebrity("Ann", people.image("Ann"), urls=urls)
    assert people.wire("GetCelebrityInfo", Id=chosen).body["Urls"] == urls


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": " "}, "name must not be empty"),
        ({"name": "\ud800"}, "name must be text, without half a surrogate pair"),
        ({"urls": ["a", "\ud800"]}, "urls must be text, without half a surrogate pair"),
        ({"id": "a b"}, "id must be letters and digits, not 'a b'"),
        ({"gender": "female"}, "gender must be one of Male, Female, Nonbinary, Unlisted, not 'female'"),
        ({"urls": ["x"] * 256}, "urls must have at most 255 entries, not 256"),
        ({"images": []}, "images must have at least one image of the celebrity"),
        (
            {"images": [ASTRONAUT.read_bytes(), image_file(plain_image())]},
            "images[1]: no face is detected; each image must show the celebrity's face",
        ),
        ({"images": bytearray(b"no image")}, "images[0]: Request has invalid image format"),
        (
            {"images": "s3://photos/none.jpg"},
            "images[0]: Unable to get object metadata from S3. Check object key, region and/or access permissions.",
        ),
    ],
)
def test_an_invalid_enrolment_is_refused_with_the_reason(
    emulator: Emulator, arguments: dict[str, Any], message: str
) -> None:
    given: dict[str, Any] = {"name": "X", "images": HOPPER, **arguments}
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text)
        emulator.add_celebrity(**given)
    assert str(caught.value) == message


# Declared


def test_declared_celebrities_replace_recognised_ones(people: People, ann: str) -> None:
    image = people.image("Ann", "Bob")
    box = face_declaration("Ann")["BoundingBox"]
    people.emulator.declare(image, celebrities=[{"Name": "Zoe", "Id": "z1", "Face": {"BoundingBox": box}}])
    (celebrity,), (other,) = recognised(people, image)
    assert (celebrity["Name"], celebrity["Id"], celebrity["MatchConfidence"]) == ("Zoe", "z1", 100)
    assert other["BoundingBox"] == face_declaration("Bob", 1)["BoundingBox"]


@pytest.mark.parametrize(("shift", "others"), [(0.0, 0), (0.15, 0), (0.2, 1), (0.5, 1)])
def test_a_face_that_hardly_overlaps_a_declared_celebrity_is_another_one(
    people: People, shift: float, others: int
) -> None:
    image = people.image({"BoundingBox": [0.1, 0.1, 0.3, 0.3]})
    people.emulator.declare(image, celebrities=[{"Name": "Zoe", "Face": [0.1 + shift, 0.1, 0.3, 0.3]}])
    celebrities, unrecognised = recognised(people, image)
    assert (len(celebrities), len(unrecognised)) == (1, others)


def test_an_empty_list_of_celebrities_can_be_declared(people: People, ann: str) -> None:
    image = people.image("Ann")
    people.emulator.declare(image, celebrities=[])
    celebrities, others = recognised(people, image)
    assert (celebrities, len(others)) == ([], 1)


def test_a_declared_celebrity_without_an_id_gets_the_id_of_its_name(people: People) -> None:
    image = people.image()
    people.emulator.declare(image, celebrities=[{"Name": "Ivy", "Face": [0.1, 0.1, 0.2, 0.2], "Urls": ["a"]}])
    (celebrity,), _ = recognised(people, image)
    assert celebrity["Id"] == people.emulator.add_celebrity("Ivy", people.image("Ivy"), urls=["b"])
    assert people.wire("GetCelebrityInfo", Id=celebrity["Id"]).body["Urls"] == ["b"]


def test_info_on_a_celebrity_that_is_declared_twice_is_that_of_the_first_name(people: People) -> None:
    for key in ("b.jpg", "a.jpg", "c.jpg"):
        entry = {"Name": f"Jon in {key}", "Id": "j", "Face": [0, 0, 1, 1]}
        people.emulator.declare(f"s3://photos/{key}", celebrities=[entry])
    assert people.wire("GetCelebrityInfo", Id="j").body["Name"] == "Jon in a.jpg"


def test_info_covers_declared_celebrities_of_images_and_videos(people: People) -> None:
    emulator = people.emulator
    emulator.declare("s3://photos/a.jpg", celebrities=[{"Name": "Jon", "Id": "j", "Face": [0, 0, 1, 1], "Urls": ["u"]}])
    emulator.declare(
        "s3://videos/a.mp4",
        celebrities=[{"Timestamp": 0, "Celebrity": {"Name": "Kay", "Id": "k", "KnownGender": "Female"}}],
    )
    assert people.wire("GetCelebrityInfo", Id="j").body == {"Name": "Jon", "Urls": ["u"]}
    assert people.wire("GetCelebrityInfo", Id="k").body["KnownGender"] == {"Type": "Female"}
