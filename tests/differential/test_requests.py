"""What goes out: the same request as botocore's, signed as botocore signs it, for every operation."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rekog._core.names import snake

from .fullest import fullest_request, least_request
from .oracle import (
    HOST,
    Recorder,
    awsrequest,
    call_typed,
    opened,
    recorded,
    their_authorization,
    their_client,
    their_request,
)
from .strategies import MODEL, OPERATIONS, Wire, request_of

# One recorder and one client of each kind for the module: a client is dear, a call is cheap.
RECORDER = Recorder()
CLIENT = opened(RECORDER)
STRICT_CLIENT = opened(RECORDER, strict=True)
TOKENS = {name: MODEL.operation_model(name).idempotent_members for name in OPERATIONS}


def with_token(operation: str, wire: Wire) -> Wire:
    """Fill in what both libraries would fill in at random."""
    return {**{name: "token" for name in TOKENS[operation]}, **wire}


def assert_as_botocore(operation: str, wire: Wire, sent: httpx.Request) -> None:
    """Hold a request of ours against botocore's serializer and signer."""
    theirs = their_request(operation, wire)
    date = sent.headers["x-amz-date"]

    assert (sent.method, sent.url.host, sent.url.raw_path) == (theirs["method"], HOST, theirs["url_path"].encode())
    assert {name: sent.headers[name] for name in theirs["headers"]} == theirs["headers"]
    assert json.loads(sent.content) == json.loads(theirs["body"])
    assert sent.headers["authorization"] == their_authorization(operation, wire, sent.content, date)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_random_valid_arguments_are_sent_as_botocore_sends_them(operation: str) -> None:
    @settings(derandomize=True, database=None, deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
    @given(request_of(operation), st.booleans())
    def law(made: Wire, typed: bool) -> None:
        wire = with_token(operation, made)
        call = partial(call_typed, STRICT_CLIENT) if typed else STRICT_CLIENT.call
        assert_as_botocore(operation, wire, recorded(partial(call, operation, wire), RECORDER))

    law()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("make", [fullest_request, least_request], ids=["every_member", "required_members"])
def test_arguments_are_sent_under_their_own_names(operation: str, make: Any) -> None:
    wire = with_token(operation, make(operation))

    typed = recorded(partial(call_typed, CLIENT, operation, wire), RECORDER)
    raw = recorded(partial(CLIENT.call, operation, wire), RECORDER)

    assert_as_botocore(operation, wire, typed)
    assert raw.content == typed.content


@pytest.mark.parametrize("operation", OPERATIONS)
def test_headers_are_those_of_botocores_client(operation: str) -> None:
    wire = with_token(operation, fullest_request(operation))
    theirs = sent_by_botocore(operation, wire)

    ours = recorded(partial(CLIENT.call, operation, wire), RECORDER)

    assert str(ours.url) == theirs.url
    assert signed_headers(ours.headers) == signed_headers(theirs.headers)
    for name in ("content-type", "x-amz-target", "x-amz-security-token"):
        assert ours.headers[name] == text(theirs.headers[name])


def sent_by_botocore(operation: str, wire: Wire) -> Any:
    """Return the request that botocore's client would put on the wire."""
    sent: list[Any] = []

    def keep(request: Any, **_: object) -> object:
        sent.append(request)
        return awsrequest.AWSResponse(request.url, 200, {}, mock_raw(b"{}"))

    client = their_client()
    client.meta.events.register("before-send.rekognition", keep, unique_id="keep")
    try:
        getattr(client, snake(operation))(**wire)
    finally:
        client.meta.events.unregister("before-send.rekognition", unique_id="keep")
    return sent[0]
