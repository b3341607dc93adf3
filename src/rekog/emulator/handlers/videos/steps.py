"""Steps of stored-video jobs: analyse frames, end the job, send its notification, expire it.

Frames are analysed from the job's start on. When the job is due, its results are made of those detections and of the
content that is declared by then (assumed). So a job fails if its object or collection has gone meanwhile, and analyses
a video that was replaced anew. A job fails, with a StatusMessage, if its capability is neither declared nor detected.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from ...._core.wire import from_wire
from ...answers.video_views import in_wire_form
from ...content.videos import open_video
from ...refusals import RefusalError
from ...services.sns import Notification
from ...state import schedule
from ...state.rows import jobs
from ...state.rows.jobs import FAILED, IN_PROGRESS, SUCCEEDED, Ending
from ...state.schedule import Priority, StepKind
from ..jobs import FAILURE
from .kinds import KINDS
from .progress import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...context import Context
    from ...state.rows.jobs import JobRow
    from ...state.schedule import Step
    from .kinds import StartRequest

SECONDS_PER_DAY = 86_400
NOTIFICATION_RETRY_SECONDS = (1.0, 10.0, 60.0)
"""Pauses before an undelivered notification is sent again, by the emulator's clock; then it is given up."""

_LOG = logging.getLogger("rekog.emulator")


def analyse(context: Context, step: Step) -> None:
    """Analyse the frames of a job's video, and store the detections until the job is due.

    An error here is not reported: it occurs again when the job ends, and is reported then.
    """
    job = _find_open_job(context, step)
    if job is None:
        return
    kind, request = KINDS[job.kind], _request(job)
    try:
        content = open_video(context, request.video)
        progress = Progress(job, content)
        detections = kind.analyse(content._replace(progress=progress), request)
        progress.finish()
    except RefusalError:
        return
    except Exception:
        _LOG.debug("job %s could not analyse its video yet", job.job_id, exc_info=True)
        return
    if detections is not None:
        with context.state.write() as connection:
            jobs.store_detections(connection, job, content.digest, detections)


def finish(context: Context, step: Step) -> None:
    """End a job that is due; a refusal or an error makes it fail, with the reason.

    Its notification is stored in the same transaction, so that it is sent even if the process is killed in between.
    """
    job = _find_open_job(context, step)
    if job is None:
        return
    request = _request(job)
    ending = _ending(context, job, request)
    now = context.clock()
    expires = now + context.limits.result_days * SECONDS_PER_DAY
    with context.state.write() as connection:
        if not jobs.finish(connection, job, ending, now):
            return
        schedule.add(connection, context.scope, expires, StepKind.EXPIRE_VIDEO_JOB, {"JobId": job.job_id})
        notification = _notification(job, request, ending.status, now)
        if notification is not None:
            schedule.add(
                connection,
                context.scope,
                now,
                StepKind.SEND_NOTIFICATION,
                {"JobId": job.job_id, "Attempt": 0, "Notification": notification},
                priority=Priority.NOTIFICATION,
                subject=job.job_id,
                ready=True,
            )


def send(context: Context, step: Step) -> None:
    """Send the notification of a job's end, and schedule another attempt if it cannot be delivered."""
    attempt = int(str(step.detail["Attempt"]))
    # cast: written by `finish`
    stored = cast("Mapping[str, object]", step.detail["Notification"])
    notification = Notification(
        topic_arn=str(stored["TopicArn"]),
        role_arn=str(stored["RoleArn"]),
        message=cast("Mapping[str, object]", stored["Message"]),  # cast: as above
    )
    if not attempt:
        context.notifications.record(notification)
    if context.notifications.deliver(notification) or attempt == len(NOTIFICATION_RETRY_SECONDS):
        return
    due, detail = context.clock() + NOTIFICATION_RETRY_SECONDS[attempt], {**step.detail, "Attempt": attempt + 1}
    with context.state.write() as connection:
        schedule.add(
            connection,
            context.scope,
            due,
            StepKind.SEND_NOTIFICATION,
            detail,
            priority=Priority.NOTIFICATION,
            subject=str(detail["JobId"]),
        )


def expire(context: Context, step: Step) -> None:
    """Delete a job whose results are no longer kept."""
    with context.state.write() as connection:
        job = jobs.find(connection, context.scope, str(step.detail["JobId"]))
        if job is not None:
            jobs.delete(connection, job)


def _find_open_job(context: Context, step: Step) -> JobRow | None:
    """Return the job of a step, or None if it was deleted or has ended."""
    with context.state.read() as connection:
        job = jobs.find(connection, context.scope, str(step.detail["JobId"]))
    return job if job is not None and job.status == IN_PROGRESS else None


def _request(job: JobRow) -> StartRequest:
    request: StartRequest = from_wire(KINDS[job.kind].start.input_type, job.request)
    return request


def _ending(context: Context, job: JobRow, request: StartRequest) -> Ending:
    kind = KINDS[job.kind]
    try:
        content = open_video(context, request.video)
        progress = Progress(job, content)
        with context.state.read() as connection:
            detections = jobs.detections(connection, job.key, content.digest)
        content = content._replace(detections=detections, progress=progress)
        views, detail = kind.find(content, request), kind.describe(content, request)
        progress.finish()
    except RefusalError as refusal:
        return Ending(FAILED, refusal.message)
    except Exception:
        context.worker.raise_if_closed()  # an error because the database was closed meanwhile is no failure of the job
        _LOG.exception("job %s failed", job.job_id)
        return Ending(FAILED, FAILURE)
    return Ending(SUCCEEDED, detail=detail, views=in_wire_form(views))


def _notification(job: JobRow, request: StartRequest, status: str, now: float) -> Mapping[str, object] | None:
    channel, location = request.notification_channel, request.video.s3_object
    if channel is None or location is None:
        return None
    message: dict[str, object] = {"JobId": job.job_id, "Status": status, "API": f"Start{job.kind}"}
    if request.job_tag is not None:
        message["JobTag"] = request.job_tag
    message["Timestamp"] = int(now * 1000)
    message["Video"] = {"S3ObjectName": location.name, "S3Bucket": location.bucket}
    return {"TopicArn": channel.sns_topic_arn, "RoleArn": channel.role_arn, "Message": message}
