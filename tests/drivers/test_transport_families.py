"""Transports of httpx, of httpx2 and of neither: their requests, responses and errors, and those that do not fit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from rekog import AsyncRekognitionClient, RekognitionClient
from rekog._drivers.httpx_senders import ERRORS
from rekog.config import Timeout
from rekog.errors import CallTimeoutError, ConfigError, ConnectError, ConnectionLostError, ReadTimeoutError
from tests.drivers.calls import SHORT, fetch
from tests.kit.backends import PNG, Backend
from tests.kit.servers import ScriptedServer, cut_body, ok, silence

httpx2: Any = import_module("httpx2")
URL = "http://rekognition.test/"
LARGE = bytes(range(256)) * 2000


@pytest.fixture(params=["httpx", "httpx2"])
def family(request: pytest.FixtureRequest) -> Any:
    """Return the module of a family."""
    return import_module(request.param)


def network(backend: Backend, family: Any) -> Any:
    """Return a transport of a family that uses the network."""
    return backend.choose(family.HTTPTransport, family.AsyncHTTPTransport)()


def failing(family: Any, error: Exception) -> Any:
    def fail(_: object) -> object:
        raise error

    return family.MockTransport(fail)


# --- Both families ---------------------------------------------------------------------------------------------------


def test_a_transport_of_either_family_sends_requests(backend: Backend, family: Any) -> None:
    with ScriptedServer(ok(b"first"), ok(b"second")) as server:
        driver = backend.driver(network(backend, family))
        contents = [fetch(backend, server.url, b"{", LARGE, b"}", driver=driver).content for _ in range(2)]
        assert contents == [b"first", b"second"]
        assert [received.body for received in server.requests] == [b"{" + LARGE + b"}"] * 2
        assert server.connections == 1


def test_a_client_takes_a_transport_of_either_family(backend: Backend, family: Any) -> None:
    with ScriptedServer(ok(b'{"OrientationCorrection": "ROTATE_90"}')) as server:
        client = backend.client(network(backend, family), endpoint_url=server.url)
        assert backend.run(lambda: client.detect_faces(PNG)).orientation_correction == "ROTATE_90"


def test_a_mock_transport_gets_requests_of_its_own_family(backend: Backend, family: Any) -> None:
    seen: list[Any] = []

    def respond(incoming: Any) -> Any:
        seen.append(incoming)
        return family.Response(200, content=incoming.content)

    assert (
        fetch(backend, URL, b"one ", b"two", driver=backend.driver(family.MockTransport(respond))).content == b"one two"
    )
    assert isinstance(seen[0], family.Request)
    assert isinstance(seen[0].url, family.URL)


def wrapped(family: Any, inner: Any) -> Any:
    """Return an instance of a user's subclass of the transports of a family."""

    class Wrapper(family.BaseTransport, family.AsyncBaseTransport):  # type: ignore[misc]  # of an untyped module
        def handle_request(self, incoming: Any) -> Any:
            assert isinstance(incoming, family.Request)
            return inner.handle_request(incoming)

        async def handle_async_request(self, incoming: Any) -> Any:
            assert isinstance(incoming, family.Request)
            return await inner.handle_async_request(incoming)

        def close(self) -> None:
            inner.close()

        async def aclose(self) -> None:
            await inner.aclose()

    return Wrapper()


def test_a_subclass_of_a_base_transport_gets_requests_of_its_family(backend: Backend, family: Any) -> None:
    with ScriptedServer(ok(b"through")) as server:
        transport = wrapped(family, network(backend, family))
        assert fetch(backend, server.url, LARGE, driver=backend.driver(transport)).content == b"through"


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_of_either_family_becomes_an_error_of_rekog(backend: Backend, family: Any, name: str) -> None:
    driver = backend.driver(failing(family, getattr(family, name)("low-level text")))
    with pytest.raises(ERRORS[name][0], match=r"http://rekognition\.test.*low-level text"):
        fetch(backend, URL, driver=driver)


def test_a_subclass_of_an_error_of_either_family_becomes_an_error_of_rekog(backend: Backend, family: Any) -> None:
    class OfAUser(family.ReadTimeout):  # type: ignore[misc]  # a base class of an untyped module
        pass

    with pytest.raises(ReadTimeoutError):
        fetch(backend, URL, driver=backend.driver(failing(family, OfAUser("low-level text"))))


def test_an_unsupported_scheme_of_either_family_is_a_config_error(backend: Backend, family: Any) -> None:
    with pytest.raises(ConfigError, match="is neither http:// nor https://"):
        fetch(backend, URL, driver=backend.driver(failing(family, family.UnsupportedProtocol("ftp"))))


def test_no_transport_of_either_family_gets_an_invalid_url(backend: Backend, family: Any) -> None:
    def respond(_: object) -> Any:
        return family.Response(200)

    driver = backend.driver(family.MockTransport(respond))
    with pytest.raises(ConfigError, match=r"the endpoint http://rekognition\.test:port is not a URL"):
        fetch(backend, "http://rekognition.test:port/", driver=driver)


