"""OpenCV's sample images, from the source archive of a release of opencv-python-headless that pip downloads once."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path

RELEASE = "opencv-python-headless==4.10.0.84"
ARCHIVE = "opencv-python-headless-4.10.0.84.tar.gz"
CACHE = Path(tempfile.gettempdir()) / "rekog-benchmark-images"


def sample(name: str) -> bytes:
    """Return a file of OpenCV's folder `samples/data`."""
    path = _samples() / name
    return path.read_bytes()


@cache
def _samples() -> Path:
    """Return the folder with the images; download and unpack the archive if need be (95 MB)."""
    folder = CACHE / "samples"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        archive = CACHE / ARCHIVE
        if not archive.exists():
            _download()
        with tempfile.TemporaryDirectory(dir=CACHE) as unpacked, tarfile.open(archive) as opened:
            wanted = [
                each
                for each in opened
                if each.isfile() and "/opencv/samples/data/" in each.name and each.name.endswith((".png", ".jpg"))
            ]
            for each in wanted:
                each.name = Path(each.name).name
            opened.extractall(unpacked, wanted, filter="data")
            Path(unpacked).rename(folder)
            Path(unpacked).mkdir()  # the temporary folder, for its removal
    return folder


def _download() -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
    subprocess.run([*command, f"--dest={CACHE}", RELEASE], check=True)
