"""Segments seen in made films: frame numbers, times and timecodes, filters, damaged files and other readers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import Emulator, Frame, ManualClock, VideoFacts
from tests.kit.films import crossfade, film, plain, scene
from tests.kit.videos import VIDEO, put_video, run_job
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

pytestmark = pytest.mark.usefixtures("av")

NTSC, FILM = Fraction(30_000, 1001), Fraction(24_000, 1001)
BOTH = ["SHOT", "TECHNICAL_CUE"]


@pytest.fixture(scope="module")
def av() -> object:
    return pytest.importorskip("av", reason="rekog[video] installs PyAV")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(vision="off") as opened:  # segments need no network
        yield opened


def detect(emulator: Emulator, data: bytes, types: list[str] = BOTH, **members: Any) -> dict[str, Any]:
    put_video(emulator, data)
    response = run_job(WireClient(emulator), "SegmentDetection", SegmentTypes=types, **members)
    assert response["JobStatus"] == "SUCCEEDED", response
    return response


def segments(emulator: Emulator, data: bytes, kind: str, **cue_filter: Any) -> list[dict[str, Any]]:
    filters = {"TechnicalCueFilter": cue_filter} if cue_filter else {}
    return list(detect(emulator, data, [kind], **({"Filters": filters} if filters else {}))["Segments"])


def frames_of(found: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(each["StartFrameNumber"], each["EndFrameNumber"]) for each in found]


def millis_of(found: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(each["StartTimestampMillis"], each["EndTimestampMillis"]) for each in found]


def test_cuts_fades_flashes_and_black_frames_of_one_film(emulator: Emulator) -> None:
    mixed, middle = crossfade(scene("palace", 40), scene("cat", 40), 12)
    flashed = scene("coffee", 40)
    flashed[20:22] = plain(2, 255)
    frames = [*flashed, *mixed, *plain(10), *scene("flower", 30)]
    response = detect(emulator, film(frames))
    shots = [each for each in response["Segments"] if each["Type"] == "SHOT"]
    (black,) = (each for each in response["Segments"] if each["Type"] == "TECHNICAL_CUE")
    starts = [each["StartFrameNumber"] for each in shots]
    assert abs(starts.pop(2) - 40 - middle) <= 2
    assert starts == [0, 40, 108, 118]
    assert [each["ShotSegment"]["Index"] for each in shots] == [0, 1, 2, 3, 4]
    assert frames_of([black]) == [(108, 118)]
    assert black["TechnicalCueSegment"] == {"Type": "BlackFrames", "Confidence": 100}
    assert shots[-1]["EndTimestampMillis"] == response["VideoMetadata"][0]["DurationMillis"] == 148 * 40


@pytest.mark.parametrize(
    ("rate", "millis", "codes"),
    [
        (Fraction(25), (1600, 2840), ("00:00:01:15", "00:00:02:21")),
        (NTSC, (1334, 2369), ("00:00:01;10", "00:00:02;11")),
        (FILM, (1668, 2961), ("00:00:01:16", "00:00:02:23")),
    ],
)
def test_a_cut_is_exact_at_each_frame_rate(
    emulator: Emulator, rate: Fraction, millis: tuple[int, int], codes: tuple[str, str]
) -> None:
    first, second = segments(emulator, film([*scene("cat", 40), *scene("coffee", 31)], rate), "SHOT")
    assert millis == (int(40 / rate * 1000), int(71 / rate * 1000))
    assert frames_of([first, second]) == [(0, 40), (40, 71)]
    assert millis_of([first, second]) == [(0, millis[0]), millis]
    assert (second["StartTimecodeSMPTE"], second["EndTimecodeSMPTE"]) == codes


def test_a_cut_at_a_variable_rate_has_the_time_of_its_frame(emulator: Emulator) -> None:
    gaps = [20, 40, 100, 33]
    times = [sum(gaps[each % 4] for each in range(number)) for number in range(60)]
    first, second = segments(emulator, film([*scene("cat", 30), *scene("coffee", 30)], times=times), "SHOT")
    assert (first["EndFrameNumber"], second["StartFrameNumber"], second["EndFrameNumber"]) == (30, 30, 60)
    assert first["EndTimestampMillis"] == second["StartTimestampMillis"] == times[30]


def test_a_turned_film_has_the_same_shots(emulator: Emulator) -> None:
    data = bytearray(film([*scene("cat", 20), *scene("coffee", 20)]))
    matrix = data.index(b"tkhd") + 4 + 40
    one, zero = (0x10000).to_bytes(4, "big"), bytes(4)
    minus_one = (-0x10000).to_bytes(4, "big", signed=True)
    data[matrix : matrix + 36] = zero + one + zero + minus_one + zero * 4 + (0x40000000).to_bytes(4, "big")
    response = detect(emulator, bytes(data), ["SHOT"])
    assert (response["VideoMetadata"][0]["FrameWidth"], response["VideoMetadata"][0]["FrameHeight"]) == (108, 192)
    assert frames_of(response["Segments"]) == [(0, 20), (20, 40)]


@pytest.mark.parametrize("form", ["mov", "avi"])
def test_other_containers_have_the_same_segments(emulator: Emulator, form: str) -> None:
    data = film([*scene("cat", 20), *plain(10), *scene("coffee", 20)], form=form)
    assert frames_of(segments(emulator, data, "SHOT")) == [(0, 20), (20, 30), (30, 50)]
    assert frames_of(segments(emulator, data, "TECHNICAL_CUE")) == [(20, 30)]


def test_the_request_says_which_pixels_are_black(emulator: Emulator) -> None:
    data = film([*scene("cat", 20), *plain(10, 70), *scene("coffee", 20)])  # 70 is 0.27 of the range
    assert segments(emulator, data, "TECHNICAL_CUE") == []
    (found,) = segments(emulator, data, "TECHNICAL_CUE", BlackFrame={"MaxPixelThreshold": 0.3})
    assert frames_of([found]) == [(20, 30)]


def test_the_request_says_how_much_of_a_frame_is_black(emulator: Emulator) -> None:
    dark = plain(10)[0].copy()
    dark[:, :48] = 200  # a quarter
    data = film([*scene("cat", 20), *[dark] * 10, *scene("coffee", 20)])
    assert segments(emulator, data, "TECHNICAL_CUE") == []
    (found,) = segments(emulator, data, "TECHNICAL_CUE", BlackFrame={"MinCoveragePercentage": 70})
    assert frames_of([found]) == [(20, 30)]
    assert found["TechnicalCueSegment"]["Confidence"] == pytest.approx(75, abs=1)
    sure = {"BlackFrame": {"MinCoveragePercentage": 70}, "MinSegmentConfidence": 90}
    assert segments(emulator, data, "TECHNICAL_CUE", **sure) == []


def test_shots_of_low_confidence_are_left_out_and_counted(emulator: Emulator) -> None:
    data = film([*scene("cat", 20), *scene("coffee", 20), *scene("palace", 20)])
    found = segments(emulator, data, "SHOT")
    confidences = sorted(each["ShotSegment"]["Confidence"] for each in found)
    filters = {"ShotFilter": {"MinSegmentConfidence": confidences[-1]}}
    (kept,) = detect(emulator, data, ["SHOT"], Filters=filters)["Segments"]
    assert kept == next(each for each in found if each["ShotSegment"]["Confidence"] == confidences[-1])


def test_declared_segments_replace_those_that_are_seen(emulator: Emulator) -> None:
    data = film([*scene("cat", 20), *scene("coffee", 20)])
    emulator.declare(data, segments=[])
    assert segments(emulator, data, "SHOT") == []


def test_the_part_of_a_damaged_film_that_can_be_decoded_has_segments(emulator: Emulator) -> None:
    whole = film([*scene("cat", 30), *scene("coffee", 30), *scene("palace", 30)], form="avi")
    found = segments(emulator, whole[: len(whole) * 2 // 3], "SHOT")
    assert frames_of(found)[0] == (0, 30)
    assert 45 <= found[-1]["EndFrameNumber"] < 80


def test_a_film_without_a_frame_that_can_be_decoded_fails(emulator: Emulator) -> None:
    whole = bytearray(film(scene("cat", 30)))
    start = whole.index(b"mdat") + 4
    whole[start : start + len(whole) // 2] = bytes(len(whole) // 2)
    put_video(emulator, bytes(whole))
    response = run_job(WireClient(emulator), "SegmentDetection", SegmentTypes=["SHOT"])
    assert response["JobStatus"] == "FAILED"
    assert "can't decode the video" in response["StatusMessage"]


class OldReader:
    """A reader without the method for all frames."""

    def facts(self, file: BinaryIO) -> VideoFacts:
        return VideoFacts(codec="own", duration_millis=1000, format="AVI", frame_rate=25.0, width=64, height=64)

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        return iter(())


def test_a_reader_without_all_frames_is_refused_for_segments() -> None:
    with Emulator(video_reader=OldReader()) as emulator:
        put_video(emulator)
        response = run_job(WireClient(emulator), "SegmentDetection", SegmentTypes=["SHOT"])
    assert response["JobStatus"] == "FAILED"
    assert "the video_reader of this emulator has no method every_frame" in response["StatusMessage"]


def test_jobs_over_several_videos_at_once_have_the_results_of_each_alone(emulator: Emulator) -> None:
    names = ("cat", "coffee", "palace", "flower")
    films = {name: film([*scene(name, 10 + 5 * number), *plain(6)]) for number, name in enumerate(names)}
    for name, data in films.items():
        emulator.put_object("videos", f"{name}.mp4", data)

    def cuts(name: str) -> list[tuple[int, int]]:
        video = {"S3Object": {"Bucket": "videos", "Name": f"{name}.mp4"}}
        wire = WireClient(emulator)
        job = wire("StartSegmentDetection", Video=video, SegmentTypes=["SHOT"]).body
        return frames_of(wire("GetSegmentDetection", **job).body["Segments"])

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(cuts, names * 3))
    lengths = [10 + 5 * number for number in range(len(names))]
    assert found == [[(0, length), (length, length + 6)] for length in lengths] * 3


def test_a_video_that_is_replaced_before_the_job_is_due_is_analysed_anew() -> None:
    clock = ManualClock(1_700_000_000)
    with Emulator(vision="off", clock=clock, durations={"job": 60}) as emulator:
        wire = WireClient(emulator)
        put_video(emulator, film([*scene("cat", 10), *scene("coffee", 10)]))
        job = wire("StartSegmentDetection", Video=VIDEO, SegmentTypes=["SHOT"]).body
        put_video(emulator, film([*scene("cat", 15), *scene("coffee", 10)]))
        clock.advance(60)
        assert frames_of(wire("GetSegmentDetection", **job).body["Segments"]) == [(0, 15), (15, 25)]


def test_a_job_fails_if_its_video_vanishes(tmp_path: Path) -> None:
    clock = ManualClock(1_700_000_000)
    path = tmp_path / "videos" / "trip.mp4"
    path.parent.mkdir()
    path.write_bytes(film(scene("cat", 10)))
    with Emulator(vision="off", clock=clock, durations={"job": 60}, s3_root=tmp_path) as emulator:
        wire = WireClient(emulator)
        job = wire("StartSegmentDetection", Video=VIDEO, SegmentTypes=["SHOT"]).body
        path.unlink()
        clock.advance(60)
        response = wire("GetSegmentDetection", **job).body
    assert (response["JobStatus"], response["Segments"]) == ("FAILED", [])
