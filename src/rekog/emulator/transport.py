"""The seam: an httpx transport, sync and async, behind which there is no network but an emulator in this process."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread
import httpx

if TYPE_CHECKING:
    from .app import App


class EmulatorTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands requests to an emulator, whatever host they are for. Closing it leaves the emulator open.

    It serves any number of clients, threads and event loops at once.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer in this thread."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer in a worker thread: a picture takes long to look at, and the state may wait for the disk."""
        body = await request.aread()
        return await anyio.to_thread.run_sync(partial(self._answer, request, body))

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self._app.answer(request.method, request.url.path, headers, body)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.content, request=request)
