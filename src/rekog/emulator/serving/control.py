"""The control API: methods of the emulator over HTTP and in JSON, for tests in any language.

This module finds the route of a request in the table `routes.ROUTES`, and turns results and exceptions into responses.
The API has no authentication. It refuses the requests of web pages other than the console. A server does so before it
reads their body.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ..._core.flow import HttpResponse
from ..._values.errors import DecodeError, RekogWarning
from ..front.exchange import Reply
from ..refusals import RefusalError
from ..state import StateError, StorageError
from .access import Access, ForbiddenError, check_control
from .control_request import ControlRequest
from .routes import PREFIX, ROUTES, Result, Route

if TYPE_CHECKING:
    from ..emulator import Emulator
    from ..front.exchange import Request

_LOG = logging.getLogger("rekog.emulator")


class UnknownRouteError(LookupError):
    """No route has this method and path."""


def control(emulator: Emulator, request: Request) -> HttpResponse:
    """Return the response to a request to the control API, without the effects of faults."""
    try:
        check_control(request, Access())
    except ForbiddenError as error:
        return error_response(403, error)
    return respond(emulator, request).response


def respond(emulator: Emulator, request: Request) -> Reply:
    """Return the reply to a request whose sender may use the control API."""
    result = _result(emulator, request)
    if isinstance(result, Reply):
        return result
    if isinstance(result, HttpResponse):
        return Reply(result)
    if isinstance(result, bytes):
        return Reply(HttpResponse(200, {"content-type": "application/octet-stream"}, result))
    return Reply(HttpResponse(200, {"content-type": "application/json"}, json.dumps(result).encode()))


def _result(emulator: Emulator, request: Request) -> Result:
    """Return the result of a route, or the response for the exception that it raised."""
    try:
        route = route_of(request)
        return route.run(emulator, _control_request(route, request))
    except StorageError as error:
        _LOG.error("%s %s failed: %s", request.method, request.path, error)  # the text has cause and remedy
        return error_response(500, error)
    except RecursionError:
        return error_response(400, ValueError("the body is nested too deeply"))
    except LookupError as error:
        return error_response(404, error)
    except (
        ValueError,
        TypeError,
        StateError,
        DecodeError,
        RefusalError,
        RekogWarning,
    ) as error:  # a warning under -W error
        return error_response(400, error)
    except Exception:
        _LOG.exception("%s %s failed", request.method, request.path)
        return error_response(500, RuntimeError("the emulator failed; its log has the cause"))


def route_of(request: Request) -> Route:
    """Return the route of a request, whose body is not needed for that; raise `UnknownRouteError` if there is none."""
    path = request.path.removeprefix(PREFIX)
    method = "GET" if request.method == "HEAD" else request.method  # RFC 9110, 9.3.2: as GET, without the content
    for route in ROUTES:
        is_prefix = route.path.endswith("/") and path.startswith(route.path)
        if route.method == method and (path == route.path or is_prefix):
            return route
    raise UnknownRouteError(f"no route {request.method} {request.path}; GET {PREFIX} lists them")


def error_response(status: int, error: Exception) -> HttpResponse:
    """Return a response with the text of an error."""
    text = str(error.args[0]) if isinstance(error, LookupError) and error.args else str(error)
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps({"error": text}).encode())


def _control_request(route: Route, request: Request) -> ControlRequest:
    rest = request.path.removeprefix(PREFIX).removeprefix(route.path)
    query = {name: values[-1] for name, values in parse_qs(request.query).items()}
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return ControlRequest(rest, query, request.body, content_type)
