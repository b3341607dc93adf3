"""A patch of botocore that passes the requests of its Rekognition clients to an emulator in this process.

Three methods of botocore are replaced while a patch is active, and each acts on Rekognition only:

- `Session.create_client` gets placeholder keys and a Region if there are none, so that no provider of credentials is
  asked: on a machine without any, botocore would wait for the metadata service of EC2.
- `RequestSigner.get_auth_instance` signs with the same keys, for clients that were created before. An emulator with
  `verify_signatures` leaves the keys of both as they are.
- `Endpoint._do_get_response` is the last step before the connection. The event `before-send` within it would be a
  public hook, but botocore calls all its handlers: moto's would answer too, or fail.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ContextDecorator
from copy import copy
from functools import partial, wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from ..._values.public import publish
from ..front.app import DEFAULT_REGION, App
from ..front.exchange import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

F = TypeVar("F", bound=Callable[..., Any])

_SERVICE = "rekognition"
_KEYS = "AKIDPATCHED", "patched"
"""Placeholder keys; the emulator does not check the signature."""
_PORTS = {"http": 80, "https": 443}
_BEFORE_SEND = "before-send."
_lock = threading.RLock()
_active: list[tuple[Patch, App]] = []
"""The active patches with their emulators; requests go to the last one."""


class Patch(ContextDecorator, AbstractContextManager[None]):
    """Passes the requests of all Rekognition clients of boto3 and botocore to an emulator while it is active.

    `Emulator.patch_boto3` returns it. It is a context manager and a decorator of functions and coroutine functions.
    It may be entered again while it is active. Of several active patches, the one entered last has effect.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(self, func: F) -> F:
        """Return the function with the patch active during each of its calls."""
        if isinstance(func, type) or inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
            kind = "class" if isinstance(func, type) else "generator function"
            raise TypeError(f"patch_boto3 decorates functions, not a {kind}: use it in a with statement there")
        if not inspect.iscoroutinefunction(func):
            return super().__call__(func)

        @wraps(func)
        async def patched(*positional: object, **named: object) -> object:
            with self:
                return await func(*positional, **named)

        return patched  # type: ignore[return-value]  # the same signature

    def __enter__(self) -> None:
        """Activate the patch."""
        with _lock:
            if not _active:
                _install()
            _active.append((self, self._app))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Undo the last activation of this patch."""
        with _lock:
            entered = [index for index, (patch, _) in enumerate(_active) if patch is self]
            if not entered:
                raise RuntimeError("the patch of boto3 is not active: enter it before it is left")
            del _active[entered[-1]]
            if not _active:
                _uninstall()

    def __repr__(self) -> str:
        state = "active" if any(patch is self for patch, _ in _active) else "inactive"
        return f"<Patch of boto3, {state}>"


def _current() -> App | None:
    with _lock:
        return _active[-1][1] if _active else None


def _methods() -> Mapping[str, tuple[type[Any], Callable[..., Any]]]:
    from botocore.endpoint import Endpoint
    from botocore.session import Session
    from botocore.signers import RequestSigner

    return {
        "create_client": (Session, _create_client),
        "get_auth_instance": (RequestSigner, _get_auth_instance),
        "_do_get_response": (Endpoint, _do_get_response),
    }


_replaced: dict[str, tuple[object, object]] = {}
"""The original of each method, and the function in its place."""


def _install() -> None:
    for name, (owner, replacement) in _methods().items():
        original = getattr(owner, name)
        if name in _replaced and original is not _replaced[name][0]:
            continue  # another patch wraps ours, which is in force again
        _replaced[name] = original, _replacing(original, replacement)
        setattr(owner, name, _replaced[name][1])


def _replacing(original: Callable[..., Any], replacement: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def replaced(self: object, *positional: object, **named: object) -> object:
        app = _current()
        if app is None:
            return original(self, *positional, **named)
        return replacement(app, original, self, *positional, **named)

    return replaced


def _uninstall() -> None:
    for name, (owner, _) in _methods().items():
        original, replaced = _replaced[name]
        if getattr(owner, name) is replaced:
            setattr(owner, name, original)
            del _replaced[name]


def _create_client(app: App, original: Callable[..., Any], session: Any, *positional: object, **named: object) -> Any:
    call = inspect.signature(original).bind(session, *positional, **named)
    given = call.arguments
    if given.get("service_name") == _SERVICE:
        if not _has_region(session, given):
            given["region_name"] = app.region or DEFAULT_REGION
        if app.verifier is None:
            keys = (given.get("aws_access_key_id"), given.get("aws_secret_access_key"))
            if keys == (None, None):
                given["aws_access_key_id"], given["aws_secret_access_key"] = _KEYS
    return original(*call.args, **call.kwargs)


def _has_region(session: Any, given: Mapping[str, Any]) -> bool:
    configs = (given.get("config"), session.get_default_client_config())
    regions = [given.get("region_name"), *(getattr(config, "region_name", None) for config in configs)]
    return any(regions) or bool(session.get_config_variable("region"))


def _get_auth_instance(
    app: App, original: Callable[..., Any], signer: Any, *positional: object, **named: object
) -> Any:
    if signer._service_id.hyphenize() == _SERVICE and app.verifier is None:
        from botocore.credentials import Credentials

        named["request_credentials"] = Credentials(*_KEYS)
    return original(signer, *positional, **named)


def _do_get_response(
    app: App, original: Callable[..., Any], endpoint: Any, request: Any, operation_model: Any, context: Any
) -> Any:
    if operation_model.service_model.service_name == _SERVICE:
        endpoint = copy(endpoint)
        endpoint._event_emitter = _Emitter(endpoint._event_emitter, partial(_respond, app, context))
    return original(endpoint, request, operation_model, context)


class _Emitter:
    """An emitter of events that answers `before-send` itself."""

    def __init__(self, emitter: Any, respond: Callable[[Any], object]) -> None:
        self._emitter = emitter
        self._respond = respond

    def emit(self, event_name: str, **arguments: Any) -> Any:
        """Return the handlers' results of an event; the only result of `before-send` is the emulator's response."""
        if event_name.startswith(_BEFORE_SEND):
            return [(self._respond, self._respond(arguments["request"]))]
        return self._emitter.emit(event_name, **arguments)


def _respond(app: App, context: Mapping[str, Any], request: Any) -> object:
    """Return the emulator's response to a prepared request of botocore, or raise botocore's error for a fault."""
    from botocore.awsrequest import AWSResponse
    from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError

    if app.context.state.closed:
        raise HTTPClientError(error="the emulator is closed")
    reply = app.handle(_request(request))
    timeout = getattr(context.get("client_config"), "read_timeout", None) or float("inf")
    time.sleep(min(reply.delay, timeout))
    if reply.delay > timeout:
        error = f"injected fault: no response within {timeout} seconds"
        raise ReadTimeoutError(endpoint_url=request.url, error=error)
    if reply.lost:
        raise ConnectionClosedError(endpoint_url=request.url, error="injected fault: connection reset by peer")
    response: Any = AWSResponse(request.url, reply.response.status, dict(reply.response.headers), None)
    response._content = _received(reply)
    return response


def _received(reply: Reply) -> bytes:
    """Return the bytes that arrive: botocore does not check the length of a body that is cut off."""
    content = reply.response.content
    return content if reply.kept_bytes is None else content[: reply.kept_bytes]


def _request(request: Any) -> Request:
    url, body = urlsplit(str(request.url)), request.body
    host = url.netloc.rpartition("@")[2].removesuffix(f":{_PORTS.get(url.scheme)}")  # as botocore signs it
    headers = {"host": host, **{str(name).lower(): _text(value) for name, value in request.headers.items()}}
    content = body.encode() if isinstance(body, str) else body.read() if hasattr(body, "read") else bytes(body or b"")
    return Request(request.method, url.path or "/", headers, content, url.query)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


publish("rekog.emulator", Patch)
