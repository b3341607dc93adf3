"""Calls of the control API without a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from rekog.emulator.front.exchange import Request
from rekog.emulator.serving.control import control

if TYPE_CHECKING:
    from rekog.emulator import Emulator


class ControlTransport(httpx.BaseTransport):
    """Passes each request to the control API of an emulator in this process."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode().partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        response = control(self._emulator, Request(request.method, path, headers, request.read(), query))
        return httpx.Response(response.status, headers=dict(response.headers), content=response.content)


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the message of an error."""
    return response.status_code, response.json()["error"]
