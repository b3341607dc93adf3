"""Slow steps of jobs end early when the emulator is closed, and the next emulator on the state does them again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from rekog.emulator import Durations, Emulator
from rekog.emulator.background.worker import StoppedError
from rekog.emulator.handlers.collections.searches import similar_faces
from rekog.emulator.handlers.images.detection import detect_moderation_labels
from tests.kit.clock import LIMIT_SECONDS, wait_until
from tests.kit.videos import VIDEO, VIDEO_NAME
from tests.kit.wire import WireClient, image_file, plain_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    import pytest

    from rekog.emulator.context import Context


class Closing:
    """Replaces a function that a step calls for each of its parts: the first call closes the emulator beside it."""

    def __init__(self, emulator: Emulator, function: Callable[..., Any]) -> None:
        self.calls = 0
        self._emulator = emulator
        self._function = function
        self._pool = ThreadPoolExecutor(1)
        self._closed: Future[None] | None = None

    def __call__(self, context: Context, *arguments: Any, **options: Any) -> object:
        self.calls += 1
        if self._closed is None:
            self._closed = self._pool.submit(self._emulator.close)
            wait_until(lambda: _is_closed(context))
        return self._function(context, *arguments, **options)

    def wait(self) -> None:
        """Wait until the emulator is closed."""
        wait_until(lambda: self._closed is not None)
        assert self._closed is not None
        self._closed.result(LIMIT_SECONDS)
        self._pool.shutdown()


def _is_closed(context: Context) -> bool:
    try:
        context.worker.raise_if_closed()
    except StoppedError:
        return True
    return False


def test_an_analysis_of_many_images_ends_between_two_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = Emulator(data=tmp_path, durations=Durations.all(0))
    image = image_file(plain_image())
    emulator.put_object("bulk", "a.png", image)
    emulator.declare(image, moderation=["Weapons"])
    line = json.dumps({"source-ref": "s3://bulk/a.png"})
    emulator.put_object("bulk", "manifest.jsonl", "\n".join([line] * 3).encode())
    moderate = Closing(emulator, detect_moderation_labels)
    with monkeypatch.context() as patched:
        patched.setattr("rekog.emulator.handlers.media_analysis.detect_moderation_labels", moderate)
        wire = WireClient(emulator)
        config: dict[str, object] = {"DetectModerationLabels": {}}
        manifest = {"S3Object": {"Bucket": "bulk", "Name": "manifest.jsonl"}}
        members = {"Input": manifest, "OperationsConfig": config, "OutputConfig": {"S3Bucket": "results"}}
        job = wire("StartMediaAnalysisJob", **members).body
        wire("ListCollections")  # hands over the due job
        moderate.wait()
    assert moderate.calls == 1
    with Emulator(data=tmp_path, durations=Durations.all(0)) as again:
        assert WireClient(again)("GetMediaAnalysisJob", **job).body["Status"] == "SUCCEEDED"


def test_a_face_search_ends_between_two_faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = Emulator(data=tmp_path, durations=Durations.all(0))
    emulator.put_object("videos", "trip.mp4", b"declared")
    box = [0.1, 0.1, 0.2, 0.2]
    emulator.declare(VIDEO_NAME, faces=[{"Timestamp": time, "BoundingBox": box} for time in (0, 500, 1000)])
    search = Closing(emulator, similar_faces)
    with monkeypatch.context() as patched:
        patched.setattr("rekog.emulator.handlers.videos.faces.similar_faces", search)
        wire = WireClient(emulator)
        wire("CreateCollection", CollectionId="people")
        job = wire("StartFaceSearch", Video=VIDEO, CollectionId="people").body
        wire("ListCollections")
        search.wait()
    assert search.calls == 1
    with Emulator(data=tmp_path, durations=Durations.all(0)) as again:
        response = WireClient(again)("GetFaceSearch", **job).body
    assert (response["JobStatus"], len(response["Persons"])) == ("SUCCEEDED", 3)
