"""What goes out: the same request as botocore's, signed as botocore signs it, for every operation."""

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
from tests.differential.fullest import fullest_request, least_request
from tests.differential.oracle import (
    HOST,
    Recorder,
    awsrequest,
    call_typed,
    law,
    recorded,
    their_authorization,
    their_client,
    their_request,
)
from tests.differential.strategies import OPERATIONS, Wire, request_of, shape, with_token

if TYPE_CHECKING:
    import httpx

    from rekog import RekognitionClient

pytestmark = pytest.mark.filterwarnings("ignore:the service has announced the end:DeprecationWarning")


def assert_as_botocore(operation: str, wire: Wire, sent: httpx.Request) -> None:
    """Hold a request of ours against botocore's serializer and signer."""
    theirs = their_request(operation, wire)
    date = sent.headers["x-amz-date"]

    assert (sent.method, sent.url.host, sent.url.raw_path) == (theirs["method"], HOST, theirs["url_path"].encode())
    assert {name: sent.headers[name] for name in theirs["headers"]} == theirs["headers"]
    assert json.loads(sent.content) == json.loads(theirs["body"])
    assert sent.headers["authorization"] == their_authorization(operation, wire, sent.content, date)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_random_valid_arguments_are_sent_as_botocore_sends_them(
    operation: str, strict_client: RekognitionClient, recorder: Recorder
) -> None:
    @law(5)
    @given(request_of(operation), st.booleans())
    def check(made: Wire, typed: bool) -> None:
        wire = with_token(operation, made)
        call = partial(call_typed, strict_client) if typed else strict_client.call
        assert_as_botocore(operation, wire, recorded(partial(call, operation, wire), recorder))

    check()


@pytest.mark.parametrize("make", [fullest_request, least_request], ids=["every_member", "required_members"])
def test_arguments_are_sent_under_their_own_names(
    make: Callable[[str], Wire], client: RekognitionClient, recorder: Recorder
) -> None:
    for operation in OPERATIONS:
        wire = with_token(operation, make(operation))

        typed = recorded(partial(call_typed, client, operation, wire), recorder)
        raw = recorded(partial(client.call, operation, wire), recorder)

        assert_as_botocore(operation, wire, typed)
        assert json.loads(raw.content) == json.loads(typed.content), operation


def test_lists_are_sent_even_when_they_are_empty(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = with_token(operation, emptied(f"{operation}Request", fullest_request(operation)))

        assert_as_botocore(operation, wire, recorded(partial(call_typed, client, operation, wire), recorder))


def emptied(name: str, value: Any) -> Any:
    """Empty every list that may be empty."""
    found = shape(name)
    if found.type_name == "structure":
        return {wire: emptied(found.members[wire].name, item) for wire, item in value.items()}
    if found.type_name == "list":
        return [emptied(found.member.name, item) for item in value] if found.metadata.get("min") else []
    return value


def test_headers_are_those_of_botocores_client(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = with_token(operation, fullest_request(operation))

        theirs = sent_by_botocore(operation, wire)
        ours = recorded(partial(client.call, operation, wire), recorder)

        assert str(ours.url) == theirs.url, operation
        assert signed_headers(ours.headers["authorization"]) == signed_headers(text(theirs.headers["Authorization"]))
        for name in ("content-type", "x-amz-target", "x-amz-security-token"):
            assert ours.headers[name] == text(theirs.headers[name])


def sent_by_botocore(operation: str, wire: Wire) -> Any:
    """Return the request that botocore's client would put on the wire."""
    sent: list[Any] = []

    def keep(request: Any, **_: object) -> object:
        sent.append(request)
        return awsrequest.AWSResponse(request.url, 200, {}, Raw(b"{}"))

    events = their_client().meta.events
    events.register("before-send.rekognition", keep, unique_id="keep")
    try:
        getattr(their_client(), snake(operation))(**wire)
    finally:
        events.unregister("before-send.rekognition", unique_id="keep")
    return sent[0]


class Raw(BytesIO):
    """An answer's body as botocore reads it."""

    def stream(self) -> list[bytes]:
        """Return the parts."""
        return [self.read()]


def text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def signed_headers(authorization: str) -> list[str]:
    return re.findall(r"SignedHeaders=([^,]*)", authorization)


def test_idempotency_tokens_are_filled_in_where_botocore_fills_them_in(
    client: RekognitionClient, recorder: Recorder
) -> None:
    for operation in OPERATIONS:
        wire = least_request(operation)
        theirs = json.loads(sent_by_botocore(operation, wire).body)

        ours = json.loads(recorded(partial(client.call, operation, wire), recorder).content)

        assert ours.keys() == theirs.keys(), operation
        for name in ours.keys() - wire.keys():
            assert UUID(ours[name]).version == UUID(theirs[name]).version == 4


def test_what_is_none_in_a_wire_dict_is_not_sent(client: RekognitionClient, recorder: Recorder) -> None:
    for operation in OPERATIONS:
        wire = with_token(operation, least_request(operation))

        sent = recorded(partial(client.call, operation, with_nones(f"{operation}Request", wire)), recorder)

        assert_as_botocore(operation, wire, sent)


def with_nones(name: str, value: Any) -> Any:
    """Put None wherever a structure leaves a member out."""
    found = shape(name)
    if found.type_name == "structure":
        present = {wire: with_nones(found.members[wire].name, item) for wire, item in value.items()}
        return {**dict.fromkeys(found.members), **present}
    return [with_nones(found.member.name, item) for item in value] if found.type_name == "list" else value
