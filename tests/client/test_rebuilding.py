"""Rebuilding a collection from an inventory and the images, with both clients."""

from __future__ import annotations

import json
import pickle
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from rekog import AsyncRekognitionClient, RekognitionClient, RetryPolicy
from rekog.emulator import Emulator
from rekog.errors import AccessDeniedException, ParamValidationError, ResourceNotFoundException
from rekog.people import Inventory, InventoryFace, InventoryUser, People, Rebuild, RejectedFace, UnfinishedError
from tests.kit.backends import Backend, Scripted, Unused, json_reply
from tests.kit.people import face_declaration
from tests.kit.wire import image_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SYNC = pytest.mark.parametrize("backend", ["sync"], indirect=True)
"""For facts that do not depend on the kind of client: both run the same Flows."""
OLD, NEW = "staff", "staff-2"
_SHADES = count(1)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as opened:
        yield opened


class Office:
    """A collection with people, their images by name, and a new collection."""

    def __init__(self, backend: Backend, emulator: Emulator) -> None:
        self.backend, self.emulator = backend, emulator
        kind: Any = backend.choose(RekognitionClient, AsyncRekognitionClient)
        retry = RetryPolicy(mode="off")
        self.client: RekognitionClient = backend.closing(kind.local(emulator, retry=retry))
        emulator.reset()
        for collection in (OLD, NEW):
            backend.run(partial(self.client.create_collection, collection))
        self.old: People = self.client.people(OLD)
        self.new: People = self.client.people(NEW)

    def image(self, *names: str) -> bytes:
        """Return a new image with declared faces side by side; the first face is the largest."""
        data = image_file(Image.new("RGB", (200, 100), (next(_SHADES), 7, 90)))
        self.emulator.declare(data, faces=[face_declaration(name, 4 * at) for at, name in enumerate(names)])
        return data

    def index(self, image: bytes, external: str | None = None, user: str | None = None, faces: int = 1) -> list[str]:
        """Index faces of an image in the old collection, and associate the first with a user; return the face ids."""
        run, client = self.backend.run, self.client
        answer = run(lambda: client.index_faces(OLD, image, external_image_id=external, max_faces=faces))
        face_ids = [record.face.face_id for record in answer.face_records]
        if user is not None:
            run(lambda: client.create_user(OLD, user))
            run(lambda: client.associate_faces(OLD, user, face_ids=face_ids[:1]))
        return face_ids

    def inventory(self, people: People | None = None) -> Inventory:
        return self.backend.run((people or self.old).inventory)

    def rebuild(self, images: Any, inventory: Inventory | None = None, **settings: Any) -> Rebuild:
        known = inventory or self.inventory()
        return self.backend.run(lambda: self.new.rebuild(known, images, **settings))

    def is_equal(self) -> bool:
        """Tell whether both collections have the same users, and as many faces by user and external id."""
        return not self.inventory().diff(self.inventory(self.new))


@pytest.fixture
def office(backend: Backend, emulator: Emulator) -> Office:
    return Office(backend, emulator)


def test_users_faces_and_external_ids_are_restored(office: Office) -> None:
    ann, again, bob, nobody = (office.image(name) for name in ("ann", "ann", "bob", "eve"))
    images = {"ann.jpg": ann, "ann-2.jpg": again, office.index(bob, user="bob")[0]: bob, "door.jpg": nobody}
    office.index(ann, "ann.jpg", "ann")
    (second,) = office.index(again, "ann-2.jpg")
    office.backend.run(lambda: office.client.associate_faces(OLD, "ann", face_ids=[second]))
    office.index(nobody, "door.jpg")
    office.backend.run(lambda: office.client.create_user(OLD, "new-hire"))
    rebuilt = office.rebuild(images)
    assert (rebuilt.users, rebuilt.is_complete, rebuilt.extra) == (["ann", "bob", "new-hire"], True, [])
    assert office.is_equal()
    after = {face.face_id: face for face in office.inventory(office.new).faces}
    assert {after[face.face_id].user_id for face in rebuilt.faces} == {"ann", "bob", None}
    assert all(after[face.face_id].user_id == face.inventory_face.user_id for face in rebuilt.faces)
    (person,) = office.backend.run(lambda: office.new.identify(ann))
    assert person.user_id == "ann"


