"""Settings of a client that users change: `with_options`, `local` with settings, and errors that name the way."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from typing import Any
from unittest import mock

import httpx
import pytest

from rekog import AsyncRekognitionClient, Credentials, RekognitionClient, RetryPolicy, Timeout
from rekog.emulator import Emulator
from rekog.emulator.state.store import ClosedError
from rekog.errors import ConfigError, ParamValidationError, RekogError, ThrottlingException
from tests.kit.backends import AT_ONCE, KEYS, Backend, Scripted, Unused, error_reply, json_reply
from tests.kit.servers import ScriptedServer

LISTING = json_reply({"CollectionIds": []})
THROTTLED = error_reply("ThrottlingException", "Rate exceeded")


def kind_of(backend: Backend) -> type[RekognitionClient]:
    kind: type[Any] = backend.choose(RekognitionClient, AsyncRekognitionClient)
    return kind


# --- with_options ------------------------------------------------------------------------------------------------


def test_other_options_keep_the_fields_that_they_leave_out(backend: Backend) -> None:
    client = backend.client(Unused(), timeout=Timeout(10, connect=1), retry=AT_ONCE)
    other = client.with_options(timeout=Timeout(read=30))
    assert type(other) is kind_of(backend)
    assert other.config.timeout == Timeout(10, connect=1, read=30)
    assert (other.config.retry, other.region_name) == (AT_ONCE, "eu-west-1")
    assert client.config.timeout == Timeout(10, connect=1)


def test_the_timeout_of_a_call_keeps_the_total_of_the_client(backend: Backend) -> None:
    timeouts: list[dict[str, float]] = []

    def record(request: httpx.Request) -> httpx.Response:
        timeouts.append(dict(request.extensions["timeout"]))
        return httpx.Response(200, content=b'{"CollectionIds": []}')

    client = backend.client(httpx.MockTransport(record), timeout=Timeout(8, connect=5))
    backend.run(lambda: client.list_collections(options={"timeout": Timeout(read=30)}))
    assert timeouts[0]["read"] <= timeouts[0]["pool"] <= 8
    backend.run(lambda: client.list_collections(options={"timeout": Timeout(None, read=30)}))
    assert timeouts[1] == {"connect": 5, "read": 30, "write": 30, "pool": None}


def test_other_headers_are_sent_with_each_request(backend: Backend) -> None:
    transport = Scripted(LISTING)
    client = backend.client(transport)
    other = client.with_options(headers={"X-Team": "vision"}).with_options(headers={"X-Trace": "1"})
    backend.run(lambda: other.list_collections(options={"headers": {"x-trace": "2"}}))
    backend.run(client.list_collections)
    sent = [(request.headers.get("x-team"), request.headers.get("x-trace")) for request in transport.sent]
    assert sent == [("vision", "2"), (None, None)]
    assert "vision" not in repr(other.config)


def test_a_later_header_of_other_options_wins(backend: Backend) -> None:
    transport = Scripted(LISTING)
    other = backend.client(transport).with_options(headers={"X-Team": "vision"})
    backend.run(other.with_options(headers={"x-team": "sound"}).list_collections)
    assert transport.sent[0].headers["x-team"] == "sound"


def test_a_user_agent_of_other_options_replaces_the_default(backend: Backend) -> None:
    transport = Scripted(LISTING)
    backend.run(backend.client(transport).with_options(headers={"User-Agent": "mine/1"}).list_collections)
    assert transport.sent[0].headers["user-agent"] == "mine/1"


def test_other_options_share_connections(backend: Backend) -> None:
    with ScriptedServer() as server:
        client = backend.client(endpoint_url=server.url)
        for each in (client, client.with_options(timeout=5), client):
            backend.run(each.list_collections)
        assert (len(server.requests), server.connections) == (3, 1)


def test_other_options_share_the_retry_quota(backend: Backend) -> None:
    client = backend.client(Scripted(THROTTLED), retry=RetryPolicy(max_attempts=200, pause=lambda _: 0))
    with pytest.raises(ThrottlingException) as caught:
        backend.run(client.with_options(timeout=60).list_collections)
    assert caught.value.attempts == 101
    with pytest.raises(ThrottlingException) as caught:
        backend.run(client.list_collections)
    assert caught.value.attempts == 1


def test_a_client_of_other_options_closes_nothing(backend: Backend) -> None:
    client = backend.client(Scripted(LISTING))
    other = client.with_options(timeout=5)
    backend.close(other)
    backend.run(client.list_collections)
    backend.run(other.list_collections)
    backend.close(client)
    with pytest.raises(RekogError, match="the client is closed"):
        backend.run(other.list_collections)


class TeamClient(RekognitionClient):
    """A user's subclass with an attribute of its own."""

    def __init__(self, team: str, **settings: Any) -> None:
        super().__init__("eu-west-1", credentials=KEYS, **settings)
        self.team = team


