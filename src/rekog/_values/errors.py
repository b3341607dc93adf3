"""The errors of `rekog.errors`: `TransportError` and `ServiceError` for calls, and the others beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .lazy import LazyModule

if TYPE_CHECKING:
    import decimal

    from . import model
else:  # for tools that evaluate annotations
    decimal, model = LazyModule("decimal"), LazyModule("rekog._values.model")

__all__ = [
    "BudgetExceededError", "CallError", "CallTimeoutError", "ClientClosedError", "ConfigError", "ConnectError",
    "ConnectTimeoutError", "ConnectionLostError", "CredentialsError", "DecodeError", "JobFailedError",
    "NotServedByEmulatorError",
    "PaginationError", "ParamValidationError", "PoolTimeoutError", "ReadTimeoutError", "RekogError", "RekogWarning",
    "ResponseTooLargeError", "ServiceError", "StaleConnectionError", "TransportError", "UnmodeledServiceError",
    "WaiterError", "WaiterFailedError", "WaiterTimeoutError", "WriteTimeoutError",
]  # fmt: skip


class RekogError(Exception):
    """Root of every error that this package raises."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)

    @property
    def message(self) -> str:
        """The text without the context that `str()` adds."""
        return str(self.args[0]) if self.args else ""


class RekogWarning(UserWarning):
    """An argument is valid, but probably not the intended one, such as 0.8 for 80 percent."""


class ConfigError(RekogError):
    """A setting is missing, malformed, or contradicts another one."""


class CredentialsError(RekogError):
    """No credentials were found, or their provider failed."""


class ClientClosedError(RekogError, RuntimeError):
    """A client was used after it was closed."""


