"""Jobs of stored videos and of media analysis: start, look up, and wait for their end."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from .. import refusals
from ..background.due import hand_over
from ..state import idempotency, schedule
from ..state.rows import jobs
from ..state.rows.jobs import IN_PROGRESS
from ..state.schedule import Priority

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from ..context import Context
    from ..state.rows.jobs import JobRow
    from ..state.schedule import StepKind

FAILURE = "The emulator failed; its log has the cause."
"""StatusMessage of a job that ended with an unexpected error."""


def started_before(context: Context, operation: str, request: Mapping[str, object]) -> dict[str, object] | None:
    """Return the response to an earlier Start request with the same request token, or None."""
    with context.state.read() as connection:
        return idempotency.replayed(connection, context.scope, operation, request)


def start_job(
    context: Context,
    operation: str,
    request: Mapping[str, object],
    *,
    family: str,
    kind: str,
    end: StepKind,
    analysis: StepKind | None = None,
) -> dict[str, object]:
    """Store a job with the steps that analyse and end it, and return the response of its Start operation.

    Return the earlier response if another thread has used the request token since `started_before`. Refuse the job
    when the limit of concurrent jobs is reached.
    """
    job_id = secrets.token_hex(32)
    response: dict[str, object] = {"JobId": job_id}
    with context.state.write() as connection:
        earlier = idempotency.replayed(connection, context.scope, operation, request)
        if earlier is not None:
            return earlier
        _insert_job(context, connection, family=family, kind=kind, job_id=job_id, request=request, end=end)
        idempotency.store(connection, context.scope, operation, request, response, owner=job_id)
        if analysis is not None:
            schedule.add(
                connection,
                context.scope,
                0.0,
                analysis,
                response,
                priority=Priority.ANALYSIS,
                subject=job_id,
                ready=True,
            )
    context.worker.wake()
    return response


def _insert_job(
    context: Context,
    connection: sqlite3.Connection,
    *,
    family: str,
    kind: str,
    job_id: str,
    request: Mapping[str, object],
    end: StepKind,
) -> None:
    created = context.clock()
    count, limit = jobs.open_count(connection, context.scope, family, created), context.limits.concurrent_jobs
    if count >= limit:
        raise refusals.jobs_open(count, limit, context.scope.account)
    due = context.due(context.durations.job)
    jobs.insert(
        connection, context.scope, family=family, kind=kind, job_id=job_id, request=request, created=created, due=due
    )
    schedule.add(connection, context.scope, due, end, {"JobId": job_id}, priority=Priority.JOB_END, subject=job_id)


def find_job(connection: sqlite3.Connection, context: Context, kind: str, job_id: str) -> JobRow:
    """Return a job of a kind; refuse the id of another kind's job like an unknown one (assumed)."""
    row = jobs.find(connection, context.scope, job_id)
    if row is None or row.kind != kind:
        raise refusals.job_missing(job_id)
    return row


def settled_job(context: Context, kind: str, job_id: str) -> JobRow:
    """Return a job; if it is due, wait until it has ended, unless that takes too long (assumed)."""
    with context.state.read() as connection:
        job = find_job(connection, context, kind, job_id)
    if not settle(context, [job]):
        return job
    with context.state.read() as connection:
        return find_job(connection, context, kind, job_id)


def settle(context: Context, found: Iterable[JobRow]) -> bool:
    """Wait for those of these jobs that are due, unless that takes too long; return whether they must be read again."""
    in_progress = [job.job_id for job in found if job.status == IN_PROGRESS]
    if in_progress:
        with context.state.read() as connection:
            due = schedule.worker_steps(connection, context.clock())
        hand_over(context, due)
        context.worker.wait(*in_progress)
    return bool(in_progress)
