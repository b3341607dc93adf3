"""Where a URL leads."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from .._core.endpoint import split_url
from .._core.errors import ConfigError

_PORTS = {"http": 80, "https": 443}


class Target(NamedTuple):
    """To which host and port a request goes, with TLS or without, and what it asks for there."""

    tls: bool
    host: str
    port: int
    path: str

    @property
    def server_name(self) -> str:
        """The host as certificates have it: without the dot that ends a fully qualified name."""
        return self.host.removesuffix(".")


@lru_cache(maxsize=64)
def parse_target(url: str) -> Target:
    """Split a URL; a client has one endpoint, so the answer is kept."""
    plain = split_url(url)
    if plain is not None and "[" not in plain[1]:
        scheme, place, path = plain
        name, _, number = place.partition(":")
        return Target(scheme == "https", name, int(number or _PORTS[scheme]), path)
    from urllib.parse import urlsplit  # dear to import, and endpoints are plain

    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"the endpoint {origin(url)} is not a URL ({error})") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError(f"the endpoint {origin(url)} is neither http:// nor https://")
    tls = parts.scheme == "https"
    query = f"?{parts.query}" if parts.query else ""
    return Target(tls, host, port or _PORTS[parts.scheme], (parts.path or "/") + query)


def origin(url: str) -> str:
    """Return a URL as far as its host: a path or query of a signed URL may hold what no message should."""
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0].partition("?")[0].partition("#")[0]
    return scheme + separator + host.rpartition("@")[2]
