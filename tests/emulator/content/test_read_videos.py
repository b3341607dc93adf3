"""Videos: what their reader receives, which frames are analysed, and the whole texts of refusals."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs
import pytest
from PIL import Image

from rekog import models
from rekog._core.wire import to_wire
from rekog.emulator import AudioFacts, DecodedImage, Frame, Limits, VideoFacts
from rekog.emulator.content.analysis import VideoAnalysis
from rekog.emulator.content.videos import VideoContent, open_video
from rekog.emulator.refusals import RefusalError
from rekog.emulator.services.objects import Objects
from rekog.emulator.state import State
from rekog.emulator.state.rows import truth
from rekog.emulator.vision import NetworksOffError, Vision
from tests.kit.contexts import context_and_worker

if TYPE_CHECKING:
    from rekog.emulator.context import Context

DATA = bytes(range(256)) * 9000
"""A little more than two chunks of a megabyte."""
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
NAME = "s3://videos/trip.mp4"
VIDEO = models.Video(s3_object=models.S3Object(bucket="videos", name="trip.mp4"))
FACTS = VideoFacts(codec="h264", duration_millis=2000, format="AVI", frame_rate=10.0, width=4, height=3)
IMAGE = DecodedImage(Image.new("RGB", (4, 3)))
DECLARE = "client.emulator.declare({0}) of an embedded emulator, else Emulator.declare({0})"


class KeyFrames:
    """A reader that yields two frames to analyse, and records what it reads."""

    def __init__(self, facts: VideoFacts | None = FACTS, frames: int = 2) -> None:
        self.known, self.number = facts, frames
        self.read: list[tuple[str, bytes]] = []

    def facts(self, file: BinaryIO) -> VideoFacts | None:
        self.read.append(("facts", file.read()))
        return self.known

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        self.read.append(("frames", file.read()))
        return (Frame(500 * number, IMAGE) for number in range(self.number))


@attrs.frozen
class Numbered:
    """A frame of a stream."""

    timestamp: int
    end: int = 0

    def image(self) -> DecodedImage:
        return IMAGE

    def thumbnail(self) -> Any:
        raise NotImplementedError


class EveryFrame(KeyFrames):
    """A reader that yields all frames too."""

    def every_frame(self, file: BinaryIO) -> Iterator[Numbered]:
        self.read.append(("every frame", file.read()))
        return (Numbered(100 * number) for number in range(10 * self.number))


@pytest.fixture
def opened() -> Iterator[Callable[..., Context]]:
    """A function that returns a context with a reader of videos, and the video of all tests."""
    with closing(State()) as state:
        Objects(None, state).put("videos", "trip.mp4", DATA)

        def context(reader: Any = None, **limits: float) -> Context:
            made, _ = context_and_worker(state, lambda: 0.0, vision=Vision(switch="off", video_reader=reader))
            return attrs.evolve(made, limits=Limits(**limits))  # type: ignore[arg-type]

        yield context


def declare(context: Context, name: str, **capabilities: object) -> None:
    with context.state.write() as connection:
        truth.put(connection, name, capabilities)


def refusal_of(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(RefusalError) as caught:
        call()
    return caught.value.code, caught.value.message


def test_a_video_is_named_by_its_bytes_and_its_object_and_its_reader_gets_the_whole_file(
    opened: Callable[..., Context],
) -> None:
    reader = KeyFrames()
    content = open_video(opened(reader), VIDEO)
    assert (content.names, content.digest, content.facts) == ([DIGEST, NAME], DIGEST, FACTS)
    assert reader.read == [("facts", DATA)]


@pytest.mark.parametrize(
    "location", [None, models.S3Object(bucket="videos"), models.S3Object(name="trip.mp4"), models.S3Object()]
)
def test_a_video_without_an_object_is_refused(location: models.S3Object | None, opened: Callable[..., Context]) -> None:
    assert refusal_of(lambda: open_video(opened(KeyFrames()), models.Video(s3_object=location))) == (
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
    )


def test_a_video_has_at_most_the_size_and_the_length_of_the_limits(opened: Callable[..., Context]) -> None:
    assert open_video(opened(KeyFrames(), video_bytes=len(DATA), video_seconds=2), VIDEO).facts == FACTS
    too_large, too_long = (
        refusal_of(lambda: open_video(opened(KeyFrames(), **{limit: value}), VIDEO))  # noqa: B023
        for limit, value in (("video_bytes", len(DATA) - 1), ("video_seconds", 1))
    )
    assert (too_large, too_long) == (
        (
            "VideoTooLargeException",
            f"Video size in bytes: {len(DATA)} is more than the maximum limit of: {len(DATA) - 1} bytes.",
        ),
        ("VideoTooLargeException", "Video duration in seconds: 2 is more than the maximum limit of: 1 seconds."),
    )
    unknown = open_video(opened(KeyFrames(None), video_seconds=1), VIDEO)
    assert unknown.facts is None
    declare(unknown.context, NAME, video={"DurationMillis": 1001})
    assert refusal_of(lambda: open_video(unknown.context, VIDEO)) == (
        "VideoTooLargeException",
        "Video duration in seconds: 1.001 is more than the maximum limit of: 1 seconds.",
    )


def test_the_frames_to_analyse_are_those_of_the_reader_or_of_the_sampling(opened: Callable[..., Context]) -> None:
    seen: list[int] = []

    def times(reader: KeyFrames, operation: str) -> list[int]:
        content = open_video(opened(reader), VIDEO)._replace(progress=seen.append)
        return [frame.timestamp for frame in content.frames(operation)]

    plain, stream = KeyFrames(), EveryFrame()
    assert times(plain, "StartLabelDetection") == [0, 500]
    assert seen == [0, 500]
    seen.clear()
    assert times(stream, "StartFaceDetection") == [0, 500]
    assert seen == [0, 500]
    seen.clear()
    assert times(stream, "StartLabelDetection") == [0, 500, 1000, 1500]
    assert seen == [100 * number for number in range(20)]
    assert plain.read == [("facts", DATA), ("frames", DATA)]
    assert stream.read == [("facts", DATA), ("frames", DATA), ("facts", DATA), ("every frame", DATA)]


def test_all_frames_are_those_of_the_stream(opened: Callable[..., Context]) -> None:
    content = open_video(opened(EveryFrame()), VIDEO)
    assert [frame.timestamp for frame in content.every_frame("StartSegmentDetection")] == [*range(0, 2000, 100)]
    other = open_video(opened(KeyFrames()), VIDEO)
    code, message = refusal_of(lambda: list(other.every_frame("StartSegmentDetection")))
    assert code == "NotServedByEmulator"
    assert message == (
        "StartSegmentDetection: the video_reader of this emulator has no method every_frame, which yields all frames. "
        f"Declare the content of the video with {DECLARE.format(f'{NAME!r}, ...')}"
    )


@pytest.mark.parametrize(
    "reader",
    [
        KeyFrames(None),
        KeyFrames(VideoFacts(duration_millis=2, format="AVI", frame_rate=1)),
        KeyFrames(frames=0),
        EveryFrame(None),
        EveryFrame(frames=0),
    ],
    ids=["no facts", "no codec", "no frames", "no facts of a stream", "no frames of a stream"],
)
def test_a_video_that_can_not_be_decoded_is_refused(reader: KeyFrames, opened: Callable[..., Context]) -> None:
    content = open_video(opened(reader), VIDEO)
    frames = content.every_frame if isinstance(reader, EveryFrame) else content.frames
    code, message = refusal_of(lambda: list(frames("StartLabelDetection")))
    assert code == "NotServedByEmulator"
    assert message == (
        "StartLabelDetection: this emulator can't decode the video and does not make up values. "
        f"Declare its content with {DECLARE.format(f'{NAME!r}, ...')}"
    )


@pytest.mark.parametrize("capability", ["faces", "labels", "text", "moderation", "celebrities"])
def test_content_declared_of_an_image_is_refused_for_a_video(capability: str, opened: Callable[..., Context]) -> None:
    content = open_video(opened(KeyFrames()), VIDEO)
    assert content.declared(capability) is None
    timed: dict[str, object] = {"Timestamp": 5}
    for entries in ([], [timed]):
        declare(content.context, NAME, **{capability: entries})
        assert content.declared(capability) == entries
    declare(content.context, DIGEST, **{capability: [timed, {"Name": "Cat"}]})
    assert refusal_of(lambda: content.declared(capability)) == (
        "NotServedByEmulator",
        f"the {capability} declared for this object are those of an image",
    )


def test_other_content_of_a_video_needs_no_time(opened: Callable[..., Context]) -> None:
    content = open_video(opened(KeyFrames()), VIDEO)
    for capability in ("persons", "segments"):
        declare(content.context, NAME, **{capability: [{"Type": "SHOT"}]})
        assert content.declared(capability) == [{"Type": "SHOT"}]


def test_audio_streams_are_those_of_the_file_or_of_the_declaration(opened: Callable[..., Context]) -> None:
    sound = AudioFacts(codec="aac", duration_millis=5, sample_rate=6, channels=7)
    wire: dict[str, object] = {"Codec": "aac", "DurationMillis": 5, "SampleRate": 6, "NumberOfChannels": 7}
    facts = VideoFacts(duration_millis=2, format="AVI", frame_rate=1, audio=[sound, AudioFacts(duration_millis=9)])
    content = open_video(opened(KeyFrames(facts)), VIDEO)
    declare(content.context, NAME, audio=[{"Codec": "declared"}])
    assert [to_wire(each) for each in content.audio()] == [wire, {"DurationMillis": 9}]
    without = content._replace(facts=None)
    assert [to_wire(each) for each in without.audio()] == [{"Codec": "declared"}]
    assert VideoContent(content.context, content.location, ["s3://none"], None).audio() == []


def test_entries_are_declared_or_stored_or_seen_or_refused(opened: Callable[..., Context]) -> None:
    def watch(content: VideoContent, operation: str) -> Iterator[models.LabelDetection]:
        if operation == "StartNothing":
            raise NetworksOffError
        for time in (1, 2):
            yield models.LabelDetection(timestamp=time, label=models.Label(name=operation, confidence=90))

    def times(content: VideoContent) -> list[int]:
        return [entry.timestamp for entry in analysis.entries(content, "StartLabelDetection")]

    analysis = VideoAnalysis(capability="labels", model=models.LabelDetection, watch=watch)
    content = open_video(opened(KeyFrames()), VIDEO)
    seen = [to_wire(each) for each in analysis.entries(content, "StartLabelDetection")]
    assert [each["Timestamp"] for each in seen] == [1, 2]
    assert analysis.detections(content, "StartLabelDetection") == seen
    assert times(content._replace(detections=seen[1:])) == [2]
    assert times(content._replace(detections=[])) == []
    assert refusal_of(lambda: analysis.entries(content, "StartNothing")) == (
        "NotServedByEmulator",
        "StartNothing: this emulator can't detect the labels of a video and does not make up values. Declare them with"
        " {}, each with its Timestamp; an empty list says that there are none.".format(
            DECLARE.format("'s3://BUCKET/KEY', labels=[...]")
        ),
    )
    declare(content.context, NAME, labels=[{"Timestamp": 7, "Label": {"Name": "Cat", "Confidence": 9}}])
    assert times(content._replace(detections=seen)) == [7]
    assert analysis.detections(content, "StartLabelDetection") is None
    declare(content.context, NAME, labels=[])
    assert (times(content._replace(detections=seen)), analysis.detections(content, "x")) == ([], None)


def test_a_file_is_closed_after_its_frames(opened: Callable[..., Context], monkeypatch: pytest.MonkeyPatch) -> None:
    files: list[io.BytesIO] = []

    def opening(self: Objects, *_names: object) -> io.BytesIO:
        files.append(io.BytesIO(DATA))
        return files[-1]

    content = open_video(opened(KeyFrames()), VIDEO)
    monkeypatch.setattr(Objects, "open", opening)
    open_video(content.context, VIDEO)
    list(content.frames("StartLabelDetection"))
    assert [file.closed for file in files] == [True, True]


def test_the_version_of_an_object_is_read(opened: Callable[..., Context]) -> None:
    context = opened(KeyFrames())
    version = context.objects.put("videos", "trip.mp4", b"older")
    context.objects.put("videos", "trip.mp4", b"newer")
    location = models.S3Object(bucket="videos", name="trip.mp4", version=version)
    content = open_video(context, models.Video(s3_object=location))
    assert content.digest == f"sha256:{hashlib.sha256(b'older').hexdigest()}"
    assert content.location == location
