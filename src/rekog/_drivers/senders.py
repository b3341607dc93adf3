"""Open the sender of a client: choose the transport, find a proxy, and load the certificates.

The default is a pool of ours. An httpx transport replaces it where the pool cannot do the work: through a proxy, and
while respx is mocking, because respx patches httpcore, which only httpx uses.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Protocol

from .._settings.urls import Target, parse_target
from .._values.errors import ConfigError

if TYPE_CHECKING:
    import ssl

    from .._core.flow import HttpRequest, HttpResponse


class Sender(Protocol):
    """Sends the requests of a driver; a sender for threads never suspends."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the complete response, or raise a `TransportError`."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def open_sender(url: str, max_connections: int, ca_bundle: str | None, *, threads: bool) -> Sender:
    """Open the default sender for the URL of a client's first request, for threads or for the running event loop."""
    target = parse_target(url)
    proxy = find_proxy(target)
    tls = tls_context(ca_bundle) if target.tls else None
    if proxy is not None or is_mocked():
        from .httpx_senders import open_httpx

        return open_httpx(tls, proxy, max_connections, threads=threads)
    if threads:
        from .pools.thread_pool import ThreadPool

        return ThreadPool(tls, max_connections)
    if is_asyncio():
        from .pools.asyncio_pool import AsyncioPool

        return AsyncioPool(tls, max_connections)
    from .pools.trio_pool import TrioPool

    return TrioPool(tls, max_connections)


def wrap_transport(transport: Any, *, threads: bool) -> Sender:
    """Return a sender over a given httpx transport; raise `ConfigError` when it does not suit threads, or tasks."""
    from .httpx_senders import HttpxAsyncSender, HttpxSender

    return HttpxSender(transport) if threads else HttpxAsyncSender(transport)


def is_mocked() -> bool:
    """Return whether respx is mocking now."""
    if "respx" not in sys.modules:
        return False
    import httpcore

    return not str(getattr(httpcore.HTTPConnection.handle_request, "__module__", "")).startswith("httpcore")


def is_asyncio() -> bool:
    """Return whether this runs in a task of asyncio; trio in guest mode runs in an asyncio loop, but in no task."""
    asyncio = sys.modules.get("asyncio")
    try:
        return asyncio is not None and asyncio.current_task() is not None
    except RuntimeError:
        return False


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
        rule = "must be a file of PEM certificates or a directory of hashed ones"
        text = f"ca_bundle, from AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE or the profile, {rule}: {ca_bundle!r} ({error})"
        raise ConfigError(text) from error


def find_proxy(target: Target) -> str | None:
    """Return the URL of the environment's proxy for a target, if there is one."""
    if sys.platform not in ("win32", "darwin") and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None  # importing urllib.request takes a third of a cold start
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get("https" if target.tls else "http") or proxies.get("all")
    if not proxy or proxy_bypass(f"{target.host}:{target.port}"):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
