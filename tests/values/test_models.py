"""Models: comparison, printing, pickling, conversion, and openness to additions of the service."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from rekog import Image, S3Object, from_wire, models, to_wire
from rekog._core.scalars import blob, epoch, moment
from rekog._values.model import ResponseMetadata
from rekog.conversion import converter
from rekog.errors import ConfigError, DecodeError, ParamValidationError
from rekog.models import (
    AuditImage,
    BoundingBox,
    Celebrity,
    CreateCollectionRequest,
    DatasetDescription,
    DetectFacesRequest,
    DetectLabelsResponse,
    Emotion,
    EmotionName,
    Gender,
    GenderType,
    KnownGender,
    Label,
    LandmarkType,
    ListFacesResponse,
    Point,
    QualityFilter,
)

START = datetime(2030, 1, 1, tzinfo=UTC)


# --- Values ------------------------------------------------------------------------------------------------------


def test_models_with_equal_fields_are_equal() -> None:
    assert Point(x=1, y=2) == Point(x=1, y=2)


def test_models_with_different_fields_differ() -> None:
    assert Point(x=1, y=2) != Point(x=1, y=3)


def test_models_of_different_classes_differ() -> None:
    class Corner(Point):
        pass

    assert Point(x=1, y=2) != Corner(x=1, y=2)


def test_a_model_does_not_equal_a_dict() -> None:
    assert Point(x=1, y=2) != {"x": 1, "y": 2}


def test_repr_shows_the_fields_that_are_set() -> None:
    face = KnownGender(type="Male"), Celebrity(id="1", name="Ann", urls=["a"], match_confidence=99.5)
    assert repr(face) == "(KnownGender(type='Male'), Celebrity(urls=['a'], name='Ann', id='1', match_confidence=99.5))"


def test_a_model_can_be_changed() -> None:
    label = Label(name="Cat", confidence=1)
    label.confidence = 2
    assert label == Label(name="Cat", confidence=2)


def test_an_unknown_attribute_cannot_be_set() -> None:
    label: Any = Label(name="Cat", confidence=1)
    with pytest.raises(AttributeError):
        label.colour = "black"


def test_lists_are_empty_by_default() -> None:
    assert Label(name="Cat", confidence=1).instances == []


def test_models_do_not_share_their_empty_lists() -> None:
    box = BoundingBox(width=1, height=1, left=0, top=0)
    Label(name="Cat", confidence=1).instances.append(models.Instance(bounding_box=box, confidence=1))
    assert Label(name="Dog", confidence=1).instances == []


def test_attrs_reports_required_fields() -> None:
    defaults = {field.name: field.default for field in attrs.fields(Label)}
    assert (defaults["name"], defaults["instances"]) == (attrs.NOTHING, attrs.Factory(defaults["instances"].factory))


def test_attrs_creates_empty_lists() -> None:
    fields: Any = attrs.fields(Label)
    assert attrs.fields(Label) is fields  # made once
    assert fields.instances.default.factory() == []


def test_attrs_resolves_the_type_of_a_field_called_bytes() -> None:
    fields: Any = attrs.fields(Image)
    assert fields.bytes.type == bytes | None


def test_evolve_changes_one_field() -> None:
    point: Any = Point(x=1, y=2)  # mypy accepts decorated classes only
    assert attrs.evolve(point, y=3) == Point(x=1, y=3)


def test_replace_changes_one_field() -> None:
    label = Label(name="Cat", confidence=1)
    assert label.__replace__(confidence=2) == Label(name="Cat", confidence=2)
    assert label.confidence == 1
    with pytest.raises(TypeError, match="colour"):
        label.__replace__(colour="red")


@pytest.mark.parametrize("kind", ["Label", Label(name="Cat", confidence=1), dict, None])
def test_a_value_that_is_not_a_model_is_an_error(kind: Any) -> None:
    with pytest.raises(ParamValidationError, match="is not a model of the service"):
        from_wire(kind, {})


def test_a_copied_response_keeps_its_metadata() -> None:
    response = DetectLabelsResponse()
    response.response_metadata = ResponseMetadata(request_id="request-1", attempts=2)
    assert copy.copy(response).response_metadata.attempts == 2


# --- Enums -------------------------------------------------------------------------------------------------------


def test_an_enum_compares_with_text() -> None:
    assert from_wire(Gender, {"Value": "Male", "Confidence": 1}).value == "Male"


def test_a_known_value_is_a_member() -> None:
    assert from_wire(Gender, {"Value": "Male", "Confidence": 1}).value is GenderType.MALE


def test_a_value_from_a_newer_service_is_text() -> None:
    value = from_wire(Emotion, {"Type": "BORED", "Confidence": 1}).type
    assert (type(value), value) == (str, "BORED")


def test_a_value_from_a_newer_service_is_sent_unchanged() -> None:
    assert to_wire(from_wire(Emotion, {"Type": "BORED", "Confidence": 1})) == {"Type": "BORED", "Confidence": 1}


def test_a_member_is_sent_as_its_text() -> None:
    assert to_wire(Emotion(type=EmotionName.HAPPY, confidence=1))["Type"] == "HAPPY"


def test_a_member_that_is_lowercase_on_the_wire_has_an_uppercase_name() -> None:
    assert LandmarkType("eyeLeft").name == "EYE_LEFT"


@pytest.mark.parametrize("value", ["NONE", QualityFilter.NONE])
def test_inputs_accept_members_and_texts(value: QualityFilter) -> None:
    request = models.CompareFacesRequest(source_image=Image(), target_image=Image(), quality_filter=value)
    assert to_wire(request)["QualityFilter"] == "NONE"


# --- A user's own classes ----------------------------------------------------------------------------------------


class Labelled(Label):
    """A user's own label."""

    def shout(self) -> str:
        return self.name.upper()