def test_a_subclass_keeps_its_attributes_with_other_options() -> None:
    other = TeamClient("vision").with_options(timeout=5)
    assert (type(other), other.team, other.config.timeout.total) == (TeamClient, "vision", 5)


def pickled(client: object) -> object:
    return pickle.loads(pickle.dumps(client))


@pytest.mark.parametrize("duplicate", [pickled, copy.copy])
def test_a_copy_keeps_the_other_options_and_owns_its_connections(backend: Backend, duplicate: Any) -> None:
    with ScriptedServer() as server:
        client = backend.client(endpoint_url=server.url)
        other: RekognitionClient = duplicate(client.with_options(timeout=Timeout(read=5), headers={"X-Team": "a"}))
        backend.close(client)
        backend.run(other.list_collections)
        assert (other.config.timeout.read, server.requests[0].headers["x-team"]) == (5, "a")
        backend.close(other)
        with pytest.raises(RekogError, match="the client is closed"):
            backend.run(other.list_collections)


# --- Attributes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["timeout", "retry", "region_name", "config", "emulator", "team"])
def test_the_error_of_setting_an_attribute_names_with_options(backend: Backend, name: str) -> None:
    client = backend.client(Unused())
    with pytest.raises(AttributeError, match=rf"^{name} cannot be set, .*: client\.with_options\(timeout=\.\.\., ret"):
        setattr(client, name, 3)


def test_a_subclass_may_set_attributes_but_no_settings() -> None:
    client = TeamClient("vision")
    client.team = "other"
    client.timeout = 3  # type: ignore[attr-defined]  # the attribute of a user
    with pytest.raises(AttributeError, match=r"^config cannot be set"):
        client.config = None  # type: ignore[misc,assignment]  # the assignment is the test


def test_a_property_of_a_subclass_can_be_set() -> None:
    class Counting(RekognitionClient):
        """A subclass with a property."""

        @property
        def count(self) -> int:
            return self._count

        @count.setter
        def count(self, value: int) -> None:
            self._count = value

    client = Counting("eu-west-1", credentials=KEYS)
    client.count = 3
    assert client.count == 3


def test_methods_can_be_mocked() -> None:
    client = RekognitionClient("eu-west-1", credentials=KEYS)
    with mock.patch.object(client, "list_collections", return_value="mocked"):
        assert client.list_collections() == "mocked"
    assert "list_collections" not in vars(client)


# --- Arguments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("region", "write region_name=..."),
        ("aws_access_key_id", "write credentials=Credentials(access_key_id, secret_access_key)"),
        ("config", "write its settings as arguments: retry=, timeout=, max_connections=, proxy="),
        ("session", "write credentials=session.get_credentials(), region_name=session.region_name"),
        ("proxies", "write proxy=url"),
        ("max_retries", "write retry=RetryPolicy(max_attempts=...)"),
        ("service_name", "leave it out, a client is of one service"),
        ("tiemout", "did you mean timeout?"),
    ],
)
def test_the_error_of_an_unknown_argument_names_ours(backend: Backend, name: str, message: str) -> None:
    kind: Any = kind_of(backend)
    with pytest.raises(TypeError) as caught:
        kind("eu-west-1", **{name: "x"})
    assert str(caught.value) == f"{kind.__name__} has no argument {name!r}: {message}"


