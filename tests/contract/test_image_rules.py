"""Which pictures may be sent, and how their places are counted."""

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

ROTATE_CLOCKWISE = 6
"""The EXIF orientation of a picture that is to be turned by 90 degrees."""
BEYOND: Json = {"Left": -0.1, "Top": 0.8, "Width": 0.4, "Height": 0.4}


def file(image: Image.Image, form: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, form, **options)
    return data.getvalue()


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "WEBP"])
def test_only_png_and_jpeg_are_images(rekognition: Rekognition, form: str) -> None:
    image = Image.new("RGB", (100, 100))
    other = {"Bytes": file(image, form)}
    assert rekognition.error_code("DetectFaces", Image=other) == "InvalidImageFormatException"
    for known in ("PNG", "JPEG"):
        assert rekognition("DetectFaces", Image={"Bytes": file(image, known)})["FaceDetails"] == []


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_png_may_have_any_kind_of_colours(rekognition: Rekognition, mode: str) -> None:
    image = Image.new("RGB", (100, 100), (200, 10, 10)).convert("L" if mode == "I;16" else mode)
    data = file(image.convert("I;16") if mode == "I;16" else image, "PNG")
    assert rekognition("DetectFaces", Image={"Bytes": data})["FaceDetails"] == []


def test_a_jpeg_may_be_grey_or_in_printers_colours(rekognition: Rekognition) -> None:
    for mode in ("L", "CMYK"):
        data = file(Image.new(mode, (100, 100)), "JPEG")
        assert rekognition("DetectFaces", Image={"Bytes": data})["FaceDetails"] == []


@pytest.mark.parametrize(("width", "height"), [(79, 100), (100, 79)])
def test_eighty_pixels_are_the_least(rekognition: Rekognition, control: ControlApi, width: int, height: int) -> None:
    small = {"Bytes": blank_png(width=width, height=height)}
    assert rekognition.error_code("DetectFaces", Image=small) == "InvalidParameterException"
    assert rekognition("DetectFaces", Image={"Bytes": blank_png(width=80, height=80)})["FaceDetails"] == []


@pytest.mark.parametrize(("width", "height"), [(63, 100), (100, 63)])
def test_sixty_four_pixels_are_the_least_for_equipment(
    rekognition: Rekognition, control: ControlApi, width: int, height: int
) -> None:
    least, small = blank_png(width=64, height=64), {"Bytes": blank_png(width=width, height=height)}
    assert rekognition.error_code("DetectProtectiveEquipment", Image=small) == "InvalidParameterException"
    control.declare(least, ppe=[])
    assert rekognition("DetectProtectiveEquipment", Image={"Bytes": least})["Persons"] == []


@pytest.mark.parametrize(
    ("operation", "capability", "most"),
    [("DetectProtectiveEquipment", "ppe", 4096), ("DetectLabels", "labels", 10_000), ("DetectFaces", "faces", 10_000)],
)
def test_a_side_has_so_many_pixels_at_most(
    rekognition: Rekognition, control: ControlApi, operation: str, capability: str, most: int
) -> None:
    fits = blank_png(width=most, height=100)
    nothing: dict[str, list[str]] = {capability: []}
    control.declare(fits, **nothing)
    rekognition(operation, Image={"Bytes": fits})
    for width, height in ((most + 1, 100), (100, most + 1)):
        refusal = rekognition.refusal(operation, Image={"Bytes": blank_png(width=width, height=height)})
        text = f"Input image dimensions {width} x {height} exceed maximum dimension size of {most} pixels"
        assert (refusal.code, refusal.message) == ("ImageTooLargeException", text)


def test_an_object_has_fifteen_megabytes_at_most(rekognition: Rekognition, control: ControlApi) -> None:
    most = 15 * 1024**2
    fits, more = (
        control.put_object("photos", f"{size}.png", blank_png().ljust(size, b"\0")) for size in (most, most + 1)
    )
    assert rekognition("DetectFaces", Image=fits)["FaceDetails"] == []
    assert rekognition.error_code("DetectFaces", Image=more) == "ImageTooLargeException"


@pytest.mark.parametrize("operation", ["DetectCustomLabels", "DetectProtectiveEquipment"])
def test_four_megabytes_are_enough_and_no_limit_of_objects(
    rekognition: Rekognition, control: ControlApi, operation: str
) -> None:
    more = {"ProjectVersionArn": create_running_version(rekognition)} if operation == "DetectCustomLabels" else {}
    whole = blank_png().ljust(4 * 1024**2, b"\0")
    control.declare(whole, ppe=[], custom_labels=[])
    rekognition(operation, Image={"Bytes": whole}, **more)
    heavy = whole + b"\0"
    control.declare(heavy, ppe=[], custom_labels=[])
    rekognition(operation, Image=control.put_object("photos", "heavy.png", heavy), **more)