class Noted(Point):
    """A user's own point, with a field of its own."""

    __slots__ = ("note",)

    def __init__(self, *, x: float, y: float, note: str = "") -> None:
        super().__init__(x=x, y=y)
        self.note = note


def test_a_subclass_is_sent_as_its_model() -> None:
    assert to_wire(Labelled(name="Cat", confidence=1)) == to_wire(Label(name="Cat", confidence=1))


def test_from_wire_creates_the_subclass() -> None:
    label = from_wire(Labelled, {"Name": "Cat", "Confidence": 1})
    assert (type(label), label.shout()) == (Labelled, "CAT")


def test_from_wire_keeps_the_default_of_a_field_of_the_subclass() -> None:
    assert from_wire(Noted, {"X": 1, "Y": 2}) == Noted(x=1, y=2)


def test_a_field_of_the_subclass_is_not_sent() -> None:
    assert to_wire(Noted(x=1, y=2, note="here")) == {"X": 1, "Y": 2}


def test_a_field_of_the_subclass_counts_for_equality() -> None:
    assert Noted(x=1, y=2, note="here") != Noted(x=1, y=2, note="there")


def test_a_wrong_field_of_a_subclass_is_named() -> None:
    class Titled(models.ProjectDescription):
        __slots__ = ("title",)

        def __init__(self) -> None:
            datasets: Any = [7]
            super().__init__(project_arn="arn".ljust(20, "."), status="CREATED", datasets=datasets)
            self.title = "mine"

    with pytest.raises(ValueError, match=r"ProjectDescription: datasets\[0\]: must be a DatasetMetadata, not int"):
        to_wire(Titled())


def test_subclasses_compare_by_their_fields() -> None:
    assert Labelled(name="Cat", confidence=1) == Labelled(name="Cat", confidence=1)


def test_a_subclass_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Labelled(name="Cat", confidence=1))) == Labelled(name="Cat", confidence=1)


# --- Timestamps and blobs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1_893_456_000, 1_893_456_000.0, "1893456000", "1.893456E9", "2030-01-01T00:00:00Z"])
def test_a_timestamp_is_read_from_every_form(value: float | str) -> None:
    assert moment(value) == START


@pytest.mark.parametrize("value", [START, datetime(2030, 1, 1), "2030-01-01T00:00:00"])  # noqa: DTZ001 (on purpose)
def test_a_timestamp_without_a_zone_is_utc(value: datetime | str) -> None:
    assert moment(value) == START
    assert moment(value).tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [START, datetime(2030, 1, 1), datetime(2030, 1, 1, 5, tzinfo=timezone(timedelta(hours=5)))],  # noqa: DTZ001
)
def test_a_timestamp_is_sent_in_epoch_seconds(value: datetime) -> None:
    assert to_wire(DatasetDescription(creation_timestamp=value)) == {"CreationTimestamp": 1_893_456_000}


def test_whole_seconds_are_sent_as_an_int() -> None:
    assert type(epoch(START)) is int


def test_fractions_of_a_second_are_kept() -> None:
    assert epoch(START + timedelta(milliseconds=250)) == 1_893_456_000.25


