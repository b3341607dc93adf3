"""Tools that patch httpx or httpx2 see the default transport's calls: vcrpy, pytest-httpx, respx, OpenTelemetry."""

from __future__ import annotations

import base64
import functools
import ssl
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpcore
import httpx
import pytest
import respx
import trustme

from rekog._drivers.patches import patched_family
from rekog.config import Timeout
from rekog.errors import ConfigError, ReadTimeoutError
from tests.drivers.calls import SHORT, fetch, request
from tests.kit.backends import KEYS, PNG, Backend
from tests.kit.flows import send
from tests.kit.servers import ScriptedServer, ok, silence, slow

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpx import HTTPXMock

vcr: Any = import_module("vcr")
httpcore2: Any = import_module("httpcore2")
httpx2: Any = import_module("httpx2")
instrumentation: Any = import_module("opentelemetry.instrumentation.httpx")
tracing: Any = import_module("opentelemetry.sdk.trace")
exporting: Any = import_module("opentelemetry.sdk.trace.export")
in_memory: Any = import_module("opentelemetry.sdk.trace.export.in_memory_span_exporter")

FACES = b'{"FaceDetails": [], "OrientationCorrection": "ROTATE_90"}'
URL = "http://rekognition.test/"
Patch = Callable[[], AbstractContextManager[list[object]]]


# --- Patches that record each request and pass it on -------------------------------------------------------------


def passing(module: Any, *names: str) -> Patch:
    """Return a patch of transports or connections that records each request and sends it."""

    @contextmanager
    def patch() -> Generator[list[object]]:
        seen: list[object] = []
        with pytest.MonkeyPatch.context() as monkeypatch:
            for name in names:
                kind = getattr(module, name)
                method = "handle_async_request" if name.startswith("Async") else "handle_request"
                monkeypatch.setattr(kind, method, recording(getattr(kind, method), seen))
            yield seen

    return patch


def recording(original: Callable[..., Any], seen: list[object]) -> Callable[..., Any]:
    @functools.wraps(original)  # as tools do: `__module__` and `__qualname__` are those of the original
    def recorded(self: object, incoming: object) -> Any:
        seen.append(incoming)
        return original(self, incoming)

    return recorded


@contextmanager
def traced(kind: str) -> Generator[list[object]]:
    """Instrument a family with OpenTelemetry, and yield the finished spans."""
    exporter = in_memory.InMemorySpanExporter()
    provider = tracing.TracerProvider()
    provider.add_span_processor(exporting.SimpleSpanProcessor(exporter))
    instrumentor = getattr(instrumentation, kind)()
    instrumentor.instrument(tracer_provider=provider)
    spans: list[object] = []
    try:
        yield spans
    finally:
        spans += exporter.get_finished_spans()
        instrumentor.uninstrument()


PATCHES: dict[str, Patch] = {
    "httpx's transports": passing(httpx, "HTTPTransport", "AsyncHTTPTransport"),
    "httpcore's pools": passing(httpcore, "ConnectionPool", "AsyncConnectionPool"),
    "httpcore's connections": passing(httpcore, "HTTPConnection", "AsyncHTTPConnection"),
    "httpx2's transports": passing(httpx2, "HTTPTransport", "AsyncHTTPTransport"),
    "httpcore2's pools": passing(httpcore2, "ConnectionPool", "AsyncConnectionPool"),
    "httpcore2's connections": passing(httpcore2, "HTTPConnection", "AsyncHTTPConnection"),
    "OpenTelemetry, httpx": lambda: traced("HTTPXClientInstrumentor"),
    "OpenTelemetry, httpx2": lambda: traced("HTTPX2ClientInstrumentor"),
}


@pytest.fixture(params=PATCHES)
def patch(request: pytest.FixtureRequest) -> Patch:
    name: str = request.param
    return PATCHES[name]


