"""Notifications of ended jobs, in the envelopes of SNS, SQS and Lambda."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .._core.names import snake
from .._values.errors import ParamValidationError
from .._values.frozen import Frozen
from .._values.lazy import LazyModule
from .._values.narrow import is_mapping, is_sequence
from .._values.public import publish

if TYPE_CHECKING:
    from .. import models
else:  # for tools that evaluate annotations
    models = LazyModule("rekog.models")

_INNER = ("Message", "body", "Body", "Sns")
"""Members that contain a message: of SNS; of SQS in Lambda and from its own API; of SNS in Lambda."""
_LISTS = ("Records", "Messages")
_DEEPEST = 8
_CONFIRMATIONS = ("SubscriptionConfirmation", "UnsubscribeConfirmation")


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
    return list(_notifications(message, 0))


def _notifications(message: object, depth: int) -> Iterator[JobNotification]:
    value = _decoded(message)
    if depth == _DEEPEST or not is_mapping(value):
        raise _malformed(f"a notification of a job was expected, not {_shown(message)}")
    if "JobId" in value:
        yield _notification(value)
        return
    for name in _LISTS:
        if is_sequence(records := value.get(name)):
            for record in records:
                yield from _notifications(record, depth + 1)
            return
    if value.get("Type") in _CONFIRMATIONS or "ResponseMetadata" in value:  # an SQS response without messages
        return
    inner = next((value[name] for name in _INNER if name in value), None)
    if inner is None:
        raise _malformed(f"neither JobId nor {', '.join((*_LISTS, *_INNER))} is in {_shown(message)}")
    yield from _notifications(inner, depth + 1)


def _decoded(message: object) -> object:
    if not isinstance(message, str | bytes):
        return message
    try:
        value: object = json.loads(message)
    except (ValueError, RecursionError):
        raise _malformed(f"JSON was expected, not {_shown(message)}") from None
    return value


def _notification(message: Mapping[str, object]) -> JobNotification:
    texts = {name: message.get(name) for name in ("JobId", "Status", "API")}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise _malformed(f"{name} must be text, not {value!r}")
    tag, video = message.get("JobTag"), message.get("Video")
    return JobNotification(
        kind=snake(str(texts["API"]).removeprefix("Start")),
        job_id=str(texts["JobId"]),
        status=str(texts["Status"]),
        job_tag=None if tag is None else str(tag),
        time=_time(message.get("Timestamp")),
        video=_location(video) if is_mapping(video) else None,
    )


def _time(millis: object) -> datetime | None:
    if isinstance(millis, int | float):
        with suppress(ValueError, OverflowError, OSError):  # no date
            return datetime.fromtimestamp(millis / 1000, UTC)
    return None


def _location(video: Mapping[str, object]) -> models.S3Object:
    from .. import models as types

    return types.S3Object(bucket=_text(video.get("S3Bucket")), name=_text(video.get("S3ObjectName")))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _shown(message: object) -> str:
    text = repr(message)
    return text if len(text) <= 100 else f"{text[:100]}..."


def _malformed(text: str) -> ParamValidationError:
    text = f"message: {text}"
    return ParamValidationError(f"parse_notifications: {text}", problems=[text])


publish("rekog.jobs", parse_notifications)
