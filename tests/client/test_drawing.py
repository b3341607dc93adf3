"""`rekog.images.draw`: results on the image."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import PIL.Image
import pytest

from rekog import Response, from_wire, models
from rekog._core.answers import drawing, marks
from rekog._core.answers.layout import Rectangle
from rekog._generated.shapes import SHAPES
from rekog.errors import ParamValidationError
from rekog.images import draw
from rekog.models import (
    BoundingBox,
    Celebrity,
    ComparedFace,
    CompareFacesMatch,
    CompareFacesResponse,
    CustomLabel,
    DetectCustomLabelsResponse,
    DetectFacesResponse,
    DetectLabelsResponse,
    DetectProtectiveEquipmentResponse,
    DetectTextResponse,
    EquipmentDetection,
    FaceDetail,
    Geometry,
    Instance,
    Label,
    Landmark,
    Point,
    ProtectiveEquipmentBodyPart,
    ProtectiveEquipmentPerson,
    RecognizeCelebritiesResponse,
    TextDetection,
)
from rekog.testing import partial_model
from tests.kit.samples import sample
from tests.kit.wire import exif_orientation, image_file

Colour = tuple[int, int, int]
ORANGE, SKY, YELLOW = drawing.PALETTE[:3]
GREY = (128, 128, 128)
LEFT, RIGHT = (BoundingBox(left=left, top=0.3, width=0.3, height=0.4) for left in (0.1, 0.6))


def blank(width: int = 400, height: int = 400) -> PIL.Image.Image:
    return PIL.Image.new("RGB", (width, height), GREY)


def face(box: BoundingBox, confidence: float = 99.0) -> FaceDetail:
    eye = Landmark(type="eyeLeft", x=box.left + box.width / 2, y=0.5)
    return FaceDetail(bounding_box=box, confidence=confidence, landmarks=[eye])


def faces(*boxes: BoundingBox) -> DetectFacesResponse:
    return DetectFacesResponse(face_details=[face(box) for box in boxes])


def pixel(image: PIL.Image.Image, x: float, y: float) -> Any:
    """Return the pixel at ratios of an image."""
    return image.getpixel((round(x * image.width), round(y * image.height)))


def is_near(found: Colour, colour: Colour) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(found, colour, strict=True))


def touches(image: PIL.Image.Image, x: float, y: float, colour: Colour) -> bool:
    """Tell whether a pixel at ratios of an image, or one of its neighbours, has a colour."""
    column, row = round(x * image.width), round(y * image.height)
    near: list[Any] = [image.getpixel((column + i, row + j)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return any(is_near(found, colour) for found in near)


def captions(answer: Response, side: marks.Side = "target") -> list[str]:
    return [mark.caption for mark in marks.marks_of(answer, side=side, min_confidence=None)]


# --- Lines -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(90, 90), (400, 400), (2000, 1500), (3000, 3000), (1600, 100)])
def test_the_outline_of_a_result_is_drawn_at_every_size(size: tuple[int, int]) -> None:
    image = draw(blank(*size), faces(LEFT))
    assert (image.size, image.mode) == (size, "RGB")
    for x, y in ((0.1, 0.5), (0.4, 0.5), (0.25, 0.7)):
        assert touches(image, x, y, ORANGE)
    assert pixel(image, 0.8, 0.9) == GREY


@pytest.mark.parametrize("side", [400, 1100, 2400, 3000])
def test_lines_grow_with_the_image(side: int) -> None:
    image = draw(blank(side, side), faces(LEFT))
    row = [image.getpixel((x, round(0.6 * side))) for x in range(round(0.2 * side))]
    assert sum(is_near(colour, ORANGE) for colour in row) == pytest.approx(side / 220, abs=1.5)  # type: ignore[arg-type]


def test_an_outline_has_a_dark_contour() -> None:
    image = draw(blank(2000, 2000), faces(LEFT))
    assert min(image.getpixel((x, 1200)) for x in range(185, 200)) < (60, 60, 60)  # type: ignore[operator, type-var]


def test_landmarks_are_drawn() -> None:
    assert is_near(pixel(draw(blank(), faces(LEFT)), 0.25, 0.5), (255, 255, 255))


def test_a_landmark_at_the_edge_is_drawn_and_one_without_a_place_is_not() -> None:
    places: list[Any] = [(0.0, 0.5), (0.5, 0.0), (0.0, 0.0), (None, 0.5), (0.5, None)]
    landmarks = [partial_model(Landmark, x=x, y=y) for x, y in places]
    face = partial_model(FaceDetail, bounding_box=LEFT, landmarks=landmarks, confidence=9.0)
    (mark,) = marks.marks_of(DetectFacesResponse(face_details=[face]), side="target", min_confidence=None)
    assert mark.points == ((0.0, 0.5), (0.5, 0.0), (0.0, 0.0))


def test_the_image_that_was_given_stays_as_it_is() -> None:
    for side in (400, 3000):
        image = blank(side, side)
        draw(image, faces(LEFT))
        assert image.getcolors() == [(side * side, GREY)]


def test_a_photograph_is_drawn_upright() -> None:
    lying = io.BytesIO(image_file(blank(300, 200), "JPEG", exif=exif_orientation(6)))
    image = draw(lying, faces(LEFT))
    assert image.size == (200, 300)
    assert is_near(pixel(image, 0.1, 0.5), ORANGE)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK", "I;16"])
def test_an_image_of_any_mode_becomes_coloured(mode: str) -> None:
    image = draw(PIL.Image.new(mode, (200, 200)), faces(LEFT))
    assert is_near(pixel(image, 0.1, 0.5), ORANGE)


def test_a_polygon_is_drawn_as_such() -> None:
    corners = [Point(x=0.5, y=0.3), Point(x=0.8, y=0.6), Point(x=0.5, y=0.9), Point(x=0.2, y=0.6)]
    text = TextDetection(detected_text="EXIT", type="WORD", id=1, geometry=Geometry(polygon=corners))
    image = draw(blank(), DetectTextResponse(text_detections=[text]))
    assert is_near(pixel(image, 0.65, 0.45), ORANGE)
    assert pixel(image, 0.22, 0.85) == GREY


# --- Captions --------------------------------------------------------------------------------------------------------


def plates(image: PIL.Image.Image, answer: Response) -> list[Rectangle]:
    """Return the plates of the captions, as ratios of the image."""
    found = drawing.Canvas(image, 1).captions(marks.marks_of(answer, side="target", min_confidence=None))
    assert None not in found
    return [
        Rectangle(left / image.width, top / image.height, right / image.width, bottom / image.height)
        for left, top, right, bottom in (caption.plate for caption in found if caption)
    ]


@pytest.mark.parametrize("size", [(80, 80), (640, 480), (300, 1200), (3000, 200)])
@pytest.mark.parametrize(
    "box",
    [(0.0, 0.0, 1.0, 1.0), (0.9, 0.9, 0.3, 0.3), (-0.2, -0.2, 0.3, 0.3), (0.4, 0.0, 0.2, 1.0), (0.95, 0.5, 0.05, 0.1)],
)
def test_a_caption_stays_inside_the_image(size: tuple[int, int], box: tuple[float, float, float, float]) -> None:
    left, top, width, height = box
    place = BoundingBox(left=left, top=top, width=width, height=height)
    label = Label(name="Personal Protective Equipment and more", confidence=99, instances=[
        Instance(bounding_box=place, confidence=99.0)
    ])  # fmt: skip
    (plate,) = plates(blank(*size), DetectLabelsResponse(labels=[label]))
    assert min(plate) >= 0
    assert max(plate) <= 1


def test_a_caption_is_above_its_box_else_below_it() -> None:
    (above,) = plates(blank(), faces(LEFT))
    (below,) = plates(blank(), faces(BoundingBox(left=0.1, top=0.01, width=0.3, height=0.4)))
    assert above.bottom <= 0.3
    assert below.top >= 0.41


def test_captions_do_not_cover_each_other() -> None:
    first, second, third = plates(blank(), faces(LEFT, LEFT, LEFT))
    assert not any((first.overlaps(second), first.overlaps(third), second.overlaps(third)))


def test_an_outline_without_a_place_for_its_caption_is_drawn() -> None:
    many = faces(*[LEFT] * 40)
    found = drawing.Canvas(blank(120, 120), 1).captions(marks.marks_of(many, side="target", min_confidence=None))
    assert None in found
    assert touches(draw(blank(120, 120), many), 0.1, 0.5, ORANGE)


def test_letters_that_the_font_lacks_are_replaced() -> None:
    assert drawing.in_ascii("José Große Łódź 99.0 % …") == "Jose Grosse Lodz 99.0 % …"
    assert drawing.in_ascii("Æther 猫 – Ж") == "AEther ? - ?"


def test_a_font_with_other_letters_is_used() -> None:
    file = Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    answer = DetectTextResponse(text_detections=[
        TextDetection(detected_text="Выход", type="WORD", geometry=Geometry(bounding_box=LEFT))
    ])  # fmt: skip
    image = blank()
    assert draw(image, answer, font=file).tobytes() != draw(image, answer).tobytes()
    (caption,) = drawing.Canvas(image, 1, str(file)).captions(
        marks.marks_of(answer, side="target", min_confidence=None)
    )
    assert caption
    assert caption.text == "Выход"


@pytest.mark.parametrize("font", ["absent.ttf", __file__])
def test_a_file_that_is_no_font_is_refused(font: str) -> None:
    with pytest.raises(ParamValidationError, match=r"images.draw: font: '.*' is no font that Pillow can read"):
        draw(blank(), faces(LEFT), font=font)


def luminance(colour: Colour) -> float:
    """Return the relative luminance of a colour, by WCAG 2."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", drawing.PALETTE)
