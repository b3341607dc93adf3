"""What the service tells an SNS topic when a video job ends, and where the emulator sends it.

A message is stored with its job's end and removed once it was delivered, so it is sent at least once. Nothing depends
on its arrival: a sink that fails is logged and tried again, and the job stays as it is.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOG = logging.getLogger("rekog.emulator")
_SNS_VERSION = "2010-03-31"
_SNS_TIMEOUT_SECONDS = 5.0
_MOST_KEPT = 10_000
"""Messages that are kept to be read; of more, the oldest go."""


@attrs.frozen(kw_only=True)
class Notification:
    """A message to a topic. `message` is what the service sends as JSON text, its `Timestamp` in milliseconds."""

    topic_arn: str
    role_arn: str
    message: Mapping[str, object]

    @property
    def text(self) -> str:
        """The message as it is sent."""
        return json.dumps(self.message, separators=(",", ":"))


Sink: TypeAlias = "Callable[[Notification], object] | str | os.PathLike[str]"
"""Where messages go: a function, an SNS endpoint's URL, or a file that gets a line of JSON for each."""


class Notifications:
    """The messages of one emulator: kept to be read, and handed to its sink if it has one."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._send = _sender(sink)
        self._kept: deque[Notification] = deque(maxlen=_MOST_KEPT)
        self._lock = threading.Lock()

    @property
    def sent(self) -> Sequence[Notification]:
        """The messages so far, the oldest first."""
        with self._lock:
            return tuple(self._kept)

    def clear(self) -> None:
        """Forget the messages so far."""
        with self._lock:
            self._kept.clear()

    def keep(self, notification: Notification) -> None:
        """Keep a message to be read."""
        with self._lock:
            self._kept.append(notification)

    def deliver(self, notification: Notification) -> bool:
        """Hand a message to the sink; tell whether the sink took it."""
        try:
            self._send(notification)
        except Exception:  # the sink is the user's or a server; no failure of it may undo a job
            _LOG.exception("a notification to %s was not delivered", notification.topic_arn)
            return False
        return True


def _sender(sink: Sink | None) -> Callable[[Notification], object]:
    if sink is None:
        return _nowhere
    if isinstance(sink, str) and sink.startswith(("http://", "https://")):
        return _Endpoint(sink)
    if isinstance(sink, str | os.PathLike):
        return _File(os.fspath(sink))
    return sink


def _nowhere(_notification: Notification) -> None: ...


class _File:
    """Appends a line for each message: the topic, and the message as the text that SNS would deliver."""

    def __init__(self, path: str) -> None:
        try:
            with open(path, "a", encoding="utf-8"):  # what is wrong is told now, not with the first message
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
    """Publishes through the SNS query protocol, signed with credentials that mean nothing: for local servers."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, notification: Notification) -> None:
        import time
        from urllib.parse import urlencode

        import httpx

        from ..._core.signing import sign
        from ..._settings.endpoint import Endpoint
        from ..._settings.values import Credentials

        fields = {"Action": "Publish", "Version": _SNS_VERSION, "TopicArn": notification.topic_arn}
        body = urlencode({**fields, "Message": notification.text}).encode()
        url = httpx.URL(self._url)
        region = notification.topic_arn.split(":")[3]
        place = Endpoint(self._url, url.netloc.decode(), url.path, region)
        headers = sign(
            credentials=Credentials("rekog-emulator", "rekog-emulator"),
            endpoint=place,
            headers=(("content-type", "application/x-www-form-urlencoded; charset=utf-8"),),
            content=(body,),
            now=time.time(),
            service="sns",
        )
        httpx.post(url, headers=list(headers), content=body, timeout=_SNS_TIMEOUT_SECONDS).raise_for_status()
