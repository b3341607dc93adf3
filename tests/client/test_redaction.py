"""Secrets, signatures and images appear in no repr, log record or error."""

from __future__ import annotations

import base64
import logging
import pickle
import traceback
from typing import Any, get_args

import attrs
import httpx
import pytest
from rich.pretty import pretty_repr

from rekog import CallOptions, Credentials, Image
from rekog._core.flow import Blocking, HttpRequest, HttpResponse
from rekog._settings.sources import FixedSource
from rekog._settings.values import ConfigArguments
from rekog.config import Config, Timeout
from rekog.errors import DecodeError, RekogError
from rekog.models import AuditImage, CompareFacesRequest, GetFaceLivenessSessionResultsResponse
from tests.kit.backends import AT_ONCE, KEYS, PNG, Backend, Reply, Scripted, Sent, Unused
from tests.kit.servers import ScriptedServer, cut_body, ok, reset, throttled
from tests.property.models import CLASSES

SECRETS = (str(KEYS.secret_access_key), str(KEYS.session_token))
IMAGE = (PNG[16:].decode(), base64.b64encode(PNG).decode()[24:40])


def leaks(text: str, *more: str) -> list[str]:
    """Return the secrets and parts of images that a text contains."""
    return [secret for secret in (*SECRETS, *IMAGE, *more) if secret in text]


def test_a_client_shows_region_and_endpoint_only(backend: Backend) -> None:
    client = backend.client(Unused(), endpoint_url="http://127.0.0.1:1/")
    kind = backend.choose("RekognitionClient", "AsyncRekognitionClient")
    assert repr(client) == f"{kind}(region_name='eu-west-1', endpoint_url='http://127.0.0.1:1/')"


def test_the_settings_of_a_client_show_no_secret(backend: Backend) -> None:
    assert leaks(repr(backend.client(Unused()).config)) == []


@pytest.mark.parametrize("value", [KEYS, FixedSource(KEYS)], ids=["credentials", "source"])
def test_credentials_show_the_key_id_only(value: object) -> None:
    assert "AKIDEXAMPLE" in repr(value)
    assert leaks(repr(value)) == []


def test_options_of_a_call_show_no_headers() -> None:
    assert leaks(repr(CallOptions(headers={"x-proxy": "hidden"})), "hidden") == []


def test_an_image_shows_the_size_of_its_bytes() -> None:
    assert repr(Image(bytes=PNG)) == f"Image(bytes=<{len(PNG)} bytes>)"


@pytest.mark.parametrize("form", [bytes, bytearray, memoryview], ids=lambda form: form.__name__)
def test_an_image_shows_no_bytes_of_any_type(form: type[bytes]) -> None:
    assert leaks(repr(Image(bytes=form(PNG)))) == []


SECRETIVE: list[object] = [
    KEYS,
    CallOptions(headers={"x-proxy": "hidden"}),
    ConfigArguments(proxy="http://ann:hidden@proxy.test", headers={"x-proxy": "hidden"}),
    Config(proxy="http://ann:hidden@proxy.test", headers={"x-proxy": "hidden"}),
    Image(bytes=PNG),
    AuditImage(bytes=PNG),
    GetFaceLivenessSessionResultsResponse(session_id="s", status="CREATED", reference_image=AuditImage(bytes=PNG)),
]


@pytest.mark.parametrize("value", SECRETIVE, ids=lambda value: type(value).__name__)
def test_rich_shows_neither_secrets_nor_bytes(value: object) -> None:
    text = pretty_repr(value, max_width=400)
    assert text.startswith(f"{type(value).__name__}(")
    assert leaks(text, "hidden", "PNG") == []


def has_bytes(kind: object) -> bool:
    """Tell whether a field of this type contains bytes."""
    return kind is bytes or any(map(has_bytes, get_args(kind)))


def test_the_attrs_view_of_each_model_says_which_fields_no_printer_shows() -> None:
    fields = [(kind, field) for kind in CLASSES for field in attrs.fields(kind)]
    assert [(kind, field.name) for kind, field in fields if field.repr is has_bytes(field.type)] == []


@pytest.mark.parametrize("kind", [Credentials, CallOptions, Config, ConfigArguments])
def test_the_attrs_view_of_settings_says_which_fields_no_printer_shows(kind: type[Any]) -> None:
    hidden = {"secret_access_key", "session_token", "headers", "proxy"}
    assert {field.name for field in attrs.fields(kind) if not field.repr} == {
        field.name for field in attrs.fields(kind) if field.name in hidden
    }