def test_a_caption_has_the_contrast_of_readable_text(colour: Colour) -> None:
    darker, lighter = sorted((luminance(colour), luminance(drawing.ink_on(colour))))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


# --- Results ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", marks.MARKS)
@pytest.mark.parametrize("side", ["source", "target"])
def test_a_complete_answer_is_drawn(name: str, side: Any) -> None:
    image = draw(blank(), from_wire(getattr(models, name), sample(name)), side=side)
    assert image.getcolors() is None or len(image.getcolors() or ()) > 3


@pytest.mark.parametrize("name", marks.MARKS)
def test_an_answer_without_results_leaves_the_image(name: str) -> None:
    sides: list[marks.Side] = ["source", "target"]
    for side in sides:
        image = draw(blank(), from_wire(getattr(models, name), {}), side=side)
        assert image.getcolors() == [(400 * 400, GREY)]


def test_results_below_the_minimum_are_left_out() -> None:
    answer = DetectFacesResponse(face_details=[face(LEFT, 99.0), face(RIGHT, 60.0)])
    assert captions(answer) == ["1: 99.0 %", "2: 60.0 %"]
    image = draw(blank(), answer, min_confidence=80)
    assert is_near(pixel(image, 0.1, 0.6), ORANGE)
    assert pixel(image, 0.6, 0.6) == GREY


