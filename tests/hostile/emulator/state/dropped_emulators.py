"""Emulators that are closed, dropped without a close, or served: none leaves a descriptor, thread or warning."""

from __future__ import annotations

import gc
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from rekog import RekognitionClient
from rekog.emulator import Emulator
from tests.hostile.emulator.calls import HttpCaller, LocalCaller, call
from tests.hostile.watch import Growth
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from tests.hostile.attack import Report

WARM = 24
MEMORY = 60  # MiB
KINDS = 6


def attack(count: int, report: Report) -> None:
    """Make emulators in each way."""
    image = image_file(plain_image())
    growth: Growth | None = None
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in range(count):
            if number == WARM:
                growth = Growth()
            data = Path(folder, str(number % 10)) if number % 4 == 0 else None
            _use(number % KINDS, data, image, report)
            report.attempt()
        gc.collect()
    if growth is not None:
        growth.check(report, "the emulator", mib=MEMORY)


def _use(kind: int, data: Path | None, image: bytes, report: Report) -> None:
    emulator = Emulator(data=data)
    name = f"kind{kind}-{id(emulator)}"
    answer = call(LocalCaller(emulator), "CreateCollection", {"CollectionId": name})
    report.check(answer.code in ("", "ResourceAlreadyExistsException"), f"{answer.code} for CreateCollection")
    if kind == 0:
        emulator.close()
    elif kind == 1:
        emulator.put_object("videos", "a.mp4", b"not a video")
        call(
            LocalCaller(emulator), "StartLabelDetection", {"Video": {"S3Object": {"Bucket": "videos", "Name": "a.mp4"}}}
        )
    elif kind == 2:
        with emulator.serve() as url:
            caller = HttpCaller(url)
            report.check(call(caller, "ListCollections", {}).status == 200, "a served emulator fails")
            caller.close()
        emulator.close()
    elif kind == 3:
        with RekognitionClient.local(emulator) as client:
            client.detect_faces(image)
    elif kind == 4:
        RekognitionClient.local().list_collections()  # neither is closed
    # kind 5: dropped at once
