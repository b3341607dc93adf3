"""People of a collection: enrolling, identifying, removing, and inventories, with both clients."""

from __future__ import annotations

import io
import json
import pickle
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import rekog.people
from rekog import AsyncRekognitionClient, RekognitionClient, RetryPolicy
from rekog.emulator import Durations, Emulator
from rekog.errors import (
    AccessDeniedException,
    ParamValidationError,
    ResourceNotFoundException,
    WaiterTimeoutError,
)
from rekog.models import BoundingBox, FaceDetail
from rekog.people import (
    Enrollment,
    Inventory,
    InventoryFace,
    InventoryUser,
    People,
    UnfinishedError,
    _enrolling,
    _identifying,
)
from rekog.testing import partial_model
from tests.kit.backends import Backend, Scripted, Unused, error_reply, json_reply
from tests.kit.people import face_declaration
from tests.kit.samples import sample
from tests.kit.wire import image_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANN, GRACE = (Path("examples/images", name) for name in ("astronaut.jpg", "grace_hopper.jpg"))
STAFF = "staff"
OFF = RetryPolicy(mode="off")
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"the pixels of the tests"
_SHADES = count(1)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as opened:
        yield opened


class Staff:
    """An empty collection of an emulator, and its people."""

    def __init__(self, backend: Backend, emulator: Emulator) -> None:
        self.backend, self.emulator = backend, emulator
        kind: Any = backend.choose(RekognitionClient, AsyncRekognitionClient)
        self.client: RekognitionClient = backend.closing(kind.local(emulator))
        emulator.reset()
        backend.run(lambda: self.client.create_collection(STAFF))
        self.people: People = self.client.people(STAFF)

    def image(self, *names: str) -> bytes:
        """Return a new image with declared faces side by side; the first face is the largest."""
        data = image_file(Image.new("RGB", (200, 100), (next(_SHADES), 5, 90)))
        self.emulator.declare(data, faces=[face_declaration(name, at) for at, name in enumerate(names)])
        return data

    def enroll(self, user_id: str, *images: Any, **settings: Any) -> Enrollment:
        return self.backend.run(lambda: self.people.enroll(user_id, images, **settings))

    def inventory(self) -> Inventory:
        return self.backend.run(self.people.inventory)

    def calls(self) -> list[str]:
        return [call.operation for call in self.emulator.calls]


@pytest.fixture
def staff(backend: Backend, emulator: Emulator) -> Staff:
    return Staff(backend, emulator)


def people(backend: Backend, *script: Any) -> People:
    return backend.client(Scripted(*script), retry=OFF).people(STAFF)


# --- Enrolling ---------------------------------------------------------------------------------------------------


def test_an_enrolled_person_is_active_with_a_face_of_each_image(staff: Staff) -> None:
    enrollment = staff.enroll("ann", staff.image("ann"), staff.image("ann"))
    assert (enrollment.user_id, len(enrollment.faces), enrollment.rejected) == ("ann", 2, [])
    inventory = staff.inventory()
    assert inventory.users == (InventoryUser(user_id="ann", user_status="ACTIVE"),)
    assert {face.face_id: face.user_id for face in inventory.faces} == {
        face.face_id: "ann" for face in enrollment.faces
    }


def test_enrolling_the_same_images_again_adds_nothing(staff: Staff) -> None:
    images = [staff.image("ann"), staff.image("ann")]
    first = staff.enroll("ann", *images)
    before = staff.inventory()
    again = staff.enroll("ann", *images, images[0])
    assert [face.face_id for face in again.faces] == [face.face_id for face in first.faces]
    assert again.rejected == []
    assert staff.inventory() == before


def test_one_face_of_an_image_is_enrolled(staff: Staff) -> None:
    enrollment = staff.enroll("ann", staff.image("ann", "bob"))
    assert (len(enrollment.faces), enrollment.rejected, len(staff.inventory().faces)) == (1, [], 1)


