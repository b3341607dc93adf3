"""Media analysis: DetectModerationLabels for each image of a manifest, with the results in a bucket.

The files have the names and the form that the service's guide describes: `JOB_ID-results.jsonl` has a line for each
analysed image, `JOB_ID-manifest-summary.json` has the counts of lines and the errors of images without a result.
"""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, NamedTuple

from ... import models
from ..._core.wire import from_wire, to_wire
from ..._values.narrow import is_mapping
from .. import refusals
from ..answers import moderation
from ..refusals import NOT_SERVED, RefusalError
from ..state.rows import jobs
from ..state.rows.jobs import FAILED, IN_PROGRESS, SUCCEEDED, Ending
from ..state.schedule import Step, StepKind
from .custom_labels.versions import require_adapter
from .files import write_file
from .images.detection import detect_moderation_labels
from .jobs import FAILURE, settle, settled_job, start_job, started_before
from .pages import NEWEST, Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..context import Context
    from ..state.rows.jobs import JobRow


FAMILY = "media_analysis"
KIND = "MediaAnalysis"
DEFAULT_PAGE = 100
RESULTS_NAME, SUMMARY_NAME = "results.jsonl", "manifest-summary.json"
SUMMARY_VERSION = "1.0"

_OPERATION = "StartMediaAnalysisJob"
_SOURCE = re.compile(r"s3://([0-9A-Za-z.\-_]{3,255})/(.{1,1024})", re.DOTALL)
_REPEATED = ("JobName", "Input", "OutputConfig", "OperationsConfig", "KmsKeyId")
_EARLY_STATUSES = (models.MediaAnalysisJobStatus.CREATED, models.MediaAnalysisJobStatus.QUEUED)
"""Statuses before IN_PROGRESS; a job has each for a third of its duration (assumed)."""
_CODES = models.MediaAnalysisJobFailureCode
_FAILURES = {
    "InvalidS3ObjectException": _CODES.INVALID_S3_OBJECT,
    "InvalidManifestException": _CODES.INVALID_MANIFEST,
    "ResourceNotFoundException": _CODES.RESOURCE_NOT_FOUND,
    "ResourceNotReadyException": _CODES.RESOURCE_NOT_READY,
}
_LOG = logging.getLogger("rekog.emulator")


class _LineResult(NamedTuple):
    """Result or error of a line of the manifest, in wire form."""

    result: dict[str, object] | None
    error: dict[str, object] | None = None


def start_media_analysis_job(
    context: Context, request: models.StartMediaAnalysisJobRequest
) -> models.StartMediaAnalysisJobResponse:
    """Start a job that analyses the images of a manifest."""
    wire = to_wire(request)
    earlier = started_before(context, _OPERATION, wire)
    if earlier is not None:
        return from_wire(models.StartMediaAnalysisJobResponse, earlier)
    config = request.operations_config.detect_moderation_labels
    if config is None:
        raise refusals.invalid_parameter(
            "OperationsConfig must have an operation: DetectModerationLabels."
        )  # our wording
    if config.project_version:
        require_adapter(context, config.project_version)
    _read_manifest(context, request.input.s3_object)
    response = start_job(context, _OPERATION, wire, family=FAMILY, kind=KIND, end=StepKind.FINISH_MEDIA_ANALYSIS)
    return from_wire(models.StartMediaAnalysisJobResponse, response)


def get_media_analysis_job(
    context: Context, request: models.GetMediaAnalysisJobRequest
) -> models.GetMediaAnalysisJobResponse:
    """Return the status of a job and, once it has ended, the locations of its files."""
    job = settled_job(context, KIND, request.job_id)
    return from_wire(models.GetMediaAnalysisJobResponse, _describe(context, job))


def list_media_analysis_jobs(
    context: Context, request: models.ListMediaAnalysisJobsRequest
) -> models.ListMediaAnalysisJobsResponse:
    """Return full descriptions of all jobs, the newest first."""
    limit = request.max_results or DEFAULT_PAGE
    listing = Listing(context, ("ListMediaAnalysisJobs",))
    before = listing.resume(request.next_token, NEWEST)
    with context.state.read() as connection:
        rows = jobs.newest(connection, context.scope, FAMILY, before, limit + 1)
    if settle(context, rows[:limit]):
        with context.state.read() as connection:
            rows = jobs.newest(connection, context.scope, FAMILY, before, limit + 1)
    page, token = listing.cut(rows, limit)
    described = [from_wire(models.MediaAnalysisJobDescription, _describe(context, job)) for job in page]
    return models.ListMediaAnalysisJobsResponse(media_analysis_jobs=described, next_token=token)


def _describe(context: Context, job: JobRow) -> dict[str, object]:
    request = job.request
    wire: dict[str, object] = {"JobId": job.job_id, "Status": _status(context, job), "CreationTimestamp": job.created}
    wire |= {name: request[name] for name in _REPEATED if name in request}
    wire |= job.detail
    if job.finished is not None:
        wire["CompletionTimestamp"] = job.finished
    return wire


def _status(context: Context, job: JobRow) -> str:
    if job.status != IN_PROGRESS or not context.durations.job:
        return job.status
    # not before the first third, even if the clock has been set back
    third = max(0, int(3 * (context.clock() - job.created) / context.durations.job))
    return _EARLY_STATUSES[third] if third < len(_EARLY_STATUSES) else IN_PROGRESS


