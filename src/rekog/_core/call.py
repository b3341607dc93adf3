"""A call from arguments to response, as a Flow: check, sign, send, retry, decode."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from .. import __version__
from .._settings.endpoint import Endpoint, resolve_endpoint
from .._settings.timeout import Timeout, over
from .._settings.values import AnyCallOptions, CallOptions, Config, Credentials, CredentialSource, as_options
from .._values.clocks import real_time
from .._values.errors import CallTimeoutError, TransportError
from .._values.model import ResponseMetadata, WireResponse, received_metadata
from .._values.narrow import is_mapping
from .deadline import Deadline
from .flow import Flow, HttpRequest, HttpResponse, run_blocking
from .json_body import beginning, parse, serialise
from .operation import CONTENT_TYPE, TARGET_PREFIX, In, Operation, Out
from .retries.admission import Admission
from .retries.retry import RetryState, retrying
from .retries.rules import epoch_seconds
from .signing import presign, sign
from .wire import checked_wire, decode_output, encode_input, wire_output

if TYPE_CHECKING:
    from logging import Logger

    from .._values.errors import ServiceError
    from .retries.limits import RateLimits
    from .retries.log import AttemptLog
    from .retries.retry import Failed

Encode: TypeAlias = Callable[[Deadline], Flow[dict[str, object]]]
"""Make the wire dict of a call before the deadline; it may read image files."""

USER_AGENT = f"rekog/{__version__} python/{'.'.join(map(str, sys.version_info[:3]))}"

# Errors for a difference between our clock and the service's; the Date header of the response has the service's time.
SKEW_CODES = frozenset({
    "AuthFailure", "InvalidSignatureException", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
})  # fmt: skip
MINIMUM_SKEW = 240.0  # seconds: the service accepts five minutes, so a smaller difference is not the cause


class Unsigned:
    """The parts of a request that all attempts of a call share.

    `repr` shows neither headers nor body. The class is no named tuple, because tools that show the variables of a
    traceback print the items of every tuple.
    """

    __slots__ = ("body", "deadline", "headers", "operation", "policy", "timeout")

    def __init__(self, operation: Operation[Any, Any], options: CallOptions, config: Config) -> None:
        self.operation = operation
        self.policy = options.retry or config.retry
        self.timeout = timeout_of(options, config)
        self.deadline = Deadline(self.timeout.total)
        self.headers = _headers(operation.name)
        self.body: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return f"<Unsigned {self.operation.name}, {sum(map(len, self.body))} bytes>"


class Caller:
    """State that all calls of a client share: settings, credentials, retry state, the difference of the clocks."""

    def __init__(
        self,
        config: Config,
        credentials: CredentialSource,
        *,
        clock: Callable[[], float] | None = None,
        new_token: Callable[[], object] | None = None,
    ) -> None:
        self.endpoint: Endpoint = resolve_endpoint(config)
        self._use(config)
        self._credentials = credentials
        self._clock = clock
        self._new_token = new_token or _new_token
        self._retry_state = RetryState(wall_clock=clock or real_time)
        self._limits = self._new_limits(config)
        self._skew = 0.0

    def _use(self, config: Config) -> None:
        self.config = config
        self._check_all = "requests" in config.strict
        self._check_images = "images" in config.strict
        self._check_answers = "answers" in config.strict
        extra = config.user_agent_extra
        agent = f"{USER_AGENT} {extra}" if extra else USER_AGENT
        self._headers = {"user-agent": agent, **config.headers}

    def with_config(self, config: Config) -> Caller:
        """Return a caller with other settings of calls, at the same endpoint, that shares all else with this one."""
        other = copy(self)
        other._use(config)
        if config.rate_limit is not self.config.rate_limit:
            other._limits = self._new_limits(config)
        return other

    def _new_limits(self, config: Config) -> RateLimits | None:
        if config.rate_limit is None:
            return None
        from .retries.limits import RateLimits  # few clients have a limit

        return RateLimits(config.rate_limit, self.endpoint.signing_region, self._retry_state.waiting_clock)

    def call(
        self, operation: Operation[In, Out], options: AnyCallOptions | None = None, /, **fields: object
    ) -> Flow[Out]:
        """Call an operation with arguments by their Python names."""
        unsigned = self._unsigned(operation, options)
        # Without an image, the arguments are checked before the wait for a slot.
        encode: Encode = partial(self._encoded, operation, fields)
        wire = encode if operation.media else (yield from encode(unsigned.deadline))
        content, metadata = yield from self._exchange(unsigned, wire)
        return self.decoded(operation, content, metadata)

    def call_for_body(
        self, operation: Operation[In, Out], options: AnyCallOptions | None, encode: Encode
    ) -> Flow[tuple[bytes, ResponseMetadata]]:
        """Call an operation with the wire dict that a Flow makes, and return the body of the response for `decoded`."""
        return self._exchange(self._unsigned(operation, options), encode)

    def decoded(self, operation: Operation[In, Out], content: bytes, metadata: ResponseMetadata) -> Out:
        """Return the response with this body."""
        response = decode_output(operation, content, metadata.request_id, strict=self._check_answers)
        response.response_metadata = metadata
        return response

    def call_wire(
        self, operation: Operation[In, Out], wire: Mapping[str, object], options: AnyCallOptions | None = None
    ) -> Flow[WireResponse]:
        """Call an operation with a wire dict and return the response as one, with blobs as bytes."""
        wire = checked_wire(operation, wire, full=self._check_all)
        content, metadata = yield from self._exchange(self._unsigned(operation, options), wire)
        return WireResponse(wire_output(operation, content, metadata.request_id), metadata)

    def presign(
        self, operation: Operation[In, Out], wire: Mapping[str, object], expires_in: int, http_method: str
    ) -> Flow[str]:
        """Return a URL with the request and its signature in its query."""
        wire = checked_wire(operation, wire, full=self._check_all)
        credentials = self._credentials.cached() or (yield from self._loaded_credentials(Deadline(None)))
        return presign(
            credentials=credentials,
            endpoint=self.endpoint,
            headers=_headers(operation.name),
            parameters=self._with_token(operation, wire),
            expires_in=expires_in,
            now=self._now(),
            method=http_method,
        )

    def _unsigned(self, operation: Operation[Any, Any], options: AnyCallOptions | None) -> Unsigned:
        checked = as_options(options)
        unsigned = Unsigned(operation, checked, self.config)
        headers = {**self._headers, **checked.headers}.items() if checked.headers else self._headers.items()
        unsigned.headers = (*unsigned.headers, *headers)
        return unsigned

    def _encoded(
        self, operation: Operation[In, Out], fields: Mapping[str, object], deadline: Deadline
    ) -> Flow[dict[str, object]]:
        """Return the wire dict for arguments by their Python names; reads image files."""
        arguments = dict(fields)
        for name in operation.media:
            from .media import load_media  # half of the operations take no image

            arguments[name] = yield from load_media(operation, name, fields, deadline, strict=self._check_images)
        return encode_input(operation, operation.input_type(**arguments), full=self._check_all)

    def _exchange(
        self,
        unsigned: Unsigned,
        wire: Mapping[str, object] | Encode,
        failed: Failed | None = None,
    ) -> Flow[tuple[bytes, ResponseMetadata]]:
        """Send the wire dict, or the one that a Flow makes once the call has a slot."""
        name, deadline, limits = unsigned.operation.name, unsigned.deadline, self._limits
        schedule = None if limits is None else limits.schedule(name)
        admission = Admission(name, self.endpoint.url, unsigned.timeout, deadline, schedule)
        before = partial(self._before, unsigned, admission, wire)
        attempt = partial(self._attempt, unsigned, admission)
        try:
            return (
                yield from retrying(
                    attempt,
                    policy=unsigned.policy,
                    state=self._retry_state,
                    deadline=deadline,
                    operation=name,
                    before=before,
                    failed=failed,
                )
            )
        except CallTimeoutError as error:
            error.attempts -= admission.waits_at_gate  # the request of the last attempt was not sent
            raise
        finally:
            admission.leave()

    def _before(
        self,
        unsigned: Unsigned,
        admission: Admission,
        wire: Mapping[str, object] | Encode,
        attempts: int,
    ) -> Flow[None]:
        """Wait for the slot of an attempt; before the first one, also make the body."""
        yield from admission.enter(attempts)
        if not unsigned.body:
            if callable(wire):
                wire = yield from wire(unsigned.deadline)
            unsigned.body = serialise(self._with_token(unsigned.operation, wire))
            admission.keeps_slot = len(unsigned.body) > 1  # with a blob, which is a part of its own

    def _attempt(self, unsigned: Unsigned, admission: Admission, number: int) -> Flow[tuple[bytes, ResponseMetadata]]:
        corrected = False
        while True:
            credentials = self._credentials.cached() or (yield from self._loaded_credentials(unsigned.deadline))
            if admission.schedule is not None:
                yield from admission.pass_gate(admission.schedule, number - 1)
            skew = self._skew
            request = self._signed(unsigned, credentials)
            log = _log_of(unsigned, number, request)
            try:
                response = cast("HttpResponse", (yield request))  # cast: the result of this effect
            except TransportError as lost:
                if log is not None:
                    log.failure(lost)
                admission.pause()
                raise
            if 200 <= response.status < 300:
                if log is not None:
                    log.response(response)
                if response.content[:1] not in (b"{", b""):  # its error may show the beginning
                    response = _redacted(response, request, credentials)
                request_id = response.headers.get("x-amzn-requestid")
                return response.content, received_metadata(request_id, response.status, response.headers, number)
            error = _error(response, request, credentials, unsigned.operation.name)
            if log is not None:
                log.response(response, error)
            if corrected or not self._corrected(error, skew):
                admission.pause()
                try:
                    raise error
                finally:
                    del error  # it refers to this frame: a reference back would keep both until a garbage collection
            corrected = True

    def _signed(self, unsigned: Unsigned, credentials: Credentials) -> HttpRequest:
        body = unsigned.body
        signed = sign(
            credentials=credentials,
            endpoint=self.endpoint,
            headers=unsigned.headers,
            content=body,
            now=self._now(),
        )
        length = (b"content-length", str(sum(map(len, body))).encode())
        timeout = unsigned.deadline.clip(unsigned.timeout)
        return HttpRequest(self.endpoint.url, (*signed, length), body, timeout)

    def _with_token(self, operation: Operation[In, Out], wire: Mapping[str, object]) -> dict[str, object]:
        """Return the wire dict with an idempotency token, the same for all attempts of a call."""
        name = operation.idempotency_token
        if name is None or wire.get(name) is not None:
            return dict(wire)
        return {**wire, name: str(self._new_token())}

    def _loaded_credentials(self, deadline: Deadline) -> Flow[Credentials]:
        try:
            return (yield from run_blocking(self._credentials.load, deadline.left(), shared=True))
        except TimeoutError as error:  # the driver's: a source raises `CredentialsError` for its provider's
            raise deadline.error("the credentials were not there yet") from error

    def _now(self) -> float:
        return (self._clock or time.time)() + self._skew

    def _corrected(self, error: ServiceError, skew: float) -> bool:
        """Adopt the service's clock from an error that reports a wrong clock; `skew` was in use for the failed request.

        Return whether the present skew differs from it; a concurrent call may have changed it.
        """
        date = error.headers.get("date")
        if error.code not in SKEW_CODES or date is None:
            return False
        theirs = epoch_seconds(date)
        if theirs is None:
            return False
        if abs(theirs - self._now()) >= MINIMUM_SKEW:
            self._skew = theirs - (self._clock or time.time)()
        return self._skew != skew


def _new_token() -> object:
    from uuid import uuid4  # few operations have tokens

    return uuid4()


def timeout_of(options: CallOptions, config: Config) -> Timeout:
    """Return the limits of a call with these options; limits that they leave out are the client's."""
    return config.timeout if options.timeout is None else over(options.timeout, config.timeout)


