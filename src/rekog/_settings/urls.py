"""Rules of URLs and AWS regions, and the parts of a URL."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .._values.errors import ConfigError

REGION_RULE = "a region name: letters, digits and inner hyphens, like 'eu-west-1'"
URL_RULE = "an http or https URL of a host, without user, query or fragment"

_REGION = re.compile(r"(?![0-9]+$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
_URL = re.compile(
    r"""(?P<scheme>https?)://
        (?P<host>[a-z0-9](?:[a-z0-9._-]{0,253}[a-z0-9.])?|\[[0-9a-f:.]+])  # a name, an IPv4 or an IPv6 address
        (?::(?P<port>[0-9]{1,5}))?
        (?P<path>/[!-"$->@-~]*)?                                           # printable ASCII except # and ?
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Target(NamedTuple):
    """Host, port and path of a URL; `tls` is true for https."""

    tls: bool
    host: str
    port: int
    path: str

    @property
    def address(self) -> str:
        """Host and port as URLs have them: without the scheme's default port, and an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS["https" if self.tls else "http"] else f"{host}:{self.port}"

    @property
    def server_name(self) -> str:
        """The host as certificates have it: without the final dot of a fully qualified name."""
        return self.host.removesuffix(".")


def is_region(name: str) -> bool:
    """Tell whether a text can be a region; a region becomes a part of the host name."""
    return _REGION.fullmatch(name) is not None


def split_url(url: str) -> tuple[str, str, str] | None:
    """Return scheme, host (with the port, unless it is the scheme's default) and path; None if the URL breaks the rule.

    >>> split_url("http://LOCALHOST:8680"), split_url("localhost:8680")
    (('http', 'localhost:8680', '/'), None)
    """
    match = _URL.fullmatch(url)
    if match is None or int(match["port"] or 0) > 65535:
        return None
    scheme, host, port = match["scheme"].lower(), match["host"].lower(), int(match["port"] or 0)
    if port and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    return scheme, host, match["path"] or "/"


@lru_cache(maxsize=64)  # a client has one endpoint
def parse_target(url: str) -> Target:
    """Return the parts of a URL; raise `ConfigError` if it breaks the rule."""
    parts = split_url(url)
    if parts is None:
        raise ConfigError(f"the endpoint {origin(url)} must be {URL_RULE}")
    scheme, address, path = parts
    host, _, port = (address + ":").partition("]:" if address.startswith("[") else ":")
    return Target(scheme == "https", host.removeprefix("["), int(port.rstrip(":") or _DEFAULT_PORTS[scheme]), path)


def origin(url: str) -> str:
    """Return a URL up to its host, without a user: path and query of a signed URL may be secrets."""
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0].partition("?")[0].partition("#")[0]
    return scheme + separator + host.rpartition("@")[2]
