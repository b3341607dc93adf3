"""SearchFaces and SearchFacesByImage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rekog.emulator import Durations, Emulator, ManualClock
from tests.kit.people import People
from tests.kit.wire import ASTRONAUT, HOPPER, WireClient, image_file, plain_image

UNKNOWN = "00000000-0000-0000-0000-000000000000"
NO_FACES = ("InvalidParameterException", "There are no faces in the image. Should be at least 1.")


@pytest.fixture(scope="module")
def album(session_wire: WireClient) -> Iterator[WireClient]:
    """A collection of two photographed women."""
    session_wire("CreateCollection", CollectionId="portraits")
    for path in (ASTRONAUT, HOPPER):
        image = {"Bytes": path.read_bytes()}
        session_wire("IndexFaces", CollectionId="portraits", Image=image, ExternalImageId=path.name)
    yield session_wire
    session_wire("DeleteCollection", CollectionId="portraits")


def by_image(people: People, *person: Any, **members: Any) -> dict[str, Any]:
    return people("SearchFacesByImage", Image={"Bytes": people.image(*person)}, **members)


def found(response: dict[str, Any]) -> list[str]:
    return [match["Face"]["FaceId"] for match in response["FaceMatches"]]


def altered(path: Path) -> dict[str, Image.Image]:
    photograph = Image.open(path).convert("RGB")
    return {
        "the same": photograph,
        "smaller": photograph.resize((photograph.width // 2, photograph.height // 2)),
        "larger": photograph.resize((photograph.width * 3, photograph.height * 3)),
        "darker": photograph.point([value // 2 for value in range(256)] * 3),
        "tilted": photograph.rotate(10, Image.Resampling.BICUBIC),
        "mirrored": photograph.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "grey": photograph.convert("L").convert("RGB"),
    }


# Photographs


@pytest.mark.parametrize("path", [ASTRONAUT, HOPPER], ids=["astronaut", "hopper"])
@pytest.mark.parametrize("change", altered(ASTRONAUT))
def test_only_the_same_person_is_found_in_an_altered_photograph(album: WireClient, path: Path, change: str) -> None:
    data = image_file(altered(path)[change], "JPEG", quality=85)
    (match,) = album("SearchFacesByImage", CollectionId="portraits", Image={"Bytes": data}).body["FaceMatches"]
    assert match["Face"]["ExternalImageId"] == path.name
    assert match["Similarity"] > 98


def test_a_photograph_has_similarity_100_to_itself(album: WireClient) -> None:
    image = {"Bytes": ASTRONAUT.read_bytes()}
    response = album("SearchFacesByImage", CollectionId="portraits", Image=image, FaceMatchThreshold=100).body
    assert [match["Similarity"] for match in response["FaceMatches"]] == [100]


def test_two_people_have_a_low_similarity(album: WireClient) -> None:
    image = {"Bytes": ASTRONAUT.read_bytes()}
    response = album("SearchFacesByImage", CollectionId="portraits", Image=image, FaceMatchThreshold=0).body
    astronaut, hopper = response["FaceMatches"]
    assert (astronaut["Face"]["ExternalImageId"], hopper["Face"]["ExternalImageId"]) == (ASTRONAUT.name, HOPPER.name)
    assert hopper["Similarity"] < 20


def test_the_response_has_the_box_of_the_searched_face(album: WireClient) -> None:
    response = album("SearchFacesByImage", CollectionId="portraits", Image={"Bytes": HOPPER.read_bytes()}).body
    (face,) = album.faces(HOPPER.read_bytes())
    assert response["SearchedFaceBoundingBox"] == face["BoundingBox"]
    assert response["SearchedFaceConfidence"] == face["Confidence"]
    assert response["FaceModelVersion"] == "7.0"


# SearchFaces


def test_the_faces_of_one_person_are_found_but_not_the_searched_one(people: People) -> None:
    ann = [people.index("Ann")[0] for _ in range(3)]
    people.index("Bob")
    response = people("SearchFaces", FaceId=ann[0])
    assert response["SearchedFaceId"] == ann[0]
    assert response["FaceModelVersion"] == "7.0"
    assert sorted(found(response)) == sorted(ann[1:])
    assert all(98 < match["Similarity"] < 100 for match in response["FaceMatches"])


def test_faces_without_an_identity_match_no_other_not_even_of_their_image(people: People) -> None:
    faces = [*people.index({}, {}), *people.index({})]
    assert [people.matches(face, FaceMatchThreshold=30) for face in faces] == [[], [], []]


def test_matches_are_ordered_by_descending_similarity(people: People) -> None:
    first = people.index("Ann")[0]
    for person in ("Ann", "Bob", "Ann", "Cid"):
        people.index(person)
    similarities = [
        match["Similarity"] for match in people("SearchFaces", FaceId=first, FaceMatchThreshold=0)["FaceMatches"]
    ]
    assert len(similarities) == 4
    assert similarities == sorted(similarities, reverse=True)
    assert similarities[1] > 98 > 20 > similarities[2]


def test_of_equal_matches_the_oldest_comes_first(people: People) -> None:
    image = people.image("Ann")
    ids = [
        people("IndexFaces", Image={"Bytes": image}, ExternalImageId=str(number))["FaceRecords"][0]["Face"]["FaceId"]
        for number in range(12)
    ]
    assert people.matches(ids[0]) == ids[1:]
    assert people.matches(ids[5], MaxFaces=3) == ids[:3]


def test_the_threshold_is_80_by_default_and_inclusive(people: People) -> None:
    ann, _ = people.index("Ann")[0], people.index("Bob")
    (match,) = people("SearchFaces", FaceId=ann, FaceMatchThreshold=0)["FaceMatches"]
    assert people.matches(ann) == []
    assert people.matches(ann, FaceMatchThreshold=match["Similarity"]) == [match["Face"]["FaceId"]]
    assert people.matches(ann, FaceMatchThreshold=match["Similarity"] + 0.001) == []


def test_a_match_is_the_stored_face(people: People) -> None:
    first, second = people.index("Ann", ExternalImageId="x")[0], people.index("Ann", ExternalImageId="y")[0]
    listed = people("ListFaces", FaceIds=[second])["Faces"]
    assert [match["Face"] for match in people("SearchFaces", FaceId=first)["FaceMatches"]] == listed


def test_a_match_names_the_user_that_the_face_belongs_to(people: People) -> None:
    first, second = people.index("Ann")[0], people.index("Ann")[0]
    people("CreateUser", UserId="ann")
    people("AssociateFaces", UserId="ann", FaceIds=[second])
    assert people("SearchFaces", FaceId=first)["FaceMatches"][0]["Face"]["UserId"] == "ann"


def test_a_deleted_face_is_not_found(people: People) -> None:
    ids = [people.index("Ann")[0] for _ in range(4)]
    assert len(people.matches(ids[0])) == 3
    people("DeleteFaces", FaceIds=[ids[1]])
    assert sorted(people.matches(ids[0])) == sorted(ids[2:])
    people("DeleteFaces", FaceIds=ids[2:])
    assert people.matches(ids[0]) == []


def test_a_match_beyond_deleted_ones_is_found(people: People) -> None:
    ids = [people.index("Ann")[0] for _ in range(6)]
    people.matches(ids[0])
    people("DeleteFaces", FaceIds=ids[2:])
    assert people.matches(ids[0], MaxFaces=1) == [ids[1]]


def test_an_unknown_face_id_is_refused(people: People) -> None:
    refusal = ("InvalidParameterException", "faceId was not found in the collection.")
    assert people.refusal("SearchFaces", FaceId=UNKNOWN) == refusal
    (foreign,) = People(people.emulator, "other").index("Ann")
    assert people.refusal("SearchFaces", FaceId=foreign) == refusal


def test_an_unknown_collection_is_not_found(wire: WireClient) -> None:
    code, message = wire("SearchFaces", CollectionId="nobody", FaceId=UNKNOWN).refusal
    assert (code, message) == ("ResourceNotFoundException", "The collection id: nobody does not exist")


def test_collections_regions_and_accounts_are_searched_separately(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator, Emulator(data=tmp_path, account="2" * 12) as other:
        homes = [People(emulator), People(emulator, "others"), People(emulator, region="eu-west-1"), People(other)]
        for people in homes:
            first, second = people.index("Ann")[0], people.index("Ann")[0]
            assert people.matches(first) == [second]


def test_faces_that_another_process_indexed_are_found(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as one, Emulator(data=tmp_path) as two:
        people = People(one)
        ids = [people.index("Ann")[0]]
        there = WireClient(two)
        for number in range(3):
            image = people.image("Ann")
            record = there("IndexFaces", CollectionId="people", Image={"Bytes": image}).body["FaceRecords"][0]
            ids.append(record["Face"]["FaceId"])
            assert len(people.matches(ids[0])) == number + 1
        there("DeleteFaces", CollectionId="people", FaceIds=[ids[-1]])
        assert sorted(people.matches(ids[0])) == sorted(ids[1:-1])


def test_faces_are_found_after_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        people = People(emulator)
        first, second = people.index("Ann")[0], people.index("Ann")[0]
    with Emulator(data=tmp_path) as emulator:
        response = WireClient(emulator)("SearchFaces", CollectionId="people", FaceId=first).body
    assert found(response) == [second]


def test_a_listed_face_can_take_a_while_to_be_found_by_searches() -> None:
    clock = ManualClock(1000)
    with Emulator(clock=clock, durations=Durations(indexing=3)) as emulator:
        people = People(emulator)
        (first,) = people.index("Ann")
        clock.advance(3)
        (second,) = people.index("Ann")
        assert people.listed() == [first, second]
        assert people.matches(first) == []
        assert found(by_image(people, "Ann")) == [first]
        assert people.refusal("SearchFaces", FaceId=second)[0] == "InvalidParameterException"
        clock.advance(3)
        assert people.matches(first) == [second]
        assert people.matches(second) == [first]


# SearchFacesByImage


def test_only_the_largest_face_is_searched_for(people: People) -> None:
    (ann,), _ = people.index("Ann"), people.index("Bob")
    assert found(by_image(people, "Ann", "Bob")) == [ann]


def test_a_large_face_of_low_quality_is_skipped_for_the_next(people: People) -> None:
    people.index("Ann")
    (bob,) = people.index("Bob")
    blurred = {"Identity": "Ann", "Quality": {"Sharpness": 1.0, "Brightness": 50.0}}
    assert found(by_image(people, blurred, "Bob", QualityFilter="LOW")) == [bob]


def test_the_image_is_not_filtered_by_default(people: People) -> None:
    (ann,) = people.index("Ann")
    blurred = {"Identity": "Ann", "Quality": {"Sharpness": 1.0, "Brightness": 50.0}}
    assert found(by_image(people, blurred)) == [ann]
    assert people.refusal(
        "SearchFacesByImage", Image={"Bytes": people.image(blurred)}, QualityFilter="AUTO"
    ) == NO_FACES  # fmt: skip


def test_no_match_returns_an_empty_list(people: People) -> None:
    people.index("Ann")
    assert by_image(people, "Bob")["FaceMatches"] == []


def test_an_empty_collection_has_no_match(people: People) -> None:
    assert by_image(people, "Bob")["FaceMatches"] == []


def test_no_face_is_refused(people: People) -> None:
    assert people.refusal("SearchFacesByImage", Image={"Bytes": people.image()}) == NO_FACES
    assert people.refusal("SearchFacesByImage", Image={"Bytes": image_file(plain_image(300, 300))}) == NO_FACES


def test_the_matches_are_cut_at_max_faces(people: People) -> None:
    for _ in range(5):
        people.index("Ann")
    assert len(by_image(people, "Ann", MaxFaces=2)["FaceMatches"]) == 2
    assert len(by_image(people, "Ann")["FaceMatches"]) == 5


def test_a_custom_embedder_replaces_the_built_in_one() -> None:
    from tests.kit.colour_faces import ColourFaceDetector

    with Emulator(face_detector=ColourFaceDetector(), face_embedder=ColourFaceDetector()) as emulator:
        people = People(emulator)
        red, blue = (image_file(Image.new("RGB", (200, 200), colour)) for colour in ("red", "blue"))
        for image in (red, blue):
            people("IndexFaces", Image={"Bytes": image}, QualityFilter="NONE")
        response = people("SearchFacesByImage", Image={"Bytes": red}, FaceMatchThreshold=0)
    assert [match["Similarity"] for match in response["FaceMatches"]] == [100, pytest.approx(0.01, abs=0.01)]