def test_each_label_has_a_colour() -> None:
    labels = [
        Label(name=name, confidence=90, instances=[Instance(bounding_box=box, confidence=80.0)])
        for name, box in (("Car", LEFT), ("Dog", RIGHT))
    ]
    answer = DetectLabelsResponse(labels=[*labels, Label(name="Road", confidence=90)])
    assert captions(answer) == ["Car 80.0 %", "Dog 80.0 %"]
    image = draw(blank(), answer)
    assert is_near(pixel(image, 0.1, 0.5), ORANGE)
    assert is_near(pixel(image, 0.6, 0.5), SKY)


def test_a_text_without_a_place_is_not_drawn() -> None:
    answer = DetectTextResponse(text_detections=[TextDetection(detected_text="EXIT", type="WORD")])
    assert captions(answer) == []


def test_a_celebrity_without_a_face_is_not_drawn() -> None:
    assert captions(RecognizeCelebritiesResponse(celebrity_faces=[Celebrity(name="Ann")])) == []


def test_words_are_drawn_and_lines_without_words() -> None:
    place = Geometry(bounding_box=LEFT)
    found = [("EXIT HERE", "LINE", 0, None), ("EXIT", "WORD", 1, 0), ("HERE", "WORD", 2, 0), ("STOP", "LINE", 3, None)]
    answer = DetectTextResponse(text_detections=[
        TextDetection(detected_text=text, type=kind, id=number, parent_id=parent, geometry=place)
        for text, kind, number, parent in found
    ])  # fmt: skip
    assert captions(answer) == ["EXIT", "HERE", "STOP"]


def test_a_custom_label_of_the_whole_image_is_not_drawn() -> None:
    answer = DetectCustomLabelsResponse(custom_labels=[
        CustomLabel(name="Lid", confidence=90.0, geometry=Geometry(bounding_box=LEFT)),
        CustomLabel(name="Cup", confidence=90.0),
    ])  # fmt: skip
    assert captions(answer) == ["Lid 90.0 %"]


def test_celebrities_and_other_faces_differ() -> None:
    known, other = (ComparedFace(bounding_box=box, confidence=99.0) for box in (LEFT, RIGHT))
    answer = RecognizeCelebritiesResponse(
        celebrity_faces=[Celebrity(name="Ann", match_confidence=97.0, face=known)], unrecognized_faces=[other]
    )
    assert captions(answer) == ["Ann 97.0 %", "unrecognized"]
    image = draw(blank(), answer)
    assert is_near(pixel(image, 0.1, 0.5), ORANGE)
    assert is_near(pixel(image, 0.6, 0.5), SKY)