@SYNC
def test_a_repeat_adds_nothing_and_asks_for_no_association(office: Office) -> None:
    image = office.image("ann")
    office.index(image, "ann.jpg", "ann")
    first = office.rebuild({"ann.jpg": image})
    before = office.inventory(office.new)
    office.emulator.calls.clear()
    assert office.rebuild({"ann.jpg": image}).faces == first.faces
    assert office.inventory(office.new) == before
    assert len(office.emulator.calls.of("associate_faces")) == 0


@SYNC
def test_faces_without_an_image_are_missing(office: Office) -> None:
    office.index(office.image("ann"), "ann.jpg", "ann")
    rebuilt = office.rebuild({})
    (face,) = office.inventory().faces
    assert (rebuilt.missing, rebuilt.faces, rebuilt.is_complete) == ([face], [], False)
    assert rebuilt.users == ["ann"]


@SYNC
def test_an_external_id_of_several_images_identifies_none(office: Office) -> None:
    first, second = office.image("ann"), office.image("ann")
    (first_id,), (second_id,) = office.index(first, "ann"), office.index(second, "ann")
    assert {face.face_id for face in office.rebuild({"ann": first}).missing} == {first_id, second_id}
    by_image = {face.face_id: face.image_id for face in office.inventory().faces}
    assert office.rebuild({str(by_image[first_id]): first, second_id: second}).is_complete
    assert office.is_equal()


def test_a_function_may_find_the_images(office: Office) -> None:
    images = {"ann": office.image("ann"), "bob": office.image("bob")}
    for name, image in images.items():
        office.index(image, user=name)

    def find(face: InventoryFace) -> bytes | None:
        return images["ann"] if face.user_id == "ann" else None

    rebuilt = office.rebuild(find)
    assert [face.inventory_face.user_id for face in rebuilt.faces] == ["ann"]
    assert [face.user_id for face in rebuilt.missing] == ["bob"]


@SYNC
def test_images_that_cannot_be_used_are_rejected_with_their_reasons(office: Office, tmp_path: Path) -> None:
    missing, garbled, empty = tmp_path / "none.jpg", b"\xff\xd8\xff no pixels", office.image()
    sources = {name: office.image(name) for name in ("missing", "garbled", "empty")}
    for name, image in sources.items():
        office.index(image, name)
    rebuilt = office.rebuild({"missing": missing, "garbled": garbled, "empty": empty})
    reasons = {
        str(each.inventory_face and each.inventory_face.external_image_id): each.reasons[0] for each in rebuilt.rejected
    }
    assert "none.jpg' cannot be read" in reasons["missing"]
    assert reasons["garbled"].startswith("InvalidImageFormatException: ")
    assert reasons["empty"] == "NO_FACE"
    assert [each.source for each in rebuilt.rejected if each.reasons == ["NO_FACE"]] == [empty]


@SYNC
def test_each_face_of_a_group_goes_to_its_user(office: Office) -> None:
    group = office.image("ann", "bob")
    first, second = office.index(group, "group.jpg", "ann", faces=2)
    office.backend.run(lambda: office.client.create_user(OLD, "bob"))
    office.backend.run(lambda: office.client.associate_faces(OLD, "bob", face_ids=[second]))
    rebuilt = office.rebuild({first: group})
    assert {face.inventory_face.face_id for face in rebuilt.faces} == {first, second}
    for name in ("ann", "bob"):
        lone = office.image(name)
        assert [each.user_id for each in office.backend.run(partial(office.new.identify, lone))] == [name]


@SYNC
def test_a_smaller_face_of_a_group_is_found_and_others_leave_no_face(office: Office) -> None:
    group = office.image("stranger", "ann")
    stranger, ann = office.index(group, "group.jpg", faces=2)
    office.backend.run(lambda: office.client.delete_faces(OLD, face_ids=[stranger]))
    rebuilt = office.rebuild({"group.jpg": group})
    assert [face.inventory_face.face_id for face in rebuilt.faces] == [ann]
    assert (rebuilt.extra, rebuilt.rejected, rebuilt.missing) == ([], [], [])
    (face,) = office.inventory(office.new).faces
    assert face.bounding_box == office.inventory().faces[0].bounding_box


