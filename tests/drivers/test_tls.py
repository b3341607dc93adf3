"""TLS: the certificates that a connection trusts, and peers that close without a TLS shutdown."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest
import trustme

from rekog._drivers.pools import asyncio_pool
from rekog._settings.urls import parse_target
from rekog._values.errors import ConnectError, ConnectionLostError, StaleConnectionError
from tests.drivers.calls import fetch, request, resolve_to, send
from tests.kit.servers import End, ScriptedResponse, ScriptedServer, closing, cut_body, failed, head, ok

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kit.backends import Backend

LARGE = bytes(range(256)) * 14_000


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def serving(
    authority: trustme.CA,
    *script: ScriptedResponse,
    names: tuple[str, ...] = ("127.0.0.1", "localhost"),
    read_limit: int | None = None,
) -> ScriptedServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # pyOpenSSL's too
    return ScriptedServer(*script, tls=context, read_limit=read_limit)


def test_a_connection_is_kept_with_tls_too(backend: Backend, authority: trustme.CA, bundle: str) -> None:
    with serving(authority, ok(b"first"), ok(LARGE), ok(b"third")) as server:
        driver = backend.driver(verify=bundle)
        contents = [fetch(backend, server.url, driver=driver).content for _ in range(3)]
        assert contents == [b"first", LARGE, b"third"]
        assert server.connections == 1


def test_a_large_upload_goes_through_tls(backend: Backend, authority: trustme.CA, bundle: str) -> None:
    with serving(authority) as server:
        driver = backend.driver(verify=bundle)
        fetch(backend, server.url, *[LARGE] * 4, driver=driver)  # session tickets arrive during the upload
        fetch(backend, server.url, LARGE, driver=driver)
        assert [len(received.body) for received in server.requests] == [4 * len(LARGE), len(LARGE)]


def test_a_response_that_arrives_with_the_end_is_complete(
    backend: Backend, authority: trustme.CA, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # asyncio drops the bytes not read yet when a peer ends a TLS connection: with a small buffer these would be many.
    monkeypatch.setattr(asyncio_pool, "BUFFER_SIZE", 1024)
    response = head(200, {"Content-Length": "100000", "Connection": "close"}) + bytes(100_000)
    with serving(authority, (response, End.CLOSE)) as server:
        assert len(fetch(backend, server.url, driver=backend.driver(verify=bundle)).content) == 100_000


def test_an_early_response_is_received_through_tls(backend: Backend, authority: trustme.CA, bundle: str) -> None:
    with serving(authority, (*failed(413, "TooLarge"), 60.0), read_limit=0) as server:
        assert fetch(backend, server.url, LARGE * 2, driver=backend.driver(verify=bundle)).status == 413


def test_a_certificate_for_another_host_is_refused(backend: Backend, authority: trustme.CA, bundle: str) -> None:
    with serving(authority, names=("other.test",)) as server, pytest.raises(ConnectError, match="CERTIFICATE_VERIFY"):
        fetch(backend, server.url, driver=backend.driver(verify=bundle))


def test_a_certificate_of_another_authority_is_refused(backend: Backend, bundle: str) -> None:
    with serving(trustme.CA()) as server, pytest.raises(ConnectError, match="CERTIFICATE_VERIFY"):
        fetch(backend, server.url, driver=backend.driver(verify=bundle))


def test_a_peer_without_tls_is_a_connect_error(backend: Backend, bundle: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(ConnectError):
            fetch(backend, url, driver=backend.driver(verify=bundle))
        thread.join()


@pytest.mark.parametrize("response", [(End.CLOSE,), (End.RESET,)], ids=["close", "reset"])
def test_a_used_connection_that_ends_without_a_tls_shutdown_was_stale(
    backend: Backend, authority: trustme.CA, bundle: str, response: ScriptedResponse
) -> None:
    with serving(authority, ok(b"first"), response, ok(b"second")) as server:
        driver = backend.driver(verify=bundle)
        assert fetch(backend, server.url, driver=driver).content == b"first"
        with pytest.raises(StaleConnectionError):
            fetch(backend, server.url, driver=driver)
        assert fetch(backend, server.url, driver=driver).content == b"second"


def test_a_close_without_a_tls_shutdown_while_idle_is_noticed(
    backend: Backend, authority: trustme.CA, bundle: str
) -> None:
    with serving(authority, closing(b"first"), ok(b"second")) as server:
        driver = backend.driver(verify=bundle)
        assert fetch(backend, server.url, driver=driver).content == b"first"
        server_has_left = server._threads[1]  # pyright: ignore[reportPrivateUsage]  # its end is the end of the connection
        server_has_left.join(5)
        assert fetch(backend, server.url, driver=driver).content == b"second"
        assert len(server.requests) == 2


def test_a_response_cut_short_without_a_tls_shutdown_is_lost(
    backend: Backend, authority: trustme.CA, bundle: str
) -> None:
    with serving(authority, cut_body()) as server, pytest.raises(ConnectionLostError):
        fetch(backend, server.url, driver=backend.driver(verify=bundle))


def test_a_response_without_length_ends_with_the_connection(
    backend: Backend, authority: trustme.CA, bundle: str
) -> None:
    with serving(authority, (head(200, {}) + b"all of it", End.CLOSE)) as server:
        assert fetch(backend, server.url, driver=backend.driver(verify=bundle)).content == b"all of it"


def test_the_dot_after_a_host_is_not_in_its_certificate(
    backend: Backend, authority: trustme.CA, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend.name == "uvloop":
        pytest.skip("uvloop resolves names itself")
    with serving(authority) as server:
        resolve_to(monkeypatch, ("127.0.0.1", server.port))
        url = f"https://localhost.:{server.port}/"
        driver = backend.driver(verify=bundle)
        assert backend.run(lambda: driver.run(send(request(url)))).status == 200
        assert server.requests[0].headers["host"] == f"localhost.:{server.port}"


def test_only_one_dot_is_removed() -> None:
    assert parse_target("https://host.test./").server_name == "host.test"
    assert parse_target("https://host.test./").host == "host.test."
