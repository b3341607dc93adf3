"""Start and Get requests of stored-video jobs, the same for all kinds of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...._core.handler_result import InWireForm
from ...._core.wire import to_wire
from ... import refusals
from ...answers.video_views import view_name
from ...content.videos import open_video
from ...state import tokens
from ...state.rows import jobs
from ...state.rows.jobs import FAILED, SUCCEEDED
from ...state.schedule import StepKind
from ..jobs import settled_job, start_job, started_before

if TYPE_CHECKING:
    from ...context import Context
    from ...state.rows.jobs import JobRow
    from .kinds import Get, Got, Kind, Start, Started

FAMILY = "videos"
MAX_RESULTS = 1000
"""Results per page; a larger MaxResults counts as this."""
SECONDS_PER_HOUR = 3_600


def start(kind: Kind[Start, Started, Get, Got], context: Context, request: Start) -> InWireForm[Started]:
    """Start a job and return its id, or the id of the job that the same request token started before."""
    wire, operation = to_wire(request), kind.start.name
    earlier = started_before(context, operation, wire)
    if earlier is not None:
        return InWireForm(earlier)
    kind.check(context, request)
    open_video(context, request.video)
    response = start_job(
        context,
        operation,
        wire,
        family=FAMILY,
        kind=kind.name,
        end=StepKind.FINISH_VIDEO_JOB,
        analysis=StepKind.ANALYSE_VIDEO,
    )
    return InWireForm(response)


def get(kind: Kind[Start, Started, Get, Got], context: Context, request: Get) -> InWireForm[Got]:
    """Return a job's status and a page of its results; they are in wire form, as they are stored."""
    order = {
        "SortBy": getattr(request, "sort_by", None) or kind.sort_by,
        "AggregateBy": getattr(request, "aggregate_by", None) or kind.aggregate_by,
    }
    view = view_name(order["SortBy"] or "TIMESTAMP", order["AggregateBy"])
    limit = min(request.max_results or MAX_RESULTS, MAX_RESULTS)
    listing = (kind.get.name, *context.scope, request.job_id, view)
    job = settled_job(context, kind.name, request.job_id)
    first = _position(context, listing, request.next_token)
    with context.state.read() as connection:
        results = jobs.results(connection, job.key, view, first, limit + 1)
    response = {"JobStatus": job.status, "JobId": job.job_id, **kind.empty, **_repeated(job), **job.detail}
    response[kind.items] = results[:limit]
    if job.status == FAILED:
        response["StatusMessage"] = job.message
    if job.status != SUCCEEDED:
        return InWireForm(response)
    if len(results) > limit:
        position = f"{first + limit} {float(context.clock())!r}"
        response["NextToken"] = tokens.seal(context.state.token_secret, listing, position)
    if kind.version:
        response[kind.version[0]] = kind.version[1]
    if kind.aggregate_by:
        response["GetRequestMetadata"] = order
    return InWireForm(response)


def _position(context: Context, listing: tuple[str, ...], token: str | None) -> int:
    if token is None:
        return 0
    position, _, issued = tokens.unseal(context.state.token_secret, listing, token).partition(" ")
    if context.clock() > float(issued) + context.limits.token_hours * SECONDS_PER_HOUR:
        raise refusals.page_token_invalid()
    return int(position)


def _repeated(job: JobRow) -> dict[str, object]:
    """Return the members of the Start request that the Get response repeats."""
    request = job.request
    return {name: request[name] for name in ("Video", "JobTag") if name in request}
