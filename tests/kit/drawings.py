"""Images on which results are drawn, with the stored references that `tests/client/test_drawings.py` compares.

    python -m tests.kit.drawings

draws all references again, after a deliberate change of the drawing: look at each of them before you commit it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, radians, sin
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from PIL import Image

from rekog.images import draw
from rekog.models import (
    BoundingBox,
    Celebrity,
    ComparedFace,
    ComparedSourceImageFace,
    CompareFacesMatch,
    CompareFacesResponse,
    CoversBodyPart,
    CustomLabel,
    DetectCustomLabelsResponse,
    DetectFacesResponse,
    DetectLabelsResponse,
    DetectProtectiveEquipmentResponse,
    DetectTextResponse,
    EquipmentDetection,
    Face,
    FaceDetail,
    FaceRecord,
    Geometry,
    IndexFacesResponse,
    Instance,
    Label,
    Landmark,
    Point,
    ProtectiveEquipmentBodyPart,
    ProtectiveEquipmentPerson,
    RecognizeCelebritiesResponse,
    SearchFacesByImageResponse,
    TextDetection,
    UnindexedFace,
)
from tests.kit.wire import ASTRONAUT

if TYPE_CHECKING:
    from rekog import Response

FOLDER = Path(__file__).resolve().parents[1] / "client" / "drawings"


class Drawing(NamedTuple):
    """An image, an answer, and the side of a comparison."""

    image: Image.Image
    answer: Response
    side: Literal["source", "target"] = "target"

    def drawn(self) -> Image.Image:
        return draw(self.image, self.answer, side=self.side)


def ground(width: int = 300, height: int = 200) -> Image.Image:
    """Return a background with a light, a grey and a dark part, which PNG stores in few bytes."""
    image = Image.new("RGB", (width, height), (236, 238, 240))
    image.paste((120, 128, 118), (width // 3, 0, 2 * width // 3, height))
    image.paste((24, 26, 30), (2 * width // 3, 0, width, height))
    return image


def box(left: float, top: float, width: float, height: float) -> BoundingBox:
    return BoundingBox(left=left, top=top, width=width, height=height)


def landmarks(place: BoundingBox) -> list[Landmark]:
    """Return eyes, nose and corners of the mouth in a box."""
    at = {
        "eyeLeft": (0.3, 0.35),
        "eyeRight": (0.7, 0.35),
        "nose": (0.5, 0.6),
        "mouthLeft": (0.35, 0.78),
        "mouthRight": (0.65, 0.78),
    }
    return [
        Landmark(type=name, x=place.left + x * place.width, y=place.top + y * place.height)
        for name, (x, y) in at.items()
    ]


def detail(*place: float, confidence: float = 99.9) -> FaceDetail:
    where = box(*place)
    return FaceDetail(bounding_box=where, confidence=confidence, landmarks=landmarks(where))


def compared(*place: float, confidence: float = 99.9) -> ComparedFace:
    where = box(*place)
    return ComparedFace(bounding_box=where, confidence=confidence, landmarks=landmarks(where))


def word(text: str, left: float, top: float, width: float, height: float, angle: float = 0.0) -> TextDetection:
    """Return a word whose polygon is turned clockwise around its first corner; ratios of an image of 3 x 2."""
    along, down = (cos(radians(angle)), sin(radians(angle))), (-sin(radians(angle)), cos(radians(angle)))
    corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    polygon = [
        Point(x=left + x * along[0] + y * down[0] / 1.5, y=top + 1.5 * x * along[1] + y * down[1]) for x, y in corners
    ]
    return TextDetection(detected_text=text, type="WORD", confidence=99.0, geometry=Geometry(polygon=polygon))


def faces() -> Drawing:
    image = Image.open(ASTRONAUT).convert("RGB").crop((96, 0, 352, 256)).resize((200, 200))
    return Drawing(image, DetectFacesResponse(face_details=[detail(0.32, 0.24, 0.36, 0.45)]))


def crowd() -> Drawing:
    places = [(0.02 + 0.098 * column, 0.08 + 0.19 * row) for row in range(5) for column in range(10)]
    found = [detail(*place, 0.07, 0.13, confidence=99.9 - number) for number, place in enumerate(places)]
    return Drawing(ground(480, 320), DetectFacesResponse(face_details=found))


def tiny() -> Drawing:
    return Drawing(ground(80, 80), DetectFacesResponse(face_details=[detail(0.3, 0.2, 0.3, 0.35)]))


def large() -> Drawing:
    found = [detail(0.1, 0.2, 0.15, 0.4), detail(0.45, 0.2, 0.15, 0.4), detail(0.8, 0.2, 0.15, 0.4)]
    return Drawing(ground(2600, 1300), DetectFacesResponse(face_details=found))


def labels() -> Drawing:
    found = {
        "Person": [(0.04, 0.2, 0.2, 0.75), (0.62, 0.3, 0.16, 0.6)],
        "Car": [(0.2, 0.45, 0.45, 0.45)],
        "Wheel": [(0.24, 0.72, 0.1, 0.16), (0.5, 0.72, 0.1, 0.16)],
        "Dog": [(0.8, 0.6, 0.19, 0.35)],
        "Landscape": [(0.0, 0.0, 1.0, 1.0)],
    }
    answer = DetectLabelsResponse(labels=[
        Label(name=name, confidence=98.0, instances=[Instance(bounding_box=box(*at), confidence=97.5) for at in places])
        for name, places in found.items()
    ])  # fmt: skip
    return Drawing(ground(450, 300), answer)


def signs() -> Drawing:
    found = [
        word("EXIT", 0.1, 0.2, 0.2, 0.15),
        word("Main St.", 0.55, 0.3, 0.3, 0.12, 20),
        word("25", 0.2, 0.7, 0.1, 0.14, -15),
    ]
    return Drawing(ground(), DetectTextResponse(text_detections=found))


def page() -> Drawing:
    lines = [
        "Captions of a dense page",
        "would cover its other words,",
        "so each word that was read",
        "is written over the word.",
    ]
    found: list[TextDetection] = []
    for row, line in enumerate(lines):
        left = 0.05
        for text in line.split():
            found.append(word(text, left, 0.1 + 0.14 * row + 0.04 * left, 0.028 * len(text), 0.11, 1.5))
            left += 0.028 * len(text) + 0.02
    return Drawing(ground(), DetectTextResponse(text_detections=found))


def custom_labels() -> Drawing:
    polygon = [Point(x=x, y=y) for x, y in ((0.5, 0.3), (0.65, 0.35), (0.7, 0.6), (0.58, 0.8), (0.45, 0.55))]
    found = [
        CustomLabel(name="Lid", confidence=97.5, geometry=Geometry(bounding_box=box(0.05, 0.3, 0.25, 0.4))),
        CustomLabel(name="Scratch", confidence=71.2, geometry=Geometry(polygon=polygon)),
        CustomLabel(name="Lid", confidence=64.0, geometry=Geometry(bounding_box=box(0.75, 0.1, 0.2, 0.3))),
    ]
    return Drawing(ground(), DetectCustomLabelsResponse(custom_labels=found))


def celebrities() -> Drawing:
    known = Celebrity(name="Grace Hopper", match_confidence=99.1, face=compared(0.1, 0.3, 0.2, 0.4))
    others = [compared(0.42, 0.3, 0.15, 0.3), compared(0.75, 0.35, 0.2, 0.4)]
    return Drawing(ground(), RecognizeCelebritiesResponse(celebrity_faces=[known], unrecognized_faces=others))


def equipment() -> Drawing:
    def part(name: str, kind: str, place: BoundingBox, *, is_on: bool) -> ProtectiveEquipmentBodyPart:
        covers = CoversBodyPart(confidence=90.0, value=is_on)
        found = EquipmentDetection(bounding_box=place, confidence=88.0, type=kind, covers_body_part=covers)
        return ProtectiveEquipmentBodyPart(name=name, confidence=95.0, equipment_detections=[found])

    parts = [
        part("HEAD", "HEAD_COVER", box(0.14, 0.12, 0.12, 0.16), is_on=True),
        part("LEFT_HAND", "HAND_COVER", box(0.27, 0.62, 0.08, 0.12), is_on=False),
    ]
    persons = [
        ProtectiveEquipmentPerson(id=0, confidence=99.5, bounding_box=box(0.05, 0.1, 0.3, 0.85), body_parts=parts),
        ProtectiveEquipmentPerson(id=1, confidence=98.0, bounding_box=box(0.6, 0.25, 0.3, 0.7)),
    ]
    return Drawing(ground(450, 300), DetectProtectiveEquipmentResponse(persons=persons))


def comparison() -> CompareFacesResponse:
    return CompareFacesResponse(
        source_image_face=ComparedSourceImageFace(bounding_box=box(0.35, 0.25, 0.3, 0.5), confidence=99.9),
        face_matches=[CompareFacesMatch(similarity=98.7, face=compared(0.1, 0.3, 0.2, 0.4))],
        unmatched_faces=[compared(0.45, 0.3, 0.15, 0.3), compared(0.75, 0.3, 0.2, 0.4)],
    )


def indexed() -> Drawing:
    stored = [FaceRecord(face=Face(
        face_id="f", image_id="i", confidence=99.9, bounding_box=box(*place), external_image_id="group.jpg"
    ), face_detail=detail(*place)) for place in ((0.05, 0.3, 0.2, 0.4), (0.4, 0.3, 0.2, 0.4))]  # fmt: skip
    rejected = UnindexedFace(reasons=["LOW_SHARPNESS"], face_detail=detail(0.78, 0.55, 0.12, 0.25, confidence=80.0))
    return Drawing(ground(), IndexFacesResponse(face_records=stored, unindexed_faces=[rejected]))


def searched() -> Drawing:
    answer = SearchFacesByImageResponse(
        searched_face_bounding_box=box(0.35, 0.25, 0.3, 0.5), searched_face_confidence=99.9
    )
    return Drawing(ground(), answer)


DRAWINGS: Mapping[str, Callable[[], Drawing]] = {
    "faces": faces,
    "crowd": crowd,
    "tiny": tiny,
    "large": large,
    "labels": labels,
    "signs": signs,
    "page": page,
    "custom_labels": custom_labels,
    "celebrities": celebrities,
    "equipment": equipment,
    "comparison_source": lambda: Drawing(ground(), comparison(), "source"),
    "comparison_target": lambda: Drawing(ground(), comparison()),
    "indexed": indexed,
    "searched": searched,
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, drawing in DRAWINGS.items():
        drawing().drawn().save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
