"""Films with known cuts: those of packages, one of OpenCV's samples, and scenes of them that are mixed."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

from tests.kit.photographs import photograph

from .images import package_image

OPENCV = ("Megamind.avi", "vtest.avi")


def film(name: str) -> bytes:
    """Return a film of an installed package, or one of OpenCV's samples."""
    return package_image(f"opencv/{name}") if name in OPENCV else photograph(name)


def shortened(data: bytes, seconds: float) -> bytes:
    """Return the first seconds of an AVI file, without encoding it again."""
    av: Any = import_module("av")  # its types are incomplete
    file = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(file, "w", format="avi") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is None or packet.dts * packet.time_base >= seconds:
                break
            packet.stream = copy
            target.mux(packet)
    return file.getvalue()