def test_images_that_cannot_be_used_are_rejected_with_their_reasons(staff: Staff, tmp_path: Path) -> None:
    missing, text, empty = tmp_path / "missing.jpg", b"no image", staff.image()
    garbled = b"\xff\xd8\xff no pixels"
    enrollment = staff.enroll("ann", missing, text, empty, garbled, "s3://films/none.jpg", staff.image("ann"))
    assert len(enrollment.faces) == 1
    rejected = enrollment.rejected
    assert [each.source for each in rejected] == [missing, text, empty, garbled, "s3://films/none.jpg"]
    assert "missing.jpg' cannot be read" in rejected[0].reasons[0]
    assert "neither a JPEG nor a PNG" in rejected[1].reasons[0]
    assert rejected[2].reasons == ["NO_FACE"]
    assert rejected[3].reasons[0].startswith("InvalidImageFormatException: ")
    assert rejected[4].reasons[0].startswith("InvalidS3ObjectException: ")


def test_a_person_without_a_usable_image_is_created_and_not_awaited(staff: Staff) -> None:
    assert staff.enroll("ann", staff.image()).faces == []
    assert staff.inventory().users == (InventoryUser(user_id="ann", user_status="CREATED"),)


def test_a_face_under_the_quality_filter_is_rejected_with_its_detail(staff: Staff) -> None:
    image = image_file(Image.new("RGB", (200, 100), (next(_SHADES), 5, 90)))
    blurred = {**face_declaration("ann"), "Quality": {"Brightness": 2.0, "Sharpness": 2.0}}
    staff.emulator.declare(image, faces=[blurred])
    (rejected,) = staff.enroll("ann", image, quality_filter="HIGH").rejected
    assert "LOW_SHARPNESS" in rejected.reasons
    assert rejected.face_detail is not None
    assert rejected.face_detail.quality is not None
    assert rejected.face_detail.quality.sharpness == 2.0


def test_a_face_of_another_person_is_rejected_and_stays_in_the_collection(staff: Staff) -> None:
    staff.enroll("ann", staff.image("ann"))
    enrollment = staff.enroll("ann", other := staff.image("bob"))
    (rejected,) = enrollment.rejected
    assert (enrollment.faces, rejected.source, rejected.reasons) == ([], other, ["LOW_MATCH_CONFIDENCE"])
    stray = [face.face_id for face in staff.inventory().faces if face.user_id is None]
    assert stray == [rejected.face_id]


def test_the_face_of_another_user_is_rejected(staff: Staff) -> None:
    image = staff.image("ann")
    staff.enroll("ann", image)
    assert [each.reasons for each in staff.enroll("bob", image).rejected] == [["ASSOCIATED_TO_A_DIFFERENT_USER"]]


def test_an_unknown_collection_is_the_error_of_the_service(staff: Staff) -> None:
    unknown = staff.client.people("unknown")
    with pytest.raises(ResourceNotFoundException):
        staff.backend.run(lambda: unknown.enroll("ann", [ANN]))


@pytest.mark.parametrize("images", ["a.jpg", ANN, PNG, io.BytesIO(PNG), {"bytes": PNG}, 5, []])
def test_images_must_be_an_iterable_of_at_least_one(backend: Backend, images: Any) -> None:
    with pytest.raises(ParamValidationError, match="images: must"):
        backend.run(lambda: backend.client(Unused()).people(STAFF).enroll("ann", images))


@pytest.mark.parametrize("collection_id", ["", None, 5])
def test_a_collection_id_must_be_text(backend: Backend, collection_id: Any) -> None:
    with pytest.raises(ParamValidationError, match="collection_id: must be"):
        backend.client(Unused()).people(collection_id)


def test_the_text_of_the_object_names_the_collection(backend: Backend) -> None:
    assert repr(backend.client(Unused()).people(STAFF)) in ("<People of staff>", "<AsyncPeople of staff>")


# --- Errors in the middle of enrolling ---------------------------------------------------------------------------


def face_wire(face_id: str) -> dict[str, Any]:
    return {**sample("FaceRecord")["Face"], "FaceId": face_id}


def indexed(*face_ids: str) -> Any:
    detail = sample("FaceRecord")["FaceDetail"]
    records = [{"Face": face_wire(face_id), "FaceDetail": detail} for face_id in face_ids]
    return json_reply({"FaceRecords": records, "UnindexedFaces": []})