def test_calls_are_seen_as_long_as_a_patch_is_active(backend: Backend, patch: Patch) -> None:
    with ScriptedServer() as server:
        driver = backend.driver()
        counts: list[int] = []
        for _ in range(3):
            fetch(backend, server.url, driver=driver)
            with patch() as seen:
                fetch(backend, server.url, driver=driver)
                fetch(backend, server.url, driver=driver)
            fetch(backend, server.url, driver=driver)
            counts.append(len(seen))
        assert counts == [2, 2, 2]
        assert len(server.requests) == 12


def test_a_first_call_under_a_patch_is_seen(backend: Backend, patch: Patch) -> None:
    with ScriptedServer() as server:
        driver = backend.driver()
        with patch() as seen:
            fetch(backend, server.url, driver=driver)
        assert len(seen) == 1


def test_the_connections_of_the_own_pool_are_kept_during_a_patch(backend: Backend, patch: Patch) -> None:
    with ScriptedServer() as server:
        driver = backend.driver()
        fetch(backend, server.url, driver=driver)
        for _ in range(2):
            with patch():
                fetch(backend, server.url, driver=driver)
        fetch(backend, server.url, driver=driver)
        assert [received.connection for received in server.requests] == [0, 1, 1, 0]


def test_a_given_transport_is_used_under_a_patch_too(backend: Backend, patch: Patch) -> None:
    driver = backend.driver(httpx.MockTransport(lambda _: httpx.Response(200, content=b"given")))
    with patch() as seen:
        assert fetch(backend, URL, driver=driver).content == b"given"
    assert seen == []


# --- The settings of a client apply to the patched library -------------------------------------------------------


def test_verify_applies_under_a_patch(backend: Backend, patch: Patch) -> None:
    authority = trustme.CA()
    serving, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(serving)  # pyright: ignore[reportUnknownMemberType]  # pyOpenSSL's too
    authority.configure_trust(trusting)  # pyright: ignore[reportUnknownMemberType]  # pyOpenSSL's too
    with ScriptedServer(ok(b"trusted"), tls=serving) as server, patch():
        assert fetch(backend, server.url, driver=backend.driver(verify=trusting)).content == b"trusted"


def test_a_proxy_is_used_under_a_patch(backend: Backend, patch: Patch) -> None:
    with ScriptedServer(ok(b"by proxy")) as proxy, patch():
        assert fetch(backend, URL, driver=backend.driver(proxy=proxy.url)).content == b"by proxy"
        assert proxy.requests[0].target == URL


def test_a_malformed_proxy_is_a_config_error_under_a_patch(backend: Backend, patch: Patch) -> None:
    with patch(), pytest.raises(ConfigError, match="must be an http, https or socks5 URL"):
        fetch(backend, URL, driver=backend.driver(proxy="http://proxy.test:port"))


def test_timeouts_apply_under_a_patch(backend: Backend, patch: Patch) -> None:
    with ScriptedServer(silence()) as server, patch(), pytest.raises(ReadTimeoutError):
        fetch(backend, server.url, driver=backend.driver(), timeout=SHORT)


def test_a_failed_call_under_a_patch_gives_its_connection_back(backend: Backend, patch: Patch) -> None:
    with ScriptedServer(silence(), ok(b"next")) as server, patch():
        driver = backend.driver(max_connections=1)
        with pytest.raises(ReadTimeoutError):
            fetch(backend, server.url, driver=driver, timeout=SHORT)
        assert fetch(backend, server.url, driver=driver, timeout=Timeout(pool=5)).content == b"next"


def test_max_connections_applies_under_a_patch(backend: Backend, patch: Patch) -> None:
    with ScriptedServer(slow(b"{}", pause=0.01)) as server, patch():
        driver = backend.driver(max_connections=2)
        backend.together(*[lambda: driver.run(send(request(server.url)))] * 6)
        assert (len(server.requests), server.connections) == (6, 2)


# --- Code that patches nothing -----------------------------------------------------------------------------------


