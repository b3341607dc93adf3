"""The dict that `call` returns: the service's names, and the metadata of the response."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import pytest

from rekog import RekognitionClient, ResponseMetadata, WireResponse
from tests.kit.backends import Backend, Scripted, json_reply

WIRE = {"CollectionIds": ["a"], "FaceModelVersions": ["7.0"]}
COPIES: dict[str, Callable[[WireResponse], WireResponse]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "method": WireResponse.copy,
    "pickle": lambda response: pickle.loads(pickle.dumps(response)),
}


@pytest.fixture
def response() -> WireResponse:
    client: RekognitionClient = Backend("sync", None).client(Scripted(json_reply(WIRE)))
    return client.call("ListCollections")


def test_a_raw_response_has_its_metadata(backend: Backend) -> None:
    client = backend.client(Scripted(json_reply(WIRE)))

    response = backend.run(lambda: client.call("ListCollections"))

    metadata = response.response_metadata
    assert (type(metadata), metadata.request_id, metadata.attempts) == (ResponseMetadata, "request-1", 1)
    assert metadata.headers["x-amzn-requestid"] == "request-1"


def test_a_raw_response_equals_a_dict_and_is_one(response: WireResponse) -> None:
    assert response == WIRE
    assert isinstance(response, dict)
    assert (repr(response), json.loads(json.dumps(response))) == (repr(WIRE), WIRE)
    assert "ResponseMetadata" not in response


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_a_copy_keeps_the_metadata(response: WireResponse, make: Callable[[WireResponse], WireResponse]) -> None:
    made = make(response)

    assert (type(made), made) == (WireResponse, response)
    assert made is not response
    assert made.response_metadata == response.response_metadata


def test_equality_ignores_the_metadata(response: WireResponse) -> None:
    assert WireResponse(WIRE, ResponseMetadata(request_id="other")) == response
