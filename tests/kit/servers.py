"""A local HTTP/1.1 server that responds by a script, for faults that a correct server never shows.

    with ScriptedServer(throttled(), reset(), ok(b'{"Labels": []}')) as server:
        ...                       # three requests to server.url get these responses; later ones get the last again
        server.requests[0].body   # the body received with the first request

A scripted response is a tuple of steps: bytes to send, a float to wait that many seconds, and at the end possibly an
`End`. Without one the connection stays open for the next request.
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
    from collections.abc import Callable, Generator, Mapping
    from types import TracebackType


class End(enum.Enum):
    """The ways in which the server ends a connection: an orderly close, or a TCP reset."""

    CLOSE = "close"
    RESET = "reset"


ScriptedResponse: TypeAlias = tuple[bytes | float | End, ...]


class Received(NamedTuple):
    """A received request. Header names are in lowercase; `connection` is the number of its connection, from 0."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


def head(status: int, headers: Mapping[str, str], version: str = "1.1") -> bytes:
    """Return a response head."""
    lines = [f"HTTP/{version} {status} Scripted", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def ok(body: bytes = b"{}", *, status: int = 200, headers: Mapping[str, str] | None = None) -> ScriptedResponse:
    """Send a complete response and keep the connection open."""
    default = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "scripted"}
    return (head(status, {**default, "Content-Length": str(len(body)), **(headers or {})}) + body,)


def failed(status: int, code: str, message: str = "", headers: Mapping[str, str] | None = None) -> ScriptedResponse:
    """Send an error in the service's form."""
    return ok(json.dumps({"__type": code, "Message": message}).encode(), status=status, headers=headers)


def throttled(status: int = 400, retry_after: str | None = None) -> ScriptedResponse:
    """Send the service's error for too many requests."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return failed(status, "ThrottlingException", "Rate exceeded", headers)


def reset() -> ScriptedResponse:
    """Reset the connection instead of responding."""
    return (End.RESET,)


def silence(seconds: float = 60.0) -> ScriptedResponse:
    """Send nothing for this time, or until the server is stopped, then close."""
    return (seconds, End.CLOSE)


def garbage() -> ScriptedResponse:
    """Send bytes that are not HTTP, then close."""
    return (b"\x16\x03\x01 this is not HTTP\r\n\r\n", End.CLOSE)


def cut_head() -> ScriptedResponse:
    """Close in the middle of the response head."""
    return (b"HTTP/1.1 200 OK\r\nContent-Len", End.CLOSE)


def cut_body(body: bytes = b"{}", *, missing: int = 10, end: End = End.CLOSE) -> ScriptedResponse:
    """Send fewer bytes than the Content-Length, then end the connection."""
    return (head(200, {"Content-Length": str(len(body) + missing)}) + body, 0.02, end)


def overlong_body(body: bytes = b"{}", *, extra: bytes = b"trailing") -> ScriptedResponse:
    """Send more bytes than the Content-Length, then close."""
    return (head(200, {"Content-Length": str(len(body))}) + body + extra, End.CLOSE)


def slow(body: bytes = b"{}", *, pause: float, size: int = 1) -> ScriptedResponse:
    """Send the head at once, and the body in pieces with a pause before each."""
    steps: list[bytes | float | End] = [head(200, {"Content-Length": str(len(body))})]
    for start in range(0, len(body), size):
        steps += [pause, body[start : start + size]]
    return tuple(steps)


def dripping(start: bytes, *, pause: float = 0.05, seconds: float = 300.0) -> ScriptedResponse:
    """Send the start of a response, and then for minutes a byte after each pause."""
    return (start, *[step for _ in range(round(seconds / pause)) for step in (pause, b"a")])


def closing(body: bytes = b"{}") -> ScriptedResponse:
    """Send a complete response, then close the connection without announcing it."""
    return (*ok(body), End.CLOSE)


def http10(body: bytes = b"{}") -> ScriptedResponse:
    """Respond in HTTP/1.0: without a length, the end of the connection is the end of the body."""
    return (head(200, {}, version="1.0") + body, End.CLOSE)


def chunked(*chunks: bytes) -> ScriptedResponse:
    """Send the body in chunks, without a Content-Length."""
    coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return (head(200, {"Transfer-Encoding": "chunked"}) + coded,)


def until(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Wait until a condition is true, and return whether it became true in this time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


@contextlib.contextmanager
def refusing_port() -> Generator[int]:
    """Yield a port that refuses connections: it is bound, so that no other process gets it, but nothing listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


class ScriptedServer:
    """Serves its script on 127.0.0.1, in one thread for each connection; the end of the `with` block ends all.

    With a `read_limit` it reads this many bytes of a request's body before it responds, and never the rest.
    """

    def __init__(
        self,
        *script: ScriptedResponse,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        read_limit: int | None = None,
    ) -> None:
        self._read_limit = read_limit
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
        """The number of open connections. One that the client closed counts until the server reads from it again."""
        return sum(thread.is_alive() for thread in self._threads[1:])

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        with contextlib.suppress(ConnectionError):  # a connection that still waited for accept has ended it already
            socket.create_connection((self._address, self.port)).close()  # ends accept
        self._threads[0].join(5)
        for connection in self._sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # ends the read of its thread
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
                with contextlib.suppress(OSError):  # the client has reset it already
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                number = len(self._sockets)
                self._sockets.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection, number), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        # The client may close the connection at any time, and does so in many tests.
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls is not None:
                connection = self._sockets[number] = stack.enter_context(
                    self._tls.wrap_socket(connection, server_side=True)
                )
            stream = stack.enter_context(connection.makefile("rb"))
            while (received := _receive(stream, number, self._read_limit)) is not None:
                for step in self.respond(received):
                    if not self._perform(connection, step) or self._ended.is_set():
                        return  # never read again: a socket that was shut down has no TLS any more

    def respond(self, received: Received) -> ScriptedResponse:
        """Return the next response of the script."""
        with self._lock:
            self.requests.append(received)
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def _perform(self, connection: socket.socket, step: bytes | float | End) -> bool:
        """Do one step, and return whether the connection stays open."""
        if isinstance(step, bytes):
            connection.sendall(step)
        elif isinstance(step, float):
            self._ended.wait(step)
        elif step is End.RESET:
            # With a linger time of 0, closing the socket resets the connection.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return not isinstance(step, End)


def _receive(stream: BinaryIO, number: int, read_limit: int | None) -> Received | None:
    """Read one request; None at the end of the connection."""
    start = stream.readline().split()
    if len(start) < 2:
        return None
    headers: dict[str, str] = {}
    while (text := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    body = stream.read(length if read_limit is None else min(length, read_limit))
    return Received(start[0].decode("latin-1"), start[1].decode("latin-1"), headers, body, number)
