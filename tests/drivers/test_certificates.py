"""The certificates that a client trusts by default: those that httpx trusts in the same environment."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import certifi
import httpx
import pytest
import trustme

from rekog._drivers.senders import tls_context
from rekog._values.errors import ConfigError, ConnectError
from tests.drivers.calls import fetch
from tests.kit.certificates import hashed_name
from tests.kit.servers import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kit.backends import Backend


@pytest.fixture
def trusted(tmp_path: Path) -> Iterator[ScriptedServer]:
    """A server whose authority is in the file `ca.pem` and the folder `authorities`."""
    authority = trustme.CA()
    folder = tmp_path / "authorities"
    folder.mkdir()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.cert_pem.write_to_path(str(folder / hashed_name(authority)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)  # pyright: ignore[reportUnknownMemberType]  # pyOpenSSL's too
    with ScriptedServer(tls=context) as server:
        yield server


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


PLACES = [
    {"SSL_CERT_FILE": "ca.pem"},
    {"SSL_CERT_DIR": "authorities"},
    {"SSL_CERT_FILE": "ca.pem", "SSL_CERT_DIR": "nowhere"},
]


def test_without_verification_any_certificate_and_name_are_accepted() -> None:
    context = tls_context(verify=False)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


@pytest.mark.parametrize("variables", PLACES, ids=str)
def test_the_certificates_of_the_environment_are_trusted(
    backend: Backend,
    trusted: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
) -> None:
    for name, place in variables.items():
        monkeypatch.setenv(name, str(tmp_path / place))
    assert httpx.post(trusted.url, content=b"").status_code == 200
    assert fetch(backend, trusted.url).status == 200


def test_without_variables_the_certificates_of_certifi_are_trusted() -> None:
    expected = ssl.create_default_context(cafile=certifi.where()).get_ca_certs(binary_form=True)
    assert tls_context(verify=True).get_ca_certs(binary_form=True) == expected


def test_an_empty_variable_counts_as_absent(
    backend: Backend, trusted: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "authorities"))
    assert fetch(backend, trusted.url).status == 200


def test_a_bundle_of_the_client_wins_over_the_environment(
    backend: Backend, trusted: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(backend, trusted.url, driver=backend.driver(verify=str(other)))
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    assert fetch(backend, trusted.url, driver=backend.driver(verify=str(tmp_path / "ca.pem"))).status == 200


def test_a_folder_of_the_client_is_trusted(backend: Backend, trusted: ScriptedServer, tmp_path: Path) -> None:
    assert fetch(backend, trusted.url, driver=backend.driver(verify=tmp_path / "authorities")).status == 200


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_error_of_a_missing_file_names_the_variable(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "/nowhere/ca.pem")
    with pytest.raises(ConfigError, match=f"^{variable} must be a file of PEM certificates .*'/nowhere/ca.pem'"):
        fetch(backend, "https://127.0.0.1:1/")
