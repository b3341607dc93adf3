"""Results of video jobs: orders, segments, thresholds, filters, timecodes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models
from rekog.emulator.answers.segments import exact_rate, first_frame, timecode
from rekog.emulator.answers.video_views import CONTINUOUS_MILLIS, Sighting, in_wire_form, label_views, stretches
from rekog.emulator.state.rows.celebrities import id_of
from tests.kit.videos import put_video, run_job, video_file
from tests.kit.wire import WireClient, image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Emulator

NTSC = Fraction(30000, 1001)
BOX = [0.1, 0.1, 0.2, 0.2]
NO_MORE: dict[str, list[object]] = {"Parents": [], "Aliases": [], "Categories": []}


def sighting(start: int, length: int, name: str, confidence: float) -> Sighting[models.Label]:
    return Sighting(start, start + length, models.Label(name=name, confidence=confidence))


STARTS = st.integers(0, 20_000) | st.integers(0, 40).map(lambda number: 500 * number)
LENGTHS = st.integers(0, 2_000) | st.sampled_from([0, 500, 1000])
PERCENTS = st.floats(0, 100) | st.sampled_from([49.9, 50.0, 75.0, 100.0])
"""All with values that are often drawn twice: equal starts and confidences, and gaps of exactly a second."""
SIGHTINGS = st.lists(st.builds(sighting, STARTS, LENGTHS, st.sampled_from("ABC"), PERCENTS), max_size=30)


def label(time: int, name: str, confidence: float = 100.0, **more: Any) -> dict[str, Any]:
    return {"Timestamp": time, "Name": name, "Confidence": confidence, **more}


def reported(response: dict[str, Any], items: str = "Labels", detail: str = "Label") -> list[tuple[int, str, float]]:
    return [(one["Timestamp"], one[detail]["Name"], one[detail]["Confidence"]) for one in response[items]]


@pytest.fixture
def busy(emulator: Emulator) -> WireClient:
    """A video with some labels, declared out of order."""
    put_video(
        emulator,
        labels=[
            label(500, "Cat", 60), label(0, "Cat", 80), label(0, "Dog", 90), label(5000, "Cat", 95),
            label(0, "Bee", 49.9), label(500, "Ant", 50),
        ],
    )  # fmt: skip
    return WireClient(emulator)


def test_labels_are_ordered_by_time_then_by_name(busy: WireClient) -> None:
    assert reported(run_job(busy, "LabelDetection")) == [
        (0, "Cat", 80), (0, "Dog", 90), (500, "Ant", 50), (500, "Cat", 60), (5000, "Cat", 95),
    ]  # fmt: skip


def test_labels_by_name_are_grouped_by_descending_confidence(busy: WireClient) -> None:
    response = run_job(busy, "LabelDetection", get={"SortBy": "NAME"})
    assert reported(response) == [
        (500, "Ant", 50), (5000, "Cat", 95), (0, "Cat", 80), (500, "Cat", 60), (0, "Dog", 90),
    ]  # fmt: skip
    assert response["GetRequestMetadata"] == {"SortBy": "NAME", "AggregateBy": "TIMESTAMPS"}


def test_the_threshold_is_50_by_default_and_inclusive(busy: WireClient) -> None:
    assert {name for _, name, _ in reported(run_job(busy, "LabelDetection", MinConfidence=49.9))} == {
        "Ant",
        "Bee",
        "Cat",
        "Dog",
    }
    assert {name for _, name, _ in reported(run_job(busy, "LabelDetection", MinConfidence=90))} == {"Cat", "Dog"}


def test_labels_by_segments_have_one_entry_each_without_instances(busy: WireClient, emulator: Emulator) -> None:
    times = [0, 500, 1500, 3000]
    put_video(emulator, labels=[label(time, "Cat", 60 + time / 100, Instances=[BOX]) for time in times])
    response = run_job(busy, "LabelDetection", get={"AggregateBy": "SEGMENTS"})
    assert response["Labels"] == [
        {"Timestamp": 0, "StartTimestampMillis": 0, "EndTimestampMillis": 1500, "DurationMillis": 1500,
         "Label": {"Name": "Cat", "Confidence": 75, **NO_MORE}},
        {"Timestamp": 3000, "StartTimestampMillis": 3000, "EndTimestampMillis": 3000, "DurationMillis": 0,
         "Label": {"Name": "Cat", "Confidence": 90, **NO_MORE}},
    ]  # fmt: skip
    assert response["GetRequestMetadata"] == {"SortBy": "TIMESTAMP", "AggregateBy": "SEGMENTS"}


def test_absent_members_of_a_label_at_a_timestamp_are_empty_lists(busy: WireClient) -> None:
    (first, *_) = run_job(busy, "LabelDetection")["Labels"]
    assert first["Label"] == {"Name": "Cat", "Confidence": 80, "Instances": list[object](), **NO_MORE}


def test_labels_at_timestamps_have_instances_and_no_segment(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, labels=[label(0, "Cat", Instances=[BOX], StartTimestampMillis=0, EndTimestampMillis=900)])
    (entry,) = run_job(wire, "LabelDetection")["Labels"]
    assert set(entry) == {"Timestamp", "Label"}
    assert len(entry["Label"]["Instances"]) == 1


def test_a_declared_segment_stays_one_segment(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, labels=[label(100, "Cat", EndTimestampMillis=9000, StartTimestampMillis=100)])
    (entry,) = run_job(wire, "LabelDetection", get={"AggregateBy": "SEGMENTS"})["Labels"]
    assert (entry["StartTimestampMillis"], entry["EndTimestampMillis"], entry["DurationMillis"]) == (100, 9000, 8900)


def test_ancestors_of_a_label_are_labels_at_the_same_moment(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, labels=[label(0, "Cat", 80, Parents=["Animal"]), label(500, "Dog", 90, Parents=["Animal"])])
    assert reported(run_job(wire, "LabelDetection")) == [
        (0, "Animal", 80), (0, "Cat", 80), (500, "Animal", 90), (500, "Dog", 90),
    ]  # fmt: skip


def test_an_ancestor_of_two_segments_with_one_start_is_listed_once() -> None:
    parents = [models.Parent(name="Animal")]
    entries = [
        models.LabelDetection(
            timestamp=0, end_timestamp_millis=end, label=models.Label(name=name, confidence=90, parents=parents)
        )
        for name, end in (("Cat", 500), ("Dog", 900))
    ]
    names = [
        entry.label.name
        for entry in label_views(entries)["TIMESTAMP TIMESTAMPS"]
        if isinstance(entry, models.LabelDetection)
    ]
    assert sorted(names) == ["Animal", "Cat", "Dog"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"LabelInclusionFilters": ["Cat"]}, ["Cat"]),
        ({"LabelExclusionFilters": ["Cat"]}, ["Car"]),
        ({"LabelCategoryInclusionFilters": ["Vehicles"]}, ["Car"]),
        ({"LabelCategoryExclusionFilters": ["Vehicles"]}, ["Cat"]),
    ],
)
def test_labels_are_filtered_as_in_images(
    emulator: Emulator, wire: WireClient, filters: dict[str, Any], names: list[str]
) -> None:
    put_video(emulator, labels=[label(0, "Cat"), label(0, "Car", Categories=["Vehicles"])])
    response = run_job(wire, "LabelDetection", Settings={"GeneralLabels": filters})
    assert [name for _, name, _ in reported(response)] == names


@pytest.mark.slow
@given(SIGHTINGS)
@settings(derandomize=True, deadline=None)
def test_segments_of_a_label_cover_all_sightings_without_overlap(
    sightings: list[Sighting[models.Label]],
) -> None:
    entries = stretches(sightings)
    for name in "ABC":
        mine = [stretch for stretch in entries if stretch.label.name == name]
        seen = [one for one in sightings if one.label.name == name]
        assert all(one.end + CONTINUOUS_MILLIS < other.start for one, other in pairwise(mine))
        assert all(any(s.start <= one.start and one.end <= s.end for s in mine) for one in seen)
        assert {s.start for s in mine} <= {one.start for one in seen}
        assert max((s.label.confidence for s in mine), default=0) == max(
            (one.label.confidence for one in seen), default=0
        )


@pytest.mark.slow
@given(SIGHTINGS, st.none() | PERCENTS)
@settings(derandomize=True, deadline=None)
def test_the_views_of_labels_have_the_same_entries_in_their_orders(
    sightings: list[Sighting[models.Label]], minimum: float | None
) -> None:
    entries = [
        models.LabelDetection(timestamp=one.start, end_timestamp_millis=one.end, label=one.label) for one in sightings
    ]
    views = {name: in_wire_form({name: view})[name] for name, view in label_views(entries, minimum).items()}
    for aggregate_by in ("TIMESTAMPS", "SEGMENTS"):
        by_time, by_name = (reported({"Labels": views[f"{order} {aggregate_by}"]}) for order in ("TIMESTAMP", "NAME"))
        assert by_time == sorted(by_time, key=lambda one: one[:2])
        assert by_name == sorted(by_name, key=lambda one: (one[1], -one[2], one[0]))
        assert sorted(by_time) == sorted(by_name)
        assert all(confidence >= (50 if minimum is None else minimum) for _, _, confidence in by_time)
        assert len({one[:2] for one in by_time}) == len(by_time)


@pytest.mark.slow
@given(SIGHTINGS)
@settings(derandomize=True, deadline=None)
def test_segments_of_segments_are_the_same(sightings: list[Sighting[models.Label]]) -> None:
    assert stretches(stretches(sightings)) == stretches(sightings)


def test_moderation_has_its_ancestors_content_types_and_version(emulator: Emulator, wire: WireClient) -> None:
    put_video(
        emulator, moderation=[{"Timestamp": 0, "Name": "Weapons", "Confidence": 70, "ContentTypes": ["Animation"]}]
    )
    response = run_job(wire, "ContentModeration")
    assert reported(response, "ModerationLabels", "ModerationLabel") == [(0, "Violence", 70), (0, "Weapons", 70)]
    weapons = response["ModerationLabels"][1]
    assert weapons["ModerationLabel"]["ParentName"] == "Violence"
    assert weapons["ModerationLabel"]["TaxonomyLevel"] == 2
    assert weapons["ContentTypes"] == [{"Name": "Animation", "Confidence": 100}]
    assert response["ModerationModelVersion"] == "7.0"
    assert response["GetRequestMetadata"] == {"SortBy": "TIMESTAMP", "AggregateBy": "TIMESTAMPS"}


def test_the_content_types_of_all_labels_of_a_moment_are_joined(emulator: Emulator, wire: WireClient) -> None:
    kinds = {"Weapons": ["Animation"], "Gambling": ["Sports", "Animation"], "Alcohol": []}
    put_video(emulator, moderation=[label(0, name, ContentTypes=given) for name, given in kinds.items()])
    entries = run_job(wire, "ContentModeration")["ModerationLabels"]
    found = [sorted(kind["Name"] for kind in one["ContentTypes"]) for one in entries]
    assert found == [["Animation", "Sports"]] * 4  # Violence is the parent of Weapons


@pytest.mark.parametrize("aggregate_by", ["TIMESTAMPS", "SEGMENTS"])
def test_moderation_without_content_types_has_an_empty_list(
    emulator: Emulator, wire: WireClient, aggregate_by: str
) -> None:
    put_video(emulator, moderation=[{"Timestamp": 0, "Name": "Weapons", "Confidence": 70}])
    entries = run_job(wire, "ContentModeration", get={"AggregateBy": aggregate_by})["ModerationLabels"]
    assert [one["ContentTypes"] for one in entries] == [[]] * len(entries)


def test_moderation_has_a_threshold_orders_and_segments(emulator: Emulator, wire: WireClient) -> None:
    names = [(0, "Gambling", 80), (1000, "Gambling", 85), (9000, "Alcohol", 50), (0, "Alcohol", 49)]
    put_video(emulator, moderation=[label(*each) for each in names])
    by_name = run_job(wire, "ContentModeration", get={"SortBy": "NAME"})
    assert reported(by_name, "ModerationLabels", "ModerationLabel") == [
        (9000, "Alcohol", 50), (1000, "Gambling", 85), (0, "Gambling", 80),
    ]  # fmt: skip
    stretch = run_job(wire, "ContentModeration", MinConfidence=60, get={"AggregateBy": "SEGMENTS"})["ModerationLabels"]
    assert [(one["Timestamp"], one["DurationMillis"], one["ModerationLabel"]["Confidence"]) for one in stretch] == [
        (0, 1000, 85)
    ]


def test_text_is_filtered_and_numbered_in_each_frame(emulator: Emulator, wire: WireClient) -> None:
    put_video(
        emulator,
        text=[
            {"Timestamp": 500, "DetectedText": "two words"}, {"Timestamp": 0, "DetectedText": "one"},
            {"Timestamp": 500, "DetectedText": "unsure", "Confidence": 79.9},
        ],
    )  # fmt: skip
    response = run_job(wire, "TextDetection")
    entries = [
        (one["Timestamp"], *(one["TextDetection"].get(name) for name in ("Type", "DetectedText", "Id", "ParentId")))
        for one in response["TextDetections"]
    ]
    assert entries == [
        (0, "LINE", "one", 0, None), (0, "WORD", "one", 1, 0),
        (500, "LINE", "two words", 0, None), (500, "WORD", "two", 1, 0), (500, "WORD", "words", 2, 0),
    ]  # fmt: skip
    assert response["TextModelVersion"] == "3.0"
    unfiltered = run_job(wire, "TextDetection", Filters={"WordFilter": {"MinConfidence": 70}})
    assert len(unfiltered["TextDetections"]) == len(entries) + 2


def test_a_frame_has_at_most_100_words(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, text=[{"Timestamp": time, "DetectedText": "word " * 120} for time in (0, 500)])
    words = [one for one in run_job(wire, "TextDetection")["TextDetections"] if one["TextDetection"]["Type"] == "WORD"]
    assert [sum(one["Timestamp"] == time for one in words) for time in (0, 500)] == [100, 100]


def test_an_invalid_region_of_interest_is_refused_at_the_start(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, text=[])
    filters: dict[str, Any] = {"RegionsOfInterest": [{}]}
    code, message = wire("StartTextDetection", Video={}, Filters=filters).refusal
    assert (code, "either a BoundingBox or a Polygon" in message) == ("InvalidParameterException", True)


def test_celebrities_are_ordered_by_time_or_id_with_five_attributes(emulator: Emulator, wire: WireClient) -> None:
    face = {"BoundingBox": BOX, "Smile": True}
    put_video(
        emulator,
        celebrities=[
            {"Timestamp": time, "Name": name, "Id": name, "Face": face}
            for time, name in ((0, "b"), (900, "a"), (100, "b"))
        ],
    )
    entries = run_job(wire, "CelebrityRecognition")["Celebrities"]
    assert [(one["Timestamp"], one["Celebrity"]["Id"]) for one in entries] == [(0, "b"), (100, "b"), (900, "a")]
    assert "Smile" not in entries[0]["Celebrity"]["Face"]
    by_id = run_job(wire, "CelebrityRecognition", get={"SortBy": "ID"})["Celebrities"]
    assert [(one["Timestamp"], one["Celebrity"]["Id"]) for one in by_id] == [(900, "a"), (0, "b"), (100, "b")]


def test_celebrities_declared_without_an_id_get_the_id_of_their_name(emulator: Emulator, wire: WireClient) -> None:
    declared = [(0, "Ivy"), (100, "Jon"), (200, "Ivy")]
    put_video(emulator, celebrities=[{"Timestamp": time, "Name": name} for time, name in declared])
    results = run_job(wire, "CelebrityRecognition", get={"SortBy": "ID"})["Celebrities"]
    ids = [one["Celebrity"]["Id"] for one in results]
    assert ids == sorted(id_of(name) for _, name in declared)
    assert wire("GetCelebrityInfo", Id=id_of("Jon")).body["Name"] == "Jon"


def test_persons_are_ordered_by_time_or_by_index_and_face_confidence(emulator: Emulator, wire: WireClient) -> None:
    reported = ((0, 1, 70), (0, 0, 60), (500, 0, 90), (900, 1, 80))
    persons = [
        {"Timestamp": time, "Index": index, "BoundingBox": BOX, "Face": {"BoundingBox": BOX, "Confidence": sure}}
        for time, index, sure in reported
    ]
    put_video(emulator, persons=persons)
    times = [one["Timestamp"] for one in run_job(wire, "PersonTracking")["Persons"]]
    assert times == [0, 0, 500, 900]
    entries = run_job(wire, "PersonTracking", get={"SortBy": "INDEX"})["Persons"]
    assert [(one["Person"]["Index"], one["Person"]["Face"]["Confidence"]) for one in entries] == [
        (0, 90), (0, 60), (1, 80), (1, 70),
    ]  # fmt: skip


def test_declared_faces_have_five_attributes_or_all_those_of_videos(emulator: Emulator, wire: WireClient) -> None:
    yes = dict.fromkeys(("Smile", "Eyeglasses", "Sunglasses", "Beard", "Mustache", "EyesOpen", "MouthOpen"), True)
    face = {
        **yes, "BoundingBox": BOX, "AgeRange": [20, 30], "Gender": "Male", "Emotions": [["HAPPY", 99]],
        "FaceOccluded": True, "EyeDirection": [1, 2], "Pose": [1, 2, 3], "Quality": [50, 60],
    }  # fmt: skip
    put_video(emulator, faces=[{"Timestamp": 500, **face}, {"Timestamp": 0, **face}])
    default = run_job(wire, "FaceDetection")["Faces"]
    assert [one["Timestamp"] for one in default] == [0, 500]
    assert set(default[0]["Face"]) == {"BoundingBox", "Confidence", "Pose", "Quality"}
    every = run_job(wire, "FaceDetection", FaceAttributes="ALL")["Faces"]
    assert set(every[0]["Face"]) == {*default[0]["Face"], *yes, "AgeRange", "Gender", "Emotions"}


def test_all_attributes_of_faces_declared_without_them_are_not_invented(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, faces=[{"Timestamp": 0, "BoundingBox": BOX}])
    response = run_job(wire, "FaceDetection", FaceAttributes="ALL")
    assert response["JobStatus"] == "FAILED"
    assert "does not make up values" in response["StatusMessage"]


def test_declared_identities_are_searched_and_numbered(emulator: Emulator, wire: WireClient) -> None:
    wire("CreateCollection", CollectionId="people")
    image = image_file(plain_image())
    emulator.declare(image, faces=[{"BoundingBox": BOX, "Identity": "Ann"}])
    assert (
        len(wire("IndexFaces", CollectionId="people", Image={"Bytes": image}, QualityFilter="NONE").body["FaceRecords"])
        == 1
    )
    put_video(
        emulator,
        faces=[
            {"Timestamp": time, "BoundingBox": BOX, **({"Identity": person} if person else {})}
            for time, person in ((0, "Bob"), (0, ""), (500, "Ann"), (900, "Bob"), (1000, "Ann"))
        ],
    )
    entries = run_job(wire, "FaceSearch", CollectionId="people")["Persons"]
    assert [(one["Timestamp"], one["Person"]["Index"], len(one["FaceMatches"])) for one in entries] == [
        (0, 0, 0), (0, 1, 0), (500, 2, 1), (900, 0, 0), (1000, 2, 1),
    ]  # fmt: skip
    assert [set(one["Person"]) for one in entries] == [{"Index", "BoundingBox", "Face"}] * 5


SEGMENTS = [
    {"Type": "SHOT", "StartTimestampMillis": 2000, "EndTimestampMillis": 4000, "ShotSegment": {"Confidence": 70}},
    {"Type": "SHOT", "StartTimestampMillis": 0, "EndTimestampMillis": 2000, "ShotSegment": {"Confidence": 60}},
    {"Type": "TECHNICAL_CUE", "StartTimestampMillis": 0, "EndTimestampMillis": 40,
     "TechnicalCueSegment": {"Type": "BlackFrames", "Confidence": 90}},
]  # fmt: skip


def test_segments_are_grouped_by_requested_type_with_frames_and_timecodes(emulator: Emulator, wire: WireClient) -> None:
    sounds = [{"Codec": "aac", "DurationMillis": 4000, "SampleRate": 48000, "NumberOfChannels": 2}]
    put_video(emulator, segments=SEGMENTS, video={"FrameRate": 25.0}, audio=sounds)
    response = run_job(wire, "SegmentDetection", SegmentTypes=["TECHNICAL_CUE", "SHOT"])
    assert [one["Type"] for one in response["Segments"]] == ["TECHNICAL_CUE", "SHOT", "SHOT"]
    assert response["Segments"][0]["TechnicalCueSegment"] == {"Type": "BlackFrames", "Confidence": 90}
    assert response["Segments"][2] == {
        "Type": "SHOT", "StartTimestampMillis": 2000, "EndTimestampMillis": 4000, "DurationMillis": 2000,
        "StartTimecodeSMPTE": "00:00:02:00", "EndTimecodeSMPTE": "00:00:04:00", "DurationSMPTE": "00:00:02:00",
        "ShotSegment": {"Index": 1, "Confidence": 70}, "StartFrameNumber": 50, "EndFrameNumber": 100,
        "DurationFrames": 50,
    }  # fmt: skip
    assert response["SelectedSegmentTypes"] == [
        {"Type": "TECHNICAL_CUE", "ModelVersion": "1.0"}, {"Type": "SHOT", "ModelVersion": "1.0"},
    ]  # fmt: skip
    assert response["VideoMetadata"] == [{"FrameRate": 25.0}]
    assert response["AudioMetadata"] == sounds


def test_only_segments_of_requested_types_above_the_threshold_are_returned(
    emulator: Emulator, wire: WireClient
) -> None:
    put_video(emulator, segments=SEGMENTS)
    for minimum in (65, 70):
        filters = {"ShotFilter": {"MinSegmentConfidence": minimum}}
        (shot,) = run_job(wire, "SegmentDetection", SegmentTypes=["SHOT"], Filters=filters)["Segments"]
        assert shot["ShotSegment"] == {"Index": 1, "Confidence": 70}
    over = {"ShotFilter": {"MinSegmentConfidence": 70.1}}
    assert run_job(wire, "SegmentDetection", SegmentTypes=["SHOT"], Filters=over)["Segments"] == []
    assert "StartTimecodeSMPTE" not in shot  # the frame rate is unknown


def test_audio_streams_are_read_from_the_file(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, video_file([plain_image()], sound=True), segments=[])
    response = run_job(wire, "SegmentDetection", SegmentTypes=["SHOT"])
    (sound,) = response["AudioMetadata"]
    assert (sound["Codec"], sound["SampleRate"], sound["NumberOfChannels"]) == ("aac", 44_100, 2)
    assert response["VideoMetadata"][0]["FrameRate"] == 10.0


@pytest.mark.parametrize(
    ("frame", "rate", "code"),
    [
        (1799, NTSC, "00:00:59;29"),  # published: numbers 00 and 01 are dropped each minute except every tenth
        (1800, NTSC, "00:01:00;02"),
        (17981, NTSC, "00:09:59;29"),
        (17982, NTSC, "00:10:00;00"),
        (107892, NTSC, "01:00:00;00"),
        (3600, 2 * NTSC, "00:01:00;04"),
        (24 * 3600, Fraction(24000, 1001), "01:00:00:00"),
        (1800, Fraction(30), "00:01:00:00"),
        (12, Fraction(25, 2), "00:00:00:12"),
    ],
)
def test_timecodes_are_those_of_smpte(frame: int, rate: Fraction, code: str) -> None:
    assert timecode(frame, rate) == code


@pytest.mark.parametrize("rate", range(1, 121))
def test_a_whole_frame_rate_is_exact(rate: int) -> None:
    assert exact_rate(float(rate)) == rate


@pytest.mark.parametrize("base", [24, 30, 48, 60, 120])
def test_a_rounded_rate_of_ntsc_is_made_exact(base: int) -> None:
    exact = Fraction(base * 1000, 1001)
    assert {exact_rate(round(float(exact), digits)) for digits in (2, 3, 4)} == {exact}


@given(
    st.integers(0, 24 * 107892 - 2),
    st.sampled_from([NTSC, 2 * NTSC, Fraction(25), Fraction(24000, 1001), Fraction(30)]),
)
@settings(derandomize=True, deadline=None)
def test_timecodes_grow_with_frames(frame: int, rate: Fraction) -> None:
    assert timecode(frame, rate) < timecode(frame + 1, rate)


@given(st.integers(0, 10_000_000), st.sampled_from([24, 23.976, 25, 29.97, 30, 59.94, 60]))
@settings(derandomize=True, deadline=None)
def test_the_time_of_a_frame_rounded_down_gives_the_frame_again(frame: int, rate: float) -> None:
    exact = exact_rate(rate)
    assert first_frame(int(frame * 1000 / exact), exact) == frame
