"""Stored-video jobs: start, end, pages, errors, and faces detected in frames."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rekog import RekognitionClient
from rekog.emulator import Corners, DecodedImage, Emulator, Limits, ManualClock, Point, TextLine, TextWord
from rekog.emulator.settings import Durations
from tests.kit.colour_faces import ColourFaceDetector
from tests.kit.printed import Printed, printed
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
SEEN = ("FaceDetection", "FaceSearch", "TextDetection")
"""Kinds of jobs that analyse the frames of a video."""
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
    """Return the empty lists of a response without results."""
    names = [RESULTS[kind], "AudioMetadata"] if kind == "SegmentDetection" else [RESULTS[kind]]
    return {name: list[object]() for name in names}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_000)


@pytest.fixture
def slow_emulator(clock: ManualClock) -> Iterator[Emulator]:
    """An emulator whose jobs take a minute, with a video that is declared to be empty."""
    with Emulator(clock=clock, durations=Durations(job=UNTIL), limits=Limits(concurrent_jobs=2)) as opened:
        put_video(opened, **NOTHING)
        WireClient(opened)("CreateCollection", CollectionId="people")
        yield opened


@pytest.fixture
def slow_wire(slow_emulator: Emulator) -> WireClient:
    return WireClient(slow_emulator)


@pytest.fixture
def labelled(emulator: Emulator) -> Emulator:
    put_video(emulator, labels=LABELS)
    return emulator


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_is_in_progress_without_results_and_then_succeeds(
    slow_wire: WireClient, clock: ManualClock, kind: str
) -> None:
    job = slow_wire(f"Start{kind}", Video=VIDEO, JobTag="tag", **KINDS[kind]).body["JobId"]
    reported = {"JobId": job, "Video": VIDEO, "JobTag": "tag"}
    assert slow_wire(f"Get{kind}", JobId=job).body == {"JobStatus": "IN_PROGRESS", **nothing(kind), **reported}
    clock.advance(UNTIL - 0.1)
    assert slow_wire(f"Get{kind}", JobId=job).body["JobStatus"] == "IN_PROGRESS"
    clock.advance(0.1)
    response = slow_wire(f"Get{kind}", JobId=job).body
    assert response["JobStatus"] == "SUCCEEDED"
    assert reported.items() <= response.items()


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_id_has_64_hex_digits(slow_wire: WireClient, kind: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", slow_wire(f"Start{kind}", Video=VIDEO, **KINDS[kind]).body["JobId"])


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_job_is_refused(wire: WireClient, kind: str) -> None:
    assert wire(f"Get{kind}", JobId="nothing").refusal == ("ResourceNotFoundException", "Job nothing does not exist.")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "LabelDetection"])
def test_a_job_of_another_kind_is_refused(slow_wire: WireClient, kind: str) -> None:
    job = slow_wire("StartLabelDetection", Video=VIDEO).body["JobId"]
    assert slow_wire(f"Get{kind}", JobId=job).refusal[0] == "ResourceNotFoundException"


def test_a_job_of_another_region_is_refused(slow_wire: WireClient, slow_emulator: Emulator) -> None:
    job = slow_wire("StartLabelDetection", Video=VIDEO).body["JobId"]
    assert (
        WireClient(slow_emulator, "eu-west-1")("GetLabelDetection", JobId=job).refusal[0] == "ResourceNotFoundException"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [{}, {"S3Object": {"Bucket": "videos", "Name": "lost.mp4"}}, {"S3Object": {}}])
def test_a_missing_video_is_refused(slow_wire: WireClient, kind: str, place: dict[str, Any]) -> None:
    assert slow_wire(f"Start{kind}", Video=place, **KINDS[kind]).refusal == (
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


def test_a_video_longer_than_the_limit_is_refused() -> None:
    with Emulator(limits=Limits(video_seconds=2)) as emulator:
        put_video(emulator, video_file([plain_image()] * 3))
        assert WireClient(emulator)("StartLabelDetection", Video=VIDEO).refusal == (
            "VideoTooLargeException",
            "Video duration in seconds: 3 is more than the maximum limit of: 2 seconds.",
        )


def test_a_job_beyond_the_limit_is_refused_until_another_ends(slow_wire: WireClient, clock: ManualClock) -> None:
    started = [slow_wire(f"Start{kind}", Video=VIDEO) for kind in ("LabelDetection", "TextDetection", "LabelDetection")]
    assert [response.status for response in started] == [200, 200, 400]
    assert started[2].refusal == (
        "LimitExceededException",
        "2 open Jobs for User arn:aws:iam::123456789012:root Maximum limit: 2",
    )
    clock.advance(UNTIL)
    assert slow_wire("StartLabelDetection", Video=VIDEO).status == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeated_token_returns_the_same_job_without_a_slot(
    slow_wire: WireClient, clock: ManualClock, kind: str
) -> None:
    request_members: dict[str, Any] = {"Video": VIDEO, "ClientRequestToken": "again", **KINDS[kind]}
    first = slow_wire(f"Start{kind}", **request_members).body
    slow_wire(f"Start{kind}", **{**request_members, "ClientRequestToken": "other"})
    assert slow_wire(f"Start{kind}", **request_members).body == first  # though both slots are taken
    clock.advance(UNTIL)
    assert slow_wire(f"Start{kind}", **request_members).body == first  # though it is done


def test_a_token_with_another_tag_is_refused(slow_wire: WireClient) -> None:
    slow_wire("StartLabelDetection", Video=VIDEO, ClientRequestToken="again")
    assert slow_wire("StartLabelDetection", Video=VIDEO, ClientRequestToken="again", JobTag="new").refusal == (
        "IdempotentParameterMismatchException",
        "The ClientRequestToken: again you have supplied is already in use.",
    )


@pytest.mark.parametrize(("one", "same"), [(50, 50.0), (50.0, 50), (0.5, 5e-1), (0, -0.0)])
def test_equal_numbers_written_differently_are_the_same_request(slow_wire: WireClient, one: float, same: float) -> None:
    request_members: dict[str, Any] = {"Video": VIDEO, "ClientRequestToken": "again"}
    first = slow_wire("StartLabelDetection", **request_members, MinConfidence=one).body
    assert slow_wire("StartLabelDetection", **request_members, MinConfidence=same).body == first


def test_equal_numbers_in_members_and_lists_are_the_same_request(slow_wire: WireClient) -> None:
    def start(side: float) -> WireResponse:
        regions = [{"BoundingBox": {"Left": 0, "Top": 0, "Width": side, "Height": 1}}]
        request_members: dict[str, Any] = {"Filters": {"RegionsOfInterest": regions}, "ClientRequestToken": "again"}
        return slow_wire("StartTextDetection", Video=VIDEO, **request_members)

    assert start(1).body == start(1.0).body
    assert start(0.5).refusal[0] == "IdempotentParameterMismatchException"


def test_the_same_token_in_another_operation_is_independent(slow_wire: WireClient) -> None:
    jobs = [
        slow_wire(f"Start{kind}", Video=VIDEO, ClientRequestToken="a").body["JobId"]
        for kind in ("LabelDetection", "TextDetection")
    ]
    assert len(set(jobs)) == 2


def test_many_threads_with_one_token_start_one_job(slow_wire: WireClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        futures = [
            pool.submit(slow_wire, "StartLabelDetection", Video=VIDEO, ClientRequestToken="one") for _ in range(16)
        ]
        assert len({response.result().body["JobId"] for response in futures}) == 1


def test_results_are_kept_for_seven_days(slow_wire: WireClient, clock: ManualClock) -> None:
    job = slow_wire("StartLabelDetection", Video=VIDEO, ClientRequestToken="again").body
    clock.advance(UNTIL)
    assert slow_wire("GetLabelDetection", **job).body["JobStatus"] == "SUCCEEDED"
    clock.advance(7 * 86_400 - 1)
    assert slow_wire("GetLabelDetection", **job).status == 200
    clock.advance(1)
    assert slow_wire("GetLabelDetection", **job).refusal[0] == "ResourceNotFoundException"
    assert slow_wire("StartLabelDetection", Video=VIDEO, ClientRequestToken="again").body != job


def test_every_page_of_results_repeats_the_job(labelled: Emulator, wire: WireClient) -> None:
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


def test_a_page_has_at_most_1000_results(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, labels=[{"Timestamp": number, "Name": "Cat"} for number in range(1001)])
    first = run_job(wire, "LabelDetection", get={"MaxResults": 5000})
    assert len(first["Labels"]) == 1000
    rest = wire("GetLabelDetection", JobId=first["JobId"], NextToken=first["NextToken"]).body
    assert [found["Timestamp"] for found in rest["Labels"]] == [1000]
    assert "NextToken" not in rest


@pytest.mark.parametrize("other", [{"SortBy": "NAME"}, {"AggregateBy": "SEGMENTS"}])
def test_a_page_token_is_valid_for_its_order_only(labelled: Emulator, wire: WireClient, other: dict[str, str]) -> None:
    page = run_job(wire, "LabelDetection", get={"MaxResults": 3})
    request_members = {"JobId": page["JobId"], "NextToken": page["NextToken"]}
    assert wire("GetLabelDetection", **request_members, SortBy="TIMESTAMP").status == 200
    assert wire("GetLabelDetection", **request_members, **other).refusal == (
        "InvalidPaginationTokenException",
        "Invalid Pagination Token",
    )


def test_a_page_token_of_another_job_is_refused(labelled: Emulator, wire: WireClient) -> None:
    token = run_job(wire, "LabelDetection", get={"MaxResults": 3})["NextToken"]
    job = wire("StartLabelDetection", Video=VIDEO).body
    assert wire("GetLabelDetection", **job, NextToken=token).refusal[0] == "InvalidPaginationTokenException"


def test_an_altered_page_token_is_refused_even_while_the_job_runs(slow_wire: WireClient) -> None:
    job = slow_wire("StartLabelDetection", Video=VIDEO).body
    assert slow_wire("GetLabelDetection", **job, NextToken="AAAA").refusal[0] == "InvalidPaginationTokenException"


def test_a_page_token_lives_for_a_day(slow_emulator: Emulator, slow_wire: WireClient, clock: ManualClock) -> None:
    put_video(slow_emulator, labels=LABELS)
    job = slow_wire("StartLabelDetection", Video=VIDEO).body
    clock.advance(UNTIL + 0.9)
    token = slow_wire("GetLabelDetection", **job, MaxResults=3).body["NextToken"]
    clock.advance(24 * 3600)
    assert slow_wire("GetLabelDetection", **job, NextToken=token).status == 200
    clock.advance(0.001)
    assert slow_wire("GetLabelDetection", **job, NextToken=token).refusal[0] == "InvalidPaginationTokenException"


def test_the_clients_waiter_and_pages_work_with_a_clock_moved_at_each_poll(
    slow_emulator: Emulator, clock: ManualClock
) -> None:
    put_video(slow_emulator, labels=LABELS)
    states: list[object] = []

    def on_poll(poll: object) -> None:
        states.append(poll)
        clock.advance(UNTIL / 2)

    with RekognitionClient.local(slow_emulator) as client:
        job = client.start_label_detection(VIDEO_NAME).job_id
        response = client.wait_until_label_detection_completed(job, delay=0, on_poll=on_poll)
        assert response.job_status == "SUCCEEDED"
        assert len(states) == 3
        assert len(list(client.paginate_get_label_detection(job, page_size=2))) == len(LABELS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in SEEN])
def test_a_job_without_known_content_fails_with_a_message(emulator: Emulator, wire: WireClient, kind: str) -> None:
    put_video(emulator)
    response = run_job(wire, kind, **KINDS[kind])
    assert response["JobStatus"] == "FAILED"
    seen_in_frames = kind == "LabelDetection"
    text = "can't decode the video and does not make up values" if seen_in_frames else "does not make up values"
    assert text in response["StatusMessage"]
    seen_in_frames = kind == "ContentModeration"
    assert set(response) == {"JobStatus", "StatusMessage", "JobId", "Video", *nothing(kind)}
    assert nothing(kind).items() <= response.items()


@pytest.mark.parametrize("kind", SEEN)
def test_a_job_fails_for_an_undecodable_video_unless_its_content_is_declared(
    emulator: Emulator, wire: WireClient, kind: str
) -> None:
    wire("CreateCollection", CollectionId="people")
    put_video(emulator)
    response = run_job(wire, kind, **KINDS[kind])
    assert response["JobStatus"] == "FAILED"
    assert "can't decode the video" in response["StatusMessage"]


def test_content_declared_for_an_image_does_not_serve_a_video(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, labels=["Cat"])
    response = run_job(wire, "LabelDetection")
    assert (response["JobStatus"], response["StatusMessage"]) == (
        "FAILED",
        "the labels declared for this object are those of an image",
    )


def test_content_declared_while_the_job_runs_is_used(
    slow_emulator: Emulator, slow_wire: WireClient, clock: ManualClock
) -> None:
    job = slow_wire("StartLabelDetection", Video=VIDEO).body
    slow_emulator.declare(VIDEO_NAME, labels=LABELS)
    clock.advance(UNTIL)
    assert len(slow_wire("GetLabelDetection", **job).body["Labels"]) == len(LABELS)


def test_content_declared_for_the_bytes_wins_over_that_for_the_object(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, b"some video", labels=LABELS)
    emulator.declare(b"some video", labels=LABELS[:1])
    assert len(run_job(wire, "LabelDetection")["Labels"]) == 1


def test_a_job_fails_if_its_collection_was_deleted_before_its_end(slow_wire: WireClient, clock: ManualClock) -> None:
    collection = {"CollectionId": "people"}
    job = slow_wire("StartFaceSearch", Video=VIDEO, **collection).body
    slow_wire("DeleteCollection", **collection)
    clock.advance(UNTIL)
    response = slow_wire("GetFaceSearch", **job).body
    assert (response["JobStatus"], response["StatusMessage"]) == ("FAILED", "The collection id: people does not exist")


def test_a_job_continues_after_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    with Emulator(data=tmp_path, clock=clock, durations=Durations(job=UNTIL)) as emulator:
        put_video(emulator, labels=LABELS)
        job = WireClient(emulator)("StartLabelDetection", Video=VIDEO).body
    clock.advance(UNTIL)
    with Emulator(data=tmp_path, clock=clock) as emulator:
        put_video(emulator)
        assert len(WireClient(emulator)("GetLabelDetection", **job).body["Labels"]) == len(LABELS)


def test_concurrent_requests_analyse_the_video_once() -> None:
    analysed: list[object] = []

    class Slow:
        def detect(self, image: object) -> list[Any]:
            analysed.append(image)
            time.sleep(0.02)
            return []

    with Emulator(face_detector=Slow()) as emulator, ThreadPoolExecutor(8) as pool:
        wire = WireClient(emulator)
        put_video(emulator, video_file([plain_image(FRAME_SIDE, FRAME_SIDE)]))
        job = wire("StartFaceDetection", Video=VIDEO).body
        futures = [pool.submit(wire, "GetFaceDetection", **job) for _ in range(8)]
        assert {response.result().body["JobStatus"] for response in futures} == {"SUCCEEDED"}
    assert len(analysed) == 2


@pytest.mark.slow
def test_a_missing_decoder_is_reported_with_the_package_to_install_and_declared_jobs_run_without_it() -> None:
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
    assert "the package av, which is not installed: pip install '.[video]' in a clone of rekog" in done.stdout


def test_an_error_in_a_detector_fails_the_job_only(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def detect(self, image: object) -> list[Any]:
            raise RuntimeError("no eyes")

    with Emulator(face_detector=Broken()) as emulator:
        put_video(emulator, video_file([plain_image(FRAME_SIDE, FRAME_SIDE)]))
        response = run_job(WireClient(emulator), "FaceDetection")
    assert (response["JobStatus"], response["StatusMessage"]) == (
        "FAILED",
        "The emulator failed; its log has the cause.",
    )
    assert "no eyes" in caplog.text


@pytest.mark.slow
def test_faces_are_detected_in_two_frames_per_second(shared_emulator: Emulator) -> None:
    wire = WireClient(shared_emulator)
    put_video(shared_emulator, video_file(frames_of_people()))
    response = run_job(wire, "FaceDetection", get={"MaxResults": 3})
    assert response["VideoMetadata"] == {
        "Codec": "mpeg4", "DurationMillis": 3000, "Format": "QuickTime / MOV", "FrameRate": 10.0,
        "FrameHeight": FRAME_SIDE, "FrameWidth": FRAME_SIDE,
    }  # fmt: skip
    rest = wire("GetFaceDetection", JobId=response["JobId"], NextToken=response["NextToken"]).body
    found = response["Faces"] + rest["Faces"]
    assert [face["Timestamp"] for face in found] == [0, 500, 1000, 1500]  # no face from 2000 on
    assert set(found[0]["Face"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
    box = found[0]["Face"]["BoundingBox"]
    assert [box["Left"], box["Top"], box["Width"], box["Height"]] == pytest.approx([0.35, 0.12, 0.18, 0.22], abs=0.03)


@pytest.mark.slow
def test_faces_of_a_video_have_the_attributes_that_are_seen(shared_emulator: Emulator) -> None:
    put_video(shared_emulator, video_file([photo_frame(ASTRONAUT)]))
    wire = WireClient(shared_emulator)
    plain, full = (
        run_job(wire, "FaceDetection", FaceAttributes=name)["Faces"][0]["Face"] for name in ("DEFAULT", "ALL")
    )
    added = "AgeRange Beard Emotions Eyeglasses EyesOpen Gender MouthOpen Mustache Smile Sunglasses".split()
    assert set(full) == {*plain, *added}
    assert (full["Gender"]["Value"], full["Smile"]["Value"], len(full["Landmarks"])) == ("Female", True, 30)


def test_attributes_of_detected_faces_are_not_invented() -> None:
    with Emulator(vision="off") as emulator:
        put_video(emulator, video_file(frames_of_people()))
        response = run_job(WireClient(emulator), "FaceDetection", FaceAttributes="ALL")
    assert response["JobStatus"] == "FAILED"
    assert "does not make up values: AGE_RANGE, BEARD" in response["StatusMessage"]


def test_a_face_search_finds_persons_of_the_collection_and_numbers_them(shared_emulator: Emulator) -> None:
    wire = WireClient(shared_emulator)
    wire("CreateCollection", CollectionId="known")
    for path, name in ((ASTRONAUT, "astronaut"), (HOPPER, "hopper")):
        wire("IndexFaces", CollectionId="known", Image={"Bytes": path.read_bytes()}, ExternalImageId=name)
    astronaut, hopper = photo_frame(ASTRONAUT), photo_frame(HOPPER)
    put_video(shared_emulator, video_file([astronaut, hopper, astronaut]))
    found = run_job(wire, "FaceSearch", CollectionId="known")["Persons"]
    person = [
        (one["Timestamp"], one["Person"]["Index"], one["FaceMatches"][0]["Face"]["ExternalImageId"]) for one in found
    ]
    assert person == [
        (0, 0, "astronaut"), (500, 0, "astronaut"), (1000, 1, "hopper"), (1500, 1, "hopper"),
        (2000, 0, "astronaut"), (2500, 0, "astronaut"),
    ]  # fmt: skip
    assert all(one["FaceMatches"][0]["Similarity"] >= 80 for one in found)
    by_person = run_job(wire, "FaceSearch", CollectionId="known", get={"SortBy": "INDEX"})["Persons"]
    assert [one["Person"]["Index"] for one in by_person] == [0, 0, 0, 0, 1, 1]


def colour_at(degrees: float) -> tuple[int, int, int]:
    """Return a colour between red and green whose vector has this angle to that of red."""
    return round(255 * math.cos(math.radians(degrees))), round(255 * math.sin(math.radians(degrees))), 0


def test_a_person_without_an_identity_is_recognised_by_the_mean_of_its_faces() -> None:
    # the third face is like the mean of the first two, at 27.5 degrees, and unlike the first
    frames = [Image.new("RGB", (128, 128), colour_at(degrees)) for degrees in (0, 55, 85)]
    with Emulator(face_detector=ColourFaceDetector(), face_embedder=ColourFaceDetector()) as emulator:
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="people")
        put_video(emulator, video_file(frames, each=5))
        found = run_job(wire, "FaceSearch", CollectionId="people")["Persons"]
        assert [(one["Timestamp"], one["Person"]["Index"]) for one in found] == [(0, 0), (500, 0), (1000, 0)]
        put_video(emulator, video_file([frames[0], frames[2]], each=5))
        found = run_job(wire, "FaceSearch", CollectionId="people")["Persons"]
        assert [one["Person"]["Index"] for one in found] == [0, 1]


@pytest.mark.slow
def test_persons_not_in_the_collection_have_no_matches(shared_emulator: Emulator) -> None:
    wire = WireClient(shared_emulator)
    wire("CreateCollection", CollectionId="hoppers")
    wire("IndexFaces", CollectionId="hoppers", Image={"Bytes": HOPPER.read_bytes()})
    put_video(shared_emulator, video_file(frames_of_people()))
    found = run_job(wire, "FaceSearch", CollectionId="hoppers")["Persons"]
    assert [(one["Timestamp"], one["Person"]["Index"], len(one["FaceMatches"])) for one in found] == [
        (0, 0, 0), (500, 0, 0), (1000, 1, 1), (1500, 1, 1),
    ]  # fmt: skip
    put_video(shared_emulator, video_file([plain_image(FRAME_SIDE, FRAME_SIDE)]))
    assert run_job(wire, "FaceSearch", CollectionId="hoppers")["JobStatus"] == "SUCCEEDED"


def test_the_format_of_quicktime_and_avi_files_is_reported(emulator: Emulator, wire: WireClient) -> None:
    for form, name in (("mov", "QuickTime / MOV"), ("avi", "AVI")):
        put_video(emulator, video_file([plain_image()], form=form), labels=[])
        metadata = run_job(wire, "LabelDetection")["VideoMetadata"]
        assert (metadata["Format"], metadata["DurationMillis"]) == (name, 1000)


def test_an_unsupported_container_is_not_decoded(emulator: Emulator, wire: WireClient) -> None:
    put_video(emulator, video_file([plain_image()], form="matroska"), labels=[])
    assert "VideoMetadata" not in run_job(wire, "LabelDetection")
    assert run_job(wire, "FaceDetection")["JobStatus"] == "FAILED"


def test_metadata_of_an_undecodable_video_is_the_declared_one(emulator: Emulator, wire: WireClient) -> None:
    reported = {"Codec": "h264", "Format": "MOV", "FrameRate": 25.0, "ColorRange": "LIMITED"}
    put_video(emulator, labels=[], video=reported)
    assert run_job(wire, "LabelDetection")["VideoMetadata"] == reported


def test_a_long_video_is_analysed_in_a_limited_number_of_frames() -> None:
    analysed: list[object] = []

    class Counting:
        def detect(self, image: object) -> list[Any]:
            analysed.append(image)
            return []

    with Emulator(face_detector=Counting()) as emulator:
        put_video(emulator, video_file([plain_image(96, 96)], each=600, rate=1))
        assert run_job(WireClient(emulator), "FaceDetection")["JobStatus"] == "SUCCEEDED"
    assert 0 < len(analysed) <= 241


def test_a_frame_with_a_rotation_flag_is_analysed_upright(shared_emulator: Emulator) -> None:
    data = bytearray(video_file([photo_frame(ASTRONAUT).rotate(90)]))
    matrix = data.index(b"tkhd") + 4 + 40
    one, zero = (0x10000).to_bytes(4, "big"), bytes(4)
    # rows (a b u), (c d v), (x y w): a quarter turn clockwise, which turns the image upright
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
    put_video(shared_emulator, bytes(data))
    (face, _) = run_job(WireClient(shared_emulator), "FaceDetection")["Faces"]
    assert face["Face"]["BoundingBox"]["Top"] == pytest.approx(0.12, abs=0.03)
    assert abs(face["Face"]["Pose"]["Roll"]) < 20


@pytest.fixture(scope="module")
def shared_emulator() -> Iterator[Emulator]:
    """An emulator whose networks are loaded once for all tests."""
    with Emulator() as opened:
        yield opened


class Numbering:
    """A text detector whose every line is the number of its call."""

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, image: DecodedImage) -> list[TextLine]:
        self.calls += 1
        box = Corners(Point(0, 0), Point(image.width, 0), Point(image.width, 9), Point(0, 9))
        return [TextLine(str(self.calls), 0.99, box, [TextWord(str(self.calls), 0.99, box)])]


def test_text_is_detected_in_one_frame_a_second() -> None:
    detector = Numbering()
    with Emulator(text_detector=detector) as emulator:
        put_video(emulator, video_file(frames_of_people()))  # three seconds
        response = run_job(WireClient(emulator), "TextDetection")
        assert (response["JobStatus"], detector.calls) == ("SUCCEEDED", 3)
        found = [(each["Timestamp"], each["TextDetection"]) for each in response["TextDetections"]]
    assert [(time, text["Type"], text["DetectedText"], text["Id"]) for time, text in found] == [
        (second * 1000 + 100, kind, str(second + 1), number)  # from the second frame on
        for second in range(3)
        for kind, number in (("LINE", 0), ("WORD", 1))
    ]


def test_text_of_a_video_is_seen() -> None:
    frames = [printed([Printed(text, 30, 40, 40)], (400, 128)) for text in ("Part one", "Part two")]
    with Emulator() as emulator:
        put_video(emulator, video_file(frames))
        response = run_job(WireClient(emulator), "TextDetection")
    lines = [each for each in response["TextDetections"] if each["TextDetection"]["Type"] == "LINE"]
    assert [(each["Timestamp"], each["TextDetection"]["DetectedText"]) for each in lines] == [
        (100, "Part one"),
        (1100, "Part two"),
    ]
