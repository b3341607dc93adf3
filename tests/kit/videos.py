"""Video files that PyAV encodes from images, and jobs over a stored video."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.kit.wire import ASTRONAUT, HOPPER, WireClient, plain_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rekog.emulator import Emulator

FRAME_SIDE = 256
VIDEO = {"S3Object": {"Bucket": "videos", "Name": "trip.mp4"}}
VIDEO_NAME = "s3://videos/trip.mp4"


def photo_frame(path: Any) -> Image.Image:
    """Return a photograph as a small frame."""
    with Image.open(path) as image:
        return image.convert("RGB").resize((FRAME_SIDE, FRAME_SIDE))


def frames_of_people() -> list[Image.Image]:
    """Return three frames: two with a person, one without."""
    return [photo_frame(ASTRONAUT), photo_frame(HOPPER), plain_image(FRAME_SIDE, FRAME_SIDE)]


def video_file(
    frames: Sequence[Image.Image], *, each: int = 10, rate: int = 10, form: str = "mp4", sound: bool = False
) -> bytes:
    """Return a video file in which each image lasts for `each` frames."""
    av = pytest.importorskip("av", reason="rekog[video] installs PyAV")
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *frames[0].size, "yuv420p", 2_000_000
        audio = container.add_stream("aac", rate=44_100, layout="stereo") if sound else None
        for frame in frames:
            for _ in range(each):
                container.mux(stream.encode(av.VideoFrame.from_image(frame)))
        container.mux(stream.encode())
        if audio:
            samples = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
            samples.rate = 44_100
            for plane in samples.planes:
                plane.update(bytes(plane.buffer_size))
            container.mux(audio.encode(samples))
            container.mux(audio.encode())
    return file.getvalue()


def run_job(wire: WireClient, kind: str, *, get: Mapping[str, Any] | None = None, **start: Any) -> dict[str, Any]:
    """Start a job over the video, and return the response of its Get operation."""
    started = wire(f"Start{kind}", **{"Video": VIDEO, **start})
    assert started.status == 200, started.body
    response = wire(f"Get{kind}", JobId=started.body["JobId"], **(get or {}))
    assert response.status == 200, response.body
    return response.body


def put_video(emulator: Emulator, data: bytes = b"not a video", **declared: Any) -> None:
    """Store a video, and declare its content."""
    emulator.put_object("videos", "trip.mp4", data)
    if declared:
        emulator.declare(VIDEO_NAME, **declared)
