"""User code with runs over many images that both type checkers accept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import assert_type

from rekog import AsyncRekognitionClient, RekognitionClient, bulk
from rekog.bulk import AsyncBulk, AsyncBulkRun, Bulk, BulkProgress, BulkRun, Outcome
from rekog.errors import RekogError
from rekog.models import (
    CompareFacesResponse,
    DetectLabelsResponse,
    DetectTextResponse,
    IndexFacesResponse,
    S3Object,
    TextDetection,
)


def on_progress(progress: BulkProgress) -> None:
    assert_type(progress.total, int | None)
    print(progress.done, progress.per_second)


def name_of(path: Path) -> str:
    return path.name


def operations(client: RekognitionClient) -> None:
    assert_type(client.bulk, Bulk)
    photos = bulk.folder("photos", "**/*.jpg")
    with client.bulk.detect_labels(
        photos,
        max_labels=5,
        features=["GENERAL_LABELS"],
        key=name_of,
        checkpoint=Path("labels.jsonl"),
        concurrency=8,
        fit=True,
        max_failures=10,
        on_progress=on_progress,
        options={"timeout": 30},
    ) as run:
        assert_type(run, BulkRun[Path, DetectLabelsResponse])
        for outcome in run:
            assert_type(outcome, Outcome[Path, DetectLabelsResponse])
            assert_type(outcome.source, Path)
            assert_type(outcome.answer, DetectLabelsResponse)
            assert_type(outcome.error, RekogError | None)
    assert_type(run.progress, BulkProgress)
    texts = client.bulk.detect_text(bulk.s3_prefix("s3://pages/2026/"))
    assert_type(texts, BulkRun[S3Object, DetectTextResponse])
    assert_type(texts.finish(), BulkProgress)
    indexed = client.bulk.index_faces(photos, collection_id="staff", external_image_id=lambda path: path.stem)
    assert_type(indexed, BulkRun[Path, IndexFacesResponse])
    compared = client.bulk.compare_faces([b"1", b"2"], source_image="ann.jpg")
    assert_type(compared, BulkRun[bytes, CompareFacesResponse])
    with ProcessPoolExecutor() as pool:
        parallel = client.bulk.detect_text(photos, cluster=pool)
        assert_type(parallel, BulkRun[Path, DetectTextResponse])
        assert_type(bulk.write_parquet(parallel, "texts.parquet"), int)
        assert_type(client.bulk.map(name_of, photos, cluster=pool), BulkRun[Path, str])
    mixed: list[str | Path] = ["a.jpg", Path("b.jpg")]
    assert_type(client.bulk.detect_text(mixed), BulkRun[str | Path, DetectTextResponse])


def mapped(client: RekognitionClient) -> int:
    def texts(page: int) -> list[TextDetection]:
        return client.detect_text(f"page-{page}.png").text_detections

    assert_type(client.bulk.map(texts, range(9)), BulkRun[int, list[TextDetection]])
    with client.bulk.map(client.detect_text, bulk.manifest("pages.manifest")) as run:
        assert_type(run, BulkRun[str, DetectTextResponse])
        return bulk.write_csv(run, "texts.csv")


async def asynchronous(client: AsyncRekognitionClient) -> None:
    async def sources() -> AsyncIterator[bytes]:
        yield b""

    assert_type(client.bulk, AsyncBulk)
    async with client.bulk.detect_labels(sources(), max_labels=5) as run:
        assert_type(run, AsyncBulkRun[bytes, DetectLabelsResponse])
        async for outcome in run:
            assert_type(outcome, Outcome[bytes, DetectLabelsResponse])
        bulk.write_jsonl([outcome async for outcome in run], "labels.jsonl")
    async with client.bulk.map(client.detect_text, bulk.folder("pages")) as pages:
        assert_type(pages, AsyncBulkRun[Path, DetectTextResponse])
        async for page in pages:
            print(page.key, [found.detected_text for found in page.answer.text_detections])
    assert_type(await client.bulk.detect_text(["a.jpg"], checkpoint="texts.jsonl").finish(), BulkProgress)
