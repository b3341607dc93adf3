"""Media analysis: DetectModerationLabels for each picture of a manifest, written into a bucket.

The files have the form of the service's guide: `results.jsonl` has a line for each picture that was looked at,
`manifest-summary.json` counts the lines and tells why pictures were left out. Their names are ours.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from typing import TYPE_CHECKING, NamedTuple

from ... import models
from ..._core.wire import from_wire, to_wire
from ..._values.narrow import is_mapping
from .. import refusals
from ..answers import moderation
from ..refusals import NOT_SERVED, RefusalError
from ..state import idempotency
from ..state.rows import jobs
from ..state.rows.jobs import FAILED, IN_PROGRESS, SUCCEEDED, Ending
from ..state.schedule import Step, StepKind
from .custom_labels.versions import require_adapter
from .files import write_file
from .images.detection import detect_moderation_labels
from .jobs import FAILURE, open_job, settled_job
from .pages import NEWEST, Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..context import Context
    from ..state.rows.jobs import JobRow


FAMILY = "media_analysis"
KIND = "MediaAnalysis"
DEFAULT_PAGE = 100
RESULTS_NAME, SUMMARY_NAME = "results.jsonl", "manifest-summary.json"  # ours
SUMMARY_VERSION = "1.0"

_OPERATION = "StartMediaAnalysisJob"
_SOURCE = re.compile(r"s3://([0-9A-Za-z.\-_]{3,255})/(.{1,1024})", re.DOTALL)
_REPEATED = ("JobName", "Input", "OutputConfig", "OperationsConfig", "KmsKeyId")
_BEFORE = (models.MediaAnalysisJobStatus.CREATED, models.MediaAnalysisJobStatus.QUEUED)
"""What a job is before it is in progress, each for a third of its time (assumed)."""
_CODES = models.MediaAnalysisJobFailureCode
_FAILURES = {
    "InvalidS3ObjectException": _CODES.INVALID_S3_OBJECT,
    "InvalidManifestException": _CODES.INVALID_MANIFEST,
    "ResourceNotFoundException": _CODES.RESOURCE_NOT_FOUND,
    "ResourceNotReadyException": _CODES.RESOURCE_NOT_READY,
}
_LOG = logging.getLogger("rekog.emulator")


class _Line(NamedTuple):
    """What became of a line of the manifest: a result or an error, in wire form."""

    result: dict[str, object] | None
    error: dict[str, object] | None = None


def start_media_analysis_job(
    context: Context, request: models.StartMediaAnalysisJobRequest
) -> models.StartMediaAnalysisJobResponse:
    """Start to look at the pictures of a manifest."""
    wire = to_wire(request)
    with context.state.read() as connection:
        before = idempotency.replayed(connection, context.scope, _OPERATION, wire)
    if before is not None:
        return from_wire(models.StartMediaAnalysisJobResponse, before)
    config = request.operations_config.detect_moderation_labels
    if config is None:
        raise refusals.invalid_parameter("OperationsConfig must have an operation: DetectModerationLabels.")  # ours
    if config.project_version:
        require_adapter(context, config.project_version)
    _read_manifest(context, request.input.s3_object)
    job_id = secrets.token_hex(32)
    with context.state.write() as connection:
        before = idempotency.replayed(connection, context.scope, _OPERATION, wire)  # meanwhile, by another thread
        if before is not None:
            return from_wire(models.StartMediaAnalysisJobResponse, before)
        open_job(
            context,
            connection,
            family=FAMILY,
            kind=KIND,
            job_id=job_id,
            request=wire,
            end=StepKind.FINISH_MEDIA_ANALYSIS,
        )
        idempotency.store(connection, context.scope, _OPERATION, wire, {"JobId": job_id}, owner=job_id)
    context.worker.start()
    return models.StartMediaAnalysisJobResponse(job_id=job_id)


def get_media_analysis_job(
    context: Context, request: models.GetMediaAnalysisJobRequest
) -> models.GetMediaAnalysisJobResponse:
    """Tell how a job is doing, and when it is done where its files are."""
    job = settled_job(context, KIND, request.job_id)
    return from_wire(models.GetMediaAnalysisJobResponse, _described(context, job))


def list_media_analysis_jobs(
    context: Context, request: models.ListMediaAnalysisJobsRequest
) -> models.ListMediaAnalysisJobsResponse:
    """Give all jobs with all that is known of them, the newest first."""
    limit = request.max_results or DEFAULT_PAGE
    listing = Listing(context, ("ListMediaAnalysisJobs",))
    before = listing.resume(request.next_token, NEWEST)
    with context.state.read() as connection:
        rows = jobs.newest(connection, context.scope, FAMILY, before, limit + 1)
    page, token = listing.cut(rows, limit)
    page = [settled_job(context, KIND, job.job_id) for job in page]
    described = [from_wire(models.MediaAnalysisJobDescription, _described(context, job)) for job in page]
    return models.ListMediaAnalysisJobsResponse(media_analysis_jobs=described, next_token=token)


def _described(context: Context, job: JobRow) -> dict[str, object]:
    request = job.request
    told: dict[str, object] = {"JobId": job.job_id, "Status": _status(context, job), "CreationTimestamp": job.created}
    told |= {name: request[name] for name in _REPEATED if name in request}
    told |= job.detail
    if job.finished is not None:
        told["CompletionTimestamp"] = job.finished
    return told


def _status(context: Context, job: JobRow) -> str:
    if job.status != IN_PROGRESS or not context.durations.job:
        return job.status
    third = int(3 * (context.clock() - job.created) / context.durations.job)
    return _BEFORE[third] if 0 <= third < len(_BEFORE) else IN_PROGRESS


def finish(context: Context, step: Step) -> None:
    """End a job that is due: look at every picture of its manifest, and write what was found."""
    with context.state.read() as connection:
        job = jobs.find(connection, context.scope, str(step.detail["JobId"]))
    if job is None or job.status != IN_PROGRESS:
        return
    ending = _ending(context, job)
    with context.state.write() as connection:
        jobs.finish(connection, job, ending, context.clock())


def _ending(context: Context, job: JobRow) -> Ending:
    request = from_wire(models.StartMediaAnalysisJobRequest, job.request)
    try:
        lines = _looked_at(context, request)
    except RefusalError as refusal:
        return _failed(_FAILURES.get(refusal.code, _CODES.INTERNAL_ERROR), refusal.message)
    except Exception:
        _LOG.exception("job %s failed", job.job_id)
        return _failed(_CODES.INTERNAL_ERROR, FAILURE)
    try:
        return Ending(SUCCEEDED, detail=_written(context, job.job_id, request.output_config, lines))
    except RefusalError as refusal:
        return _failed(_CODES.INVALID_OUTPUT_CONFIG, refusal.message)


def _failed(code: str, message: str) -> Ending:
    return Ending(FAILED, detail={"FailureDetails": {"Code": code, "Message": message}})


def _looked_at(context: Context, request: models.StartMediaAnalysisJobRequest) -> list[_Line]:
    config = request.operations_config.detect_moderation_labels or models.MediaAnalysisDetectModerationLabelsConfig()
    if config.project_version:
        require_adapter(context, config.project_version)
    manifest = _read_manifest(context, request.input.s3_object)
    lines: list[_Line] = []
    for number, text in enumerate(manifest, start=1):
        context.worker.raise_if_closed()
        lines.append(_line(context, number, text, config))
    errors = [line.error for line in lines if line.error is not None]
    if len(errors) == len(lines) and all(error["code"] == NOT_SERVED for error in errors):
        raise refusals.not_served(str(errors[0]["message"]))  # nothing was answered: no success (assumed)
    return lines


def _written(
    context: Context, job_id: str, output: models.MediaAnalysisOutputConfig, lines: Sequence[_Line]
) -> dict[str, object]:
    """Write what was found, and return where."""
    results = [line.result for line in lines if line.result is not None]
    summary = {
        "version": SUMMARY_VERSION,
        "statistics": {
            "total-json-lines": len(lines),
            "valid-json-lines": len(results),
            "invalid-json-lines": len(lines) - len(results),
        },
        "errors": [line.error for line in lines if line.error is not None],
    }

    def file(name: str, text: str) -> dict[str, str]:
        return write_file(context, output.s3_bucket, output.s3_key_prefix, f"{job_id}/{name}", text.encode())

    return {
        "Results": {
            "S3Object": file(RESULTS_NAME, "".join(f"{json.dumps(result)}\n" for result in results)),
            "ModelVersions": {"Moderation": moderation.MODEL_VERSION},
        },
        "ManifestSummary": {"S3Object": file(SUMMARY_NAME, json.dumps(summary))},
    }


def _read_manifest(context: Context, place: models.S3Object) -> list[str]:
    """Return the manifest's lines; refuse one that can't be read, is empty, or is too large."""
    if not place.bucket or not place.name:
        raise refusals.object_unreadable()
    limit, most = context.limits.manifest_bytes, context.limits.manifest_lines
    data = context.objects.read(place.bucket, place.name, place.version, limit=limit)
    if len(data) > limit:
        raise refusals.manifest_invalid(f"The manifest is larger than {limit} bytes.")
    # not splitlines(): JSON text may hold the other line separators of Unicode as they are
    lines = [line for line in data.decode("utf-8-sig", errors="replace").split("\n") if line.strip()]
    if not lines:
        raise refusals.manifest_invalid("The manifest is empty.")
    if len(lines) > most:
        raise refusals.manifest_invalid(f"The manifest has more than {most} lines.")
    return lines


def _line(context: Context, number: int, text: str, config: models.MediaAnalysisDetectModerationLabelsConfig) -> _Line:
    """Look at the picture of one line. One that can't be answered is told with the operation's own error (assumed)."""
    source = _source(text)
    place = _SOURCE.fullmatch(source)
    if place is None:
        told = {"source-ref": source} if source else {}
        message = "The line must be a JSON object whose source-ref is s3://BUCKET/KEY."
        return _Line(None, _error(number, "InvalidManifestException", message, told))
    request = models.DetectModerationLabelsRequest(
        image=models.Image(s3_object=models.S3Object(bucket=place[1], name=place[2])),
        min_confidence=config.min_confidence,
        project_version=config.project_version,
    )
    try:
        found = to_wire(detect_moderation_labels(context, request))
    except RefusalError as refusal:
        return _Line(None, _error(number, refusal.code, refusal.message, {"source-ref": source}))
    labels = {name: found.get(name, []) for name in ("ModerationLabels", "ModerationModelVersion", "ContentTypes")}
    return _Line({"source-ref": source, "detect-moderation-labels": labels})


def _source(text: str) -> str:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    source = value.get("source-ref") if is_mapping(value) else None
    return source if isinstance(source, str) else ""


def _error(number: int, code: str, message: str, source: dict[str, str]) -> dict[str, object]:
    return {"line-number": number, **source, "code": code, "message": message}
