"""Interfaces of the transports that a client takes.

The transports of httpx have them: `httpx.HTTPTransport`, `httpx.MockTransport` and your own `httpx.BaseTransport` for
`RekognitionClient`; `httpx.AsyncHTTPTransport`, `httpx.MockTransport` and your own `httpx.AsyncBaseTransport` for
`AsyncRekognitionClient`. So have those of httpx2, under the same names.

A transport gets requests of its own library, which the classes that it inherits show, and returns responses of it. A
transport that inherits from neither library gets requests of httpx. The errors of both libraries become errors of
rekog; any other error is raised as it is.

Without a transport, calls use a connection pool of rekog. They go through httpx, or httpx2, behind a proxy and for as
long as a tool has patched that library: vcrpy, pytest-httpx, respx, OpenTelemetry. docs/testing.md shows how.
"""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["AsyncTransport", "Transport"]


class Transport(Protocol):
    """Sends the requests of a `RekognitionClient`, and is closed with it."""

    def handle_request(self, request: Any, /) -> Any:
        """Return the response to a request of httpx or httpx2, or raise a `TransportError` of that library."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncTransport(Protocol):
    """Sends the requests of an `AsyncRekognitionClient`, and is closed with it."""

    async def handle_async_request(self, request: Any, /) -> Any:
        """Return the response to a request of httpx or httpx2, or raise a `TransportError` of that library."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


def __dir__() -> list[str]:
    return sorted(__all__)
