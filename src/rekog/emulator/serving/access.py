"""Access of web pages: which requests of a browser are served. They are refused by their head, before the body is read.

A web page can send requests to this machine. Three headers tell:

- `Origin`: a browser adds it to the requests of pages, except for plain GETs of the same origin. Pages of this machine,
  and of the origins in `cors`, may call the service. The control API is closed to all pages but the console, whose
  requests have the same origin (`Sec-Fetch-Site`) and the header `X-Rekog-Console`, which no form and no link sends.
- `Sec-Fetch-Site`: newer browsers say where a request without `Origin` comes from, such as that of an image's URL.
- `Host`: the name of an attacker's page may resolve to a loopback address (DNS rebinding). Then the page and the
  emulator have the same origin, so the browser lets the page read every response. A server on a loopback address
  refuses names that a public DNS can have; the control API refuses them from pages on every address.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, NamedTuple

from ..._core.flow import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..front.exchange import Request

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_LOOPBACK_ORIGIN = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(:[0-9]*)?")
_NAME = re.compile(r"[a-z0-9._-]+")
_PRIVATE_DOMAINS = ("localhost", "internal", "test")
"""Top-level domains that are reserved for private use (RFC 6761, and ICANN's decision of 2024 on `internal`)."""
_TOKENS = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]*")
CONSOLE = "/_rekog/console"
"""Path of the console, and the beginning of those of its files, which anyone may load: they have no state."""
CONSOLE_HEADER = "x-rekog-console"
_EXPOSED = "x-amzn-RequestId"
_PREFLIGHT_SECONDS = 600


class ForbiddenError(Exception):
    """A request that only a web page sends, and that pages may not send."""


class Access(NamedTuple):
    """Rules for web pages: further `origins` whose pages may call the service, further `hosts` as names of the server.

    >>> access = Access.of(cors=["https://app.example.com"])
    >>> access.allows("https://app.example.com"), access.allows("http://localhost:3000"), access.allows("null")
    (True, True, False)
    """

    origins: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *, cors: Iterable[str] = (), allow_hosts: Iterable[str] = ()) -> Access:
        """Return the rules for origins and names; raise `ValueError` for one that is invalid."""
        origins, hosts = frozenset(_list("cors", cors)), frozenset(_list("allow_hosts", allow_hosts))
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"cors must have origins, like 'https://app.example.com:8443', not {origin!r}")
        for host in hosts:
            if not _NAME.fullmatch(host):
                raise ValueError(f"allow_hosts must have names without a port, like 'app.example.com', not {host!r}")
        return cls(origins, hosts)

    def allows(self, origin: str) -> bool:
        """Tell whether pages of an origin may call the service."""
        return origin.lower() in self.origins or _LOOPBACK_ORIGIN.fullmatch(origin.lower()) is not None

    def check(self, head: Request, listening: str | None, *, is_control: bool) -> None:
        """Raise `ForbiddenError` if the request must not be served; `listening` is the address of the server."""
        host = head.headers.get("host")
        if host is not None and listening is not None and is_loopback(listening) and not self.is_name(host):
            raise ForbiddenError(
                f"the Host {host!r} is refused on a loopback address, because a web page may have that name;"
                " allow it by --allow-host, or allow_hosts=[...] in Python"
            )
        if is_control:
            check_control(head, self)
            return
        origin = head.headers.get("origin")
        if origin is not None and not self.allows(origin):
            raise ForbiddenError(
                f"pages of the origin {origin!r} may not call the emulator; allow it by --cors, or cors=[...] in Python"
            )
        if origin is None and _site(head) == "cross-site":
            raise ForbiddenError("a request of another site's page is refused")

    def headers(self, head: Request) -> Mapping[str, str]:
        """Return the headers that let the page of a request read its response."""
        origin = head.headers.get("origin")
        if origin is None or not self.allows(origin):
            return {}
        return {
            "access-control-allow-origin": origin,
            "access-control-expose-headers": _EXPOSED,
            "vary": "Origin",
        }

    def preflight(self, head: Request) -> HttpResponse | None:
        """Return the response to a browser's question whether a page may send a request; None for other requests."""
        asked = head.headers
        if head.method != "OPTIONS" or "origin" not in asked or "access-control-request-method" not in asked:
            return None
        headers = {
            **self.headers(head),
            "access-control-allow-methods": "POST",
            "access-control-max-age": str(_PREFLIGHT_SECONDS),
        }
        names = asked.get("access-control-request-headers", "")
        if names and _TOKENS.fullmatch(names):
            headers["access-control-allow-headers"] = names
        if asked.get("access-control-request-private-network") == "true":  # from a public site to a private address
            headers["access-control-allow-private-network"] = "true"
        return HttpResponse(204, headers, b"")

    def is_name(self, host: str) -> bool:
        """Tell whether a Host can't be the name of an attacker's page."""
        parts = _HOST.fullmatch(host.lower())
        if parts is None:
            return False
        name = parts[1].removesuffix(".")
        if name in self.hosts or "." not in name or name.rpartition(".")[2] in _PRIVATE_DOMAINS:
            return True  # a name without a dot is one of the local network, such as that of a container
        return _is_address(name)


def check_control(head: Request, access: Access) -> None:
    """Raise `ForbiddenError` if a web page other than the console sent a request to the control API."""
    if "origin" not in head.headers and _site(head) == "none":  # no page: a program, or a person has typed the URL
        return
    if not (_is_console_file(head) or _is_of_console(head, access)):
        raise ForbiddenError("the control API is not for browsers: a request of a web page is refused")


def _is_console_file(head: Request) -> bool:
    """Tell whether a request loads a file of the console; Chromium sends an `Origin` with that of a module's script."""
    return head.method in ("GET", "HEAD") and (head.path == CONSOLE or head.path.startswith(f"{CONSOLE}/"))


def _is_of_console(head: Request, access: Access) -> bool:
    """Tell whether a request comes from a page of the emulator's own origin, under a name of no public DNS."""
    host = head.headers.get("host", "")
    origin = head.headers.get("origin", f"://{host}")
    is_same = _site(head) == "same-origin" and origin.partition("://")[2].lower() == host.lower()
    return is_same and CONSOLE_HEADER in head.headers and access.is_name(host)


def is_loopback(address: str) -> bool:
    """Tell whether only this machine can connect to an address or name.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("localhost")
    (True, True, False, True)
    """
    if not _is_address(address):
        return address == "localhost"
    parsed = ip_address(address.strip("[]"))  # some ASGI servers write brackets
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback


def is_host_name(text: str) -> bool:
    """Tell whether a text is a name, and not an address.

    >>> is_host_name("emulator.example.com"), is_host_name("127.0.0.1"), is_host_name("::1")
    (True, False, False)
    """
    return _NAME.fullmatch(text.lower()) is not None and not _is_address(text)


def _site(head: Request) -> str:
    return head.headers.get("sec-fetch-site", "none").lower()


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _list(name: str, given: Iterable[str]) -> list[str]:
    if isinstance(given, str):
        raise ValueError(f"{name} must be a list of texts, not the text {given!r}")  # its characters would be the items
    items: list[object] = list(given)
    texts = [each.lower().rstrip("/") for each in items if isinstance(each, str)]
    if len(texts) < len(items):
        raise ValueError(f"{name} must be a list of texts, not {items!r}")
    return texts
