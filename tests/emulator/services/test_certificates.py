"""Certificates of S3 and SNS servers."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from rekog.emulator import Notification
from rekog.emulator.services.s3 import S3Endpoint
from rekog.emulator.services.sns import Notifications
from tests.kit.servers import ScriptedServer

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = Notification(topic_arn="arn:aws:sns:eu-west-1:123456789012:done", role_arn="arn:role", message={})


@pytest.mark.parametrize("trusted", [False, True])
def test_a_server_with_tls_needs_a_trusted_certificate(
    trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    if trusted:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    context.load_cert_chain(tmp_path / "server.pem")
    with ScriptedServer(tls=context) as server:
        assert Notifications(server.url).deliver(MESSAGE) is trusted
        if trusted:
            S3Endpoint(server.url).open("photos", "one").close()
        else:
            with pytest.raises(ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
                S3Endpoint(server.url).open("photos", "one")
        assert len(server.requests) == (2 if trusted else 0)
