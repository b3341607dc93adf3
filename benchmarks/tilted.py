"""`python -m benchmarks.tilted` tilts eight portraits to 15 angles each, and counts the heads that are found and known.

Two portraits are in `examples/images`; two are in the source package of `face_recognition` and a group of six people in
the package `insightface`, which pip downloads (no code of theirs is imported). `--speed` measures the detection of an
upright portrait and of an image without a face instead.
"""

from __future__ import annotations

import argparse
import io
import math
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from rekog.emulator import Box, DecodedImage, DetectedFace
from rekog.emulator.vision.embeddings import cosine
from rekog.emulator.vision.faces.pose import estimate_pose
from rekog.emulator.vision.faces.sface import SFace
from rekog.emulator.vision.faces.yunet import YuNet
from rekog.emulator.vision.similarity import similarity

from .peers import ROOT

ANGLES = range(-168, 169, 24)
"""Degrees, clockwise."""
THRESHOLD = 80.0
_MAX_SIDE = 900
_HEAD = 1.3
"""Half the side of a portrait that is cut out of a group, in sides of the face."""
_GROUP_PORTRAITS = 4


class Outcome(NamedTuple):
    """What was measured: counts of heads, the greatest similarity to a stranger, errors of the roll in degrees."""

    heads: int
    found: int
    known: int
    stranger: float
    roll_errors: Sequence[float]
    missed: Sequence[str]


def measure(portraits: Mapping[str, Image.Image], angles: Sequence[int] = ANGLES) -> Outcome:
    """Tilt each portrait to each angle, and compare its largest face with the upright portraits."""
    detector, embedder = YuNet(), SFace()
    upright: dict[str, tuple[DetectedFace, bytes]] = {}
    for name, image in portraits.items():
        decoded = DecodedImage(image)
        face = max(detector.detect(decoded), key=lambda each: each.box.area)
        upright[name] = face, embedder.embed(decoded, face)
    found = known = 0
    stranger, errors, missed = 0.0, list[float](), list[str]()
    for name, image in portraits.items():
        face, own = upright[name]
        for angle in angles:
            decoded = DecodedImage(image.rotate(-angle, Image.Resampling.BICUBIC, expand=True))
            tilted = _face_at(detector.detect(decoded), _place(face.box, image, decoded, angle))
            if tilted is None:
                missed.append(f"{name} at {angle}")
                continue
            found += 1
            embedding = embedder.embed(decoded, tilted)
            known += similarity(cosine(embedding, own)) >= THRESHOLD
            others = (similarity(cosine(embedding, other)) for key, (_, other) in upright.items() if key != name)
            stranger = max(stranger, *others)
            turned = estimate_pose(tilted.landmarks).roll - estimate_pose(face.landmarks).roll - angle
            errors.append(abs((turned + 180) % 360 - 180))
    return Outcome(len(portraits) * len(angles), found, known, stranger, errors, missed)


def example_portraits() -> dict[str, Image.Image]:
    """Return the two portraits of the repository."""
    return {path.stem: _opened(path.read_bytes()) for path in sorted((ROOT / "examples/images").glob("*.jpg"))}


def downloaded_portraits(folder: Path) -> dict[str, Image.Image]:
    """Return six portraits from packages that pip downloads into a folder."""
    for options in (["--no-binary", ":all:", "face_recognition==1.3.0"], ["insightface==2.1"]):
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, *options], check=True)
    with tarfile.open(next(folder.glob("face_recognition*.tar.gz"))) as archive:
        names = {Path(name).stem: name for name in archive.getnames() if "/tests/test_images/" in name}
        members = {name: archive.extractfile(names[name]) for name in ("obama", "biden")}
        portraits = {name: _opened(file.read()) for name, file in members.items() if file is not None}
    with zipfile.ZipFile(next(folder.glob("insightface*.whl"))) as wheel:
        group = _opened(wheel.read("insightface/data/images/t1.jpg"), 1280)
    faces = sorted(YuNet().detect(DecodedImage(group)), key=lambda face: -face.box.area)
    for number, face in enumerate(faces[:_GROUP_PORTRAITS]):
        portraits[f"group {number}"] = group.crop(_around(face.box))
    return portraits


def _opened(data: bytes, side: int = _MAX_SIDE) -> Image.Image:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image.thumbnail((side, side))
    return image


def _around(box: Box) -> tuple[int, int, int, int]:
    half = _HEAD * max(box.width, box.height)
    x, y = box.left + box.width / 2, box.top + box.height / 2
    return round(x - half), round(y - half), round(x + half), round(y + half)


def _place(box: Box, image: Image.Image, tilted: DecodedImage, angle: float) -> tuple[float, float]:
    """Return the middle of a box after the image was tilted about its middle."""
    x, y = box.left + (box.width - image.width) / 2, box.top + (box.height - image.height) / 2
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return tilted.width / 2 + x * cos - y * sin, tilted.height / 2 + x * sin + y * cos


def _face_at(faces: Sequence[DetectedFace], place: tuple[float, float]) -> DetectedFace | None:
    x, y = place
    there = [each for each in faces if each.box.left < x < each.box.right and each.box.top < y < each.box.bottom]
    return max(there, key=lambda each: each.confidence, default=None)


def _milliseconds(image: Image.Image, runs: int = 15) -> float:
    """Return the median processor time of one detection."""
    detector, decoded, times = YuNet(), DecodedImage(image), list[float]()
    for _ in range(runs + 1):
        start = time.process_time()
        detector.detect(decoded)
        times.append(1000 * (time.process_time() - start))
    return statistics.median(times[1:])


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tilted", description=__doc__)
    parser.add_argument("--examples", action="store_true", help="use the two portraits of the repository only")
    parser.add_argument("--speed", action="store_true", help="measure the time of a detection")
    arguments = parser.parse_args()
    portraits = example_portraits()
    if arguments.speed:
        for name, image in portraits.items():
            print(f"{name}, {image.width} x {image.height}: {_milliseconds(image):.1f} ms")
        print(f"no face, 512 x 512: {_milliseconds(Image.effect_noise((512, 512), 64).convert('RGB')):.1f} ms")
        return
    if not arguments.examples:
        with tempfile.TemporaryDirectory() as folder:
            portraits |= downloaded_portraits(Path(folder))
    outcome = measure(portraits)
    print(f"{len(portraits)} portraits at {len(ANGLES)} angles: {outcome.heads} heads")
    print(f"found: {outcome.found} ({100 * outcome.found / outcome.heads:.1f} %)")
    print(f"known at {THRESHOLD:g}: {outcome.known} ({100 * outcome.known / outcome.heads:.1f} %)")
    print(f"greatest similarity to a stranger: {outcome.stranger:.1f}")
    print(f"error of the roll: {statistics.median(outcome.roll_errors):.1f} degrees (median)")
    print(f"missed: {', '.join(outcome.missed) or 'none'}")


if __name__ == "__main__":
    main()