@pytest.mark.parametrize("error", [KeyError("no such key"), AssertionError("not the expected request")], ids=repr)
def test_other_errors_of_a_transport_are_raised_as_they_are(backend: Backend, family: Any, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        fetch(backend, URL, driver=backend.driver(failing(family, error)))
    assert caught.value is error


def test_errors_of_the_network_are_mapped_for_either_family(backend: Backend, family: Any) -> None:
    with ScriptedServer(silence(), cut_body()) as server:
        driver = backend.driver(network(backend, family))
        with pytest.raises(ReadTimeoutError):
            fetch(backend, server.url, driver=driver, timeout=SHORT)
        with pytest.raises(ConnectionLostError):
            fetch(backend, server.url, driver=driver)
    with pytest.raises(ConnectError):
        fetch(backend, server.url, driver=driver)


def test_a_transport_gets_the_limits_of_a_request(backend: Backend, family: Any) -> None:
    limits: list[dict[str, float]] = []

    def respond(request: Any) -> Any:
        limits.append(request.extensions["timeout"])
        return family.Response(200)

    timeout = Timeout(connect=1, read=2, pool=3)
    fetch(backend, URL, driver=backend.driver(family.MockTransport(respond)), timeout=timeout)
    assert limits == [{"connect": 1, "read": 2, "write": 2, "pool": 3}]


@pytest.mark.parametrize("content", [b"", b"{"])
def test_a_body_shorter_than_its_length_is_a_lost_connection(backend: Backend, family: Any, content: bytes) -> None:
    class Short(family.SyncByteStream, family.AsyncByteStream):  # type: ignore[misc]  # of any family
        def __iter__(self) -> Iterator[bytes]:
            yield content

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield content

    def respond(_: object) -> Any:
        return family.Response(200, headers={"Content-Length": "2"}, stream=Short())

    driver = backend.driver(family.MockTransport(respond))
    with pytest.raises(ConnectionLostError, match=f"was cut short: {len(content)} of 2 bytes arrived"):
        fetch(backend, URL, driver=driver)


def test_the_total_timeout_applies_to_either_family(backend: Backend, family: Any) -> None:
    with ScriptedServer(silence()) as server, pytest.raises(CallTimeoutError):
        fetch(backend, server.url, driver=backend.driver(network(backend, family)), timeout=Timeout(total=0.2))


# --- Neither family --------------------------------------------------------------------------------------------------


class Plain:
    """A transport with the methods of the Protocols, and no base class."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.seen: list[object] = []

    def handle_request(self, incoming: Any) -> Any:
        self.seen.append(incoming)
        return self.inner.handle_request(incoming)

    async def handle_async_request(self, incoming: Any) -> Any:
        self.seen.append(incoming)
        return await self.inner.handle_async_request(incoming)

    def close(self) -> None:
        self.inner.close()

    async def aclose(self) -> None:
        await self.inner.aclose()


def test_a_transport_without_a_base_class_gets_requests_of_httpx(backend: Backend) -> None:
    plain: Any = Plain(httpx.MockTransport(lambda incoming: httpx.Response(200, content=incoming.content)))
    assert fetch(backend, URL, b"plain", driver=backend.driver(plain)).content == b"plain"
    assert isinstance(plain.seen[0], httpx.Request)


def test_a_transport_without_a_base_class_may_use_one_of_either_family(backend: Backend, family: Any) -> None:
    with ScriptedServer(ok(b"through")) as server:
        plain: Any = Plain(network(backend, family))
        assert fetch(backend, server.url, LARGE, driver=backend.driver(plain)).content == b"through"
        assert server.requests[0].body == LARGE


def test_errors_of_either_family_from_such_a_transport_are_mapped(backend: Backend, family: Any) -> None:
    plain: Any = Plain(failing(family, family.ReadTimeout("silence")))
    with pytest.raises(ReadTimeoutError):
        fetch(backend, URL, driver=backend.driver(plain))


def answering(answer: object) -> Any:
    """Return a transport of neither family with a fixed answer."""

    def now(_: object) -> object:
        return answer

    async def later(_: object) -> object:
        return answer

    async def nothing() -> None:
        pass

    return SimpleNamespace(handle_request=now, handle_async_request=later, close=lambda: None, aclose=nothing)


@pytest.mark.parametrize("answer", [None, {"CollectionIds": []}, b"{}"], ids=repr)
def test_an_answer_that_is_no_response_is_a_config_error(backend: Backend, answer: object) -> None:
    driver = backend.driver(answering(answer))
    with pytest.raises(ConfigError, match=f"must return a response of httpx or httpx2, not {type(answer)}"):
        fetch(backend, URL, driver=driver)


@pytest.mark.parametrize("given", [object(), httpx.Client, ModuleType("httpx2")], ids=["object", "class", "module"])
def test_an_object_without_the_method_of_transports_is_a_config_error(given: object) -> None:
    with pytest.raises(ConfigError, match=r"transport must be a rekog\.Transport, such as httpx\.HTTPTransport\(\)"):
        RekognitionClient("eu-west-1", transport=cast(Any, given))
    with pytest.raises(ConfigError, match=r"transport must be a rekog\.AsyncTransport, such as"):
        AsyncRekognitionClient("eu-west-1", transport=cast(Any, given))


# --- Imports ---------------------------------------------------------------------------------------------------------

ONE_FAMILY = """
import sys, {family}
from rekog import Credentials, RekognitionClient
def respond(request): return {family}.Response(200, json={{"CollectionIds": ["people"], "FaceModelVersions": ["7.0"]}})
keys = Credentials("AKID", "secret")
with RekognitionClient("eu-west-1", credentials=keys, transport={family}.MockTransport(respond)) as client:
    print(client.list_collections().collection_ids)
print("{other}" in sys.modules)
"""


@pytest.mark.parametrize(("family", "other"), [("httpx", "httpx2"), ("httpx2", "httpx")])
def test_only_the_family_of_the_transport_is_imported(family: str, other: str) -> None:
    command = [sys.executable, "-c", ONE_FAMILY.format(family=family, other=other)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.split("\n")[:2], done.stderr) == (["['people']", "False"], "")