def test_the_error_of_any_other_argument_lists_all() -> None:
    build: Any = RekognitionClient.local
    with pytest.raises(
        TypeError, match=r"^RekognitionClient\.local has no argument 'xyz': there are emulator, region_"
    ):
        build(xyz=1)
    with pytest.raises(TypeError, match=r"^TeamClient\.with_options has no argument 'region': write region_name="):
        TeamClient("vision").with_options(region="x")  # type: ignore[call-arg]  # the argument is the test


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (5, "RetryPolicy(max_attempts=5)"),
        ("off", "RetryPolicy(mode='off')"),
        ("legacy", "RetryPolicy(max_attempts=3), or mode='off'"),
        (False, "RetryPolicy(mode='off')"),
        (0, "RetryPolicy(mode='off')"),
        (-1, "RetryPolicy(max_attempts=3), or mode='off'"),
        ({"max_attempts": 5}, "RetryPolicy(max_attempts=3), or mode='off'"),
    ],
    ids=str,
)
def test_the_error_of_another_retry_names_the_policy(backend: Backend, value: Any, remedy: str) -> None:
    for make in (backend.client, backend.client().with_options):
        with pytest.raises(ConfigError, match="retry must be a RetryPolicy, not ") as caught:
            make(retry=value)
        assert str(caught.value).endswith(f": write {remedy}")


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (httpx.Timeout(5), "Timeout(connect=5, read=5, pool=5)"),
        ((3, 7.5), "Timeout(connect=3, read=7.5)"),
        (timedelta(seconds=5), "a number, or Timeout(total=..., connect=..., read=...)"),
        ("5", "a number, or Timeout(total=..., connect=..., read=...)"),
    ],
    ids=str,
)
def test_the_error_of_another_timeout_names_ours(backend: Backend, value: Any, remedy: str) -> None:
    with pytest.raises(ConfigError, match=r"^timeout must be a Timeout or a number of seconds, not ") as caught:
        backend.client(timeout=value)
    assert str(caught.value).endswith(f": write {remedy}")


def test_a_number_and_the_total_of_a_timeout_are_the_same(backend: Backend) -> None:
    assert backend.client(timeout=10).config == backend.client(timeout=Timeout(10)).config


def test_a_changed_copy_of_a_timeout_leaves_out_the_same_fields(backend: Backend) -> None:
    client = backend.client(timeout=Timeout(connect=1))
    changed = Timeout(10).__replace__(read=2)
    assert client.with_options(timeout=changed).config.timeout == Timeout(10, connect=1, read=2)


# --- Strict ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strict", "checks"),
    [
        (False, ()),
        (True, ("requests", "answers", "images")),
        (["images", "requests"], ("requests", "images")),
        ({"answers"}, ("answers",)),
        ((), ()),
    ],
    ids=str,
)
def test_strict_names_the_checks(backend: Backend, strict: Any, checks: tuple[str, ...]) -> None:
    assert backend.client(strict=strict).config.strict == checks


@pytest.mark.parametrize(("strict", "refused"), [(True, True), (["requests"], True), (["answers", "images"], False)])
def test_only_the_check_of_requests_reads_arguments(backend: Backend, strict: Any, refused: bool) -> None:
    client = backend.client(Scripted(json_reply({"StatusCode": 200})), strict=strict)
    if not refused:
        backend.run(lambda: client.delete_collection("no spaces"))
        return
    with pytest.raises(ParamValidationError, match="collection_id: must match the pattern"):
        backend.run(lambda: client.delete_collection("no spaces"))


@pytest.mark.parametrize(
    ("strict", "message"),
    [
        (["requets"], r"^strict has no check 'requets': there are 'requests', 'answers', 'images'$"),
        ("requests", r"^strict must be True, False or a collection of .*: write \['requests'\]$"),
        ("all", r"^strict must be True, False or a collection of .*, not 'all' \(str\)$"),
        (1, r"^strict must be True, False or a collection of .*, not 1 \(int\)$"),
    ],
)
def test_other_values_of_strict_are_refused(backend: Backend, strict: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        backend.client(strict=strict)


# --- Local clients -----------------------------------------------------------------------------------------------


def test_a_local_client_takes_settings(backend: Backend) -> None:
    client = backend.closing(
        kind_of(backend).local(
            region_name="eu-central-1",
            credentials=KEYS,
            retry=AT_ONCE,
            timeout=7,
            max_connections=3,
            strict=["requests"],
        )
    )
    backend.run(lambda: client.create_collection("people"))
    described = backend.run(lambda: client.describe_collection("people"))
    assert ":eu-central-1:" in str(described.collection_arn)
    assert (client.config.retry, client.config.timeout.total, client.config.max_connections) == (AT_ONCE, 7, 3)
    assert (client.config.strict, client.endpoint_url) == (("requests",), "http://embedded-emulator/")
    assert KEYS.access_key_id in backend.run(lambda: client.generate_presigned_url("list_collections"))


def test_a_local_client_retries_injected_faults(backend: Backend) -> None:
    client = backend.closing(kind_of(backend).local(retry=RetryPolicy(max_attempts=2, pause=lambda _: 0)))
    client.emulator.faults.add("ListCollections", calls=[1], error="ThrottlingException")
    assert backend.run(client.list_collections).response_metadata.attempts == 2
    assert len(client.emulator.calls) == 2


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"use_fips_endpoint": True}, "https://rekognition-fips.us-east-1.amazonaws.com/"),
        ({"use_dualstack_endpoint": True}, "https://rekognition.us-east-1.api.aws/"),
        ({"use_fips_endpoint": False}, "http://embedded-emulator/"),
        ({"endpoint_url": "http://localhost:8680"}, "http://localhost:8680/"),
    ],
    ids=str,
)
def test_a_local_client_may_have_the_url_of_another_endpoint(
    backend: Backend, settings: dict[str, Any], url: str
) -> None:
    client = backend.closing(kind_of(backend).local(**settings))
    assert client.endpoint_url == url
    assert backend.run(client.list_collections).collection_ids == []