def refused(*face_ids: str, reasons: tuple[str, ...] = ("FACE_NOT_FOUND",)) -> Any:
    rows = [{"FaceId": face_id, "Reasons": list(reasons)} for face_id in face_ids]
    return json_reply({"AssociatedFaces": [], "UnsuccessfulFaceAssociations": rows, "UserStatus": "UPDATING"})


ID = "11111111-2222-3333-4444-{:012d}".format
DONE = json_reply()
DENIED = error_reply("AccessDeniedException")
ACTIVE = json_reply({"Users": [{"UserId": "ann", "UserStatus": "ACTIVE"}]})


def unfinished(backend: Backend, *script: Any, images: int = 2, **settings: Any) -> UnfinishedError:
    with pytest.raises(UnfinishedError) as caught:
        backend.run(lambda: people(backend, *script).enroll("ann", [PNG] * images, **settings))
    return caught.value


def test_an_error_of_indexing_has_the_faces_so_far(backend: Backend) -> None:
    error = unfinished(backend, DONE, indexed(ID(1)), DENIED)
    assert isinstance(error.__cause__, AccessDeniedException)
    assert [face.face_id for face in error.faces] == [ID(1)]
    assert error.enrollment == Enrollment(user_id="ann", faces=[], rejected=[])
    assert "0 faces associated, 1 indexed only, 0 rejected" in str(error)


def test_an_invalid_argument_in_the_middle_is_no_rejected_image(backend: Backend) -> None:
    error = unfinished(backend, DONE, quality_filter=5)
    assert isinstance(error.__cause__, ParamValidationError)
    assert error.enrollment is not None
    assert error.enrollment.rejected == []


def test_an_error_of_the_wait_has_the_associated_and_the_rejected_faces(backend: Backend) -> None:
    steps = DONE, indexed(ID(1)), indexed(ID(2)), refused(ID(2), reasons=()), DENIED
    error = unfinished(backend, *steps)
    assert error.enrollment is not None
    assert [face.face_id for face in error.enrollment.faces] == [ID(1)]
    assert [(each.face_id, each.reasons) for each in error.enrollment.rejected] == [(ID(2), ["NO_REASON"])]
    assert error.faces == ()


def test_the_timeout_ends_the_wait_for_the_user(backend: Backend) -> None:
    updating = json_reply({"Users": [{"UserId": "ann", "UserStatus": "UPDATING"}]})
    error = unfinished(backend, DONE, indexed(ID(1)), DONE, updating, images=1, timeout=0.2)
    assert isinstance(error.__cause__, WaiterTimeoutError)


def test_more_faces_than_a_request_takes_are_associated_in_batches(backend: Backend) -> None:
    def answer(sent: Any) -> Any:
        if sent.operation == "IndexFaces":
            return indexed(ID(next(numbers)))
        return ACTIVE if sent.operation == "ListUsers" else DONE

    numbers = count(1)
    transport = Scripted(answer)
    enrollment = backend.run(lambda: backend.client(transport).people(STAFF).enroll("ann", [PNG] * 101))
    assert len(enrollment.faces) == 101
    batches = [len(sent.wire["FaceIds"]) for sent in transport.sent if sent.operation == "AssociateFaces"]
    assert batches == [100, 1]
    assert [sent.operation for sent in transport.sent[-4:]] == ["AssociateFaces", "ListUsers"] * 2


def slow_emulator(operation: str, calls: int) -> Emulator:
    """Return an emulator that takes a minute to update a user, and whose clock goes on by a minute at each call.

    The clock stands still until `calls` calls of the operation have ended.
    """
    opened: list[Emulator] = []

    def clock() -> float:
        ended = len(opened[0].calls.of(operation)) if opened else 0
        return 1_780_000_000.0 + 60 * max(0, ended - calls + 1)

    opened.append(Emulator(durations=Durations(user=60), clock=clock))
    return opened[0]


def test_a_user_that_is_being_updated_is_awaited_first(backend: Backend) -> None:
    with slow_emulator("AssociateFaces", 2) as slow:
        staff = Staff(backend, slow)
        images = [staff.image("ann"), staff.image("ann")]
        with pytest.raises(UnfinishedError) as caught:
            staff.enroll("ann", images[0], timeout=0.1)
        assert isinstance(caught.value.__cause__, WaiterTimeoutError)
        assert len(staff.enroll("ann", *images).faces) == 2
        refused = [call for call in slow.calls.of("AssociateFaces") if call.error]
        assert len(refused) == 1


