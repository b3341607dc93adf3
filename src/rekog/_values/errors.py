"""The errors of `rekog.errors`: `TransportError` and `ServiceError` for calls, and the others beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


__all__ = [
    "CallError", "CallTimeoutError", "ConfigError", "ConnectError", "ConnectTimeoutError", "ConnectionLostError",
    "CredentialsError", "DecodeError", "JobFailedError", "PaginationError", "PoolTimeoutError", "ReadTimeoutError",
    "RekogError", "RekogWarning", "ServiceError", "StaleConnectionError", "TransportError", "UnknownServiceError",
    "ValidationError", "WaiterError", "WaiterTimeoutError", "WriteTimeoutError",
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
    """An argument is valid and probably a mistake, such as `min_confidence=0.8`, which is 0.8 percent."""


class ConfigError(RekogError):
    """A setting is missing, malformed, or contradicts another one."""


class CredentialsError(RekogError):
    """No credentials were found, or their provider failed."""


class ValidationError(RekogError, ValueError):
    """An argument breaks a rule; nothing was sent. `problems` has one text for each broken rule."""

    def __init__(self, message: str = "", *, operation: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.operation = operation
        self.problems: tuple[str, ...] = tuple(problems)


class DecodeError(RekogError):
    """A response does not have the form that the service model defines.

    Structures, timestamps, blobs and members that are always present are checked; a number in place of a text is not.
    """

    def __init__(
        self, message: str = "", *, operation: str = "", path: str = "", request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.path = path
        self.request_id = request_id


class PaginationError(RekogError):
    """A listing cannot be read: its job is in progress, a page token was repeated, or two readers share a pager."""


class CallError(RekogError):
    """Parent of the two kinds of failed call, with the operation and the number of attempts."""

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


class ConnectTimeoutError(ConnectError):
    """No connection could be made within the connect timeout."""


class ConnectionLostError(TransportError):
    """The connection was lost, or the response was cut short or not HTTP."""


class StaleConnectionError(ConnectionLostError):
    """A connection kept from an earlier call ended before any byte of a response; it may have been closed long ago."""


class WriteTimeoutError(TransportError):
    """The request could not be sent within the timeout."""


class ReadTimeoutError(TransportError):
    """The response was not received within the read timeout."""


class PoolTimeoutError(TransportError):
    """No connection became free within the timeout: raise `max_connections` or make fewer calls at once."""


class CallTimeoutError(TransportError):
    """The whole call, attempts and pauses together, took longer than its total timeout."""


class ServiceError(CallError):
    """An error response of the service.

    `code` is the service's name for the error, `message` its text, `status` the HTTP status, and `request_id` the id
    that the vendor's support requests. `throttling` and `retryable` are its classes in our retry table.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        status: int = 0,
        request_id: str | None = None,
        operation: str = "",
        attempts: int = 1,
        retryable: bool = False,
        throttling: bool = False,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, operation=operation, attempts=attempts)
        self.code: str = code or type(self).__name__
        self.status = status
        self.request_id = request_id
        self.retryable = retryable
        self.throttling = throttling
        self.headers: dict[str, str] = dict(headers or {})
        self.body: dict[str, object] = dict(body or {})

    def _context(self) -> list[str]:
        parts = super()._context()
        if self.status:
            parts.append(f"HTTP {self.status}")
        if self.request_id:
            parts.append(f"request {self.request_id}")
        return parts

    def _text(self) -> str:
        return f"{self.code}: {self.message}" if self.message else self.code

    def _detail(self, name: str) -> str | None:
        value = self.body.get(name)
        return None if value is None else str(value)


class UnknownServiceError(ServiceError):
    """An error response whose code the service model does not list."""


class WaiterError(RekogError):
    """A waiter ended without success.

    `last_response` is the last response that it received, `reason` the cause of the end, and `status_message` the
    service's own description of it.
    """

    def __init__(
        self,
        message: str = "",
        *,
        waiter: str = "",
        reason: str = "",
        last_response: object = None,
        status_message: str | None = None,
    ) -> None:
        super().__init__(message)
        self.waiter = waiter
        self.reason = reason
        self.last_response = last_response
        self.status_message = status_message


class WaiterTimeoutError(WaiterError):
    """A waiter has no attempts left."""


class JobFailedError(WaiterError):
    """The job or resource of a waiter has failed."""
