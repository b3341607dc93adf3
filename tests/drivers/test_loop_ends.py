"""Messages of event loops of asyncio: none about loops that close no generators, none about cancelled handshakes."""

from __future__ import annotations

import asyncio
import gc
import ssl
import sys
import warnings
from asyncio import base_events
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from rekog._drivers.aio import AsyncDriver
from rekog._drivers.pools.asyncio_connection import AsyncioConnection
from tests.drivers.calls import request, run_in
from tests.kit.flows import send
from tests.kit.servers import ScriptedServer


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The errors that Python reports because it cannot raise them."""
    reported: list[object] = []

    def report(unraisable: sys.UnraisableHookArgs) -> None:
        reported.append(unraisable.exc_value)

    monkeypatch.setattr(sys, "unraisablehook", report)
    return reported


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "left open"])
def test_a_loop_that_does_not_close_its_generators_ends_in_silence(
    unraisable: list[object], monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    def ignore(*_: object, **__: object) -> None: ...

    without_hooks: Any = SimpleNamespace(**{**vars(sys), "set_asyncgen_hooks": ignore})
    monkeypatch.setattr(base_events, "sys", without_hooks)
    loop = asyncio.new_event_loop()
    with ScriptedServer() as server:
        driver = AsyncDriver()
        assert loop.run_until_complete(driver.run(send(request(server.url)))).status == 200
        if closed:
            loop.close()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the connection of a closed loop stays open
            del driver
            gc.collect()
            if not closed:
                loop.run_until_complete(asyncio.sleep(0))
                loop.close()
            del loop
            gc.collect()
    assert unraisable == []


@pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
def test_a_call_cancelled_at_the_end_of_its_handshake_is_no_error_of_the_loop(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvloop reports a "Fatal error on SSL protocol" unless the connection is closed at once."""
    reports: list[object] = []
    tasks: list[asyncio.Task[object]] = []
    connection_made = AsyncioConnection.connection_made

    def cancel(connection: AsyncioConnection, transport: asyncio.BaseTransport) -> None:
        connection_made(connection, transport)
        asyncio.get_running_loop().call_soon(tasks[-1].cancel)

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
        driver = AsyncDriver(verify=client)
        for _ in range(5):
            tasks.append(asyncio.ensure_future(driver.run(send(request(server.url, b"body")))))
            with pytest.raises(asyncio.CancelledError):
                await tasks[-1]
            await asyncio.sleep(0)
        await driver.aclose()

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # pyOpenSSL's too
    client = ssl.create_default_context()
    authority.configure_trust(client)  # pyright: ignore[reportUnknownMemberType]  # as above
    monkeypatch.setattr(AsyncioConnection, "connection_made", cancel)
    with ScriptedServer(tls=context) as server:
        run_in(kind, main)
    assert reports == []
