"""Secrets: no log, message, `repr`, pickle or traceback with local variables contains a secret.

The secrets are the secret key, the session token, the signature, the image and the password of a proxy. The calls fail
in many ways: the server repeats the whole request in an error page, in the service's form and in headers, resets the
connection, stays silent, and sends a body that is no JSON. All loggers have the lowest level.
"""

from __future__ import annotations

import base64
import logging
import os
import pickle
import re
import tempfile
import traceback
from typing import TYPE_CHECKING

from rekog import Credentials, Timeout
from tests.hostile.sdk.ways import Way, outcome, pools, some_ways
from tests.hostile.watch import environment
from tests.kit.servers import End, Received, ScriptedResponse, ScriptedServer, failed, head, ok, silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.hostile.attack import Report

SECRET = "the/secret+key/of/the+attack"  # of no account
TOKEN = "the+session/token==of+the/attack" * 4  # of no session
PASSWORD = "the-password-of-the-proxy"  # of no proxy
PIXELS = b"\xff\xd8\xff\xe0" + b"the pixels of the image " * 400
PICTURE = base64.b64encode(PIXELS).decode()
SHOWN = 24  # characters of a secret that no text may contain
OWN_CODE = os.sep + "rekog" + os.sep


class Log(logging.Handler):
    """Keeps all lines."""

    def __init__(self) -> None:
        super().__init__(1)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line with its traceback and its arguments."""
        if not record.name.startswith("http"):  # httpcore's log contains the headers of responses
            self.lines += [f"{record.name} {self.format(record)}", repr(record.args)]


def page(request: str) -> ScriptedResponse:
    """Repeat a request in a page of a gateway."""
    return ok(f"<html><pre>{request}</pre></html>".encode("latin-1"), status=502)


def page_of_headers(request: str) -> ScriptedResponse:
    """Repeat each header of a request as the beginning of a page."""
    line = next((line for line in request.splitlines() if line.lower().startswith("authorization")), "")
    return ok(f"{line[-200:]} {request}".encode("latin-1"), status=502)


def message(request: str) -> ScriptedResponse:
    """Repeat a request in an error of the service."""
    return failed(400, "InvalidParameterException", " ".join(request.split()))


def header(request: str) -> ScriptedResponse:
    """Repeat a request in a header."""
    return ok(b"{}", status=500, headers={"X-Request": " ".join(request.split())[:8000]})


def result(request: str) -> ScriptedResponse:
    """Repeat a request as a result."""
    return ok(request.encode("latin-1"))


FAILURES: dict[str, Callable[[str], ScriptedResponse]] = {
    "result": lambda request: ok(),
    "echo in a page": page,
    "echo of the signature": page_of_headers,
    "echo in a message": message,
    "echo in a header": header,
    "echo as a result": result,
    "reset": lambda request: (End.RESET,),
    "silence": lambda request: silence(),
    "cut": lambda request: (head(200, {"Content-Length": "100"}) + b"{", End.CLOSE),
}


class Server(ScriptedServer):
    """Responds to one request by a function of its text."""

    def __init__(self, make: Callable[[str], ScriptedResponse]) -> None:
        super().__init__()
        self._make = make

    def respond(self, received: Received) -> ScriptedResponse:
        """Return the response of the function."""
        lines = [f"{name}: {value}" for name, value in received.headers.items()]
        return self._make("\r\n".join(["POST / HTTP/1.1", *lines, "", received.body.decode()]))


def attack(count: int, report: Report) -> None:
    """Let calls fail in each way, with an image as bytes and as a file."""
    log = Log()
    logging.getLogger().addHandler(log)
    logging.getLogger().setLevel(1)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "image.jpg")
        with open(file, "wb") as written:
            written.write(PIXELS)
        for way in some_ways(count, 2 * len(FAILURES)):
            for image in file, PIXELS:
                _attack_in(way, image, log, report)
        with environment(HTTP_PROXY=f"http://user:{PASSWORD}@127.0.0.1:9"):
            for way in pools():
                _fail(way, "http://rekognition.test/", file, "proxy", log, report)


def _attack_in(way: Way, image: str | bytes, log: Log, report: Report) -> None:
    for name, make in FAILURES.items():
        with Server(make) as server:
            _fail(way, server.url, image, name, log, report)


def _fail(way: Way, url: str, image: str | bytes, name: str, log: Log, report: Report) -> None:
    log.lines.clear()
    rekognition = way.client(url, credentials=Credentials("AKIDOFTHEATTACK", SECRET, TOKEN), timeout=Timeout(total=0.5))
    [found] = way.run(outcome(report, lambda: rekognition.detect_faces(image), decode_error_allowed=True))
    report.attempt()
    report.figure(type(found).__name__)
    places = {"the log": "\n".join(log.lines), "a client": repr(rekognition) + repr(rekognition.config)}
    places["a pickled error"] = pickle.dumps(found).decode("latin-1")
    if isinstance(found, BaseException):
        places["a message"] = "".join(traceback.format_exception(found)) + repr(found) + repr(vars(found))
        places["local variables"] = "\n".join(_locals(found))
    echo = name.startswith("echo")
    for place, text in places.items():
        for secret in _secrets(text):
            kind = f"{secret} in {place} after {name}"
            if echo and secret == "the image" and place == "local variables":  # the response repeats it
                continue
            report.fault(f"{kind} ({way.name})" if way.library == "pool" else kind)
    way.backend.close(rekognition)


def _secrets(text: str) -> Iterator[str]:
    """Yield the names of the secrets that a text shows the beginning of."""
    known = {"the secret key": SECRET, "the session token": TOKEN, "the password": PASSWORD, "the image": PICTURE}
    for name, secret in known.items():
        if secret[:SHOWN] in text:
            yield name
    if re.search(r"Signature=[0-9a-f]{16}", text):
        yield "the signature"


def _locals(error: BaseException | None) -> Iterator[str]:
    """Yield the local variables of our frames as tracebacks with local variables show them."""
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if OWN_CODE in frame.f_code.co_filename:
                for name, value in frame.f_locals.items():
                    yield f"{frame.f_code.co_qualname} {name} = {value!r}"
        error = error.__cause__ or error.__context__
