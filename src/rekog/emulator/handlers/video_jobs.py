"""What all stored-video jobs share: how one starts, ends, and is asked for, whatever it looks for."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, NamedTuple, cast

from ... import models
from ..._core.wire import from_wire, to_wire
from .. import refusals
from ..notifications import Notification
from ..refusals import RefusalError
from ..state import events, idempotency, jobs, tokens
from ..state.jobs import FAILED, IN_PROGRESS, SUCCEEDED, Ending
from . import video_sight
from .video_results import view_name

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from ..._model import Model
    from ..context import Context
    from ..state.jobs import JobRow
    from .video_results import Views
    from .video_sight import Sight

FAMILY = "videos"
MOST_RESULTS = 1000
"""Of one page; MaxResults beyond it counts as that many."""
FAILURE = "The emulator failed; its log has the cause."
SECONDS_A_DAY, SECONDS_AN_HOUR = 86_400, 3_600

_LOG = logging.getLogger("rekog.emulator")


class Kind(NamedTuple):
    """A pair of Start and Get operations, as data; the first sort order and aggregation are what is used unasked.

    `items` is the member of an answer that has the results, `version` the member and text of the model's version.
    """

    name: str
    items: str
    sort_by: str = ""
    aggregate_by: str = ""
    version: tuple[str, str] | None = None


class Found(NamedTuple):
    """What a job found: its results, and what its answers have beside them."""

    views: Views
    detail: Mapping[str, object]


def start(
    context: Context,
    kind: Kind,
    request: Model,
    check: Callable[[sqlite3.Connection], object] | None = None,
) -> str:
    """Start a job and return its id, or that of the job that the same request token started before."""
    wire = to_wire(request)
    operation = f"Start{kind.name}"
    with context.state.read() as connection:
        before = idempotency.replayed(connection, context.scope, operation, wire)
        if before is not None:
            return str(before["JobId"])
        if check is not None:
            check(connection)
    video_sight.look(context, _structure(wire, "Video"))
    job_id = secrets.token_hex(32)
    with context.state.write() as connection:
        before = idempotency.replayed(connection, context.scope, operation, wire)  # meanwhile, by another thread
        if before is not None:
            return str(before["JobId"])
        open_job(context, connection, FAMILY, kind.name, job_id, wire)
        idempotency.remember(connection, context.scope, operation, wire, {"JobId": job_id}, owner=job_id)
    return job_id


def open_job(
    context: Context, connection: sqlite3.Connection, family: str, kind: str, job_id: str, wire: Mapping[str, object]
) -> None:
    """Store a job and let it end in time; refuse one more than may run at once."""
    count, limit = jobs.open_count(connection, context.scope, family), context.limits.concurrent_jobs
    if count >= limit:
        raise refusals.jobs_open(count, limit, context.scope.account)
    created = context.clock()
    jobs.insert(connection, context.scope, family=family, kind=kind, job_id=job_id, request=wire, created=created)
    due = context.due(context.durations.job)
    events.schedule(connection, context.scope, due, f"{family}.finish", {"JobId": job_id})


def existing(connection: sqlite3.Connection, context: Context, kind: str, job_id: str) -> JobRow:
    """Return a job of a kind, or refuse the id of another kind like one that nobody has [I]."""
    row = jobs.find(connection, context.scope, job_id)
    if row is None or row.kind != kind:
        raise refusals.job_missing(job_id)
    return row


def page(context: Context, kind: Kind, request: Model) -> dict[str, object]:
    """Return a job's status with a page of its results, in wire form."""
    wire = to_wire(request)
    job_id = str(wire["JobId"])
    asked = {
        "SortBy": str(wire.get("SortBy", kind.sort_by)),
        "AggregateBy": str(wire.get("AggregateBy", kind.aggregate_by)),
    }
    view = view_name(asked["SortBy"] or "TIMESTAMP", asked["AggregateBy"])
    limit = min(int(str(wire.get("MaxResults", MOST_RESULTS))), MOST_RESULTS)
    listing = (f"Get{kind.name}", *context.scope, job_id, view)
    with context.state.read() as connection:
        job = existing(connection, context, kind.name, job_id)
        first = _position(context, listing, wire.get("NextToken"))
        found = jobs.results(connection, job.key, view, first, limit + 1)
    answer = {"JobStatus": job.status, "JobId": job_id, **_about(job), **job.detail}
    if job.status == FAILED:
        answer["StatusMessage"] = job.message
    if job.status != SUCCEEDED:
        return answer
    answer[kind.items] = found[:limit]
    if len(found) > limit:
        position = f"{first + limit} {int(context.clock())}"
        answer["NextToken"] = tokens.seal(context.state.token_secret, listing, position)
    if kind.version:
        answer[kind.version[0]] = kind.version[1]
    if kind.aggregate_by:
        answer["GetRequestMetadata"] = asked
    return answer