# --- The lag of the service --------------------------------------------------------------------------------------


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_enrolling, "LAG_PAUSE", 0)
    monkeypatch.setattr("rekog.people._removing.LAG_PAUSE", 0)


@pytest.mark.usefixtures("no_pause")
def test_a_face_that_is_not_found_yet_is_associated_again(backend: Backend) -> None:
    transport = Scripted(DONE, indexed(ID(1)), indexed(ID(2)), refused(ID(2)), refused(ID(2)), DONE, ACTIVE)
    enrollment = backend.run(lambda: backend.client(transport).people(STAFF).enroll("ann", [PNG, PNG]))
    assert [face.face_id for face in enrollment.faces] == [ID(1), ID(2)]
    asked = [sent.wire["FaceIds"] for sent in transport.sent if sent.operation == "AssociateFaces"]
    assert asked == [[ID(1), ID(2)], [ID(2)], [ID(2)]]


@pytest.mark.usefixtures("no_pause")
def test_a_face_that_is_never_found_is_rejected(backend: Backend) -> None:
    transport = Scripted(DONE, indexed(ID(1)), refused(ID(1)))
    enrollment = backend.run(lambda: backend.client(transport).people(STAFF).enroll("ann", [PNG]))
    assert (enrollment.faces, [each.reasons for each in enrollment.rejected]) == ([], [["FACE_NOT_FOUND"]])
    assert [sent.operation for sent in transport.sent].count("AssociateFaces") == 5


def test_an_enrolled_person_waits_for_the_slow_step_of_the_emulator(backend: Backend) -> None:
    with slow_emulator("ListUsers", 1) as slow:
        staff = Staff(backend, slow)
        staff.enroll("ann", staff.image("ann"))
        assert staff.calls().count("ListUsers") == 2
        assert staff.inventory().users[0].user_status == "ACTIVE"


def test_an_enrolled_person_is_identified_before_searches_of_faces_find_it(backend: Backend) -> None:
    with Emulator(durations=Durations(indexing=60)) as slow:
        staff = Staff(backend, slow)
        image = staff.image("ann")
        staff.enroll("ann", image)
        searched = backend.run(lambda: staff.client.search_faces_by_image(STAFF, image))
        assert searched.face_matches == []
        assert [face.user_id for face in backend.run(lambda: staff.people.identify(image))] == ["ann"]


# --- Identifying -------------------------------------------------------------------------------------------------


def beside(*photographs: Path, height: int = 400) -> bytes:
    """Return photographs side by side as a PNG file."""
    opened = [Image.open(path).convert("RGB") for path in photographs]
    scaled = [image.resize((round(image.width * height / image.height), height)) for image in opened]
    canvas = Image.new("RGB", (sum(image.width for image in scaled), height))
    left = 0
    for image in scaled:
        canvas.paste(image, (left, 0))
        left += image.width
    return image_file(canvas)


def test_each_face_of_a_group_is_identified(staff: Staff) -> None:
    staff.enroll("ann", ANN)
    staff.enroll("grace", GRACE)
    group = beside(ANN, GRACE)
    found = staff.backend.run(lambda: staff.people.identify(group))
    assert sorted(str(face.user_id) for face in found) == ["ann", "grace"]
    assert all(face.searched and (face.similarity or 0) > 90 for face in found)
    ann = next(face for face in found if face.user_id == "ann")
    assert ann.bounding_box.left + ann.bounding_box.width < 0.5
    assert ann.bounding_box == ann.face_detail.bounding_box


def test_a_stranger_in_a_group_matches_no_user_and_leaves_no_face(staff: Staff) -> None:
    staff.enroll("grace", GRACE)
    before, group = staff.inventory(), beside(ANN, GRACE)
    found = staff.backend.run(lambda: staff.people.identify(group))
    assert sorted((face.user_id or "", face.searched) for face in found) == [("", True), ("grace", True)]
    assert staff.inventory() == before


@pytest.mark.slow
def test_small_faces_are_enlarged_for_the_search(staff: Staff) -> None:
    staff.enroll("ann", ANN)
    group = beside(ANN, GRACE, height=260)
    found = staff.backend.run(lambda: staff.people.identify(group))
    assert "ann" in [face.user_id for face in found]


