"""Presigned URLs: parameters, signature, idempotency token and validation."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from rekog.errors import ParamValidationError
from tests.kit.backends import Backend, Scripted


def test_a_presigned_url_has_parameters_and_signature(backend: Backend) -> None:
    client = backend.client(Scripted())
    wire: dict[str, object] = {"Image": {"S3Object": {}}}
    url = backend.run(lambda: client.generate_presigned_url("detect_faces", wire, expires_in=60))
    assert url.startswith("https://rekognition.eu-west-1.amazonaws.com/?Image=")
    assert "X-Amz-Expires=60&" in url
    assert re.search("X-Amz-Signature=[0-9a-f]{64}$", url)


def test_a_presigned_url_without_parameters(backend: Backend) -> None:
    client = backend.client(Scripted())
    url = backend.run(lambda: client.generate_presigned_url("list_collections", http_method="GET"))
    assert "X-Amz-Expires=3600&" in url


def test_a_presigned_url_has_the_idempotency_token_of_its_operation(backend: Backend) -> None:
    client = backend.client(Scripted())
    wire = {"CollectionId": "people", "UserId": "ann"}
    assert "ClientRequestToken=" in backend.run(lambda: client.generate_presigned_url("create_user", wire))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_presigned_url_has_blobs_as_base64(backend: Backend, kind: Callable[[bytes], object]) -> None:
    client = backend.client(Scripted())
    wire = {"Image": {"Bytes": kind(b"\0\1\2")}}
    url: str = backend.run(lambda: client.generate_presigned_url("detect_faces", wire))
    assert parse_qs(urlsplit(url).query)["Image"] == ['{"Bytes":"AAEC"}']


def test_presigning_validates_parameters(backend: Backend) -> None:
    client = backend.client(Scripted())
    with pytest.raises(ParamValidationError, match="DetectFaces: Image: required, and must be a mapping"):
        backend.run(lambda: client.generate_presigned_url("detect_faces"))


def test_a_strict_client_checks_every_rule_of_the_parameters(backend: Backend) -> None:
    wire = {"CollectionId": "two words"}
    assert "two%20words" in backend.run(
        lambda: backend.client(Scripted()).generate_presigned_url("describe_collection", wire)
    )
    client = backend.client(Scripted(), strict=["requests"])
    with pytest.raises(ParamValidationError, match="DescribeCollection: CollectionId: must match the pattern"):
        backend.run(lambda: client.generate_presigned_url("describe_collection", wire))


@pytest.mark.parametrize("seconds", [1, 604_800])
def test_a_presigned_url_is_valid_for_up_to_seven_days(backend: Backend, seconds: int) -> None:
    client = backend.client(Scripted())
    url = backend.run(lambda: client.generate_presigned_url("list_collections", expires_in=seconds))
    assert f"X-Amz-Expires={seconds}&" in url


@pytest.mark.parametrize("seconds", [0, 604_801, 60.0, True, "60"], ids=repr)
def test_another_lifetime_is_refused(backend: Backend, seconds: Any) -> None:
    client = backend.client(Scripted())
    with pytest.raises(ParamValidationError, match="expires_in must be a whole number of seconds, 1 to 604800"):
        backend.run(lambda: client.generate_presigned_url("list_collections", expires_in=seconds))
