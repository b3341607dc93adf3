"""Photographs and films in packages of PyPI and npm, downloaded with pip and npm at pinned versions into a cache."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CACHE = Path(tempfile.gettempdir()) / "rekog-benchmark-images"
FILMS = ".avi"


@dataclass(frozen=True)
class Package:
    """A package with images: the name of its archive, and the end of the path of the folder with them."""

    registry: str
    requirement: str
    archive: str
    folder: str


PACKAGES: Mapping[str, Package] = {
    "face-api": Package("npm", "@vladmandic/face-api@1.7.15", "vladmandic-face-api-1.7.15.tgz", "package/demo"),
    "grad-cam": Package("sdist", "grad-cam==1.5.5", "grad-cam-1.5.5.tar.gz", "/examples"),
    "gradio": Package("wheel", "gradio==5.49.1", "gradio-5.49.1-py3-none-any.whl", "gradio/media_assets/images"),
    "imgaug": Package("wheel", "imgaug==0.4.0", "imgaug-0.4.0-py2.py3-none-any.whl", "imgaug"),
    # pip builds the metadata of this one, which takes some minutes
    "opencv": Package(
        "sdist",
        "opencv-python-headless==4.10.0.84",
        "opencv-python-headless-4.10.0.84.tar.gz",
        "/opencv/samples/data",
    ),
    "human": Package("npm", "@vladmandic/human@3.3.6", "vladmandic-human-3.3.6.tgz", "package/assets"),
    "face_recognition": Package(
        "sdist", "face_recognition==1.3.0", "face_recognition-1.3.0.tar.gz", "/tests/test_images"
    ),
    "basegun": Package("wheel", "basegun-ml==2.0.7", "basegun_ml-2.0.7-py3-none-any.whl", "basegun_ml"),
    "insightface": Package("wheel", "insightface==2.1", "insightface-2.1-py3-none-any.whl", "insightface/data/images"),
}


def package_image(name: str) -> bytes:
    """Return a photograph or film by the key of `PACKAGES` and its file name, such as `opencv/messi5.jpg`."""
    package, _, file = name.partition("/")
    return _folder(package).joinpath(file).read_bytes()


def package_files(package: str) -> list[tuple[str, bytes]]:
    """Return all photographs of a package, by the names that `package_image` takes."""
    files = sorted(file for file in _folder(package).iterdir() if file.suffix not in FILMS)
    return [(f"{package}/{file.name}", file.read_bytes()) for file in files]


@cache
def _folder(name: str) -> Path:
    """Return a folder with the images of a package; download and unpack them if need be."""
    package, folder = PACKAGES[name], CACHE / name
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        if not (CACHE / package.archive).exists():
            _download(package)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            unpacked = Path(scratch, name)
            unpacked.mkdir()
            for member, data in _members(CACHE / package.archive):
                if str(Path(member).parent).endswith(package.folder):
                    (unpacked / Path(member).name).write_bytes(data)
            unpacked.rename(folder)
    return folder


def _members(archive: Path) -> list[tuple[str, bytes]]:
    """Return the images and films of an archive with their paths."""
    forms = (".jpg", ".jpeg", ".jfif", ".png", *FILMS)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return [(name, wheel.read(name)) for name in wheel.namelist() if name.endswith(forms)]
    with tarfile.open(archive) as opened:
        found = [(each.name, opened.extractfile(each)) for each in opened if each.name.endswith(forms)]
        return [(name, file.read()) for name, file in found if file is not None]


def _download(package: Package) -> None:
    command = ["npm", "pack", "--silent", f"--pack-destination={CACHE}", package.requirement]
    if package.registry != "npm":
        name = package.requirement.partition("==")[0]  # not `:all:`, or pip builds the build requirements too
        form = f"--only-binary={name}" if package.registry == "wheel" else f"--no-binary={name}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", form, f"--dest={CACHE}"]
        command.append(package.requirement)
    subprocess.run(command, check=True)
