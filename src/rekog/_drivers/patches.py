"""Notice that a tool has patched httpx or httpx2: vcrpy, pytest-httpx, respx, OpenTelemetry and others.

Such a tool replaces a method of the transports, or of the connections below them in httpcore, for the time of a test or
of a whole process. Calls over our own pool would pass it by: they would not be recorded, mocked or traced, and a test
would reach the real service. So every request looks for replaced methods here, and goes through the patched library
while there is one.

A method counts as replaced unless it is a plain function that was defined in its own package. Its globals show where it
was defined; `__module__` does not, because `functools.wraps` copies it. Subclasses of the transports and wrappers
around them replace no method, and so change nothing.
"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .families import FamilyName

_PACKAGES = frozenset(("httpx", "httpcore", "httpx2", "httpcore2"))
_SYNC = ("HTTPTransport", "ConnectionPool", "HTTPConnection"), "handle_request"
_ASYNC = ("AsyncHTTPTransport", "AsyncConnectionPool", "AsyncHTTPConnection"), "handle_async_request"


def patched_family(*, threads: bool) -> FamilyName | None:
    """Return the family whose transports, for threads or for tasks, are patched now; httpx when both are."""
    loaded = sys.modules  # a library that was not imported is not patched
    if ("httpx" in loaded or "httpcore" in loaded) and _is_patched("httpx", "httpcore", threads):
        return "httpx"
    if ("httpx2" in loaded or "httpcore2" in loaded) and _is_patched("httpx2", "httpcore2", threads):
        return "httpx2"
    return None


def _is_patched(transports: str, connections: str, threads: bool) -> bool:  # noqa: FBT001 (in the path of every call)
    (transport, *classes), method = _SYNC if threads else _ASYNC
    return _is_replaced(transports, transport, method) or any(
        _is_replaced(connections, name, method) for name in classes
    )


def _is_replaced(module: str, name: str, method: str) -> bool:
    function = getattr(getattr(sys.modules.get(module), name, None), method, None)
    if function is None:  # the library is being imported, or has no such class any more
        return False
    # The type is compared and not tested with isinstance, because proxies of functions imitate their class.
    if type(function) is not FunctionType:
        return True
    return str(function.__globals__.get("__name__")).partition(".")[0] not in _PACKAGES
