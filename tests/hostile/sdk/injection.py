"""Hostile texts in settings: each is refused with a `RekogError`, or the server sees one well-formed request.

The texts contain line ends, control characters, delimiters of URLs and headers, and characters beyond Latin-1. They are
regions, endpoints, names and values of headers, credentials from each source, variables of the environment, names of
operations, and members. No text adds a header, a request or a byte outside of its place, or leads to another host.
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urlsplit

from rekog import CallOptions, Credentials, RekognitionClient
from rekog.errors import RekogError, RekogWarning
from tests.hostile.sdk.ways import NO_RETRIES
from tests.hostile.watch import environment

if TYPE_CHECKING:
    from tests.hostile.attack import Report

SEED = 72
PIECES = [
    *(
        "\r\nX-Evil: 1",
        "\nX-Evil: 1",
        "\rX-Evil: 1",
        "\r\n\r\nPOST /evil HTTP/1.1\r\n",
        "\0",
        "\r",
        "\n",
        "\t",
        " ",
        "\x7f",
    ),
    *(
        "@evil.test",
        "evil.test/",
        "/",
        "//",
        "\\",
        "?",
        "#",
        ":",
        ";",
        ",",
        "&",
        "=",
        "%",
        "%0d%0aX-Evil:1",
        "%00",
        "%2f",
    ),
    *("[", "]", "[::1]", ":99999", ":-1", ":80", "..", ".", "-", "_", "é", "\xad", "\u0130", "\u2028", "\x85", "\x0b"),
    *("\ud800", "\U0001f600", "％", "。", "a" * 300, "", '"', "'", "<script>", "{}", "${x}", "%s", "0", "eu-west-1"),
]
VALID = ["eu-west-1", "AKIDEXAMPLE", "detect_faces", "x-ok", "a", ""]
NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(rb"[\x20-\x7e\t\x80-\xff]*")
KNOWN = {
    *("host", "content-length", "content-type", "authorization", "user-agent", "x-ok"),
    *("x-amz-target", "x-amz-date", "x-amz-security-token"),
}
SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonwebservices.com.cn", ".amazonaws.eu")
Target = Callable[[str, str, "Report"], object]


def attack(count: int, report: Report) -> None:
    """Pass hostile texts to each place in turn."""
    chance = random.Random(SEED)
    warnings.simplefilter("ignore", RekogWarning)  # for regions that are not in the list
    with RawServer() as server, mock.patch.object(socket, "getaddrinfo", server.resolve):
        for number in range(count):
            target = TARGETS[number % len(TARGETS)]
            text = _text(chance)
            report.attempt()
            server.requests.clear()
            try:
                target(server.url, text, report)
                report.figure("accepted")
            except RekogError:
                report.figure("refused")
            except Exception as error:
                report.fault(f"{target.__name__}: {type(error).__name__}: {error}"[:200])
            for data in server.taken():
                report.figure("requests")
                _check_request(data, target.__name__, text, report)


def _text(chance: random.Random) -> str:
    pieces = [chance.choice(VALID), *(chance.choice(PIECES) for _ in range(chance.choice((1, 1, 2, 3))))]
    chance.shuffle(pieces)
    return "".join(pieces)


def _check_request(data: bytes, place: str, text: str, report: Report) -> None:
    head, _, body = data.partition(b"\r\n\r\n")
    start, *lines = head.split(b"\r\n")
    report.check(re.fullmatch(rb"POST /[\x21-\x7e]* HTTP/1\.1", start), f"{place}: the request line {start!r}"[:200])
    headers: dict[str, bytes] = {}
    for line in lines:
        name, separator, value = line.partition(b": ")
        if not (separator and NAME.fullmatch(name) and VALUE.fullmatch(value)):
            report.fault(f"{place}: the header line {line!r}"[:200])
        key = name.decode("latin-1").lower()
        report.check(key not in headers, f"{place}: {key} twice")
        headers[key] = value
    own = {text.strip().lower()} if place == "header_name" else set[str]()
    report.check(headers.keys() <= KNOWN | own, f"{place}: other headers {sorted(headers.keys() - KNOWN)}"[:200])
    report.check(len(body) == int(headers.get("content-length", b"-1")), f"{place}: bytes behind the request")


class RawServer:
    """Responds once on each connection, and keeps the bytes of the requests. All host names lead to it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._address: tuple[str, int] = self._listener.getsockname()
        self._idle = threading.Semaphore(0)
        self._expected = 0
        self.requests: list[bytes] = []
        self.url = f"http://127.0.0.1:{self._address[1]}"

    def __enter__(self) -> RawServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def resolve(self, host: object, _port: object, **options: object) -> list[Any]:
        """Return the address of this server, for numbers and for names."""
        del host, options
        self._expected += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", self._address)]

    def taken(self) -> Iterator[bytes]:
        """Yield the received requests, once the connections of this attempt have ended."""
        while self._expected:
            if not self._idle.acquire(timeout=2):
                break
            self._expected -= 1
        self._expected = 0
        yield from list(self.requests)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(1)
                    self._receive(connection)
                self._idle.release()

    def _receive(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65_536)):
                break
            data += more
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", data)
        while length and len(data.partition(b"\r\n\r\n")[2]) < int(length[1]):
            data += connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        while more := connection.recv(65_536):
            data += more  # the law: there is none
        if data:
            self.requests.append(data)


