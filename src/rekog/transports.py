"""Interfaces of the transports that a client takes.

httpx's transports have them: `httpx.HTTPTransport`, `httpx.MockTransport` and your own `httpx.BaseTransport` for
`RekognitionClient`; `httpx.AsyncHTTPTransport`, `httpx.MockTransport` and your own `httpx.AsyncBaseTransport` for
`AsyncRekognitionClient`. Requests and responses are those of httpx.
"""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["AsyncTransport", "Transport"]


class Transport(Protocol):
    """Sends the requests of a `RekognitionClient`, and is closed with it."""

    def handle_request(self, request: Any, /) -> Any:
        """Return an `httpx.Response` to an `httpx.Request`, or raise an `httpx.TransportError`."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncTransport(Protocol):
    """Sends the requests of an `AsyncRekognitionClient`, and is closed with it."""

    async def handle_async_request(self, request: Any, /) -> Any:
        """Return an `httpx.Response` to an `httpx.Request`, or raise an `httpx.TransportError`."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


def __dir__() -> list[str]:
    return sorted(__all__)
