"""Requests: the same request as botocore's with the same signature, for every operation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog._core.names import snake
from tests.differential.examples import full_request, minimal_request
from tests.differential.oracle import (
    HOST,
    Recorder,
    awsrequest,
    botocore_authorization,
    botocore_client,
    botocore_request,
    call_typed,
    law,
    record_request,
)
from tests.differential.strategies import OPERATIONS, Wire, request_of, shape_of, with_token

if TYPE_CHECKING:
    import httpx

    from rekog import RekognitionClient

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end:DeprecationWarning")


def assert_equals_botocores(operation: str, wire: Wire, sent: httpx.Request) -> None:
    """Assert that our request equals that of botocore's serializer and signer."""
    theirs = botocore_request(operation, wire)
    date = sent.headers["x-amz-date"]

    assert (sent.method, sent.url.host, sent.url.raw_path) == (theirs["method"], HOST, theirs["url_path"].encode())
    assert {name: sent.headers[name] for name in theirs["headers"]} == theirs["headers"]
    assert json.loads(sent.content) == json.loads(theirs["body"])
    assert sent.headers["authorization"] == botocore_authorization(operation, wire, sent.content, date)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_random_valid_arguments_are_sent_as_by_botocore(
    operation: str, strict_client: RekognitionClient, recorder: Recorder
) -> None:
    @law(5)
    @given(request_of(operation), st.booleans())
    def check(arguments: Wire, typed: bool) -> None:
        wire = with_token(operation, arguments)
        call = partial(call_typed, strict_client) if typed else strict_client.call
        assert_equals_botocores(operation, wire, record_request(partial(call, operation, wire), recorder))

    check()


@pytest.mark.parametrize("make", [full_request, minimal_request], ids=["every_member", "required_members"])
def test_arguments_are_sent_under_their_own_names(
    make: Callable[[str], Wire], client: RekognitionClient, recorder: Recorder
) -> None:
    for operation in OPERATIONS:
        wire = with_token(operation, make(operation))

        typed = record_request(partial(call_typed, client, operation, wire), recorder)
        raw = record_request(partial(client.call, operation, wire), recorder)

        assert_equals_botocores(operation, wire, typed)
        assert json.loads(raw.content) == json.loads(typed.content), operation


def test_empty_lists_are_sent(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = with_token(operation, with_empty_lists(f"{operation}Request", full_request(operation)))

        assert_equals_botocores(operation, wire, record_request(partial(call_typed, client, operation, wire), recorder))


def with_empty_lists(name: str, value: Any) -> Any:
    """Return a wire value with every list empty that may be empty."""
    shape = shape_of(name)
    if shape.type_name == "structure":
        return {wire: with_empty_lists(shape.members[wire].name, item) for wire, item in value.items()}
    if shape.type_name == "list":
        return [with_empty_lists(shape.member.name, item) for item in value] if shape.metadata.get("min") else []
    return value


def test_headers_equal_those_of_botocores_client(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = with_token(operation, full_request(operation))

        theirs = sent_by_botocore(operation, wire)
        ours = record_request(partial(client.call, operation, wire), recorder)

        assert str(ours.url) == theirs.url, operation
        assert signed_headers(ours.headers["authorization"]) == signed_headers(as_text(theirs.headers["Authorization"]))
        for name in ("content-type", "x-amz-target", "x-amz-security-token"):
            assert ours.headers[name] == as_text(theirs.headers[name])


def sent_by_botocore(operation: str, wire: Wire) -> Any:
    """Return the request that botocore's client would send."""
    sent: list[Any] = []

    def capture(request: Any, **_: object) -> object:
        sent.append(request)
        return awsrequest.AWSResponse(request.url, 200, {}, RawBody(b"{}"))

    events = botocore_client().meta.events
    events.register("before-send.rekognition", capture, unique_id="capture")
    try:
        getattr(botocore_client(), snake(operation))(**wire)
    finally:
        events.unregister("before-send.rekognition", unique_id="capture")
    return sent[0]


class RawBody(BytesIO):
    """A response body with the interface that botocore reads."""

    def stream(self) -> list[bytes]:
        """Return the chunks of the body."""
        return [self.read()]


def as_text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def signed_headers(authorization: str) -> list[str]:
    return re.findall(r"SignedHeaders=([^,]*)", authorization)


def test_idempotency_tokens_are_added_where_botocore_adds_them(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = minimal_request(operation)
        theirs = json.loads(sent_by_botocore(operation, wire).body)

        ours = json.loads(record_request(partial(client.call, operation, wire), recorder).content)

        assert ours.keys() == theirs.keys(), operation
        for name in ours.keys() - wire.keys():
            assert UUID(ours[name]).version == UUID(theirs[name]).version == 4


def test_none_in_a_wire_dict_is_not_sent(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = with_token(operation, minimal_request(operation))

        sent = record_request(partial(client.call, operation, with_nones(f"{operation}Request", wire)), recorder)

        assert_equals_botocores(operation, wire, sent)


def with_nones(name: str, value: Any) -> Any:
    """Return a wire value with None for every absent member of a structure."""
    shape = shape_of(name)
    if shape.type_name == "structure":
        present = {wire: with_nones(shape.members[wire].name, item) for wire, item in value.items()}
        return {**dict.fromkeys(shape.members), **present}
    return [with_nones(shape.member.name, item) for item in value] if shape.type_name == "list" else value
