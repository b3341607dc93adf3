"""Where a URL leads."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from .._values.errors import ConfigError
from .endpoint import URL_RULE, split_url

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
    parts = split_url(url)
    if parts is None:
        raise ConfigError(f"the endpoint {origin(url)} must be {URL_RULE}")
    scheme, place, path = parts
    name, _, port = (place + ":").partition("]:" if place.startswith("[") else ":")
    return Target(scheme == "https", name.removeprefix("["), int(port.rstrip(":") or _PORTS[scheme]), path)


def origin(url: str) -> str:
    """Return a URL as far as its host: a path or query of a signed URL may hold what no message should."""
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0].partition("?")[0].partition("#")[0]
    return scheme + separator + host.rpartition("@")[2]
