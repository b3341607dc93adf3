"""The units that a call is billed for, by its operation, its members and its response. See `rekog.cost`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from .._core.json_body import parse
from .._values.errors import ConnectError, PoolTimeoutError, TransportError, WriteTimeoutError
from .._values.narrow import is_mapping, is_sequence
from ._ledger import NONE, StartedJob

if TYPE_CHECKING:
    from .._settings.attempts import Attempt
    from ._ledger import Ledger, Units

ONE = Decimal(1)
IMAGE_PROPERTIES, STORED_FACES, VIDEO, SEGMENTS = "image-properties", "stored-faces", "video", "video-segments"

COUNTED = {IMAGE_PROPERTIES, STORED_FACES, VIDEO, SEGMENTS}
"""Price groups that are counted here by their names, beside those with a list of operations."""

VIDEO_JOBS = tuple(
    "CelebrityRecognition ContentModeration FaceDetection FaceSearch LabelDetection PersonTracking SegmentDetection"
    " TextDetection".split()
)
STARTS = frozenset(f"Start{kind}" for kind in VIDEO_JOBS)
RESULTS = frozenset(f"Get{kind}" for kind in VIDEO_JOBS)

BY_TIME = frozenset({"CreateProjectVersion", "StartMediaAnalysisJob", "StartProjectVersion", "StartStreamProcessor"})
"""Operations that cost hours, minutes or images that neither their request nor their response shows."""

NOT_SENT = ConnectError, PoolTimeoutError, WriteTimeoutError
"""Errors of requests that the service cannot have acted on."""

MAXIMUM_FACES = 100  # that IndexFaces stores of one image


def units_of(operation: str, members: Mapping[str, object], group: str | None) -> dict[str, Decimal]:
    """Return the units that a successful call is billed for; `group` is the one that the table has for it."""
    if group is None:
        return {}
    features = members.get("Features")
    if operation == "DetectLabels" and is_sequence(features) and "IMAGE_PROPERTIES" in features:
        return {IMAGE_PROPERTIES: ONE, **({group: ONE} if "GENERAL_LABELS" in features else {})}
    return {group: ONE}


def most_faces(members: Mapping[str, object]) -> Decimal:
    """Return the number of faces that a call of IndexFaces may store."""
    given = members.get("MaxFaces")
    return Decimal(min(given, MAXIMUM_FACES) if isinstance(given, int) else MAXIMUM_FACES)


def job_of(operation: str, members: Mapping[str, object], reserved: Units) -> StartedJob:
    """Return the job that a call starts. Each type of segment is billed."""
    types = members.get("SegmentTypes")
    if operation == "StartSegmentDetection":
        return StartedJob(SEGMENTS, len(types) if is_sequence(types) else 1, reserved)
    return StartedJob(VIDEO, 1, reserved)


def _stored_faces(content: bytes) -> Decimal:
    records = _body(content).get("FaceRecords")
    return Decimal(len(records) if is_sequence(records) else 0)


def _minutes(content: bytes) -> Decimal | None:
    """Return the minutes of the video of a job that has ended, 0 if it failed, None while it is in progress."""
    body = _body(content)
    if body.get("JobStatus") == "FAILED":
        return Decimal(0)
    metadata = body.get("VideoMetadata")
    first = metadata[0] if is_sequence(metadata) and metadata else metadata  # a list in those of segments
    duration = first.get("DurationMillis") if is_mapping(first) else None
    if body.get("JobStatus") != "SUCCEEDED" or not isinstance(duration, int):
        return None
    return Decimal(duration) / 60_000


def _body(content: bytes) -> Mapping[str, object]:
    try:
        body = parse(content)
    except (ValueError, RecursionError):
        return {}  # the decoder of the response reports it
    return body if is_mapping(body) else {}


class MeteredCall:
    """Counts one call: reserves its units before the first attempt, and settles them after each."""

    def __init__(self, ledger: Ledger, operation: str, expected: Callable[[str, Mapping[str, object]], Units]) -> None:
        self._ledger = ledger
        self._operation = operation
        self._expected = expected
        self._reserved: Units | None = None

    def before_request(self, members: Mapping[str, object]) -> None:
        """Reserve the units, unless those of the last attempt are reserved still."""
        if self._reserved is None:
            units = self._expected(self._operation, members)
            self._ledger.reserve(self._operation, units)
            self._reserved = units

    def after_attempt(self, attempt: Attempt, members: Mapping[str, object], content: bytes) -> None:
        """Settle the units of an attempt that was billed, or may have been."""
        if attempt.error is None:
            self._bill(members, content)
        elif isinstance(attempt.error, TransportError) and not isinstance(attempt.error, NOT_SENT):
            self._lose()

    def ended(self, _error: BaseException | None, *, in_flight: bool) -> None:
        """Release units that were not billed."""
        if in_flight:
            self._lose()
        elif self._reserved is not None:
            self._ledger.settle(self._reserved)

    def _lose(self) -> None:
        reserved, self._reserved = self._reserved or NONE, None
        self._ledger.settle(reserved, unconfirmed=reserved)

    def _bill(self, members: Mapping[str, object], content: bytes) -> None:
        reserved, self._reserved = self._reserved or NONE, None
        ledger, operation = self._ledger, self._operation
        if operation in STARTS:
            job_id = _body(content).get("JobId")
            ledger.start_job(str(job_id), job_of(operation, members, reserved))
            return
        units = units_of(operation, members, ledger.prices.group_of(operation))
        if operation == "IndexFaces":
            units[STORED_FACES] = _stored_faces(content)
        ledger.settle(reserved, billed=units)
        job_id = members.get("JobId")
        if operation in RESULTS and isinstance(job_id, str) and ledger.has_job(job_id):
            minutes = _minutes(content)
            if minutes is not None:
                ledger.end_job(job_id, minutes)
