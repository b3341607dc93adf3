"""Clients: settings, pickling and copying, local clients, waiters and paginators by name, transports."""

from __future__ import annotations

import copy
import pickle
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from rekog import AsyncRekognitionClient, Credentials, RekognitionClient, RetryPolicy, Timeout
from rekog._generated.paging import PAGED
from rekog._generated.partitions import REGIONS
from rekog._generated.waiting import WAITERS
from rekog.emulator import Emulator
from rekog.errors import ConfigError, CredentialsError, ParamValidationError, RekogError, ResourceAlreadyExistsException
from tests.kit.backends import KEYS, Backend, Scripted, Unused, no_pause
from tests.kit.servers import ScriptedServer

SETTINGS = {
    "endpoint_url": "http://127.0.0.1:1/",
    "retry": RetryPolicy(mode="adaptive", max_attempts=7, pause=no_pause),
    "timeout": Timeout(read=1, total=2),
    "max_connections": 3,
    "strict": True,
}


# --- Pickling, copying, closing ----------------------------------------------------------------------------------


def test_a_pickled_client_keeps_its_settings(backend: Backend) -> None:
    client = backend.client(**SETTINGS)
    loaded = pickle.loads(pickle.dumps(client))
    assert (loaded.config, repr(loaded.config)) == (client.config, repr(client.config))
    assert (loaded.config.timeout, loaded.config.max_connections) == (Timeout(2, read=1), 3)
    assert loaded.config.strict == ("requests", "answers", "images")


def test_a_pickled_client_keeps_its_class(backend: Backend) -> None:
    kind = backend.choose(RekognitionClient, AsyncRekognitionClient)
    assert type(pickle.loads(pickle.dumps(backend.client()))) is kind


def test_a_pickled_client_calls_with_its_credentials(backend: Backend) -> None:
    with ScriptedServer() as server:
        client = backend.client(endpoint_url=server.url)
        backend.run(client.list_collections)
        loaded: RekognitionClient = backend.closing(pickle.loads(pickle.dumps(client)))
        backend.run(loaded.list_collections)
        assert server.requests[1].headers["x-amz-security-token"] == KEYS.session_token


def test_a_pickled_closed_client_is_loaded_open(backend: Backend) -> None:
    with ScriptedServer() as server:
        client = backend.client(endpoint_url=server.url)
        backend.close(client)
        loaded: RekognitionClient = backend.closing(pickle.loads(pickle.dumps(client)))
        assert backend.run(loaded.list_collections).collection_ids == []


def test_a_pickled_client_reads_the_environment_when_loaded(
    bare_environment: pytest.MonkeyPatch,
) -> None:
    bare_environment.setenv("AWS_REGION", "eu-west-1")
    dumped = pickle.dumps(RekognitionClient(credentials=KEYS))
    bare_environment.setenv("AWS_REGION", "eu-west-2")
    assert pickle.loads(dumped).region_name == "eu-west-2"


def test_a_client_can_be_copied(backend: Backend) -> None:
    copied = copy.deepcopy(backend.client(**SETTINGS))
    assert (copied.endpoint_url, copied.config.max_connections) == ("http://127.0.0.1:1/", 3)


class TeamClient(RekognitionClient):
    """A user's subclass with an argument and an attribute of its own."""

    def __init__(self, team: str, **settings: Any) -> None:
        super().__init__(credentials=KEYS, **settings)
        self.team = team


def pickled(client: TeamClient) -> TeamClient:
    loaded: TeamClient = pickle.loads(pickle.dumps(client))
    return loaded


@pytest.mark.parametrize("duplicate", [pickled, copy.copy, copy.deepcopy])
def test_a_pickled_or_copied_subclass_keeps_its_attributes(duplicate: Callable[[TeamClient], TeamClient]) -> None:
    duplicated = duplicate(TeamClient("vision", region_name="eu-west-1"))
    assert (type(duplicated), duplicated.team, duplicated.region_name) == (TeamClient, "vision", "eu-west-1")


def test_a_copy_of_a_local_client_ignores_the_environment(bare_environment: pytest.MonkeyPatch) -> None:
    with Emulator() as emulator:
        client = RekognitionClient.local(emulator)
        bare_environment.setenv("AWS_RETRY_MODE", "no such mode")
        assert copy.copy(client).list_collections().collection_ids == []


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.deepcopy])
def test_a_local_client_cannot_be_pickled_or_copied_deeply(duplicate: Callable[[object], object]) -> None:
    with (
        Emulator() as emulator,
        pytest.raises(TypeError, match="can't be pickled or deep-copied"),
    ):
        duplicate(RekognitionClient.local(emulator))


