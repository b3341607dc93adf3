"""DetectFaces on photographs."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageFilter

from rekog.emulator import NOT_SERVED, AnalysedFace, Box, DetectedFace, Emulator, Landmarks, Point, Verdict
from rekog.models import LandmarkType
from tests.kit.wire import ASTRONAUT, HOPPER, WireClient, box_in_pixels, exif_orientation, image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import DecodedImage
    from rekog.emulator.vision import VisionSwitch

FACE = (178.0, 63.0, 90.0, 113.0)
LANDMARKS = {
    "eyeLeft": (203, 101),
    "eyeRight": (247, 103),
    "nose": (223, 126),
    "mouthLeft": (203, 141),
    "mouthRight": (243, 142),
}
"""Read off the image, enlarged eightfold."""
SINGLE = [
    "AGE_RANGE", "BEARD", "EMOTIONS", "EYEGLASSES", "EYES_OPEN", "EYE_DIRECTION", "FACE_OCCLUDED", "GENDER",
    "MOUTH_OPEN", "MUSTACHE", "SMILE", "SUNGLASSES",
]  # fmt: skip


@pytest.fixture(scope="module")
def astronaut() -> Image.Image:
    return Image.open(ASTRONAUT).convert("RGB")


class Crowd:
    """A detector that returns the given boxes as faces."""

    def __init__(self, *boxes: Box, confidence: float = 0.9) -> None:
        point = Point(50, 50)
        self.faces = [DetectedFace(box, confidence, Landmarks(point, point, point, point, point)) for box in boxes]

    def detect(self, image: DecodedImage) -> Sequence[DetectedFace]:
        return self.faces


def near(face: dict[str, Any], image: Image.Image, box: tuple[float, ...], within: float) -> bool:
    return all(abs(a - b) <= within for a, b in zip(box_in_pixels(face, image), box, strict=True))


def test_of_many_declared_faces_the_largest_hundred_are_returned(emulator: Emulator, wire: WireClient) -> None:
    image = image_file(plain_image())
    sizes = [0.1 + number / 1000 for number in range(105)]  # the largest is the last one declared
    emulator.declare(image, faces=[{"BoundingBox": [0, 0, size, size]} for size in sizes])
    assert [face["BoundingBox"]["Width"] for face in wire.faces(image)] == pytest.approx(sizes[:4:-1])


def test_the_astronaut_is_found(session_wire: WireClient, astronaut: Image.Image) -> None:
    (face,) = session_wire.faces(ASTRONAUT.read_bytes())
    assert near(face, astronaut, FACE, 2)
    assert 99.9 < face["Confidence"] <= 100


def test_png_and_jpeg_have_the_same_box(session_wire: WireClient, astronaut: Image.Image) -> None:
    (face,) = session_wire.faces(image_file(astronaut))
    assert near(face, astronaut, FACE, 2)


def test_a_face_has_the_members_of_the_default_attributes_only(session_wire: WireClient) -> None:
    (face,) = session_wire.faces(ASTRONAUT.read_bytes())
    assert sorted(face) == ["BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"]


def test_the_landmarks_are_on_eyes_nose_and_mouth(session_wire: WireClient) -> None:
    (face,) = session_wire.faces(ASTRONAUT.read_bytes())
    positions = {mark["Type"]: (mark["X"] * 512, mark["Y"] * 512) for mark in face["Landmarks"]}
    assert positions.keys() == LANDMARKS.keys()
    for name, (x, y) in LANDMARKS.items():
        assert positions[name] == pytest.approx((x, y), abs=3)


def test_a_face_towards_the_camera_has_small_angles(session_wire: WireClient) -> None:
    (face,) = session_wire.faces(ASTRONAUT.read_bytes())
    assert all(abs(angle) < 12 for angle in face["Pose"].values())


def test_a_face_in_focus_is_sharp_and_a_blurred_one_is_not(session_wire: WireClient, astronaut: Image.Image) -> None:
    (sharp,) = session_wire.faces(image_file(astronaut))
    (blurred,) = session_wire.faces(image_file(astronaut.filter(ImageFilter.GaussianBlur(2))))
    assert sharp["Quality"]["Sharpness"] > 90
    assert blurred["Quality"]["Sharpness"] < 40


def test_a_darker_image_is_less_bright(session_wire: WireClient, astronaut: Image.Image) -> None:
    (light,) = session_wire.faces(image_file(astronaut))
    (dark,) = session_wire.faces(image_file(astronaut.point([value // 2 for value in range(256)] * 3)))
    assert dark["Quality"]["Brightness"] == pytest.approx(light["Quality"]["Brightness"] * 0.5**0.25, abs=1)


@pytest.mark.parametrize("turn", [6, 8, 3])
def test_boxes_refer_to_the_upright_image(session_wire: WireClient, astronaut: Image.Image, turn: int) -> None:
    lying = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270, 3: Image.Transpose.ROTATE_180}[turn]
    data = image_file(astronaut.transpose(lying), "JPEG", quality=95, exif=exif_orientation(turn))
    (face,) = session_wire.faces(data)
    assert near(face, astronaut, FACE, 3)


def test_a_png_with_an_orientation_tag_is_analysed_unturned(session_wire: WireClient, astronaut: Image.Image) -> None:
    (face,) = session_wire.faces(image_file(astronaut.transpose(Image.Transpose.ROTATE_180), exif=exif_orientation(3)))
    left, top, width, height = FACE
    middle = (512 - left - width / 2, 512 - top - height / 2)
    x, y, wide, high = box_in_pixels(face, astronaut)
    assert (x + wide / 2, y + high / 2) == pytest.approx(middle, abs=20)


def test_a_mirrored_head_has_mirrored_angles(session_wire: WireClient) -> None:
    hopper = Image.open(HOPPER)
    (face,), (mirrored,) = session_wire.faces(image_file(hopper)), session_wire.faces(
        image_file(hopper.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    )  # fmt: skip
    signs = {"Roll": -1, "Yaw": -1, "Pitch": 1}
    expected = {angle: sign * face["Pose"][angle] for angle, sign in signs.items()}
    assert mirrored["Pose"] == pytest.approx(expected, abs=6)


def test_an_image_without_a_face_gives_an_empty_list(session_wire: WireClient, astronaut: Image.Image) -> None:
    helmet = astronaut.crop((280, 340, 512, 512))
    assert session_wire.faces(image_file(helmet)) == session_wire.faces(image_file(plain_image(800, 600))) == []


def test_a_face_cut_off_by_the_edge_reaches_past_it(session_wire: WireClient, astronaut: Image.Image) -> None:
    (face,) = session_wire.faces(image_file(astronaut.crop((215, 0, 512, 512))))
    assert face["BoundingBox"]["Left"] < 0


@pytest.mark.slow
@pytest.mark.parametrize("scale", [0.25, 0.5, 2, 4, 8])
def test_the_box_does_not_depend_on_the_images_size(
    session_wire: WireClient, astronaut: Image.Image, scale: float
) -> None:
    size = round(512 * scale)
    scaled = astronaut.resize((size, size), Image.Resampling.BICUBIC)
    (face,) = session_wire.faces(image_file(scaled, "JPEG", quality=85))
    assert [value * 512 for value in face["BoundingBox"].values()] == pytest.approx(
        [90, 113, 178, 63], abs=14
    )  # fmt: skip


def test_the_smallest_face_that_the_service_promises_is_found(session_wire: WireClient, astronaut: Image.Image) -> None:
    scene = plain_image(1920, 1080)
    scene.paste(astronaut.crop((150, 40, 300, 200)).resize((67, 71), Image.Resampling.LANCZOS), (900, 500))
    (face,) = session_wire.faces(image_file(scene))
    assert near(face, scene, (913, 511, 40, 50), 10)


@pytest.mark.slow
def test_small_and_large_faces_of_one_image_come_largest_first(
    session_wire: WireClient, astronaut: Image.Image
) -> None:
    wall = plain_image(4000, 3000)
    head = astronaut.crop((150, 40, 300, 200))
    wall.paste(head.resize((150, 160)), (3000, 500))
    wall.paste(head.resize((1500, 1600), Image.Resampling.BICUBIC), (200, 400))
    wall.paste(Image.open(HOPPER).resize((1024, 1200)), (2500, 1500))
    widths = [box_in_pixels(face, wall)[2] for face in session_wire.faces(image_file(wall, "JPEG", quality=85))]
    assert widths == pytest.approx([890, 360, 90], rel=0.1)


@pytest.mark.slow
def test_many_threads_get_the_same_faces_for_the_same_image(session_wire: WireClient) -> None:
    data = {ASTRONAUT: session_wire.faces(ASTRONAUT.read_bytes()), HOPPER: session_wire.faces(HOPPER.read_bytes())}
    with ThreadPoolExecutor(8) as pool:
        calls = [(path, pool.submit(session_wire.faces, path.read_bytes())) for path in list(data) * 8]
        assert all(call.result() == data[path] for path, call in calls)


@pytest.mark.slow
def test_only_the_100_largest_faces_are_returned() -> None:
    crowd = Crowd(*(Box(5, 5, side / 10, side / 10) for side in range(1, 151)))
    with Emulator(face_detector=crowd) as emulator:
        faces = WireClient(emulator).faces(image_file(plain_image()))
    widths = [round(face["BoundingBox"]["Width"] * 1000) for face in faces]
    assert widths == list(range(150, 50, -1))


@pytest.mark.parametrize("is_declared", [True, False])
def test_the_largest_face_is_the_one_with_the_largest_area(is_declared: bool) -> None:
    image, boxes = image_file(plain_image()), [(5, 5, 10, 60), (5, 5, 50, 30), (9, 5, 50, 30), (9, 4, 50, 30)]
    with Emulator(face_detector=Crowd(*(Box(*box) for box in boxes))) as emulator:
        if is_declared:
            emulator.declare(image, faces=[{"BoundingBox": [number / 100 for number in box]} for box in boxes])
        faces = WireClient(emulator).faces(image)
    assert [[round(box[name] * 100) for name in ("Left", "Top", "Width", "Height")] for box in map(box_of, faces)] == [
        [5, 5, 50, 30], [9, 4, 50, 30], [9, 5, 50, 30], [5, 5, 10, 60]
    ]  # fmt: skip


def box_of(face: dict[str, Any]) -> dict[str, float]:
    box: dict[str, float] = face["BoundingBox"]
    return box


def test_the_confidence_is_a_percentage() -> None:
    with Emulator(face_detector=Crowd(Box(1, 1, 9, 9), confidence=1.0000001)) as emulator:
        assert WireClient(emulator).faces(image_file(plain_image()))[0]["Confidence"] == 100


@pytest.mark.parametrize("attributes", [[], ["DEFAULT"], ["DEFAULT", "DEFAULT"]])
def test_the_default_attributes_may_be_named(session_wire: WireClient, attributes: list[str]) -> None:
    response = session_wire("DetectFaces", Image={"Bytes": ASTRONAUT.read_bytes()}, Attributes=attributes)
    assert len(response.body["FaceDetails"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attributes", "named"),
    [(["ALL"], SINGLE), (["ALL", "DEFAULT"], SINGLE), *((["DEFAULT", name], [name]) for name in SINGLE)],
)
def test_without_networks_attributes_are_refused_by_name(attributes: list[str], named: list[str]) -> None:
    with Emulator(vision="off") as emulator:
        message = refusal_of_attributes(WireClient(emulator), attributes)
    missing = message.split("does not make up values: ")[1].split(". ")[0].split(", ")
    assert sorted(missing) == named
    assert "Attributes=['DEFAULT']" in message


def test_the_attribute_that_no_network_sees_is_refused_by_name(session_wire: WireClient) -> None:
    message = refusal_of_attributes(session_wire, ["SMILE", "FACE_OCCLUDED"])
    assert message.split("does not make up values: ")[1].startswith("FACE_OCCLUDED. ")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SINGLE if name != "FACE_OCCLUDED"])
def test_an_attribute_is_seen_alone(session_wire: WireClient, name: str) -> None:
    (alone,), (everything,) = (session_wire.faces(ASTRONAUT.read_bytes(), each) for each in (name, "ALL"))
    member = name.title().replace("_", "")
    assert sorted(alone) == sorted(["BoundingBox", "Confidence", "Landmarks", "Pose", "Quality", member])
    assert alone[member] == everything[member]


@pytest.mark.slow
@pytest.mark.parametrize("attributes", [["ALL"], ["DEFAULT", "ALL"], ["ALL", "SMILE"]])
def test_all_attributes_are_seen_but_one(session_wire: WireClient, attributes: list[str]) -> None:
    (face,) = session_wire.faces(ASTRONAUT.read_bytes(), *attributes)
    members = [name.title().replace("_", "") for name in SINGLE if name != "FACE_OCCLUDED"]
    assert sorted(face) == sorted(["BoundingBox", "Confidence", "Landmarks", "Pose", "Quality", *members])


def test_all_adds_25_landmarks_to_the_five_of_the_detector(session_wire: WireClient) -> None:
    (face,), (plain,) = session_wire.faces(ASTRONAUT.read_bytes(), "ALL"), session_wire.faces(ASTRONAUT.read_bytes())
    assert face["Landmarks"][:5] == plain["Landmarks"]
    assert {mark["Type"] for mark in face["Landmarks"]} == set(LandmarkType)
    assert [mark["Type"] for mark in face["Landmarks"][5:]] == [*LandmarkType][5:]


@pytest.mark.slow
def test_indexed_faces_have_the_requested_attributes(emulator: Emulator) -> None:
    wire = WireClient(emulator)
    wire("CreateCollection", CollectionId="people")
    image = {"Bytes": ASTRONAUT.read_bytes()}
    response = wire("IndexFaces", CollectionId="people", Image=image, DetectionAttributes=["SMILE"])
    (record,) = response.body["FaceRecords"]
    assert record["FaceDetail"] == wire.faces(ASTRONAUT.read_bytes(), "SMILE")[0]


def test_a_declared_face_is_not_completed_by_what_is_seen(emulator: Emulator) -> None:
    emulator.declare(ASTRONAUT, faces=[{"BoundingBox": [0.3, 0.1, 0.2, 0.2], "Smile": False}])
    wire = WireClient(emulator)
    (face,) = wire.faces(ASTRONAUT.read_bytes(), "SMILE")
    assert face["Smile"] == {"Value": False, "Confidence": 100}
    assert "BEARD" in refusal_of_attributes(wire, ["SMILE", "BEARD"])


class Analyser:
    """An analyser that sees that a face is hidden, and nothing else."""

    def analyse(self, image: DecodedImage, face: DetectedFace, attributes: Collection[str]) -> AnalysedFace:
        return AnalysedFace(face_occluded=Verdict(value=True, confidence=0.75), smile=Verdict(value=True, confidence=1))


@pytest.mark.parametrize("vision", ["on", "off"])
def test_a_replaced_analyser_is_asked(vision: VisionSwitch) -> None:
    with Emulator(face_analyser=Analyser(), vision=vision) as emulator:
        wire = WireClient(emulator)
        (face,) = wire.faces(ASTRONAUT.read_bytes(), "FACE_OCCLUDED")
        assert face["FaceOccluded"] == {"Value": True, "Confidence": 75}
        assert "Smile" not in face
        assert "does not make up values: AGE_RANGE, BEARD, EMOTIONS" in refusal_of_attributes(wire, ["ALL"])


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rekog_weights", None)
    with Emulator() as emulator:
        wire = WireClient(emulator)
        assert "needs the package rekog-weights" in refusal_of_attributes(wire, ["SMILE"])
        assert len(wire.faces(ASTRONAUT.read_bytes())) == 1


def refusal_of_attributes(wire: WireClient, attributes: list[str]) -> str:
    response = wire("DetectFaces", Image={"Bytes": ASTRONAUT.read_bytes()}, Attributes=attributes)
    code, message = response.refusal
    assert (response.status, code) == (501, NOT_SERVED)
    return message
