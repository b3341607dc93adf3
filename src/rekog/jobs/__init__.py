"""Jobs: start one, wait until it ends, and read its results, without a queue or a topic; records of stream processors.

`client.jobs` has a `start_...` method for each kind of job, which returns a handle, and a method that returns the
handle of a job that was started before. A handle does no I/O of its own accord, and owns nothing: the job goes on at
the service, which has no operation to cancel it.

>>> from rekog import RekognitionClient
>>> from rekog.emulator import Emulator
>>> with Emulator() as emulator, RekognitionClient.local(emulator) as client:
...     version = emulator.put_object("films", "street.mp4", b"...")
...     emulator.declare("s3://films/street.mp4", labels=[{"Timestamp": 500, "Label": "Car"}])
...     job = client.jobs.start_label_detection("s3://films/street.mp4", min_confidence=80)
...     response = job.wait(timeout=60)
...     [(found.timestamp, found.label.name) for found in job]
[(500, 'Car')]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._values.lazy import lazy_names

if TYPE_CHECKING:
    from .._generated.async_jobs import (
        AsyncAnyVideoJob,
        AsyncCelebrityRecognitionJob,
        AsyncContentModerationJob,
        AsyncFaceDetectionJob,
        AsyncFaceSearchJob,
        AsyncJobs,
        AsyncLabelDetectionJob,
        AsyncMediaAnalysisJob,
        AsyncPersonTrackingJob,
        AsyncSegmentDetectionJob,
        AsyncTextDetectionJob,
        AsyncTrainingJob,
    )
    from .._generated.jobs import (
        AnyVideoJob,
        CelebrityRecognitionJob,
        ContentModerationJob,
        FaceDetectionJob,
        FaceSearchJob,
        Jobs,
        LabelDetectionJob,
        MediaAnalysisJob,
        PersonTrackingJob,
        SegmentDetectionJob,
        TextDetectionJob,
        TrainingJob,
    )
    from ._handles import AsyncJob, AsyncVideoJob, Job, VideoJob
    from ._notifications import JobNotification, parse_notifications
    from ._stream_notifications import StreamLabel, StreamNotification, parse_stream_notifications
    from ._stream_records import StreamFace, StreamRecord, parse_stream_records

__all__ = [
    "AnyVideoJob", "AsyncAnyVideoJob", "AsyncCelebrityRecognitionJob", "AsyncContentModerationJob",
    "AsyncFaceDetectionJob", "AsyncFaceSearchJob", "AsyncJob", "AsyncJobs", "AsyncLabelDetectionJob",
    "AsyncMediaAnalysisJob", "AsyncPersonTrackingJob", "AsyncSegmentDetectionJob", "AsyncTextDetectionJob",
    "AsyncTrainingJob", "AsyncVideoJob", "CelebrityRecognitionJob", "ContentModerationJob", "FaceDetectionJob",
    "FaceSearchJob", "Job", "JobNotification", "Jobs", "LabelDetectionJob", "MediaAnalysisJob", "PersonTrackingJob",
    "SegmentDetectionJob", "StreamFace", "StreamLabel", "StreamNotification", "StreamRecord", "TextDetectionJob",
    "TrainingJob", "VideoJob", "parse_notifications", "parse_stream_notifications", "parse_stream_records",
]  # fmt: skip

if not TYPE_CHECKING:  # a type checker that saw it would accept any misspelt name
    _HERE = {
        "._handles": ("AsyncJob", "AsyncVideoJob", "Job", "VideoJob"),
        "._notifications": ("JobNotification", "parse_notifications"),
        "._stream_notifications": ("StreamLabel", "StreamNotification", "parse_stream_notifications"),
        "._stream_records": ("StreamFace", "StreamRecord", "parse_stream_records"),
    }
    _GENERATED = {*__all__}.difference(*_HERE.values())
    _ASYNC = {name for name in _GENERATED if name.startswith("Async")}
    __getattr__ = lazy_names(
        __name__, {**_HERE, ".._generated.jobs": _GENERATED - _ASYNC, ".._generated.async_jobs": _ASYNC}
    )


def __dir__() -> list[str]:
    return sorted(__all__)
