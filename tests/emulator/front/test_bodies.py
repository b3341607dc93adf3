"""JSON of requests: the same values are refused with and without orjson, in bodies and in URLs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

from rekog._core import json_body
from rekog.emulator.front.bodies import MAX_DEPTH
from tests.emulator.serving.asgi_client import ask

if TYPE_CHECKING:
    from rekog.emulator import Emulator
    from tests.kit.wire import WireClient, WireResponse


@pytest.fixture(params=["orjson", "json"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "orjson":
        pytest.importorskip("orjson", reason="rekog[speed] installs orjson")
    else:
        monkeypatch.setattr(json_body, "_loads", lambda: json.loads)


def send(wire: WireClient, operation: str, body: bytes, query: str = "") -> WireResponse:
    url = f"http://rekog/{'?' if query else ''}{query}"
    return wire.send(httpx.Request("POST", url, headers=wire.headers(operation), content=body))


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


ODD = [
    r'"\ud800"', r'"\uD800"', r'"\udbff"', r'"\uDFFF"', r'"a\uDBFFb"', "NaN", "Infinity", "-Infinity",
    "1e999", "-1e999", "1" + "0" * 309,
    nested(MAX_DEPTH + 1), nested(400), nested(481), nested(700), nested(990), nested(1023), nested(100_000), "[" * 999,
    '{"a":' * 400 + "1" + "}" * 400,
]  # fmt: skip


@pytest.mark.parametrize("member", ["CollectionId", "Other", "Tags"])
@pytest.mark.parametrize("value", ODD, ids=lambda value: f"{value[:12]} {len(value)}")
def test_a_value_that_is_no_json_is_refused(wire: WireClient, emulator: Emulator, member: str, value: str) -> None:
    response = send(wire, "CreateCollection", f'{{"CollectionId": "people", "{member}": {value}}}'.encode())
    assert (response.status, response.refusal[0]) == (400, "SerializationException")
    assert emulator.calls[0].request is None


@pytest.mark.parametrize("value", ODD, ids=lambda value: f"{value[:12]} {len(value)}")
def test_a_value_that_is_no_json_is_refused_in_a_url(wire: WireClient, value: str) -> None:
    wrapped = f'{{"a": {value}}}'
    query = f"X-Amz-Signature=0&CollectionId=people&Tags={quote(wrapped[:20_000])}"
    response = send(wire, "CreateCollection", b"", query)
    assert (response.status, response.refusal[0]) == (400, "SerializationException")


@pytest.mark.parametrize("depth", [1, 100, MAX_DEPTH])
def test_an_unknown_member_may_be_nested(wire: WireClient, depth: int) -> None:
    body = f'{{"CollectionId": "people", "Other": {nested(depth)}}}'.encode()
    assert send(wire, "CreateCollection", body).status == 200


def test_a_nested_value_does_not_break_the_list_of_calls(wire: WireClient, emulator: Emulator) -> None:
    for depth in (140, 300, 1000):
        send(wire, "CreateCollection", f'{{"CollectionId": {nested(depth)}}}'.encode())
    response = ask(emulator.asgi(), "GET", "/_rekog/calls", {}, ())
    assert (response.status, len(json.loads(response.content)["calls"])) == (200, 3)


@pytest.mark.parametrize("text", [r"\ud83d\ude00", r"\uD83D\uDE00", r"\\ud800", r"\\uD800"])
def test_a_whole_surrogate_pair_and_an_escaped_backslash_are_valid(wire: WireClient, text: str) -> None:
    body = f'{{"CollectionId": "people", "Other": "{text}"}}'.encode()
    assert send(wire, "CreateCollection", body).status == 200
