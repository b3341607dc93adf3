"""Many images: one operation for each source, with errors kept per source, and a checkpoint to continue from.

`client.bulk` has a method for each operation on images, with the arguments of the client's method, and `map` for any
function. Each returns a run, which makes several calls at once, pulls sources as it goes, and hands out an `Outcome`
for each of them as it arrives. The client's rate limit and retries apply. docs/bulk.md describes the checkpoint.

- `key`: a function from a source to its name; a path and `s3://bucket/key` are names themselves.
- `checkpoint`: a file in which the outcomes are recorded; the same run continues from it.
- `concurrency`: calls at once, by default the client's `max_connections`, at most 16.
- `fit`: convert and shrink each local image with `rekog.images.fit` before it is sent.
- `max_failures`: the number of sources that may fail; one more ends the run with `TooManyFailuresError`.
- `cluster`: a Dask client whose workers make the calls, instead of threads.
- `on_progress`: a function that is called with a `BulkProgress` after each outcome.

>>> from rekog import RekognitionClient, bulk
>>> photographs = bulk.folder("examples/images", "*.jpg")
>>> with RekognitionClient.local() as client:
...     declared = [client.emulator.declare(path, labels=["Person"]) for path in photographs]
...     with client.bulk.detect_labels(photographs, max_labels=5) as run:
...         sorted((outcome.source.name, outcome.answer.labels[0].name) for outcome in run)
[('astronaut.jpg', 'Person'), ('grace_hopper.jpg', 'Person')]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._values.lazy import lazy_names

if TYPE_CHECKING:
    from .._generated.async_bulk import AsyncBulk
    from .._generated.bulk import Bulk
    from ._clusters import Cluster
    from ._outcomes import BulkProgress, CheckpointError, OnProgress, Outcome, TooManyFailuresError
    from ._sources import Sources, folder, manifest, s3_prefix
    from ._tables import write_csv, write_jsonl, write_parquet
    from ._tasks import AsyncBulkRun
    from ._threads import BulkRun

__all__ = [
    "AsyncBulk", "AsyncBulkRun", "Bulk", "BulkProgress", "BulkRun", "CheckpointError", "Cluster", "OnProgress",
    "Outcome", "Sources", "TooManyFailuresError", "folder", "manifest", "s3_prefix", "write_csv", "write_jsonl",
    "write_parquet",
]  # fmt: skip

if not TYPE_CHECKING:  # a type checker that saw it would accept any misspelt name
    __getattr__ = lazy_names(
        __name__,
        {
            ".._generated.async_bulk": ("AsyncBulk",),
            ".._generated.bulk": ("Bulk",),
            "._clusters": ("Cluster",),
            "._outcomes": ("BulkProgress", "CheckpointError", "OnProgress", "Outcome", "TooManyFailuresError"),
            "._sources": ("Sources", "folder", "manifest", "s3_prefix"),
            "._tables": ("write_csv", "write_jsonl", "write_parquet"),
            "._tasks": ("AsyncBulkRun",),
            "._threads": ("BulkRun",),
        },
    )


def __dir__() -> list[str]:
    return sorted(__all__)