def test_an_object_has_versions(rekognition: Rekognition, control: ControlApi) -> None:
    first = control.put_object_version("photos", "a.png", blank_png(1))
    control.put_object("photos", "a.png", blank_png(2))
    control.declare(blank_png(1), labels=["First"])
    control.declare(blank_png(2), labels=["Second"])
    place = {"Bucket": "photos", "Name": "a.png"}

    def shown(**version: str) -> str:
        answer = rekognition("DetectLabels", Image={"S3Object": {**place, **version}})
        return str(answer["Labels"][0]["Name"])

    assert (shown(), shown(Version=first)) == ("Second", "First")
    lost = {"S3Object": {**place, "Version": "never"}}
    assert rekognition.error_code("DetectLabels", Image=lost) == "InvalidS3ObjectException"


@pytest.mark.parametrize("place", [{"Bucket": "photos"}, {"Name": "a.png"}, {}])
def test_half_a_place_is_no_object(rekognition: Rekognition, control: ControlApi, place: dict[str, str]) -> None:
    control.put_object("photos", "a.png", blank_png())
    assert rekognition.error_code("DetectFaces", Image={"S3Object": place}) == "InvalidS3ObjectException"


def test_an_object_may_be_a_file(rekognition: Rekognition, control: ControlApi) -> None:
    place = {"S3Object": {"Bucket": "disk", "Name": "astronaut.jpg"}}
    assert len(rekognition("DetectFaces", Image=place)["FaceDetails"]) == 1


@pytest.mark.parametrize(
    "key", ["../../secret.jpg", "../disk/astronaut.jpg", "./astronaut.jpg", "/astronaut.jpg", ".."]
)
@pytest.mark.parametrize("bucket", ["disk", "...", "..-", ".disk"])
def test_no_key_leads_out_of_its_bucket(rekognition: Rekognition, control: ControlApi, bucket: str, key: str) -> None:
    place = {"S3Object": {"Bucket": bucket, "Name": key}}
    assert rekognition.error_code("DetectFaces", Image=place) == "InvalidS3ObjectException"


# --- places


def test_a_box_may_reach_past_the_edges(rekognition: Rekognition, control: ControlApi, collection: str) -> None:
    image = control.declared_image(
        faces=[{"BoundingBox": BEYOND}], labels=[{"Name": "Cat", "Instances": [{"BoundingBox": BEYOND}]}]
    )
    (face,) = rekognition("DetectFaces", Image=image)["FaceDetails"]
    assert face["BoundingBox"] == pytest.approx(BEYOND)
    (record,) = rekognition("IndexFaces", CollectionId=collection, Image=image, QualityFilter="NONE")["FaceRecords"]
    assert record["Face"]["BoundingBox"] == pytest.approx(BEYOND)
    (label,) = rekognition("DetectLabels", Image=image)["Labels"]
    assert label["Instances"][0]["BoundingBox"] == pytest.approx(BEYOND)


def test_boxes_are_those_of_the_jpeg_as_it_is_to_be_turned(rekognition: Rekognition, astronaut: Json) -> None:
    upright = Image.open(ASTRONAUT).convert("RGB")
    lying = upright.rotate(90, expand=True)
    turned = file(lying, "JPEG", quality=95, exif=exif_orientation(ROTATE_CLOCKWISE))
    (expected,) = rekognition("DetectFaces", Image=astronaut)["FaceDetails"]
    (found,) = rekognition("DetectFaces", Image={"Bytes": turned})["FaceDetails"]
    assert found["BoundingBox"] == pytest.approx(expected["BoundingBox"], abs=0.02)
    assert abs(found["Pose"]["Roll"] - expected["Pose"]["Roll"]) < 10


def test_a_png_is_not_turned(rekognition: Rekognition, astronaut: Json) -> None:
    upright = Image.open(ASTRONAUT).convert("RGB")
    (expected,) = rekognition("DetectFaces", Image=astronaut)["FaceDetails"]
    data = file(upright, "PNG", exif=exif_orientation(ROTATE_CLOCKWISE))
    (found,) = rekognition("DetectFaces", Image={"Bytes": data})["FaceDetails"]
    assert found["BoundingBox"] == pytest.approx(expected["BoundingBox"], abs=0.02)


def test_nothing_says_how_an_image_is_to_be_turned(
    rekognition: Rekognition, control: ControlApi, collection: str
) -> None:
    image = control.declared_image(faces=[[0, 0, 0.5, 0.5]], labels=["Cat"])
    answers = [
        *(rekognition(operation, Image=image) for operation in ("DetectFaces", "DetectLabels", "RecognizeCelebrities")),
        rekognition("IndexFaces", CollectionId=collection, Image=image),
        rekognition("CompareFaces", SourceImage=image, TargetImage=image),
    ]
    assert not [name for answer in answers for name in answer if name.endswith("OrientationCorrection")]