def test_a_local_client_closes_the_emulator_that_it_made(backend: Backend) -> None:
    client = kind_of(backend).local()
    emulator = client.emulator
    other = client.with_options(timeout=5)
    assert other.emulator is emulator
    backend.close(other)
    emulator.put_object("bucket", "key", b"data")
    backend.close(client)
    backend.close(client)
    with pytest.raises(ClosedError):
        emulator.put_object("bucket", "key", b"data")


def test_a_local_client_leaves_a_given_emulator_open(backend: Backend) -> None:
    with Emulator() as emulator:
        client = kind_of(backend).local(emulator)
        assert client.emulator is emulator
        backend.close(client)
        emulator.put_object("bucket", "key", b"data")


def test_a_client_over_the_transport_of_an_emulator_has_it(backend: Backend) -> None:
    with Emulator() as emulator:
        assert backend.client(emulator.transport()).emulator is emulator


@pytest.mark.parametrize("transport", [None, Unused()], ids=["default", "given"])
def test_other_clients_have_no_emulator(backend: Backend, transport: Any) -> None:
    client = backend.client(transport)
    name = kind_of(backend).__name__
    with pytest.raises(ConfigError, match=rf"^this {name} has no emulator: {name}\.local\(\) has one$"):
        _ = client.emulator


def test_a_cancelled_close_closes_the_emulator() -> None:
    import anyio

    async def main() -> Emulator:
        client = AsyncRekognitionClient.local()
        with anyio.CancelScope() as scope:
            scope.cancel()
            await client.close()
        return client.emulator

    emulator = anyio.run(main)
    with pytest.raises(ClosedError):
        emulator.put_object("bucket", "key", b"data")


# --- Connections -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{"proxy": "http://localhost:3128"}, {"verify": False}], ids=str)
def test_settings_of_connections_beside_a_transport_are_a_config_error(
    backend: Backend, settings: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError, match=f"^{next(iter(settings))} cannot be combined with transport: give it to the"):
        backend.client(Unused(), **settings)


@pytest.mark.parametrize("proxy", ["localhost:3128", "ftp://user:hidden@localhost", "http://", 3128, b"http://a"])
def test_a_malformed_proxy_is_refused_without_its_password(backend: Backend, proxy: Any) -> None:
    with pytest.raises(ConfigError, match=r"^proxy must be an http, https or socks5 URL, like '.*', not ") as caught:
        backend.client(proxy=proxy)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["http://a", "HTTPS://a:1/", "socks5://user:word@a", "Socks5H://[::1]:1"])
def test_a_proxy_has_one_of_four_schemes_in_either_case(backend: Backend, proxy: str) -> None:
    assert backend.client(proxy=proxy).config.proxy == proxy


def test_a_password_of_a_proxy_is_not_shown(backend: Backend) -> None:
    client = backend.client(proxy="http://user:hidden@localhost:3128")
    assert "hidden" not in repr(client.config)


@pytest.mark.parametrize("verify", [3, ["a"], 0.5], ids=str)
def test_a_malformed_verify_is_refused(backend: Backend, verify: Any) -> None:
    with pytest.raises(
        ConfigError, match=r"^verify must be True, False, the path of a CA bundle or an ssl\.SSLContext"
    ):
        backend.client(verify=verify)


def test_verify_wins_over_the_environment(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/bundle.pem")
    assert backend.client().config.verify == "/bundle.pem"
    assert [backend.client(verify=value).config.verify for value in (True, False, "/a")] == [True, False, "/a"]


def team_credentials() -> Credentials:
    """Return the credentials of a team."""
    return KEYS


def test_a_client_with_a_function_for_credentials_can_be_pickled(backend: Backend) -> None:
    with ScriptedServer() as server:
        client = backend.client(endpoint_url=server.url, credentials=team_credentials)
        loaded: RekognitionClient = backend.closing(pickle.loads(pickle.dumps(client)))
        backend.run(loaded.list_collections)
        assert server.requests[0].headers["x-amz-security-token"] == KEYS.session_token
