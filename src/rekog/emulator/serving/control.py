"""The control API: what Python can do to an emulator, over HTTP and in JSON, for tests in any language.

A route is a row of `ROUTES` and calls the emulator's own method. Whoever reaches the socket may use it, so browsers are
kept out: a web page can send requests to this machine too, and they have an `Origin`.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ..._core.flow import HttpResponse
from ..._values.errors import DecodeError
from ..refusals import RefusalError
from ..state import StateError, StorageError
from .routes import PREFIX, ROUTES, Asked, Route

if TYPE_CHECKING:
    from ..emulator import Emulator
    from ..front.exchange import Request

_LOG = logging.getLogger("rekog.emulator")


class UnknownRouteError(LookupError):
    """No route has this method and path."""


def control(emulator: Emulator, request: Request) -> HttpResponse:
    """Answer a request to the control API."""
    try:
        if "origin" in request.headers:
            raise PermissionError("the control API is not for browsers: a request with an Origin is refused")
        route, asked = _route(request)
        answer = route.run(emulator, asked)
    except PermissionError as error:
        return _error(403, error)
    except StorageError as error:
        _LOG.exception("%s %s failed", request.method, request.path)
        return _error(500, error)
    except RecursionError:
        return _error(400, ValueError("the body is nested too deeply"))
    except LookupError as error:
        return _error(404, error)
    except (ValueError, TypeError, StateError, DecodeError, RefusalError) as error:
        return _error(400, error)
    except Exception:
        _LOG.exception("%s %s failed", request.method, request.path)
        return _error(500, RuntimeError("the emulator failed; its log has the cause"))
    if isinstance(answer, bytes):
        return HttpResponse(200, {"content-type": "application/octet-stream"}, answer)
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps(answer).encode())


def _route(request: Request) -> tuple[Route, Asked]:
    path = request.path.removeprefix(PREFIX)
    query = {name: values[-1] for name, values in parse_qs(request.query).items()}
    for route in ROUTES:
        open_end = route.path.endswith("/") and path.startswith(route.path)
        if route.method == request.method and (path == route.path or open_end):
            form = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            return route, Asked(path.removeprefix(route.path), query, request.body, form)
    raise UnknownRouteError(f"no route {request.method} {request.path}; GET {PREFIX} lists them")


def _error(status: int, error: Exception) -> HttpResponse:
    text = str(error.args[0]) if isinstance(error, LookupError) and error.args else str(error)
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps({"error": text}).encode())
