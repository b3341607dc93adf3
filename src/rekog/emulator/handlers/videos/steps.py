"""What the worker does about stored-video jobs: look at frames, end jobs, tell their topics; and what comes after.

A job looks at frames from its start on. When it is due its results are made of that and of what was declared until
then (assumed), so it fails if the object or the collection has gone meanwhile; of a video that was replaced, the new
one is looked at. A job whose capability is neither declared nor seen fails, with a StatusMessage that says so.
"""

from __future__ import annotations
from ...state.schedule import StepKind, Priority, Step

import logging
from typing import TYPE_CHECKING

from .... import models
from ...._core.wire import from_wire
from ...answers.video_views import in_wire_form
from ...content import videos
from ...content.videos import structure
from ...refusals import RefusalError
from ...services.sns import Notification
from ...state import schedule
from ...state.rows import jobs
from ...state.rows.jobs import FAILED, IN_PROGRESS, SUCCEEDED, Ending

from .kinds import KINDS
from .requests import FAILURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...content.videos import Sight
    from ...context import Context
    from ...state.rows.jobs import JobRow


SECONDS_A_DAY = 86_400
RETRY_SECONDS = (1.0, 10.0, 60.0)
"""When a message that was not delivered is sent again, by the emulator's clock; then it is given up."""

_LOG = logging.getLogger("rekog.emulator")


def look(context: Context, step: Step) -> None:
    """Look at the frames of a job's video, and keep what is seen until the job is due.

    What goes wrong here goes wrong again when the job ends, and is told then.
    """
    job = _open_job(context, step)
    if job is None:
        return
    find = KINDS[job.kind].look
    try:
        sight = _sight(context, job)
        seen = find(sight, job.request) if find else None
    except RefusalError:
        return
    except Exception:
        _LOG.debug("job %s could not look at its video yet", job.job_id, exc_info=True)
        return
    if seen is not None:
        with context.state.write() as connection:
            jobs.keep_look(connection, job, sight.content, seen)


def finish(context: Context, step: Step) -> None:
    """End a job that is due; what is refused or fails makes it fail, with the reason.

    Its message is stored with its end, so that it goes out though the process be killed in between.
    """
    job = _open_job(context, step)
    if job is None:
        return
    ending = _ending(context, job)
    now = context.clock()
    expires = now + context.limits.result_days * SECONDS_A_DAY
    with context.state.write() as connection:
        if not jobs.finish(connection, job, ending, now):
            return
        schedule.add(connection, context.scope, expires, StepKind.EXPIRE_VIDEO_JOB, {"JobId": job.job_id})
        if "NotificationChannel" in job.request:
            detail = {"JobId": job.job_id, "Attempt": 0, "Notification": _notification(job, ending.status, now)}
            schedule.add(
                connection,
                context.scope,
                now,
                StepKind.SEND_NOTIFICATION,
                detail,
                priority=Priority.NOTIFICATION,
                subject=job.job_id,
                ready=True,
            )


def send(context: Context, step: Step) -> None:
    """Send the message about a job's end, and again later if it can't be delivered."""
    attempt = int(str(step.detail["Attempt"]))
    channel = structure(step.detail, "Notification")
    notification = Notification(
        topic_arn=str(channel["TopicArn"]), role_arn=str(channel["RoleArn"]), message=structure(channel, "Message")
    )
    if not attempt:
        context.notifications.keep(notification)
    if context.notifications.deliver(notification) or attempt == len(RETRY_SECONDS):
        return
    due, detail = context.clock() + RETRY_SECONDS[attempt], {**step.detail, "Attempt": attempt + 1}
    with context.state.write() as connection:
        schedule.add(
            connection, context.scope, due, step.kind, detail, priority=Priority.NOTIFICATION, subject=str(detail["JobId"])
        )


def expire(context: Context, step: Step) -> None:
    """Forget a job whose results are no longer kept."""
    with context.state.write() as connection:
        job = jobs.find(connection, context.scope, str(step.detail["JobId"]))
        if job is not None:
            jobs.delete(connection, job)


def _open_job(context: Context, step: Step) -> JobRow | None:
    with context.state.read() as connection:
        job = jobs.find(connection, context.scope, str(step.detail["JobId"]))
    return job if job is not None and job.status == IN_PROGRESS else None


def _sight(context: Context, job: JobRow) -> Sight:
    return videos.look(context, structure(job.request, "Video"))


def _ending(context: Context, job: JobRow) -> Ending:
    kind = KINDS[job.kind]
    try:
        sight = _sight(context, job)
        with context.state.read() as connection:
            sight = sight._replace(seen=jobs.look(connection, job.key, sight.content))
        views, detail = kind.find(sight, job.request), kind.about(sight, job.request)
    except RefusalError as refusal:
        return Ending(FAILED, refusal.message)
    except Exception:
        context.worker.check()  # a database that was closed meanwhile is no failure of the job
        _LOG.exception("job %s failed", job.job_id)
        return Ending(FAILED, FAILURE)
    return Ending(SUCCEEDED, detail=detail, views=in_wire_form(views))


def _notification(job: JobRow, status: str, now: float) -> Mapping[str, object]:
    channel = from_wire(models.NotificationChannel, structure(job.request, "NotificationChannel"))
    place = from_wire(models.Video, structure(job.request, "Video")).s3_object or models.S3Object()
    message: dict[str, object] = {"JobId": job.job_id, "Status": status, "API": f"Start{job.kind}"}
    if "JobTag" in job.request:
        message["JobTag"] = job.request["JobTag"]
    message["Timestamp"] = int(now * 1000)
    message["Video"] = {"S3ObjectName": place.name, "S3Bucket": place.bucket}
    return {"TopicArn": channel.sns_topic_arn, "RoleArn": channel.role_arn, "Message": message}
