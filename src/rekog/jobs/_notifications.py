"""Notifications of ended jobs, in the envelopes of SNS, SQS and Lambda."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from .._core.names import snake
from .._values.frozen import Frozen
from .._values.lazy import LazyModule
from .._values.narrow import is_mapping
from .._values.public import publish
from ._envelopes import Envelopes, moment, text

if TYPE_CHECKING:
    from .. import models
else:  # for tools that evaluate annotations
    models = LazyModule("rekog.models")

_ENVELOPES = Envelopes(
    function="parse_notifications",
    expected="a notification of a job",
    keys=("JobId",),
    lists=("Records", "Messages"),
    inner=("Message", "body", "Body", "Sns"),  # of SNS; of SQS in Lambda and from its own API; of SNS in Lambda
)


class JobNotification(Frozen, kw_only=True, public="rekog.jobs"):
    """The message of the service about a job that has ended.

    `kind` is the kind of the job, such as `label_detection`, and `status` SUCCEEDED, FAILED or ERROR.
    """

    kind: str
    job_id: str
    status: str
    job_tag: str | None
    time: datetime | None
    video: models.S3Object | None


def parse_notifications(message: str | bytes | Mapping[str, object]) -> list[JobNotification]:
    """Return the notifications of jobs in a message of SNS or SQS, or in the event of a Lambda function.

    The forms are the message itself, an SNS envelope, a response of SQS ReceiveMessage or a message of it, and the
    events that Lambda makes of them, each as text or as a mapping. Confirmations of subscriptions are left out. Raise
    `ParamValidationError` for another form. The signature of SNS is not verified.

    >>> parse_notifications('{"JobId": "b1", "Status": "SUCCEEDED", "API": "StartLabelDetection"}')[0].kind
    'label_detection'
    """
    return [_notification(each) for each in _ENVELOPES.messages(message)]


def _notification(message: Mapping[str, object]) -> JobNotification:
    texts = {name: message.get(name) for name in ("JobId", "Status", "API")}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise _ENVELOPES.malformed(f"{name} must be text, not {value!r}")
    tag, video = message.get("JobTag"), message.get("Video")
    return JobNotification(
        kind=snake(str(texts["API"]).removeprefix("Start")),
        job_id=str(texts["JobId"]),
        status=str(texts["Status"]),
        job_tag=None if tag is None else str(tag),
        time=moment(message.get("Timestamp")),
        video=_location(video) if is_mapping(video) else None,
    )


def _location(video: Mapping[str, object]) -> models.S3Object:
    from .. import models as types

    return types.S3Object(bucket=text(video.get("S3Bucket")), name=text(video.get("S3ObjectName")))


publish("rekog.jobs", parse_notifications)