def finish(context: Context, step: Step) -> None:
    """End a job that is due: analyse the images of its manifest, and write the results."""
    with context.state.read() as connection:
        job = jobs.find(connection, context.scope, str(step.detail["JobId"]))
    if job is None or job.status != IN_PROGRESS:
        return
    ending = _run(context, job)
    with context.state.write() as connection:
        jobs.finish(connection, job, ending, context.clock())


def _run(context: Context, job: JobRow) -> Ending:
    request = from_wire(models.StartMediaAnalysisJobRequest, job.request)
    try:
        lines = _moderate_lines(context, request)
    except RefusalError as refusal:
        return _failure(_FAILURES.get(refusal.code, _CODES.INTERNAL_ERROR), refusal.message)
    except Exception:
        _LOG.exception("job %s failed", job.job_id)
        return _failure(_CODES.INTERNAL_ERROR, FAILURE)
    try:
        return Ending(SUCCEEDED, detail=_write_files(context, job.job_id, request.output_config, lines))
    except RefusalError as refusal:
        return _failure(_CODES.INVALID_OUTPUT_CONFIG, refusal.message)


def _failure(code: str, message: str) -> Ending:
    return Ending(FAILED, detail={"FailureDetails": {"Code": code, "Message": message}})


def _moderate_lines(context: Context, request: models.StartMediaAnalysisJobRequest) -> list[_LineResult]:
    config = request.operations_config.detect_moderation_labels or models.MediaAnalysisDetectModerationLabelsConfig()
    if config.project_version:
        require_adapter(context, config.project_version)
    manifest = _read_manifest(context, request.input.s3_object)
    lines: list[_LineResult] = []
    for number, text in enumerate(manifest, start=1):
        context.worker.raise_if_closed()
        lines.append(_moderate_line(context, number, text, config))
    errors = [line.error for line in lines if line.error is not None]
    if len(errors) == len(lines) and all(error["code"] == NOT_SERVED for error in errors):
        raise refusals.not_served(
            str(errors[0]["message"])
        )  # a job fails if the emulator can serve none of its images (assumed)
    return lines


def _write_files(
    context: Context, job_id: str, output: models.MediaAnalysisOutputConfig, lines: Sequence[_LineResult]
) -> dict[str, object]:
    """Write the results and the summary, and return the members of the job's description that locate the files."""
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

    def write(name: str, text: str) -> dict[str, str]:
        return write_file(context, output.s3_bucket, output.s3_key_prefix, f"{job_id}-{name}", text.encode())

    return {
        "Results": {
            "S3Object": write(RESULTS_NAME, "".join(f"{json.dumps(result)}\n" for result in results)),
            "ModelVersions": {"Moderation": moderation.MODEL_VERSION},
        },
        "ManifestSummary": {"S3Object": write(SUMMARY_NAME, json.dumps(summary))},
    }


def _read_manifest(context: Context, manifest: models.S3Object) -> list[str]:
    """Return the lines of a manifest; refuse it if it can't be read, is empty, or is too large."""
    if not manifest.bucket or not manifest.name:
        raise refusals.object_unreadable()
    limit, max_lines = context.limits.manifest_bytes, context.limits.manifest_lines
    data = context.objects.read(manifest.bucket, manifest.name, manifest.version, limit=limit)
    if len(data) > limit:
        raise refusals.manifest_invalid(f"The manifest is larger than {limit} bytes.")
    # not splitlines(): JSON text may contain the other line separators of Unicode unescaped
    lines = [line for line in data.decode("utf-8-sig", errors="replace").split("\n") if line.strip()]
    if not lines:
        raise refusals.manifest_invalid("The manifest is empty.")
    if len(lines) > max_lines:
        raise refusals.manifest_invalid(f"The manifest has more than {max_lines} lines.")
    return lines


def _moderate_line(
    context: Context, number: int, text: str, config: models.MediaAnalysisDetectModerationLabelsConfig
) -> _LineResult:
    """Analyse the image of one line; an image that DetectModerationLabels refuses gets its error (assumed)."""
    source = _source(text)
    location = _SOURCE.fullmatch(source)
    if location is None:
        repeated = {"source-ref": source} if source else {}
        message = "The line must be a JSON object whose source-ref is s3://BUCKET/KEY."
        return _LineResult(None, _error(number, "InvalidManifestException", message, repeated))
    request = models.DetectModerationLabelsRequest(
        image=models.Image(s3_object=models.S3Object(bucket=location[1], name=location[2])),
        min_confidence=config.min_confidence,
        project_version=config.project_version,
    )
    try:
        response = to_wire(detect_moderation_labels(context, request))
    except RefusalError as refusal:
        return _LineResult(None, _error(number, refusal.code, refusal.message, {"source-ref": source}))
    labels = {name: response.get(name, []) for name in ("ModerationLabels", "ModerationModelVersion", "ContentTypes")}
    return _LineResult({"source-ref": source, "detect-moderation-labels": labels})


def _source(text: str) -> str:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    source = value.get("source-ref") if is_mapping(value) else None
    return source if isinstance(source, str) else ""


def _error(number: int, code: str, message: str, source: dict[str, str]) -> dict[str, object]:
    return {"line-number": number, **source, "code": code, "message": message}