def client(url: str, **settings: Any) -> RekognitionClient:
    """Return a client of the server."""
    given: dict[str, Any] = {
        "region_name": "eu-west-1",
        "credentials": Credentials("AKID", "secret"),
        "timeout": 5,
        **settings,
    }
    return RekognitionClient(endpoint_url=url, retry=NO_RETRIES, **given)


def call(url: str, **settings: Any) -> None:
    """Make a call."""
    with client(url, **settings) as rekognition:
        rekognition.list_collections()


def region(url: str, text: str, report: Report) -> None:
    """Use the text as the region of a signature, and of the service's own host."""
    with RekognitionClient(text, credentials=Credentials("AKID", "secret")) as rekognition:
        parts = urlsplit(rekognition.endpoint_url)
        host = parts.hostname or ""
        report.check(host.endswith(SUFFIXES) and host.startswith("rekognition"), f"region: the host {host!r}"[:200])
        report.check((parts.path, parts.query, parts.fragment) == ("/", "", ""), "region: a path in the endpoint")
        report.check(parts.username is None and parts.port is None, "region: another authority in the endpoint")
    call(url, region_name=text)


def endpoint_path(url: str, text: str, report: Report) -> None:
    """Use the text behind an endpoint's host."""
    call(url + text)


def endpoint_host(url: str, text: str, report: Report) -> None:
    """Use the text as an endpoint's host."""
    call(f"http://{text}.localhost:{urlsplit(url).port}/")


def header_name(url: str, text: str, report: Report) -> None:
    """Use the text as the name of a header."""
    with client(url) as rekognition:
        rekognition.list_collections(options=CallOptions(headers={text: "value"}))


def header_value(url: str, text: str, report: Report) -> None:
    """Use the text as the value of a header."""
    with client(url) as rekognition:
        rekognition.with_options(headers={"x-ok": text}).list_collections()


def access_key(url: str, text: str, report: Report) -> None:
    """Use the text as an access key id."""
    call(url, credentials=Credentials(text, "secret"))


def secret_key(url: str, text: str, report: Report) -> None:
    """Use the text as a secret key."""
    call(url, credentials=Credentials("AKID", text))


def token_of_function(url: str, text: str, report: Report) -> None:
    """Use the text as the session token that a function returns."""
    call(url, credentials=lambda: Credentials("AKID", "secret", text))


def token_of_provider(url: str, text: str, report: Report) -> None:
    """Use the text as the session token and the access key of an object with botocore's interface."""

    class Provider:
        def get_frozen_credentials(self) -> object:
            return type("Frozen", (), {"access_key": f"A{text}", "secret_key": "secret", "token": text})

    call(url, credentials=Provider())


def variables(url: str, text: str, report: Report) -> None:
    """Use the text in each variable of the environment that reaches a request."""
    if "\0" in text or "\ud800" in text:
        text = text.replace("\0", "").replace("\ud800", "")  # the operating system takes neither
    for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_REKOGNITION", "AWS_PROFILE"):
        with (
            contextlib.suppress(RekogError),
            environment(
                **{
                    "AWS_REGION": "eu-west-1",
                    "AWS_ACCESS_KEY_ID": "AKID",
                    "AWS_SECRET_ACCESS_KEY": "secret",
                    name: text,
                }
            ),
        ):
            given = url if not name.startswith("AWS_ENDPOINT") else None
            with RekognitionClient(endpoint_url=given, retry=NO_RETRIES, timeout=5) as rekognition:
                if rekognition.endpoint_url.startswith("http://"):
                    rekognition.list_collections()


def operation(url: str, text: str, report: Report) -> None:
    """Use the text as the name of an operation, of a pager and of a waiter."""
    with client(url) as rekognition:
        for look_up in (rekognition.get_paginator, rekognition.get_waiter, rekognition.can_paginate):
            with contextlib.suppress(RekogError):
                look_up(text)  # type: ignore[call-overload]  # only known names have types
        rekognition.call(text, {})


def member(url: str, text: str, report: Report) -> None:
    """Use the text as a member: the body contains it as it is."""
    with client(url) as rekognition:
        rekognition.list_collections(next_token=text)


def presigned(url: str, text: str, report: Report) -> None:
    """Use the text in a presigned URL."""
    with client(url) as rekognition:
        made = rekognition.generate_presigned_url("list_collections", {"NextToken": text})
    report.check(re.fullmatch(r"http://127\.0\.0\.1:\d+/\?[\x21-\x7e]*", made), "presigned: a malformed URL")


TARGETS: list[Target] = [
    region,
    endpoint_path,
    endpoint_host,
    header_name,
    header_value,
    access_key,
    secret_key,
    token_of_function,
    token_of_provider,
    variables,
    operation,
    member,
    presigned,
]
