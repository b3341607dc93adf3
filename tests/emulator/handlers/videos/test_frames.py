"""Jobs over the frames of a reader of our own: whole results of faces, matches and celebrities, and failed analyses."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest
from PIL import Image

from rekog import models
from rekog.emulator import (
    AgeEstimate,
    AnalysedFace,
    Box,
    DecodedImage,
    DetectedFace,
    Durations,
    Emulator,
    Frame,
    GazeEstimate,
    GenderEstimate,
    ManualClock,
    Verdict,
    VideoFacts,
)
from tests.kit.clock import wait_until
from tests.kit.colour_faces import ColourFaceDetector
from tests.kit.videos import VIDEO, put_video, run_job
from tests.kit.wire import WireClient, image_file

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
METADATA = {
    "Codec": "own", "DurationMillis": 4000, "Format": "OWN", "FrameRate": 25.0, "FrameHeight": 100, "FrameWidth": 100,
}  # fmt: skip
FAILURE = "The emulator failed; its log has the cause."


def plain(colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (100, 100), colour)


class Reader:
    """A reader whose videos have a frame of a colour at each of some times."""

    def __init__(self, frames: Mapping[int, tuple[int, int, int]]) -> None:
        self.colours = frames

    def facts(self, file: BinaryIO) -> VideoFacts:
        return VideoFacts(codec="own", duration_millis=4000, format="OWN", frame_rate=25.0, width=100, height=100)

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        for time, colour in self.colours.items():
            yield Frame(time, DecodedImage(plain(colour)))


class Detector(ColourFaceDetector):
    """Detects a face in each image that is not black, or a number of them, each smaller than the one before."""

    def __init__(self, faces: int = 1) -> None:
        self.faces = faces

    def detect(self, image: DecodedImage) -> list[DetectedFace]:
        (face,) = super().detect(image)
        if not image.pixels(1, 1).any():
            return []
        boxes = [Box(10, 10, 80 - number, 80 - number) for number in range(self.faces)]
        return [DetectedFace(box, face.confidence, face.landmarks) for box in boxes]


@contextmanager
def opened(
    frames: Mapping[int, tuple[int, int, int]], detector: Any = None, **settings: Any
) -> Generator[tuple[Emulator, WireClient]]:
    """Open an emulator with a video of these frames."""
    own = detector or Detector()
    options: Any = {"video_reader": Reader(frames), "face_detector": own, "face_embedder": own, "vision": "off"}
    with Emulator(**options, **settings) as emulator:
        put_video(emulator)
        yield emulator, WireClient(emulator)


def test_the_faces_of_all_frames_are_returned_with_their_times() -> None:
    with opened({0: RED, 500: (0, 0, 0), 1000: BLUE}) as (_, wire):
        response = run_job(wire, "FaceDetection")
        image = wire("DetectFaces", Image={"Bytes": image_file(plain(RED))}).body["FaceDetails"][0]
    assert response == {
        "JobStatus": "SUCCEEDED", "JobId": response["JobId"], "Video": VIDEO, "VideoMetadata": METADATA,
        "Faces": [{"Timestamp": time, "Face": face} for time, face in zip((0, 1000), faces(response), strict=True)],
    }  # fmt: skip
    assert faces(response)[0] == image


class Analyser:
    """An analyser that sees every attribute."""

    def analyse(self, image: DecodedImage, face: DetectedFace, attributes: object) -> AnalysedFace:
        yes = Verdict(value=True, confidence=0.75)
        return AnalysedFace(
            age_range=AgeEstimate(20, 30),
            gender=GenderEstimate(models.GenderType.FEMALE, 0.75),
            emotions={models.EmotionName.HAPPY: 0.75},
            eye_direction=GazeEstimate(1, 2, 0.75),
            smile=yes,
            eyeglasses=yes,
            sunglasses=yes,
            beard=yes,
            mustache=yes,
            eyes_open=yes,
            mouth_open=yes,
            face_occluded=yes,
        )


def test_faces_have_every_attribute_of_videos_on_request_only() -> None:
    with opened({0: RED}, face_analyser=Analyser()) as (_, wire):
        image = {"Bytes": image_file(plain(RED))}
        (every,) = wire("DetectFaces", Image=image, Attributes=["ALL"]).body["FaceDetails"]
        (default,) = wire("DetectFaces", Image=image).body["FaceDetails"]
        assert every.keys() >= {"FaceOccluded", "EyeDirection", "AgeRange", "Smile"}
        in_videos = {name: value for name, value in every.items() if name not in ("FaceOccluded", "EyeDirection")}
        for attributes, expected in (("ALL", in_videos), ("DEFAULT", default), (None, default)):
            options = {} if attributes is None else {"FaceAttributes": attributes}
            assert faces(run_job(wire, "FaceDetection", **options)) == [expected]  # type: ignore[arg-type]  # members
        wire("CreateCollection", CollectionId="people")
        (person,) = run_job(wire, "FaceSearch", CollectionId="people")["Persons"]
        assert person["Person"]["Face"] == default


def faces(response: dict[str, Any]) -> list[Any]:
    return [each["Face"] for each in response["Faces"]]


def test_a_face_search_returns_each_face_with_its_person_and_its_matches() -> None:
    with opened({0: RED, 500: BLUE, 1000: RED}) as (_, wire):
        wire("CreateCollection", CollectionId="people")
        image = {"Bytes": image_file(plain(RED))}
        (record,) = wire("IndexFaces", CollectionId="people", Image=image, QualityFilter="NONE").body["FaceRecords"]
        other = wire("DetectFaces", Image={"Bytes": image_file(plain(BLUE))}).body["FaceDetails"][0]
        response = run_job(wire, "FaceSearch", CollectionId="people")
        every = run_job(wire, "FaceSearch", CollectionId="people", FaceMatchThreshold=0)
    match = {"Similarity": 100.0, "Face": {**record["Face"], "IndexFacesModelVersion": "7.0"}}
    seen: list[tuple[int, int, Any, list[Any]]] = [
        (0, 0, record["FaceDetail"], [match]),
        (500, 1, other, []),
        (1000, 0, record["FaceDetail"], [match]),
    ]
    assert response == {
        "JobStatus": "SUCCEEDED",
        "JobId": response["JobId"],
        "Video": VIDEO,
        "VideoMetadata": METADATA,
        "Persons": [
            {
                "Timestamp": time,
                "Person": {"Index": index, "BoundingBox": face["BoundingBox"], "Face": face},
                "FaceMatches": matches,
            }
            for time, index, face, matches in seen
        ],
    }
    assert [len(each["FaceMatches"]) for each in every["Persons"]] == [1, 1, 1]


def test_a_recognised_celebrity_has_all_its_members_and_the_face_of_the_frame() -> None:
    urls = ["www.wikidata.org/wiki/Q11641"]
    with opened({0: BLUE, 500: RED}) as (emulator, wire):
        portrait = image_file(plain(RED))
        emulator.add_celebrity("Grace Hopper", portrait, id="Q11641", urls=urls, gender="Female")
        response = run_job(wire, "CelebrityRecognition")
        detail = wire("DetectFaces", Image={"Bytes": portrait}).body["FaceDetails"][0]
    assert response == {
        "JobStatus": "SUCCEEDED", "JobId": response["JobId"], "Video": VIDEO, "VideoMetadata": METADATA,
        "Celebrities": [
            {
                "Timestamp": 500,
                "Celebrity": {
                    "Id": "Q11641", "Name": "Grace Hopper", "Urls": urls, "KnownGender": {"Type": "Female"},
                    "Confidence": 100.0, "BoundingBox": detail["BoundingBox"], "Face": detail,
                },
            }
        ],
    }  # fmt: skip


def test_the_64_largest_faces_of_each_frame_are_compared_with_celebrities() -> None:
    with opened({0: RED, 500: RED}, Detector(66)) as (emulator, wire):
        emulator.add_celebrity("Red", image_file(plain(RED)))
        found = run_job(wire, "CelebrityRecognition", get={"MaxResults": 1000})["Celebrities"]
    widths = [(each["Timestamp"], each["Celebrity"]["BoundingBox"]["Width"]) for each in found]
    assert widths == [(time, pytest.approx((80 - number) / 100)) for time in (0, 500) for number in range(64)]


def test_an_analysis_that_fails_is_logged_and_done_again_at_the_end_of_its_job(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Detector):
        broken = True

        def detect(self, image: DecodedImage) -> list[DetectedFace]:
            if self.broken:
                raise RuntimeError("no eyes")
            return super().detect(image)

    detector, clock = Broken(), ManualClock(0)
    with (
        caplog.at_level(logging.DEBUG, "rekog.emulator"),
        opened({0: RED}, detector, clock=clock, durations=Durations(job=60)) as (_, wire),
    ):
        ids: list[str] = []
        for broken in (False, True):
            detector.broken = True
            caplog.clear()
            ids.append(wire("StartFaceDetection", Video=VIDEO).body["JobId"])
            text = f"job {ids[-1]} could not analyse its video yet"
            wait_until(lambda text=text: text in [each.getMessage() for each in caplog.records])  # type: ignore[misc]  # now
            (record,) = [each for each in caplog.records if each.getMessage() == text]
            assert (record.levelno, record.exc_info and str(record.exc_info[1])) == (logging.DEBUG, "no eyes")
            detector.broken = broken
            clock.advance(60)
            response = wire("GetFaceDetection", JobId=ids[-1]).body
            if not broken:
                assert (response["JobStatus"], len(response["Faces"])) == ("SUCCEEDED", 1)
            else:
                assert (response["JobStatus"], response["StatusMessage"]) == ("FAILED", FAILURE)
        errors = [(each.levelname, each.getMessage()) for each in caplog.records if each.levelno >= logging.ERROR]
        assert errors == [("ERROR", f"job {ids[1]} failed")]


def test_a_refusal_of_an_analysis_is_reported_by_the_job_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "rekog.emulator"), Emulator(vision="off") as emulator:
        put_video(emulator)
        response = run_job(WireClient(emulator), "SegmentDetection", SegmentTypes=["SHOT"])
        assert response["JobStatus"] == "FAILED"
        assert [each.getMessage() for each in caplog.records if "could not" in each.getMessage()] == []


def test_the_frames_are_analysed_once_and_the_declared_content_at_the_end_is_used() -> None:
    class Counting(Detector):
        calls = 0

        def detect(self, image: DecodedImage) -> list[DetectedFace]:
            self.calls += 1
            return super().detect(image)

    detector, clock = Counting(), ManualClock(0)
    with opened({0: RED, 500: RED}, detector, clock=clock, durations=Durations(job=60)) as (emulator, wire):
        for declared in (False, True):
            detector.calls = 0
            job = wire("StartFaceDetection", Video=VIDEO).body
            wait_until(lambda: detector.calls == 2)
            if declared:
                emulator.declare("s3://videos/trip.mp4", faces=[{"Timestamp": 7, "BoundingBox": [0, 0, 1, 1]}])
            clock.advance(60)
            response = wire("GetFaceDetection", **job).body
            assert [each["Timestamp"] for each in response["Faces"]] == ([7] if declared else [0, 500])
            assert detector.calls == 2