@pytest.mark.parametrize(
    "value",
    ["AAEC", b"\0\1\2", bytearray(b"\0\1\2"), memoryview(b"\0\1\2")],
    ids=lambda value: type(value).__name__,
)
def test_a_blob_is_read_from_every_form(value: Any) -> None:
    assert (type(blob(value)), blob(value)) == (bytes, b"\0\1\2")


def test_the_bytes_of_an_image_are_not_copied() -> None:
    image = bytes(1000)
    assert blob(image) is image


def test_a_number_is_not_a_blob() -> None:
    with pytest.raises(DecodeError, match=r"AuditImage: Bytes can't be read \(memoryview"):
        from_wire(AuditImage, {"Bytes": 5})


@pytest.mark.parametrize("text", ["AA=C", "A", "AAEC!"])
def test_a_text_that_is_not_base64_is_not_a_blob(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|padding|data"):
        blob(text)


# --- The converter -----------------------------------------------------------------------------------------------


@attrs.define
class Shelf:
    """A user's own class with models in it."""

    name: str
    boxes: list[BoundingBox]
    best: Label | None = None


BOX = BoundingBox(width=0.1, height=0.2, left=0.3, top=0.4)


def test_models_nest_in_own_classes_with_wire_names() -> None:
    wire = converter()
    flat = wire.unstructure(Shelf("top", [BOX], Label(name="Cat", confidence=1)))
    assert flat["boxes"] == [{"Width": 0.1, "Height": 0.2, "Left": 0.3, "Top": 0.4}]
    assert flat["best"].items() >= {"Name": "Cat", "Confidence": 1}.items()


@pytest.mark.parametrize("style", ["wire", "python"])
def test_own_classes_survive_a_round_trip(style: Any) -> None:
    both = converter(style)
    shelf = Shelf("top", [BOX], Label(name="Cat", confidence=1))
    assert both.structure(both.unstructure(shelf), Shelf) == shelf


def test_there_are_two_styles_of_converters() -> None:
    style: Any = "WIRE"
    with pytest.raises(ConfigError, match="style must be 'wire' or 'python', not 'WIRE'"):
        converter(style)


def test_python_names_are_snake_case() -> None:
    assert converter("python").unstructure(BOX) == {"width": 0.1, "height": 0.2, "left": 0.3, "top": 0.4}


def test_python_names_keep_empty_lists() -> None:
    assert converter("python").unstructure(ListFacesResponse(face_model_version="7.0")) == {
        "faces": [],
        "face_model_version": "7.0",
    }


def test_python_names_omit_none() -> None:
    assert converter("python").unstructure(CreateCollectionRequest(collection_id="a")) == {"collection_id": "a"}


def test_python_blobs_are_base64_text() -> None:
    request = DetectFacesRequest(image=Image(bytes=b"\0\1\2"))
    assert converter("python").unstructure(request) == {"image": {"bytes": "AAEC"}}


def test_python_timestamps_are_iso_text() -> None:
    described = DatasetDescription(creation_timestamp=START)
    assert converter("python").unstructure(described) == {"creation_timestamp": "2030-01-01T00:00:00+00:00"}


def test_python_enums_are_text() -> None:
    flat = converter("python").unstructure(Emotion(type=EmotionName.HAPPY, confidence=1))
    assert type(flat["type"]) is str


@pytest.mark.parametrize(("value", "kind"), [("HAPPY", EmotionName), ("BORED", str)])
def test_python_enums_are_open(value: str, kind: type[str]) -> None:
    emotion = converter("python").structure({"type": value, "confidence": 1}, Emotion)
    assert (type(emotion.type), emotion.type) == (kind, value)


def test_converters_are_separate() -> None:
    one, other = converter(), converter()
    one.register_unstructure_hook(Point, lambda _: "mine")
    assert other.unstructure(Point(x=1, y=2)) == {"X": 1, "Y": 2}


def test_wire_blobs_are_bytes() -> None:
    assert converter().unstructure(Image(bytes=b"\0", s3_object=S3Object(bucket="b"))) == {
        "Bytes": b"\0",
        "S3Object": {"Bucket": "b"},
    }


def test_repr_shows_zeros_and_empty_values_and_omits_none() -> None:
    assert repr(BoundingBox(width=0, height=0.5, left=0.0, top=0)) == (
        "BoundingBox(width=0, height=0.5, left=0.0, top=0)"
    )
    assert repr(S3Object(bucket="", name="a")) == "S3Object(bucket='', name='a')"