class CloseWatcher(Scripted):
    """Runs a function while it handles a request, and knows whether it was closed."""

    is_closed = was_closed_in_use = False

    def __init__(self, meanwhile: Callable[[], Any]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._meanwhile()
        self.was_closed_in_use = self.is_closed
        return super().handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._meanwhile()
        self.was_closed_in_use = self.is_closed
        return await super().handle_async_request(request)

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


def test_a_transport_is_closed_after_the_last_call_that_uses_it(backend: Backend) -> None:
    transport = CloseWatcher(lambda: client.close())  # noqa: PLW0108 (the client is created later)
    client: Any = backend.client(transport)
    backend.run(client.list_collections)
    assert transport.is_closed
    assert not transport.was_closed_in_use


def test_a_closed_client_cannot_be_entered(backend: Backend) -> None:
    client = backend.client()
    backend.close(client)

    def threads() -> None:
        with client:
            raise AssertionError

    async def tasks() -> None:
        async with cast(AsyncRekognitionClient, client):  # cast: it is an async client
            raise AssertionError

    with pytest.raises(RekogError, match="the client is closed"):
        backend.run(backend.choose(threads, tasks))


def test_a_function_that_returns_no_credentials_is_a_credentials_error(backend: Backend) -> None:
    client = backend.client(Unused(), credentials=lambda: ("AKID", "secret"))
    with pytest.raises(CredentialsError, match=r"the function credentials must return rekog\.Credentials, not tuple"):
        backend.run(client.list_collections)


def test_the_url_of_a_server_is_not_an_emulator() -> None:
    server: Any = "http://localhost:8680"
    with pytest.raises(ConfigError, match=r"must be an Emulator, not 'http.*a server is reached by endpoint_url"):
        RekognitionClient.local(server)


def test_a_method_of_a_client_can_be_mocked(monkeypatch: pytest.MonkeyPatch) -> None:
    client = RekognitionClient("eu-west-1", credentials=KEYS)
    monkeypatch.setattr(client, "list_collections", lambda: "mocked")
    assert client.list_collections() == "mocked"


def test_a_client_supports_weak_references(backend: Backend) -> None:
    client = backend.client()
    assert weakref.ref(client)() is client


# --- Settings ----------------------------------------------------------------------------------------------------


def test_a_client_has_its_region_and_endpoint(backend: Backend) -> None:
    client = backend.client(region_name="ap-south-1")
    assert (client.region_name, client.endpoint_url) == (
        "ap-south-1",
        "https://rekognition.ap-south-1.amazonaws.com/",
    )


def test_fips_and_dualstack_change_the_endpoint(backend: Backend) -> None:
    client = backend.client(region_name="us-east-1", use_fips_endpoint=True, use_dualstack_endpoint=True)
    assert client.endpoint_url == "https://rekognition-fips.us-east-1.api.aws/"


def test_the_region_comes_from_the_environment(backend: Backend, bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("AWS_REGION", "sa-east-1")
    assert backend.client(region_name=None).region_name == "sa-east-1"


def test_the_endpoint_comes_from_the_environment(backend: Backend, bare_environment: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server:
        bare_environment.setenv("AWS_ENDPOINT_URL_REKOGNITION", server.url)
        client = backend.client()
        backend.run(client.list_collections)
        assert len(server.requests) == 1


@pytest.mark.parametrize("by_argument", [True, False])
def test_a_profile_is_read_from_its_file(
    backend: Backend, bare_environment: pytest.MonkeyPatch, tmp_path: Path, by_argument: bool
) -> None:
    (tmp_path / "settings").write_text("[profile work]\nregion = eu-central-1\n")
    bare_environment.setenv("HOME", str(tmp_path))
    bare_environment.setenv("AWS_CONFIG_FILE", "~/settings")
    if not by_argument:
        bare_environment.setenv("AWS_PROFILE", "work")
    client = backend.client(region_name=None, profile_name="work" if by_argument else None)
    assert client.region_name == "eu-central-1"


def test_credentials_come_from_the_environment(backend: Backend, bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
    bare_environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with ScriptedServer() as server:
        client = backend.client(endpoint_url=server.url, credentials=None)
        backend.run(client.list_collections)
        assert "Credential=AKIDENVIRONMENT/" in server.requests[0].headers["authorization"]


def test_credentials_come_from_a_profile(
    backend: Backend, bare_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text("[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = secret\n")
    bare_environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    with ScriptedServer() as server:
        client = backend.client(endpoint_url=server.url, credentials=None)
        backend.run(client.list_collections)
        assert "Credential=AKIDFILE/" in server.requests[0].headers["authorization"]


def test_the_error_for_missing_credentials_names_the_argument(backend: Backend) -> None:
    client = backend.client(Unused(), credentials=None)
    with pytest.raises(CredentialsError, match=r"no credentials found: give credentials=Credentials"):
        backend.run(client.list_collections)


def test_the_error_for_a_missing_region_names_the_argument(backend: Backend) -> None:
    with pytest.raises(ConfigError, match="no region: give region_name"):
        backend.client(region_name=None)


def test_an_invalid_setting_is_named(backend: Backend) -> None:
    with pytest.raises(ConfigError, match="max_connections must be a whole number, 1 or more, not 0"):
        backend.client(max_connections=0)


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_clients_can_be_created_in_many_threads(kind: type[RekognitionClient]) -> None:
    def make(region: str) -> str:
        return kind(region, credentials=Credentials(f"AKID-{region}", "secret")).region_name

    regions = [*REGIONS] * 10
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(make, regions)) == regions


# --- The embedded emulator ---------------------------------------------------------------------------------------


def local(backend: Backend, emulator: Emulator | None = None, *, strict: bool = False) -> RekognitionClient:
    kind = backend.choose(RekognitionClient, AsyncRekognitionClient)
    client = kind.local(emulator, strict=strict)
    assert isinstance(client, kind)
    return backend.closing(client)  # type: ignore[return-value]  # see the docstring of tests/kit/backends.py


def test_a_local_client_needs_neither_network_nor_credentials(backend: Backend) -> None:
    client = local(backend)
    backend.run(lambda: client.create_collection("people"))
    assert backend.run(client.list_collections).collection_ids == ["people"]


def test_each_local_client_has_an_emulator_of_its_own(backend: Backend) -> None:
    one, other = local(backend), local(backend)
    backend.run(lambda: one.create_collection("people"))
    assert backend.run(other.list_collections).collection_ids == []


def test_local_clients_may_share_an_emulator(backend: Backend) -> None:
    with Emulator() as emulator:
        one, other = local(backend, emulator), local(backend, emulator)
        backend.run(lambda: one.create_collection("people"))
        with pytest.raises(ResourceAlreadyExistsException):
            backend.run(lambda: other.create_collection("people"))


def test_a_local_client_may_be_strict(backend: Backend) -> None:
    client = local(backend, strict=True)
    with pytest.raises(ParamValidationError, match="create_collection: collection_id: must match the pattern"):
        backend.run(lambda: client.create_collection("no spaces"))


# --- Names -------------------------------------------------------------------------------------------------------


def test_a_client_lists_its_waiters(backend: Backend) -> None:
    assert backend.client().waiter_names == sorted(WAITERS)


def test_a_client_lists_the_names_of_its_paginators(backend: Backend) -> None:
    client = backend.client()
    assert client.paginator_names == sorted(PAGED)
    assert all(client.can_paginate(name) for name in client.paginator_names)


@pytest.mark.parametrize("name", sorted(WAITERS))
def test_every_waiter_is_available_by_name(backend: Backend, name: str) -> None:
    client: Any = backend.client()  # to the type checkers get_waiter takes literal names only
    assert client.get_waiter(name).wait.__name__ == f"wait_until_{name}"


def test_the_error_for_an_unknown_waiter_suggests_the_nearest_one(backend: Backend) -> None:
    client: Any = backend.client()
    with pytest.raises(ValueError, match="there is no waiter 'user_activ': did you mean 'user_active'"):
        client.get_waiter("user_activ")


@pytest.mark.parametrize("name", sorted(PAGED))
def test_every_paged_operation_can_be_paginated(backend: Backend, name: str) -> None:
    assert backend.client().can_paginate(name)


def test_an_operation_without_pages_cannot_be_paginated(backend: Backend) -> None:
    assert not backend.client().can_paginate("search_faces")


def test_can_paginate_of_an_unknown_operation_is_an_error(backend: Backend) -> None:
    with pytest.raises(ParamValidationError, match="there is no operation 'list_face': did you mean 'list_faces'"):
        backend.client().can_paginate("list_face")


# --- Transports --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", [httpx.Client(), "http://localhost", object()])
def test_an_object_that_is_not_a_transport_is_a_config_error(backend: Backend, transport: Any) -> None:
    with pytest.raises(
        ConfigError, match=r"transport must be a rekog\.(Async)?Transport, such as httpx\.\w+\(\), not <class"
    ):
        backend.client(transport)


# --- Local clients -----------------------------------------------------------------------------------------------

INVALID_ENVIRONMENT = {
    "AWS_PROFILE": "nowhere",
    "AWS_REGION": "no region",
    "AWS_RETRY_MODE": "junk",
    "AWS_MAX_ATTEMPTS": "0",
    "AWS_ENDPOINT_URL": "junk",
    "AWS_USE_FIPS_ENDPOINT": "maybe",
    "AWS_ACCESS_KEY_ID": "half",
}


def test_a_local_client_ignores_the_environment(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = backend.choose(RekognitionClient, AsyncRekognitionClient).local()
    for name, value in INVALID_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    client = backend.choose(RekognitionClient, AsyncRekognitionClient).local()
    assert client.config == plain.config
    response = backend.run(client.list_collections)
    assert response.collection_ids == []
    backend.run(client.close)


class CountingClient(RekognitionClient):
    """A user's subclass that sets an attribute in `__init__`."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.count = 0


def test_a_local_client_of_a_subclass_runs_its_init() -> None:
    with CountingClient.local() as client:
        assert client.count == 0


def test_the_endpoint_of_a_local_client_is_the_embedded_emulator(backend: Backend) -> None:
    client = backend.choose(RekognitionClient, AsyncRekognitionClient).local()
    assert client.endpoint_url == "http://embedded-emulator/"
