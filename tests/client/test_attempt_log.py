"""The DEBUG lines of attempts, and responses that repeat our secrets."""

from __future__ import annotations

import base64
import html
import logging
import re
import traceback
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from rekog import Credentials, RetryPolicy
from rekog._core import call as call_module
from rekog._core.flow import HttpRequest, HttpResponse
from rekog._core.retries.log import AttemptLog
from rekog._core.retries.redaction import redacted
from rekog.config import CallOptions, Config, Timeout
from rekog.errors import ReadTimeoutError, RekogError, ServiceError, ThrottlingException
from tests.kit.backends import AT_ONCE, PNG, Backend, Reply, Scripted, Sent, error_reply, json_reply
from tests.kit.servers import ScriptedServer, silence

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQDdGhpc+" + "aB/9=" * 20
KEYS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", TOKEN)
IMAGE = PNG + bytes(range(256)) * 4


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.DEBUG]


def test_each_attempt_has_a_line(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "rekog")
    client = backend.client(Scripted(error_reply("ThrottlingException", "Rate"), json_reply({"FaceDetails": []})))
    backend.run(lambda: client.detect_faces(PNG))
    sent = len(b'{"Image":{"Bytes":""}}') + len(base64.b64encode(PNG))
    first, second = lines(caplog)
    pattern = r"DetectFaces: attempt {}: HTTP {}, request request-1, \d+\.\d ms, {} bytes sent, {} bytes received"
    assert re.fullmatch(pattern.format(1, "400 ThrottlingException", sent, 52), first)
    assert re.fullmatch(pattern.format(2, "200", sent, 19), second)


def test_the_time_of_a_line_is_in_milliseconds(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG, "rekog")
    times = iter([10.0, 10.25])
    monkeypatch.setattr("rekog._core.retries.log.time", SimpleNamespace(perf_counter=times.__next__))
    log = AttemptLog("DetectFaces", 1, HttpRequest("https://host.test/", (), (b"{}",), Timeout()))
    log.response(HttpResponse(200, {}, b"{}"))
    assert lines(caplog) == ["DetectFaces: attempt 1: HTTP 200, 250.0 ms, 2 bytes sent, 2 bytes received"]


def test_an_attempt_without_a_response_has_a_line(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "rekog")
    with ScriptedServer(silence()) as server:
        client = backend.client(endpoint_url=server.url, retry=RetryPolicy(mode="off"), timeout=Timeout(read=0.1))
        with pytest.raises(ReadTimeoutError):
            backend.run(client.list_collections)
    assert re.fullmatch(
        r"ListCollections: attempt 1: ReadTimeoutError, \S+ ms, 2 bytes sent, 0 bytes received", lines(caplog)[0]
    )


def test_a_response_without_a_request_id_has_a_line(backend: Backend, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "rekog")
    backend.run(backend.client(Scripted(Reply(200, b"{}", {}))).list_collections)
    assert "HTTP 200, " in lines(caplog)[0]
    assert "request" not in lines(caplog)[0]


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "not loaded"])
def test_without_a_debug_log_nothing_is_measured(
    backend: Backend, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, loaded: bool
) -> None:
    caplog.set_level(logging.INFO, "rekog")
    if not loaded:
        monkeypatch.setattr(call_module, "sys", SimpleNamespace(modules={}))
    monkeypatch.setattr("rekog._core.retries.log.AttemptLog.__init__", pytest.fail)
    backend.run(backend.client(Scripted()).list_collections)
    assert lines(caplog) == []


# --- Pages that repeat the request -------------------------------------------------------------------------------


def plain(text: str) -> str:
    return text


def as_references(text: str) -> str:
    return "".join(letter if letter.isalnum() else f"&#{ord(letter)};" for letter in text)


def as_json(text: str) -> str:
    return text.replace("/", "\\/").replace("+", "\\u002b")


FORMS: list[Callable[[str], str]] = [plain, html.escape, quote, str.lower, as_references, as_json]


def secrets_of(sent: Sent) -> list[str]:
    signature = sent.headers["authorization"].rpartition("Signature=")[2]
    image = base64.b64encode(IMAGE).decode()
    return [str(KEYS.session_token), KEYS.secret_access_key, KEYS.access_key_id, signature, image]


