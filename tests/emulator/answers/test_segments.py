"""Segments: the order and the filters of a request, and the members that are computed for those that are missing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from rekog import models
from rekog._core.wire import to_wire
from rekog.emulator.answers.segments import exact_rate, segment_views, timecode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHOT, CUE = models.SegmentType.SHOT, models.SegmentType.TECHNICAL_CUE
BLACK = models.TechnicalCueType.BLACK_FRAMES


def shot(
    start: int | None, end: int | None = None, confidence: float | None = None, **more: Any
) -> models.SegmentDetection:
    detail = None if confidence is None else models.ShotSegment(confidence=confidence)
    members: dict[str, Any] = {"shot_segment": detail, **more}
    return models.SegmentDetection(type=SHOT, start_timestamp_millis=start, end_timestamp_millis=end, **members)


def cue(start: int, end: int, confidence: float | None = None, **more: Any) -> models.SegmentDetection:
    detail = models.TechnicalCueSegment(type=BLACK, confidence=confidence)
    members: dict[str, Any] = {"technical_cue_segment": detail, **more}
    return models.SegmentDetection(type=CUE, start_timestamp_millis=start, end_timestamp_millis=end, **members)


def found(
    entries: Sequence[models.SegmentDetection], types: Sequence[str] = (SHOT, CUE), *arguments: Any
) -> list[dict[str, Any]]:
    views = segment_views(entries, types, *arguments)
    assert set(views) == {"TIMESTAMP"}
    return [to_wire(segment) for segment in views["TIMESTAMP"]]


COMPLETE = {
    "Type": "SHOT", "StartTimestampMillis": 2000, "EndTimestampMillis": 5000, "DurationMillis": 3000,
    "StartTimecodeSMPTE": "00:00:02:00", "EndTimecodeSMPTE": "00:00:05:00", "DurationSMPTE": "00:00:03:00",
    "ShotSegment": {"Index": 0, "Confidence": 100.0},
    "StartFrameNumber": 50, "EndFrameNumber": 125, "DurationFrames": 75,
}  # fmt: skip
ONE_SECOND = {"DurationFrames": 25, "DurationSMPTE": "00:00:01:00"}
DECLARED: dict[str, tuple[Any, dict[str, object]]] = {
    "start_frame_number": (100, {"StartTimecodeSMPTE": "00:00:04:00", **ONE_SECOND}),
    "end_frame_number": (75, {"EndTimecodeSMPTE": "00:00:03:00", **ONE_SECOND}),
    "duration_frames": (50, {"DurationSMPTE": "00:00:02:00"}),
    "start_timecode_smpte": ("01:00:00:00", {}),
    "end_timecode_smpte": ("01:00:00:00", {}),
    "duration_smpte": ("01:00:00:00", {}),
}  # fmt: skip
"""A value of each member that can be declared, and the other members that follow from it."""


def test_the_missing_members_of_a_segment_are_computed() -> None:
    assert found([shot(2000, 5000)], [SHOT], None, 25.0) == [COMPLETE]


@pytest.mark.parametrize("member", DECLARED)
def test_a_declared_member_is_kept_and_the_others_follow_from_it(member: str) -> None:
    value, consequences = DECLARED[member]
    (wire,) = {name for name in COMPLETE if name.lower() == member.replace("_", "")}
    assert found([shot(2000, 5000, **{member: value})], [SHOT], None, 25.0) == [
        {**COMPLETE, wire: value, **consequences}
    ]


def test_the_frame_0_can_be_declared() -> None:
    given = shot(2000, 5000, start_frame_number=0, end_frame_number=0, duration_frames=0)
    (segment,) = found([given], [SHOT], None, 25.0)
    assert [segment[f"{each}TimecodeSMPTE"] for each in ("Start", "End")] == ["00:00:00:00"] * 2
    assert [segment[each] for each in ("StartFrameNumber", "EndFrameNumber", "DurationFrames")] == [0, 0, 0]


def test_without_a_frame_rate_only_declared_frames_and_timecodes_are_returned() -> None:
    always = ("Type", "StartTimestampMillis", "EndTimestampMillis", "DurationMillis", "ShotSegment")
    assert found([shot(2000, 5000)]) == [{name: COMPLETE[name] for name in always}]
    everything: dict[str, Any] = {member: value for member, (value, _) in DECLARED.items()}
    (segment,) = found([shot(2000, 5000, **everything)])
    wire = {
        name: everything[member] for name in COMPLETE for member in DECLARED if name.lower() == member.replace("_", "")
    }
    assert wire.items() <= segment.items()
    assert len(wire) == len(DECLARED)


def test_a_segment_without_times_is_at_the_start_and_has_no_length() -> None:
    first, second = found([shot(1, 2), shot(None)])
    assert [first[f"{each}Millis"] for each in ("StartTimestamp", "EndTimestamp", "Duration")] == [0, 0, 0]
    assert (second["StartTimestampMillis"], second["DurationMillis"]) == (1, 1)


def test_a_segment_has_the_details_of_its_type_only() -> None:
    both: dict[str, Any] = {
        "shot_segment": models.ShotSegment(index=7, confidence=80),
        "technical_cue_segment": models.TechnicalCueSegment(type=BLACK, confidence=90),
    }
    a_shot, a_cue = found([cue(0, 1, **both), shot(0, 1, **both)])
    assert (a_shot["ShotSegment"], "TechnicalCueSegment" in a_shot) == ({"Index": 7, "Confidence": 80}, False)
    assert (a_cue["TechnicalCueSegment"], "ShotSegment" in a_cue) == ({"Type": "BlackFrames", "Confidence": 90}, False)


def test_segments_have_the_order_of_the_types_and_then_of_time() -> None:
    entries = [shot(500), cue(900, 901), shot(100), cue(5, 6)]
    starts = {
        each: [one["StartTimestampMillis"] for one in found(entries, each)] for each in ((SHOT, CUE), (CUE, SHOT))
    }
    assert starts == {(SHOT, CUE): [100, 500, 5, 900], (CUE, SHOT): [5, 900, 100, 500]}
    assert [one["StartTimestampMillis"] for one in found(entries, [CUE, CUE])] == [5, 900]
    assert [one["StartTimestampMillis"] for one in found(entries, [SHOT])] == [100, 500]


def test_a_shot_without_a_number_gets_its_place_among_all_shots() -> None:
    numbered = shot(3, shot_segment=models.ShotSegment(index=9))
    entries = [cue(0, 1), shot(0, confidence=60), shot(1, confidence=40), shot(2), numbered]
    shots = [each["ShotSegment"] for each in found(entries, [SHOT])]
    assert shots == [
        {"Index": 0, "Confidence": 60}, {"Index": 2, "Confidence": 100}, {"Index": 9, "Confidence": 100},
    ]  # fmt: skip


LEVELS = (49.9, 50.0, 70.0, 90.0)


@pytest.mark.parametrize("shots", [None, 0.0, 50.0, 70.0, 70.1])
@pytest.mark.parametrize("cues", [None, 0.0, 50.0, 90.0, 90.1])
def test_each_type_has_its_own_minimum_of_50_by_default(shots: float | None, cues: float | None) -> None:
    entries = [each(0, 1, confidence) for each in (shot, cue) for confidence in LEVELS]
    filters = models.StartSegmentDetectionFilters(
        shot_filter=models.StartShotDetectionFilter(min_segment_confidence=shots),
        technical_cue_filter=models.StartTechnicalCueDetectionFilter(min_segment_confidence=cues),
    )
    minima = {SHOT: 50 if shots is None else shots, CUE: 50 if cues is None else cues}
    for kind, detail in ((SHOT, "ShotSegment"), (CUE, "TechnicalCueSegment")):
        kept = [each[detail]["Confidence"] for each in found(entries, [kind], filters)]
        assert kept == [each for each in LEVELS if each >= minima[kind]]


@pytest.mark.parametrize("filters", [None, models.StartSegmentDetectionFilters()])
def test_without_filters_a_segment_needs_a_confidence_of_50(
    filters: models.StartSegmentDetectionFilters | None,
) -> None:
    entries = [*(cue(0, 1, confidence) for confidence in LEVELS), cue(0, 1, technical_cue_segment=None), cue(0, 1)]
    assert len(found(entries, [CUE], filters)) == len(LEVELS) - 1 + 2


# frame rates and timecodes


@pytest.mark.parametrize(
    ("rate", "exact"),
    [
        (29.97, Fraction(30000, 1001)),
        (29.974, Fraction(30000, 1001)),
        (29.97003, Fraction(30000, 1001)),
        (29.976, Fraction(3747, 125)),  # 0.006 from the rate of NTSC
        (29.96, Fraction(749, 25)),
        (14.985, Fraction(15000, 1001)),
        (12.5, Fraction(25, 2)),
        (23.5, Fraction(47, 2)),
        (1 / 3, Fraction(1, 3)),
        (7.3, Fraction(73, 10)),
    ],
)
def test_a_rate_near_one_of_ntsc_is_that_rate(rate: float, exact: Fraction) -> None:
    assert exact_rate(rate) == exact


def around_minutes(base: int, dropped: int) -> Iterator[tuple[int, str]]:
    """Yield frames at the start and the end of each minute of 71, with their timecodes by the rule of SMPTE 12M.

    The numbers of each minute but each tenth begin with a later one.
    """
    separator, frame = ";" if dropped else ":", 0
    for minute in range(71):
        numbers = range(dropped if minute % 10 else 0, base * 60)
        for index in (0, 1, base, len(numbers) - 2, len(numbers) - 1):
            seconds, number = divmod(numbers[index], base)
            yield frame + index, f"{minute // 60:02}:{minute % 60:02}:{seconds:02}{separator}{number:02}"
        frame += len(numbers)


@pytest.mark.parametrize(
    ("rate", "dropped"),
    [
        (Fraction(30000, 1001), 2),
        (Fraction(60000, 1001), 4),
        (Fraction(24000, 1001), 0),
        (Fraction(30), 0),
        (Fraction(60), 0),
        (Fraction(29, 2), 0),
    ],
)
def test_the_timecode_of_each_frame_is_the_next_that_is_not_dropped(rate: Fraction, dropped: int) -> None:
    base = -(-rate.numerator // rate.denominator)
    assert [(frame, code) for frame, code in around_minutes(base, dropped) if timecode(frame, rate) != code] == []