@SYNC
def test_faces_that_were_in_the_collection_before_stay(office: Office) -> None:
    group = office.image("stranger", "ann")
    stranger, _ = office.index(group, "group.jpg", faces=2)
    office.backend.run(lambda: office.client.delete_faces(OLD, face_ids=[stranger]))
    run, client = office.backend.run, office.client
    run(lambda: client.index_faces(NEW, group, external_image_id="group.jpg"))
    rebuilt = office.rebuild({"group.jpg": group})
    assert (len(rebuilt.faces), len(rebuilt.extra), rebuilt.is_complete) == (1, 1, True)
    assert len(office.inventory(office.new).faces) == 2


@SYNC
def test_the_reasons_of_the_quality_filter_are_those_of_the_face(office: Office) -> None:
    quality = {"sharp": {"Brightness": 50, "Sharpness": 1}, "dark": {"Brightness": 0, "Sharpness": 90}}
    blurred = [{**face_declaration(name, 4 * at), "Quality": quality[name]} for at, name in enumerate(quality)]
    image = image_file(Image.new("RGB", (200, 100), (next(_SHADES), 7, 90)))
    office.emulator.declare(image, faces=blurred)
    run, client = office.backend.run, office.client
    run(lambda: client.index_faces(OLD, image, external_image_id="ann.jpg", quality_filter="NONE"))
    rejected = office.rebuild({"ann.jpg": image}).rejected
    assert sorted(each.reasons[0] for each in rejected) == ["LOW_BRIGHTNESS", "LOW_SHARPNESS"]
    assert office.rebuild({"ann.jpg": image}, quality_filter="NONE").is_complete


@SYNC
def test_one_image_for_two_faces_restores_one(office: Office) -> None:
    first, second = office.image("ann"), office.image("ann")
    keys = office.index(first), office.index(second)
    rebuilt = office.rebuild({keys[0][0]: first, keys[1][0]: first})
    assert (len(rebuilt.faces), [each.reasons for each in rebuilt.rejected]) == (1, [["SAME_IMAGE"]])
    other = office.image("x", "ann")
    office.index(other, "o", faces=2)
    again = office.rebuild({keys[0][0]: first, keys[1][0]: first, "o": other})
    assert len(again.faces) == 3


@SYNC
def test_a_face_that_another_user_has_is_rejected(office: Office) -> None:
    image = office.image("ann")
    office.index(image, "ann.jpg", "ann")
    run, client = office.backend.run, office.client
    face_id = run(lambda: client.index_faces(NEW, image, external_image_id="ann.jpg")).face_records[0].face.face_id
    run(lambda: client.create_user(NEW, "eve"))
    run(lambda: client.associate_faces(NEW, "eve", face_ids=[face_id]))
    rebuilt = office.rebuild({"ann.jpg": image})
    (rejected,) = rebuilt.rejected
    assert (rejected.reasons, rejected.face_id) == (["ASSOCIATED_TO_A_DIFFERENT_USER"], face_id)
    assert (rejected.inventory_face, rebuilt.faces) == (office.inventory().faces[0], [])


@pytest.mark.parametrize("operation", ["CreateUser", "IndexFaces", "AssociateFaces"])
def test_a_rebuild_that_fails_halfway_can_be_finished(office: Office, operation: str) -> None:
    images = {name: office.image(name) for name in ("ann", "bob")}
    for name, image in images.items():
        office.index(image, name, name)
    office.emulator.faults.add(operation, calls=[2], error="AccessDeniedException")
    with pytest.raises(UnfinishedError, match="rebuild: the collection 'staff-2' was not finished") as caught:
        office.rebuild(images)
    office.emulator.faults.clear()
    error = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(caught.value.__cause__, AccessDeniedException)
    assert (error.enrollment, error.rebuild.collection_id) == (None, NEW)
    assert len(error.rebuild.faces) == {"CreateUser": 0, "IndexFaces": 1, "AssociateFaces": 2}[operation]
    assert office.rebuild(images).is_complete
    assert office.is_equal()


