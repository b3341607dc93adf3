"""The error tree below `rekog.errors`: two roots for a call (no answer, or the answer no), the rest beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


__all__ = [
    "CallError", "CallTimeoutError", "ConfigError", "ConnectError", "ConnectTimeoutError", "ConnectionLostError",
    "CredentialsError", "DecodeError", "JobFailedError", "PaginationError", "PoolTimeoutError", "ReadTimeoutError",
    "RekogError", "ServiceError", "StaleConnectionError", "TransportError", "UnknownServiceError", "ValidationError",
    "WaiterError", "WaiterTimeoutError", "WriteTimeoutError",
]  # fmt: skip


class RekogError(Exception):
    """Root of every error that this package raises."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)

    @property
    def message(self) -> str:
        """The text without the context that `str()` adds."""
        return str(self.args[0]) if self.args else ""


class ConfigError(RekogError):
    """A setting is missing, malformed, or contradicts another one."""


class CredentialsError(RekogError):
    """No credentials were found, or their provider failed."""


class ValidationError(RekogError, ValueError):
    """An argument breaks a rule; nothing was sent. `problems` has one line for each fault."""

    def __init__(self, message: str = "", *, operation: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.operation = operation
        self.problems: tuple[str, ...] = tuple(problems)


class DecodeError(RekogError):
    """The service's answer does not have the form that the operation's model says.

    Structures, timestamps, blobs and what is always there are looked at; a number in place of a text is given on.
    """

    def __init__(
        self, message: str = "", *, operation: str = "", path: str = "", request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.path = path
        self.request_id = request_id


class PaginationError(RekogError):
    """A listing can't be walked: its job is in progress, a page token came twice, or two walk at once."""


class CallError(RekogError):
    """What the two kinds of failed call have in common: the operation and the number of attempts."""

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
    """No whole answer came back: the service may or may not have acted on the request."""


class ConnectError(TransportError):
    """No connection could be made (name not resolved, refused, TLS failed): the request was not sent."""


class ConnectTimeoutError(ConnectError):
    """No connection could be made within the connect timeout."""


class ConnectionLostError(TransportError):
    """The connection broke, or the answer was cut short or was no HTTP."""


class StaleConnectionError(ConnectionLostError):
    """A connection kept from an earlier call ended before any byte of an answer: it may have been closed long ago."""


class WriteTimeoutError(TransportError):
    """The request could not be sent within the timeout."""


class ReadTimeoutError(TransportError):
    """The answer did not come within the read timeout."""


class PoolTimeoutError(TransportError):
    """No connection became free within the timeout: raise `max_connections` or make fewer calls at once."""


class CallTimeoutError(TransportError):
    """The call as a whole, attempts and pauses together, took longer than its total timeout."""


class ServiceError(CallError):
    """The service answered with an error.

    `code` is the service's name for it, `message` its text, `status` the HTTP status, `request_id` what the vendor's
    support asks for, `throttling` and `retryable` what our retry table says of it.
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
    """The service answered with an error name that its model does not list."""


class WaiterError(RekogError):
    """A waiter ended without success.

    `last_response` is what it saw last, `reason` why it gave up, `status_message` the service's own account of it.
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
    """A waiter used up its attempts."""


class JobFailedError(WaiterError):
    """The job or resource that a waiter watched has failed."""
