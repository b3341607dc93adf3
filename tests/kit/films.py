"""Films whose cuts, fades, flashes and black frames are known: photographs under a moving camera."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from tests.kit.photographs import photograph_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 192, 108
_STEP = 1
"""Pixels by which the camera moves from frame to frame."""


@cache
def _photograph(name: str, width: int) -> Pixels:
    with Image.open(photograph_path(name)) as image:
        return np.asarray(image.convert("RGB").resize((width, HEIGHT)))


def scene(name: str, frames: int) -> list[Pixels]:
    """Return the frames of a camera that moves along a photograph to the right."""
    wide = _photograph(name, WIDTH + _STEP * frames)
    return [wide[:, _STEP * number : _STEP * number + WIDTH] for number in range(frames)]


def plain(frames: int, level: int = 0) -> list[Pixels]:
    """Return frames of one grey level."""
    return [np.full((HEIGHT, WIDTH, 3), level, np.uint8)] * frames


def crossfade(first: Sequence[Pixels], second: Sequence[Pixels], frames: int) -> tuple[list[Pixels], int]:
    """Return two scenes, the last frames of one mixed with the first of the other, and the first frame of the second.

    That is the first mixture of which it makes up more than half.
    """
    begin = len(first) - frames
    shares = [(number + 1) / (frames + 1) for number in range(frames)]
    mixed = [
        ((1 - share) * first[begin + number] + share * second[number]).round().astype(np.uint8)
        for number, share in enumerate(shares)
    ]
    middle = next(number for number, share in enumerate(shares) if share > 0.5)
    return [*first[:begin], *mixed, *second[frames:]], begin + middle


def film(
    frames: Iterable[Pixels], rate: Fraction = Fraction(25), *, times: Sequence[int] | None = None, form: str = "mp4"
) -> bytes:
    """Return a video file of frames at a constant rate, or at given times in milliseconds."""
    av: Any = pytest.importorskip("av", reason="rekog[video] installs PyAV")
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = WIDTH, HEIGHT, "yuv420p", 8_000_000
        stream.codec_context.time_base = Fraction(1, 1000) if times else 1 / rate
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts, frame.time_base = (times or range(1 << 30))[number], stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()
