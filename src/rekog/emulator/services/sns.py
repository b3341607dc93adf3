"""Notifications that the service publishes to an SNS topic when a video job ends, and the sinks that receive them.

A notification is stored with its job's end and removed after its delivery, so it is sent at least once. A failure of
the sink is logged and the delivery is tried again; it does not change the job.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import attrs

from ..._values.public import publish

_LOG = logging.getLogger("rekog.emulator")
_SNS_VERSION = "2010-03-31"
_SILENCE_SECONDS = 5.0
_HEAD_SECONDS = 10.0
"""Maximum time until the head of a response is complete."""
_MAX_RECORDED = 10_000
"""Maximum number of recorded notifications; above it, the oldest are dropped."""


@attrs.frozen(kw_only=True)
class Notification:
    """A message to a topic. The service sends `message` as JSON text; its `Timestamp` is in milliseconds."""

    topic_arn: str
    role_arn: str
    message: Mapping[str, object]

    @property
    def text(self) -> str:
        """The JSON text of the message."""
        return json.dumps(self.message, separators=(",", ":"))


NotificationSink: TypeAlias = Callable[[Notification], object] | str | os.PathLike[str]
"""Receiver of notifications: a function, the URL of an SNS endpoint, or the path of a file for lines of JSON."""


class Notifications:
    """Notifications of one emulator: recorded, and delivered to its sink if it has one."""

    def __init__(self, sink: NotificationSink | None = None) -> None:
        self._send = _sender(sink)
        self._recorded: deque[Notification] = deque(maxlen=_MAX_RECORDED)
        self._lock = threading.Lock()

    @property
    def recorded(self) -> Sequence[Notification]:
        """The recorded notifications, the oldest first."""
        with self._lock:
            return tuple(self._recorded)

    def clear(self) -> None:
        """Drop the recorded notifications."""
        with self._lock:
            self._recorded.clear()

    def record(self, notification: Notification) -> None:
        """Record a notification."""
        with self._lock:
            self._recorded.append(notification)

    def deliver(self, notification: Notification) -> bool:
        """Send a notification to the sink, and return True; log a failure of the sink, and return False."""
        try:
            self._send(notification)
        except Exception:  # the sink is the user's code or a server, and its failure must not undo a job
            _LOG.exception("a notification to %s was not delivered", notification.topic_arn)
            return False
        return True


def _sender(sink: NotificationSink | None) -> Callable[[Notification], object]:
    if sink is None:
        return _discard
    if isinstance(sink, str) and sink.startswith(("http://", "https://")):
        return _Endpoint(sink)
    if isinstance(sink, str | os.PathLike):
        return _File(os.fspath(sink))
    return sink


def _discard(_notification: Notification) -> None: ...


class _File:
    """File sink: appends a line for each notification, with the topic and the text that SNS delivers."""

    def __init__(self, path: str) -> None:
        try:
            with open(path, "a", encoding="utf-8"):  # an unwritable path fails now, not with the first notification
                self._path = path
        except OSError as error:
            text = f"notify must be a URL or a file, and {path!r} can't be written: {error.strerror}"
            raise ValueError(text) from error
        self._lock = threading.Lock()

    def __call__(self, notification: Notification) -> None:
        line = json.dumps({"TopicArn": notification.topic_arn, "Message": notification.text})
        with self._lock, open(self._path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


class _Endpoint:
    """SNS sink: publishes through the SNS query protocol, signed with placeholder credentials, for local servers."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, notification: Notification) -> None:
        import time
        from urllib.parse import urlencode

        import httpx

        from ..._core.signing import sign
        from ..._settings.endpoint import Endpoint
        from ..._settings.values import Credentials
        from .time_limit import limited

        fields = {"Action": "Publish", "Version": _SNS_VERSION, "TopicArn": notification.topic_arn}
        body = urlencode({**fields, "Message": notification.text}).encode()
        url = httpx.URL(self._url)
        region = notification.topic_arn.split(":")[3]
        endpoint = Endpoint(self._url, url.netloc.decode(), url.path, region)
        headers = sign(
            credentials=Credentials("rekog-emulator", "rekog-emulator"),
            endpoint=endpoint,
            headers=(("content-type", "application/x-www-form-urlencoded; charset=utf-8"),),
            content=(body,),
            now=time.time(),
            service="sns",
        )
        # A transport of our own ignores HTTP_PROXY, as that for objects does; loading the certificates takes 40 ms.
        transport = httpx.HTTPTransport(verify=url.scheme == "https")
        with httpx.Client(transport=transport, timeout=_SILENCE_SECONDS, trust_env=False) as client:
            request = client.build_request("POST", url, headers=list(headers), content=body)
            with limited(request, _HEAD_SECONDS):
                response = client.send(request, stream=True)
            response.raise_for_status()  # the content of the response is not needed


publish("rekog.emulator", Notification)
