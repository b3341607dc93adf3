"""Start and Get requests of stored-video jobs, the same for all kinds of jobs."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from ...._core.handler_result import InWireForm
from ...._core.wire import to_wire
from ... import refusals
from ...answers.video_views import view_name
from ...content.videos import open_video
from ...state import idempotency, schedule, tokens
from ...state.rows import jobs
from ...state.rows.jobs import FAILED, SUCCEEDED
from ...state.schedule import Priority, StepKind
from ..jobs import open_job, settled_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...context import Context
    from ...state.rows.jobs import JobRow
    from .kinds import Get, Got, Kind, Start, Started

FAMILY = "videos"
MAX_RESULTS = 1000
"""Results per page; a larger MaxResults counts as this."""
SECONDS_PER_HOUR = 3_600


def starting(kind: Kind[Start, Started, Get, Got]) -> Callable[[Context, Start], InWireForm[Started]]:
    """Return the handler of a kind's Start operation."""
    return partial(start, kind)


def getting(kind: Kind[Start, Started, Get, Got]) -> Callable[[Context, Get], InWireForm[Got]]:
    """Return the handler of a kind's Get operation; its response is in wire form, as the results are stored."""
    return partial(page, kind)


def start(kind: Kind[Start, Started, Get, Got], context: Context, request: Start) -> InWireForm[Started]:
    """Start a job and return its id, or the id of the job that the same request token started before."""
    wire, operation = to_wire(request), kind.start.name
    with context.state.read() as connection:
        before = idempotency.replayed(connection, context.scope, operation, wire)
    if before is not None:
        return InWireForm(before)
    kind.check(context, request)
    open_video(context, request.video)
    job_id = secrets.token_hex(32)
    response: dict[str, object] = {"JobId": job_id}
    with context.state.write() as connection:
        before = idempotency.replayed(connection, context.scope, operation, wire)  # another thread may have been faster
        if before is not None:
            return InWireForm(before)
        open_job(
            context,
            connection,
            family=FAMILY,
            kind=kind.name,
            job_id=job_id,
            request=wire,
            end=StepKind.FINISH_VIDEO_JOB,
        )
        idempotency.store(connection, context.scope, operation, wire, response, owner=job_id)
        if kind.analyse:
            schedule.add(
                connection,
                context.scope,
                0.0,
                StepKind.ANALYSE_VIDEO,
                {"JobId": job_id},
                priority=Priority.ANALYSIS,
                subject=job_id,
                ready=True,
            )
    context.worker.start()
    return InWireForm(response)


def page(kind: Kind[Start, Started, Get, Got], context: Context, request: Get) -> InWireForm[Got]:
    """Return a job's status and a page of its results."""
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
