"""A call from arguments to response, as a Flow: check, sign, send, retry, decode."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .. import __version__
from .._settings.endpoint import Endpoint, resolve_endpoint
from .._settings.timeout import Timeout, over
from .._settings.values import AnyCallOptions, CallOptions, Config, Credentials, CredentialSource, as_options
from .._values.errors import ServiceError
from .._values.model import ResponseMetadata, WireResponse, received_metadata
from .._values.narrow import is_mapping
from .deadline import Deadline
from .flow import Flow, HttpRequest, HttpResponse, run_blocking, send
from .json_body import beginning, parse, serialise
from .operation import CONTENT_TYPE, TARGET_PREFIX, In, Operation, Out
from .retries.retry import RetryState, retrying
from .signing import presign, sign
from .wire import checked_wire, decode_output, encode_input, wire_output

if TYPE_CHECKING:
    from .._values.errors import ServiceError

USER_AGENT = f"rekog/{__version__} python/{'.'.join(map(str, sys.version_info[:3]))}"

# Errors for a difference between our clock and the service's; the Date header of the response has the service's time.
SKEW_CODES = frozenset({
    "AuthFailure", "InvalidSignatureException", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
})  # fmt: skip
MINIMUM_SKEW = 240.0  # seconds: the service accepts five minutes, so a smaller difference is not the cause


class _Unsigned(NamedTuple):
    """The parts of a request that all attempts of a call share."""

    operation: str
    headers: tuple[tuple[str, str], ...]
    body: tuple[bytes, ...]
    timeout: Timeout
    deadline: Deadline


class Caller:
    """State that all calls of a client share: settings, credentials, retry state, the difference of the clocks."""

    def __init__(
        self,
        config: Config,
        credentials: CredentialSource,
        *,
        clock: Callable[[], float] = time.time,
        new_token: Callable[[], object] | None = None,
    ) -> None:
        self.endpoint: Endpoint = resolve_endpoint(config)
        self._use(config)
        self._credentials = credentials
        self._clock = clock
        self._new_token = new_token or _new_token
        self._retry_state = RetryState(wall_clock=clock)
        self._skew = 0.0

    def _use(self, config: Config) -> None:
        self.config = config
        self._check_all = "requests" in config.strict
        self._check_answers = "answers" in config.strict
        self._headers = {"user-agent": USER_AGENT, **config.headers}

    def with_config(self, config: Config) -> Caller:
        """Return a caller with other settings of calls, at the same endpoint, that shares all else with this one."""
        other = copy(self)
        other._use(config)
        return other

    def call(
        self, operation: Operation[In, Out], options: AnyCallOptions | None = None, /, **fields: object
    ) -> Flow[Out]:
        """Call an operation with arguments by their Python names."""
        request = yield from self.request(operation, fields)
        wire = encode_input(operation, request, full=self._check_all)
        content, metadata = yield from self._exchange(operation, wire, options)
        response = decode_output(operation, content, metadata.request_id, strict=self._check_answers)
        response.response_metadata = metadata
        return response

    def call_wire(
        self, operation: Operation[In, Out], wire: Mapping[str, object], options: AnyCallOptions | None = None
    ) -> Flow[WireResponse]:
        """Call an operation with a wire dict and return the response as one, with blobs as bytes."""
        wire = checked_wire(operation, wire, full=self._check_all)
        content, metadata = yield from self._exchange(operation, wire, options)
        return WireResponse(wire_output(operation, content, metadata.request_id), metadata)

    def request(self, operation: Operation[In, Out], fields: Mapping[str, object]) -> Flow[In]:
        """Return the request model for arguments by their Python names; reads image files."""
        arguments = dict(fields)
        for name in operation.media:
            from .media import load_media  # half of the operations take no image

            arguments[name] = yield from load_media(operation, name, fields)
        build: Callable[..., In] = operation.input_type
        return build(**arguments)

    def presign(
        self, operation: Operation[In, Out], wire: Mapping[str, object], expires_in: int, http_method: str
    ) -> Flow[str]:
        """Return a URL with the request and its signature in its query."""
        wire = checked_wire(operation, wire, full=self._check_all)
        credentials = yield from self._credential(Deadline(None))
        return presign(
            credentials=credentials,
            endpoint=self.endpoint,
            headers=_headers(operation),
            parameters=self._with_token(operation, wire),
            expires_in=expires_in,
            now=self._now(),
            method=http_method,
        )

    def _exchange(
        self, operation: Operation[In, Out], wire: Mapping[str, object], options: AnyCallOptions | None
    ) -> Flow[tuple[bytes, ResponseMetadata]]:
        checked = as_options(options)
        timeout = timeout_of(checked, self.config)
        policy = checked.retry or self.config.retry
        unsigned = _Unsigned(
            operation=operation.name,
            headers=(*_headers(operation), *{**self._headers, **checked.headers}.items()),
            body=serialise(self._with_token(operation, wire)),
            timeout=timeout,
            deadline=Deadline(timeout.total),
        )
        attempt = partial(self._attempt, unsigned)
        deadline, state = unsigned.deadline, self._retry_state
        return (yield from retrying(attempt, policy=policy, state=state, deadline=deadline, operation=operation.name))

    def _attempt(self, unsigned: _Unsigned, number: int) -> Flow[tuple[bytes, ResponseMetadata]]:
        corrected = False
        while True:
            credentials = yield from self._credential(unsigned.deadline)
            skew = self._skew
            response = yield from send(self._signed(unsigned, credentials))
            if 200 <= response.status < 300:
                request_id = response.headers.get("x-amzn-requestid")
                return response.content, received_metadata(request_id, response.status, response.headers, number)
            error = _error(response, unsigned.operation)
            if corrected or not self._corrected(error, skew):
                raise error
            corrected = True

    def _signed(self, unsigned: _Unsigned, credentials: Credentials) -> HttpRequest:
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

    def _credential(self, deadline: Deadline) -> Flow[Credentials]:
        present = self._credentials.cached()
        if present is not None:
            return present
        try:
            return (yield from run_blocking(self._credentials.load, deadline.left()))
        except TimeoutError as error:  # the driver's: a source raises `CredentialsError` for its provider's
            raise deadline.error("the credentials were not there yet") from error

    def _now(self) -> float:
        return self._clock() + self._skew

    def _corrected(self, error: ServiceError, skew: float) -> bool:
        """Adopt the service's clock from an error that reports a wrong clock; `skew` was in use for the failed request.

        Return whether the present skew differs from it; a concurrent call may have changed it.
        """
        date = error.headers.get("date")
        if error.code not in SKEW_CODES or date is None:
            return False
        from email.utils import parsedate_to_datetime

        try:
            theirs = parsedate_to_datetime(date).timestamp()
        except (ValueError, OverflowError):
            return False
        if abs(theirs - self._now()) >= MINIMUM_SKEW:
            self._skew = theirs - self._clock()
        return self._skew != skew


def _new_token() -> object:
    from uuid import uuid4  # few operations have tokens

    return uuid4()


def timeout_of(options: CallOptions, config: Config) -> Timeout:
    """Return the limits of a call with these options; limits that they leave out are the client's."""
    return config.timeout if options.timeout is None else over(options.timeout, config.timeout)


def _headers(operation: Operation[In, Out]) -> tuple[tuple[str, str], ...]:
    return ("content-type", CONTENT_TYPE), ("x-amz-target", f"{TARGET_PREFIX}.{operation.name}")


def _error(response: HttpResponse, operation: str) -> ServiceError:
    from .service_errors import from_answer  # few calls fail

    body: object = None
    with suppress(ValueError, RecursionError):
        body = parse(response.content)
    if is_mapping(body):
        return from_answer(response.status, response.headers, body, operation)
    return from_answer(response.status, response.headers, {}, operation, beginning(response.content))
