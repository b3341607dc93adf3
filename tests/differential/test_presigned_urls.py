"""Presigned URLs: the same text as botocore's, for every operation whose arguments can be flat.

A structure among the arguments differs by design: botocore writes Python's `repr` of it, we write JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekog._core.names import snake
from tests.differential.examples import full_request
from tests.differential.oracle import botocore_client, botocore_clock, law
from tests.differential.strategies import OPERATIONS, Wire, request_of, shape_of, with_token

if TYPE_CHECKING:
    from rekog import RekognitionClient

FLAT = ("string", "integer", "long", "float", "boolean")


def is_flat(shape: Any) -> bool:
    """Return whether a member is a scalar or a list of scalars."""
    return (shape.member if shape.type_name == "list" else shape).type_name in FLAT


def flat(operation: str, wire: Wire) -> Wire:
    """Leave the structures and maps out of arguments."""
    members = shape_of(f"{operation}Request").members
    return {name: value for name, value in wire.items() if is_flat(members[name])}


def can_be_flat(operation: str) -> bool:
    """Return whether all required arguments are flat."""
    request = shape_of(f"{operation}Request")
    return all(is_flat(request.members[name]) for name in request.required_members)


FLAT_OPERATIONS = [name for name in OPERATIONS if can_be_flat(name)]
NESTED_OPERATIONS = [name for name in OPERATIONS if not can_be_flat(name)]


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, keep_blank_values=True)


def botocore_url(url: str, operation: str, wire: Wire, expires_in: int, http_method: str | None = None) -> str:
    """Return botocore's URL for the same arguments and the time of our URL."""
    with botocore_clock(query(url)["X-Amz-Date"][0]):
        theirs: str = botocore_client().generate_presigned_url(snake(operation), wire, expires_in, http_method)
    return theirs


@pytest.mark.parametrize("operation", FLAT_OPERATIONS)
def test_a_url_with_random_flat_arguments_equals_botocores(operation: str, client: RekognitionClient) -> None:
    @law(3)
    @given(request_of(operation), st.integers(1, 604_800))
    def check(arguments: Wire, expires_in: int) -> None:
        wire = flat(operation, with_token(operation, arguments))
        url = client.generate_presigned_url(snake(operation), wire, expires_in=expires_in)
        assert url == botocore_url(url, operation, wire, expires_in)

    check()


def test_a_url_with_every_flat_argument_equals_botocores(client: RekognitionClient) -> None:
    for operation in FLAT_OPERATIONS:
        wire = flat(operation, with_token(operation, full_request(operation)))
        url = client.generate_presigned_url(snake(operation), wire)

        assert url == botocore_url(url, operation, wire, 3600)


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_a_url_for_another_http_method_equals_botocores(method: str, client: RekognitionClient) -> None:
    wire = {"CollectionId": "people", "MaxResults": 5}
    url = client.generate_presigned_url("list_faces", wire, expires_in=60, http_method=method)

    assert url == botocore_url(url, "ListFaces", wire, 60, method)


def test_a_url_omits_none(client: RekognitionClient) -> None:
    wire = {"CollectionId": "people"}
    url = client.generate_presigned_url("list_faces", {**wire, "NextToken": None})

    assert url == botocore_url(url, "ListFaces", wire, 3600)


def test_a_url_with_nested_arguments_has_botocores_names_and_json(client: RekognitionClient) -> None:
    for operation in NESTED_OPERATIONS:
        wire = with_token(operation, full_request(operation))
        url = client.generate_presigned_url(snake(operation), wire)
        ours, theirs = query(url), query(botocore_url(url, operation, wire, 3600))

        assert list(ours) == list(theirs)
        for name, member in shape_of(f"{operation}Request").members.items():
            if is_flat(member):
                assert ours[name] == theirs[name]
            elif member.type_name == "structure":
                json.loads(ours[name][0])