def _position(context: Context, listing: tuple[str, ...], token: object) -> int:
    if token is None:
        return 0
    position, _, issued = tokens.unseal(context.state.token_secret, listing, str(token)).partition(" ")
    if context.clock() - int(issued) > context.limits.token_hours * SECONDS_AN_HOUR:
        raise refusals.page_token_invalid()
    return int(position)


def _about(job: JobRow) -> dict[str, object]:
    return {name: job.request[name] for name in ("Video", "JobTag") if name in job.request}


def finish(context: Context, job_id: str, analyse: Callable[[Context, JobRow, Sight], Found]) -> None:
    """End a job that is due, and tell its topic; what is refused or fails makes the job fail, with the reason."""
    with context.vision.watching:  # two requests may find a job due at once: the second has nothing left to do
        with context.state.read() as connection:
            job = jobs.find(connection, context.scope, job_id)
        if job is None or job.status != IN_PROGRESS:
            return
        ending = _ending(context, job, analyse)
        now = context.clock()
        with context.state.write() as connection:
            ended = jobs.finish(connection, job.key, ending, now)
            if ended:
                kept = context.limits.result_days * SECONDS_A_DAY
                events.schedule(connection, context.scope, now + kept, f"{FAMILY}.expire", {"JobId": job_id})
    if ended:
        _notify(context, job, ending.status, now)


def _ending(context: Context, job: JobRow, analyse: Callable[[Context, JobRow, Sight], Found]) -> Ending:
    try:
        found = analyse(context, job, video_sight.look(context, _structure(job.request, "Video")))
    except RefusalError as refusal:
        return Ending(FAILED, refusal.message)
    except Exception:
        _LOG.exception("job %s failed", job.job_id)
        return Ending(FAILED, FAILURE)
    views = {view: [to_wire(entry) for entry in entries] for view, entries in found.views.items()}
    return Ending(SUCCEEDED, detail=found.detail, views=views)


def _structure(wire: Mapping[str, object], name: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", wire[name])  # cast: a request's structure, which was validated


def _notify(context: Context, job: JobRow, status: str, now: float) -> None:
    if "NotificationChannel" not in job.request:
        return
    channel = from_wire(models.NotificationChannel, _structure(job.request, "NotificationChannel"))
    place = from_wire(models.Video, _structure(job.request, "Video")).s3_object or models.S3Object()
    message: dict[str, object] = {"JobId": job.job_id, "Status": status, "API": f"Start{job.kind}"}
    if "JobTag" in job.request:
        message["JobTag"] = job.request["JobTag"]
    message["Timestamp"] = int(now * 1000)
    message["Video"] = {"S3ObjectName": place.name, "S3Bucket": place.bucket}
    context.notifications.send(
        Notification(topic_arn=channel.sns_topic_arn, role_arn=channel.role_arn, message=message)
    )


def expire(context: Context, job_id: str) -> None:
    """Forget a job whose results are no longer kept."""
    with context.state.write() as connection:
        job = jobs.find(connection, context.scope, job_id)
        if job is not None:
            jobs.delete(connection, job)
