"""The control API: methods of the emulator over HTTP and in JSON, for tests in any language.

This module finds the route of a request in the table `routes.ROUTES`, and turns results and exceptions into responses.
The API has no authentication. A web page can send requests to this machine, too; browsers add an `Origin` to them, so
requests with this header are refused.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ..._core.flow import HttpResponse
from ..._values.errors import DecodeError, RekogWarning
from ..refusals import RefusalError
from ..state import StateError, StorageError
from .control_request import ControlRequest
from .routes import PREFIX, ROUTES, Route

if TYPE_CHECKING:
    from ..emulator import Emulator
    from ..front.exchange import Request

_LOG = logging.getLogger("rekog.emulator")


class UnknownRouteError(LookupError):
    """No route has this method and path."""


def control(emulator: Emulator, request: Request) -> HttpResponse:
    """Return the response to a request to the control API."""
    try:
        if "origin" in request.headers:
            raise PermissionError("the control API is not for browsers: a request with an Origin is refused")
        route, control_request = _route(request)
        result = route.run(emulator, control_request)
    except PermissionError as error:
        return _error(403, error)
    except StorageError as error:
        _LOG.exception("%s %s failed", request.method, request.path)
        return _error(500, error)
    except RecursionError:
        return _error(400, ValueError("the body is nested too deeply"))
    except LookupError as error:
        return _error(404, error)
    except (
        ValueError,
        TypeError,
        StateError,
        DecodeError,
        RefusalError,
        RekogWarning,
    ) as error:  # a warning under -W error
        return _error(400, error)
    except Exception:
        _LOG.exception("%s %s failed", request.method, request.path)
        return _error(500, RuntimeError("the emulator failed; its log has the cause"))
    if isinstance(result, bytes):
        return HttpResponse(200, {"content-type": "application/octet-stream"}, result)
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps(result).encode())


def _route(request: Request) -> tuple[Route, ControlRequest]:
    path = request.path.removeprefix(PREFIX)
    query = {name: values[-1] for name, values in parse_qs(request.query).items()}
    for route in ROUTES:
        is_prefix = route.path.endswith("/") and path.startswith(route.path)
        if route.method == request.method and (path == route.path or is_prefix):
            content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            return route, ControlRequest(path.removeprefix(route.path), query, request.body, content_type)
    raise UnknownRouteError(f"no route {request.method} {request.path}; GET {PREFIX} lists them")


def _error(status: int, error: Exception) -> HttpResponse:
    text = str(error.args[0]) if isinstance(error, LookupError) and error.args else str(error)
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps({"error": text}).encode())
