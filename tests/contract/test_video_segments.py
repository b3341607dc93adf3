"""Results of segment detection: shots, technical cues and timecodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.video_calls import STREET_OBJECT, run_job
from tests.kit.request_members import STREET_CONTENT, VIDEO

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition

pytestmark = pytest.mark.usefixtures("street_video")


SEGMENTS: list[Json] = [
    {"Type": "SHOT", "StartTimestampMillis": 0, "EndTimestampMillis": 2000, "ShotSegment": {"Confidence": 60}},
    {"Type": "SHOT", "StartTimestampMillis": 2000, "EndTimestampMillis": 4000, "ShotSegment": {"Confidence": 90}},
    *(
        {
            "Type": "TECHNICAL_CUE",
            "StartTimestampMillis": start_millis,
            "EndTimestampMillis": start_millis + 500,
            "TechnicalCueSegment": {"Type": kind, "Confidence": confidence},
        }
        for start_millis, kind, confidence in (
            (3000, "EndCredits", 95),
            (0, "ColorBars", 51),
            (100, "BlackFrames", 55),
            (200, "OpeningCredits", 99),
            (300, "StudioLogo", 99),
            (400, "Slate", 99),
            (500, "Content", 99),
        )
    ),
]


def test_segments_have_timecodes_and_frames(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare("s3://films/street.mp4", audio=[{"Codec": "aac", "NumberOfChannels": 2}])
    response = run_job(rekognition, "SegmentDetection")
    (segment,) = response["Segments"]
    assert (segment["StartTimecodeSMPTE"], segment["EndTimecodeSMPTE"]) == ("00:00:00:00", "00:00:04:00")
    assert (segment["StartFrameNumber"], segment["EndFrameNumber"], segment["DurationFrames"]) == (0, 100, 100)
    assert [each["Type"] for each in response["SelectedSegmentTypes"]] == ["SHOT"]
    assert response["AudioMetadata"] == [{"Codec": "aac", "NumberOfChannels": 2}]
    assert run_job(rekognition, "SegmentDetection", SegmentTypes=["TECHNICAL_CUE"])["Segments"] == []


@pytest.mark.parametrize(
    ("rate", "end", "code", "frame"),
    [(25, 4000, "00:00:04:00", 100), (29.97, 60_060, "00:01:00;02", 1800), (30, 60_000, "00:01:00:00", 1800)],
)
def test_drop_frame_timecodes_have_a_semicolon(
    rekognition: Rekognition, control: ControlApi, rate: float, end: int, code: str, frame: int
) -> None:
    shot = {"Type": "SHOT", "StartTimestampMillis": 0, "EndTimestampMillis": end}
    control.declare(
        STREET_OBJECT, video={**STREET_CONTENT["video"], "FrameRate": rate, "DurationMillis": end}, segments=[shot]
    )
    (segment,) = run_job(rekognition, "SegmentDetection")["Segments"]
    assert (segment["EndTimecodeSMPTE"], segment["EndFrameNumber"]) == (code, frame)


def test_shots_and_black_frames_of_a_video_file_are_detected(rekognition: Rekognition, control: ControlApi) -> None:
    from tests.kit.films import film, plain, scene

    location = control.put_object("films", "real.mp4", film([*scene("cat", 20), *plain(10), *scene("coffee", 20)]))
    types = ["SHOT", "TECHNICAL_CUE"]
    response = run_job(rekognition, "SegmentDetection", Video=location, SegmentTypes=types)
    assert response["JobStatus"] == "SUCCEEDED", response.get("StatusMessage")
    found = [(each["Type"], each["StartFrameNumber"], each["EndFrameNumber"]) for each in response["Segments"]]
    assert found == [("SHOT", 0, 20), ("SHOT", 20, 30), ("SHOT", 30, 50), ("TECHNICAL_CUE", 20, 30)]
    assert response["Segments"][-1]["TechnicalCueSegment"]["Type"] == "BlackFrames"
    assert response["Segments"][-1]["StartTimecodeSMPTE"] == "00:00:00:20"


def test_segments_are_grouped_by_type_in_the_requested_order(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(STREET_OBJECT, segments=SEGMENTS)

    def results(*kinds: str, **filters: Json) -> list[tuple[str, int]]:
        response = run_job(rekognition, "SegmentDetection", SegmentTypes=list(kinds), Filters=filters)
        assert [each["Type"] for each in response["SelectedSegmentTypes"]] == list(kinds)
        assert all(each["ModelVersion"] for each in response["SelectedSegmentTypes"])
        return [(each["Type"], each["StartTimestampMillis"]) for each in response["Segments"]]

    shots = [("SHOT", 0), ("SHOT", 2000)]
    cues = [("TECHNICAL_CUE", time) for time in (0, 100, 200, 300, 400, 500, 3000)]
    assert results("SHOT", "TECHNICAL_CUE") == shots + cues
    assert results("TECHNICAL_CUE", "SHOT") == cues + shots
    sure = {"ShotFilter": {"MinSegmentConfidence": 90}, "TechnicalCueFilter": {"MinSegmentConfidence": 55}}
    assert results("SHOT", "TECHNICAL_CUE", **sure) == shots[1:] + cues[1:]


def test_a_segment_is_a_shot_or_a_cue(rekognition: Rekognition, control: ControlApi) -> None:
    control.declare(STREET_OBJECT, segments=SEGMENTS)
    response = run_job(rekognition, "SegmentDetection", SegmentTypes=["SHOT", "TECHNICAL_CUE"])
    for segment in response["Segments"]:
        own, other = "ShotSegment", "TechnicalCueSegment"
        if segment["Type"] == "TECHNICAL_CUE":
            own, other = other, own
        assert own in segment
        assert other not in segment
        assert segment["DurationMillis"] == segment["EndTimestampMillis"] - segment["StartTimestampMillis"]
    shots = [segment["ShotSegment"]["Index"] for segment in response["Segments"] if segment["Type"] == "SHOT"]
    assert shots == [0, 1]


@pytest.mark.parametrize(
    "filters",
    [
        {"TechnicalCueFilter": {"BlackFrame": {"MaxPixelThreshold": 1.1}}},
        {"TechnicalCueFilter": {"BlackFrame": {"MinCoveragePercentage": 101}}},
        {"TechnicalCueFilter": {"MinSegmentConfidence": 101}},
    ],
)
def test_segment_filters_have_ranges(rekognition: Rekognition, filters: Json) -> None:
    members = {"Video": VIDEO, "SegmentTypes": ["TECHNICAL_CUE"], "Filters": filters}
    assert rekognition.error_code("StartSegmentDetection", **members) == "ValidationException"