@cache
def _headers(name: str) -> tuple[tuple[str, str], ...]:
    return ("content-type", CONTENT_TYPE), ("x-amz-target", f"{TARGET_PREFIX}.{name}")


def _error(response: HttpResponse, request: HttpRequest, credentials: Credentials, operation: str) -> ServiceError:
    from .service_errors import from_answer  # few calls fail

    response = _redacted(response, request, credentials)
    body: object = None
    with suppress(ValueError, RecursionError):
        body = parse(response.content)
    if is_mapping(body):
        return from_answer(response.status, response.headers, body, operation)
    return from_answer(response.status, response.headers, {}, operation, beginning(response.content))


def _redacted(response: HttpResponse, request: HttpRequest, credentials: Credentials) -> HttpResponse:
    from .retries.redaction import redacted  # few calls fail

    return redacted(response, request, credentials)


_loggers: dict[str, Logger] = {}  # `getLogger` takes longer than the rest of the question whether it is enabled


def _log_of(unsigned: Unsigned, number: int, request: HttpRequest) -> AttemptLog | None:
    """Return the log of a request, if the program writes a DEBUG log."""
    logging = sys.modules.get("logging")  # a program that has not loaded it writes no log
    if logging is None:
        return None
    logger = _loggers.get("rekog")
    if logger is None:
        get_logger = getattr(logging, "getLogger", None)
        if get_logger is None:  # another thread is importing the module
            return None
        logger = _loggers.setdefault("rekog", get_logger("rekog"))
    if not logger.isEnabledFor(logging.DEBUG):
        return None
    from .retries.log import AttemptLog

    return AttemptLog(unsigned.operation.name, number, request)
