"""Content of images: declared, else seen, else refused with a whole text; thresholds of custom labels; read sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from PIL import Image

from rekog import models
from rekog._core.wire import to_wire
from rekog.emulator import DecodedImage
from rekog.emulator.content.analysis import Analysed, ImageAnalysis
from rekog.emulator.content.celebrities import known_gender
from rekog.emulator.content.custom_labels import custom_labels_in
from rekog.emulator.content.declared import declared
from rekog.emulator.content.declared_faces import declared_faces, requested_members
from rekog.emulator.content.equipment import IMAGE_EQUIPMENT
from rekog.emulator.content.faces import faces_in, largest_face_box
from rekog.emulator.content.images import MAX_OBJECT_BYTES, ImageSource, read_source
from rekog.emulator.content.labels import IMAGE_LABELS
from rekog.emulator.content.moderation import moderation_in
from rekog.emulator.content.text import IMAGE_TEXT
from rekog.emulator.refusals import RefusalError
from rekog.emulator.state import State
from rekog.emulator.state.rows import truth
from rekog.emulator.vision import NetworksOffError, Vision
from tests.kit.contexts import context_and_worker
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator.context import Context

DATA = image_file(plain_image(200, 100))
SOURCE = ImageSource(DATA, "photos", "cat.png")
IMAGE = DecodedImage(Image.new("RGB", (200, 100)))
NOT_SERVED = "NotServedByEmulator"
VERSION = "arn:aws:rekognition:us-east-1:123456789012:project/cats/version/one/1700000000000"


def declare_code(arguments: str) -> str:
    return f"client.emulator.declare({arguments}) of an embedded emulator, else Emulator.declare({arguments})"


@pytest.fixture
def context() -> Iterator[Context]:
    with closing(State()) as state:
        yield context_and_worker(state, lambda: 0.0, vision=Vision(switch="off"))[0]


def declare(context: Context, **capabilities: object) -> None:
    with context.state.write() as connection:
        truth.put(connection, "s3://photos/cat.png", capabilities)


def refusal_of(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(RefusalError) as caught:
        call()
    return caught.value.code, caught.value.message


def test_entries_are_declared_or_seen_or_refused(context: Context) -> None:
    def see(given: Context, image: DecodedImage) -> list[models.ProtectiveEquipmentPerson]:
        assert (given, image) == (context, IMAGE)
        return [models.ProtectiveEquipmentPerson(id=7, confidence=90)]

    def off(_context: Context, _image: DecodedImage) -> list[models.ProtectiveEquipmentPerson]:
        raise NetworksOffError

    analysis = ImageAnalysis(capability="ppe", model=models.ProtectiveEquipmentPerson, defaults={"Id": 5}, see=see)
    found = analysis.analyse(context, SOURCE, IMAGE, "DetectX")
    assert found == Analysed([models.ProtectiveEquipmentPerson(id=7, confidence=90)], is_declared=False)
    assert analysis.entries(context, SOURCE, IMAGE, "DetectX") == found.entries
    refusal = refusal_of(lambda: attrs.evolve(analysis, see=off).entries(context, SOURCE, IMAGE, "DetectX"))
    assert refusal[0] == NOT_SERVED
    assert refusal[1] == (
        "DetectX: this emulator can't detect the ppe of an image and does not make up values. "
        f"Declare them with {declare_code('image, ppe=[...]')}; an empty list says that there are none."
    )
    declare(context, ppe=[{"Confidence": 60}, {"Id": 3, "Confidence": 70}])
    given = analysis.analyse(context, SOURCE, IMAGE, "DetectX")
    assert (given.is_declared, [(each.id, each.confidence) for each in given.entries]) == (True, [(5, 60), (3, 70)])
    declare(context, ppe=[])
    assert attrs.evolve(analysis, see=off).analyse(context, SOURCE, IMAGE, "DetectX") == ([], True)


def test_content_declared_of_a_video_is_refused_for_an_image(context: Context) -> None:
    assert declared(context, SOURCE, "text") is None
    declare(context, text=[{"Timestamp": 0}], labels=[{"Name": "Cat"}])
    assert declared(context, SOURCE, "labels") == [{"Name": "Cat"}]
    text = "the text declared for this object are those of a video"
    assert refusal_of(lambda: declared(context, SOURCE, "text")) == (NOT_SERVED, text)


def test_labels_of_an_adapter_are_declared_or_refused(context: Context) -> None:
    refusal = refusal_of(lambda: moderation_in(context, SOURCE, IMAGE, "DetectX", VERSION))
    assert refusal[0] == NOT_SERVED
    assert refusal[1] == (
        "DetectX: this emulator trains no adapters and does not make up values, so it can't detect the moderation"
        f" labels of {VERSION}. Leave out ProjectVersion for those of the base model, or declare the adapter's with"
        f" {declare_code('image, moderation=[...]')}; an empty list says that there are none."
    )
    declare(context, moderation=[{"Name": "Weapons", "Confidence": 60}])
    for adapter in (VERSION, None):
        (label,) = moderation_in(context, SOURCE, IMAGE, "DetectX", adapter)
        assert (label.name, label.confidence) == ("Weapons", 60)


# custom labels


def custom(context: Context, version: str = VERSION, minimum: float | None = None) -> list[tuple[str, float]]:
    found = custom_labels_in(context, SOURCE, IMAGE, version, minimum)
    return [(label.name, label.confidence) for label in found]


def test_custom_labels_reach_their_assumed_threshold_or_the_requested_minimum(context: Context) -> None:
    labels = [
        {"Name": "a", "Confidence": 50.0}, {"Name": "b", "Confidence": 49.9},
        {"Name": "c", "Confidence": 20.0, "AssumedThreshold": 20.0},
        {"Name": "d", "Confidence": 89.9, "AssumedThreshold": 90.0},
    ]  # fmt: skip
    declare(context, custom_labels={"": labels})
    assert custom(context) == [("a", 50.0), ("c", 20.0)]
    assert custom(context, minimum=50.0) == [("a", 50.0), ("d", 89.9)]
    assert custom(context, minimum=0.0) == [("a", 50.0), ("b", 49.9), ("c", 20.0), ("d", 89.9)]


def test_custom_labels_are_those_of_the_version_or_of_any_version(context: Context) -> None:
    declare(
        context, custom_labels={VERSION: [{"Name": "one", "Confidence": 60}], "": [{"Name": "any", "Confidence": 70}]}
    )
    assert (custom(context), custom(context, "arn:other")) == ([("one", 60)], [("any", 70)])
    declare(context, custom_labels={VERSION: []})
    assert custom(context) == []
    refusal = refusal_of(lambda: custom(context, "arn:other"))
    assert refusal[0] == NOT_SERVED
    assert refusal[1] == (
        "DetectCustomLabels: this emulator can't detect the custom_labels of an image and does not make up values: no"
        " model was trained for arn:other, because the networks were off or not installed, or all of its images have"
        f" the same labels. Declare them with {declare_code('image, custom_labels=[...]')}; an empty list says that"
        " there are none."
    )


# declared faces


def face(left: float, top: float, width: float, height: float, **more: object) -> dict[str, Any]:
    return {"BoundingBox": {"Left": left, "Top": top, "Width": width, "Height": height}, "Confidence": 90.0, **more}


def test_declared_faces_come_from_the_largest_and_then_from_the_left_and_the_top(context: Context) -> None:
    entries = [face(0.5, 0, 0.1, 0.1), face(0.1, 0.5, 0.1, 0.1), face(0.1, 0.1, 0.1, 0.1), face(0.6, 0.6, 0.2, 0.1)]
    assert declared_faces(context, SOURCE, "DetectFaces", (), ()) is None
    declare(context, faces=entries)
    found = declared_faces(context, SOURCE, "DetectFaces", (), ())
    assert found is not None
    assert [to_wire(each.detail)["BoundingBox"] for each in found] == [
        entries[index]["BoundingBox"] for index in (3, 2, 1, 0)
    ]
    declare(context, faces=[face(0, 0, 0.001 * number, 0.1) for number in range(1, 102)])
    found = declared_faces(context, SOURCE, "DetectFaces", (), ())
    assert found is not None
    assert [round(1000 * each.detail.bounding_box.width) for each in found] == [*range(101, 1, -1)]


def test_a_declared_face_has_its_identity_quality_and_requested_members(context: Context) -> None:
    smile = {"Value": True, "Confidence": 60.0}
    quality, pose = {"Brightness": 1.0, "Sharpness": 2.0}, {"Roll": 1.0, "Yaw": 2.0, "Pitch": 3.0}
    first = face(0, 0, 0.5, 0.5, Smile=smile, Beard=smile, Quality=quality, Pose=pose, Identity="Ann")
    declare(
        context, faces=[first, face(0, 0, 0.4, 0.4, Smile=smile), face(0, 0, 0.3, 0.3, Smile=smile, Identity="Ann")]
    )
    found = declared_faces(context, SOURCE, "DetectFaces", [models.Attribute.SMILE], [models.Attribute.BEARD])
    assert found is not None
    ann, stranger, again = found
    assert to_wire(ann.detail) == {name: value for name, value in first.items() if name != "Identity"}
    assert (ann.identity, ann.quality_exempt) == ("Ann", False)
    assert (stranger.identity, stranger.quality_exempt) == (f"{SOURCE.digest} 1", True)
    assert (again.identity, again.quality_exempt) == ("Ann", True)
    assert to_wire(stranger.detail)["Pose"] == {"Roll": 0.0, "Yaw": 0.0, "Pitch": 0.0}
    assert stranger.detail.quality is not None
    assert (stranger.detail.quality.brightness > 10, stranger.detail.quality.sharpness) == (True, 0)
    assert len({each.embed() for each in found}) == 3
    assert ann.embed() == ann.embed()


def test_a_missing_attribute_of_a_declared_face_is_refused_with_its_member() -> None:
    entries: list[dict[str, object]] = [{"Smile": 1, "Beard": 1}, {"Smile": 1, "EyesOpen": 1}]
    assert requested_members("DetectFaces", entries, ["DEFAULT", "SMILE"]) == ["Smile"]
    assert requested_members("DetectFaces", entries, ["DEFAULT"]) == []
    assert requested_members("DetectFaces", [], ["ALL"])[:3] == ["AgeRange", "Beard", "Emotions"]
    refusal = refusal_of(lambda: requested_members("IndexFaces", entries, ["SMILE", "EYES_OPEN", "BEARD"]))
    assert refusal[0] == NOT_SERVED
    assert refusal[1] == (
        "IndexFaces: a face was declared without BEARD, EYES_OPEN, and the emulator does not make up values. "
        "Declare it (Beard, EyesOpen), or request fewer attributes."
    )


def test_each_refusal_names_the_operation_of_the_request(context: Context) -> None:
    undetected: tuple[Callable[[], object], ...] = (
        lambda: moderation_in(context, SOURCE, IMAGE, "DetectX", None),
        lambda: IMAGE_LABELS.entries(context, SOURCE, IMAGE, "DetectX"),
        lambda: IMAGE_TEXT.entries(context, SOURCE, IMAGE, "DetectX"),
        lambda: IMAGE_EQUIPMENT.entries(context, SOURCE, IMAGE, "DetectX"),
        lambda: faces_in(context, SOURCE, "DetectX", ["SMILE"]),
    )
    texts = [refusal_of(call)[1].partition(" and does not make up values")[0] for call in undetected]
    start = "DetectX: this emulator can't detect"
    assert texts == [
        *(f"{start} the {name} of an image" for name in ("moderation", "labels", "text", "ppe")),
        f"{start} these face attributes",
    ]
    declare(context, faces=[face(0, 0, 0.5, 0.5)])
    for call in (
        lambda: faces_in(context, SOURCE, "DetectX", ["SMILE"]),
        lambda: declared_faces(context, SOURCE, "DetectX", ["SMILE"], ()),
    ):
        assert refusal_of(call)[1].startswith("DetectX: a face was declared without SMILE, and the emulator")


def test_the_largest_face_of_an_image_has_a_box_or_there_is_none(context: Context) -> None:
    declare(context, faces=[])
    assert largest_face_box(context, SOURCE, "DetectX") is None
    declare(context, faces=[face(0.5, 0.5, 0.1, 0.1), face(0.1, 0.2, 0.3, 0.4)])
    assert largest_face_box(context, SOURCE, "DetectX") == models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)


def test_optional_attributes_are_returned_for_faces_declared_with_them(context: Context) -> None:
    smile = {"Value": True, "Confidence": 60.0}
    declare(context, faces=[face(0, 0, 0.5, 0.5, Smile=smile, Beard=smile), face(0, 0, 0.4, 0.4)])
    found = faces_in(context, SOURCE, "DetectX", (), [models.Attribute.SMILE])
    assert [sorted({"Smile", "Beard"} & set(to_wire(each.detail))) for each in found] == [["Smile"], []]


def test_the_known_gender_of_a_celebrity_may_be_absent() -> None:
    assert (known_gender(None), known_gender("Female")) == (None, models.KnownGender(type="Female"))


# sources


def test_a_source_is_read_from_the_request_or_from_its_object(context: Context) -> None:
    version = context.objects.put("photos", "cat.png", b"older")
    context.objects.put("photos", "cat.png", b"newer")
    location = models.S3Object(bucket="photos", name="cat.png", version=version)
    assert read_source(context, models.Image(s3_object=location)) == ImageSource(b"older", "photos", "cat.png", version)
    assert read_source(context, models.Image(bytes=b"1"), max_bytes=1) == ImageSource(b"1")
    location.version = None
    assert read_source(context, models.Image(s3_object=location), max_bytes=1).data == b"newer"
    context.objects.put("photos", "cat.png", bytes(MAX_OBJECT_BYTES))
    assert len(read_source(context, models.Image(s3_object=location)).data) == MAX_OBJECT_BYTES


def test_a_source_that_can_not_be_read_is_refused_with_the_rule(context: Context) -> None:
    location = models.S3Object(bucket="photos", name="cat.png")
    context.objects.put("photos", "cat.png", bytes(MAX_OBJECT_BYTES + 1))
    unreadable = "Unable to get object metadata from S3. Check object key, region and/or access permissions."
    for image, code, text in (
        (
            models.Image(bytes=b"1", s3_object=location), "InvalidParameterException",
            "Requested image should contain either bytes or s3 object, not both.",
        ),
        (models.Image(), "InvalidParameterException", "Requested image should either contain bytes or s3 object."),
        (models.Image(s3_object=models.S3Object(bucket="photos")), "InvalidS3ObjectException", unreadable),
        (models.Image(s3_object=models.S3Object(name="cat.png")), "InvalidS3ObjectException", unreadable),
        (models.Image(bytes=b"123"), "ImageTooLargeException", "Input image size exceeds the maximum of 2 bytes"),
        (
            models.Image(s3_object=location), "ImageTooLargeException",
            "Input image size exceeds the maximum of 15728640 bytes",
        ),
    ):  # fmt: skip
        assert refusal_of(lambda: read_source(context, image, max_bytes=2)) == (code, text)  # noqa: B023
