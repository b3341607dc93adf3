"""Open the sender of a client: choose the transport, find a proxy, and load the certificates.

The default is a pool of ours. A transport of httpx replaces it where the pool cannot do the work: through a proxy, and
while a tool has patched the transports of httpx or httpx2 (`patches.py`).
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
    from .._settings.values import Verify
    from .families import FamilyName


class Sender(Protocol):
    """Sends the requests of a driver; a sender for threads never suspends."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Return the complete response, or raise a `TransportError`."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def open_sender(
    max_connections: int, proxy: str | None, verify: Verify, url: str, patched: FamilyName | None, *, threads: bool
) -> Sender:
    """Open the default sender for the URL of a client's first request, for threads or for the running event loop.

    `patched` is the family that a tool has patched, if one has.
    """
    target = parse_target(url)
    proxy = proxy or find_proxy(target)
    tls = tls_context(verify) if target.tls else None
    if patched is not None or proxy is not None:
        from .httpx_senders import open_httpx

        return open_httpx(patched or "httpx", tls, proxy, max_connections, threads=threads)
    if threads:
        from .pools.thread_pool import ThreadPool

        return ThreadPool(tls)
    if is_asyncio():
        from .pools.asyncio_pool import AsyncioPool

        return AsyncioPool(tls)
    from .pools.trio_pool import TrioPool

    return TrioPool(tls)


def wrap_transport(transport: Any, *, threads: bool) -> Sender:
    """Return a sender over a given transport; raise `ConfigError` when it does not suit threads, or tasks."""
    from .httpx_senders import HttpxAsyncSender, HttpxSender

    return HttpxSender(transport) if threads else HttpxAsyncSender(transport)


def is_asyncio() -> bool:
    """Return whether this runs in a task of asyncio; trio in guest mode runs in an asyncio loop, but in no task."""
    current_task = getattr(sys.modules.get("asyncio"), "current_task", None)  # None while a thread imports the module
    try:
        return current_task is not None and current_task() is not None
    except RuntimeError:
        return False


def tls_context(verify: Verify) -> ssl.SSLContext:
    """Return a given context, or one that trusts a bundle; by default, the certificates that httpx trusts.

    These are the ones in SSL_CERT_FILE or SSL_CERT_DIR, if the environment names one, else those of certifi.
    """
    import ssl

    if isinstance(verify, ssl.SSLContext):
        return verify
    sources = "verify, or ca_bundle from AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE or the profile,"
    if verify is True:
        variable = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), None)
        if variable is None:
            import certifi

            return ssl.create_default_context(cafile=certifi.where())
        verify, sources = os.environ[variable], variable
    if verify is False:
        unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
        return unverified
    try:
        if os.path.isdir(verify):
            return ssl.create_default_context(capath=verify)
        return ssl.create_default_context(cafile=verify)
    except OSError as error:
        rule = "must be a file of PEM certificates or a directory of hashed ones"
        raise ConfigError(f"{sources} {rule}: {os.fspath(verify)!r} ({error})") from error


def find_proxy(target: Target) -> str | None:
    """Return the URL of the environment's proxy for a target, if there is one."""
    if sys.platform not in ("win32", "darwin") and not any(name.lower().endswith("_proxy") for name in os.environ):
        return None  # importing urllib.request takes a third of a cold start
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get("https" if target.tls else "http") or proxies.get("all")
    if not proxy or proxy_bypass(target.address):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
