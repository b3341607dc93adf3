"""Stored-video jobs: how they start, end, page and are refused; and the faces that are seen in frames."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rekog import RekognitionClient
from rekog.emulator import Emulator, Limits, ManualClock
from rekog.emulator.settings import Durations
from tests.kit.videos import (
    FRAME_SIDE,
    VIDEO,
    VIDEO_NAME,
    frames_of_people,
    photo_frame,
    put_video,
    run_job,
    video_file,
)
from tests.kit.wire import ASTRONAUT, HOPPER, WireClient, WireResponse, plain_image

KINDS: dict[str, dict[str, Any]] = {
    "CelebrityRecognition": {},
    "ContentModeration": {},
    "FaceDetection": {},
    "FaceSearch": {"CollectionId": "people"},
    "LabelDetection": {},
    "PersonTracking": {},
    "SegmentDetection": {"SegmentTypes": ["SHOT"]},
    "TextDetection": {},
}
NOTHING: dict[str, Any] = {
    "celebrities": [], "faces": [], "labels": [], "moderation": [], "persons": [], "segments": [], "text": [],
}  # fmt: skip
LABELS = [{"Timestamp": 100 * number, "Name": f"L{number}"} for number in range(7)]
UNTIL = 60.0
RESULTS = {
    "CelebrityRecognition": "Celebrities",
    "ContentModeration": "ModerationLabels",
    "FaceDetection": "Faces",
    "FaceSearch": "Persons",
    "LabelDetection": "Labels",
    "PersonTracking": "Persons",
    "SegmentDetection": "Segments",
    "TextDetection": "TextDetections",
}


def nothing(kind: str) -> dict[str, object]:
    """Return the lists that an answer without results has."""
    names = [RESULTS[kind], "AudioMetadata"] if kind == "SegmentDetection" else [RESULTS[kind]]
    return {name: list[object]() for name in names}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_000)


@pytest.fixture
def slow_bench(clock: ManualClock) -> Iterator[Emulator]:
    """An emulator whose jobs take a minute, with a video that is declared to show nothing."""
    with Emulator(clock=clock, durations=Durations(job=UNTIL), limits=Limits(concurrent_jobs=2)) as opened:
        put_video(opened, **NOTHING)
        WireClient(opened)("CreateCollection", CollectionId="people")
        yield opened


@pytest.fixture
def later(slow_bench: Emulator) -> WireClient:
    return WireClient(slow_bench)


@pytest.fixture
def labelled(emulator: Emulator) -> Emulator:
    put_video(emulator, labels=LABELS)
    return emulator


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_is_in_progress_without_results_and_then_succeeds(
    later: WireClient, clock: ManualClock, kind: str
) -> None:
    job = later(f"Start{kind}", Video=VIDEO, JobTag="tag", **KINDS[kind]).body["JobId"]
    told = {"JobId": job, "Video": VIDEO, "JobTag": "tag"}
    assert later(f"Get{kind}", JobId=job).body == {"JobStatus": "IN_PROGRESS", **nothing(kind), **told}
    clock.advance(UNTIL - 0.1)
    assert later(f"Get{kind}", JobId=job).body["JobStatus"] == "IN_PROGRESS"
    clock.advance(0.1)
    answer = later(f"Get{kind}", JobId=job).body
    assert answer["JobStatus"] == "SUCCEEDED"
    assert told.items() <= answer.items()


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_id_has_64_hex_digits(later: WireClient, kind: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", later(f"Start{kind}", Video=VIDEO, **KINDS[kind]).body["JobId"])


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_job_is_refused(wire: WireClient, kind: str) -> None:
    assert wire(f"Get{kind}", JobId="nothing").refusal == ("ResourceNotFoundException", "Job nothing does not exist.")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "LabelDetection"])
def test_a_job_of_another_kind_is_refused(later: WireClient, kind: str) -> None:
    job = later("StartLabelDetection", Video=VIDEO).body["JobId"]
    assert later(f"Get{kind}", JobId=job).refusal[0] == "ResourceNotFoundException"


def test_another_regions_job_is_refused(later: WireClient, slow_bench: Emulator) -> None:
    job = later("StartLabelDetection", Video=VIDEO).body["JobId"]
    assert WireClient(slow_bench, "eu-west-1")("GetLabelDetection", JobId=job).refusal[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [{}, {"S3Object": {"Bucket": "videos", "Name": "lost.mp4"}}, {"S3Object": {}}])
def test_a_video_that_is_not_there_is_refused(later: WireClient, kind: str, place: dict[str, Any]) -> None:
    assert later(f"Start{kind}", Video=place, **KINDS[kind]).refusal == (
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
    )


def test_a_search_in_an_unknown_collection_is_refused_before_its_video(wire: WireClient) -> None:
    assert wire("StartFaceSearch", Video={}, CollectionId="nobody").refusal == (
        "ResourceNotFoundException",
        "The collection id: nobody does not exist",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_video_of_too_many_bytes_is_refused(kind: str) -> None:
    with Emulator(limits=Limits(video_bytes=9)) as emulator:
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="people")
        emulator.put_object("videos", "trip.mp4", bytes(9))
        assert wire(f"Start{kind}", Video=VIDEO, **KINDS[kind]).status == 200
        emulator.put_object("videos", "trip.mp4", bytes(10))
        assert wire(f"Start{kind}", Video=VIDEO, **KINDS[kind]).refusal == (
            "VideoTooLargeException",
            "Video size in bytes: 10 is more than the maximum limit of: 9 bytes.",
        )


def test_a_video_declared_longer_than_six_hours_is_refused(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, video={"DurationMillis": 6 * 3_600_000})
    assert wire("StartLabelDetection", Video=VIDEO).status == 200
    put_video(emulator, video={"DurationMillis": 6 * 3_600_000 + 1})
    assert wire("StartLabelDetection", Video=VIDEO).refusal[0] == "VideoTooLargeException"


def test_a_video_that_runs_longer_than_it_may_is_refused() -> None:
    with Emulator(limits=Limits(video_seconds=2)) as emulator:
        put_video(emulator, video_file([plain_image()] * 3))
        assert WireClient(emulator)("StartLabelDetection", Video=VIDEO).refusal == (
            "VideoTooLargeException",
            "Video duration in seconds: 3 is more than the maximum limit of: 2 seconds.",
        )


def test_one_more_job_than_may_run_is_refused_until_one_ends(later: WireClient, clock: ManualClock) -> None:
    started = [later(f"Start{kind}", Video=VIDEO) for kind in ("LabelDetection", "TextDetection", "LabelDetection")]
    assert [answer.status for answer in started] == [200, 200, 400]
    assert started[2].refusal == (
        "LimitExceededException",
        "2 open Jobs for User arn:aws:iam::123456789012:root Maximum limit: 2",
    )
    clock.advance(UNTIL)
    assert later("StartLabelDetection", Video=VIDEO).status == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeated_token_gives_the_same_job_and_takes_no_slot(
    later: WireClient, clock: ManualClock, kind: str
) -> None:
    asked: dict[str, Any] = {"Video": VIDEO, "ClientRequestToken": "again", **KINDS[kind]}
    first = later(f"Start{kind}", **asked).body
    later(f"Start{kind}", **{**asked, "ClientRequestToken": "other"})
    assert later(f"Start{kind}", **asked).body == first  # though both slots are taken
    clock.advance(UNTIL)
    assert later(f"Start{kind}", **asked).body == first  # though it is done


def test_a_token_with_another_tag_is_refused(later: WireClient) -> None:
    later("StartLabelDetection", Video=VIDEO, ClientRequestToken="again")
    assert later("StartLabelDetection", Video=VIDEO, ClientRequestToken="again", JobTag="new").refusal == (
        "IdempotentParameterMismatchException",
        "The ClientRequestToken: again you have supplied is already in use.",
    )


@pytest.mark.parametrize(("one", "same"), [(50, 50.0), (50.0, 50), (0.5, 5e-1), (0, -0.0)])
def test_a_number_is_the_same_however_it_is_written(later: WireClient, one: float, same: float) -> None:
    asked: dict[str, Any] = {"Video": VIDEO, "ClientRequestToken": "again"}
    first = later("StartLabelDetection", **asked, MinConfidence=one).body
    assert later("StartLabelDetection", **asked, MinConfidence=same).body == first


def test_numbers_within_members_and_lists_are_the_same_too(later: WireClient) -> None:
    def start(side: float) -> WireResponse:
        regions = [{"BoundingBox": {"Left": 0, "Top": 0, "Width": side, "Height": 1}}]
        asked: dict[str, Any] = {"Filters": {"RegionsOfInterest": regions}, "ClientRequestToken": "again"}
        return later("StartTextDetection", Video=VIDEO, **asked)

    assert start(1).body == start(1.0).body
    assert start(0.5).refusal[0] == "IdempotentParameterMismatchException"


def test_the_same_token_of_another_operation_is_another(later: WireClient) -> None:
    jobs = [
        later(f"Start{kind}", Video=VIDEO, ClientRequestToken="a").body["JobId"]
        for kind in ("LabelDetection", "TextDetection")
    ]
    assert len(set(jobs)) == 2


def test_many_threads_with_one_token_start_one_job(later: WireClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(later, "StartLabelDetection", Video=VIDEO, ClientRequestToken="one") for _ in range(16)]
        assert len({answer.result().body["JobId"] for answer in asked}) == 1


def test_results_are_kept_for_seven_days(later: WireClient, clock: ManualClock) -> None:
    job = later("StartLabelDetection", Video=VIDEO, ClientRequestToken="again").body
    clock.advance(UNTIL)
    assert later("GetLabelDetection", **job).body["JobStatus"] == "SUCCEEDED"
    clock.advance(7 * 86_400 - 1)
    assert later("GetLabelDetection", **job).status == 200
    clock.advance(1)
    assert later("GetLabelDetection", **job).refusal[0] == "ResourceNotFoundException"
    assert later("StartLabelDetection", Video=VIDEO, ClientRequestToken="again").body != job


def test_results_come_in_pages_that_repeat_what_the_job_is(labelled: Emulator, wire: WireClient) -> None:
    first = run_job(wire, "LabelDetection", JobTag="tag", get={"MaxResults": 3})
    pages = [first]
    while "NextToken" in pages[-1]:
        token = pages[-1]["NextToken"]
        assert len(token) <= 255
        pages.append(wire("GetLabelDetection", JobId=first["JobId"], MaxResults=3, NextToken=token).body)
    assert [[found["Label"]["Name"] for found in page["Labels"]] for page in pages] == [
        ["L0", "L1", "L2"], ["L3", "L4", "L5"], ["L6"],
    ]  # fmt: skip
    rest = [{name: page[name] for name in page if name not in ("Labels", "NextToken")} for page in pages]
    assert rest[0] == rest[1] == rest[2]
    assert rest[0] | {"JobId": "j"} == {
        "JobStatus": "SUCCEEDED", "JobId": "j", "JobTag": "tag", "Video": VIDEO, "LabelModelVersion": "3.0",
        "GetRequestMetadata": {"SortBy": "TIMESTAMP", "AggregateBy": "TIMESTAMPS"},
    }  # fmt: skip


def test_a_page_has_a_thousand_results_at_most(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, labels=[{"Timestamp": number, "Name": "Cat"} for number in range(1001)])
    first = run_job(wire, "LabelDetection", get={"MaxResults": 5000})
    assert len(first["Labels"]) == 1000
    rest = wire("GetLabelDetection", JobId=first["JobId"], NextToken=first["NextToken"]).body
    assert [found["Timestamp"] for found in rest["Labels"]] == [1000]
    assert "NextToken" not in rest


@pytest.mark.parametrize("other", [{"SortBy": "NAME"}, {"AggregateBy": "SEGMENTS"}])
def test_a_page_token_is_good_for_its_order_only(labelled: Emulator, wire: WireClient, other: dict[str, str]) -> None:
    page = run_job(wire, "LabelDetection", get={"MaxResults": 3})
    asked = {"JobId": page["JobId"], "NextToken": page["NextToken"]}
    assert wire("GetLabelDetection", **asked, SortBy="TIMESTAMP").status == 200
    assert wire("GetLabelDetection", **asked, **other).refusal == (
        "InvalidPaginationTokenException",
        "Invalid Pagination Token",
    )


def test_a_page_token_of_another_job_is_refused(labelled: Emulator, wire: WireClient) -> None:
    token = run_job(wire, "LabelDetection", get={"MaxResults": 3})["NextToken"]
    job = wire("StartLabelDetection", Video=VIDEO).body
    assert wire("GetLabelDetection", **job, NextToken=token).refusal[0] == "InvalidPaginationTokenException"


def test_an_altered_page_token_is_refused_even_while_the_job_runs(later: WireClient) -> None:
    job = later("StartLabelDetection", Video=VIDEO).body
    assert later("GetLabelDetection", **job, NextToken="AAAA").refusal[0] == "InvalidPaginationTokenException"


def test_a_page_token_lives_for_a_day(slow_bench: Emulator, later: WireClient, clock: ManualClock) -> None:
    put_video(slow_bench, labels=LABELS)
    job = later("StartLabelDetection", Video=VIDEO).body
    clock.advance(UNTIL + 0.9)
    token = later("GetLabelDetection", **job, MaxResults=3).body["NextToken"]
    clock.advance(24 * 3600)
    assert later("GetLabelDetection", **job, NextToken=token).status == 200
    clock.advance(0.001)
    assert later("GetLabelDetection", **job, NextToken=token).refusal[0] == "InvalidPaginationTokenException"


def test_the_clients_waiter_and_pages_work_with_a_clock_moved_at_each_poll(
    slow_bench: Emulator, clock: ManualClock
) -> None:
    put_video(slow_bench, labels=LABELS)
    states: list[object] = []

    def on_poll(poll: object) -> None:
        states.append(poll)
        clock.advance(UNTIL / 2)

    with RekognitionClient.local(slow_bench) as client:
        job = client.start_label_detection(VIDEO_NAME).job_id
        answer = client.wait_until_label_detection_completed(job, delay=0, on_poll=on_poll)
        assert answer.job_status == "SUCCEEDED"
        assert len(states) == 3
        assert len(list(client.paginate_get_label_detection(job, page_size=2))) == len(LABELS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("Face")])
def test_what_is_neither_declared_nor_seen_fails_and_says_so(emulator: Emulator, wire: WireClient, kind: str) -> None:
    put_video(emulator)
    answer = run_job(wire, kind, **KINDS[kind])
    assert answer["JobStatus"] == "FAILED"
    assert "invents nothing" in answer["StatusMessage"]
    assert set(answer) == {"JobStatus", "StatusMessage", "JobId", "Video", *nothing(kind)}
    assert nothing(kind).items() <= answer.items()


def test_faces_of_an_undecodable_video_fail_unless_declared(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator)
    answer = run_job(wire, "FaceDetection")
    assert answer["JobStatus"] == "FAILED"
    assert "can't decode the video" in answer["StatusMessage"]


def test_what_is_declared_of_an_image_is_nothing_of_a_video(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, labels=["Cat"])
    answer = run_job(wire, "LabelDetection")
    assert (answer["JobStatus"], answer["StatusMessage"]) == (
        "FAILED",
        "the labels declared for this object are those of an image",
    )


def test_what_is_declared_while_the_job_runs_counts(
    slow_bench: Emulator, later: WireClient, clock: ManualClock
) -> None:
    job = later("StartLabelDetection", Video=VIDEO).body
    slow_bench.declare(VIDEO_NAME, labels=LABELS)
    clock.advance(UNTIL)
    assert len(later("GetLabelDetection", **job).body["Labels"]) == len(LABELS)


def test_what_is_declared_of_the_files_bytes_comes_before_its_place(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, b"some video", labels=LABELS)
    emulator.declare(b"some video", labels=LABELS[:1])
    assert len(run_job(wire, "LabelDetection")["Labels"]) == 1


def test_a_collection_that_is_gone_when_its_job_ends_makes_it_fail(later: WireClient, clock: ManualClock) -> None:
    collection = {"CollectionId": "people"}
    job = later("StartFaceSearch", Video=VIDEO, **collection).body
    later("DeleteCollection", **collection)
    clock.advance(UNTIL)
    answer = later("GetFaceSearch", **job).body
    assert (answer["JobStatus"], answer["StatusMessage"]) == ("FAILED", "The collection id: people does not exist")


def test_a_job_goes_on_after_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    with Emulator(data=tmp_path, clock=clock, durations=Durations(job=UNTIL)) as emulator:
        put_video(emulator, labels=LABELS)
        job = WireClient(emulator)("StartLabelDetection", Video=VIDEO).body
    clock.advance(UNTIL)
    with Emulator(data=tmp_path, clock=clock) as emulator:
        put_video(emulator)
        assert len(WireClient(emulator)("GetLabelDetection", **job).body["Labels"]) == len(LABELS)


def test_many_threads_that_ask_at_once_look_at_the_video_once() -> None:
    looks: list[object] = []

    class Slow:
        def detect(self, image: object) -> list[Any]:
            looks.append(image)
            time.sleep(0.02)
            return []

    with Emulator(face_detector=Slow()) as emulator, ThreadPoolExecutor(8) as pool:
        wire = WireClient(emulator)
        put_video(emulator, video_file([plain_image(FRAME_SIDE, FRAME_SIDE)]))
        job = wire("StartFaceDetection", Video=VIDEO).body
        asked = [pool.submit(wire, "GetFaceDetection", **job) for _ in range(8)]
        assert {answer.result().body["JobStatus"] for answer in asked} == {"SUCCEEDED"}
    assert len(looks) == 2


def test_a_missing_decoder_is_named_with_what_to_install_and_declared_jobs_run_without_it() -> None:
    code = """
