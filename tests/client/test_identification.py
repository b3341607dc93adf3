"""Headers of all requests of a client, and the text that follows ours in User-Agent."""

from __future__ import annotations

from typing import Any

import pytest

from rekog import AsyncRekognitionClient, RekognitionClient
from rekog._core.call import USER_AGENT
from rekog.emulator import Emulator
from rekog.errors import ConfigError
from tests.kit.backends import Backend, Scripted, Unused, json_reply

LISTING = json_reply({"CollectionIds": []})


def test_the_headers_of_a_client_are_sent_with_each_request(backend: Backend) -> None:
    transport = Scripted(LISTING)
    client = backend.client(transport, headers={"X-Team": "vision", "X-Trace": "1"})
    backend.run(client.list_collections)
    backend.run(lambda: client.with_options(headers={"x-trace": "2"}).list_collections())
    backend.run(lambda: client.list_collections(options={"headers": {"X-Trace": "3"}}))
    sent = [(request.headers["x-team"], request.headers["x-trace"]) for request in transport.sent]
    assert sent == [("vision", "1"), ("vision", "2"), ("vision", "3")]
    assert all("x-team" in request.headers["authorization"] for request in transport.sent)


def test_the_headers_of_a_client_are_not_shown(backend: Backend) -> None:
    client = backend.client(Unused(), headers={"X-Token": "hidden"})
    assert "hidden" not in repr(client.config)


def test_a_header_of_the_signature_is_refused(backend: Backend) -> None:
    with pytest.raises(ConfigError, match="headers: 'Authorization' is set by the client itself"):
        backend.client(Unused(), headers={"Authorization": "hidden"})


def test_a_text_follows_ours_in_the_user_agent(backend: Backend) -> None:
    transport = Scripted(LISTING)
    client = backend.client(transport, user_agent_extra=" my-app/1.0 ")
    backend.run(client.list_collections)
    backend.run(client.with_options(timeout=9).list_collections)
    assert [request.headers["user-agent"] for request in transport.sent] == [f"{USER_AGENT} my-app/1.0"] * 2


def test_a_header_replaces_the_user_agent(backend: Backend) -> None:
    transport = Scripted(LISTING)
    client = backend.client(transport, user_agent_extra="my-app/1.0", headers={"User-Agent": "mine"})
    backend.run(client.list_collections)
    assert transport.sent[0].headers["user-agent"] == "mine"


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "ä", 3, ["a"]], ids=repr)
def test_another_text_for_the_user_agent_is_refused(backend: Backend, value: Any) -> None:
    with pytest.raises(ConfigError, match=r"^user_agent_extra must be one line of printable ASCII text, like"):
        backend.client(user_agent_extra=value)


def test_a_local_client_takes_the_same_settings(backend: Backend) -> None:
    attempts: list[object] = []
    kind: Any = backend.choose(RekognitionClient, AsyncRekognitionClient)
    with Emulator() as emulator:
        client = backend.closing(
            kind.local(emulator, headers={"X-Team": "a"}, user_agent_extra="b/1", on_attempt=attempts.append)
        )
        backend.run(client.list_collections)
    assert (client.config.headers, client.config.user_agent_extra, len(attempts)) == ({"x-team": "a"}, "b/1", 1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("default_headers", "write headers={...}"),
        ("user_agent", "write user_agent_extra='my-app/1.0', or headers={'User-Agent': ...}"),
        ("event_hooks", "write on_attempt=function"),
        ("budget", "write meter=rekog.cost.Budget(...)"),
    ],
)
def test_the_names_of_other_libraries_lead_to_ours(name: str, message: str) -> None:
    build: Any = RekognitionClient
    with pytest.raises(TypeError) as caught:
        build("eu-west-1", **{name: "x"})
    assert str(caught.value).endswith(message)
