"""The front end: turns one HTTP request into one HTTP response, without a socket.

The checks run in this order: size; method, path, content type and operation; signature; JSON; constraints; those of the
handler.
"""

from __future__ import annotations

import logging
import re
import uuid
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

from ..._core.flow import HttpResponse
from ..._core.handler_result import InWireForm
from ..._core.json_body import serialise
from ..._core.operation import CONTENT_TYPE, TARGET_PREFIX
from ..._core.wire import from_wire
from ..._generated.operations import OPERATIONS
from ..._values.errors import DecodeError
from .. import handlers, refusals
from ..background.due import hand_over, run_quick_steps
from ..refusals import RefusalError
from ..scope import Scope
from ..state import StorageError
from ..truth.names import NamesOfBytes
from . import constraints
from .bodies import wire_of
from .calls import Call, CallLog
from .exchange import Reply
from .faults import AFTER
from .injection import FaultInjector, InjectedFault
from .recorded import names, recorded

if TYPE_CHECKING:
    from ..._core.operation import Operation
    from ..._values.model import Model, Response
    from ..context import Context
    from .constraints import ValidationCode
    from .exchange import Request
    from .signatures import Verifier

DEFAULT_REGION = "us-east-1"

_AWS_FRONT_END_CODES = frozenset(
    "ValidationException MissingAuthenticationTokenException IncompleteSignatureException InvalidSignatureException"
    " UnrecognizedClientException".split()
)
_LOG = logging.getLogger("rekog.emulator")
_SIGNED_REGION = re.compile(r"Credential=[^/,\s]+/\d{8}/([a-z0-9-]{1,32})/rekognition/aws4_request")


@attrs.define(kw_only=True)
class App:
    """Serves requests in a context: for `region` or, if it is None, for the region of each request's signature."""

    region: str | None
    context: Context
    validation_code: ValidationCode
    verifier: Verifier | None
    faults: FaultInjector = attrs.field(factory=FaultInjector)
    calls: CallLog = attrs.field(factory=CallLog)

    def handle(self, request: Request, *, trusted: bool = False, observed: bool = True) -> Reply:
        """Return the reply to a request, and record the call.

        The signature of a `trusted` request is not checked. A request that is not `observed` is neither recorded nor
        counted by faults, so that a person who watches a test does not change its result.
        """
        scope, now = self._scope(request), self.context.clock()
        call = Call(account=scope.account, region=scope.region, time=now, request_id=str(uuid.uuid4()))
        injected = InjectedFault()
        try:
            operation = self._admit(request, trusted=trusted)
            call.operation = operation.name
            if observed:
                injected = self.faults.inject(operation.name, scope, now)
            status, content = 200, self._execute(operation, request, call, injected)
        except Exception as error:
            status, content = self._refuse_call(error, call)
        response = _response(status, content, call.request_id)
        lost = bool(injected.reset)
        call.status = None if lost else status
        if observed:
            self.calls.add(call)
        return Reply(response, injected.delay, injected.kept_bytes, lost, call.operation, call.error)

    def refuse(self, error: Exception) -> Reply:
        """Return the reply to a request whose body was not read completely."""
        request_id = str(uuid.uuid4())
        refusal = _refusal(error, request_id, None)
        return Reply(_response(refusal.status, _error(refusal, request_id), request_id), error=refusal.code)

    def _admit(self, request: Request, *, trusted: bool) -> Operation[Model, Response]:
        """Return the operation of a request; refuse a request that is too large or has no valid signature."""
        if len(request.body) > self.context.limits.request_bytes:
            raise refusals.request_bytes(self.context.limits.request_bytes)
        operation = _operation(request)
        if self.verifier is not None and not trusted:
            self.verifier.check(request)
        return operation

    def _execute(
        self, operation: Operation[Model, Response], request: Request, call: Call, injected: InjectedFault
    ) -> bytes:
        """Execute the operation, unless a fault prevents it, and return the body of the response."""
        wire = wire_of(operation.name, request)
        name_of = NamesOfBytes().of
        call.request = recorded(wire, name_of)
        if injected.error is not None:
            raise injected.error()
        if injected.reset and injected.reset != AFTER:  # True: break the connection before the operation is executed
            return b""
        arguments = self._checked(operation, wire, call)
        context = self.context.within(Scope(call.account, call.region), name_of)
        due = run_quick_steps(context)
        result = handlers.call(operation, context, arguments)
        hand_over(context, due)
        return b"".join(serialise(result.wire if isinstance(result, InWireForm) else operation.encode_output(result)))

    def _checked(self, operation: Operation[Model, Response], wire: dict[str, object], call: Call) -> Model:
        """Return the request object; refuse a request that breaks a constraint, and record its members' names only."""
        try:
            constraints.check(f"{operation.name}Request", wire, self.validation_code)
            return _decode(operation, wire)
        except RefusalError:
            call.request = names(f"{operation.name}Request", wire)
            raise

    def _refuse_call(self, error: Exception, call: Call) -> tuple[int, bytes]:
        """Return the status and body for an error, and record its code."""
        refusal = _refusal(error, call.request_id, call.operation)
        call.error = refusal.code
        return refusal.status, _error(refusal, call.request_id)

    def _scope(self, request: Request) -> Scope:
        signed = _SIGNED_REGION.search(request.headers.get("authorization", "") or unquote(request.query))
        return Scope(self.context.scope.account, self.region or (signed[1] if signed else DEFAULT_REGION))


def _operation(request: Request) -> Operation[Model, Response]:
    method, path, headers = request.method, request.path, request.headers
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


def _decode(operation: Operation[Model, Response], wire: dict[str, object]) -> Model:
    try:
        return from_wire(operation.input_type, wire, strict=True)
    except DecodeError as error:
        # the service's API model requires no member of a box or a point, but our classes do
        raise refusals.incomplete(error.path) from error


def _response(status: int, content: bytes, request_id: str) -> HttpResponse:
    return HttpResponse(status, {"content-type": CONTENT_TYPE, "x-amzn-requestid": request_id}, content)


def _refusal(error: Exception, request_id: str, operation: str | None) -> RefusalError:
    if isinstance(error, RefusalError):
        return error
    if isinstance(error, StorageError):  # the text has cause and remedy
        _LOG.error("request %s (%s) failed: %s", request_id, operation, error)
        return RefusalError("InternalServerError", f"The emulator failed: {error}.")
    _LOG.error("request %s (%s) failed", request_id, operation, exc_info=error)
    return RefusalError("InternalServerError", "The emulator failed; its log has the cause.")


def _error(refusal: RefusalError, request_id: str) -> bytes:
    if (
        refusal.code in _AWS_FRONT_END_CODES
    ):  # errors of AWS's front end have only `__type` and a lowercase `message` key
        return b"".join(serialise({"__type": refusal.code, "message": refusal.message}))
    error = {"__type": refusal.code, "Code": refusal.code, "Logref": request_id, "Message": refusal.message}
    return b"".join(serialise(error))
