"""Views of the results of video jobs: their names, orders, periods and members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rekog import models
from rekog._core.wire import to_wire
from rekog.emulator.answers.video_views import (
    celebrity_views,
    face_views,
    in_wire_form,
    label_views,
    match_views,
    moderation_views,
    person_views,
    text_views,
    view_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rekog._values.model import Model

LABEL_VIEWS = ["TIMESTAMP TIMESTAMPS", "NAME TIMESTAMPS", "TIMESTAMP SEGMENTS", "NAME SEGMENTS"]
BOX = models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
FACE = models.FaceDetail(bounding_box=BOX, confidence=90)


def label(name: str, confidence: float = 90, **more: Any) -> models.Label:
    return models.Label(name=name, confidence=confidence, **more)


def sight(time: int, name: str = "Cat", confidence: float = 90, **period: Any) -> models.LabelDetection:
    return models.LabelDetection(timestamp=time, label=label(name, confidence), **period)


def unsafe(time: int, name: str = "Gambling", confidence: float = 90, **more: Any) -> models.ContentModerationDetection:
    given = models.ModerationLabel(name=name, confidence=confidence)
    return models.ContentModerationDetection(timestamp=time, moderation_label=given, **more)


def wire(entries: Sequence[Model]) -> list[dict[str, Any]]:
    return [to_wire(entry) for entry in entries]


def test_a_view_is_named_by_its_order_and_its_grouping() -> None:
    assert (view_name("NAME", "SEGMENTS"), view_name("ID")) == ("NAME SEGMENTS", "ID")


def test_each_kind_of_results_has_the_views_that_can_be_requested() -> None:
    assert [list(label_views([])), list(moderation_views([]))] == [LABEL_VIEWS, LABEL_VIEWS]
    assert [list(face_views([])), list(text_views([]))] == [["TIMESTAMP"], ["TIMESTAMP"]]
    assert list(celebrity_views([])) == ["TIMESTAMP", "ID"]
    assert [list(person_views([])), list(match_views([]))] == [["TIMESTAMP", "INDEX"]] * 2


PERIODS: list[tuple[dict[str, Any], tuple[int, int]]] = [
    ({"time": 700}, (700, 700)),
    ({"time": 0}, (0, 0)),
    ({"time": 700, "start_timestamp_millis": 0}, (0, 700)),
    ({"time": 700, "start_timestamp_millis": 900}, (900, 900)),
    ({"time": 700, "end_timestamp_millis": 900}, (700, 900)),
    ({"time": 700, "end_timestamp_millis": 0}, (700, 700)),
    ({"time": 700, "duration_millis": 50}, (700, 750)),
    ({"time": 700, "duration_millis": 0}, (700, 700)),
    ({"time": 700, "start_timestamp_millis": 100, "duration_millis": 50}, (100, 150)),
    ({"time": 700, "start_timestamp_millis": 100, "duration_millis": 0}, (100, 100)),
    ({"time": 700, "end_timestamp_millis": 900, "duration_millis": 50}, (700, 900)),
    ({"time": 0, "start_timestamp_millis": 100, "end_timestamp_millis": 300}, (100, 300)),
]


@pytest.mark.parametrize(("given", "period"), PERIODS)
def test_a_period_is_declared_by_start_and_end_or_duration_or_is_one_moment(
    given: dict[str, Any], period: tuple[int, int]
) -> None:
    start, end = period
    times = {
        "Timestamp": start, "StartTimestampMillis": start, "EndTimestampMillis": end, "DurationMillis": end - start,
    }  # fmt: skip
    for views in (label_views([sight(**given)]), moderation_views([unsafe(**given)])):
        (stretch,), (moment,) = wire(views["TIMESTAMP SEGMENTS"]), wire(views["TIMESTAMP TIMESTAMPS"])
        assert {name: stretch[name] for name in times} == times
        assert {name: moment[name] for name in times if name in moment} == {"Timestamp": start}


def test_a_label_keeps_its_members_and_its_boxes_at_timestamps_only() -> None:
    more = {
        "parents": [models.Parent(name="Pet")],
        "aliases": [models.LabelAlias(name="Kitty")],
        "categories": [models.LabelCategory(name="Animals and Pets")],
    }
    instance = models.Instance(
        bounding_box=BOX, confidence=70, dominant_colors=[models.DominantColor(css_color="pink")]
    )
    entry = models.LabelDetection(timestamp=5, label=label("Cat", 80, instances=[instance], **more))
    views = in_wire_form(label_views([entry]))
    kept = {
        "Name": "Cat", "Confidence": 80, "Parents": [{"Name": "Pet"}], "Aliases": [{"Name": "Kitty"}],
        "Categories": [{"Name": "Animals and Pets"}],
    }  # fmt: skip
    boxes = [{"BoundingBox": to_wire(BOX), "Confidence": 70}]
    pet: dict[str, Any] = {"Name": "Pet", "Confidence": 80, "Parents": [], "Aliases": [], "Categories": []}
    for order in ("TIMESTAMP", "NAME"):
        assert views[f"{order} TIMESTAMPS"] == [
            {"Timestamp": 5, "Label": {**kept, "Instances": boxes}},
            {"Timestamp": 5, "Label": {**pet, "Instances": []}},
        ]
        assert [each["Label"] for each in views[f"{order} SEGMENTS"]] == [kept, pet]


def test_a_person_without_a_match_has_an_empty_list_of_matches_in_the_wire_form() -> None:
    person = models.PersonDetail(index=3, face=FACE)
    match = models.FaceMatch(
        similarity=99.0, face=models.Face(face_id="one", image_id="two", bounding_box=BOX, confidence=1)
    )
    views = in_wire_form(
        match_views(
            [
                models.PersonMatch(timestamp=1, person=person),
                models.PersonMatch(timestamp=2, person=person, face_matches=[match]),
            ]
        )
    )
    assert [entry["FaceMatches"] for entry in views["TIMESTAMP"]] == [[], [to_wire(match)]]
    (other,) = in_wire_form(person_views([models.PersonDetection(timestamp=1, person=person)]))["TIMESTAMP"]
    assert "FaceMatches" not in other


ORDERED: dict[str, tuple[Callable[..., Any], Callable[..., Any], str]] = {
    "label": (label_views, sight, "Label"),
    "moderation": (moderation_views, unsafe, "ModerationLabel"),
}


@pytest.mark.parametrize("kind", ORDERED)
def test_entries_of_one_moment_are_ordered_by_name_and_those_of_one_name_by_confidence_and_time(kind: str) -> None:
    views, entry, member = ORDERED[kind]
    given = [
        entry(0, "Gambling", 70), entry(5000, "Alcohol", 60), entry(0, "Alcohol", 60), entry(9000, "Alcohol", 80),
        entry(5000, "Gambling", 95), entry(5000, "Gambling", 90, end_timestamp_millis=5100),
    ]  # fmt: skip
    made = views(given)
    found = {
        name: [(each["Timestamp"], each[member]["Name"], each[member]["Confidence"]) for each in wire(made[name])]
        for name in LABEL_VIEWS
    }
    by_time = [
        (0, "Alcohol", 60), (0, "Gambling", 70), (5000, "Alcohol", 60), (5000, "Gambling", 95), (9000, "Alcohol", 80),
    ]  # fmt: skip
    by_name = [
        (9000, "Alcohol", 80), (0, "Alcohol", 60), (5000, "Alcohol", 60), (5000, "Gambling", 95), (0, "Gambling", 70),
    ]  # fmt: skip
    assert found == dict(zip(LABEL_VIEWS, (by_time, by_name) * 2, strict=True))


@pytest.mark.parametrize("kind", ORDERED)
@pytest.mark.parametrize(("gap", "number"), [(1000, 1), (1001, 2)])
def test_sightings_up_to_a_second_apart_are_one_stretch_with_the_surest_label(kind: str, gap: int, number: int) -> None:
    views, entry, member = ORDERED[kind]
    given = [
        entry(100, "Gambling", 70, end_timestamp_millis=900), entry(500, "Gambling", 75), entry(200, "Alcohol", 60),
        entry(900 + gap, "Gambling", 90), entry(900 + gap, "Gambling", 90, end_timestamp_millis=950 + gap),
    ]  # fmt: skip
    stretches = [each for each in wire(views(given)["TIMESTAMP SEGMENTS"]) if each[member]["Name"] == "Gambling"]
    periods = [(each["StartTimestampMillis"], each["EndTimestampMillis"]) for each in stretches]
    assert periods == ([(100, 950 + gap)] if number == 1 else [(100, 900), (900 + gap, 950 + gap)])
    assert [each[member]["Confidence"] for each in stretches] == [75, 90][-number:]


@pytest.mark.parametrize(("minimum", "kept"), [(None, [50.0, 60.0]), (0.0, [49.9, 50.0, 60.0]), (60.0, [60.0])])
def test_the_minimum_confidence_is_50_by_default_and_inclusive(minimum: float | None, kept: list[float]) -> None:
    for views, entry, member in ORDERED.values():
        made = views([entry(time, confidence=each) for time, each in enumerate((49.9, 50.0, 60.0))], minimum)
        assert [each[member]["Confidence"] for each in wire(made["TIMESTAMP TIMESTAMPS"])] == kept


def test_moderation_labels_have_the_content_types_of_their_period() -> None:
    def kind(name: str, confidence: float) -> models.ContentType:
        return models.ContentType(name=name, confidence=confidence)

    entries = [
        unsafe(0, content_types=[kind("Animated", 80)]), unsafe(0, "Alcohol", content_types=[kind("Sports", 70)]),
        unsafe(0, "Alcohol", end_timestamp_millis=10, content_types=[kind("Games", 60)]), unsafe(9000),
    ]  # fmt: skip
    found = [
        (
            each["Timestamp"],
            each["ModerationLabel"]["Name"],
            [(one["Name"], one["Confidence"]) for one in each["ContentTypes"]],
        )
        for each in wire(moderation_views(entries)["TIMESTAMP TIMESTAMPS"])
    ]
    both = [("Animated", 80), ("Sports", 70)]
    assert found == [(0, "Alcohol", both), (0, "Gambling", both), (9000, "Gambling", [])]


def test_the_words_of_each_moment_are_filtered_by_size_and_region() -> None:
    def text(time: int, content: str, left: float, width: float) -> models.TextDetectionResult:
        bounds = models.BoundingBox(left=left, top=0, width=width, height=0.1)
        geometry = models.Geometry(bounding_box=bounds)
        detection = models.TextDetection(detected_text=content, type="LINE", confidence=90, geometry=geometry)
        return models.TextDetectionResult(timestamp=time, text_detection=detection)

    entries = [text(9, "b", 0.0, 0.1), text(0, "a", 0.0, 0.2), text(9, "c", 0.6, 0.3)]

    def lines(filters: models.StartTextDetectionFilters | None) -> list[tuple[int, str, int]]:
        found = [(each["Timestamp"], each["TextDetection"]) for each in wire(text_views(entries, filters)["TIMESTAMP"])]
        return [(time, each["DetectedText"], each["Id"]) for time, each in found if each["Type"] == "LINE"]

    everything = [(0, "a", 0), (9, "b", 0), (9, "c", 1)]
    assert lines(None) == lines(models.StartTextDetectionFilters()) == everything
    wide = models.DetectionFilter(min_bounding_box_width=0.15)
    assert lines(models.StartTextDetectionFilters(word_filter=wide)) == [(0, "a", 0), (9, "c", 0)]
    right = models.RegionOfInterest(bounding_box=models.BoundingBox(left=0.5, top=0, width=0.5, height=1))
    assert lines(models.StartTextDetectionFilters(regions_of_interest=[right])) == [(9, "c", 0)]


def test_celebrities_are_ordered_by_time_or_by_id_and_time() -> None:
    given = [(900, "b"), (100, None), (500, "a"), (0, "b")]
    entries = [
        models.CelebrityRecognition(timestamp=time, celebrity=models.CelebrityDetail(id=number))
        for time, number in given
    ]
    views = celebrity_views(entries)
    found = {
        name: [(each["Timestamp"], each["Celebrity"].get("Id")) for each in wire(view)] for name, view in views.items()
    }
    assert found == {
        "TIMESTAMP": [(0, "b"), (100, None), (500, "a"), (900, "b")],
        "ID": [(100, None), (500, "a"), (0, "b"), (900, "b")],
    }


def test_persons_are_ordered_by_time_or_by_index_confidence_and_time() -> None:
    def person(time: int, index: int, confidence: float | None) -> models.PersonDetection:
        face = None if confidence is None else models.FaceDetail(bounding_box=BOX, confidence=confidence)
        return models.PersonDetection(timestamp=time, person=models.PersonDetail(index=index, face=face))

    given = [(900, 1, None), (0, 1, 0.5), (500, 1, 80.0), (100, 1, 80.0), (200, 0, 10.0)]
    views = person_views([person(*each) for each in given])
    found = {
        name: [(each["Timestamp"], each["Person"]["Index"]) for each in wire(view)] for name, view in views.items()
    }
    assert found == {
        "TIMESTAMP": [(0, 1), (100, 1), (200, 0), (500, 1), (900, 1)],
        "INDEX": [(200, 0), (100, 1), (500, 1), (0, 1), (900, 1)],
    }


def test_matches_are_ordered_by_time_or_by_index_and_time_and_faces_by_time() -> None:
    given = [(900, 0), (0, 1), (500, 0)]
    matches = [models.PersonMatch(timestamp=time, person=models.PersonDetail(index=index)) for time, index in given]
    found = {name: [each["Timestamp"] for each in wire(view)] for name, view in match_views(matches).items()}
    assert found == {"TIMESTAMP": [0, 500, 900], "INDEX": [500, 900, 0]}
    faces = face_views([models.FaceDetection(timestamp=time, face=FACE) for time, _ in given])
    assert [each["Timestamp"] for each in wire(faces["TIMESTAMP"])] == [0, 500, 900]
