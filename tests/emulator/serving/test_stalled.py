"""Connections that are broken while the server stops: those whose clients neither send nor read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h11
import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol

from rekog.emulator.serving import server

if TYPE_CHECKING:
    from rekog.emulator.serving.server import Timeouts


class Transport:
    """A transport with a number of bytes that the client has not read."""

    def __init__(self, unread: int) -> None:
        self.unread = unread

    def get_write_buffer_size(self) -> int:
        return self.unread


class Parser:
    """The state of the client in a parser of HTTP."""

    def __init__(self, state: object) -> None:
        self.their_state = state


class Loop:
    """An event loop that keeps the function that is called later."""

    def __init__(self) -> None:
        self.later: list[tuple[float, Any]] = []

    def call_later(self, seconds: float, call: Any, *arguments: Any) -> None:
        self.later.append((seconds, lambda: call(*arguments)))


class Connection(server._Connection):  # pyright: ignore[reportPrivateUsage]  # uvicorn creates the public one
    """A connection without a socket, which counts how often it is reset."""

    timeouts: Timeouts = server.Timeouts(unsent=7.0)

    def __init__(self, state: object, unread: int) -> None:
        self.resets = 0
        self._resumptions = 3
        self.transport: Any = Transport(unread)
        self.conn: Any = Parser(state)
        self.loop: Any = Loop()
        self.cycle: Any = None

    def reset(self) -> None:
        self.resets += 1

    def resume(self, times: int) -> None:
        """Note that the client has read almost all, this number of times."""
        self._resumptions += times

    def leave(self) -> None:
        """Do nothing in place of uvicorn's method."""


@pytest.mark.parametrize(
    ("state", "unread", "left", "resumptions", "resets"),
    [
        (h11.DONE, 0, 0, 0, 0),
        (h11.SEND_BODY, 0, 0, 0, 1),  # its body has not arrived
        (h11.DONE, 1000, 1000, 0, 1),  # it reads nothing
        (h11.DONE, 1000, 999, 0, 0),
        (h11.DONE, 1000, 1000, 1, 0),  # it has read all, and there is as much again
        (h11.DONE, 1000, 2000, 1, 0),
        (h11.DONE, 0, 5000, 0, 0),  # its response began meanwhile
    ],
)
def test_a_connection_is_broken_if_its_client_has_neither_sent_nor_read(
    monkeypatch: pytest.MonkeyPatch, state: object, unread: int, left: int, resumptions: int, resets: int
) -> None:
    monkeypatch.setattr(H11Protocol, "shutdown", Connection.leave)
    connection = Connection(state, unread)
    connection.shutdown()
    ((seconds, call),) = connection.loop.later
    connection.transport.unread = left
    connection.resume(resumptions)
    call()
    assert (seconds, connection.resets) == (7.0, resets)
