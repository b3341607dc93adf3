"""Which transport a client gets that was given none, and how TLS and proxies are set up.

The default is our own pool. httpx's transport takes its place where it can do more: through a proxy, under trio, and
while respx is mocking, which works by patching what httpx stands on.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Protocol

from .._core.errors import ConfigError
from .target import Target, parse_target

if TYPE_CHECKING:
    import ssl

    from .._core.http import HttpRequest, HttpResponse


class Sender(Protocol):
    """What the driver for threads sends requests with."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class AsyncSender(Protocol):
    """What the driver for tasks sends requests with."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the whole answer, or raise a `TransportError`."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def open_sender(url: str, max_connections: int, ca_bundle: str | None) -> Sender:
    """Open the transport for the endpoint to which a client's first request goes."""
    target = parse_target(url)
    proxy = find_proxy(target)
    tls = tls_context(ca_bundle) if target.tls else None
    if proxy is None and not is_mocked():
        from .sockets import SocketPool

        return SocketPool(tls, max_connections)
    import httpx

    from .transport import HttpxSender, httpx_settings

    return HttpxSender(httpx.HTTPTransport(**httpx_settings(tls, proxy, max_connections)))


def open_async_sender(url: str, max_connections: int, ca_bundle: str | None) -> AsyncSender:
    """Open the transport for the endpoint to which a client's first request goes."""
    target = parse_target(url)
    proxy = find_proxy(target)
    tls = tls_context(ca_bundle) if target.tls else None
    if proxy is None and not is_mocked() and is_asyncio():
        from .tasks import TaskPool

        return TaskPool(tls, max_connections)
    import httpx

    from .transport import HttpxAsyncSender, httpx_settings

    transport = httpx.AsyncHTTPTransport(**httpx_settings(tls, proxy, max_connections))
    return HttpxAsyncSender(transport, max_connections)


def is_mocked() -> bool:
    """Tell whether respx is mocking at this moment."""
    if "respx" not in sys.modules:
        return False
    import httpcore

    return not str(getattr(httpcore.HTTPConnection.handle_request, "__module__", "")).startswith("httpcore")


def is_asyncio() -> bool:
    """Tell whether the running event loop is one of asyncio's kind."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    """Return a context that trusts a bundle, or by default the certificates that httpx trusts."""
    import ssl

    if ca_bundle is None:
        import certifi

        return ssl.create_default_context(cafile=certifi.where())
    try:
        if os.path.isdir(ca_bundle):
            return ssl.create_default_context(capath=ca_bundle)
        return ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:
        text = f"ca_bundle must be a file of PEM certificates or a directory of hashed ones: {ca_bundle!r} ({error})"
        raise ConfigError(text) from error


def find_proxy(target: Target) -> str | None:
    """Return the URL of the environment's proxy for a target, if there is one."""
    if sys.platform not in ("win32", "darwin") and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None  # the module below costs a third of a cold start
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get("https" if target.tls else "http") or proxies.get("all")
    if not proxy or proxy_bypass(f"{target.host}:{target.port}"):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