def test_a_single_face_is_searched_with_the_image_itself(staff: Staff) -> None:
    image = staff.image("ann")
    staff.enroll("ann", image)
    file = io.BytesIO(image)
    (found,) = staff.backend.run(lambda: staff.people.identify(file, user_match_threshold=90))
    assert (found.user_id, found.similarity, found.searched) == ("ann", 100.0, True)


def test_an_image_without_faces_has_no_entries(staff: Staff) -> None:
    image = staff.image()
    assert staff.backend.run(lambda: staff.people.identify(image)) == []


def test_a_declared_group_is_not_searched_because_its_crops_are_not_declared(staff: Staff) -> None:
    group = staff.image("ann", "bob")
    found = staff.backend.run(lambda: staff.people.identify(group))
    assert [(face.user_id, face.searched) for face in found] == [(None, False), (None, False)]


def test_no_more_faces_than_wanted_are_searched(staff: Staff) -> None:
    group = staff.image("ann", "bob", "eve")
    staff.emulator.calls.clear()
    assert len(staff.backend.run(lambda: staff.people.identify(group, max_faces=1))) == 1
    assert staff.calls() == ["DetectFaces", *["SearchUsersByImage"] * 2]


@pytest.mark.parametrize("max_faces", [0, 101, True, 1.5])
def test_max_faces_must_be_one_to_one_hundred(backend: Backend, max_faces: Any) -> None:
    with pytest.raises(ParamValidationError, match="max_faces: must be"):
        backend.run(lambda: backend.client(Unused()).people(STAFF).identify(PNG, max_faces=max_faces))


@given(*[st.floats(-0.5, 1.0)] * 2, *[st.floats(0.5, 1.5)] * 2)
def test_the_searched_box_of_a_face_is_the_part_inside_the_image(
    left: float, top: float, width: float, height: float
) -> None:
    face = partial_model(FaceDetail, bounding_box=BoundingBox(left=left, top=top, width=width, height=height))
    box = _identifying._box_of(face)  # pyright: ignore[reportPrivateUsage]
    assert (box.left, box.top) == (max(left, 0), max(top, 0))
    assert box.left + box.width == pytest.approx(min(left + width, 1))
    assert box.top + box.height == pytest.approx(min(top + height, 1))


def test_an_image_in_s3_is_refused(backend: Backend) -> None:
    with pytest.raises(ParamValidationError, match="image: must be a local image"):
        backend.run(lambda: backend.client(Unused()).people(STAFF).identify("s3://bucket/key.jpg"))


def box(left: float, top: float, width: float, height: float) -> dict[str, float]:
    return {"Left": left, "Top": top, "Width": width, "Height": height}


def searched(place: dict[str, float], user_id: str) -> Any:
    detail = {**sample("FaceDetail"), "BoundingBox": place}
    match = {"Similarity": 99.0, "User": {"UserId": user_id, "UserStatus": "ACTIVE"}}
    return json_reply({"SearchedFace": {"FaceDetail": detail}, "UserMatches": [match], "UnsearchedFaces": []})


TWO = json_reply({
    "FaceDetails": [{**sample("FaceDetail"), "BoundingBox": place} for place in (
        box(0.4, 0.4, 0.2, 0.2), box(0.62, 0.4, 0.2, 0.2),
    )]
})  # fmt: skip
MIDDLE, EDGE = box(0.4, 0.4, 0.2, 0.2), box(0.0, 0.1, 0.2, 0.2)


@pytest.mark.parametrize("neighbour", [EDGE, box(0.4, 0.0, 0.2, 0.2)])
def test_a_neighbour_in_a_crop_is_not_taken_for_the_face(backend: Backend, neighbour: dict[str, float]) -> None:
    transport = Scripted(TWO, searched(neighbour, "eve"), searched(MIDDLE, "ann"))
    client = backend.client(transport).people(STAFF)
    image = image_file(Image.new("RGB", (300, 300), (1, 2, 3)))
    (found,) = backend.run(lambda: client.identify(image, max_faces=1))
    assert (found.user_id, found.similarity, found.searched) == ("ann", 99.0, True)
    assert len(transport.sent) == 3


