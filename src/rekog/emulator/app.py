"""The front end: one HTTP request in, one HTTP answer out, without a socket.

The checks run in the order of BEHAVIOUR 1.1: target, JSON, constraints, and then whatever the handler finds.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

import attrs

from .._core.http import HttpResponse
from .._core.operation import TARGET_PREFIX
from .._core.wire import blobs_from_text, parse, serialise
from .._generated.operations import OPERATIONS
from . import refusals, validate
from .context import Context, Scope
from .handlers import find_handler
from .lifecycle import settle
from .notifications import Notifications
from .refusals import RefusalError
from .settings import Durations, Limits

if TYPE_CHECKING:
    from .._core.operation import Operation
    from .._model import Model, Response
    from .objects import Objects
    from .state import State
    from .validate import ValidationCode
    from .vision import Vision

CONTENT_TYPE = "application/x-amz-json-1.1"
DEFAULT_REGION = "us-east-1"

_LOG = logging.getLogger("rekog.emulator")
_SIGNED_REGION = re.compile(r"Credential=[^/,\s]+/\d{8}/([a-z0-9-]{1,32})/rekognition/aws4_request")


@attrs.frozen
class App:
    """Answers requests. `account` owns what they make, in `region` or, if that is None, where they are signed for."""

    account: str
    region: str | None
    state: State
    objects: Objects
    vision: Vision
    validation_code: ValidationCode = "InvalidParameterException"
    clock: Callable[[], float] = time.time
    limits: Limits = attrs.field(factory=Limits)
    durations: Durations = attrs.field(factory=Durations)
    notifications: Notifications = attrs.field(factory=Notifications)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        """Answer one request; header names are lower-case."""
        request_id = str(uuid.uuid4())
        try:
            status, content = 200, self._answer(method, path, headers, body)
        except Exception as error:
            refusal = _refusal(error, request_id, headers.get("x-amz-target"))
            status, content = refusal.status, _error(refusal, request_id)
        return HttpResponse(status, {"content-type": CONTENT_TYPE, "x-amzn-requestid": request_id}, content)

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        operation = _operation(method, path, headers)
        wire = _read(operation, body)
        validate.check(f"{operation.name}Request", wire, self.validation_code)
        handler = find_handler(operation)
        if handler is None:
            raise refusals.not_served(f"{operation.name} is not served by this emulator yet.")
        context = self._context(headers)
        settle(context)
        response = handler(context, operation.decode_input(wire))
        return b"".join(serialise(operation.encode_output(response)))

    def _context(self, headers: Mapping[str, str]) -> Context:
        signed = _SIGNED_REGION.search(headers.get("authorization", ""))
        region = self.region or (signed[1] if signed else DEFAULT_REGION)
        scope = Scope(self.account, region)
        return Context(
            scope,
            self.state,
            self.objects,
            self.vision,
            self.clock,
            self.limits,
            self.durations,
            self.notifications,
        )


def _operation(method: str, path: str, headers: Mapping[str, str]) -> Operation[Model, Response]:
    prefix, _, name = headers.get("x-amz-target", "").partition(".")
    operation = OPERATIONS.get(name) if prefix == TARGET_PREFIX else None
    if method != "POST" or path not in ("", "/"):
        raise RefusalError("UnknownOperationException", f"Every operation is POST /, not {method} {path}")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise RefusalError("UnknownOperationException", f"Content-Type must be {CONTENT_TYPE}")
    if operation is None:
        raise RefusalError(
            "UnknownOperationException", f"X-Amz-Target must be {TARGET_PREFIX}. and an operation's name"
        )
    return operation


def _read(operation: Operation[Model, Response], body: bytes) -> dict[str, object]:
    try:
        wire = blobs_from_text(f"{operation.name}Request", parse(body))
    except (ValueError, RecursionError):
        raise RefusalError("SerializationException", "The body is not JSON, or has text that is not base64") from None
    if not isinstance(wire, dict):
        raise RefusalError("SerializationException", "The body must be a JSON object")
    return cast("dict[str, object]", wire)  # cast: keys of a JSON object are text


def _refusal(error: Exception, request_id: str, target: str | None) -> RefusalError:
    if isinstance(error, RefusalError):
        return error
    _LOG.error("request %s (%s) failed", request_id, target, exc_info=error)
    return RefusalError("InternalServerError", "The emulator failed; its log has the cause.")


def _error(refusal: RefusalError, request_id: str) -> bytes:
    if refusal.code == "ValidationException":  # the front end's own form has the message in lower case, and no more
        return b"".join(serialise({"__type": refusal.code, "message": refusal.message}))
    error = {"__type": refusal.code, "Code": refusal.code, "Logref": request_id, "Message": refusal.message}
    return b"".join(serialise(error))
