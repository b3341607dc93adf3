"""TLS: a client sends nothing to a peer whose certificate it must not trust, and calls each peer that it must trust.

The certificates are self-signed, of another authority, for another host or another address, expired, not yet valid, or
the one of the authority itself. Trust comes from a bundle, a directory, a context, a variable of the environment, or
the default. Clients use our pools, and httpx through a proxy.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import ssl
import tempfile
import threading
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import trustme

from rekog.errors import ConnectError
from rekog.models import ListCollectionsResponse
from tests.hostile.sdk.ways import Way, outcome, pools
from tests.hostile.watch import environment

if TYPE_CHECKING:
    from tests.hostile.attack import Report

HOST = "127.0.0.1"
NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


def certificates(authority: trustme.CA) -> dict[str, trustme.LeafCert | trustme.CA]:
    """Return certificates that no client may trust for HOST when it trusts the authority."""
    own = trustme.CA()
    return {
        "of another authority": own.issue_cert(HOST),
        "for another host": authority.issue_cert("localhost.test", "*.test"),
        "for another address": authority.issue_cert("127.0.0.2", "::1"),
        "with the address as its common name": authority.issue_cert("localhost.test", common_name=HOST),
        "expired": authority.issue_cert(HOST, not_before=NOW - 3 * DAY, not_after=NOW - DAY),
        "not yet valid": authority.issue_cert(HOST, not_before=NOW + DAY, not_after=NOW + 3 * DAY),
        "self-signed": own,
        "of the authority itself": authority,
    }


def attack(count: int, report: Report) -> None:
    """Call peers with each certificate, with each kind of trust, in each way."""
    authority = trustme.CA()
    with tempfile.TemporaryDirectory() as folder:
        bundle = os.path.join(folder, "bundle.pem")
        authority.cert_pem.write_to_path(bundle)
        wrong, right = certificates(authority), authority.issue_cert(HOST)
        rounds = max(count // 100, 1)
        for _ in range(rounds):
            for way in pools():
                for name, certificate in wrong.items():
                    _call(way, certificate, report, name, allowed=False, verify=bundle)
                    _call(way, certificate, report, f"{name}, by proxy", allowed=False, by_proxy=True, verify=bundle)
                _call(way, right, report, "default trust", allowed=False)
                _call(way, right, report, "bundle", allowed=True, verify=bundle)
                _call(way, right, report, "bundle, by proxy", allowed=True, by_proxy=True, verify=bundle)
                _call(way, right, report, "context", allowed=True, verify=ssl.create_default_context(cafile=bundle))
                for variable in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
                    with environment(**{variable: bundle}):
                        _call(way, right, report, variable, allowed=True)
                        _call(way, wrong["expired"], report, f"{variable}, expired", allowed=False)
                        _call(way, wrong["self-signed"], report, f"{variable}, self-signed", allowed=False)
                _call(way, wrong["self-signed"], report, "no check", allowed=True, verify=False)


def _call(
    way: Way,
    certificate: trustme.LeafCert | trustme.CA,
    report: Report,
    name: str,
    *,
    allowed: bool,
    by_proxy: bool = False,
    **settings: Any,
) -> None:
    with server(certificate) as (port, received), contextlib.ExitStack() as stack:
        if by_proxy:
            settings["proxy"] = stack.enter_context(proxy())
        rekognition = way.client(f"https://{HOST}:{port}/", timeout=20, **settings)
        [found] = way.run(outcome(report, rekognition.list_collections))
        way.backend.close(rekognition)
    report.attempt()
    report.figure(type(found).__name__)
    expected = ListCollectionsResponse if allowed else ConnectError
    report.check(isinstance(found, expected), f"{name} in {way.backend.name}: {type(found).__name__}: {found}"[:200])
    report.check(bool(received) == allowed, f"{name} in {way.backend.name}: {len(received)} requests were sent")


@contextlib.contextmanager
def server(certificate: trustme.LeafCert | trustme.CA) -> Generator[tuple[int, list[bytes]]]:
    """Serve one connection over TLS; yield the port, and the list of the bytes received."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if isinstance(certificate, trustme.CA):
        blobs = certificate.cert_pem, certificate.private_key_pem
        with blobs[0].tempfile() as public, blobs[1].tempfile() as private:
            context.load_cert_chain(public, private)
    else:
        certificate.configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # pyOpenSSL's too
    received: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            connection.settimeout(20)
            with context.wrap_socket(connection, server_side=True) as secured:
                if data := secured.recv(65_536):
                    received.append(data)
                    secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                    secured.recv(1)  # until the client closes

    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], received
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(30)


@contextlib.contextmanager
def proxy() -> Generator[str]:
    """Relay one connection that a CONNECT request opens; yield the proxy's URL."""

    def copy(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            host, _, port = client.recv(65_536).split()[1].decode().partition(":")
            with client, socket.create_connection((host, int(port))) as peer:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = threading.Thread(target=copy, args=(peer, client), daemon=True)
                back.start()
                copy(client, peer)
                back.join(20)

    with socket.create_server((HOST, 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