def test_a_request_shows_no_image_bytes() -> None:
    request = CompareFacesRequest(source_image=Image(bytes=PNG), target_image=Image(bytes=PNG))
    assert leaks(repr(request)) == []


def test_a_response_shows_no_liveness_image() -> None:
    images = [AuditImage(bytes=PNG)]
    response = GetFaceLivenessSessionResultsResponse(session_id="s", status="SUCCEEDED", audit_images=images)
    assert leaks(repr(response)) == []


def test_an_http_request_shows_neither_signature_nor_body() -> None:
    headers = ((b"authorization", b"Signature=abc"),)
    request = HttpRequest("https://rekognition.test/", headers, (b"{", PNG, b"}"), Timeout())
    assert repr(request) == f"<HttpRequest POST https://rekognition.test/, {len(PNG) + 2} bytes>"


def test_an_http_response_shows_status_and_size() -> None:
    assert repr(HttpResponse(200, {"a": "b"}, PNG)) == f"<HttpResponse 200, {len(PNG)} bytes>"


def test_a_blocking_effect_shows_no_credentials() -> None:
    assert leaks(repr(Blocking(FixedSource(KEYS).load))) == []


SCRIPTS = {
    "success": (ok(),),
    "throttles": (throttled(), throttled(), ok()),
    "error": (throttled(),),
    "lost connections": (reset(), cut_body(), ok()),
    "no response": (reset(),),
    "invalid response": (ok(b"<html>"),),
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_logs_and_errors_have_no_secrets(
    backend: Backend, script: tuple[tuple[bytes, ...], ...], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = ""
    with ScriptedServer(*script) as server:
        client = backend.client(endpoint_url=server.url, retry=AT_ONCE)
        try:
            backend.run(lambda: client.detect_labels(PNG))
        except RekogError as error:
            shown = "".join(traceback.format_exception(error)) + repr(vars(error))
        authorizations = [received.headers["authorization"] for received in server.requests]

    signatures = [authorization.rpartition("Signature=")[2] for authorization in authorizations]
    logged = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert all(signatures)
    assert leaks(logged + shown, *signatures) == []


@pytest.mark.parametrize("part", ["authorization", "x-amz-security-token", "image"])
@pytest.mark.parametrize("start", ["{", " {", "[", "<html>", '"', "\ufeff{"])
def test_the_error_of_a_success_that_repeats_the_request_shows_no_secret(
    backend: Backend, start: str, part: str
) -> None:
    signatures: list[str] = []

    def repeated(sent: Sent) -> Reply:
        signatures.append(sent.headers["authorization"].rpartition("Signature=")[2])
        text = sent.wire["Image"]["Bytes"] if part == "image" else sent.headers[part]
        return Reply(200, f"{start}{text[-150:] if part == 'authorization' else text}".encode(), {})

    client = backend.client(Scripted(repeated))
    with pytest.raises(DecodeError) as caught:
        backend.run(lambda: client.detect_labels(PNG))
    assert leaks(str(caught.value) + repr(caught.value) + repr(vars(caught.value)), *signatures) == []


@pytest.mark.parametrize("name", ["SourceImage", "TargetImage"])
def test_the_error_of_a_page_that_repeats_one_of_two_images_shows_no_image(backend: Backend, name: str) -> None:
    other = b"\xff\xd8\xff\xe0 the pixels of a JPEG file"  # with other first bytes, which are compared
    client = backend.client(Scripted(lambda sent: Reply(200, f"<{sent.wire[name]['Bytes']}".encode(), {})))
    with pytest.raises(DecodeError) as caught:
        backend.run(lambda: client.compare_faces(PNG, other))
    assert leaks(str(caught.value), base64.b64encode(other).decode()[8:24]) == []
    assert "<(removed)" in str(caught.value)


def test_logs_of_httpx_transports_have_no_secrets(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    transport = backend.choose(httpx.HTTPTransport, httpx.AsyncHTTPTransport)()
    with ScriptedServer() as server:
        client = backend.client(transport, endpoint_url=server.url)
        backend.run(lambda: client.detect_labels(PNG))
        signature = server.requests[0].headers["authorization"].rpartition("Signature=")[2]

    logged = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "httpcore.http11" in logged
    assert leaks(logged, signature) == []


def test_the_error_for_an_invalid_credential_does_not_show_it() -> None:
    with pytest.raises(RekogError) as caught:
        Credentials("AKIDEXAMPLE", "two words")
    assert "two words" not in str(caught.value)


def test_an_unpickled_client_shows_no_credentials() -> None:
    client = pickle.loads(pickle.dumps(Backend("sync", None).client()))
    assert leaks(repr(client)) == []