import sys
sys.modules["av"] = None
from rekog.emulator import Emulator
from tests.kit.videos import put_video, run_job
from tests.kit.wire import WireClient
with Emulator() as emulator:
    put_video(emulator, labels=[])
    wire = WireClient(emulator)
    print(run_job(wire, "LabelDetection")["JobStatus"], run_job(wire, "FaceDetection")["StatusMessage"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("SUCCEEDED")
    assert 'the package av, which is not installed: pip install "rekog[video]"' in done.stdout


def test_a_detector_that_breaks_makes_the_job_fail_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def detect(self, image: object) -> list[Any]:
            raise RuntimeError("no eyes")

    with Emulator(face_detector=Broken()) as emulator:
        put_video(emulator, video_file([plain_image(FRAME_SIDE, FRAME_SIDE)]))
        answer = run_job(WireClient(emulator), "FaceDetection")
    assert (answer["JobStatus"], answer["StatusMessage"]) == ("FAILED", "The emulator failed; its log has the cause.")
    assert "no eyes" in caplog.text


def test_faces_are_seen_in_two_frames_a_second(eyes_emulator: Emulator) -> None:
    wire = WireClient(eyes_emulator)
    put_video(eyes_emulator, video_file(frames_of_people()))
    answer = run_job(wire, "FaceDetection", get={"MaxResults": 3})
    assert answer["VideoMetadata"] == {
        "Codec": "mpeg4", "DurationMillis": 3000, "Format": "MP4", "FrameRate": 10.0, "FrameHeight": FRAME_SIDE,
        "FrameWidth": FRAME_SIDE,
    }  # fmt: skip
    rest = wire("GetFaceDetection", JobId=answer["JobId"], NextToken=answer["NextToken"]).body
    found = answer["Faces"] + rest["Faces"]
    assert [face["Timestamp"] for face in found] == [0, 500, 1000, 1500]  # nobody from 2000 on
    assert set(found[0]["Face"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
    box = found[0]["Face"]["BoundingBox"]
    assert [box["Left"], box["Top"], box["Width"], box["Height"]] == pytest.approx([0.35, 0.12, 0.18, 0.22], abs=0.03)


def test_all_attributes_of_seen_faces_are_not_invented(eyes_emulator: Emulator) -> None:
    put_video(eyes_emulator, video_file(frames_of_people()))
    answer = run_job(WireClient(eyes_emulator), "FaceDetection", FaceAttributes="ALL")
    assert answer["JobStatus"] == "FAILED"
    assert "can't tell AGE_RANGE, BEARD" in answer["StatusMessage"]


def test_a_face_search_finds_who_is_in_the_collection_and_numbers_persons(eyes_emulator: Emulator) -> None:
    wire = WireClient(eyes_emulator)
    wire("CreateCollection", CollectionId="known")
    for path, name in ((ASTRONAUT, "astronaut"), (HOPPER, "hopper")):
        wire("IndexFaces", CollectionId="known", Image={"Bytes": path.read_bytes()}, ExternalImageId=name)
    astronaut, hopper = photo_frame(ASTRONAUT), photo_frame(HOPPER)
    put_video(eyes_emulator, video_file([astronaut, hopper, astronaut]))
    found = run_job(wire, "FaceSearch", CollectionId="known")["Persons"]
    who = [
        (one["Timestamp"], one["Person"]["Index"], one["FaceMatches"][0]["Face"]["ExternalImageId"]) for one in found
    ]
    assert who == [
        (0, 0, "astronaut"), (500, 0, "astronaut"), (1000, 1, "hopper"), (1500, 1, "hopper"),
        (2000, 0, "astronaut"), (2500, 0, "astronaut"),
    ]  # fmt: skip
    assert all(one["FaceMatches"][0]["Similarity"] >= 80 for one in found)
    by_person = run_job(wire, "FaceSearch", CollectionId="known", get={"SortBy": "INDEX"})["Persons"]
    assert [one["Person"]["Index"] for one in by_person] == [0, 0, 0, 0, 1, 1]


def test_persons_whom_the_collection_does_not_know_are_left_out(eyes_emulator: Emulator) -> None:
    wire = WireClient(eyes_emulator)
    wire("CreateCollection", CollectionId="hoppers")
    wire("IndexFaces", CollectionId="hoppers", Image={"Bytes": HOPPER.read_bytes()})
    put_video(eyes_emulator, video_file(frames_of_people()))
    found = run_job(wire, "FaceSearch", CollectionId="hoppers")["Persons"]
    assert [(one["Timestamp"], one["Person"]["Index"]) for one in found] == [(1000, 1), (1500, 1)]
    put_video(eyes_emulator, video_file([plain_image(FRAME_SIDE, FRAME_SIDE)]))
    assert run_job(wire, "FaceSearch", CollectionId="hoppers")["JobStatus"] == "SUCCEEDED"


def test_a_quicktime_file_and_an_avi_are_told_by_their_format(emulator: Emulator, wire: WireClient) -> None:
    for form, name in (("mov", "MOV"), ("avi", "AVI")):
        put_video(emulator, video_file([plain_image()], form=form), labels=[])
        metadata = run_job(wire, "LabelDetection")["VideoMetadata"]
        assert (metadata["Format"], metadata["DurationMillis"]) == (name, 1000)


def test_another_container_is_no_video(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, video_file([plain_image()], form="matroska"), labels=[])
    assert "VideoMetadata" not in run_job(wire, "LabelDetection")
    assert run_job(wire, "FaceDetection")["JobStatus"] == "FAILED"


def test_metadata_of_an_undecodable_video_is_what_was_declared(emulator: Emulator, wire: WireClient) -> None:
    said = {"Codec": "h264", "Format": "MOV", "FrameRate": 25.0, "ColorRange": "LIMITED"}
    put_video(emulator, labels=[], video=said)
    assert run_job(wire, "LabelDetection")["VideoMetadata"] == said


def test_a_long_video_is_looked_at_in_a_bounded_number_of_frames() -> None:
    looks: list[object] = []

    class Counting:
        def detect(self, image: object) -> list[Any]:
            looks.append(image)
            return []

    with Emulator(face_detector=Counting()) as emulator:
        put_video(emulator, video_file([plain_image(96, 96)], each=600, rate=1))
        assert run_job(WireClient(emulator), "FaceDetection")["JobStatus"] == "SUCCEEDED"
    assert 0 < len(looks) <= 241


def test_a_frame_that_players_turn_is_looked_at_as_it_is_seen(eyes_emulator: Emulator) -> None:
    data = bytearray(video_file([photo_frame(ASTRONAUT).rotate(90)]))
    matrix = data.index(b"tkhd") + 4 + 40
    one, zero = (0x10000).to_bytes(4, "big"), bytes(4)
    # rows (a b u), (c d v), (x y w): a quarter turn clockwise, so the picture that lies on its left side stands up
    turn = (
        zero
        + one
        + zero
        + (-0x10000).to_bytes(4, "big", signed=True)
        + zero * 2
        + zero * 2
        + (0x40000000).to_bytes(4, "big")
    )
    data[matrix : matrix + 36] = turn
    put_video(eyes_emulator, bytes(data))
    (face, _) = run_job(WireClient(eyes_emulator), "FaceDetection")["Faces"]
    assert face["Face"]["BoundingBox"]["Top"] == pytest.approx(0.12, abs=0.03)
    assert abs(face["Face"]["Pose"]["Roll"]) < 20


@pytest.fixture(scope="module")
def eyes_emulator() -> Iterator[Emulator]:
    """An emulator whose networks are loaded once."""
    with Emulator() as opened:
        yield opened
