"""Secrets, signatures and pictures: nowhere in what is shown or logged."""

from __future__ import annotations

import base64
import logging
import pickle
import traceback

import httpx
import pytest

from rekog import CallOptions, Credentials, Image
from rekog._core.flow import Blocking, HttpRequest, HttpResponse
from rekog.config import Timeout
from rekog.credentials import FixedSource
from rekog.errors import RekogError
from rekog.models import AuditImage, CompareFacesRequest, GetFaceLivenessSessionResultsResponse
from tests.kit.backends import AT_ONCE, KEYS, PNG, Backend, Unused
from tests.kit.servers import ScriptedServer, cut_body, ok, reset, throttled

SECRETS = (str(KEYS.secret_access_key), str(KEYS.session_token))
IMAGE = (PNG[16:].decode(), base64.b64encode(PNG).decode()[24:40])


def leaks(text: str, *more: str) -> list[str]:
    return [secret for secret in (*SECRETS, *IMAGE, *more) if secret in text]


def test_a_client_shows_where_it_goes_and_no_more(backend: Backend) -> None:
    client = backend.client(Unused(), endpoint_url="http://127.0.0.1:1/")
    kind = backend.choose("RekognitionClient", "AsyncRekognitionClient")
    assert repr(client) == f"{kind}(region_name='eu-west-1', endpoint_url='http://127.0.0.1:1/')"


def test_the_settings_of_a_client_hold_no_secret(backend: Backend) -> None:
    assert leaks(repr(backend.client(Unused()).config)) == []


@pytest.mark.parametrize("value", [KEYS, FixedSource(KEYS)], ids=["credentials", "source"])
def test_credentials_show_the_key_id_only(value: object) -> None:
    assert "AKIDEXAMPLE" in repr(value)
    assert leaks(repr(value)) == []


def test_options_of_a_call_do_not_show_headers() -> None:
    assert leaks(repr(CallOptions(headers={"x-proxy": "hidden"})), "hidden") == []


def test_an_image_shows_its_size() -> None:
    assert repr(Image(bytes=PNG)) == f"Image(bytes=<{len(PNG)} bytes>)"


@pytest.mark.parametrize("form", [bytes, bytearray, memoryview], ids=lambda form: form.__name__)
def test_no_form_of_bytes_is_shown(form: type[bytes]) -> None:
    assert leaks(repr(Image(bytes=form(PNG)))) == []


def test_arguments_do_not_show_their_images() -> None:
    request = CompareFacesRequest(source_image=Image(bytes=PNG), target_image=Image(bytes=PNG))
    assert leaks(repr(request)) == []


def test_an_answer_does_not_show_the_liveness_image() -> None:
    images = [AuditImage(bytes=PNG)]
    answer = GetFaceLivenessSessionResultsResponse(session_id="s", status="SUCCEEDED", audit_images=images)
    assert leaks(repr(answer)) == []


def test_effects_show_neither_signature_nor_body() -> None:
    headers = ((b"authorization", b"Signature=abc"),)
    request = HttpRequest("https://rekognition.test/", headers, (b"{", PNG, b"}"), Timeout())
    assert repr(request) == f"<HttpRequest POST https://rekognition.test/, {len(PNG) + 2} bytes>"


def test_an_http_answer_shows_status_and_size() -> None:
    assert repr(HttpResponse(200, {"a": "b"}, PNG)) == f"<HttpResponse 200, {len(PNG)} bytes>"


def test_blocking_work_shows_no_credentials() -> None:
    assert leaks(repr(Blocking(FixedSource(KEYS).load))) == []


SCRIPTS = {
    "success": (ok(),),
    "throttles": (throttled(), throttled(), ok()),
    "refusal": (throttled(),),
    "lost connections": (reset(), cut_body(), ok()),
    "no answer": (reset(),),
    "broken answer": (ok(b"<html>"),),
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_nothing_leaks_into_logs_and_errors(
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


def test_nothing_leaks_into_the_logs_of_httpx_transports(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    transport = backend.choose(httpx.HTTPTransport, httpx.AsyncHTTPTransport)()
    with ScriptedServer() as server:
        client = backend.client(transport, endpoint_url=server.url)
        backend.run(lambda: client.detect_labels(PNG))
        signature = server.requests[0].headers["authorization"].rpartition("Signature=")[2]

    logged = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "httpcore.http11" in logged
    assert leaks(logged, signature) == []


def test_a_wrong_credential_is_not_shown() -> None:
    with pytest.raises(RekogError) as caught:
        Credentials("AKIDEXAMPLE", "two words")
    assert "two words" not in str(caught.value)


def test_a_pickled_client_does_not_show_its_credentials() -> None:
    client = pickle.loads(pickle.dumps(Backend("sync", None).client()))
    assert leaks(repr(client)) == []
