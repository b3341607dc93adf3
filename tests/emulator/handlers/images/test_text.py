"""DetectText: filters, regions of interest, declarations and detected text, over the transport."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, cast

import pytest

from rekog import RekognitionClient, ServiceError, models
from rekog.emulator import NOT_SERVED, Corners, DecodedImage, Emulator, TextLine, TextWord
from rekog.emulator import Point as Corner
from tests.kit.wire import image_file, plain_image

IMAGE = image_file(plain_image())
LINE, WORD = models.TextTypes.LINE, models.TextTypes.WORD
Point: TypeAlias = tuple[float, float]


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


def box(left: float, top: float, width: float, height: float) -> models.BoundingBox:
    return models.BoundingBox(left=left, top=top, width=width, height=height)


def texts(detections: Sequence[models.TextDetection], kind: models.TextTypes = WORD) -> list[str]:
    return [each.detected_text for each in detections if each.type == kind]


def ask(
    client: RekognitionClient,
    regions: list[models.RegionOfInterest] | None = None,
    *,
    confidence: float | None = None,
    height: float | None = None,
    width: float | None = None,
) -> list[str]:
    bounds = models.DetectionFilter(
        min_confidence=confidence, min_bounding_box_height=height, min_bounding_box_width=width
    )
    requested = models.DetectTextFilters(word_filter=bounds, regions_of_interest=regions)
    return texts(client.detect_text(IMAGE, filters=requested).text_detections)


def test_lines_and_words_have_the_services_form(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, text=["EXIT NOW", ("MAYBE", 60)])
    response = client.detect_text(IMAGE)
    returned = [(each.id, each.type, each.detected_text, each.parent_id) for each in response.text_detections]
    assert returned == [(0, LINE, "EXIT NOW", None), (1, WORD, "EXIT", 0), (2, WORD, "NOW", 0)]
    assert response.text_model_version == "3.0"


def test_words_under_80_are_left_out_unless_requested(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, text=[("sure", 80), ("unsure", 79.9)])
    assert ask(client) == ["sure"]
    assert ask(client, confidence=79.9) == ["sure", "unsure"]
    assert ask(client, confidence=81) == []


def test_words_smaller_than_the_minimum_are_left_out(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(
        IMAGE,
        text=[
            {"DetectedText": "tall", "Geometry": [0, 0, 0.1, 0.5]},
            {"DetectedText": "wide", "Geometry": [0, 0.5, 0.5, 0.1]},
        ],
    )
    assert ask(client, height=0.5) == ["tall"]
    assert ask(client, width=0.5) == ["wide"]
    assert ask(client, height=0.5, width=0.5) == []


def polygon(*points: Point) -> models.RegionOfInterest:
    return models.RegionOfInterest(polygon=[models.Point(x=x, y=y) for x, y in points])


@pytest.mark.parametrize(
    ("regions", "kept"),
    [
        ([], True),
        ([models.RegionOfInterest(bounding_box=box(0, 0, 1, 1))], True),
        ([models.RegionOfInterest(bounding_box=box(0.4, 0.4, 0.1, 0.2))], False),
        ([models.RegionOfInterest(bounding_box=box(0.4, 0.4, 0.101, 0.2))], True),
        ([polygon((0.4, 0.4), (0.6, 0.4), (0.4, 0.6))], False),
        ([polygon((0.39, 0.39), (0.62, 0.39), (0.39, 0.62))], True),
        # two regions, each with more than a quarter and neither with more than half
        ([models.RegionOfInterest(bounding_box=box(0.4, 0.4, 0.09, 0.2)),
          models.RegionOfInterest(bounding_box=box(0.51, 0.4, 0.09, 0.2))], False),
        ([models.RegionOfInterest(bounding_box=box(0.9, 0.9, 0.1, 0.1)),
          models.RegionOfInterest(bounding_box=box(0.3, 0.3, 0.4, 0.4))], True),
    ],
)  # fmt: skip
def test_a_word_counts_if_more_than_half_of_it_is_inside_one_region_of_interest(
    emulator: Emulator, client: RekognitionClient, regions: list[models.RegionOfInterest], kept: bool
) -> None:
    emulator.declare(IMAGE, text=[{"DetectedText": "word", "Geometry": [0.4, 0.4, 0.2, 0.2]}])
    assert ask(client, regions) == (["word"] if kept else [])


@pytest.mark.parametrize(
    ("region", "rule"),
    [
        (models.RegionOfInterest(), "either a BoundingBox or a Polygon"),
        (polygon((0, 0), (1, 1)), "3 to 10 points"),
        (
            models.RegionOfInterest(bounding_box=box(0, 0, 1, 1), polygon=[models.Point(x=0, y=0)] * 3),
            "either a BoundingBox or a Polygon",
        ),
    ],
)
def test_a_region_of_interest_is_one_box_or_one_polygon_of_three_points(
    client: RekognitionClient, region: models.RegionOfInterest, rule: str
) -> None:
    with pytest.raises(ServiceError, match=rule) as caught:
        ask(client, [region])
    assert caught.value.code == "InvalidParameterException"


def test_more_than_ten_regions_of_interest_break_a_constraint(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, text=[])
    region = models.RegionOfInterest(bounding_box=box(0, 0, 1, 1))
    assert ask(client, [region] * 10) == []
    with pytest.raises(ServiceError, match="less than or equal to 10"):
        ask(client, [region] * 11)


def test_a_word_may_be_declared_with_the_id_of_its_line(emulator: Emulator, client: RekognitionClient) -> None:
    line = {"DetectedText": "A-1", "Id": 5, "Geometry": [0, 0, 0.4, 0.1]}
    word = {"DetectedText": "A-1", "ParentId": 5, "Confidence": 95, "Geometry": [0, 0, 0.4, 0.1]}
    emulator.declare(IMAGE, text=cast("list[object]", [line, word]))  # cast: lists don't vary
    returned = client.detect_text(IMAGE).text_detections
    assert [(each.type, each.confidence) for each in returned] == [(LINE, 100), (WORD, 95)]


# detected text


def corners(left: float, top: float, right: float, bottom: float) -> Corners:
    return Corners(Corner(left, top), Corner(right, top), Corner(right, bottom), Corner(left, bottom))


class TwoLines:
    """A detector that returns two lines for every image: the lower one first, and the upper one turned."""

    def detect(self, image: DecodedImage) -> list[TextLine]:
        width, height = image.width, image.height
        low = corners(0, height * 0.75, width, height)
        left, right = corners(0, height * 0.75, width * 0.4, height), corners(width * 0.5, height * 0.75, width, height)
        turned = Corners(
            Corner(width * 0.5, 0), Corner(width * 0.5, height * 0.5), Corner(0, height * 0.5), Corner(0, 0)
        )
        return [
            TextLine("GATE 24", 0.9, low, [TextWord("GATE", 0.95, left), TextWord("24", 0.85, right)]),
            TextLine("up", 0.7, turned, [TextWord("up", 0.7, turned)]),
        ]


@pytest.fixture
def seeing() -> Iterator[RekognitionClient]:
    with Emulator(text_detector=TwoLines()) as emulator, RekognitionClient.local(emulator) as opened:
        yield opened


def test_detected_lines_are_ordered_and_keep_their_words(seeing: RekognitionClient) -> None:
    filters = models.DetectTextFilters(word_filter=models.DetectionFilter(min_confidence=0))
    returned = seeing.detect_text(IMAGE, filters=filters).text_detections
    assert [(each.type, each.detected_text, each.id, each.parent_id, each.confidence) for each in returned] == [
        (LINE, "up", 0, None, 70),
        (LINE, "GATE 24", 1, None, 90),
        (WORD, "up", 2, 0, 70),
        (WORD, "GATE", 3, 1, 95),
        (WORD, "24", 4, 1, 85),
    ]


def test_a_detected_polygon_follows_the_text_and_its_box_holds_the_polygon(seeing: RekognitionClient) -> None:
    filters = models.DetectTextFilters(word_filter=models.DetectionFilter(min_confidence=0))
    turned, level, *_ = seeing.detect_text(IMAGE, filters=filters).text_detections
    assert turned.geometry is not None
    assert level.geometry is not None
    assert [(point.x, point.y) for point in turned.geometry.polygon] == [(0.5, 0), (0.5, 0.5), (0, 0.5), (0, 0)]
    assert turned.geometry.bounding_box == models.BoundingBox(left=0, top=0, width=0.5, height=0.5)
    assert level.geometry.bounding_box == models.BoundingBox(left=0, top=0.75, width=1, height=0.25)


def test_filters_apply_to_detected_words(seeing: RekognitionClient) -> None:
    assert ask(seeing) == ["GATE", "24"]
    assert ask(seeing, confidence=90) == ["GATE"]
    assert ask(seeing, [models.RegionOfInterest(bounding_box=box(0.45, 0.5, 0.55, 0.5))]) == ["24"]
    assert ask(seeing, confidence=60, height=0.3) == ["up"]


def test_declared_text_replaces_detected_text() -> None:
    with Emulator(text_detector=TwoLines()) as emulator, RekognitionClient.local(emulator) as client:
        emulator.declare(IMAGE, text=["EXIT"])
        assert ask(client) == ["EXIT"]
        emulator.declare(IMAGE, text=[])
        assert ask(client) == []


def test_without_networks_only_declared_text_or_that_of_a_users_detector_is_served() -> None:
    with Emulator(vision="off") as emulator, RekognitionClient.local(emulator) as client:
        with pytest.raises(ServiceError, match="can't detect the text") as caught:
            client.detect_text(IMAGE)
        assert (caught.value.status_code, caught.value.code) == (501, NOT_SERVED)
        emulator.declare(IMAGE, text=["EXIT"])
        assert ask(client) == ["EXIT"]
    with Emulator(vision="off", text_detector=TwoLines()) as emulator, RekognitionClient.local(emulator) as client:
        assert ask(client) == ["GATE", "24"]
