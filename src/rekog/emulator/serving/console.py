"""The console, a page for browsers: its files, and the requests to the service that a browser can't sign."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..._core.flow import HttpResponse
from ..._core.operation import CONTENT_TYPE, TARGET_PREFIX
from ..._generated.operations import OPERATIONS
from ..front.exchange import Request
from ..front.operation_names import unknown_operation, wire_name
from ..state.rows import collections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..emulator import Emulator
    from ..front.app import App
    from ..front.exchange import Reply
    from .control_request import ControlRequest, Json

_FOLDER = Path(__file__).parent / "console_files"
_PAGE = "index.html"
_TYPES: Mapping[str, str] = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_REGION = re.compile("[a-z0-9-]{1,32}")
_HEADERS: Mapping[str, str] = {
    # No inline script or style, no other origin, and no page around this one
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


def console_page(_emulator: Emulator, _request: ControlRequest) -> HttpResponse:
    """Return the page."""
    return _response(_PAGE)


def console_file(_emulator: Emulator, request: ControlRequest) -> HttpResponse:
    """Return a file of the page; raise `LookupError` if there is none of the name."""
    return _response(request.rest)


def list_operations(emulator: Emulator, _request: ControlRequest) -> Json:
    """Return the names of the operations, and the scopes in which they may be called."""
    app = _app(emulator)
    account = app.context.scope.account
    with app.context.state.read() as connection:
        regions = collections.regions(connection, account)
    return {"operations": sorted(OPERATIONS), "account": account, "region": app.region, "regions": regions}


def perform(emulator: Emulator, request: ControlRequest) -> Reply:
    """Return the service's reply to a request without a signature, with the effects of faults if it is observed."""
    name, region = wire_name(request.rest), request.query.get("region")
    if name is None:
        raise LookupError(unknown_operation(request.rest))
    headers = {"x-amz-target": f"{TARGET_PREFIX}.{name}", "content-type": CONTENT_TYPE}
    if region is not None:
        if not _REGION.fullmatch(region):
            raise ValueError(f"region must be 1 to 32 lowercase letters, digits and hyphens, not {region!r}")
        # The part of a signature that has the Region
        headers["authorization"] = f"Credential=console/20000101/{region}/rekognition/aws4_request"
    observed = request.query.get("observed", "yes")
    if observed not in ("yes", "no"):
        raise ValueError(f"observed must be yes or no, not {observed!r}")
    wrapped = Request("POST", "/", headers, request.body)
    return _app(emulator).handle(wrapped, trusted=True, observed=observed == "yes")


def _app(emulator: Emulator) -> App:
    return emulator._app  # pyright: ignore[reportPrivateUsage]  # no method of `Emulator` takes a request of the service


def _response(name: str) -> HttpResponse:
    content = _files().get(name)
    if content is None:
        raise LookupError(f"the console has no file {name!r}")
    kind = _TYPES[Path(name).suffix]
    return HttpResponse(200, {"content-type": f"{kind}; charset=utf-8", **_HEADERS}, content)


@cache
def _files() -> Mapping[str, bytes]:
    """Return the contents of all files by name. A name from a URL is only looked up here, and never a path."""
    return {each.name: each.read_bytes() for each in _FOLDER.iterdir() if each.suffix in _TYPES}
