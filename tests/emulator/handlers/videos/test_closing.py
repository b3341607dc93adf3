"""A job of each kind ends at once when the emulator is closed, and the next emulator on the state does it again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

import httpx
import pytest
from PIL import Image

from rekog.emulator import DecodedImage, Durations, Emulator, Frame, VideoFacts
from rekog.emulator.content.videos import VideoContent
from tests.emulator.handlers.test_closing import Closing
from tests.kit.clock import wait_until
from tests.kit.request_members import VIDEO_JOBS
from tests.kit.videos import VIDEO, put_video
from tests.kit.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

FRAMES = 100
RATE = 25.0


class GreyFrame:
    """A grey frame of a video."""

    def __init__(self, number: int) -> None:
        self.timestamp, self.end = int(number / RATE * 1000), int((number + 1) / RATE * 1000)

    def image(self) -> DecodedImage:
        return DecodedImage(Image.new("RGB", (96, 96), "grey"))

    def thumbnail(self) -> NDArray[np.uint8]:
        return self.image().pixels(128, 72)


class CountingReader:
    """A reader of grey videos that counts the frames that are read."""

    def __init__(self) -> None:
        self.read = 0
        self.closing: Closing | None = None

    def facts(self, file: BinaryIO) -> VideoFacts:
        millis = int(FRAMES / RATE * 1000)
        return VideoFacts(codec="own", duration_millis=millis, format="AVI", frame_rate=RATE, width=96, height=96)

    def every_frame(self, file: BinaryIO) -> Iterator[GreyFrame]:
        for number in range(FRAMES):
            self.read += 1
            yield GreyFrame(number)

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        for frame in self.every_frame(file):
            yield Frame(frame.timestamp, frame.image())


class Nothing:
    """A detector and an embedder that find nothing."""

    def detect(self, image: DecodedImage) -> list[Any]:
        return []

    def embed(self, image: DecodedImage, face: object) -> bytes:
        raise NotImplementedError


def own_emulator(folder: Path, reader: CountingReader) -> Emulator:
    nothing = Nothing()
    return Emulator(
        data=folder,
        durations=Durations.all(0),
        vision="off",
        video_reader=reader,
        face_detector=nothing,
        face_embedder=nothing,
        person_detector=nothing,
    )


def nothing(_context: object) -> None:
    """Do nothing after the emulator was closed."""


@pytest.mark.parametrize(
    "kind", ["CelebrityRecognition", "FaceDetection", "FaceSearch", "PersonTracking", "SegmentDetection"]
)
def test_a_job_ends_at_once_when_the_emulator_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    reader = CountingReader()
    emulator = own_emulator(tmp_path, reader)
    put_video(emulator)
    closing: list[Closing] = []
    read: Any = getattr(VideoContent, "_read")  # noqa: B009 (private)

    def closed_at_the_third_frame(content: VideoContent, operation: str, frames: Any) -> Iterator[Any]:
        def slow(file: BinaryIO) -> Iterator[Any]:
            for number, frame in enumerate(frames(file)):
                if number == 2:
                    closing.append(Closing(emulator, nothing))
                    closing[0](content.context)
                yield frame

        result: Iterator[Any] = read(content, operation, slow)
        return result

    with monkeypatch.context() as patched:
        patched.setattr(VideoContent, "_read", closed_at_the_third_frame)
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="people")
        job = wire(f"Start{kind}", Video=VIDEO, **VIDEO_JOBS[kind][1]).body
        with suppress(httpx.TransportError):  # the job's analysis may have closed the emulator already
            wire("ListCollections")  # hands over the due job
        wait_until(lambda: bool(closing))
        closing[0].wait()
    assert reader.read == 3
    with own_emulator(tmp_path, reader) as again:
        response = WireClient(again)(f"Get{kind}", **job).body
    assert response["JobStatus"] == "SUCCEEDED", response
    assert reader.read == 3 + FRAMES