class LoggedTransport(httpx.HTTPTransport):
    """A subclass with a method of its own."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return super().handle_request(request)


def test_a_subclass_of_a_transport_is_no_patch() -> None:
    with httpx.Client(transport=LoggedTransport()), httpx2.Client():
        assert patched_family(threads=True) is None


def test_a_patch_of_a_client_is_no_patch_of_its_transport() -> None:
    with mock.patch.object(httpx.Client, "send"), mock.patch.object(httpx.HTTPTransport, "close"):
        assert patched_family(threads=True) is None


@pytest.mark.parametrize("threads", [True, False], ids=["threads", "tasks"])
def test_a_patch_for_threads_leaves_tasks_alone(threads: bool) -> None:
    with mock.patch.object(httpx.HTTPTransport, "handle_request"):
        assert patched_family(threads=threads) == ("httpx" if threads else None)


def test_httpx_is_used_when_both_libraries_are_patched() -> None:
    with mock.patch.object(httpx2.HTTPTransport, "handle_request"):
        assert patched_family(threads=True) == "httpx2"
        with mock.patch.object(httpx.HTTPTransport, "handle_request"):
            assert patched_family(threads=True) == "httpx"


def test_a_library_that_is_being_imported_is_not_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(httpx, "HTTPTransport")
    assert patched_family(threads=True) is None


def test_no_library_is_patched_when_none_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock.patch.object(httpx.HTTPTransport, "handle_request"), mock.patch.dict("sys.modules"):
        for name in ("httpx", "httpcore", "httpx2", "httpcore2"):
            monkeypatch.delitem(import_module("sys").modules, name)
        assert patched_family(threads=True) is None


# --- vcrpy -------------------------------------------------------------------------------------------------------


def recorder(**options: Any) -> Any:
    """Return a recorder that matches calls by body, as all operations have the same URL."""
    return vcr.VCR(match_on=["method", "uri", "body"], **options)


def detected(backend: Backend, url: str, image: bytes = PNG) -> str | None:
    client = backend.client(endpoint_url=url)
    return backend.run(lambda: client.detect_faces(image)).orientation_correction


def test_vcrpy_records_a_call_with_an_image_and_replays_it(backend: Backend, tmp_path: Path) -> None:
    cassette = str(tmp_path / "faces.yaml")
    with ScriptedServer(ok(FACES)) as server:
        with recorder().use_cassette(cassette):
            assert detected(backend, server.url) == "ROTATE_90"
        with recorder(record_mode="none").use_cassette(cassette) as replayed:
            assert detected(backend, server.url) == "ROTATE_90"
            assert replayed.play_count == 1
        assert len(server.requests) == 1
    with open(cassette, "rb") as recorded:
        assert base64.b64encode(PNG) in recorded.read()


def test_vcrpy_refuses_a_call_that_its_cassette_does_not_have(backend: Backend, tmp_path: Path) -> None:
    cassette = str(tmp_path / "faces.yaml")
    with ScriptedServer(ok(FACES)) as server:
        with recorder().use_cassette(cassette):
            detected(backend, server.url)
        with (
            recorder(record_mode="none").use_cassette(cassette),
            pytest.raises(import_module("vcr.errors").CannotOverwriteExistingCassetteException),
        ):
            detected(backend, server.url, PNG + b"another image")
        assert len(server.requests) == 1


def test_a_cassette_has_the_headers_of_the_signature_but_no_secret_key(backend: Backend, tmp_path: Path) -> None:
    with ScriptedServer(ok(FACES)) as server, recorder().use_cassette(str(tmp_path / "faces.yaml")):
        detected(backend, server.url)
    text = (tmp_path / "faces.yaml").read_text()
    assert "AWS4-HMAC-SHA256 Credential=" in text
    assert KEYS.session_token is not None
    assert KEYS.session_token in text
    assert KEYS.secret_access_key not in text


def test_filtered_headers_are_not_in_a_cassette(backend: Backend, tmp_path: Path) -> None:
    filtering = recorder(filter_headers=["authorization", "x-amz-security-token"])
    with ScriptedServer(ok(FACES)) as server, filtering.use_cassette(str(tmp_path / "faces.yaml")):
        detected(backend, server.url)
    text = (tmp_path / "faces.yaml").read_text()
    assert "AWS4-HMAC-SHA256" not in text
    assert KEYS.session_token is not None
    assert KEYS.session_token not in text


# --- pytest-httpx and respx --------------------------------------------------------------------------------------


def test_pytest_httpx_mocks_an_open_client(backend: Backend, request: pytest.FixtureRequest) -> None:
    with ScriptedServer(ok(FACES)) as server:
        client = backend.client(endpoint_url=server.url)
        backend.run(lambda: client.detect_faces(PNG))
        httpx_mock: HTTPXMock = request.getfixturevalue("httpx_mock")
        httpx_mock.add_response(url=server.url, json={"OrientationCorrection": "ROTATE_0"})
        assert backend.run(lambda: client.detect_faces(PNG)).orientation_correction == "ROTATE_0"
        assert base64.b64encode(PNG) in httpx_mock.get_requests()[0].content
        assert len(server.requests) == 1


def test_respx_mocks_an_open_client_which_keeps_its_connection(backend: Backend) -> None:
    with ScriptedServer(ok(b"network")) as server:
        driver = backend.driver()
        assert fetch(backend, server.url, driver=driver).content == b"network"
        with respx.mock as router:
            router.post(server.url).respond(200, content=b"mocked")
            assert fetch(backend, server.url, driver=driver).content == b"mocked"
            assert fetch(backend, server.url, driver=driver).content == b"mocked"
        assert fetch(backend, server.url, driver=driver).content == b"network"
        assert [received.connection for received in server.requests] == [0, 0]


def test_respx_mocks_a_client_before_its_first_call(backend: Backend) -> None:
    with ScriptedServer(ok(b"network")) as server:
        driver = backend.driver()
        with respx.mock as router:
            router.post(server.url).respond(200, content=b"mocked")
            assert fetch(backend, server.url, driver=driver).content == b"mocked"
        assert fetch(backend, server.url, driver=driver).content == b"network"


def test_respx_never_replaces_a_given_transport(backend: Backend) -> None:
    driver = backend.driver(httpx.MockTransport(lambda _: httpx.Response(200, content=b"given")))
    with respx.mock(assert_all_called=False) as router:
        router.post(URL).respond(200, content=b"mocked")
        assert fetch(backend, URL, driver=driver).content == b"given"
        assert fetch(backend, URL, driver=driver).content == b"given"


# --- OpenTelemetry -----------------------------------------------------------------------------------------------


@pytest.fixture(params=["HTTPXClientInstrumentor", "HTTPX2ClientInstrumentor"])
def instrumentor(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def test_a_span_has_the_status_and_the_url_of_a_call(backend: Backend, instrumentor: str) -> None:
    with ScriptedServer(ok(FACES)) as server:
        with traced(instrumentor) as spans:
            assert detected(backend, server.url) == "ROTATE_90"
        (span,) = spans
        attributes: dict[str, object] = dict(getattr(span, "attributes"))  # noqa: B009 (the value of an untyped library)
        assert attributes["http.url"] == server.url
        assert attributes["http.status_code"] == 200


def test_a_span_has_no_part_of_a_signature(backend: Backend, instrumentor: str) -> None:
    with ScriptedServer(ok(FACES)) as server, traced(instrumentor) as spans:
        detected(backend, server.url)
        sent = server.requests[0].headers
    (span,) = spans
    text = str(getattr(span, "to_json")())  # noqa: B009 (the value of an untyped library)
    signature = sent["authorization"].rpartition("=")[2]
    assert KEYS.session_token is not None
    assert [secret for secret in (signature, KEYS.session_token, KEYS.secret_access_key) if secret in text] == []