class BudgetExceededError(RekogError):
    """A call would pass the limit of a `rekog.cost.Budget`, or has no known price; its request was not sent.

    `operation` is the service's name of the operation. `limit` and `left` are amounts of the budget in its currency,
    and `price` is that of the call, None if it is not known.
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        limit: decimal.Decimal | None = None,
        left: decimal.Decimal | None = None,
        price: decimal.Decimal | None = None,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.limit = limit
        self.left = left
        self.price = price


class ParamValidationError(RekogError, ValueError):
    """An argument breaks a rule; nothing was sent.

    `problems` has one text for each broken rule, and `operation` the service's name of the operation, if there is one.
    """

    def __init__(self, message: str = "", *, operation: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.operation = operation
        self.problems: tuple[str, ...] = tuple(problems)


class DecodeError(RekogError):
    """A response does not have the form that the service model defines.

    The body is no JSON object, or a structure, a list, a timestamp or a blob has another type; a number in place of a
    text is no error. A missing member is one only for a client with `strict=["answers"]`: for others it is None.
    """

    def __init__(
        self, message: str = "", *, operation: str = "", path: str = "", request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.path = path
        self.request_id = request_id


class PaginationError(RekogError):
    """A listing cannot be read: its job is in progress, a page token was repeated, or two readers share an iterator."""

    def __init__(self, message: str = "", *, operation: str = "") -> None:
        super().__init__(message)
        self.operation = operation


class CallError(RekogError):
    """A call failed: parent of `TransportError` and `ServiceError`.

    `operation` is the service's name of the operation, such as `DetectFaces`, and `attempts` the number of attempts.
    """

    def __init__(self, message: str = "", *, operation: str = "", attempts: int = 1) -> None:
        super().__init__(message)
        self.operation = operation
        self.attempts = attempts

    def _context(self) -> list[str]:
        parts = [self.operation] if self.operation else []
        if self.attempts != 1:
            parts.append(f"{self.attempts} attempts")
        return parts

    def _text(self) -> str:
        return self.message

    def __str__(self) -> str:
        context = self._context()
        return f"{self._text()} ({', '.join(context)})" if context else self._text()


class TransportError(CallError):
    """No complete response was received: the service may or may not have acted on the request."""


class ConnectError(TransportError):
    """No connection could be made (name not resolved, refused, TLS failed): the request was not sent."""


class ConnectTimeoutError(ConnectError, TimeoutError):
    """No connection could be made within the connect timeout."""


class ConnectionLostError(TransportError):
    """The connection was lost, or the response was cut short or not HTTP."""


class StaleConnectionError(ConnectionLostError):
    """A connection kept from an earlier call ended before any byte of a response; it may have been closed long ago."""


class ResponseTooLargeError(TransportError):
    """The response is larger than any response of the service, and was not read to its end."""


class WriteTimeoutError(TransportError, TimeoutError):
    """The request could not be sent within the timeout."""


class ReadTimeoutError(TransportError, TimeoutError):
    """The response was not received within the read timeout."""


class PoolTimeoutError(TransportError, TimeoutError):
    """No connection became free within the timeout: raise `max_connections` or make fewer calls at once.

    Nothing was sent. The modes of `RetryPolicy` do not retry it.
    """


class CallTimeoutError(TransportError, TimeoutError):
    """The whole call, attempts and pauses together, took longer than its total timeout."""


class ServiceError(CallError):
    """An error response of the service.

    `code` is the service's name for the error, `message` its text, `status_code` the HTTP status, and `request_id` the
    id that the vendor's support requests. `throttling` and `retryable` are its classes in our retry table; an error
    that a program creates has those of its Python class.
    """

    retryable: bool = False
    throttling: bool = False
    _code = ""  # the service's code, where the name of the class is another one

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        status_code: int = 0,
        request_id: str | None = None,
        operation: str = "",
        attempts: int = 1,
        retryable: bool | None = None,
        throttling: bool | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, operation=operation, attempts=attempts)
        self.code: str = code or self._code or type(self).__name__
        self.status_code = status_code
        self.request_id = request_id
        if retryable is not None:
            self.retryable = retryable
        if throttling is not None:
            self.throttling = throttling
        self.headers: dict[str, str] = dict(headers or {})
        self.body: dict[str, object] = dict(body or {})

    @property
    def is_client_fault(self) -> bool:
        """Whether the request or the account is the cause, so that the same request would fail again.

        True for HTTP 400 to 499, except for errors that another attempt may avoid, such as throttling.
        """
        return 400 <= (self.status_code or 400) < 500 and not self.retryable

    @property
    def response_metadata(self) -> model.ResponseMetadata:
        """Request id, HTTP status, headers and number of attempts, as `response_metadata` of a response."""
        return model.ResponseMetadata(
            request_id=self.request_id, status_code=self.status_code, headers=self.headers, attempts=self.attempts
        )

    def _context(self) -> list[str]:
        parts = [self.code, *super()._context()] if self.message else super()._context()
        if self.status_code:
            parts.append(f"HTTP {self.status_code}")
        if self.request_id:
            parts.append(f"request {self.request_id}")
        return parts

    def _text(self) -> str:
        return self.message or self.code

    def _detail(self, name: str) -> str | None:
        value = self.body.get(name)
        return None if value is None else str(value)


class UnmodeledServiceError(ServiceError):
    """An error response whose code the service model does not list."""


class NotServedByEmulatorError(ServiceError):
    """The emulator cannot serve this request, though the service can; the message names the remedy."""

    _code = "NotServedByEmulator"


class WaiterError(RekogError):
    """A waiter ended without success; this class itself, when a poll got an error of the service, which is the cause.

    `waiter` is the waiter's name, `operation` the service's name of the operation that it polls, `last_response` the
    last response that it received, `reason` the cause of the end, and `status_message` the service's own description
    of it.
    """

    def __init__(
        self,
        message: str = "",
        *,
        waiter: str = "",
        operation: str = "",
        reason: str = "",
        last_response: object = None,
        status_message: str | None = None,
    ) -> None:
        super().__init__(message)
        self.waiter = waiter
        self.operation = operation
        self.reason = reason
        self.last_response = last_response
        self.status_message = status_message


class WaiterTimeoutError(WaiterError, TimeoutError):
    """A waiter has no attempts or no time left."""


class WaiterFailedError(WaiterError):
    """A resource has failed, or will not reach the state that its waiter waits for."""


class JobFailedError(WaiterFailedError):
    """The job that a waiter or a pager reads has failed; `waiter` is empty when a pager raises it."""

    def __init__(
        self,
        message: str = "",
        *,
        job_id: str = "",
        waiter: str = "",
        operation: str = "",
        reason: str = "",
        last_response: object = None,
        status_message: str | None = None,
    ) -> None:
        super().__init__(
            message,
            waiter=waiter,
            operation=operation,
            reason=reason,
            last_response=last_response,
            status_message=status_message,
        )
        self.job_id = job_id


for _name in __all__:
    globals()[_name].__module__ = "rekog.errors"  # the public module, for tracebacks and pickles
