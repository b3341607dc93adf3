"""Names of objects: no bucket, key or version leads to a file outside of the bucket's folder, by any way.

Names have dots, separators of both systems, escapes, null characters, absolute paths and other forms of Unicode; the
folder has links to files and folders outside. They are read by the control API, by operations, and in Python.
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from rekog.emulator import Emulator
from rekog.emulator.front.exchange import Request
from rekog.emulator.serving.control import control
from tests.hostile.emulator.calls import LocalCaller, call, failures_are_faults, judge
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 35
INSIDE = b"inside"
PARTS = (
    *("", ".", "..", "...", "~", "*", "in", "in.txt", "IN.TXT", "folder", "photos", ".versions", "v1", "secret.png"),
    *(
        "link",
        "link.png",
        "loop",
        "other",
        "%2e%2e",
        "%2e%2e%2f",
        "..%2f",
        "..\\",
        "\\..\\",
        "C:",
        "C:\\",
        "NUL",
        "a" * 300,
    ),
    *("..\0", "\0", "in.txt\0.png", "\uff0e\uff0e", "\u2024\u2024", "\u2025", "\uff0f", "\u2215", "e\u0301", "\u00e9"),
    *("..;", ".. ", " ..", "..\n", "..%00", "%00", "..%c0%af", "\ud800", "file:", "etc", "passwd", "proc", "self"),
)
KEYS = ("in.txt", "folder/in.txt", "link.png", "link/in.txt", "link/secret.png", "loop", "../secret.png", "../in.txt")


def attack(count: int, report: Report) -> None:
    """Read objects by odd names."""
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        root = _fill(Path(folder))
        absolute = [str(Path(folder).resolve()), "/etc/passwd", str(root / "photos" / "in.txt")]
        with Emulator(s3_root=root) as emulator, failures_are_faults(report):
            caller = LocalCaller(emulator)
            for number in range(count):
                parts = [chance.choice(PARTS) for _ in range(chance.choice((1, 1, 2, 3, 5)))]
                key = chance.choice(("/", "/", "/", "//", "\\")).join(parts)
                key = chance.choice((key, key, chance.choice((*KEYS, *absolute)), f"folder/../../{key}", f"link/{key}"))
                bucket = chance.choice(("photos", "photos", "photos", chance.choice(PARTS), f"photos/{key}"))
                version = chance.choice((None, None, chance.choice(PARTS), f"../{key}"))
                report.attempt()
                if number % 3 == 0:
                    content = _get(emulator, bucket, key, version)
                elif number % 3 == 1:
                    content = _get_over_http(emulator, bucket, key, version)
                else:
                    location = {"Bucket": bucket, "Name": key, **({"Version": version} if version else {})}
                    answer = call(caller, "DetectFaces", {"Image": {"S3Object": location}})
                    judge(report, answer, "DetectFaces")
                    content = b"" if answer.status != 200 else b"an image"
                report.figure("read" if content else "not read")
                report.check(content in (b"", INSIDE), f"read {content[:20]!r} by {bucket!r}, {key!r}, {version!r}")


def _fill(folder: Path) -> Path:
    """Create a bucket with text files, and images everywhere else; return the folder of the buckets."""
    root = folder / "root"
    image = image_file(plain_image())
    for path in ("root/photos/folder", "root/photos/.versions/in.txt", "other", "root/photos/folder/photos"):
        (folder / path).mkdir(parents=True)
    for path in ("photos/in.txt", "photos/folder/in.txt", "photos/.versions/in.txt/v1", "photos/folder/photos/in"):
        (root / path).write_bytes(INSIDE)
    for path in (
        "secret.png",
        "other/secret.png",
        "other/in.txt",
        "root/secret.png",
        "in.txt",
        "root/in.txt",
        "link.png",
    ):
        (folder / path).write_bytes(image)
    os.symlink(folder / "secret.png", root / "photos/link.png")
    os.symlink(folder / "other", root / "photos/link")
    os.symlink(root / "photos/loop", root / "photos/loop")
    os.symlink(folder / "other", root / "other")
    return root


def _get(emulator: Emulator, bucket: str, key: str, version: str | None) -> bytes:
    try:
        return emulator.get_object(bucket, key, version)
    except LookupError:
        return b""


def _get_over_http(emulator: Emulator, bucket: str, key: str, version: str | None) -> bytes:
    path = f"/_rekog/objects/{quote(bucket, errors='surrogatepass')}/{quote(key, errors='surrogatepass')}"
    query = f"version_id={quote(version, errors='surrogatepass')}" if version else ""
    response = control(emulator, Request("GET", path, {}, b"", query))
    return response.content if response.status == 200 else b""