# --- Users and removal -------------------------------------------------------------------------------------------


def test_users_are_listed_by_a_pager(staff: Staff) -> None:
    for name in ("ann", "bob"):
        staff.enroll(name, staff.image(name))
    assert sorted(user.user_id for user in staff.backend.items(staff.people.users)) == ["ann", "bob"]


def test_a_removed_user_leaves_its_faces(staff: Staff) -> None:
    staff.enroll("ann", staff.image("ann"))
    staff.backend.run(lambda: staff.people.remove("ann"))
    inventory = staff.inventory()
    assert (inventory.users, [face.user_id for face in inventory.faces]) == ((), [None])


def test_a_user_is_removed_with_its_faces_alone(staff: Staff) -> None:
    staff.enroll("ann", staff.image("ann"))
    staff.enroll("bob", staff.image("bob"))
    staff.backend.run(lambda: staff.people.remove("ann", delete_faces=True))
    inventory = staff.inventory()
    assert [user.user_id for user in inventory.users] == ["bob"]
    assert [face.user_id for face in inventory.faces] == ["bob"]


def listing(number: int) -> Any:
    return json_reply({"Faces": [face_wire(ID(each)) for each in range(number)], "FaceModelVersion": "7.0"})


def kept(sent: Any) -> Any:
    """Refuse to delete the faces of a request."""
    reasons = ["ASSOCIATED_TO_AN_EXISTING_USER"]
    rows = [{"FaceId": each, "UserId": "ann", "Reasons": reasons} for each in sent.wire["FaceIds"]]
    return json_reply({"DeletedFaces": [], "UnsuccessfulFaceDeletions": rows})


@pytest.mark.usefixtures("no_pause")
def test_a_face_that_seems_to_belong_to_the_user_still_is_deleted_again(backend: Backend) -> None:
    transport = Scripted(listing(1), DONE, kept, DONE)
    client = backend.client(transport).people(STAFF)
    backend.run(lambda: client.remove("ann", delete_faces=True))
    assert [sent.operation for sent in transport.sent] == ["ListFaces", "DeleteUser", "DeleteFaces", "DeleteFaces"]


@pytest.mark.usefixtures("no_pause")
def test_faces_that_are_not_deleted_are_those_of_the_error(backend: Backend) -> None:
    with pytest.raises(UnfinishedError, match="1 of its faces are not: the service") as caught:
        backend.run(lambda: people(backend, listing(1), DONE, kept).remove("ann", delete_faces=True))
    assert [face.face_id for face in caught.value.faces] == [ID(0)]
    assert caught.value.enrollment is None


def test_a_face_that_another_program_has_deleted_is_not_left(backend: Backend) -> None:
    def gone(sent: Any) -> Any:
        rows = [{"FaceId": each, "Reasons": ["FACE_NOT_FOUND"]} for each in sent.wire["FaceIds"]]
        return json_reply({"DeletedFaces": [], "UnsuccessfulFaceDeletions": rows})

    transport = Scripted(listing(2), DONE, gone)
    client = backend.client(transport).people(STAFF)
    backend.run(lambda: client.remove("ann", delete_faces=True))
    assert [sent.operation for sent in transport.sent] == ["ListFaces", "DeleteUser", "DeleteFaces"]