def parts_of(secrets: list[str], form: Callable[[str], str]) -> list[str]:
    return [form(secret[start : start + 12]) for secret in secrets for start in (0, len(secret) // 2)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("kind", ["page", "JSON", "success"])
@pytest.mark.parametrize("length", [10_000, 40], ids=["complete", "cut off"])
def test_no_error_and_no_log_repeats_our_secrets(
    backend: Backend, caplog: pytest.LogCaptureFixture, form: Callable[[str], str], kind: str, length: int
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets: list[str] = []

    def echo(sent: Sent) -> Reply:
        secrets[:] = secrets_of(sent)
        text = ", ".join(form(secret)[:length] for secret in secrets)
        if kind == "JSON":
            return json_reply({"message": text, "headers": secrets}, status=502, headers={"x-echo": secrets[0]})
        return Reply(200 if kind == "success" else 502, f"<html>Bad gateway: {text}".encode(), {"x-echo": text})

    client = backend.client(Scripted(echo), credentials=KEYS, retry=AT_ONCE)
    with pytest.raises(RekogError) as caught:
        backend.run(lambda: client.detect_faces(IMAGE))
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    logged = "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert [part for part in parts_of(secrets, form) if part in shown + logged] == []
    if kind != "success":
        assert "(removed)" in str(caught.value)


@pytest.mark.parametrize(("secret", "shown"), [("8letters", "(removed)"), ("letters", "letters")])
def test_a_secret_is_removed_unless_it_is_as_short_as_a_word(backend: Backend, secret: str, shown: str) -> None:
    reply = Reply(502, f"<html>{secret}</html>".encode(), {})
    client = backend.client(Scripted(reply), credentials=Credentials("AKID", secret), retry=AT_ONCE)
    with pytest.raises(ServiceError) as caught:
        backend.run(client.list_collections)
    assert caught.value.message == f"<html>{shown}</html>"


def test_the_text_of_the_service_stays_as_it_is(backend: Backend) -> None:
    credentials = Credentials("a", "secret", "token")
    transport = Scripted(error_reply("ThrottlingException", "a secret token, ärgerlich"))
    client = backend.client(transport, credentials=credentials, retry=AT_ONCE)
    with pytest.raises(ThrottlingException) as caught:
        backend.run(client.list_collections)
    assert caught.value.message == "a secret token, ärgerlich"


def test_a_page_that_repeats_nothing_is_shown(backend: Backend) -> None:
    client = backend.client(Scripted(Reply(502, b"<h1>Bad gateway</h1>", {})), retry=AT_ONCE)
    with pytest.raises(ServiceError, match="<h1>Bad gateway</h1>"):
        backend.run(client.list_collections)


def test_an_unsigned_request_has_no_secrets_to_remove() -> None:
    response = HttpResponse(502, {}, b"any page")
    request = HttpRequest("http://a/", (), (b"{}",), Timeout())
    assert redacted(response, request, Credentials("a", "b")).content == b"any page"


# --- Tools that show the variables of a traceback ----------------------------------------------------------------


def shown_by_rich(value: object) -> str:
    pretty = pytest.importorskip("rich.pretty", reason="rekog[dev] installs rich")
    text: str = pretty.pretty_repr(value)
    return text


def variables_of(error: BaseException) -> list[Any]:
    """Return the variables of our frames in a traceback."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [frame for frame in frames if "rekog/_core" in frame.f_code.co_filename.replace("\\", "/")]
    return [value for frame in ours for value in frame.f_locals.values()]


@pytest.mark.parametrize("show", [repr, shown_by_rich], ids=["repr", "rich"])
def test_no_variable_of_a_failed_call_shows_image_or_signature(show: Callable[[object], str]) -> None:
    transport = Scripted(error_reply("InvalidImageFormatException"))
    client = Backend("sync", None).client(transport, credentials=KEYS)
    with pytest.raises(ServiceError) as caught:
        client.detect_faces(IMAGE)
    text, form = "".join(map(show, variables_of(caught.value))), plain
    secrets = secrets_of(transport.sent[0])
    del secrets[2]  # the id of the key, which is no secret
    assert len(variables_of(caught.value)) > 10
    assert [part for part in parts_of(secrets, form) if part in text] == []


def test_the_parts_of_a_request_show_their_size() -> None:
    from rekog._generated.operations import METHODS

    unsigned = call_module.Unsigned(METHODS["detect_faces"], CallOptions(), Config())
    unsigned.body = (b"{", b"base64", b"}")
    assert repr(unsigned) == "<Unsigned DetectFaces, 8 bytes>"
