"""What the requests of all stored-video jobs share: how a job is started, and how it is asked for, page by page."""

from __future__ import annotations
from ...state.schedule import StepKind, Priority

import secrets
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ...._core.wire import to_wire
from ... import refusals
from ...answers.video_views import view_name
from ...background.due import hand_over
from ...content import videos
from ...state import idempotency, schedule, tokens
from ...state.rows import jobs
from ...state.rows.jobs import FAILED, IN_PROGRESS, SUCCEEDED


if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from ...._values.model import Model
    from ...context import Context
    from ...state.rows.jobs import JobRow
    from .kinds import Kind

Handler: TypeAlias = "Callable[[Context, Model], dict[str, object]]"

FAMILY = "videos"
MOST_RESULTS = 1000
"""Of one page; MaxResults beyond it counts as that many."""
FAILURE = "The emulator failed; its log has the cause."
SECONDS_AN_HOUR = 3_600


def starting(kind: Kind) -> Handler:
    """Return the handler of a kind's Start."""
    return partial(start, kind)


def getting(kind: Kind) -> Handler:
    """Return the handler of a kind's Get. It answers in wire form, in which the results are stored."""
    return partial(page, kind)


def start(kind: Kind, context: Context, request: Model) -> dict[str, object]:
    """Start a job, and answer with its id or that of the job that the same request token started before."""
    wire = to_wire(request)
    operation = f"Start{kind.name}"
    with context.state.read() as connection:
        before = idempotency.replayed(connection, context.scope, operation, wire)
    if before is not None:
        return before
    kind.check(context, wire)
    videos.look(context, videos.structure(wire, "Video"))
    answer: dict[str, object] = {"JobId": secrets.token_hex(32)}
    job_id = str(answer["JobId"])
    with context.state.write() as connection:
        before = idempotency.replayed(connection, context.scope, operation, wire)  # meanwhile, by another thread
        if before is not None:
            return before
        open_job(context, connection, FAMILY, kind.name, job_id, wire, end=StepKind.FINISH_VIDEO_JOB)
        idempotency.remember(connection, context.scope, operation, wire, answer, owner=job_id)
        if kind.look:
            detail = {"JobId": job_id}
            schedule.add(
                connection, context.scope, 0.0, StepKind.ANALYSE_VIDEO, detail, priority=Priority.ANALYSIS, subject=job_id, ready=True
            )
    context.worker.wake()
    return answer


def open_job(
    context: Context,
    connection: sqlite3.Connection,
    family: str,
    kind: str,
    job_id: str,
    wire: Mapping[str, object],
    *,
    end: str,
) -> None:
    """Store a job and let the worker end it in time, by a step of the kind `end`; refuse one more than may run."""
    created = context.clock()
    count, limit = jobs.open_count(connection, context.scope, family, created), context.limits.concurrent_jobs
    if count >= limit:
        raise refusals.jobs_open(count, limit, context.scope.account)
    due = context.due(context.durations.job)
    jobs.insert(
        connection, context.scope, family=family, kind=kind, job_id=job_id, request=wire, created=created, due=due
    )
    schedule.add(connection, context.scope, due, end, {"JobId": job_id}, priority=Priority.JOB_END, subject=job_id)


def existing(connection: sqlite3.Connection, context: Context, kind: str, job_id: str) -> JobRow:
    """Return a job of a kind, or refuse the id of another kind like one that nobody has (assumed)."""
    row = jobs.find(connection, context.scope, job_id)
    if row is None or row.kind != kind:
        raise refusals.job_missing(job_id)
    return row


def settled(context: Context, kind: str, job_id: str) -> JobRow:
    """Return a job; if it is due, as it has ended, unless that takes too long (assumed)."""
    with context.state.read() as connection:
        job = existing(connection, context, kind, job_id)
        work = schedule.worker_steps(connection, context.clock())
    if job.status != IN_PROGRESS:
        return job
    hand_over(context, work)
    context.worker.wait(job_id)
    with context.state.read() as connection:
        return existing(connection, context, kind, job_id)


def page(kind: Kind, context: Context, request: Model) -> dict[str, object]:
    """Answer with a job's status and a page of its results."""
    wire = to_wire(request)
    job_id = str(wire["JobId"])
    asked = {
        "SortBy": str(wire.get("SortBy", kind.sort_by)),
        "AggregateBy": str(wire.get("AggregateBy", kind.aggregate_by)),
    }
    view = view_name(asked["SortBy"] or "TIMESTAMP", asked["AggregateBy"])
    limit = min(int(str(wire.get("MaxResults", MOST_RESULTS))), MOST_RESULTS)
    listing = (f"Get{kind.name}", *context.scope, job_id, view)
    job = settled(context, kind.name, job_id)
    first = _position(context, listing, wire.get("NextToken"))
    with context.state.read() as connection:
        found = jobs.results(connection, job.key, view, first, limit + 1)
    answer = {"JobStatus": job.status, "JobId": job_id, **kind.empty, **_about(job), **job.detail}
    answer[kind.items] = found[:limit]
    if job.status == FAILED:
        answer["StatusMessage"] = job.message
    if job.status != SUCCEEDED:
        return answer
    if len(found) > limit:
        answer["NextToken"] = tokens.seal(
            context.state.token_secret, listing, f"{first + limit} {float(context.clock())!r}"
        )
    if kind.version:
        answer[kind.version[0]] = kind.version[1]
    if kind.aggregate_by:
        answer["GetRequestMetadata"] = asked
    return answer


def _position(context: Context, listing: tuple[str, ...], token: object) -> int:
    if token is None:
        return 0
    position, _, issued = tokens.unseal(context.state.token_secret, listing, str(token)).partition(" ")
    if context.clock() > float(issued) + context.limits.token_hours * SECONDS_AN_HOUR:
        raise refusals.page_token_invalid()
    return int(position)


def _about(job: JobRow) -> dict[str, object]:
    return {name: job.request[name] for name in ("Video", "JobTag") if name in job.request}
