"""Calls of an emulator without any client, over HTTP or in this process, and the verdict about their responses."""

from __future__ import annotations

import http.client
import json
import logging
import time
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

import httpx

from tests.kit.wire import CONTENT_TYPE, json_ready

if TYPE_CHECKING:
    from rekog.emulator import Emulator
    from tests.hostile.attack import Report

NOT_SERVED = "NotServedByEmulator"
TIMEOUT = 180.0  # seconds of silence after which a request has failed
SLOW = 10.0  # seconds: hundreds of times what a request of an attack takes


class Answer(NamedTuple):
    """The status and the body of a response, and the seconds that it took."""

    status: int
    body: bytes
    seconds: float

    @property
    def json(self) -> dict[str, object]:
        """The body as a JSON object; empty if it is none."""
        try:
            value: object = json.loads(self.body)
        except ValueError:
            return {}
        return cast("dict[str, object]", value) if isinstance(value, dict) else {}  # cast: keys of JSON are text

    def texts(self, member: str) -> list[str]:
        """Return a list of texts in the body; an empty one if it is absent."""
        return cast("list[str]", self.json.get(member) or [])  # cast: of the service's model

    @property
    def code(self) -> str:
        """The name of the error, or ""."""
        return str(self.json.get("__type", "")) if self.status >= 400 else ""


class Caller(Protocol):
    """Sends requests to one emulator."""

    def send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a request, and return its response."""
        ...


class HttpCaller:
    """Sends requests over one connection, which it opens again after an error."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=TIMEOUT)

    def send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a request, and return its response."""
        began = time.monotonic()
        try:
            self._connection.request(method, target, body, dict(headers))
            response = self._connection.getresponse()
            content = response.read()
        except BaseException:
            self._connection.close()
            raise
        return Answer(response.status, content, time.monotonic() - began)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class LocalCaller:
    """Sends requests through the transport of an emulator in this process."""

    def __init__(self, emulator: Emulator) -> None:
        self._transport = emulator.transport()

    def send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a request, and return its response."""
        began = time.monotonic()
        request = httpx.Request(method, f"http://rekog{target}", content=body, headers=dict(headers))
        response = self._transport.handle_request(request)
        return Answer(response.status_code, response.content, time.monotonic() - began)


def headers(operation: str) -> dict[str, str]:
    """Return the headers of an operation."""
    return {"X-Amz-Target": f"RekognitionService.{operation}", "Content-Type": CONTENT_TYPE}


def call(caller: Caller, operation: str, members: object) -> Answer:
    """Call an operation; a member may be bytes."""
    return send(caller, operation, json.dumps(json_ready(members)).encode())


def send(caller: Caller, operation: str, body: bytes, target: str = "/") -> Answer:
    """Call an operation with a body that may be no JSON."""
    return caller.send("POST", target, body, headers(operation))


def judge(report: Report, answer: Answer, kind: str, *, slow: float = SLOW) -> None:
    """Count an attempt, and a fault if the response is a failure of the emulator or took too long.

    The error for things that the emulator cannot do has the status 501, and is none.
    """
    report.attempt()
    report.figure(f"status {answer.status}")
    refused = answer.status == 501 and answer.code == NOT_SERVED
    report.check(answer.status < 500 or refused, f"{answer.status} {answer.code} for {kind}")
    report.check(answer.seconds < slow, f"{kind} took more than {slow:g} s")


@contextmanager
def failures_are_faults(report: Report, *, explained: bool = False) -> Generator[None]:
    """Count each error that the emulator of this process logs, with its cause.

    With `explained`, an error that is logged as a sentence, without a traceback, is none.
    """

    class Log(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            cause = record.exc_info[1] if record.exc_info else None
            if cause is None:
                report.check(explained, f"logged: {record.msg}")
                return
            place = traceback.extract_tb(cause.__traceback__)[-1]
            report.fault(f"{type(cause).__name__} in {place.filename.rpartition('/')[2]}:{place.lineno}: {cause}"[:200])

    handler = Log(logging.ERROR)
    log = logging.getLogger("rekog.emulator")
    propagated, log.propagate = log.propagate, False
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = propagated
