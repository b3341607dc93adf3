"""A local HTTP/1.1 server that answers by a script, for what a well-behaved server never does.

    with ScriptedServer(throttled(), reset(), ok(b'{"Labels": []}')) as server:
        ...                       # three requests to server.url get these answers, each later one the last again
        server.requests[0].body   # what came in

An answer is a sequence of steps: bytes to send, a float to wait so many seconds, and at the end possibly `Close` or
`Reset`; without one the connection stays open for the next request.
"""

from __future__ import annotations

import contextlib
import enum
import json
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Self, TypeAlias

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from types import TracebackType


class End(enum.Enum):
    """How the server ends a connection: in order, or by a TCP reset."""

    CLOSE = "close"
    RESET = "reset"


Answer: TypeAlias = tuple[bytes | float | End, ...]


class Received(NamedTuple):
    """A request as it came in. Header names are lower-case; `connection` counts the connections from 0."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


def head(status: int, headers: Mapping[str, str], version: str = "1.1") -> bytes:
    """Return a response head."""
    lines = [f"HTTP/{version} {status} Scripted", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def ok(body: bytes = b"{}", *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer in full and keep the connection open."""
    own = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "scripted"}
    return (head(status, {**own, "Content-Length": str(len(body)), **(headers or {})}) + body,)


def failed(status: int, code: str, message: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with an error in the service's form."""
    return ok(json.dumps({"__type": code, "Message": message}).encode(), status=status, headers=headers)


def throttled(status: int = 400, retry_after: str | None = None) -> Answer:
    """Answer that there were too many requests."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return failed(status, "ThrottlingException", "Rate exceeded", headers)


def reset() -> Answer:
    """Reset the connection instead of an answer."""
    return (End.RESET,)


def silence(seconds: float = 60.0) -> Answer:
    """Do not answer for so long (the server's end cuts it short), then close."""
    return (seconds, End.CLOSE)


def garbage() -> Answer:
    """Answer with what is not HTTP."""
    return (b"\x16\x03\x01 this is not HTTP\r\n\r\n", End.CLOSE)


def cut_head() -> Answer:
    """Close within the response head."""
    return (b"HTTP/1.1 200 OK\r\nContent-Len", End.CLOSE)


def cut_body(body: bytes = b"{}", *, missing: int = 10, end: End = End.CLOSE) -> Answer:
    """Announce more bytes than come before the connection ends."""
    return (head(200, {"Content-Length": str(len(body) + missing)}) + body, 0.02, end)


def overlong_body(body: bytes = b"{}", *, extra: bytes = b"trailing") -> Answer:
    """Send more bytes than announced, then close."""
    return (head(200, {"Content-Length": str(len(body))}) + body + extra, End.CLOSE)


def slow(body: bytes = b"{}", *, pause: float, size: int = 1) -> Answer:
    """Answer at once, but send the body in pieces with a pause before each."""
    steps: list[bytes | float | End] = [head(200, {"Content-Length": str(len(body))})]
    for start in range(0, len(body), size):
        steps += [pause, body[start : start + size]]
    return tuple(steps)


def closing(body: bytes = b"{}") -> Answer:
    """Answer in full, then close the connection without having said so."""
    return (*ok(body), End.CLOSE)


def http10(body: bytes = b"{}") -> Answer:
    """Answer as HTTP/1.0 does: no length, the end of the connection is the end of the body."""
    return (head(200, {}, version="1.0") + body, End.CLOSE)


def chunked(*chunks: bytes) -> Answer:
    """Answer in chunks, without a length beforehand."""
    coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return (head(200, {"Transfer-Encoding": "chunked"}) + coded,)


def until(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait until something is true, and tell whether it became so."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


class ScriptedServer:
    """Serves its script on 127.0.0.1, one thread a connection; leaving the `with` block ends all of them.

    Of a request's body it reads as much as `takes` says before it answers, and the rest not at all.
    """

    def __init__(
        self, *script: Answer, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", takes: int | None = None
    ) -> None:
        self._takes = takes
        self._address = host
        self._script = list(script) or [ok()]
        self._tls = tls
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self.requests: list[Received] = []
        self.port = int(self._listener.getsockname()[1])
        self.host = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.url = f"{'https' if tls else 'http'}://{self.host}/"

    @property
    def connections(self) -> int:
        """The number of connections so far."""
        return len(self._sockets)

    @property
    def live(self) -> int:
        """The number of connections that neither side has ended; a client's end shows when the server reads again."""
        return sum(thread.is_alive() for thread in self._threads[1:])

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        with contextlib.suppress(ConnectionError):  # a connection that still waited for accept has woken it already
            socket.create_connection((self._address, self.port)).close()  # wakes accept, which sees the end
        self._threads[0].join(5)
        for connection in self._sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # wakes a thread that reads
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive(), "a server thread did not end"

    def _accept(self) -> None:
        with self._listener:
            while True:
                connection, _ = self._listener.accept()
                if self._ended.is_set():
                    connection.close()
                    return
                with contextlib.suppress(OSError):  # it was reset already
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                number = len(self._sockets)
                self._sockets.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection, number), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        # The client may go away at any time, and many tests want it to.
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls is not None:
                connection = self._sockets[number] = stack.enter_context(
                    self._tls.wrap_socket(connection, server_side=True)
                )
            stream = stack.enter_context(connection.makefile("rb"))
            while (received := _receive(stream, number, self._takes)) is not None:
                with self._lock:
                    self.requests.append(received)
                    answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
                for step in answer:
                    if not self._perform(connection, step) or self._ended.is_set():
                        return  # at the end there is no TLS any more on a socket that was shut down: never read on

    def _perform(self, connection: socket.socket, step: bytes | float | End) -> bool:
        """Do one step and say whether the connection goes on."""
        if isinstance(step, bytes):
            connection.sendall(step)
        elif isinstance(step, float):
            self._ended.wait(step)
        elif step is End.RESET:
            # A socket that does not linger is reset when it is closed.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return not isinstance(step, End)


def _receive(stream: BinaryIO, number: int, takes: int | None) -> Received | None:
    """Read one request; None at the end of the connection."""
    line = stream.readline().split()
    if len(line) < 2:
        return None
    headers: dict[str, str] = {}
    while (text := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    body = stream.read(length if takes is None else min(length, takes))
    return Received(line[0].decode("latin-1"), line[1].decode("latin-1"), headers, body, number)