def test_an_error_of_deleting_has_the_faces_that_are_left(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rekog.people._removing.MOST_FACES", 2)
    steps = listing(5), DONE, DONE, DENIED
    with pytest.raises(UnfinishedError, match="3 of its faces are not") as caught:
        backend.run(lambda: people(backend, *steps).remove("ann", delete_faces=True))
    assert [face.face_id for face in caught.value.faces] == [ID(each) for each in (2, 3, 4)]
    assert isinstance(caught.value.__cause__, AccessDeniedException)


def test_an_unknown_user_is_the_error_of_the_service(staff: Staff) -> None:
    with pytest.raises(ResourceNotFoundException):
        staff.backend.run(lambda: staff.people.remove("nobody"))


# --- Inventories -------------------------------------------------------------------------------------------------


def face(number: int, user_id: str | None, external: str | None = None) -> InventoryFace:
    return InventoryFace(face_id=ID(number), image_id=None, external_image_id=external, user_id=user_id)


def inventory(*faces: InventoryFace, collection: str = STAFF) -> Inventory:
    names = sorted({each.user_id for each in faces if each.user_id is not None})
    return Inventory(
        collection_id=collection,
        collection_arn=f"arn:aws:rekognition:eu-west-1:123456789012:collection/{collection}",
        face_model_version="7.0",
        users=tuple(InventoryUser(user_id=name, user_status="ACTIVE") for name in names),
        faces=faces,
    )


def test_an_inventory_has_the_faces_of_all_pages(backend: Backend) -> None:
    pages = (
        json_reply({"FaceCount": 2}),
        json_reply({"Users": [{"UserId": "ann"}], "NextToken": "2"}),
        json_reply({"Users": []}),
        json_reply({"Faces": [{**face_wire(ID(2)), "UserId": "ann"}], "NextToken": "2"}),
        json_reply({"Faces": [{**face_wire(ID(1)), "ExternalImageId": "a.jpg"}]}),
    )
    taken = backend.run(people(backend, *pages).inventory)
    assert [row.face_id for row in taken.faces] == [ID(1), ID(2)]
    assert taken.users == (InventoryUser(user_id="ann", user_status=None),)
    assert taken.faces[0].external_image_id == "a.jpg"


def test_an_inventory_returns_from_its_json() -> None:
    taken = inventory(face(1, "ann", "a.jpg"), face(2, None))
    text = taken.to_json()
    assert Inventory.from_json(text) == Inventory.from_json(text.encode()) == taken
    assert json.loads(text)["faces"][0]["external_image_id"] == "a.jpg"


VALID = inventory(face(1, "ann"))


def broken(change: Callable[[dict[str, Any]], object]) -> str:
    value = json.loads(VALID.to_json())
    change(value)
    return json.dumps(value)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        broken(lambda value: value.pop("faces")),
        broken(lambda value: value.pop("face_model_version")),
        broken(lambda value: value.update(extra=None)),
        broken(lambda value: value.update(collection_id=5)),
        broken(lambda value: value["users"].append("ann")),
        broken(lambda value: value["faces"][0].update(face_id=None)),
        broken(lambda value: value["faces"][0].update(image_id=5)),
    ],
)
def test_another_text_is_no_inventory(text: str) -> None:
    with pytest.raises(ParamValidationError, match="text: is no inventory"):
        Inventory.from_json(text)


def test_the_difference_of_one_collection_goes_by_face_ids() -> None:
    before = inventory(face(1, "ann"), face(2, "bob"), face(3, None))
    after = inventory(face(1, "ann"), face(3, "eve"), face(4, "ann"))
    difference = before.diff(after)
    assert difference.added_users == ("eve",)
    assert difference.removed_users == ("bob",)
    assert difference.added_faces == (face(4, "ann"),)
    assert difference.removed_faces == (face(2, "bob"),)
    assert difference.changed_faces == (face(3, "eve"),)


def test_the_difference_of_two_collections_goes_by_users_and_external_ids() -> None:
    one = inventory(face(1, "ann", "a.jpg"), face(2, "ann", "a.jpg"), face(3, "bob"))
    other = inventory(face(7, "ann", "a.jpg"), face(8, "bob"), face(9, "bob"), collection="copy")
    difference = one.diff(other)
    assert difference.removed_faces == (face(2, "ann", "a.jpg"),)
    assert difference.added_faces == (face(9, "bob"),)
    assert (difference.added_users, difference.removed_users, difference.changed_faces) == ((), (), ())


def test_equal_inventories_have_no_difference() -> None:
    assert not VALID.diff(VALID)
    assert VALID.diff(inventory())


# --- The module --------------------------------------------------------------------------------------------------


def test_the_module_shows_its_public_names() -> None:
    assert dir(rekog.people) == sorted(rekog.people.__all__)


def test_an_unfinished_error_survives_pickling() -> None:
    enrollment = Enrollment(user_id="ann", faces=[], rejected=[])
    error = pickle.loads(pickle.dumps(UnfinishedError("cut off", enrollment=enrollment)))
    assert (str(error), error.enrollment, error.faces) == ("cut off", enrollment, ())
