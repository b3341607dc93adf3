"""Celebrities of videos: the enrolled ones, found by their faces."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from PIL import Image

from rekog.emulator import DecodedImage, DetectedFace, Emulator, ManualClock
from tests.kit.colour_faces import ColourFaceDetector
from tests.kit.photographs import photograph
from tests.kit.videos import VIDEO, frames_of_people, put_video, run_job, video_file
from tests.kit.wire import HOPPER, WireClient, image_file

pytestmark = pytest.mark.usefixtures("av")

URLS = ("www.wikidata.org/wiki/Q11641",)


@pytest.fixture(scope="module")
def av() -> object:
    return pytest.importorskip("av", reason="rekog[video] installs PyAV")


def celebrities(emulator: Emulator, data: bytes) -> list[dict[str, Any]]:
    put_video(emulator, data)
    response = run_job(WireClient(emulator), "CelebrityRecognition")
    assert response["JobStatus"] == "SUCCEEDED", response
    return list(response["Celebrities"])


@pytest.mark.slow
def test_an_enrolled_celebrity_is_found_at_the_times_of_its_frames() -> None:
    with Emulator() as emulator:
        emulator.add_celebrity("Grace Hopper", HOPPER, id="Q11641", urls=URLS, gender="Female")
        found = celebrities(emulator, video_file(frames_of_people()))
    assert [each["Timestamp"] for each in found] == [1000, 1500]  # another person before, nothing after
    for each in found:
        celebrity = each["Celebrity"]
        assert {name: celebrity[name] for name in ("Id", "Name", "Urls", "KnownGender")} == {
            "Id": "Q11641",
            "Name": "Grace Hopper",
            "Urls": [*URLS],
            "KnownGender": {"Type": "Female"},
        }
        assert celebrity["Confidence"] >= 80
        assert celebrity["BoundingBox"] == celebrity["Face"]["BoundingBox"]
        assert set(celebrity["Face"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


@pytest.mark.slow
def test_the_man_of_a_film_is_found_by_one_frame_of_it() -> None:
    from rekog.emulator.vision.video.pyav import PyAvReader

    film = photograph("carphone")
    *_, last = PyAvReader().frames(io.BytesIO(film))
    portrait = image_file(Image.fromarray(last.image.pixels()))
    with Emulator() as emulator:
        chosen = emulator.add_celebrity("Driver", portrait)
        found = celebrities(emulator, film)
    assert {each["Celebrity"]["Id"] for each in found} == {chosen}
    assert [each["Timestamp"] for each in found] == [0, 467, 967, 1468, 1968, 2469, 2969, 3470, 3970]


def test_without_enrolled_celebrities_a_video_has_none() -> None:
    own = ColourFaceDetector()
    with Emulator(face_detector=own, face_embedder=own) as emulator:
        data = video_file([Image.new("RGB", (128, 128), "red")])
        assert celebrities(emulator, data) == []
        emulator.add_celebrity("Red", image_file(Image.new("RGB", (128, 128), "red")))
        found = celebrities(emulator, data)
    assert [each["Timestamp"] for each in found] == [0, 500]


def test_a_celebrity_who_is_enrolled_after_the_analysis_is_found() -> None:
    analysed = threading.Semaphore(0)

    class Watched(ColourFaceDetector):
        def embed(self, image: DecodedImage, face: DetectedFace) -> bytes:
            analysed.release()
            return super().embed(image, face)

    own, clock, red = Watched(), ManualClock(), Image.new("RGB", (128, 128), "red")
    with Emulator(face_detector=own, face_embedder=own, clock=clock, durations={"job": 60}) as emulator:
        put_video(emulator, video_file([red]))
        wire = WireClient(emulator)
        job = wire("StartCelebrityRecognition", Video=VIDEO).body
        assert all(analysed.acquire(timeout=20) for _ in range(2))  # both frames, before anyone is enrolled
        emulator.add_celebrity("Red", image_file(red))
        clock.advance(60)
        found = wire("GetCelebrityRecognition", **job).body["Celebrities"]
    assert [each["Timestamp"] for each in found] == [0, 500]
