"""Images and objects that the operations accept, and boxes in relation to them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.kit.request_members import create_running_version
from tests.kit.service import ControlApi, Rekognition, blank_png
from tests.kit.wire import ASTRONAUT, exif_orientation

if TYPE_CHECKING:
    from tests.kit.clients import Json


IMAGE_OPERATIONS = (
    "DetectFaces",
    "DetectLabels",
    "DetectModerationLabels",
    "DetectProtectiveEquipment",
    "DetectText",
    "RecognizeCelebrities",
)
ROTATE_CLOCKWISE = 6
"""EXIF orientation of an image that viewers rotate by 90 degrees."""
BEYOND_THE_EDGES: Json = {"Left": -0.1, "Top": 0.8, "Width": 0.4, "Height": 0.4}


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, form, **options)
    return data.getvalue()


# --- formats and sizes


@pytest.mark.parametrize("operation", IMAGE_OPERATIONS)
def test_an_invalid_image_is_refused_before_detection(rekognition: Rekognition, operation: str) -> None:
    def refused(image: Json) -> str:
        return rekognition.error_code(operation, Image=image)

    assert refused({}) == "InvalidParameterException"
    assert refused({"Bytes": b"GIF89a" + bytes(100)}) == "InvalidImageFormatException"
    assert refused({"Bytes": blank_png()[:100]}) == "InvalidImageFormatException"
    assert refused({"Bytes": blank_png(width=63, height=100)}) == "InvalidParameterException"


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "WEBP"])
def test_only_png_and_jpeg_are_accepted(rekognition: Rekognition, form: str) -> None:
    image = Image.new("RGB", (100, 100))
    other = {"Bytes": encoded(image, form)}
    assert rekognition.error_code("DetectFaces", Image=other) == "InvalidImageFormatException"
    for known in ("PNG", "JPEG"):
        assert rekognition("DetectFaces", Image={"Bytes": encoded(image, known)})["FaceDetails"] == []


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_png_may_have_any_colour_mode(rekognition: Rekognition, mode: str) -> None:
    image = Image.new("RGB", (100, 100), (200, 10, 10)).convert("L" if mode == "I;16" else mode)
    data = encoded(image.convert("I;16") if mode == "I;16" else image, "PNG")
    assert rekognition("DetectFaces", Image={"Bytes": data})["FaceDetails"] == []


def test_a_jpeg_may_be_grey_or_cmyk(rekognition: Rekognition) -> None:
    for mode in ("L", "CMYK"):
        data = encoded(Image.new(mode, (100, 100)), "JPEG")
        assert rekognition("DetectFaces", Image={"Bytes": data})["FaceDetails"] == []


@pytest.mark.parametrize(("width", "height"), [(79, 100), (100, 79)])
def test_each_side_has_at_least_eighty_pixels(
    rekognition: Rekognition, control: ControlApi, width: int, height: int
) -> None:
    small = {"Bytes": blank_png(width=width, height=height)}
    assert rekognition.error_code("DetectFaces", Image=small) == "InvalidParameterException"
    assert rekognition("DetectFaces", Image={"Bytes": blank_png(width=80, height=80)})["FaceDetails"] == []


@pytest.mark.parametrize(("width", "height"), [(63, 100), (100, 63)])
def test_equipment_detection_accepts_sides_of_sixty_four_pixels(
    rekognition: Rekognition, control: ControlApi, width: int, height: int
) -> None:
    minimum, small = blank_png(width=64, height=64), {"Bytes": blank_png(width=width, height=height)}
    assert rekognition.error_code("DetectProtectiveEquipment", Image=small) == "InvalidParameterException"
    control.declare(minimum, ppe=[])
    assert rekognition("DetectProtectiveEquipment", Image={"Bytes": minimum})["Persons"] == []


@pytest.mark.parametrize(
    ("operation", "capability", "maximum"),
    [("DetectProtectiveEquipment", "ppe", 4096), ("DetectLabels", "labels", 10_000), ("DetectFaces", "faces", 10_000)],
)
def test_each_side_has_a_maximum_number_of_pixels(
    rekognition: Rekognition, control: ControlApi, operation: str, capability: str, maximum: int
) -> None:
    fits = blank_png(width=maximum, height=100)
    nothing: dict[str, list[str]] = {capability: []}
    control.declare(fits, **nothing)
    rekognition(operation, Image={"Bytes": fits})
    for width, height in ((maximum + 1, 100), (100, maximum + 1)):
        refusal = rekognition.refusal(operation, Image={"Bytes": blank_png(width=width, height=height)})
        text = f"Input image dimensions {width} x {height} exceed maximum dimension size of {maximum} pixels"
        assert (refusal.code, refusal.message) == ("ImageTooLargeException", text)


@pytest.mark.parametrize("operation", ["DetectCustomLabels", "DetectProtectiveEquipment"])
def test_two_operations_accept_at_most_four_megabytes_of_bytes(
    rekognition: Rekognition, control: ControlApi, operation: str
) -> None:
    more = {"ProjectVersionArn": create_running_version(rekognition)} if operation == "DetectCustomLabels" else {}
    padded = blank_png().ljust(4 * 1024**2 + 1, b"\0")
    assert rekognition.error_code(operation, Image={"Bytes": padded}, **more) == "ImageTooLargeException"


@pytest.mark.parametrize("operation", ["DetectCustomLabels", "DetectProtectiveEquipment"])
def test_two_operations_accept_four_megabytes_of_bytes_and_larger_objects(
    rekognition: Rekognition, control: ControlApi, operation: str
) -> None:
    more = {"ProjectVersionArn": create_running_version(rekognition)} if operation == "DetectCustomLabels" else {}
    largest = blank_png().ljust(4 * 1024**2, b"\0")
    control.declare(largest, ppe=[], custom_labels=[])
    rekognition(operation, Image={"Bytes": largest}, **more)
    larger = largest + b"\0"
    control.declare(larger, ppe=[], custom_labels=[])
    rekognition(operation, Image=control.put_object("photos", "heavy.png", larger), **more)


def test_an_object_has_at_most_fifteen_megabytes(rekognition: Rekognition, control: ControlApi) -> None:
    maximum = 15 * 1024**2
    fits, more = (
        control.put_object("photos", f"{size}.png", blank_png().ljust(size, b"\0")) for size in (maximum, maximum + 1)
    )
    assert rekognition("DetectFaces", Image=fits)["FaceDetails"] == []
    assert rekognition.error_code("DetectFaces", Image=more) == "ImageTooLargeException"


# --- objects


@pytest.mark.parametrize("operation", IMAGE_OPERATIONS)
def test_bytes_together_with_an_object_are_refused(
    rekognition: Rekognition, control: ControlApi, operation: str
) -> None:
    image = {"Bytes": blank_png(), "S3Object": {"Bucket": "photos", "Name": "a.png"}}
    assert rekognition.error_code(operation, Image=image) == "InvalidParameterException"


@pytest.mark.parametrize("operation", IMAGE_OPERATIONS)
def test_a_missing_object_is_refused(rekognition: Rekognition, control: ControlApi, operation: str) -> None:
    image = {"S3Object": {"Bucket": "photos", "Name": "lost.png"}}
    assert rekognition.error_code(operation, Image=image) == "InvalidS3ObjectException"


def test_an_object_gives_the_response_of_its_bytes(
    rekognition: Rekognition, control: ControlApi, astronaut: Json
) -> None:
    location = control.put_object("photos", "astronaut.jpg", astronaut["Bytes"])
    assert rekognition("DetectFaces", Image=location) == rekognition("DetectFaces", Image=astronaut)


def test_a_named_version_of_an_object_is_read(rekognition: Rekognition, control: ControlApi) -> None:
    first = control.put_object_version("photos", "a.png", blank_png(1))
    control.put_object("photos", "a.png", blank_png(2))
    control.declare(blank_png(1), labels=["First"])
    control.declare(blank_png(2), labels=["Second"])
    location = {"Bucket": "photos", "Name": "a.png"}

    def shown(**version: str) -> str:
        response = rekognition("DetectLabels", Image={"S3Object": {**location, **version}})
        return str(response["Labels"][0]["Name"])

    assert (shown(), shown(Version=first)) == ("Second", "First")
    lost = {"S3Object": {**location, "Version": "never"}}
    assert rekognition.error_code("DetectLabels", Image=lost) == "InvalidS3ObjectException"


@pytest.mark.parametrize("location", [{"Bucket": "photos"}, {"Name": "a.png"}, {}])
def test_an_object_needs_a_bucket_and_a_name(
    rekognition: Rekognition, control: ControlApi, location: dict[str, str]
) -> None:
    control.put_object("photos", "a.png", blank_png())
    assert rekognition.error_code("DetectFaces", Image={"S3Object": location}) == "InvalidS3ObjectException"


def test_an_object_may_be_a_file_of_the_s3_root(rekognition: Rekognition, control: ControlApi) -> None:
    location = {"S3Object": {"Bucket": "disk", "Name": "astronaut.jpg"}}
    assert len(rekognition("DetectFaces", Image=location)["FaceDetails"]) == 1


@pytest.mark.parametrize(
    "key", ["../../secret.jpg", "../disk/astronaut.jpg", "./astronaut.jpg", "/astronaut.jpg", ".."]
)
@pytest.mark.parametrize("bucket", ["disk", "...", "..-", ".disk"])
def test_a_key_cannot_leave_its_bucket(rekognition: Rekognition, control: ControlApi, bucket: str, key: str) -> None:
    location = {"S3Object": {"Bucket": bucket, "Name": key}}
    assert rekognition.error_code("DetectFaces", Image=location) == "InvalidS3ObjectException"


# --- boxes and orientation


def test_a_box_may_exceed_the_image(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    image = control.declared_image(
        faces=[{"BoundingBox": BEYOND_THE_EDGES}],
        labels=[{"Name": "Cat", "Instances": [{"BoundingBox": BEYOND_THE_EDGES}]}],
    )
    (face,) = rekognition("DetectFaces", Image=image)["FaceDetails"]
    assert face["BoundingBox"] == pytest.approx(BEYOND_THE_EDGES)
    (record,) = rekognition("IndexFaces", CollectionId=collection, Image=image, QualityFilter="NONE")["FaceRecords"]
    assert record["Face"]["BoundingBox"] == pytest.approx(BEYOND_THE_EDGES)
    (label,) = rekognition("DetectLabels", Image=image)["Labels"]
    assert label["Instances"][0]["BoundingBox"] == pytest.approx(BEYOND_THE_EDGES)


def test_boxes_of_a_jpeg_follow_its_exif_orientation(rekognition: Rekognition, astronaut: Json) -> None:
    upright = Image.open(ASTRONAUT).convert("RGB")
    lying = upright.rotate(90, expand=True)
    turned = encoded(lying, "JPEG", quality=95, exif=exif_orientation(ROTATE_CLOCKWISE))
    (expected,) = rekognition("DetectFaces", Image=astronaut)["FaceDetails"]
    (result,) = rekognition("DetectFaces", Image={"Bytes": turned})["FaceDetails"]
    assert result["BoundingBox"] == pytest.approx(expected["BoundingBox"], abs=0.02)
    assert abs(result["Pose"]["Roll"] - expected["Pose"]["Roll"]) < 10


def test_the_exif_orientation_of_a_png_is_ignored(rekognition: Rekognition, astronaut: Json) -> None:
    upright = Image.open(ASTRONAUT).convert("RGB")
    (expected,) = rekognition("DetectFaces", Image=astronaut)["FaceDetails"]
    data = encoded(upright, "PNG", exif=exif_orientation(ROTATE_CLOCKWISE))
    (result,) = rekognition("DetectFaces", Image={"Bytes": data})["FaceDetails"]
    assert result["BoundingBox"] == pytest.approx(expected["BoundingBox"], abs=0.02)


def test_no_response_has_an_orientation_correction(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    image = control.declared_image(faces=[[0, 0, 0.5, 0.5]], labels=["Cat"])
    responses = [
        *(rekognition(operation, Image=image) for operation in ("DetectFaces", "DetectLabels", "RecognizeCelebrities")),
        rekognition("IndexFaces", CollectionId=collection, Image=image),
        rekognition("CompareFaces", SourceImage=image, TargetImage=image),
    ]
    assert not [name for response in responses for name in response if name.endswith("OrientationCorrection")]
