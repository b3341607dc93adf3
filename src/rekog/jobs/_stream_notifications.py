"""Notifications of a label detection stream processor (connected home), in the envelopes of SNS, SQS and Lambda.

The service sends one for each class of objects that it sees for the first time in a session (LABEL_DETECTED), and one
at the end of the session (STREAM_PROCESSING_COMPLETE). Unlike all other messages, their members begin in lowercase.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .._values.frozen import Frozen
from .._values.lazy import LazyModule
from .._values.narrow import is_mapping
from .._values.public import publish
from ._envelopes import Envelopes, member, moment, number, text, time_of

if TYPE_CHECKING:
    from .. import models
else:  # for tools that evaluate annotations
    models = LazyModule("rekog.models")

_ENVELOPES = Envelopes(
    function="parse_stream_notifications",
    expected="a notification of a stream processor",
    keys=("eventNamespace",),
    lists=("Records", "Messages"),
    inner=("Message", "body", "Body", "Sns"),  # as those of notifications of jobs
)
_S3 = "s3://"


class StreamLabel(Frozen, kw_only=True, public="rekog.jobs"):
    """An object that a stream processor has seen for the first time: a PERSON, a PET or a PACKAGE.

    `frame_image` and `cropped_image` are the S3 objects with the frame and with the part of it that shows the object.
    The timestamps are those of the video fragment, and `frame_offset_millis` is the place of the frame within it. A
    member that the notification does not have is None.
    """

    label_id: str | None
    name: str | None
    confidence: float | None
    bounding_box: models.BoundingBox | None
    frame_image: models.S3Object | None
    cropped_image: models.S3Object | None
    fragment_number: str | None
    server_timestamp: datetime | None
    producer_timestamp: datetime | None
    frame_offset_millis: float | None

    @property
    def time(self) -> datetime | None:
        """The time of the frame, by the clock of the stream's producer, else by that of the server."""
        offset = timedelta(milliseconds=self.frame_offset_millis or 0)
        return time_of(self.producer_timestamp, self.server_timestamp, offset)


class StreamNotification(Frozen, kw_only=True, public="rekog.jobs"):
    """The message of a stream processor about new objects, or about the end of a session.

    `type` is LABEL_DETECTED, with `labels`, or STREAM_PROCESSING_COMPLETE, with `message` and
    `processed_video_duration_millis`. `request` has the arguments with which the processor was started.
    """

    type: str
    session_id: str | None
    event_id: str | None
    stream_arn: str | None
    labels: tuple[StreamLabel, ...]
    message: str | None
    processed_video_duration_millis: float | None
    tags: Mapping[str, object]
    request: Mapping[str, object]

    def __hash__(self) -> int:
        return hash((self.type, self.session_id, self.event_id))  # tags and request are dicts


def parse_stream_notifications(message: str | bytes | Mapping[str, object]) -> list[StreamNotification]:
    """Return the notifications of a label detection stream processor in a message of SNS or SQS, or a Lambda event.

    The forms are those of `parse_notifications`. Unknown members are ignored. Raise `ParamValidationError` for another
    form. The signature of SNS is not verified.

    >>> text = '{"eventNamespace": {"type": "LABEL_DETECTED"}, "labels": [{"name": "PET"}], "sessionId": "s1"}'
    >>> [(each.session_id, each.labels[0].name) for each in parse_stream_notifications(text)]
    [('s1', 'PET')]
    """
    return [_notification(each) for each in _ENVELOPES.messages(message)]


def _notification(message: Mapping[str, object]) -> StreamNotification:
    kind = text(member(message, "eventNamespace").get("type"))
    if kind is None:
        raise _ENVELOPES.malformed(f"eventNamespace.type must be text, in {message.get('eventNamespace')!r}")
    video = member(message, "inputInformation", "kinesisVideo")
    return StreamNotification(
        type=kind,
        session_id=text(message.get("sessionId")),
        event_id=text(message.get("eventId")),
        stream_arn=text(video.get("streamArn")),
        labels=tuple(_labels(message.get("labels"))),
        message=text(member(message, "streamProcessingResults").get("message")),
        processed_video_duration_millis=number(video.get("processedVideoDurationMillis")),
        tags=member(message, "tags"),
        request=member(message, "startStreamProcessorRequest"),
    )


def _labels(found: object) -> Iterator[StreamLabel]:
    for index, entry in enumerate(_ENVELOPES.list_at("labels", found)):
        label = _ENVELOPES.object_at(f"labels[{index}]", entry)
        place = member(label, "videoMapping", "kinesisVideoMapping")
        yield StreamLabel(
            label_id=text(label.get("id")),
            name=text(label.get("name")),
            confidence=number(label.get("confidence")),
            bounding_box=_box(label.get("boundingBox")),
            frame_image=_location(label.get("frameImageUri")),
            cropped_image=_location(label.get("croppedImageUri")),
            fragment_number=text(place.get("fragmentNumber")),
            server_timestamp=moment(place.get("serverTimestamp")),
            producer_timestamp=moment(place.get("producerTimestamp")),
            frame_offset_millis=number(place.get("frameOffsetMillis")),
        )


def _box(box: object) -> models.BoundingBox | None:
    from .. import models as types

    if not is_mapping(box):
        return None
    sides = {name: side for name in ("left", "top", "width", "height") if (side := number(box.get(name))) is not None}
    return types.BoundingBox(**sides) if len(sides) == 4 else None


def _location(uri: object) -> models.S3Object | None:
    from .. import models as types

    bucket, _, key = uri.removeprefix(_S3).partition("/") if isinstance(uri, str) and uri.startswith(_S3) else ("",) * 3
    return types.S3Object(bucket=bucket, name=key) if bucket and key else None


publish("rekog.jobs", parse_stream_notifications)