def test_equipment_says_whether_it_is_worn() -> None:
    def glove(is_on: bool) -> EquipmentDetection:
        covers = models.CoversBodyPart(confidence=90.0, value=is_on)
        return EquipmentDetection(bounding_box=LEFT, confidence=80.0, type="HAND_COVER", covers_body_part=covers)

    parts = [
        ProtectiveEquipmentBodyPart(name="LEFT_HAND", confidence=90.0, equipment_detections=[glove(True)]),
        ProtectiveEquipmentBodyPart(name="RIGHT_HAND", confidence=90.0, equipment_detections=[glove(False)]),
    ]
    person = ProtectiveEquipmentPerson(id=3, confidence=95.0, bounding_box=RIGHT, body_parts=parts)
    answer = DetectProtectiveEquipmentResponse(persons=[person])
    assert captions(answer) == ["person 3 95.0 %", "hand cover 80.0 %", "hand cover, not on right hand 80.0 %"]


def test_a_comparison_has_two_sides() -> None:
    one, other = (ComparedFace(bounding_box=box, confidence=99.0) for box in (LEFT, RIGHT))
    answer = CompareFacesResponse(
        source_image_face=models.ComparedSourceImageFace(bounding_box=LEFT, confidence=98.0),
        face_matches=[CompareFacesMatch(similarity=92.0, face=one)],
        unmatched_faces=[other],
    )
    assert captions(answer, side="source") == ["source 98.0 %"]
    assert captions(answer) == ["match 92.0 %", "no match"]
    assert pixel(draw(blank(), answer, side="source"), 0.6, 0.5) == GREY


def test_indexed_faces_are_numbered_and_rejected_ones_have_their_reasons() -> None:
    known = models.Face(face_id="a", image_id="b", confidence=99.0, bounding_box=LEFT, external_image_id="group.jpg")
    answer = models.IndexFacesResponse(
        face_records=[models.FaceRecord(face=known, face_detail=face(LEFT))],
        unindexed_faces=[
            models.UnindexedFace(reasons=["LOW_SHARPNESS", "EXTREME_POSE"], face_detail=face(RIGHT)),
            models.UnindexedFace(face_detail=face(RIGHT)),
        ],
    )
    assert captions(answer) == ["1: 99.0 %", "not indexed: low sharpness, extreme pose", "not indexed"]


def without_a_member(shape: str, wire: Any) -> Iterator[Any]:
    """Yield copies of a wire value, each without another one of its members and of those of its items."""
    if SHAPES[shape].kind == "list":
        yield from ([item] for item in without_a_member(SHAPES[shape].item, wire[0]))
    for name, member in SHAPES[shape].members.items():
        yield {key: wire[key] for key in wire if key != name}
        yield from ({**wire, name: item} for item in without_a_member(member, wire[name]))


@pytest.mark.parametrize("name", marks.MARKS)
def test_an_answer_that_lacks_any_member_has_marks(name: str) -> None:
    kind: Any = getattr(models, name)
    incomplete = list(without_a_member(name, sample(name)))
    assert len(incomplete) > 5
    for wire in incomplete:
        for side in ("source", "target"):
            for mark in marks.marks_of(from_wire(kind, wire), side=side, min_confidence=50):
                assert mark.outline
                assert {type(mark.name), type(mark.caption), type(mark.short), type(mark.group)} == {str}


def test_another_side_is_refused() -> None:
    side: Any = "left"
    with pytest.raises(ParamValidationError, match="side: must be 'source' or 'target', not 'left'"):
        draw(blank(), faces(LEFT), side=side)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (face(LEFT), "answer: must be a response of a method, not FaceDetail$"),
        ([faces(LEFT)], "answer: must be a response of a method, not list$"),
        ({"FaceDetails": []}, r"not dict: DetectFacesResponse.from_dict\(...\), and so on, reads one"),
    ],
)
def test_another_answer_is_refused(answer: Any, problem: str) -> None:
    with pytest.raises(ParamValidationError, match=problem):
        draw(blank(), answer)


def test_an_answer_without_places_is_refused() -> None:
    with pytest.raises(ParamValidationError, match="DetectModerationLabelsResponse has no results with a place"):
        draw(blank(), models.DetectModerationLabelsResponse())