@SYNC
def test_the_collection_must_exist(office: Office) -> None:
    inventory = office.inventory()
    with pytest.raises(ResourceNotFoundException):
        office.backend.run(lambda: office.client.people("none").rebuild(inventory, {}))


@SYNC
def test_a_face_without_a_place_is_the_largest_of_its_image(office: Office) -> None:
    alone, group = office.image("ann", "x"), office.image("bob", "eve")
    faces = tuple(
        InventoryFace(face_id=name, image_id=image_id, external_image_id=image_id, user_id=name)
        for name, image_id in (("ann", None), ("bob", "group"), ("eve", "group"))
    )
    made = Inventory(collection_id=OLD, collection_arn=None, face_model_version=None, users=(), faces=faces)
    rebuilt = office.rebuild({"ann": alone, "group": group}, made)
    assert [face.inventory_face.face_id for face in rebuilt.faces] == ["ann"]
    assert [each.reasons for each in rebuilt.rejected] == [["NO_FACE"]] * 2
    assert rebuilt.users == ["ann", "bob", "eve"]
    assert len(office.inventory(office.new).faces) == 1


async def fetch(face: InventoryFace) -> bytes:
    raise AssertionError(face)


@pytest.mark.parametrize(
    ("inventory", "images", "problem"),
    [
        ({}, {}, "rebuild: inventory: must be an Inventory, not dict: Inventory.from_json reads one"),
        (None, ["a.jpg"], "rebuild: .*images: must be a mapping from ids to images, or a plain function .*, not list"),
        (None, fetch, "images: must be a mapping .*, not function"),
    ],
)
def test_other_arguments_are_refused(backend: Backend, inventory: Any, images: Any, problem: str) -> None:
    people = backend.client(Unused()).people(NEW)
    with pytest.raises(ParamValidationError, match=problem):
        backend.run(lambda: people.rebuild(inventory, images))


@pytest.mark.parametrize("lost", [[], ["missing"], ["rejected"], ["missing", "rejected"]])
def test_a_rebuild_is_complete_without_missing_and_rejected_faces(lost: list[str]) -> None:
    face = InventoryFace(face_id="1", image_id=None, external_image_id=None, user_id=None)
    rest: dict[str, Any] = {"missing": [face], "rejected": [RejectedFace(source=b"", reasons=["NO_FACE"])]}
    found: dict[str, Any] = {name: rest[name] if name in lost else [] for name in rest}
    rebuilt = Rebuild(collection_id="c", users=[], faces=[], extra=[], **found)
    assert rebuilt.is_complete is not bool(lost)


def test_a_place_returns_from_json() -> None:
    face = InventoryFace(
        face_id="1", image_id="2", external_image_id=None, user_id=None, bounding_box=(0.1, 0.2, 0.3, 0.4)
    )
    users = (InventoryUser(user_id="ann", user_status="ACTIVE"),)
    inventory = Inventory(collection_id=OLD, collection_arn=None, face_model_version=None, users=users, faces=(face,))
    assert Inventory.from_json(inventory.to_json()) == inventory
    for broken in ([0.1, 0.2, 0.3], [0.1, 0.2, 0.3, "x"], "box"):
        stored = json.loads(inventory.to_json())
        stored["faces"][0]["bounding_box"] = broken
        with pytest.raises(ParamValidationError, match="a bounding box must have four numbers"):
            Inventory.from_json(json.dumps(stored))


@SYNC
@pytest.mark.parametrize("place", [None, {"Left": 0.5}])
def test_a_face_without_a_complete_box_has_no_place(backend: Backend, place: object) -> None:
    face = {"FaceId": "1", "BoundingBox": place}
    described = json_reply({"CollectionARN": "arn"})
    client = backend.client(Scripted(described, json_reply({"Users": []}), json_reply({"Faces": [face]})))
    assert backend.run(client.people(OLD).inventory).faces[0].bounding_box is None
